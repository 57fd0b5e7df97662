//! Tables written as they are read: CSV, or a workbook of one sheet. A workbook is a zip of small texts; its one long text,
//! the sheet, is written piece by piece with its length and sum behind it, so that nothing is held.
//!
//! What a program for tables would take for a formula is marked as text.

/// How a table is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Commas, with a mark of UTF-8 before, as such programs want it.
    Csv,
    /// A workbook.
    Xlsx,
}

impl Format {
    /// A format by its ending.
    pub fn of(ending: &str) -> Option<Self> {
        match ending {
            "csv" => Some(Self::Csv),
            "xlsx" => Some(Self::Xlsx),
            _ => None,
        }
    }

    /// Its ending.
    pub const fn ending(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
        }
    }

    /// Its kind of content.
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        }
    }
}

/// A table being written.
pub struct Sheet {
    format: Format,
    row: u32,
    files: Vec<Entry>,
    written: u64,
    crc: Crc,
    length: u64,
}

struct Entry {
    name: &'static str,
    at: u64,
    crc: u32,
    length: u64,
}

const SHEET: &str = "xl/worksheets/sheet1.xml";
const PARTS: &[(&str, &str)] = &[
    (
        "[Content_Types].xml",
        r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>"#,
    ),
    (
        "_rels/.rels",
        r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#,
    ),
    (
        "xl/workbook.xml",
        r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="list" sheetId="1" r:id="rId1"/></sheets></workbook>"#,
    ),
    (
        "xl/_rels/workbook.xml.rels",
        r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#,
    ),
];

impl Sheet {
    /// A table, and how it begins.
    pub fn begin(format: Format) -> (Self, Vec<u8>) {
        let mut sheet = Self { format, row: 0, files: Vec::new(), written: 0, crc: Crc::new(), length: 0 };
        let mut out = Vec::new();
        if format == Format::Csv {
            out.extend_from_slice("\u{feff}".as_bytes());
            return (sheet, out);
        }
        for (name, text) in PARTS {
            sheet.head(&mut out, name);
            sheet.text(&mut out, text);
            sheet.foot(&mut out, name);
        }
        sheet.head(&mut out, SHEET);
        sheet.text(&mut out, r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>"#);
        (sheet, out)
    }

    /// A row.
    pub fn row<'a>(&mut self, cells: impl IntoIterator<Item = &'a str>) -> Vec<u8> {
        self.row += 1;
        let mut out = Vec::new();
        match self.format {
            Format::Csv => {
                for (at, cell) in cells.into_iter().enumerate() {
                    if at > 0 {
                        out.push(b',');
                    }
                    out.push(b'"');
                    out.extend_from_slice(harmless(cell).replace('"', "\"\"").as_bytes());
                    out.push(b'"');
                }
                out.extend_from_slice(b"\r\n");
            }
            Format::Xlsx => {
                let mut text = format!("<row r=\"{}\">", self.row);
                for cell in cells {
                    text.push_str("<c t=\"inlineStr\"><is><t xml:space=\"preserve\">");
                    escape(&mut text, cell);
                    text.push_str("</t></is></c>");
                }
                text.push_str("</row>");
                self.text(&mut out, &text);
            }
        }
        out
    }

    /// How it ends; `mark` stands at the foot of each printed page of a workbook.
    pub fn end(mut self, mark: &str) -> Vec<u8> {
        let mut out = Vec::new();
        if self.format == Format::Csv {
            return out;
        }
        let mut text = "</sheetData><headerFooter><oddFooter>".to_owned();
        // `&` begins a code of the footer.
        escape(&mut text, &mark.replace('&', "&&"));
        text.push_str("</oddFooter></headerFooter></worksheet>");
        self.text(&mut out, &text);
        self.foot(&mut out, SHEET);
        let start = self.written;
        let count = self.files.len() as u16;
        for entry in std::mem::take(&mut self.files) {
            let mut record = Vec::new();
            record.extend_from_slice(&0x0201_4b50_u32.to_le_bytes());
            for number in [20_u16, 20, 0x0808, 0, 0, 0x21] {
                record.extend_from_slice(&number.to_le_bytes());
            }
            record.extend_from_slice(&entry.crc.to_le_bytes());
            record.extend_from_slice(&small(entry.length).to_le_bytes());
            record.extend_from_slice(&small(entry.length).to_le_bytes());
            record.extend_from_slice(&(entry.name.len() as u16).to_le_bytes());
            record.extend_from_slice(&[0; 12]);
            record.extend_from_slice(&small(entry.at).to_le_bytes());
            record.extend_from_slice(entry.name.as_bytes());
            self.written += record.len() as u64;
            out.extend_from_slice(&record);
        }
        out.extend_from_slice(&0x0605_4b50_u32.to_le_bytes());
        out.extend_from_slice(&[0; 4]);
        out.extend_from_slice(&count.to_le_bytes());
        out.extend_from_slice(&count.to_le_bytes());
        out.extend_from_slice(&small(self.written - start).to_le_bytes());
        out.extend_from_slice(&small(start).to_le_bytes());
        out.extend_from_slice(&[0; 2]);
        out
    }

    /// A file of the zip begins; its length and sum follow behind it.
    fn head(&mut self, out: &mut Vec<u8>, name: &'static str) {
        let mut record = Vec::new();
        record.extend_from_slice(&0x0403_4b50_u32.to_le_bytes());
        for number in [20_u16, 0x0808, 0, 0, 0x21] {
            record.extend_from_slice(&number.to_le_bytes());
        }
        record.extend_from_slice(&[0; 12]);
        record.extend_from_slice(&(name.len() as u16).to_le_bytes());
        record.extend_from_slice(&[0; 2]);
        record.extend_from_slice(name.as_bytes());
        self.files.push(Entry { name, at: self.written, crc: 0, length: 0 });
        self.written += record.len() as u64;
        out.extend_from_slice(&record);
        (self.crc, self.length) = (Crc::new(), 0);
    }

    fn text(&mut self, out: &mut Vec<u8>, text: &str) {
        self.crc.add(text.as_bytes());
        self.length += text.len() as u64;
        self.written += text.len() as u64;
        out.extend_from_slice(text.as_bytes());
    }

    fn foot(&mut self, out: &mut Vec<u8>, name: &str) {
        let (crc, length) = (self.crc.sum(), self.length);
        if let Some(entry) = self.files.last_mut() {
            debug_assert_eq!(entry.name, name);
            (entry.crc, entry.length) = (crc, length);
        }
        let mut record = Vec::new();
        record.extend_from_slice(&0x0807_4b50_u32.to_le_bytes());
        record.extend_from_slice(&crc.to_le_bytes());
        record.extend_from_slice(&small(length).to_le_bytes());
        record.extend_from_slice(&small(length).to_le_bytes());
        self.written += record.len() as u64;
        out.extend_from_slice(&record);
    }
}

/// Lengths of a zip have 32 bits; an export has too few rows to come near.
fn small(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// A cell no program takes for a formula.
pub fn harmless(text: &str) -> String {
    let first = text.trim_start_matches([' ', '\u{a0}', '\u{3000}']).chars().next();
    match first {
        Some('=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '＝' | '＋' | '－' | '＠') => format!("'{text}"),
        _ => text.to_owned(),
    }
}

/// Text of XML; what XML cannot hold is left out.
fn escape(out: &mut String, text: &str) {
    for char in text.chars() {
        match char {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\t' | '\n' | '\r' => out.push(char),
            char if char < ' ' || matches!(char, '\u{fffe}' | '\u{ffff}') => {}
            char => out.push(char),
        }
    }
}

/// The sum a zip wants.
#[derive(Debug, Clone, Copy)]
struct Crc(u32);

impl Crc {
    const TABLE: [u32; 256] = {
        let mut table = [0_u32; 256];
        let mut at = 0;
        while at < 256 {
            let (mut value, mut bit) = (at as u32, 0);
            while bit < 8 {
                value = if value & 1 == 1 { 0xedb8_8320 ^ (value >> 1) } else { value >> 1 };
                bit += 1;
            }
            table[at] = value;
            at += 1;
        }
        table
    };

    const fn new() -> Self {
        Self(u32::MAX)
    }

    fn add(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = Self::TABLE[((self.0 ^ u32::from(*byte)) & 0xff) as usize] ^ (self.0 >> 8);
        }
    }

    const fn sum(self) -> u32 {
        !self.0
    }
}

#[cfg(test)]
mod tests {
    use super::{Crc, Format, Sheet, harmless};

    #[test]
    fn formulas_become_text() {
        for bad in ["=1+1", "+86", "-1", "@SUM(A1)", "\t=1", " =1", "＝1"] {
            assert!(harmless(bad).starts_with('\''), "{bad}");
        }
        assert_eq!(harmless("大东海"), "大东海");
        let (mut sheet, _) = Sheet::begin(Format::Csv);
        let row = String::from_utf8(sheet.row(["a\"b", "=HYPERLINK(1)", "c,d"])).expect("it is text");
        assert_eq!(row, "\"a\"\"b\",\"'=HYPERLINK(1)\",\"c,d\"\r\n");
    }

    #[test]
    fn the_sum_is_the_usual_one() {
        let mut crc = Crc::new();
        crc.add(b"123456789");
        assert_eq!(crc.sum(), 0xcbf4_3926);
    }

    #[test]
    fn a_workbook_names_each_file_where_it_lies() {
        let (mut sheet, mut bytes) = Sheet::begin(Format::Xlsx);
        bytes.extend(sheet.row(["工单", "<b>&\u{1}"]));
        bytes.extend(sheet.end("符志远 A&B"));
        let at = bytes.len() - 22;
        assert_eq!(&bytes[at..at + 4], b"PK\x05\x06");
        let number = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().expect("four bytes")) as usize;
        let mut entry = number(at + 16);
        for _ in 0..5 {
            assert_eq!(&bytes[entry..entry + 4], b"PK\x01\x02");
            let head = number(entry + 42);
            assert_eq!(&bytes[head..head + 4], b"PK\x03\x04");
            let name = usize::from(bytes[entry + 28]);
            assert_eq!(bytes[entry + 46..entry + 46 + name], bytes[head + 30..head + 30 + name]);
            let mut crc = Crc::new();
            crc.add(&bytes[head + 30 + name..head + 30 + name + number(entry + 24)]);
            assert_eq!(crc.sum() as usize, number(entry + 16));
            entry += 46 + name;
        }
        let text = String::from_utf8_lossy(&bytes);
        assert!(text.contains("&lt;b&gt;&amp;</t>") && text.contains("A&amp;&amp;B"));
    }
}
