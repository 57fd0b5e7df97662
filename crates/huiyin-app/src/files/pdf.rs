//! PDF files: who made them and with what is overwritten where it stands, so that no offset moves: the values of the
//! document's information, its XMP, and the Exif of photos inside.
//!
//! A signed document stays as it is: its signature is worth more to a case than what it says of its maker, and would not
//! hold afterwards.

use std::io::{Read as _, Write as _};

use flate2::{Compression, read::ZlibDecoder, write::ZlibEncoder};
use memchr::memmem;

use super::Fault;

/// Most bytes of all packed groups of objects, unpacked.
const UNPACKED: usize = 64 * 1024 * 1024;
/// Most objects that may hold a document's information: one and its values, and again each time it was added to.
const INFORMATION: usize = 500;
/// Objects that the values of one information object may be.
const VALUES: usize = 20;
/// How far from its dictionary a stream begins.
const DICTIONARY: usize = 2_048;

/// Overwrites what a PDF says of its maker.
///
/// # Errors
/// [`Fault::Bomb`] for one that names more than any program writes.
pub(super) fn clean(bytes: &mut [u8]) -> Result<(), Fault> {
    if memmem::find(bytes, b"/ByteRange").is_some() {
        return Ok(());
    }
    let marks = Marks::of(bytes);
    let (numbers, references) = information(bytes);
    let descriptions = descriptions(bytes, &marks);
    let photos = photos(bytes);
    let objects = marks.objects_of(&numbers)?;
    let mut named: Vec<usize> = objects.iter().flat_map(|(from, to)| values(&bytes[..*to], *from)).collect();
    named.sort_unstable();
    named.dedup();
    let values = marks.objects_of(&named)?;
    if !numbers.is_empty() && memmem::find(bytes, b"/Encrypt").is_none() {
        blank_packed(bytes, &marks, &numbers)?;
    }
    for (from, to) in apart(descriptions) {
        bytes[from..to].fill(b' ');
    }
    for (from, to) in apart(photos) {
        bytes[from..to].fill(0);
    }
    for (from, to) in apart([objects, values].concat()) {
        blank_texts(&mut bytes[from..to]);
    }
    for (from, to) in references {
        bytes[from..to].fill(b' ');
    }
    Ok(())
}

/// Spans in their order, none over another, so that what lies in a thousand of them is written once.
pub(super) fn apart(mut spans: Vec<(usize, usize)>) -> Vec<(usize, usize)> {
    spans.sort_unstable();
    let mut out: Vec<(usize, usize)> = Vec::new();
    for (from, to) in spans {
        match out.last_mut() {
            Some(last) if from <= last.1 => last.1 = last.1.max(to),
            _ => out.push((from, to)),
        }
    }
    out
}

fn all(bytes: &[u8], what: &[u8]) -> Vec<usize> {
    memmem::find_iter(bytes, what).collect()
}

/// Where objects begin, and where they and streams end: looked for once, however often it is asked.
struct Marks {
    /// Number of an object, and where its content begins.
    objects: Vec<(usize, usize)>,
    object_ends: Vec<usize>,
    stream_ends: Vec<usize>,
    length: usize,
}

impl Marks {
    fn of(bytes: &[u8]) -> Self {
        let objects = all(bytes, b"obj").into_iter();
        let mut objects: Vec<(usize, usize)> =
            objects.filter_map(|at| Some((numbered(&bytes[..at])?, at + b"obj".len()))).collect();
        objects.sort_unstable();
        Self { objects, object_ends: all(bytes, b"endobj"), stream_ends: all(bytes, b"endstream"), length: bytes.len() }
    }

    fn after(ends: &[usize], at: usize) -> Option<usize> {
        ends.get(ends.partition_point(|end| *end < at)).copied()
    }

    /// Where the objects of these numbers lie.
    fn objects_of(&self, numbers: &[usize]) -> Result<Vec<(usize, usize)>, Fault> {
        let mut found = Vec::new();
        for number in numbers {
            let first = self.objects.partition_point(|(own, _)| own < number);
            let own = self.objects[first..].iter().take_while(|(own, _)| own == number).take(INFORMATION + 1);
            found.extend(own.map(|(_, from)| (*from, Self::after(&self.object_ends, *from).unwrap_or(self.length))));
            if found.len() > INFORMATION {
                return Err(Fault::Bomb);
            }
        }
        Ok(found)
    }

    /// The content of a stream whose dictionary goes on at a place.
    fn stream(&self, bytes: &[u8], from: usize) -> Option<(usize, usize)> {
        let end = bytes.len().min(from + DICTIONARY);
        let ahead = &bytes[from..Self::after(&self.object_ends, from).unwrap_or(end).min(end)];
        let at = from + memmem::find(ahead, b"stream")? + b"stream".len();
        let at = match bytes.get(at..at + 2)? {
            b"\r\n" => at + 2,
            _ => at + 1,
        };
        Some((at, Self::after(&self.stream_ends, at)?))
    }
}

/// The number of an object whose `obj` follows: `12 0 `.
fn numbered(before: &[u8]) -> Option<usize> {
    let digits = |bytes: &[u8]| bytes.iter().rev().take(10).take_while(|byte| byte.is_ascii_digit()).count();
    let head = &before[before.len().saturating_sub(64)..];
    let generation = head.trim_ascii_end();
    let object = &generation[..generation.len() - Some(digits(generation)).filter(|count| *count > 0)?];
    let own = object.trim_ascii_end();
    let count = Some(digits(own)).filter(|count| *count > 0 && own.len() < object.len())?;
    std::str::from_utf8(&own[own.len() - count..]).ok()?.parse().ok()
}

/// Where XMP stands: streams that say they are, and packets wherever they are.
fn descriptions(bytes: &[u8], marks: &Marks) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    for mark in [&b"/Subtype/XML"[..], b"/Subtype /XML"] {
        found.extend(all(bytes, mark).into_iter().filter_map(|at| marks.stream(bytes, at)));
    }
    let ends = all(bytes, b"<?xpacket end");
    let packets = all(bytes, b"<?xpacket begin").into_iter();
    found.extend(packets.filter_map(|at| Some((at, Marks::after(&ends, at)?))));
    found
}

/// Photos lie inside as the camera wrote them: where their Exif stands.
fn photos(bytes: &[u8]) -> Vec<(usize, usize)> {
    let exif = all(bytes, b"Exif\0\0").into_iter();
    exif.filter_map(|at| match &bytes[at.checked_sub(4)?..at] {
        [0xff, 0xe1, high, low] => {
            let length = usize::from(u16::from_be_bytes([*high, *low]));
            Some((at + 6, bytes.len().min(at - 2 + length.max(8))))
        }
        _ => None,
    })
    .collect()
}

fn number(bytes: &[u8], at: &mut usize) -> Option<usize> {
    // More blanks than anybody writes are not walked through again and again.
    let blank = bytes.get(*at..)?.iter().take(64).take_while(|byte| byte.is_ascii_whitespace()).count();
    let digits = bytes[*at + blank..].iter().take(10).take_while(|byte| byte.is_ascii_digit()).count();
    let from = *at + blank;
    *at = from + digits;
    std::str::from_utf8(&bytes[from..*at]).ok()?.parse().ok()
}

/// A reference `12 0 R` at a place: the object's number, and where it ends.
fn reference(bytes: &[u8], from: usize) -> Option<(usize, usize)> {
    let mut at = from;
    let object = number(bytes, &mut at)?;
    number(bytes, &mut at)?;
    let blank = bytes.get(at..)?.iter().take(64).take_while(|byte| byte.is_ascii_whitespace()).count();
    (bytes.get(at + blank) == Some(&b'R')).then_some((object, at + blank + 1))
}

/// Objects that hold the document's information, and where they are named.
fn information(bytes: &[u8]) -> (Vec<usize>, Vec<(usize, usize)>) {
    let named = all(bytes, b"/Info").into_iter();
    let named = named.filter_map(|at| reference(bytes, at + 5).map(|(object, end)| (object, (at, end))));
    let (mut numbers, references): (Vec<_>, Vec<_>) = named.unzip();
    numbers.sort_unstable();
    numbers.dedup();
    (numbers, references)
}

/// Numbers of the objects that an information object's values are.
fn values(bytes: &[u8], from: usize) -> Vec<usize> {
    // An information object is short; what goes on longer is none, or is blanked by its texts alone.
    let to = bytes.len().min(from + 64 * 1024);
    (from..to)
        .filter(|at| bytes[*at].is_ascii_digit() && !bytes[*at - 1].is_ascii_digit())
        .filter_map(|at| reference(bytes, at).map(|(object, _)| object))
        .take(VALUES)
        .collect()
}

/// Overwrites what stands in `(…)` and `<…>`.
fn blank_texts(bytes: &mut [u8]) {
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'(' => {
                let mut depth = 1;
                at += 1;
                while at < bytes.len() && depth > 0 {
                    match bytes[at] {
                        b'\\' => {
                            bytes[at] = b' ';
                            at += 1;
                        }
                        b'(' => depth += 1,
                        b')' => depth -= 1,
                        _ => {}
                    }
                    if depth > 0 && at < bytes.len() {
                        bytes[at] = b' ';
                    }
                    at += 1;
                }
            }
            b'<' if bytes.get(at + 1) == Some(&b'<') => at += 2,
            b'<' => {
                at += 1;
                while at < bytes.len() && bytes[at] != b'>' {
                    bytes[at] = b' ';
                    at += 1;
                }
            }
            _ => at += 1,
        }
    }
}

/// Information in a packed group of objects: unpacked, overwritten, packed again into the same place.
fn blank_packed(bytes: &mut [u8], marks: &Marks, numbers: &[usize]) -> Result<(), Fault> {
    let mut groups: Vec<(usize, usize)> = [&b"/Type/ObjStm"[..], b"/Type /ObjStm"]
        .iter()
        .flat_map(|mark| all(bytes, mark))
        .filter_map(|at| marks.stream(bytes, at))
        .collect();
    groups.sort_unstable();
    groups.dedup();
    let mut left = UNPACKED;
    for (from, to) in groups {
        let mut plain = Vec::new();
        let whole = ZlibDecoder::new(&bytes[from..to]).take(left as u64 + 1).read_to_end(&mut plain).is_ok();
        left = left.checked_sub(plain.len()).ok_or(Fault::Bomb)?;
        if whole && let Some(packed) = repacked(plain, to - from, numbers) {
            bytes[from..from + packed.len()].copy_from_slice(&packed);
            bytes[from + packed.len()..to].fill(0);
        }
    }
    Ok(())
}

/// A group without the texts of some of its objects, packed into as many bytes at most.
fn repacked(mut plain: Vec<u8>, most: usize, numbers: &[usize]) -> Option<Vec<u8>> {
    // Pairs of number and place, until the first object begins.
    let (mut at, mut places) = (0, Vec::new());
    while let Some(object) = number(&plain, &mut at) {
        places.push((object, number(&plain, &mut at)?));
    }
    let first = at + plain[at..].iter().take_while(|byte| byte.is_ascii_whitespace()).count();
    let own = places.iter().enumerate().filter(|(_, (object, _))| numbers.binary_search(object).is_ok());
    let spans = own.filter_map(|(index, (_, place))| {
        let to = places.get(index + 1).map_or(plain.len(), |(_, next)| first.saturating_add(*next)).min(plain.len());
        Some((first.checked_add(*place)?, to)).filter(|(from, to)| from < to)
    });
    let spans = apart(spans.collect());
    if spans.is_empty() {
        return None;
    }
    for (from, to) in spans {
        blank_texts(&mut plain[from..to]);
    }
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(&plain).ok()?;
    encoder.finish().ok().filter(|again| again.len() <= most)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(bytes: &[u8], what: &[u8]) -> bool {
        memmem::find(bytes, what).is_some()
    }

    #[test]
    fn a_pdf_forgets_who_made_it_and_keeps_its_length() {
        let given = b"%PDF-1.7\n1 0 obj\n<</Type/Catalog/Metadata 3 0 R>>\nendobj\n\
            2 0 obj\n<< /Author (Some\\)body (nested)) /Title <FEFF4E2D> /Creator 4 0 R >>\nendobj\n\
            12 0 obj\n(page text)\nendobj\n\
            3 0 obj\n<</Type/Metadata/Subtype/XML/Length 30>>\nstream\n<x:xmpmeta>MAKER</x:xmpmeta>\nendstream\nendobj\n\
            4 0 obj\n(a camera)\nendobj\n\
            trailer\n<</Root 1 0 R/Info 2 0 R>>\n%%EOF\n";
        let mut kept = given.to_vec();
        clean(&mut kept).unwrap();
        assert_eq!(kept.len(), given.len());
        for gone in [&b"Some"[..], b"nested", b"4E2D", b"MAKER", b"a camera", b"/Info"] {
            assert!(!holds(&kept, gone), "{}", String::from_utf8_lossy(gone));
        }
        for stays in [&b"(page text)"[..], b"/Root 1 0 R", b"%%EOF", b"/Catalog"] {
            assert!(holds(&kept, stays), "{}", String::from_utf8_lossy(stays));
        }
    }

    #[test]
    fn information_in_a_packed_group_is_overwritten_too() {
        let plain = b"7 0 8 24 <</Author(Somebody Else)>> <</Kids[9 0 R]/Note(stays)>>";
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(plain).unwrap();
        let packed = encoder.finish().unwrap();
        let mut given = b"%PDF-1.7\n5 0 obj\n<</Type/ObjStm/N 2/First 9/Filter/FlateDecode>>\nstream\n".to_vec();
        given.extend_from_slice(&packed);
        given.extend_from_slice(
            b"\nendstream\nendobj\n6 0 obj\n<</Type/XRef/Info 7 0 R>>\nstream\nx\nendstream\nendobj\n",
        );
        let mut kept = given.clone();
        clean(&mut kept).unwrap();
        assert_eq!(kept.len(), given.len());
        let (from, to) = Marks::of(&kept).stream(&kept, memmem::find(&kept, b"/Type/ObjStm").unwrap()).unwrap();
        let mut now = Vec::new();
        ZlibDecoder::new(&kept[from..to]).read_to_end(&mut now).unwrap();
        assert!(!holds(&now, b"Somebody") && holds(&now, b"stays"), "{}", String::from_utf8_lossy(&now));
    }

    #[test]
    fn a_photo_inside_loses_its_place_and_a_signed_document_stays() {
        let mut given = b"%PDF-1.4\nstream\n\xff\xd8\xff\xe1\0\x19Exif\0\0GPS 18.25N 109.5E\xff\xdb rest".to_vec();
        clean(&mut given).unwrap();
        assert!(!holds(&given, b"GPS") && holds(&given, b"\xff\xdb rest"));
        let signed = b"%PDF-1.7\n2 0 obj\n<</Author(A)>>\nendobj\n/ByteRange[0 1 2 3]\ntrailer<</Info 2 0 R>>".to_vec();
        let mut kept = signed.clone();
        clean(&mut kept).unwrap();
        assert_eq!(kept, signed);
    }

    #[test]
    fn damaged_documents_break_nothing() {
        let whole = b"%PDF-1.7\n2 0 obj\n<</Author(A\\)/Title<00>/X 2 0 R>>\nendobj\n/Type/ObjStm stream\n\x78\x9c00\nendstream\n\
            /Subtype/XML stream\nx\nendstream Exif\0\0 \xff\xe1\0\0Exif\0\0 trailer<</Info 2 0 R>><?xpacket begin<?xpacket end";
        for cut in 0..whole.len() {
            let _ = clean(&mut whole[..cut].to_vec());
            let _ = clean(&mut whole[cut..].to_vec());
        }
        for at in 0..whole.len() {
            let mut bent = whole.to_vec();
            bent[at] ^= 0x15;
            let _ = clean(&mut bent);
        }
    }

    #[test]
    fn what_is_said_a_hundred_thousand_times_is_looked_at_once() {
        // Each of these names lies in all that follow it: looked at one by one they would cost the square of their number.
        for part in [
            &b"/Subtype/XML stream\n"[..],
            b"<?xpacket begin",
            b"8 0 obj (",
            b"/Type/ObjStm stream\nx",
            b"\xff\xe1\xff\xffExif\0\0",
            b"/Info          ",
        ] {
            let mut given = b"%PDF-1.7\ntrailer<</Info 7 0 R>>\n".to_vec();
            given.extend(part.iter().cycle().take(part.len() * 100_000));
            given.extend_from_slice(b"endstream endobj <?xpacket end");
            assert_eq!(clean(&mut given), Ok(()), "{}", String::from_utf8_lossy(part));
        }
        let named: String = (0..1_000).map(|n| format!("/Info {n} 0 R {n} 0 obj ")).collect();
        assert_eq!(clean(&mut format!("%PDF-1.7 {named}").into_bytes()), Err(Fault::Bomb));
        let again = format!("%PDF-1.7 /Info 7 0 R {}", "7 0 obj (".repeat(1_000));
        assert_eq!(clean(&mut again.into_bytes()), Err(Fault::Bomb));
    }

    #[test]
    fn groups_that_unpack_too_far_are_refused() {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(&vec![b' '; UNPACKED / 8]).unwrap();
        let packed = encoder.finish().unwrap();
        let mut given = b"%PDF-1.7\ntrailer<</Info 7 0 R>>\n".to_vec();
        for n in 0..9 {
            given.extend_from_slice(format!("{n} 0 obj <</Type/ObjStm>>stream\n").as_bytes());
            given.extend_from_slice(&packed);
            given.extend_from_slice(b"\nendstream endobj\n");
        }
        assert_eq!(clean(&mut given), Err(Fault::Bomb));
    }

    #[test]
    fn spans_are_put_together() {
        assert_eq!(apart(vec![(5, 9), (0, 3), (7, 12), (3, 4)]), [(0, 4), (5, 12)]);
    }
}
