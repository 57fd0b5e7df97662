//! A pack that is wrong is refused with file, line and column, every fault at once, and whatever it holds, nothing panics.

mod common;

use common::{edited, texts};
use huiyin_core::policy::{Fault, Pack};

fn faults(texts: &[(String, String)]) -> Vec<Fault> {
    Pack::load(texts).err().unwrap_or_default()
}

/// The one fault that an edit of the sound pack brings.
fn fault(file: &str, old: &str, new: &str) -> Fault {
    let texts = edited(file, old, new);
    let mut found = faults(&texts);
    assert_eq!(found.len(), 1, "{found:#?}");
    found.remove(0)
}

/// Where the edited text stands: line and column from 1.
fn place(file: &str, old: &str, new: &str, mark: &str) -> (usize, usize) {
    let texts = edited(file, old, new);
    let (_, text) = texts.iter().find(|(name, _)| name == file).expect("the file is in the pack");
    let at = text.find(new).expect("the edit is there");
    let at = at + new.find(mark).expect("the mark is in the edit");
    let before = &text[..at];
    (before.matches('\n').count() + 1, before.rsplit('\n').next().unwrap_or("").chars().count() + 1)
}

/// An edit brings one fault, in its file and at its mark, that says this.
fn marked(file: &str, old: &str, new: &str, mark: &str, says: &str) {
    let found = fault(file, old, new);
    assert!(found.message.contains(says), "{found}");
    assert_eq!(found.file, file, "{found}");
    assert_eq!((found.line, found.column), place(file, old, new, mark), "{found}");
}

/// An edit brings one fault that says this, at the entry it stands in.
fn within(file: &str, old: &str, new: &str, says: &str) {
    let found = fault(file, old, new);
    assert!(found.message.contains(says), "{found}");
    assert_eq!(found.file, file, "{found}");
    let (line, _) = place(file, old, new, new);
    let last = line + new.matches('\n').count();
    assert!((line.saturating_sub(25)..=last).contains(&found.line), "{found} is far from lines {line} to {last}");
}

const PRAISE: &str = "[[kind]]\ncode = \"praise\"";

#[test]
fn an_unknown_key_is_named_where_it_stands() {
    marked("kinds.toml", PRAISE, "[[kind]]\ncolour = \"red\"\ncode = \"praise\"", "colour", "colour");
}

#[test]
fn an_unknown_section_is_named_with_those_there_are() {
    let found = fault("kinds.toml", PRAISE, &format!("[[kindness]]\ncode = \"x\"\n\n{PRAISE}"));
    assert!(found.message.contains("kindness") && found.message.contains("no_clock"), "{found}");
    let found = fault("kinds.toml", PRAISE, &format!("[text]\nname = \"x\"\n\n{PRAISE}"));
    assert!(found.message.contains("[[text]]"), "{found}");
}

#[test]
fn a_value_needs_its_citation() {
    let old = "value = 14400";
    assert!(!texts().iter().any(|(_, text)| text.contains(old)));
    within(
        "parameters.toml",
        "value = \"registered\"\ncite = { source = \"HY-DEFAULT\", article = \"来信等来件的起算时点；现有文本未定\" }",
        "value = \"registered\"",
        "cite",
    );
    within(
        "clocks.toml",
        "amount = 10\nunit = \"minute\"\ncite = { source = \"HY-DEFAULT\", article = \"应急件即时派发\" }",
        "amount = 10\nunit = \"minute\"",
        "cite",
    );
    within("clocks.toml", "article = \"应急件即时派发\"", "article = \" \"", "names no article");
}

#[test]
fn two_values_may_not_cover_one_day_and_no_day_may_be_left_out() {
    let old = "from = 2017-12-14\nuntil = 2019-08-12\namount = 30";
    within("clocks.toml", old, "from = 2017-12-14\nuntil = 2019-08-13\namount = 30", "two values cover 2019-08-13");
    within(
        "clocks.toml",
        old,
        "from = 2017-12-14\nuntil = 2019-08-10\namount = 30",
        "no value covers the days between 2019-08-10 and 2019-08-13",
    );
    within("clocks.toml", old, "from = 2020-12-14\nuntil = 2021-08-12\namount = 30", "must stand after");
    within("clocks.toml", old, "from = 2017-12-14\nuntil = 2017-12-13\namount = 30", "ends before it begins");
}

#[test]
fn what_the_program_asks_has_a_value_on_every_day() {
    let old = "name = \"assist.max\"\nwhat = \"一件工单最多的协办单位数\"\n[[parameter.value]]\nfrom = 2018-03-27";
    within("parameters.toml", old, &old.replace("from = 2018-03-27", "from = 2019-01-01"), "no value on 2018-03-27");
    within("parameters.toml", old, &format!("{old}\nuntil = 2030-01-01"), "no value on 2030-01-02");
}

#[test]
fn a_kind_without_a_limit_or_a_mark_is_refused() {
    let text = texts();
    let text: Vec<_> = text
        .into_iter()
        .map(|(name, text)| {
            if name == "clocks.toml" {
                (name, text.replace("\"report\", \"suggestion\"]", "\"report\"]"))
            } else {
                (name, text)
            }
        })
        .collect();
    let found = faults(&text);
    assert!(
        found.iter().any(|f| f.file == "kinds.toml"
            && f.message.contains("`suggestion` has neither a `close` clock nor a [[no_clock]] mark")),
        "{found:#?}"
    );
    assert!(found.iter().all(|f| f.file == "kinds.toml" && f.message.contains("suggestion")), "{found:#?}");
}

#[test]
fn the_way_back_to_the_desk_has_a_limit() {
    let found = faults(&edited("clocks.toml", "start = \"unassigned\"", "start = \"registered\""));
    assert!(found.iter().any(|f| f.message.contains("unassigned")), "{found:#?}");
}

#[test]
fn a_name_that_names_nothing_is_found() {
    within(
        "units.toml",
        "kind = \"call-centre\"\nparent = \"office\"",
        "kind = \"call-centre\"\nparent = \"offices\"",
        "no unit is called `offices`",
    );
    within(
        "units.toml",
        "kind = \"call-centre\"\nparent",
        "kind = \"call-center\"\nparent",
        "no unit kind is called `call-center`",
    );
    within(
        "clocks.toml",
        "source = \"HY-DEFAULT\", article = \"应急件即时派发\"",
        "source = \"HY-NONE\", article = \"应急件即时派发\"",
        "no source is called `HY-NONE`",
    );
    within("closing.toml", "requires = [\"answered\"]", "requires = [\"answred\"]", "no fact is called `answred`");
    within(
        "routes.toml",
        "subjects = [\"0103\"]\nlead = \"water\"",
        "subjects = [\"0103\"]\nlead = \"waters\"",
        "no unit is called `waters`",
    );
    within("routes.toml", "subjects = [\"0103\"]", "subjects = [\"9999\"]", "no subject is called `9999`");
    within(
        "subjects.toml",
        "{ code = \"0101\", parent = \"01\"",
        "{ code = \"0101\", parent = \"00\"",
        "no subject is called `00`",
    );
    within("pack.toml", "territory = \"460200\"", "territory = \"460299\"", "no area is called `460299`");
    within("clocks.toml", "start = \"unassigned\"", "start = \"dispached\"", "nothing signals `dispached`");
    within("tell.toml", "on = \"shelved\"", "on = \"shelvd\"", "nothing is told on `shelvd`");
    within("tell.toml", "what = \"shelved\"", "what = \"shelvd\"", "`shelvd` is not one of");
}

#[test]
fn nothing_lies_below_itself() {
    let found = faults(&edited(
        "units.toml",
        "code = \"sub-jiyang\"\nname = \"12345热线吉阳区分中心\"\naliases = [\"吉阳区分中心\"]\nkind = \"sub-centre\"\nparent = \"office\"",
        "code = \"sub-jiyang\"\nname = \"12345热线吉阳区分中心\"\naliases = [\"吉阳区分中心\"]\nkind = \"sub-centre\"\nparent = \"jiyang-market\"",
    ));
    assert!(found.iter().all(|f| f.message.contains("lies below itself")), "{found:#?}");
    assert_eq!(found.len(), 2, "both units of the circle: {found:#?}");
    within("subjects.toml", "{ code = \"01\", name", "{ code = \"01\", parent = \"01\", name", "lies below itself");
    within(
        "areas.toml",
        "{ code = \"460202\", name = \"海棠区\", parent = \"460200\" }",
        "{ code = \"460202\", name = \"海棠区\", parent = \"460202\" }",
        "lies in itself",
    );
}

#[test]
fn numbers_days_and_words_are_checked() {
    within(
        "clocks.toml",
        "amount = 10\nunit = \"minute\"\ncite = { source = \"HY-DEFAULT\", article = \"应急",
        "amount = 0\nunit = \"minute\"\ncite = { source = \"HY-DEFAULT\", article = \"应急",
        "an amount of 0",
    );
    within(
        "clocks.toml",
        "offset = { amount = 1, unit = \"workday\" }",
        "offset = { amount = 1, unit = \"hour\" }",
        "`offset`",
    );
    within(
        "clocks.toml",
        "warn = { amount = 5, unit = \"minute\" }\n[[clock.value]]\nfrom = 2018-03-27\namount = 10",
        "warn = { amount = 4000000000, unit = \"workday\" }\n[[clock.value]]\nfrom = 2018-03-27\namount = 10",
        "4000000000",
    );
    within("clocks.toml", "amount = 20\nunit = \"minute\"", "amount = 20\nunit = \"minutes\"", "minutes");
    within("parameters.toml", "value = \"dispatch\"", "value = \"dispatched\"", "cannot be");
    within("pack.toml", "zone = \"Asia/Shanghai\"", "zone = \"Asia/Nowhere\"", "no time zone");
    within("pack.toml", "conflict = \"strictest\"", "conflict = \"softest\"", "softest");
    within("pack.toml", "from = 2018-03-27\nfounded", "from = 9999-12-31\nfounded", "is not a date");
    let found = faults(&edited("calendar.toml", "workdays = [1, 2, 3, 4, 5]", "workdays = []"));
    assert!(found.iter().any(|f| f.message.contains("at least one")), "{found:#?}");
    let found = faults(&edited("calendar.toml", "workdays = [1, 2, 3, 4, 5]", "workdays = [1, 8]"));
    assert!(found.iter().any(|f| f.message.contains("1 Monday to 7 Sunday")), "{found:#?}");
    within("calendar.toml", "2018-02-11, 2018-02-24", "2017-02-11, 2018-02-24", "stands in the notice of 2018");
    within("units.toml", "until = 2018-04-19", "until = 2010-04-19", "ends before it begins");
}

#[test]
fn what_is_missing_is_named() {
    let cut = |file: &str, from: &str| {
        let mut texts = texts();
        let (_, text) = texts.iter_mut().find(|(name, _)| name == file).expect("the file is in the pack");
        let at = text.find(from).expect("it is in the file");
        let end = text[at + 2..].find("\n[[parameter]]").map_or(text.len(), |end| at + 2 + end);
        text.replace_range(at..end, "");
        faults(&texts)
    };
    let found = cut("parameters.toml", "[[parameter]]\nname = \"redo.count\"");
    assert_eq!(found.len(), 1, "{found:#?}");
    assert!(found[0].message.contains("parameter `redo.count` is missing"), "{}", found[0]);
    let none: Vec<(String, String)> = Vec::new();
    assert!(faults(&none)[0].message.contains("no files"));
    let empty = [("pack.toml".to_owned(), String::new())];
    assert!(faults(&empty).iter().any(|f| f.message.contains("no [pack] section")));
    let mut without = texts();
    without.retain(|(name, _)| name != "calendar.toml");
    assert!(faults(&without).iter().any(|f| f.message.contains("no [calendar] section")));
}

#[test]
fn all_faults_come_at_once() {
    let mut texts = edited("kinds.toml", PRAISE, "[[kind]]\ncolour = 1\ncode = \"praise\"");
    let (_, clocks) = texts.iter_mut().find(|(name, _)| name == "clocks.toml").expect("a file");
    *clocks = clocks.replacen("start = \"unassigned\"", "start = \"unasigned\"", 1).replacen(
        "amount = 20",
        "amount = \"20\"",
        1,
    );
    let (_, units) = texts.iter_mut().find(|(name, _)| name == "units.toml").expect("a file");
    *units = units.replacen("parent = \"office\"", "parent = \"offices\"", 1);
    let (_, tell) = texts.iter_mut().find(|(name, _)| name == "tell.toml").expect("a file");
    *tell = tell.replacen("[[tell]]\non = \"refused\"", "[[tell]]\non = \"refused", 1);
    let found = faults(&texts);
    for (file, says) in [
        ("kinds.toml", "colour"),
        ("clocks.toml", "unasigned"),
        ("clocks.toml", "20"),
        ("units.toml", "offices"),
        ("tell.toml", "does not end"),
    ] {
        assert!(found.iter().any(|f| f.file == file && f.message.contains(says)), "{file}: {says}: {found:#?}");
    }
    // A fault brings no echo: what names a broken entry is no fault of its own.
    assert!(found.len() <= 7, "{found:#?}");
    let mut sorted = found.clone();
    sorted.sort();
    assert_eq!(sorted, found, "in order of files and lines");
}

#[test]
fn whatever_a_file_holds_nothing_panics() {
    let with = |text: String| {
        let mut texts = texts();
        texts.push(("zz.toml".into(), text));
        faults(&texts)
    };
    let not_toml = with("<html>\n<body>not a pack</body>\n".into());
    assert!(not_toml.iter().any(|f| f.file == "zz.toml" && f.line == 1), "{not_toml:#?}");
    let garbage: String =
        (0_u32..2_500_000).map(|n| char::from(33 + (n.wrapping_mul(2_654_435_761) >> 16) as u8 % 90)).collect();
    let garbage = with(garbage.as_str().repeat(4));
    assert!(garbage.iter().any(|f| f.file == "zz.toml") && garbage.len() < 100, "{} faults", garbage.len());
    let deep = with(format!("x = {}1{}", "[".repeat(100_000), "]".repeat(100_000)));
    assert!(deep.iter().any(|f| f.file == "zz.toml"), "{deep:#?}");
    let deep = with(format!("[[tell]]\nx = {}1{}", "{a=".repeat(50_000), "}".repeat(50_000)));
    assert!(deep.iter().any(|f| f.file == "zz.toml"), "{deep:#?}");
    let dotted = with(format!("{}a = 1", "a.".repeat(100_000)));
    assert!(dotted.iter().any(|f| f.file == "zz.toml"), "{} faults", dotted.len());
    let large = with(" ".repeat(5 * 1024 * 1024));
    assert!(large.iter().any(|f| f.message.contains("larger than 4 MiB")), "{large:#?}");
    for odd in [
        "\u{0}\u{1}",
        "pack = 1",
        "kind = {}",
        "[[kind]]",
        "unit = [1, 2]",
        "clock = [[]]",
        "[[clock]]\nvalue = [[]]",
        "\u{feff}[pack]",
    ] {
        assert!(!with(odd.into()).is_empty(), "{odd:?}");
    }
}

/// Any one place of any file cut off or swapped for another character: faults or a pack, never a panic.
#[test]
fn a_text_cut_anywhere_does_not_panic() {
    let whole = texts();
    for (at, (name, text)) in whole.iter().enumerate() {
        let cuts: Vec<usize> = text.char_indices().map(|(at, _)| at).step_by(text.chars().count() / 4 + 1).collect();
        for cut in cuts {
            let mut texts = whole.clone();
            texts[at].1.truncate(cut);
            let found = faults(&texts);
            assert!(found.iter().all(|f| f.line >= 1 && f.column >= 1), "{name} cut at {cut}");
        }
    }
}

/// N02: not only a kind, but each subject, urgency and kind of unit must have a limit.
#[test]
fn n02_a_matter_that_no_rule_reaches_is_named() {
    let mut texts = texts();
    let (_, clocks) = texts.iter_mut().find(|(name, _)| name == "clocks.toml").expect("a file");
    *clocks = clocks
        .replace(
            " flags = [\"city-management\"]",
            " flags = [\"city-management\"], urgency = [\"normal\", \"emergency\"]",
        )
        .replace(" unit_kinds = [\"city-management\", \"digital-city\"]", " unit_kinds = [\"city-management\"]");
    let found = faults(&texts);
    assert!(
        found.iter().any(|f| f.file == "kinds.toml"
            && f.message.contains(
                "kind `help`, subject `010101`, urgency `urgent`, unit kind `digital-city` has no `close` clock"
            )),
        "{found:#?}"
    );
    assert!(found.iter().all(|f| f.message.contains("`digital-city`")), "{found:#?}");
}

#[test]
fn a_unit_that_joined_after_the_founding_names_the_document_of_consent() {
    let old = "kind = \"city-department\"\nfrom = 2019-08-13\nconsent = { source = \"SY2020\", article = \"第九条（增列成员单位须经市政府同意）\" }";
    within("units.toml", old, "kind = \"city-department\"\nfrom = 2019-08-13", "name the document of consent");
    within("units.toml", old, &old.replace("SY2020", "SY2099"), "no source is called `SY2099`");
}

#[test]
fn what_a_later_version_will_read_is_refused_as_not_yet_supported() {
    for section in ["privacy", "reward", "knowledge", "exchange", "measure", "outside", "automation", "telephony"] {
        let found = fault("kinds.toml", PRAISE, &format!("[[{section}]]\nname = \"x\"\n\n{PRAISE}"));
        assert!(found.message.contains("not yet supported"), "{found}");
    }
}

#[test]
fn a_unit_does_not_follow_itself() {
    let found = faults(&edited(
        "units.toml",
        "code = \"customs\"\n",
        "code = \"customs\"\nsuccessor = \"entry-exit-quarantine\"\n",
    ));
    assert!(found.iter().any(|f| f.message.contains("follows itself")), "{found:#?}");
}

/// Ten thousand rules, and a text of ten megabytes with a fault in each entry: answered, and not with a million faults.
/// `HUIYIN_TEST_ALL=1` takes the large ones, which take their time without optimisation.
#[test]
fn a_broken_pack_of_any_size_is_answered_in_bounds() {
    let whole = texts();
    let clocks = &whole.iter().find(|(name, _)| name == "clocks.toml").expect("a file").1;
    let start = clocks.find("[[clock]]\nrule = \"SY-62-b\"\nname = \"close\"").expect("the rule");
    let rule = &clocks[start..start + clocks[start + 9..].find("[[clock]]").expect("the next") + 9];
    // In several files, each as large as a file may be.
    let many = |count: usize| -> Vec<String> {
        let each = |from: usize| (from..count.min(from + 2_000)).map(|n| rule.replace("SY-62-b", &format!("R{n}")));
        (0..count).step_by(2_000).map(|from| each(from).collect()).collect()
    };
    let with = |added: Vec<String>| {
        let mut texts = whole.clone();
        texts.extend(added.into_iter().enumerate().map(|(n, text)| (format!("zz{n}.toml"), text)));
        faults(&texts)
    };
    let tell = "[[tell]]\non = \"nothing\"\nwhat = \"nothing\"\ncite = { source = \"none\", article = \"\" }\n";
    let few = with(vec![tell.repeat(400)]);
    assert!(few.len() == 1_001 && few[1_000].message.contains("more faults"), "{} faults", few.len());
    if !all() {
        return;
    }
    assert!(with(many(10_001)).iter().any(|f| f.message.contains("more than 10000 clock rules")));
    let nowhere = many(8_000).into_iter().map(|text| text.replace("start = \"dispatched\"", "start = \"nowhere\""));
    let wrong = with(nowhere.collect());
    assert!(wrong.len() == 1_001 && wrong[1_000].message.contains("more faults"), "{} faults", wrong.len());
    let large = with(vec![tell.repeat(30_000); 4]);
    assert!(large.len() <= 1_001, "{} faults", large.len());
    let entries = with(vec![format!("area = [{}]", "{ code = \"1\", name = \"x\" },".repeat(50_000)); 5]);
    assert!(entries.iter().any(|f| f.message.contains("more than 200000 entries")) && entries.len() <= 1_001);
}

/// Whether the long sets are run whole.
fn all() -> bool {
    std::env::var("HUIYIN_TEST_ALL").is_ok_and(|value| value == "1")
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig {
        cases: if all() { 20_000 } else { 40 },
        failure_persistence: None,
        rng_seed: proptest::test_runner::RngSeed::Fixed(4),
        ..Default::default()
    })]

    /// Bytes of the pack put out, put in or exchanged anywhere: faults or a pack, never a panic.
    #[test]
    fn no_mutation_of_the_pack_panics(edits in proptest::collection::vec((proptest::prelude::any::<(usize, usize, u8, u8)>(), 0_usize..40), 1..6)) {
        let mut texts = texts();
        for ((file, place, how, byte), length) in edits {
            let file = file % texts.len();
            let (_, text) = &mut texts[file];
            let mut bytes = std::mem::take(text).into_bytes();
            if bytes.is_empty() {
                continue;
            }
            let at = place % bytes.len();
            let end = (at + length).min(bytes.len());
            match how % 5 {
                0 => bytes[at] = byte,
                1 => drop(bytes.drain(at..end)),
                2 => bytes.insert(at, byte),
                3 => {
                    let piece = bytes[at..end].to_vec();
                    let to = (place / 7) % bytes.len();
                    bytes.splice(to..to, piece);
                }
                _ => {
                    let number = b"99999999999999999999";
                    bytes.splice(at..at, number[..length % number.len()].iter().copied());
                }
            }
            *text = String::from_utf8_lossy(&bytes).into_owned();
        }
        for fault in faults(&texts) {
            proptest::prop_assert!(fault.line >= 1 && fault.column >= 1 && !fault.message.is_empty());
        }
    }
}
