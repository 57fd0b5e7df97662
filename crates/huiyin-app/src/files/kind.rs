//! What a file is, by its content: never by its name, nor by what the sender calls it.

/// A kind of file that is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kind {
    /// Its media type.
    pub media: &'static str,
    /// How its name ends.
    pub ending: &'static str,
}

/// Kinds that are taken.
pub const KINDS: &[Kind] = &[
    Kind { media: "image/jpeg", ending: "jpg" },
    Kind { media: "image/png", ending: "png" },
    Kind { media: "image/heif", ending: "heic" },
    Kind { media: PDF, ending: "pdf" },
    Kind { media: DOCX, ending: "docx" },
    Kind { media: XLSX, ending: "xlsx" },
    Kind { media: MP4, ending: "mp4" },
    Kind { media: AMR, ending: "amr" },
];

pub(super) const PDF: &str = "application/pdf";
pub(super) const MP4: &str = "video/mp4";
pub(super) const AMR: &str = "audio/amr";
pub(super) const DOCX: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
pub(super) const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// Bytes from the beginning that tell the kind.
pub const HEAD: usize = 64 * 1024;

/// The kind a file's beginning shows it to be; else what it seems to be.
pub fn of(head: &[u8]) -> Result<Kind, &'static str> {
    let found = infer::get(head).map(|found| found.mime_type());
    let media = match found {
        // Parts of an office document come in any order: its names tell which it is.
        Some(media) if media == "application/zip" || media.starts_with("application/vnd.openxml") => office(head),
        Some(AMR) if !head.starts_with(b"#!AMR") => None,
        // Other programs look further than the beginning, and would read what stands before it as something else.
        Some(PDF) if !head.starts_with(b"%PDF-") => None,
        other => other,
    };
    match media.and_then(|media| KINDS.iter().find(|kind| kind.media == media)) {
        Some(kind) => Ok(*kind),
        None => Err(found.unwrap_or("unknown")),
    }
}

fn office(head: &[u8]) -> Option<&'static str> {
    let holds = |name: &[u8]| head.windows(name.len()).any(|part| part == name);
    // Macros run: such a document is none of the kinds taken.
    if !holds(b"[Content_Types].xml") || holds(b"vbaProject.bin") {
        return None;
    }
    match (holds(b"word/"), holds(b"xl/")) {
        (true, false) => Some(DOCX),
        (false, true) => Some(XLSX),
        _ => None,
    }
}

/// Bytes from the end in which an archive says that it is one.
pub(super) const TAIL: usize = 22 + 65_535;

/// Whether a file that is none can be opened as an archive: its end says so.
pub(super) fn hides_archive(bytes: &[u8]) -> bool {
    let end = &bytes[bytes.len().saturating_sub(TAIL)..];
    memchr::memmem::find_iter(end, b"PK\x05\x06").any(|at| {
        // The length of a remark comes last, and the remark reaches to the end, or nearly.
        let remark = end.get(at + 20..at + 22).map(|length| usize::from(u16::from_le_bytes([length[0], length[1]])));
        remark.is_some_and(|remark| at + 22 + remark <= end.len())
    })
}

/// Whether a sound recording is one, frame by frame.
pub(super) fn is_sound(bytes: &[u8]) -> bool {
    /// Bytes of a frame after its head, by its kind: narrow and wide.
    const NARROW: [usize; 16] = [12, 13, 15, 17, 19, 20, 26, 31, 5, 6, 5, 5, 0, 0, 0, 0];
    const WIDE: [usize; 16] = [17, 23, 32, 36, 40, 46, 50, 58, 60, 5, 0, 0, 0, 0, 0, 0];
    let (mut rest, sizes) = match (bytes.strip_prefix(b"#!AMR\n"), bytes.strip_prefix(b"#!AMR-WB\n")) {
        (Some(rest), _) => (rest, NARROW),
        (_, Some(rest)) => (rest, WIDE),
        _ => return false,
    };
    while let Some((head, more)) = rest.split_first() {
        let size = sizes[usize::from(head >> 3 & 15)];
        // A telephone that hangs up breaks off in the last frame.
        if head & 0x83 != 0 {
            return false;
        }
        rest = more.get(size..).unwrap_or_default();
    }
    true
}

/// Longest name, in characters.
const NAME: usize = 100;

/// A name to show and to save under: without folders, control characters or marks that turn text around, ending as its
/// kind does.
pub fn name(given: &str, kind: Kind) -> String {
    let last = given.rsplit(['/', '\\']).next().unwrap_or_default();
    let shown = |c: &char| {
        !c.is_control()
            && !matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
            && !matches!(c, '<' | '>' | ':' | '"' | '|' | '?' | '*')
    };
    let clean: String = last.chars().filter(shown).collect();
    let clean = clean.trim_matches(|c: char| c.is_whitespace() || c == '.');
    let (stem, ending) = clean.rsplit_once('.').unwrap_or((clean, ""));
    let own = |ending: &str| match kind.ending {
        "jpg" => matches!(ending, "jpg" | "jpeg"),
        "heic" => matches!(ending, "heic" | "heif"),
        other => ending == other,
    };
    let stem = if own(&ending.to_ascii_lowercase()) { stem } else { clean };
    let stem: String = stem.chars().take(NAME).collect();
    let stem = if stem.is_empty() { "file" } else { stem.as_str() };
    format!("{stem}.{}", kind.ending)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zip(names: &[&str]) -> Vec<u8> {
        let mut bytes = Vec::new();
        for name in names {
            bytes.extend_from_slice(b"PK\x03\x04\x14\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0");
            bytes.extend_from_slice(&(name.len() as u16).to_le_bytes());
            bytes.extend_from_slice(&[0, 0]);
            bytes.extend_from_slice(name.as_bytes());
        }
        bytes
    }

    #[test]
    fn kinds_are_told_by_content() {
        let ending = |bytes: &[u8]| of(bytes).map(|kind| kind.ending);
        assert_eq!(ending(b"\xff\xd8\xff\xe0\0\x10JFIF\0"), Ok("jpg"));
        assert_eq!(ending(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"), Ok("png"));
        assert_eq!(ending(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"), Ok("heic"));
        assert_eq!(ending(b"%PDF-1.7\n"), Ok("pdf"));
        assert_eq!(ending(b"\0\0\0\x18ftypisom\0\0\0\0isommp42"), Ok("mp4"));
        assert_eq!(ending(b"#!AMR\n\x3c\x91\x17\x16\xbe\x66"), Ok("amr"));
        assert_eq!(ending(&zip(&["[Content_Types].xml", "_rels/.rels", "word/document.xml"])), Ok("docx"));
        assert_eq!(ending(&zip(&["xl/workbook.xml", "[Content_Types].xml"])), Ok("xlsx"));
    }

    #[test]
    fn what_is_none_of_them_is_not_taken() {
        for bytes in [
            &b"MZ\x90\0\x03"[..],
            b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
            b"<html><script>",
            b"<html><script></script>%PDF-1.7\n",
            b"<svg xmlns='http://www.w3.org/2000/svg'>",
            b"GIF89a\x01\0\x01\0",
            b"",
            b"PK\x03\x04",
        ] {
            assert!(of(bytes).is_err(), "{bytes:?}");
        }
        assert!(of(&zip(&["a.txt"])).is_err());
        assert!(of(&zip(&["[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"])).is_err());
    }

    #[test]
    fn an_archive_in_disguise_is_seen() {
        let mut archive = b"PK\x05\x06".to_vec();
        archive.extend_from_slice(&[0; 16]);
        archive.extend_from_slice(&[4, 0]);
        assert!(hides_archive(&[b"%PDF-1.7 ... ", archive.as_slice(), b"%EOF"].concat()));
        assert!(hides_archive(&[b"\xff\xd8 ... ", archive.as_slice(), b"\n\n\n\n\n"].concat()));
        assert!(!hides_archive(b"%PDF-1.7 about PK\x05\x06"));
        assert!(!hides_archive(&[archive.as_slice(), &[b' '; TAIL]].concat()), "no program looks that far");
    }

    #[test]
    fn a_sound_recording_is_one_frame_by_frame() {
        let frame = [&[0x3c][..], &[7; 31]].concat();
        assert!(is_sound(&[b"#!AMR\n", frame.as_slice(), &frame, &frame[..9]].concat()));
        assert!(!is_sound(&[b"#!AMR\n", frame.as_slice(), b"#!/bin/sh"].concat()));
        assert!(!is_sound(b"#!AMR<html>"));
    }

    #[test]
    fn a_name_leads_nowhere() {
        let jpg = KINDS[0];
        for (given, kept) in [
            ("../../etc/passwd", "passwd.jpg"),
            ("C:\\Users\\x\\现场.JPG", "现场.jpg"),
            ("照片.jpeg", "照片.jpg"),
            ("a.php", "a.php.jpg"),
            ("", "file.jpg"),
            ("....", "file.jpg"),
            ("x\u{202e}gpj.exe", "xgpj.exe.jpg"),
            ("a\r\nSet-Cookie: x.jpg", "aSet-Cookie x.jpg"),
            ("/", "file.jpg"),
        ] {
            assert_eq!(name(given, jpg), kept, "{given:?}");
        }
        assert_eq!(name(&"长".repeat(500), jpg).chars().count(), NAME + 4);
    }
}
