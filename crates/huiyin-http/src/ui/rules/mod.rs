//! `/admin/rules`: the rules in force with their citations, and the versions that are to follow them.

mod browse;
mod version;

pub use browse::get;
pub use version::{approve, attempt, draft, edit, one, versions, withdraw};

use huiyin_app::{Role, policy::versions::PackVersion};
use huiyin_core::policy::{
    Pack,
    entries::{Entry, Value},
};

use super::{session::Ctx, show};
use crate::catalogue::Language;

/// Who reads the rules as they are written, and writes others.
pub(super) const WHOSE: &[Role] = &[Role::Office, Role::Admin];

/// A section of a pack, in words; one without words is shown by its code.
fn section(code: &str) -> &str {
    match code {
        "pack" => t!("section-pack"),
        "calendar" => t!("section-calendar"),
        "holiday" => t!("section-notice"),
        "business_hours" => t!("word-working-hours"),
        "closure" => t!("section-closure"),
        "source" => t!("section-source"),
        "parameter" => t!("section-parameter"),
        "area" => t!("field-area"),
        "unit_kind" => t!("section-unit-kind"),
        "unit" => t!("section-unit"),
        "kind" => t!("field-kind"),
        "item" => t!("section-item"),
        "subject" => t!("field-subject"),
        "reason" => t!("word-reason"),
        "clock" => t!("word-limits"),
        "no_clock" => t!("section-no-clock"),
        "fact" => t!("section-fact"),
        "closing" => t!("conds-title"),
        "tell" => t!("section-duty"),
        "route" => t!("nav-dispatch"),
        "forbid" => t!("section-forbidden"),
        "lead" => t!("section-lead"),
        "approver" => t!("section-approval"),
        "ladder" => t!("section-ladder"),
        "mode" => t!("section-mode"),
        "text" => t!("section-text"),
        "remove" => t!("section-drop"),
        other => other,
    }
}

/// The same for a field.
fn field(code: &str) -> &str {
    match code {
        "what" => t!("label-what"),
        "from" => t!("label-from"),
        "until" => t!("word-until"),
        "amount" => t!("label-amount"),
        "unit" => t!("word-unit"),
        "value" => t!("rules-value"),
        "start" => t!("label-start"),
        "stop" => t!("label-stop"),
        "when" => t!("label-applies"),
        "label" => t!("label-name"),
        "name" => t!("label-name"),
        "code" => t!("label-code"),
        "rule" => t!("nav-rules"),
        "level" => t!("label-level"),
        "cite" => t!("word-basis"),
        "kind" | "kinds" => t!("word-kind"),
        "lead" => t!("word-lead"),
        "assist" => t!("word-assist"),
        "subjects" => t!("field-subject"),
        "document" => t!("label-document"),
        "number" => t!("label-number"),
        "issuer" => t!("label-issuer"),
        "issued" => t!("label-published"),
        "status" => t!("label-force"),
        "checked" => t!("label-checked"),
        "breach" => t!("label-counts"),
        "warn" => t!("label-warn"),
        "urgency" => t!("field-urgency"),
        "unit_kinds" => t!("section-unit-kind"),
        "sources" => t!("field-channel"),
        "flags" => t!("label-flag"),
        "territory" => t!("label-territory"),
        "parent" => t!("word-above"),
        "precedence" => t!("label-priority"),
        other => other,
    }
}

/// A unit of time in words.
fn measure(code: &str) -> &str {
    match code {
        "minute" => t!("span-minutes"),
        "hour" => t!("span-hours"),
        "day" => t!("span-days"),
        "workday" => t!("span-workdays"),
        "workhour" => t!("span-workhours"),
        "workminute" => t!("span-workminutes"),
        other => other,
    }
}

/// A citation as it is written, with the document's name and number.
fn cite(pack: &Pack, key: &str, article: &str) -> String {
    match pack.source(key) {
        Some(source) if source.number.is_empty() => t!("rules-document", document = source.document, article),
        Some(source) => format!("{} {article}", source.number),
        None => format!("{key} {article}"),
    }
}

/// What an entry is called.
fn title(entry: &Entry) -> String {
    let text = |name: &str| entry.fields.get(name).and_then(Value::as_str).map(str::to_owned);
    let own = |label: &'static str, language: Language| entry.fields.get(label)?.get(language.code())?.as_str();
    let label = own("label", Language::here()).or_else(|| own("label", Language::Zh));
    let said = match entry.section.as_str() {
        "source" => text("document"),
        "route" => text("name"),
        "clock" | "parameter" => text("what"),
        _ => label.map(str::to_owned).or_else(|| text("name")).or_else(|| text("what")),
    };
    said.unwrap_or_else(|| entry.name.clone())
}

/// The state of a version, in words, and its colour.
fn state(ctx: &Ctx, version: &PackVersion) -> (&'static str, &'static str) {
    let today = ctx.site.app.zone().day(ctx.site.app.now());
    match (version.state.as_str(), version.from) {
        ("draft", _) if version.trial.is_none() => (t!("version-draft"), "hold"),
        ("draft", _) => (t!("version-tried"), "hold"),
        ("withdrawn", _) => (t!("said-withdrawn"), "hold"),
        (_, Some(from)) if from > today => (t!("version-approved"), "soon"),
        _ if ctx.site.app.rules.no == Some(version.no) => (t!("word-in-force"), "ok"),
        _ if ctx.site.app.rules.wanted == Some(version.no) => (t!("version-broken"), "over"),
        _ => (t!("version-replaced"), "done"),
    }
}

/// A moment, as lists show it.
fn when(ctx: &Ctx, at: huiyin_core::time::Instant) -> String {
    show::near_moment(&ctx.site.app.pack, ctx.site.app.now(), at)
}
