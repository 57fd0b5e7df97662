//! What some commands ask, whichever page they stand on.

use huiyin_app::App;
use huiyin_core::policy::Pack;

use super::{
    field::{Choice, Field},
    show, words,
};

/// The reasons of a group, each with its rule.
pub fn cited_reasons(pack: &Pack, group: &str) -> Vec<Choice> {
    pack.reasons(group)
        .map(|reason| {
            let label = pack.in_language(&reason.label, "zh").unwrap_or(&reason.code);
            Choice::new(&reason.code, format!("{label}（{}）", show::cite(pack, &pack.basis(&reason.cite))))
        })
        .collect()
}

/// Units an extension is asked in.
pub fn span_units() -> Vec<Choice> {
    ["workday", "day", "hour"].iter().map(|code| Choice::new(*code, words::span_unit(code))).collect()
}

/// What the claimant is asked when called back.
pub fn answers() -> Vec<Field> {
    let scale = [("5", "非常满意"), ("4", "满意"), ("3", "基本满意"), ("2", "不满意"), ("1", "非常不满意")];
    let yes_no = |yes: &str, no: &str| vec![Choice::new("true", yes), Choice::new("false", no)];
    vec![
        Field::seg("answers.contacted", "承办单位是否联系过您", yes_no("是", "否")).required(),
        Field::seg("answers.solved", "问题是否解决", yes_no("已解决", "未解决")).required(),
        Field::seg("answers.satisfied", "对办理是否满意", scale.map(|(code, label)| Choice::new(code, label)).to_vec())
            .required(),
        Field::area("answers.said", "诉求人原话与备注"),
    ]
}

/// What registering asks, whichever page it stands on.
pub fn registration(app: &App) -> Vec<Field> {
    let pack = &app.pack;
    let items = pack
        .items()
        .iter()
        .map(|item| Choice::new(&item.code, pack.in_language(&item.label, "zh").unwrap_or(&item.code)));
    vec![
        Field::seg("kind", "诉求类型", show::kinds(pack)).required(),
        Field::seg("urgency", "紧急程度", show::urgencies()).value("normal"),
        Field::select("subject", "事项", show::subjects(pack)).hint("决定时限，并建议承办单位"),
        Field::list("item", "受理范围", items.collect()).half(),
        Field::select("area", "区域", show::areas(pack)).half(),
        Field::line("place", "地点"),
        Field::of_unit("target", "被反映单位").hint("不由它承办").half(),
        Field::check("secret", "诉求人要求保密").half(),
    ]
}
