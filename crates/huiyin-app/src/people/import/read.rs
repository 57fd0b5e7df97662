//! Reading a sheet or a CSV file into rows of typed cells. Every fault of the text itself is found here.

use std::{collections::HashMap, io::Cursor};

use calamine::{Data, DataRef, Reader, Xlsx};
use huiyin_core::{policy::Pack, time::Day};

use super::super::{Position, Terms};
use super::{ImportFault, MAX_IMPORT_BYTES, MAX_IMPORT_ROWS};
use crate::Role;

/// Headings: the column's name, then what else people write.
const HEADINGS: &[(&str, &[&str])] = &[
    ("unit", &["单位编码", "单位代码", "unit code"]),
    ("unit_name", &["单位名称", "unit name"]),
    ("aliases", &["别名", "简称"]),
    ("kind", &["单位类型", "类型"]),
    ("parent", &["上级单位", "上级单位编码"]),
    ("territory", &["区域", "属地"]),
    ("successor", &["承接单位", "承接单位编码"]),
    ("login", &["登录名", "账号", "person login"]),
    ("name", &["姓名", "person name"]),
    ("phone", &["电话", "手机", "联系电话"]),
    ("role", &["角色"]),
    ("position", &["职务", "岗位"]),
    ("terms", &["人员性质", "用工性质"]),
    ("employer", &["派出单位", "用人单位"]),
    ("from", &["起始日期", "开始日期"]),
    ("until", &["截止日期", "结束日期"]),
];

/// Most of what a sheet may unpack to: a small file can hold a very large one.
const MAX_UNPACKED: u64 = 200 * 1024 * 1024;

/// A table's rows, and what is wrong with its text.
#[derive(Debug, Default)]
pub(super) struct Table {
    pub(super) rows: Vec<Row>,
    pub(super) faults: Vec<ImportFault>,
    /// The headings as the table has them, by column name.
    pub(super) headings: HashMap<&'static str, String>,
}

/// One row; empty cells are none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) line: usize,
    pub(super) unit: String,
    pub(super) unit_name: Option<String>,
    pub(super) aliases: Option<Vec<String>>,
    pub(super) kind: Option<String>,
    pub(super) parent: Option<String>,
    pub(super) territory: Option<String>,
    pub(super) successor: Option<String>,
    pub(super) login: Option<String>,
    pub(super) name: Option<String>,
    pub(super) phone: Option<huiyin_store::people::Private>,
    pub(super) role: Option<Role>,
    pub(super) position: Option<Position>,
    pub(super) terms: Option<Terms>,
    pub(super) employer: Option<String>,
    pub(super) from: Option<Day>,
    pub(super) until: Option<Day>,
}

impl Row {
    /// Whether it describes the unit, not only names it.
    pub(super) fn describes_unit(&self) -> bool {
        self.unit_name.is_some()
            || self.aliases.is_some()
            || self.kind.is_some()
            || self.parent.is_some()
            || self.territory.is_some()
            || self.successor.is_some()
    }

    /// Whether it says just what another row says.
    pub(super) fn same_as(&self, other: &Self) -> bool {
        Self { line: 0, ..self.clone() } == Self { line: 0, ..other.clone() }
    }
}

/// Cells of a line.
type Line = (usize, Vec<String>);

impl Table {
    pub(super) fn heading(&self, column: &str) -> String {
        self.headings.get(column).cloned().unwrap_or_else(|| column.to_owned())
    }

    fn fault(&mut self, line: usize, column: &str, message: impl Into<String>) {
        let column = if column.is_empty() { String::new() } else { self.heading(column) };
        self.faults.push(ImportFault { line, column, message: message.into() });
    }
}

/// Reads a table.
pub(super) fn read(bytes: &[u8], filename: &str, pack: &Pack) -> Table {
    let mut table = Table::default();
    if bytes.len() > MAX_IMPORT_BYTES {
        let most = MAX_IMPORT_BYTES / 1024 / 1024;
        table.fault(1, "", format!("the file is larger than {most} MiB; divide it"));
        return table;
    }
    // Names lie; the first bytes do not.
    let lines = match bytes {
        [b'P', b'K', 3, 4, ..] => sheet(bytes),
        [0xd0, 0xcf, 0x11, 0xe0, ..] => Err((1, "this is an old Excel file; save it as .xlsx".into())),
        _ if filename.to_lowercase().ends_with(".xlsx") => Err((1, "this is not an Excel file".into())),
        _ => csv(bytes),
    };
    match lines {
        Ok(lines) => rows(&mut table, lines, pack),
        Err((line, message)) => table.fault(line, "", message),
    }
    table
}

fn too_many() -> String {
    format!("there are more than {MAX_IMPORT_ROWS} rows; divide the table")
}

fn csv(bytes: &[u8]) -> Result<Vec<Line>, (usize, String)> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let line = bytes[..error.valid_up_to()].iter().filter(|byte| **byte == b'\n').count() + 1;
        (line, "the file is not in UTF-8; save it as `CSV UTF-8` or as .xlsx".to_owned())
    })?;
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    let mut lines = Vec::new();
    // The reader leaves the rest of a line's end to the next record, and passes over empty lines.
    let (mut counted, mut line) = (0, 1);
    for record in reader.records() {
        let record = record.map_err(|_| (line, "the line cannot be read as CSV".to_owned()))?;
        let start = record.position().map_or(0, csv::Position::byte);
        let start = usize::try_from(start).unwrap_or(0).min(bytes.len());
        let ends = bytes[start..].iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        line += bytes[counted..start + ends].iter().filter(|byte| **byte == b'\n').count();
        counted = start + ends;
        if lines.len() > MAX_IMPORT_ROWS {
            return Err((line, too_many()));
        }
        lines.push((line, record.iter().map(|cell| cell.trim().to_owned()).collect()));
    }
    Ok(lines)
}

/// What the directory of a zip file says its entries unpack to; none when it has none.
fn unpacked(bytes: &[u8]) -> Option<u64> {
    let two = |at: usize| Some(u64::from(u16::from_le_bytes(bytes.get(at..at + 2)?.try_into().ok()?)));
    let four = |at: usize| Some(u64::from(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?)));
    let end = bytes.windows(4).rposition(|four| four == b"PK\x05\x06")?;
    let (count, mut at, mut total) = (two(end + 10)?, usize::try_from(four(end + 16)?).ok()?, 0_u64);
    for _ in 0..count {
        total = total.saturating_add(four(at + 24)?);
        at += 46 + usize::try_from(two(at + 28)? + two(at + 30)? + two(at + 32)?).ok()?;
    }
    Some(total)
}

fn sheet(bytes: &[u8]) -> Result<Vec<Line>, (usize, String)> {
    let broken = |_| (1, "the Excel file cannot be read; open it and save it again".to_owned());
    if unpacked(bytes).is_none_or(|total| total > MAX_UNPACKED) {
        return Err((1, "the Excel file is damaged, or unpacks to too much; divide it".into()));
    }
    let mut book: Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(bytes)).map_err(broken)?;
    let names = book.sheet_names();
    let name = names.first().ok_or_else(|| (1, "the Excel file has no sheet".to_owned()))?;
    let mut cells = book.worksheet_cells_reader(name).map_err(broken)?;
    let mut lines: Vec<Line> = Vec::new();
    while let Some(cell) = cells.next_cell().map_err(broken)? {
        let (row, column) = cell.get_position();
        let (line, column) = (row as usize + 1, column as usize);
        let text = text(cell.get_value());
        if text.is_empty() || column >= 100 {
            continue;
        }
        if lines.last().is_none_or(|last| last.0 != line) {
            if lines.len() > MAX_IMPORT_ROWS {
                return Err((line, too_many()));
            }
            lines.push((line, Vec::new()));
        }
        if let Some((_, cells)) = lines.last_mut() {
            if cells.len() <= column {
                cells.resize(column + 1, String::new());
            }
            cells[column] = text;
        }
    }
    Ok(lines)
}

/// A cell as a person sees it.
fn text(value: &DataRef<'_>) -> String {
    match Data::from(value.clone()) {
        Data::Empty => String::new(),
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => text.trim().to_owned(),
        Data::Int(number) => number.to_string(),
        // A phone number typed as a number: no fraction, no exponent.
        Data::Float(number) => number.to_string(),
        Data::Bool(flag) => flag.to_string(),
        Data::DateTime(at) => {
            let (year, month, day, ..) = at.to_ymd_hms_milli();
            format!("{year:04}-{month:02}-{day:02}")
        }
        Data::Error(error) => error.to_string(),
    }
}

/// A day as people write it.
fn day(text: &str) -> Result<Day, String> {
    let fault = || format!("`{text}` is not a day; write 2026-10-01");
    let numbers = || text.split(['-', '/', '.', '年', '月']).map(|part| part.trim().trim_end_matches('日'));
    let parts: Vec<i64> = numbers().map(str::parse).collect::<Result<_, _>>().map_err(|_| fault())?;
    let number = match parts[..] {
        [number] => number,
        [year, month @ 1..=12, day @ 1..=31] => year * 10_000 + month * 100 + day,
        _ => return Err(fault()),
    };
    Day::try_from(number).map_err(|_| fault())
}

fn kind(pack: &Pack, text: &str) -> Result<String, String> {
    if pack.unit_kind(text).is_some() {
        return Ok(text.to_owned());
    }
    let named = pack
        .units()
        .iter()
        .filter_map(|unit| pack.unit_kind(&unit.kind))
        .find(|kind| kind.label.values().any(|label| label == text));
    named.map(|kind| kind.code.clone()).ok_or_else(|| format!("`{text}` is not a kind of unit of the pack"))
}

fn territory(pack: &Pack, text: &str) -> Result<String, String> {
    let named = || pack.areas().find(|area| area.name == text);
    let found = pack.area(text).or_else(named);
    found.map(|area| area.code.clone()).ok_or_else(|| format!("there is no area `{text}` in the pack"))
}

fn role(text: &str) -> Result<Role, String> {
    let role = match text {
        "坐席" | "话务员" => Role::Agent,
        "热线办" => Role::Office,
        "分中心" => Role::Subcentre,
        "承办人" | "经办人" => Role::Officer,
        "领导" | "单位领导" => Role::Leader,
        "回访员" => Role::Callback,
        "知识库编辑" | "编辑" => Role::Editor,
        "监督员" | "社会监督员" => Role::Supervisor,
        "市领导" => Role::Mayor,
        "管理员" => Role::Admin,
        code => Role::try_from(code)?,
    };
    Ok(role)
}

fn column_of(heading: &str) -> Option<&'static str> {
    let plain = heading.trim().to_lowercase();
    let same = |name: &str| name == plain || name.replace('_', " ") == plain;
    HEADINGS.iter().find(|(name, others)| same(name) || others.iter().any(|other| same(other))).map(|found| found.0)
}

fn rows(table: &mut Table, lines: Vec<Line>, pack: &Pack) {
    let mut lines = lines.into_iter().filter(|(_, cells)| cells.iter().any(|cell| !cell.is_empty()));
    let Some((first, headings)) = lines.next() else {
        table.fault(1, "", "the table is empty");
        return;
    };
    let mut columns: Vec<Option<&'static str>> = Vec::new();
    for heading in &headings {
        let column = column_of(heading);
        match column {
            None if heading.is_empty() => {}
            None => {
                let all: Vec<&str> = HEADINGS.iter().map(|(name, _)| *name).collect();
                let message = format!("there is no column `{heading}`; columns are {}", all.join(", "));
                table.faults.push(ImportFault { line: first, column: heading.clone(), message });
            }
            Some(name) if table.headings.contains_key(name) => {
                table.fault(first, name, "the column stands there twice");
            }
            Some(name) => {
                table.headings.insert(name, heading.clone());
            }
        }
        columns.push(column);
    }
    if !table.headings.contains_key("unit") {
        table.fault(first, "", "the column `unit` (单位编码) is missing");
    }
    if !table.faults.is_empty() {
        return;
    }
    for (line, cells) in lines {
        if cells.len() > columns.len() && cells[columns.len()..].iter().any(|cell| !cell.is_empty()) {
            table.fault(line, "", format!("it has {} cells, the headings are {}", cells.len(), columns.len()));
            continue;
        }
        let cells = columns.iter().zip(cells).filter_map(|(column, cell)| Some(((*column)?, cell)));
        let row = row(table, line, cells.filter(|(_, cell)| !cell.is_empty()), pack);
        table.rows.push(row);
    }
}

fn row(table: &mut Table, line: usize, cells: impl Iterator<Item = (&'static str, String)>, pack: &Pack) -> Row {
    let mut row = Row { line, ..Row::default() };
    /// Keeps a good value, reports a bad one.
    macro_rules! keep {
        ($field:ident, $column:expr, $read:expr) => {
            match $read {
                Ok(value) => row.$field = Some(value),
                Err(message) => table.fault(line, $column, message),
            }
        };
    }
    for (column, cell) in cells {
        match column {
            "unit" => row.unit = cell,
            "unit_name" => row.unit_name = Some(cell),
            "aliases" => {
                let names = cell.split([';', '；', '、']).map(str::trim).filter(|name| !name.is_empty());
                row.aliases = Some(names.map(str::to_owned).collect());
            }
            "kind" => keep!(kind, column, kind(pack, &cell)),
            "parent" => row.parent = Some(cell),
            "territory" => keep!(territory, column, territory(pack, &cell)),
            "successor" => row.successor = Some(cell),
            "login" => {
                let login = super::super::sign_in::normal_login(&cell);
                keep!(login, column, super::super::persons::check_login(&login).map(|()| login));
            }
            "name" => keep!(name, column, super::super::persons::check_name(&cell)),
            "phone" => match super::super::persons::check_phone(&cell, &pack.head().area_code) {
                Ok(phone) => row.phone = phone,
                Err(message) => table.fault(line, column, message),
            },
            "role" => keep!(role, column, role(&cell)),
            "position" => keep!(position, column, Position::try_from(cell.as_str())),
            "terms" => keep!(terms, column, Terms::try_from(cell.as_str())),
            "employer" => row.employer = Some(cell),
            "from" => keep!(from, column, day(&cell)),
            _ => keep!(until, column, day(&cell)),
        }
    }
    if row.unit.is_empty() {
        table.fault(line, "unit", "write the unit's code in every row");
    }
    row
}

#[cfg(test)]
mod tests {
    use super::{csv, day, unpacked};

    #[test]
    fn lines_are_those_of_the_file_whatever_ends_them() {
        for text in ["a\nb\n\n\"c\nd\"\ne", "a\r\nb\r\n\r\n\"c\r\nd\"\r\ne\r\n"] {
            let lines: Vec<usize> = csv(text.as_bytes()).unwrap().into_iter().map(|(line, _)| line).collect();
            assert_eq!(lines, [1, 2, 4, 6], "{text:?}");
        }
    }

    #[test]
    fn days_are_read_as_people_write_them() {
        for text in ["2026-10-01", "2026/10/1", "2026.10.1", "2026年10月1日", "20261001"] {
            assert_eq!(day(text).map(|day| day.number()), Ok(20_261_001), "{text}");
        }
        for text in ["2026-13-01", "2026-02-30", "soon", "1", "2026-10", ""] {
            assert!(day(text).is_err(), "{text}");
        }
    }

    #[test]
    fn what_is_no_zip_file_unpacks_to_nothing_known() {
        assert_eq!(unpacked(b"PK\x03\x04"), None);
        assert_eq!(unpacked(b""), None);
        assert_eq!(unpacked(b"PK\x05\x06 cut"), None);
    }
}
