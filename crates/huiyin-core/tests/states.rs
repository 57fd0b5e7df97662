//! `docs/states.md` is what the code prints.

use huiyin_core::order::{Event, table};

#[test]
fn the_manual_shows_the_table_the_code_goes_by() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/states.md");
    let printed = table::markdown();
    if std::env::var_os("HUIYIN_WRITE").is_some() {
        std::fs::write(path, &printed).expect("docs can be written");
    }
    let stored = std::fs::read_to_string(path).expect("docs/states.md is there");
    assert!(stored == printed, "docs/states.md is not what the code prints; run this test with HUIYIN_WRITE=1");
}

#[test]
fn every_row_has_a_name_of_its_own() {
    let mut names: Vec<&str> = table::ROWS.iter().map(|row| row.command).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), table::ROWS.len());
}

#[test]
fn every_command_field_and_event_has_a_name_in_chinese_and_in_english() {
    let chinese = |text: &str| text.chars().any(|sign| ('\u{4e00}'..='\u{9fff}').contains(&sign));
    let named = |of: &str, zh: &str, en: &str| {
        assert!(chinese(zh), "{of}: `{zh}` is no Chinese");
        assert!(!chinese(en) && en.chars().any(|sign| sign.is_ascii_alphabetic()), "{of}: `{en}` is no English");
    };
    for row in table::ROWS {
        named(row.command, row.zh, row.en);
        for field in row.takes {
            named(&format!("{} {}", row.command, field.name), field.zh, field.en);
        }
    }
    for name in Event::CODES {
        named(name, Event::zh(name).unwrap_or_default(), Event::en(name).unwrap_or_default());
    }
}
