//! Small pictures of pictures. What is too large to be made small in little memory has none, which is no fault.

use std::io::Cursor;

use bytes::Bytes;

/// The longer side of a small picture.
const SIDE: usize = 200;
/// Most pixels of a picture that is made small: a bomb says it has more.
const PIXELS: usize = 64_000_000;
/// Most memory a picture may need while it is made small.
const MEMORY: usize = 24 * 1024 * 1024;

/// Rows of a picture in three colours.
struct Picture {
    width: usize,
    height: usize,
    rgb: Vec<u8>,
}

/// A small PNG of a picture, turned upright; none for what has none.
pub fn of(media: &str, bytes: &Bytes, turned: u16) -> Option<Vec<u8>> {
    let small = match media {
        "image/jpeg" => jpeg(bytes)?,
        "image/png" => png(bytes)?,
        _ => return None,
    };
    write(&upright(&small, turned))
}

fn jpeg(bytes: &Bytes) -> Option<Picture> {
    use jpeg_decoder::{CodingProcess, Decoder, PixelFormat};
    let mut decoder = Decoder::new(Cursor::new(bytes));
    decoder.set_max_decoding_buffer_size(MEMORY);
    decoder.read_info().ok()?;
    let info = decoder.info()?;
    let pixels = usize::from(info.width) * usize::from(info.height);
    // One that builds up in passes holds all its coefficients, two bytes each in up to three colours.
    let needed = if info.coding_process == CodingProcess::DctProgressive { pixels * 6 } else { 0 };
    if pixels > PIXELS || needed > MEMORY {
        return None;
    }
    // The decoder makes it small while it reads: an eighth of the size is an eighth of the work.
    let wanted = u16::try_from(SIDE).ok()?;
    let (width, height) = decoder.scale(wanted, wanted).ok()?;
    let data = decoder.decode().ok()?;
    let (width, height) = (usize::from(width), usize::from(height));
    let rgb = match info.pixel_format {
        PixelFormat::RGB24 => data,
        PixelFormat::L8 => data.iter().flat_map(|grey| [*grey; 3]).collect(),
        PixelFormat::L16 => data.chunks_exact(2).flat_map(|grey| [grey[0]; 3]).collect(),
        PixelFormat::CMYK32 => data
            .chunks_exact(4)
            .flat_map(|ink| [0, 1, 2].map(|at| (u16::from(ink[at]) * u16::from(ink[3]) / 255) as u8))
            .collect(),
    };
    let mut sums = Sums::new(width, height);
    for row in rgb.chunks_exact(width.checked_mul(3).filter(|row| *row > 0)?) {
        sums.row(row, 3);
    }
    sums.picture()
}

fn png(bytes: &Bytes) -> Option<Picture> {
    let limits = png::Limits { bytes: MEMORY };
    let mut decoder = png::Decoder::new_with_limits(Cursor::new(bytes), limits);
    decoder.set_transformations(png::Transformations::normalize_to_color8());
    let mut reader = decoder.read_info().ok()?;
    let info = reader.info();
    let (width, height) = (info.width as usize, info.height as usize);
    // Row by row: an interlaced one would have to be held whole.
    if width.checked_mul(height)? > PIXELS || width.checked_mul(8)? > MEMORY / 4 || info.interlaced {
        return None;
    }
    let samples = reader.output_color_type().0.samples();
    let mut sums = Sums::new(width, height);
    while let Some(row) = reader.next_row().ok()? {
        sums.row(row.data(), samples);
    }
    sums.picture()
}

/// Sums of the pixels that fall into each of a small picture's.
struct Sums {
    from: (usize, usize),
    to: (usize, usize),
    at: usize,
    sums: Vec<[u32; 4]>,
}

impl Sums {
    fn new(width: usize, height: usize) -> Self {
        let longer = width.max(height).max(1);
        let small = |side: usize| if longer <= SIDE { side } else { (side * SIDE / longer).max(1) };
        let to = (small(width), small(height));
        Self { from: (width, height), to, at: 0, sums: vec![[0; 4]; to.0 * to.1] }
    }

    fn row(&mut self, row: &[u8], samples: usize) {
        if self.at >= self.from.1 || self.sums.is_empty() {
            return;
        }
        let y = (self.at * self.to.1 / self.from.1).min(self.to.1 - 1);
        self.at += 1;
        for (x, pixel) in row.chunks_exact(samples).take(self.from.0).enumerate() {
            let x = (x * self.to.0 / self.from.0).min(self.to.0 - 1);
            let sum = &mut self.sums[y * self.to.0 + x];
            // What shines through shines on white.
            let alpha = match samples {
                2 => u32::from(pixel[1]),
                4 => u32::from(pixel[3]),
                _ => 255,
            };
            for (at, sum) in sum[..3].iter_mut().enumerate() {
                let colour = u32::from(if samples < 3 { pixel[0] } else { pixel[at] });
                *sum += (colour * alpha + 255 * (255 - alpha)) / 255;
            }
            sum[3] += 1;
        }
    }

    fn picture(self) -> Option<Picture> {
        (self.at == self.from.1 && !self.sums.is_empty()).then(|| Picture {
            width: self.to.0,
            height: self.to.1,
            rgb: self
                .sums
                .iter()
                .flat_map(|sum| [0, 1, 2].map(|at| u8::try_from(sum[at] / sum[3].max(1)).unwrap_or(255)))
                .collect(),
        })
    }
}

/// A picture as it is meant to be seen; `turned` is the Exif orientation.
fn upright(picture: &Picture, turned: u16) -> Picture {
    let (w, h) = (picture.width, picture.height);
    let (width, height) = if (5..=8).contains(&turned) { (h, w) } else { (w, h) };
    let mut rgb = Vec::with_capacity(picture.rgb.len());
    for y in 0..height {
        for x in 0..width {
            let (from_x, from_y) = match turned {
                2 => (w - 1 - x, y),
                3 => (w - 1 - x, h - 1 - y),
                4 => (x, h - 1 - y),
                5 => (y, x),
                6 => (y, h - 1 - x),
                7 => (w - 1 - y, h - 1 - x),
                8 => (w - 1 - y, x),
                _ => (x, y),
            };
            let at = (from_y * w + from_x) * 3;
            rgb.extend_from_slice(&picture.rgb[at..at + 3]);
        }
    }
    Picture { width, height, rgb }
}

fn write(picture: &Picture) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let mut encoder = png::Encoder::new(&mut out, picture.width as u32, picture.height as u32);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::Balanced);
    let mut writer = encoder.write_header().ok()?;
    writer.write_image_data(&picture.rgb).ok()?;
    writer.finish().ok()?;
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(width: usize, height: usize, pixel: impl Fn(usize, usize) -> [u8; 3]) -> Picture {
        let rgb = (0..height).flat_map(|y| (0..width).map(move |x| (x, y))).flat_map(|(x, y)| pixel(x, y)).collect();
        Picture { width, height, rgb }
    }

    #[test]
    fn a_picture_is_made_small_and_turned_upright() {
        let red_left = drawn(900, 600, |x, _| if x < 450 { [255, 0, 0] } else { [0, 0, 255] });
        let whole = Bytes::from(write(&red_left).unwrap());
        let small = png(&of("image/png", &whole, 1).unwrap().into()).unwrap();
        assert_eq!((small.width, small.height), (200, 133));
        assert_eq!((&small.rgb[..3], &small.rgb[199 * 3..200 * 3]), (&[255, 0, 0][..], &[0, 0, 255][..]));
        let turned = png(&of("image/png", &whole, 6).unwrap().into()).unwrap();
        assert_eq!((turned.width, turned.height), (133, 200));
        assert_eq!((&turned.rgb[..3], turned.rgb.last_chunk::<3>()), (&[255, 0, 0][..], Some(&[0, 0, 255])));
    }

    #[test]
    fn a_bomb_has_no_small_picture() {
        // A few bytes that say they are 60,000 by 60,000 pixels.
        let mut bomb = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
        bomb.extend_from_slice(&60_000_u32.to_be_bytes());
        bomb.extend_from_slice(&60_000_u32.to_be_bytes());
        bomb.extend_from_slice(b"\x08\x02\0\0\0");
        bomb.extend_from_slice(&[0; 4]);
        assert!(of("image/png", &bomb.into(), 1).is_none());
        assert!(of("image/jpeg", &Bytes::from_static(b"\xff\xd8\xff\xd9"), 1).is_none());
        assert!(of("application/pdf", &Bytes::from_static(b"%PDF"), 1).is_none());
    }
}
