//! `docs/states.md` is what the code prints.

use huiyin_core::order::table;

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
