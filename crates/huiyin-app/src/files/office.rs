//! Word and Excel files: an archive whose every part is looked at and written anew, so that what hides before, between or
//! after the parts is gone, and with it who wrote it, when and where.

use std::io::{Cursor, Read as _, Write as _, copy, sink};

use bytes::Bytes;
use zip::{CompressionMethod, ZipArchive, ZipWriter, result::ZipError, write::SimpleFileOptions};

use super::{Fault, kind::DOCX, strip};

/// Most parts of a document.
const PARTS: usize = 4_000;
/// Most bytes of all parts, unpacked: a bomb says it has more, or has more than it says.
const UNPACKED: u64 = 128 * 1024 * 1024;
/// Largest picture inside that is looked into.
const PICTURE: u64 = 16 * 1024 * 1024;

/// What says who wrote a document and when, and what stands there instead.
const ABOUT: &[(&str, &str)] = &[
    (
        "docProps/core.xml",
        "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?><cp:coreProperties \
         xmlns:cp=\"http://schemas.openxmlformats.org/package/2006/metadata/core-properties\"/>",
    ),
    (
        "docProps/app.xml",
        "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?><Properties \
         xmlns=\"http://schemas.openxmlformats.org/officeDocument/2006/extended-properties\"/>",
    ),
    (
        "docProps/custom.xml",
        "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?><Properties \
         xmlns=\"http://schemas.openxmlformats.org/officeDocument/2006/custom-properties\"/>",
    ),
];

impl From<ZipError> for Fault {
    fn from(_: ZipError) -> Self {
        Self::Damaged
    }
}

impl From<std::io::Error> for Fault {
    fn from(_: std::io::Error) -> Self {
        Self::Damaged
    }
}

/// The document without what says who wrote it.
pub(super) fn clean(media: &str, bytes: &Bytes) -> Result<Vec<u8>, Fault> {
    let mut archive = ZipArchive::new(Cursor::new(bytes.as_ref()))?;
    // Something stands before it that another program would take for the file.
    if archive.offset() != 0 {
        return Err(Fault::Hidden);
    }
    sound(media, &mut archive, bytes.len() as u64)?;
    let mut out = ZipWriter::new(Cursor::new(Vec::with_capacity(bytes.len())));
    for at in 0..archive.len() {
        let name = archive.by_index_raw(at)?.name()?.into_owned();
        let known = ABOUT.iter().find(|(part, _)| name.eq_ignore_ascii_case(part));
        let shown = match known {
            Some((_, blank)) => Some(blank.as_bytes().to_vec()),
            None => picture(&mut archive, at, &name)?,
        };
        match shown {
            Some(shown) => {
                out.start_file(name, SimpleFileOptions::default().compression_method(CompressionMethod::Deflated))?;
                out.write_all(&shown)?;
            }
            None => {
                // Unpacked once, to see that it is what it says it is; copied as it is packed.
                let mut part = archive.by_index(at)?;
                let said = part.size();
                if copy(&mut part.by_ref().take(said + 1), &mut sink())? != said {
                    return Err(Fault::Bomb);
                }
                drop(part);
                out.raw_copy_file(archive.by_index_raw(at)?)?;
            }
        }
    }
    Ok(out.finish()?.into_inner())
}

type Parts<'a> = ZipArchive<Cursor<&'a [u8]>>;

/// Whether its parts are those of such a document, by what the archive says of them.
fn sound(media: &str, archive: &mut Parts<'_>, length: u64) -> Result<(), Fault> {
    if archive.len() > PARTS {
        return Err(Fault::Bomb);
    }
    let (mut packed, mut unpacked) = (0_u64, 0_u64);
    for at in 0..archive.len() {
        let part = archive.by_index_raw(at)?;
        let name = part.name()?;
        let leads_out = name.starts_with('/')
            || name.split('/').any(|step| step == "..")
            || name.chars().any(|c| c.is_control() || matches!(c, '\\' | ':'));
        if leads_out || part.encrypted() {
            return Err(Fault::Hidden);
        }
        if !matches!(part.compression(), CompressionMethod::Stored | CompressionMethod::Deflated) {
            return Err(Fault::Damaged);
        }
        let plain = name.to_ascii_lowercase();
        if plain.ends_with("vbaproject.bin") || plain.contains("/activex/") {
            return Err(Fault::Macros);
        }
        packed = packed.saturating_add(part.compressed_size());
        unpacked = unpacked.saturating_add(part.size());
    }
    // Parts that lie over one another are packed in more bytes than there are.
    if unpacked > UNPACKED || packed > length {
        return Err(Fault::Bomb);
    }
    let types = text(archive, "[Content_Types].xml")?;
    if types.contains("macroEnabled") || types.contains("vbaProject") {
        return Err(Fault::Macros);
    }
    let (main, says) = match media {
        DOCX => ("word/document.xml", "wordprocessingml.document.main+xml"),
        _ => ("xl/workbook.xml", "spreadsheetml.sheet.main+xml"),
    };
    (archive.index_for_name(main).is_some() && types.contains(says)).then_some(()).ok_or(Fault::Damaged)
}

fn text(archive: &mut Parts<'_>, name: &str) -> Result<String, Fault> {
    let mut text = String::new();
    archive.by_name(name)?.take(1024 * 1024).read_to_string(&mut text)?;
    Ok(text)
}

/// A picture inside, without what the camera wrote; none for what is no picture we can look into.
fn picture(archive: &mut Parts<'_>, at: usize, name: &str) -> Result<Option<Vec<u8>>, Fault> {
    let media = match name.rsplit('.').next().unwrap_or_default().to_ascii_lowercase().as_str() {
        "jpg" | "jpeg" => "image/jpeg",
        "png" => "image/png",
        _ => return Ok(None),
    };
    let part = archive.by_index(at)?;
    let said = part.size();
    if said > PICTURE {
        return Ok(None);
    }
    let mut whole = Vec::new();
    part.take(said + 1).read_to_end(&mut whole)?;
    if whole.len() as u64 != said {
        return Err(Fault::Bomb);
    }
    Ok(strip::picture(media, whole.into()).map(|parts| parts.concat()))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in crate::files) const TYPES: &str = "<Types><Override PartName=\"/word/document.xml\" ContentType=\"application/\
        vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml\"/></Types>";

    /// A document of these parts.
    pub(in crate::files) fn document(parts: &[(&str, &[u8])]) -> Vec<u8> {
        let mut out = ZipWriter::new(Cursor::new(Vec::new()));
        let packed = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
        let all = [("[Content_Types].xml", TYPES.as_bytes()), ("word/document.xml", b"<w:document/>")];
        for (name, body) in all.iter().filter(|(name, _)| parts.iter().all(|(own, _)| own != name)).chain(parts) {
            out.start_file(*name, packed).unwrap();
            out.write_all(body).unwrap();
        }
        out.finish().unwrap().into_inner()
    }

    fn cleaned(bytes: Vec<u8>) -> Result<Vec<u8>, Fault> {
        clean(DOCX, &bytes.into())
    }

    fn part(bytes: &[u8], name: &str) -> Vec<u8> {
        let mut whole = Vec::new();
        ZipArchive::new(Cursor::new(bytes)).unwrap().by_name(name).unwrap().read_to_end(&mut whole).unwrap();
        whole
    }

    #[test]
    fn a_document_forgets_who_wrote_it_and_stays_whole() {
        let core = b"<cp:coreProperties><dc:creator>somebody</dc:creator></cp:coreProperties>";
        let given = document(&[("docProps/core.xml", core), ("word/styles.xml", b"<w:styles/>")]);
        let kept = cleaned(given).unwrap();
        assert_eq!(part(&kept, "docProps/core.xml"), ABOUT[0].1.as_bytes());
        assert_eq!(part(&kept, "word/styles.xml"), b"<w:styles/>");
        assert_eq!(part(&kept, "word/document.xml"), b"<w:document/>");
    }

    #[test]
    fn a_photo_inside_a_document_loses_its_place() {
        let mut photo = vec![0xff, 0xd8, 0xff, 0xe1, 0, 20];
        photo.extend_from_slice(b"Exif\0\0GPS 18.25N  ");
        photo.truncate(4 + 20);
        photo.extend_from_slice(&[0xff, 0xda, 0, 2, 1, 2, 3, 0xff, 0xd9]);
        let kept = cleaned(document(&[("word/media/image1.jpg", &photo)])).unwrap();
        assert!(!part(&kept, "word/media/image1.jpg").windows(3).any(|part| part == b"GPS"));
    }

    #[test]
    fn what_stands_around_the_parts_is_refused_or_gone() {
        let mut before = b"<html><script>alert(1)</script></html>".to_vec();
        before.extend_from_slice(&document(&[]));
        assert_eq!(cleaned(before), Err(Fault::Hidden));
        let mut after = document(&[]);
        let comment = b"<script>";
        let at = after.len() - 2;
        after[at..].copy_from_slice(&(comment.len() as u16).to_le_bytes());
        after.extend_from_slice(comment);
        let kept = cleaned(after).unwrap();
        assert!(!kept.windows(8).any(|part| part == comment));
    }

    #[test]
    fn bombs_macros_and_ways_out_are_refused() {
        // 200 MB of nothing, packed in 200 kB.
        let nothing = vec![0; 10 * 1024 * 1024];
        let parts: Vec<String> = (0..20).map(|n| format!("word/media/{n}.bin")).collect();
        let parts: Vec<(&str, &[u8])> = parts.iter().map(|name| (name.as_str(), nothing.as_slice())).collect();
        assert_eq!(cleaned(document(&parts)), Err(Fault::Bomb));
        assert_eq!(cleaned(document(&[("word/vbaProject.bin", b"x")])), Err(Fault::Macros));
        assert_eq!(cleaned(document(&[("word/activeX/activeX1.xml", b"x")])), Err(Fault::Macros));
        let macros = TYPES.replace("document.main+xml", "document.macroEnabled.main+xml");
        assert_eq!(cleaned(document(&[("[Content_Types].xml", macros.as_bytes())])), Err(Fault::Macros));
        assert_eq!(cleaned(document(&[("../../etc/cron.d/x", b"x")])), Err(Fault::Hidden));
        assert_eq!(cleaned(document(&[("word\\x", b"x")])), Err(Fault::Hidden));
        assert_eq!(cleaned(document(&[("[Content_Types].xml", b"<Types/>")])), Err(Fault::Damaged));
        assert_eq!(clean("xlsx", &document(&[]).into()), Err(Fault::Damaged), "a text is no table");
    }

    #[test]
    fn a_part_that_is_larger_than_it_says_is_refused() {
        let given = document(&[("word/styles.xml", &[b'x'; 5_000])]);
        // What the directory says of its length, made smaller.
        let said = 5_000_u32.to_le_bytes();
        let mut bent = given.clone();
        for at in 0..given.len() - 4 {
            if given[at..at + 4] == said {
                bent[at..at + 4].copy_from_slice(&50_u32.to_le_bytes());
            }
        }
        assert_ne!(bent, given);
        assert!(matches!(cleaned(bent), Err(Fault::Bomb | Fault::Damaged)));
    }

    #[test]
    fn damaged_documents_break_nothing() {
        let whole = document(&[("docProps/app.xml", b"<x/>")]);
        for cut in (0..whole.len()).step_by(7) {
            assert!(cleaned(whole[..cut].to_vec()).is_err());
        }
        for at in (0..whole.len()).step_by(3) {
            let mut bent = whole.clone();
            bent[at] ^= 0xff;
            let _ = cleaned(bent);
        }
    }
}
