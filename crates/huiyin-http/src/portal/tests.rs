//! Every page of the public with sample data, in every language and size of letters.

use askama::Template;
use huiyin_app::portal::{
    draft::{Draft, DraftFile},
    rate::{Follows, Over, Rating},
    track::Tracked,
};

use super::{
    Language, Look, Shell, TroublePage, Wrong, base,
    pages::{HomePage, StatementPage},
    phone::{CodePage, MinePage},
    rate::RatePage,
    steps::{CheckPage, ContactPage, DonePage, MatterPage, SimilarPage},
    track::{AskPage, StepView, TrackPage},
};
use crate::ui::form::Form;

/// Text that would break a page: markup, a word without end, right to left, without width.
const HOSTILE: &str = "<script>alert(1)</script>\"'&\u{202e}\u{200b}";

fn draft() -> Draft {
    Draft {
        kind: "complaint".into(),
        what: format!("{HOSTILE}{}", "长".repeat(500)),
        place: HOSTILE.into(),
        files: vec![DraftFile { id: "f".into(), name: format!("{HOSTILE}.jpg") }],
        name: HOSTILE.into(),
        phone: "13800000000".into(),
        email: "a@b.example".into(),
        follow: Some("x".into()),
        ..Draft::default()
    }
}

/// Every page of a language, by name.
fn pages(l: Language, look: Look) -> Vec<(&'static str, String)> {
    let s = |title: &str, form: bool| Shell {
        language: l,
        title: title.into(),
        city: "12345".into(),
        rest: "/new/1".into(),
        back: base(l).into(),
        home: false,
        form,
        look,
    };
    let wrong = |field| vec![Wrong { field, words: l.t("choose") }];
    let order = Tracked {
        no: "20261123-0482".into(),
        state: "with-unit".into(),
        over: false,
        kind: Some("complaint".into()),
        claimed_kind: Some("help".into()),
        title: HOSTILE.into(),
        unit: "市水务局".into(),
        until: None,
        steps: Vec::new(),
        answer: HOSTILE.into(),
        merged: true,
        open: true,
        may_withdraw: true,
        withdraw_asked: true,
        may_rate: true,
    };
    let track = TrackPage {
        s: s("t", false),
        state: l.code_of("state", "with-unit"),
        kind: l.code_of("kind", "complaint"),
        who: Some((l.put("has-it", "unit", ""), String::new())),
        until: l.put("until-answer", "until", "17:30"),
        level: "soon",
        gone: 80,
        rule: l.put("basis", "basis", "三府办"),
        steps: vec![StepView {
            words: l.code_of("step", "sent"),
            unit: "市水务局".into(),
            at: "17:30".into(),
            now: true,
        }],
        said: Some(l.t("said-added")),
        typed: HOSTILE.into(),
        wrong: wrong("text"),
        key: "k".into(),
        order,
    };
    let rated = |rating: Rating, wrong: Vec<Wrong>| RatePage {
        s: s("r", false),
        rating,
        action: "/rate/t".into(),
        typed: Form(vec![("said".into(), HOSTILE.into()), ("solved".into(), "no".into())]),
        wrong,
        days: 7,
    };
    let no = || "20261123-0482".to_owned();
    let open = Rating::Open { no: no(), title: HOSTILE.into(), unit: "市水务局".into(), answer: HOSTILE.into() };
    let text = |page: &dyn Fn() -> askama::Result<String>| page().expect("it renders");
    let matter = |draft: Draft, wrong: Vec<Wrong>| MatterPage {
        s: s("m", true),
        kinds: vec![("complaint".into(), l.code_of("kind", "complaint"), true)],
        draft,
        wrong,
        room: 8,
        kept: true,
        lost: true,
        key: "k".into(),
    };
    let contact =
        ContactPage { s: s("c", true), draft: draft(), secret: true, secret_kind: true, wrong: wrong("phone") };
    let check = CheckPage {
        s: s("k", true),
        draft: draft(),
        phone: "138 **** 0000".into(),
        secret: true,
        wrong: wrong("agree"),
        limit: l.put("limit-usual", "until", "17:30"),
    };
    let nobody = CheckPage {
        s: s("k", true),
        draft: Draft { anonymous: true, ..draft() },
        phone: String::new(),
        secret: false,
        wrong: Vec::new(),
        limit: String::new(),
    };
    let done = DonePage {
        s: s("d", false),
        no: no(),
        code: "739 046".into(),
        typed: "739046".into(),
        next: vec![("check", l.t("next-received"), "17:30".into())],
        rule: l.say("rule", &[("amount", &l.count("within-workday", 5)), ("basis", "三府办")]),
        anonymous: true,
    };
    let similar = SimilarPage {
        s: s("s", false),
        found: vec![("x".into(), "占道经营".into(), "吉阳区".into(), l.t("state-with-unit"))],
    };
    let home = HomePage {
        s: Shell { home: true, ..s("h", false) },
        far: "0898-12345".into(),
        abroad: "+86 898 12345".into(),
        abroad_link: "+8689812345".into(),
    };
    let statement = StatementPage { s: s("p", false), parts: vec![(l.t("privacy-what"), l.t("privacy-what-what"))] };
    let trouble = TroublePage {
        s: s("x", false),
        heading: l.t("trouble-gone"),
        detail: l.t("trouble-gone-what"),
        kept: vec![HOSTILE.into()],
    };
    let ask = AskPage {
        s: s("a", false),
        no: HOSTILE.into(),
        error: Some(l.t("track-wrong")),
        by_phone: true,
        phone_error: Some(l.t("phone-wrong")),
    };
    let code = |error: Option<String>| CodePage { s: s("c", false), phone: HOSTILE.into(), minutes: 10, error };
    let mine = |found| MinePage { s: s("o", false), found };
    let one = vec![("20261123-0482".into(), HOSTILE.into(), l.t("state-with-unit"), "17:30".into())];
    vec![
        ("home", text(&|| home.render())),
        ("statement", text(&|| statement.render())),
        ("trouble", text(&|| trouble.render())),
        ("matter", text(&|| matter(draft(), wrong("what")).render())),
        ("matter empty", text(&|| matter(Draft::default(), Vec::new()).render())),
        ("similar", text(&|| similar.render())),
        ("contact", text(&|| contact.render())),
        ("check", text(&|| check.render())),
        ("check anonymous", text(&|| nobody.render())),
        ("done", text(&|| done.render())),
        ("ask", text(&|| ask.render())),
        ("code", text(&|| code(None).render())),
        ("code wrong", text(&|| code(Some(l.t("phone-code-wrong"))).render())),
        ("mine", text(&|| mine(one.clone()).render())),
        ("mine empty", text(&|| mine(Vec::new()).render())),
        ("track", text(&|| track.render())),
        ("rate", text(&|| rated(open.clone(), wrong("solved")).render())),
        ("rated", text(&|| rated(Rating::Done { no: no(), follows: Follows::Nothing }, Vec::new()).render())),
        ("rated, to check", text(&|| rated(Rating::Done { no: no(), follows: Follows::Check }, Vec::new()).render())),
        (
            "rated, to reopen",
            text(&|| rated(Rating::Done { no: no(), follows: Follows::Reopening }, Vec::new()).render()),
        ),
        ("rate over", text(&|| rated(Rating::Over(Over::Expired), Vec::new()).render())),
        ("rate redone", text(&|| rated(Rating::Over(Over::Redone), Vec::new()).render())),
    ]
}

#[test]
fn every_page_is_shown_in_every_language() {
    for l in Language::ALL {
        for look in [Look::Normal, Look::Elder, Look::Largest] {
            for (name, text) in pages(*l, look) {
                let name = format!("{} {name}", l.code());
                assert!(text.starts_with(&format!("<!doctype html>\n<html lang=\"{}\"", l.tag())), "{name}");
                assert_eq!(text.matches("<h1").count(), 1, "{name}: one heading");
                assert_eq!(text.contains("data-mode=\"elder\""), look != Look::Normal, "{name}");
                assert!(!text.contains("<script>alert"), "{name}: what is typed stays text");
                assert!(!text.contains("style=\""), "{name}: the content policy forbids styles in a page");
                for link in text.split("href=\"/").skip(1).map(|rest| rest.split('"').next().unwrap_or_default()) {
                    let own = Language::ALL.iter().any(|l| format!("/{link}").starts_with(base(*l)));
                    assert!(own || link.starts_with("static/"), "{name}: a link to `/{link}`");
                }
            }
        }
    }
}

#[test]
fn what_is_typed_is_kept_without_what_breaks_a_page() {
    assert_eq!(super::clean(" a\r\nb\u{0}\u{7}c\t "), "a\nbc");
}
