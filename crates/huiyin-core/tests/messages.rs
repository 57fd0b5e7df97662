//! What is said of a pack that does not read: where it stands, what is wrong, and what to write.

mod common;

use common::texts;
use huiyin_core::policy::{Fault, Pack};

/// The faults of the sound pack with one more file.
fn faults(added: &str) -> Vec<Fault> {
    let mut all = texts();
    all.push(("zz.toml".into(), added.into()));
    Pack::load(&all).err().unwrap_or_default()
}

/// Each a file, with `¦` before what the fault names, and a part of what is said.
const BROKEN: &[(&str, &str)] = &[
    // A key that is missing.
    (
        "¦[[kind]]\ncode = \"x\"\nlabel = { zh = \"x\" }",
        "`cite` is missing: Where it comes from; add such as `cite = { ",
    ),
    ("¦[[kind]]\nlabel = { zh = \"x\" }", "`code` is missing: The code; add such as `code = \"…\"`"),
    ("[[kind]]\ncode = \"x\"\nlabel = { zh = \"x\" }\ncite = ¦{ source = \"SY2020\" }", "`article` is missing"),
    ("¦[[parameter]]\nname = \"redo.count\"\nwhat = \"x\"", "add such as `value = [{ cite = "),
    ("¦[[source]]\nkey = \"x\"\ndocument = \"x\"\nnumber = \"x\"\nissuer = \"x\"\nrank = 1", "`issued = 2026-01-01`"),
    // A key that nothing reads.
    ("[[kind]]\n¦colour = \"red\"", "no key is called `colour` here; keys are code, label, cite"),
    ("[[clock]]\nrule = \"x\"\nwhen = { ¦kind = [\"help\"] }", "did you mean `kinds`?"),
    ("[[¦kindness]]\ncode = \"x\"", "no section is called `kindness`"),
    ("[[kind]]\n¦编码 = \"x\"", "a key is written in letters a to z"),
    // A word that is not one of those there are.
    (
        "[[clock]]\nlevel = ¦\"cases\"",
        "`level`: `cases` is no word for this; did you mean `case`? write one of \"case\", \"task\"",
    ),
    ("[[clock]]\nvalue = [{ unit = ¦\"hours\" }]", "did you mean `hour`? write one of \"minute\", "),
    ("[[unit_kind]]\nfunction = ¦\"bureau\"", "write one of \"office\", \"call-centre\", "),
    ("[[approver]]\nby = ¦5", "`by`: "),
    // A value of another kind.
    ("[[kind]]\ncode = ¦5", "`code`: `5` stands where a text in quotes belongs; write such as `code = \"…\"`"),
    ("[[kind]]\ncode = ¦2026-01-01", "`code`: `2026-01-01` stands where a text in quotes belongs"),
    ("[[kind]]\nlabel = ¦\"x\"", "a table of texts by language belongs; write such as `label = { zh = \"…\" }`"),
    ("[[kind]]\nlabel = { zh = ¦4 }", "`zh`: `4` stands where a text in quotes belongs"),
    ("[[kind]]\ncite = ¦\"SY2020\"", "`cite`: `\"SY2020\"` stands where a table belongs; write such as `cite = { "),
    ("[[clock]]\nstop = ¦\"closed\"", "stands where a list in brackets belongs; write such as `stop = [\"…\"]`"),
    ("[[clock]]\nvalue = ¦{ amount = 1 }", "stands where a list in brackets belongs"),
    ("[[clock]]\nvalue = [{ amount = ¦\"20\" }]", "`amount`: `\"20\"` stands where a whole number from 0 to "),
    ("[[clock]]\nvalue = [{ amount = ¦-1 }]", "`-1` stands where a whole number from 0 to "),
    ("[[clock]]\nvalue = [{ amount = ¦1.5 }]", "`1.5` stands where a whole number from 0 to "),
    ("[[clock]]\nprecedence = ¦256", "`256` stands where a whole number from 0 to 255 belongs"),
    ("[[clock]]\nstatutory = ¦\"yes\"", "stands where `true` or `false` belongs; write such as `statutory = true`"),
    ("[[holiday]]\nyear = ¦\"2031\"", "stands where a whole number belongs; write such as `year = 1`"),
    ("[[business_hours]]\nopen = [¦[\"08:30\"]]", "`open`: `[\"08:30\"]` stands where a list of 2 belongs"),
    ("kind = [¦5]", "`5` stands where a table belongs"),
    ("¦kind = 5", "`kind` is a list; write [[kind]]"),
    ("[¦kind]\ncode = \"x\"", "`kind` is a list; write [[kind]]"),
    // A day that is none.
    (
        "[[source]]\nfrom = ¦\"2026-01-01\"",
        "`from`: `\"2026-01-01\"` stands where a day without quotes belongs; write such as `from = 2026-01-01`",
    ),
    ("[[holiday]]\nrest = [2031-01-01, ¦\"x\"]", "`rest`: `\"x\"` stands where a day without quotes belongs"),
    ("[[source]]\nfrom = ¦08:00:00", "`08:00:00` is not a date such as 2026-01-01"),
    ("[[source]]\nfrom = ¦2026-02-30", "this is no day; write one that is in the calendar"),
    ("[[source]]\nfrom = ¦2026-1-1", "this is no day; write one that is in the calendar"),
    // A text that does not end, or does not begin.
    ("[[tell]]\non = \"refused¦\nwhat = \"x\"", "the text does not end; close it with `\"`"),
    ("[[tell]]\non = 'refused¦\nwhat = \"x\"", "the text does not end; close it with `'`"),
    ("[[tell]]\non = \"\"\"refused\nwhat = \"x\"¦", "the text begun with `\"\"\"` does not end"),
    ("[[tell]]\non = ¦refused\"\nwhat = \"x\"", "the text does not begin; open it with"),
    ("[[tell]]\non = ¦“refused”", "`“refused”` are no quotation marks of TOML"),
    ("[[tell]]\non = \"refused\"¦x", "something stands behind the value"),
    ("[[tell]]\non = \"a\\¦q\"", "a backslash itself is written `\\\\`"),
    ("[[tell]]\non = \"a\\u12¦\"", "`\\u` takes four digits"),
    ("[[tell]]\non = \"a¦\u{1}\"", "a control character stands in the text"),
    // Signs that are missing, or too many.
    ("[[tell]]\non = ¦\nwhat = \"x\"", "the value is missing behind `=`"),
    ("[[tell]]\non¦\nwhat = \"x\"", "`=` and the value are missing"),
    ("¦= 5", "the key is missing before `=`"),
    ("[[tell]]\non = \"a\"¦,", "something stands behind the value"),
    ("[[tell]]\non = \"a\" ¦// why", "write `#` before a comment"),
    ("[[tell]¦\non = \"a\"", "the heading is not closed; write `[[section]]`"),
    ("[tell¦\non = \"a\"", "the heading is not closed; write `[section]`"),
    ("[[tell]]\nkinds = [\"a\" ¦\"b\"]", "a comma is missing before this"),
    ("[[tell]]\nkinds = [\"a\", \"b\"\n¦what = \"x\"", "the list above is not closed with `]`"),
    ("[[tell]]\ncite = { source = \"a\" ¦article = \"b\" }", "a comma is missing before this"),
    ("[[tell]]\ncite = { source = \"a\"\n¦what = \"x\"", "the table above is not closed with `}`"),
    ("[[tell]]\non = \"a\"\n¦on = \"b\"", "this is already written above"),
    ("[[clock]]\nstatutory = ¦True", "write `true` or `false`, in small letters"),
    ("[[kind]]\ncode = ¦012", "a number has no leading zero"),
    ("[[kind]]\ncode = \"x\"\r¦", "save the file with ends of line LF or CRLF"),
    ("¦{\"kind\": []}", "a line is `key = value`, `[[section]]` or `# comment`"),
];

#[test]
fn each_fault_of_writing_says_where_it_stands_and_what_to_write() {
    for (marked, says) in BROKEN {
        let (before, after) = marked.split_once('¦').expect("a mark");
        let found = faults(&format!("{before}{after}"));
        let place = (before.matches('\n').count() + 1, before.rsplit('\n').next().unwrap_or("").chars().count() + 1);
        assert_eq!(found.len(), 1, "{marked}: {found:#?}");
        assert_eq!(
            (found[0].file.as_str(), (found[0].line, found[0].column)),
            ("zz.toml", place),
            "{marked}: {}",
            found[0]
        );
        assert!(found[0].message.contains(says), "{marked}: {}", found[0]);
    }
}

#[test]
fn a_byte_order_mark_at_the_beginning_says_nothing() {
    let sound: Vec<(String, String)> =
        texts().into_iter().map(|(name, text)| (name, format!("\u{feff}{text}"))).collect();
    let marked = Pack::load(&sound).expect("the pack is sound");
    assert_eq!(marked.checksum(), Pack::load(&texts()).expect("the pack is sound").checksum());
    let found = faults("\u{feff}[[kindness]]");
    assert_eq!((found[0].line, found[0].column), (1, 3), "{}", found[0]);
    // Elsewhere it is a sign like any other.
    assert!(!faults("\n\u{feff}[[kind]]").is_empty());
}

#[test]
fn a_file_in_another_encoding_is_refused_where_it_shows() {
    let broken = String::from_utf8_lossy(b"area = [\n{ code = \"x\", name = \"\xc8\xfd\" }\n]").into_owned();
    let found = faults(&broken);
    assert_eq!(found.len(), 1, "{found:#?}");
    assert!((found[0].line, found[0].column) == (2, 23) && found[0].message.contains("UTF-8"), "{}", found[0]);
}

#[test]
fn a_pack_full_of_faults_is_answered_with_a_list_of_bounded_length() {
    let length = |found: &[Fault]| found.iter().map(|fault| fault.file.len() + fault.message.len()).sum::<usize>();
    // Ten thousand rules that do not read, and ten megabytes of entries that do not either.
    let rules = "[[clock]]\nrule = \"R\"\nlevel = \"cases\"\n".repeat(10_000);
    let found = faults(&rules);
    assert!(found.len() == 1_001 && length(&found) < 300_000, "{} faults, {} bytes", found.len(), length(&found));
    assert!(found[1_000].message.contains("and 9000 more faults"), "{}", found[1_000]);
    let mut all = texts();
    let entries = format!("tell = [{}]", "{ on = \"x\", why = \"y\" }, ".repeat(150_000));
    all.extend((0..3).map(|n| (format!("zz{n}.toml"), entries.clone())));
    assert!(all.iter().map(|(_, text)| text.len()).sum::<usize>() > 10_000_000);
    let found = Pack::load(&all).err().unwrap_or_default();
    assert!(found.len() == 1_001 && length(&found) < 300_000, "{} faults, {} bytes", found.len(), length(&found));
    // A name as long as a file is not repeated whole.
    let value = "[[clock.value]]\nfrom = 2018-03-27\namount = 200000\nunit = \"hour\"\ncite = { source = \"x\", article = \"x\" }\n";
    let long = format!(
        "[[clock]]\nrule = \"{}\"\nname = \"close\"\nwhat = \"x\"\nlevel = \"case\"\nstart = \"dispatched\"\nstop = [\"closed\"]\n{}",
        "长".repeat(1_000_000),
        value.repeat(300)
    );
    let found = faults(&long);
    assert!(!found.is_empty() && length(&found) < 10_000, "{} faults, {} bytes", found.len(), length(&found));
}
