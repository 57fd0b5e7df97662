//! What some commands ask, whichever page they stand on.

use huiyin_app::App;
use huiyin_core::policy::Pack;

use super::{
    field::{Choice, Field},
    show, words,
};
use crate::catalogue::Language;

/// The reasons of a group, each with its rule.
pub fn cited_reasons(pack: &Pack, group: &str) -> Vec<Choice> {
    pack.reasons(group)
        .map(|reason| {
            let label = pack.in_language(&reason.label, Language::here().code()).unwrap_or(&reason.code);
            Choice::new(&reason.code, t!("field-cited", label, cite = show::cite(pack, &pack.basis(&reason.cite))))
        })
        .collect()
}

/// Units an extension is asked in.
pub fn span_units() -> Vec<Choice> {
    ["workday", "day", "hour"].iter().map(|code| Choice::new(*code, words::span_unit(code))).collect()
}

/// What the claimant is asked when called back.
pub fn answers() -> Vec<Field> {
    let scale = [
        ("5", t!("satisfied-5")),
        ("4", t!("satisfied-4")),
        ("3", t!("satisfied-3")),
        ("2", t!("satisfied-2")),
        ("1", t!("satisfied-1")),
    ];
    let yes_no = |yes: &str, no: &str| vec![Choice::new("true", yes), Choice::new("false", no)];
    vec![
        Field::seg("answers.contacted", t!("answers-contacted-ask"), yes_no(t!("word-yes"), t!("word-no"))).required(),
        Field::seg("answers.solved", t!("answers-solved-ask"), yes_no(t!("word-solved"), t!("word-not-solved")))
            .required(),
        Field::seg(
            "answers.satisfied",
            t!("answers-satisfied-ask"),
            scale.map(|(code, label)| Choice::new(code, label)).to_vec(),
        )
        .required(),
        Field::area("answers.said", t!("answers-said-ask")),
    ]
}

/// Whether units learn who raised it; where nothing is chosen the kind decides.
pub fn secrecy(app: &App) -> Field {
    let (pack, today, language) = (&app.pack, app.zone().day(app.now()), Language::here().code());
    let apart = pack.kinds().iter().filter(|kind| pack.lists("secret.kinds_default", today, &kind.code));
    let apart: Vec<&str> = apart.filter_map(|kind| pack.in_language(&kind.label, language)).collect();
    let choices = vec![Choice::new("true", t!("field-secret-yes")), Choice::new("false", t!("field-secret-no"))];
    let field = Field::list("secret", t!("field-secret"), choices);
    match pack.parameter("secret.kinds_default", today) {
        Some((_, basis)) if !apart.is_empty() => {
            let (kinds, cite) = (apart.join(t!("punct-list")), show::cite(pack, &basis));
            field.hint(t!("field-secret-by-kind", kinds, cite))
        }
        _ => field.hint(t!("field-secret-hint")),
    }
}

/// What registering asks, whichever page it stands on.
pub fn registration(app: &App) -> Vec<Field> {
    let pack = &app.pack;
    let items = pack.items().iter().map(|item| {
        Choice::new(&item.code, pack.in_language(&item.label, Language::here().code()).unwrap_or(&item.code))
    });
    vec![
        Field::seg("kind", t!("field-kind"), show::kinds(pack)).required(),
        Field::seg("urgency", t!("field-urgency"), show::urgencies()).value("normal"),
        Field::select("subject", t!("field-subject"), show::subjects(pack)).hint(t!("field-subject-hint")),
        Field::list("item", t!("field-item"), items.collect()).half(),
        Field::select("area", t!("field-area"), show::areas(pack)).half(),
        Field::line("place", t!("field-place")),
        Field::of_unit("target", t!("field-target")).hint(t!("field-target-hint")).half(),
        secrecy(app).half(),
    ]
}
