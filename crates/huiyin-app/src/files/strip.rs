//! What a camera writes into a picture beside the picture: where, when, with which device. It is taken out before a
//! picture is kept; how it is turned stays.

use bytes::Bytes;
use img_parts::{ImageEXIF, ImageICC, jpeg::Jpeg, png::Png};

/// Chunks of a PNG that are needed to show it.
const PNG_SHOWN: &[&[u8; 4]] =
    &[b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"sBIT", b"pHYs", b"bKGD"];

/// A picture without what the camera wrote; the parts to be written one after another. None when it is no picture of the
/// kind after all.
pub fn picture(media: &str, bytes: Bytes) -> Option<Vec<Bytes>> {
    match media {
        "image/jpeg" => jpeg(bytes),
        "image/png" => png(bytes),
        "image/heif" => heif(bytes).map(|bytes| vec![bytes]),
        _ => Some(vec![bytes]),
    }
}

/// Where a JPEG ends: what comes after is no part of it, be it a film, a second picture or something hidden.
fn jpeg_end(bytes: &[u8]) -> usize {
    let mut at = 2;
    while let Some([mark, kind]) = bytes.get(at..at + 2) {
        at = match (mark, kind) {
            (0xff, 0xd9) => return at + 2,
            // Between the marks lies the picture.
            (0xff, 0x00 | 0x01 | 0xd0..=0xd8) => at + 2,
            (0xff, 0xff) => at + 1,
            (0xff, _) => at + 2 + number(bytes, at + 2, 2).unwrap_or(bytes.len()),
            _ => at + 1,
        };
    }
    bytes.len()
}

/// Where a PNG ends.
fn png_end(bytes: &[u8]) -> Option<usize> {
    let mut at = 8;
    loop {
        let (size, kind) = (number(bytes, at, 4)?, bytes.get(at + 4..at + 8)?);
        at = at.checked_add(12)?.checked_add(size).filter(|end| *end <= bytes.len())?;
        if kind == b"IEND" {
            return Some(at);
        }
    }
}

fn jpeg(bytes: Bytes) -> Option<Vec<Bytes>> {
    let bytes = bytes.slice(..jpeg_end(&bytes));
    let mut picture = Jpeg::from_bytes(bytes).ok()?;
    let turned = picture.exif().and_then(|exif| orientation(&exif));
    let colours = picture.icc_profile();
    // APP1 to APP13 and APP15 are what programs write beside the picture (Exif, XMP, IPTC, …), COM a remark. APP0 says its
    // density, APP14 how the colours are coded.
    picture.segments_mut().retain(|segment| !matches!(segment.marker(), 0xe1..=0xed | 0xef | 0xfe));
    if colours.is_some() {
        picture.set_icc_profile(colours);
    }
    if let Some(turned) = turned.filter(|turned| (2..=8).contains(turned)) {
        picture.set_exif(Some(Bytes::from(only_turned(turned))));
    }
    Some(picture.encoder().collect())
}

fn png(bytes: Bytes) -> Option<Vec<Bytes>> {
    let mut picture = Png::from_bytes(bytes.slice(..png_end(&bytes)?)).ok()?;
    picture.chunks_mut().retain(|chunk| PNG_SHOWN.contains(&&chunk.kind()));
    Some(picture.encoder().collect())
}

/// How a picture is turned, from its Exif: 1 is upright.
pub fn turned(media: &str, bytes: &Bytes) -> u16 {
    let exif = match media {
        "image/jpeg" => Jpeg::from_bytes(bytes.clone()).ok().and_then(|picture| picture.exif()),
        _ => None,
    };
    exif.and_then(|exif| orientation(&exif)).unwrap_or(1)
}

/// Exif that says only how the picture is turned.
fn only_turned(turned: u16) -> Vec<u8> {
    let mut exif = b"MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01".to_vec();
    exif.extend_from_slice(&turned.to_be_bytes());
    exif.extend_from_slice(&[0; 6]);
    exif
}

/// The orientation of a TIFF block.
fn orientation(tiff: &[u8]) -> Option<u16> {
    let big = match tiff.get(..4)? {
        b"MM\0\x2a" => true,
        b"II\x2a\0" => false,
        _ => return None,
    };
    let short = |at: usize| {
        let bytes: [u8; 2] = tiff.get(at..at.checked_add(2)?)?.try_into().ok()?;
        Some(if big { u16::from_be_bytes(bytes) } else { u16::from_le_bytes(bytes) })
    };
    let long = |at: usize| {
        let bytes: [u8; 4] = tiff.get(at..at.checked_add(4)?)?.try_into().ok()?;
        Some(if big { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) } as usize)
    };
    let first = long(4)?;
    let entries = usize::from(short(first)?);
    (0..entries)
        .map(|n| first + 2 + n * 12)
        .find(|at| short(*at) == Some(0x0112))
        .and_then(|at| short(at + 8))
        .filter(|turned| (1..=8).contains(turned))
}

/// A HEIF picture with its Exif and XMP items overwritten by zeros: they stay in place, so that no offset moves. How it is
/// turned stands in a property of the picture itself.
fn heif(bytes: Bytes) -> Option<Bytes> {
    let (mut at, mut spans, mut unknown) = (0, None, Vec::new());
    while at < bytes.len() {
        let (kind, from, to) = boxed(&bytes, at, bytes.len())?;
        match &kind {
            b"meta" => spans = Some(camera_items(&bytes, from, to)?),
            b"ftyp" | b"mdat" | b"idat" | b"moov" => {}
            // What shows nothing is not needed.
            _ => unknown.push((from, to)),
        }
        at = to;
    }
    // Without the table of its items it is no picture.
    let mut spans = spans?;
    spans.append(&mut unknown);
    let mut out = bytes.to_vec();
    for (from, to) in super::pdf::apart(spans) {
        out.get_mut(from..to)?.fill(0);
    }
    Some(Bytes::from(out))
}

/// A box: its kind, and where its content begins and ends.
fn boxed(bytes: &[u8], at: usize, end: usize) -> Option<([u8; 4], usize, usize)> {
    let size = number(bytes, at, 4)?;
    let kind: [u8; 4] = bytes.get(at + 4..at + 8)?.try_into().ok()?;
    let (head, size) = match size {
        0 => (8, end - at),
        1 => (16, number(bytes, at + 8, 8)?),
        size => (8, size),
    };
    let to = at.checked_add(size).filter(|to| size >= head && *to <= end)?;
    Some((kind, at + head, to))
}

/// A number of so many bytes, big end first.
fn number(bytes: &[u8], at: usize, length: usize) -> Option<usize> {
    let part = bytes.get(at..at.checked_add(length)?)?;
    part.iter().try_fold(0_usize, |sum, byte| sum.checked_mul(256)?.checked_add(usize::from(*byte)))
}

/// Where the bytes of the items that a camera wrote are: `Exif`, and XMP as `mime`.
fn camera_items(bytes: &[u8], from: usize, to: usize) -> Option<Vec<(usize, usize)>> {
    let (mut items, mut places, mut inner) = (Vec::new(), None, 0);
    let mut at = from + 4;
    while at < to {
        let (kind, from, end) = boxed(bytes, at, to)?;
        match &kind {
            b"iinf" => items = item_kinds(bytes, from, end)?,
            b"iloc" => places = Some((from, end)),
            b"idat" => inner = from,
            _ => {}
        }
        at = end;
    }
    let camera: Vec<usize> =
        items.into_iter().filter(|(_, kind)| matches!(kind, b"Exif" | b"mime")).map(|(id, _)| id).collect();
    match places {
        _ if camera.is_empty() => Some(Vec::new()),
        Some((from, end)) => item_places(bytes, from, end, inner, &camera),
        None => None,
    }
}

fn item_kinds(bytes: &[u8], from: usize, to: usize) -> Option<Vec<(usize, [u8; 4])>> {
    let mut at = from + 4 + if bytes.get(from)? == &0 { 2 } else { 4 };
    let mut found = Vec::new();
    while at < to {
        let (kind, from, end) = boxed(bytes, at, to)?;
        if kind == *b"infe" {
            let (id, skip) = match bytes.get(from)? {
                2 => (number(bytes, from + 4, 2)?, 8),
                3 => (number(bytes, from + 4, 4)?, 10),
                _ => return None,
            };
            found.push((id, bytes.get(from + skip..from + skip + 4)?.try_into().ok()?));
        }
        at = end;
    }
    Some(found)
}

fn item_places(bytes: &[u8], from: usize, to: usize, inner: usize, wanted: &[usize]) -> Option<Vec<(usize, usize)>> {
    let version = *bytes.get(from)?;
    let sizes = number(bytes, from + 4, 2)?;
    let (offset, length) = (sizes >> 12, sizes >> 8 & 15);
    let (base, index) = (sizes >> 4 & 15, if version == 0 { 0 } else { sizes & 15 });
    let wide = if version < 2 { 2 } else { 4 };
    let count = number(bytes, from + 6, wide)?;
    let mut at = from + 6 + wide;
    let mut found = Vec::new();
    for _ in 0..count {
        let id = number(bytes, at, wide)?;
        at += wide;
        let method = if version == 0 { 0 } else { number(bytes, at, 2)? & 15 };
        at += if version == 0 { 2 } else { 4 };
        let start = number(bytes, at, base)?;
        at += base;
        let extents = number(bytes, at, 2)?;
        at += 2;
        for _ in 0..extents {
            at += index;
            let (shift, size) = (number(bytes, at, offset)?, number(bytes, at + offset, length)?);
            at += offset + length;
            if at > to {
                return None;
            }
            if wanted.contains(&id) {
                let origin = match method {
                    0 => 0,
                    1 => inner,
                    // Built of other items: not of what a camera writes.
                    _ => return None,
                };
                let begin = origin.checked_add(start)?.checked_add(shift)?;
                found.push((begin, begin.checked_add(size).filter(|end| *end <= bytes.len())?));
            }
        }
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A JPEG's skeleton with these segments.
    fn jpeg_of(segments: &[(u8, &[u8])]) -> Bytes {
        let mut bytes = vec![0xff, 0xd8];
        for (marker, body) in segments {
            bytes.extend_from_slice(&[0xff, *marker]);
            bytes.extend_from_slice(&(body.len() as u16 + 2).to_be_bytes());
            bytes.extend_from_slice(body);
        }
        bytes.extend_from_slice(&[0xff, 0xda, 0, 2, 1, 2, 3, 0xff, 0xd9]);
        bytes.into()
    }

    fn holds(parts: &[Bytes], what: &[u8]) -> bool {
        parts.concat().windows(what.len()).any(|part| part == what)
    }

    #[test]
    fn a_jpeg_loses_place_and_device_and_stays_turned() {
        let mut exif = b"Exif\0\0".to_vec();
        exif.extend_from_slice(&only_turned(6));
        exif.extend_from_slice(b"GPS 18.25N 109.51E");
        let given = jpeg_of(&[
            (0xe0, b"JFIF\0\x01\x02\0\0\x48\0\x48\0\0"),
            (0xe1, &exif),
            (0xe1, b"http://ns.adobe.com/xap/1.0/\0<x>CAMERA</x>"),
            (0xed, b"Photoshop 3.0\0IPTC"),
            (0xfe, b"a remark"),
        ]);
        let kept = picture("image/jpeg", given).unwrap();
        for gone in [&b"GPS"[..], b"CAMERA", b"IPTC", b"remark"] {
            assert!(!holds(&kept, gone), "{}", String::from_utf8_lossy(gone));
        }
        assert!(holds(&kept, b"JFIF"));
        assert_eq!(turned("image/jpeg", &kept.concat().into()), 6);
    }

    #[test]
    fn what_follows_a_picture_is_cut_off() {
        let given = jpeg_of(&[(0xe0, b"JFIF\0\x01\x02\0\0\x48\0\x48\0\0")]);
        let kept = picture("image/jpeg", [given.as_ref(), b"<script>MOTION +18.25"].concat().into()).unwrap();
        assert_eq!(kept.concat(), picture("image/jpeg", given).unwrap().concat());
        let mut png = Vec::new();
        let mut writer = ::png::Encoder::new(&mut png, 1, 1).write_header().unwrap();
        writer.write_image_data(&[7]).unwrap();
        writer.finish().unwrap();
        let kept = picture("image/png", [png.as_slice(), b"<script>"].concat().into()).unwrap();
        assert_eq!(kept.concat(), png);
        let heif = [heif_of(b"x"), b"\0\0\0\x10free<script>".to_vec()].concat();
        assert!(!holds(&picture("image/heif", heif.into()).unwrap(), b"script"));
    }

    #[test]
    fn a_png_keeps_only_what_shows_it() {
        let mut given = Vec::new();
        let mut encoder = ::png::Encoder::new(&mut given, 1, 1);
        encoder.add_text_chunk("Author".into(), "somebody".into()).unwrap();
        let mut writer = encoder.write_header().unwrap();
        writer.write_chunk(::png::chunk::eXIf, b"MM GPS").unwrap();
        writer.write_image_data(&[7]).unwrap();
        writer.finish().unwrap();
        assert!(holds(&[Bytes::copy_from_slice(&given)], b"GPS"));
        let kept = picture("image/png", given.into()).unwrap();
        assert!(!holds(&kept, b"GPS") && !holds(&kept, b"somebody"));
        assert!(holds(&kept, b"IHDR") && holds(&kept, b"IDAT"));
    }

    /// A HEIF file with an Exif item at a place of the file.
    fn heif_of(exif: &[u8]) -> Vec<u8> {
        let boxed = |kind: &[u8; 4], body: &[u8]| [&(body.len() as u32 + 8).to_be_bytes()[..], kind, body].concat();
        let infe = boxed(b"infe", b"\x02\0\0\0\0\x07\0\0Exif\0");
        let iinf = boxed(b"iinf", &[b"\0\0\0\0\0\x01", infe.as_slice()].concat());
        let place = |offset: u32| {
            let mut body = b"\0\0\0\0\x44\0\0\x01\0\x07\0\0\0\x01".to_vec();
            body.extend_from_slice(&offset.to_be_bytes());
            body.extend_from_slice(&(exif.len() as u32).to_be_bytes());
            boxed(b"iloc", &body)
        };
        let head = boxed(b"ftyp", b"heic\0\0\0\0mif1heic");
        let meta = |offset| boxed(b"meta", &[&[0; 4][..], &iinf, &place(offset)].concat());
        let offset = head.len() + meta(0).len() + 8;
        [head, meta(offset as u32), boxed(b"mdat", &[exif, b"PICTURE"].concat())].concat()
    }

    #[test]
    fn a_heif_keeps_its_length_and_loses_its_exif() {
        let given = heif_of(b"GPS 18.25N");
        let kept = picture("image/heif", given.clone().into()).unwrap().concat();
        assert_eq!(kept.len(), given.len());
        assert!(!holds(&[kept.clone().into()], b"GPS"));
        assert!(holds(&[kept.into()], b"PICTURE"));
    }

    #[test]
    fn damaged_pictures_are_no_pictures_and_break_nothing() {
        for kind in ["image/jpeg", "image/png", "image/heif"] {
            assert!(picture(kind, Bytes::from_static(b"\0\0\0\x08abc")).is_none(), "{kind}");
        }
        let whole = heif_of(b"GPS");
        for cut in 0..whole.len() {
            let _ = picture("image/heif", Bytes::copy_from_slice(&whole[..cut]));
        }
        for at in 0..whole.len() {
            let mut bent = whole.clone();
            bent[at] ^= 0xff;
            let _ = picture("image/heif", bent.into());
        }
        for length in 0..30 {
            let _ = orientation(&only_turned(3)[..length.min(26)]);
        }
    }
}
