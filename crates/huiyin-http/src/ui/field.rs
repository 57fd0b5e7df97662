//! Fields of forms, and the forms of commands: described once, drawn one way, filled again with what was typed.

use std::sync::atomic::{AtomicBool, Ordering};

use askama::Template;

use huiyin_app::{
    drafts::Draft,
    files::{KINDS, MAX_SIZE},
};
use huiyin_core::order::MAX_FILES;

use super::{drafts::Note, filters, form::Form, session::Ctx};

/// A choice of a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// What is sent.
    pub value: String,
    /// What is read.
    pub label: String,
}

impl Choice {
    /// A choice.
    pub fn new(value: impl Into<String>, label: impl Into<String>) -> Self {
        Self { value: value.into(), label: label.into() }
    }
}

/// Choices under a heading; an empty heading has none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// The heading.
    pub label: String,
    /// The choices.
    pub choices: Vec<Choice>,
}

/// How a field is filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shape {
    /// One line; the type of the input.
    Line(&'static str),
    /// Several lines.
    Area(u8),
    /// One of a list.
    Select(Vec<Group>),
    /// One of a few.
    Seg(Vec<Choice>),
    /// Yes, or nothing.
    Check,
    /// A unit, typed or picked from the page's list.
    Unit,
    /// A number of units of time.
    Span(Vec<Choice>),
    /// Files; those that are stored already, from a form that was not carried out: id and name.
    Files(Vec<Choice>),
}

/// A field.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "part/field.html")]
pub struct Field {
    /// Its name in the form.
    pub name: String,
    /// Its id on the page.
    pub id: String,
    /// Its label.
    pub label: String,
    /// What helps to fill it in.
    pub hint: Option<String>,
    /// The rule behind it.
    pub cite: Option<String>,
    /// How it is filled in.
    pub shape: Shape,
    /// Whether it must be.
    pub required: bool,
    /// What stands in it.
    pub value: String,
    /// The unit of a span.
    pub unit: String,
    /// What is wrong with it.
    pub error: Option<String>,
    /// Only where this field has one of these values: name, values.
    pub when: Option<(String, String)>,
    /// Half a row wide.
    pub half: bool,
}

impl Field {
    fn new(name: &str, label: &str, shape: Shape) -> Self {
        Self {
            name: name.into(),
            id: String::new(),
            label: label.into(),
            hint: None,
            cite: None,
            shape,
            required: false,
            value: String::new(),
            unit: String::new(),
            error: None,
            when: None,
            half: false,
        }
    }

    /// A line of text.
    pub fn line(name: &str, label: &str) -> Self {
        Self::new(name, label, Shape::Line("text"))
    }

    /// A line of a kind: `tel`, `date`, `datetime-local`, `number`.
    pub fn typed(name: &str, label: &str, kind: &'static str) -> Self {
        Self::new(name, label, Shape::Line(kind))
    }

    /// Several lines.
    pub fn area(name: &str, label: &str) -> Self {
        Self::new(name, label, Shape::Area(3))
    }

    /// One of a list.
    pub fn select(name: &str, label: &str, groups: Vec<Group>) -> Self {
        Self::new(name, label, Shape::Select(groups))
    }

    /// One of a plain list.
    pub fn list(name: &str, label: &str, choices: Vec<Choice>) -> Self {
        Self::select(name, label, vec![Group { label: String::new(), choices }])
    }

    /// One of a few.
    pub fn seg(name: &str, label: &str, choices: Vec<Choice>) -> Self {
        Self::new(name, label, Shape::Seg(choices))
    }

    /// Yes or no, yes standing.
    pub fn yes_no(name: &str, label: &str, yes: &str, no: &str) -> Self {
        Self::seg(name, label, vec![Choice::new("true", yes), Choice::new("false", no)]).value("true")
    }

    /// Yes, or nothing.
    pub fn check(name: &str, label: &str) -> Self {
        Self::new(name, label, Shape::Check)
    }

    /// A unit.
    pub fn of_unit(name: &str, label: &str) -> Self {
        Self::new(name, label, Shape::Unit)
    }

    /// Files given as evidence.
    pub fn files() -> Self {
        let kinds: Vec<&str> = KINDS.iter().map(|kind| kind.ending).collect();
        let hint = t!("files-limits", kinds = kinds.join(" "), n = MAX_FILES, size = MAX_SIZE >> 20);
        Self::new("files", t!("field-files"), Shape::Files(Vec::new())).hint(hint)
    }

    /// Endings of the files that are taken, as an input of a page names them.
    fn accept() -> String {
        let endings: Vec<String> = KINDS.iter().map(|kind| format!(".{}", kind.ending)).collect();
        format!("{},.jpeg,.heif", endings.join(","))
    }

    /// An amount of time.
    pub fn span(label: &str, choices: Vec<Choice>) -> Self {
        Self::new("span.amount", label, Shape::Span(choices)).value("1")
    }

    /// That it must be filled in.
    #[must_use]
    pub fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// What helps.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The rule behind it.
    #[must_use]
    pub fn cite(mut self, cite: impl Into<String>) -> Self {
        self.cite = Some(cite.into());
        self
    }

    /// What stands in it first.
    #[must_use]
    pub fn value(mut self, value: impl Into<String>) -> Self {
        self.value = value.into();
        self
    }

    /// Only where another field has one of these values.
    #[must_use]
    pub fn when(mut self, name: &str, values: &[&str]) -> Self {
        self.when = Some((name.into(), values.join(" ")));
        self
    }

    /// Half a row wide.
    #[must_use]
    pub fn half(mut self) -> Self {
        self.half = true;
        self
    }

    /// Whether the list is so long that it wants a filter.
    fn is_long(&self) -> bool {
        matches!(&self.shape, Shape::Select(groups) if groups.iter().map(|group| group.choices.len()).sum::<usize>() > 20)
    }

    /// Keeps the files that came with a form that was not carried out.
    pub fn keep_files(&mut self, typed: &Form) {
        if let Shape::Files(kept) = &mut self.shape {
            let name = |id: &str| typed.get(&format!("_file_{id}")).unwrap_or(id).to_owned();
            *kept = typed.all("files").map(|id| Choice::new(id, name(id))).collect();
        }
    }

    /// Takes what was typed in the `nth` field of this name.
    fn fill(&mut self, typed: &Form, nth: usize) {
        self.keep_files(typed);
        if matches!(self.shape, Shape::Check) {
            self.value = typed.get(&self.name).unwrap_or_default().into();
        } else if let Some((_, value)) = typed.0.iter().filter(|(name, _)| *name == self.name).nth(nth) {
            self.value.clone_from(value);
        }
        if let (Shape::Span(_), Some(unit)) = (&self.shape, typed.get("span.unit")) {
            self.unit = unit.into();
        }
    }
}

/// Why a form was not carried out.
#[derive(Debug, Clone, PartialEq, Eq, Default, Template)]
#[template(path = "part/problem.html")]
pub struct Problem {
    /// In a few words.
    pub title: String,
    /// The code, for the help desk.
    pub code: String,
    /// The field, where it is one.
    pub field: Option<String>,
    /// The rules it rests on, written out.
    pub basis: Vec<String>,
    /// What would be accepted.
    pub instead: Vec<String>,
    /// Anchor of the form it is about.
    pub anchor: Option<String>,
    /// What was typed, where no form on the page takes it: label and text.
    pub kept: Vec<(String, String)>,
}

/// A form that was sent and not carried out.
#[derive(Debug)]
pub struct Tried {
    /// Number of the order.
    pub no: String,
    /// The command.
    pub command: String,
    /// All that was typed.
    pub typed: Form,
    /// Why not.
    pub problem: Problem,
    /// Whether a form on the page has taken it.
    taken: AtomicBool,
}

impl Tried {
    /// A form and why it was not carried out.
    pub fn new(no: &str, command: &str, typed: Form, problem: Problem) -> Self {
        Self { no: no.into(), command: command.into(), typed, problem, taken: AtomicBool::new(false) }
    }

    /// What to say on top of the page; with all that was typed where no form has it.
    pub fn summary(&self) -> Problem {
        let mut problem = self.problem.clone();
        if self.taken.load(Ordering::Relaxed) {
            problem.anchor = Some(anchor(&self.no, &self.command, &self.typed));
        } else {
            problem.kept = self.typed.written();
        }
        problem
    }
}

fn anchor(no: &str, command: &str, typed: &Form) -> String {
    let part = ["task", "request", "duty"].iter().find_map(|name| typed.get(name)).unwrap_or_default();
    format!("act-{command}-{no}-{part}").trim_end_matches('-').to_owned()
}

/// What the forms of a page have in common.
#[derive(Debug, Clone)]
pub struct Common {
    /// The form token.
    pub csrf: String,
    /// The page the form stands on.
    pub next: String,
}

/// The form of a command.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "part/act.html")]
pub struct Act {
    /// Its anchor.
    pub id: String,
    /// Where it is sent.
    pub action: String,
    /// The command.
    pub command: String,
    /// What it is called.
    pub title: String,
    /// What its button says.
    pub button: String,
    /// The icon.
    pub icon: &'static str,
    /// The look of its button: `btn--primary`, `btn--warnline`, or none.
    pub tone: &'static str,
    /// What it leads to, where that cannot be undone or is not plain.
    pub note: Option<String>,
    /// Its fields.
    pub fields: Vec<Field>,
    /// What it names without asking.
    pub hidden: Vec<(String, String)>,
    /// The form token.
    pub csrf: String,
    /// Where to go on.
    pub next: String,
    /// The same form sent twice is carried out once.
    pub key: String,
    /// The version the person has seen.
    pub version: u64,
    /// Whether it stands open.
    pub open: bool,
    /// Why it was not carried out.
    pub problem: Option<Problem>,
    /// Whether the page draws it without a fold.
    pub flat: bool,
    /// Its draft, where it has text to be kept.
    pub draft: Option<Note>,
    /// What one has written in the same form elsewhere: when, and label and text of each field that differs.
    pub beside: Vec<(String, Vec<(String, String)>)>,
}

impl Act {
    /// Whether it takes files, so that it is sent in parts.
    fn takes_files(&self) -> bool {
        self.fields.iter().any(|field| matches!(field.shape, Shape::Files(_)))
    }

    /// The form of a command on an order.
    pub fn new(command: &str, no: &str, version: u64, key: String, common: &Common) -> Self {
        let title = super::words::command(command).to_owned();
        Self {
            id: format!("act-{command}-{no}"),
            action: format!("/orders/{no}/do/{command}"),
            command: command.into(),
            button: title.clone(),
            title,
            icon: "chevron-down",
            tone: "",
            note: None,
            fields: Vec::new(),
            hidden: Vec::new(),
            csrf: common.csrf.clone(),
            next: common.next.clone(),
            key,
            version,
            open: false,
            problem: None,
            flat: false,
            draft: None,
            beside: Vec::new(),
        }
    }

    /// With these fields.
    #[must_use]
    pub fn fields(mut self, fields: Vec<Field>) -> Self {
        self.fields = fields;
        self
    }

    /// About this task, request or duty.
    #[must_use]
    pub fn about(mut self, name: &str, number: u32) -> Self {
        self.hidden.push((name.into(), number.to_string()));
        self.id = format!("{}-{number}", self.id);
        self
    }

    /// With this on its button.
    #[must_use]
    pub fn button(mut self, words: &str, tone: &'static str) -> Self {
        self.button = words.into();
        self.tone = tone;
        self
    }

    /// Saying what it leads to.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.note = Some(note.into());
        self
    }

    /// With this title and icon.
    #[must_use]
    pub fn titled(mut self, title: &str, icon: &'static str) -> Self {
        self.title = title.into();
        self.icon = icon;
        self
    }

    /// Drawn without a fold.
    #[must_use]
    pub fn flat(mut self) -> Self {
        self.flat = true;
        self
    }

    /// Gives the fields their ids, and what was typed when it was this form that was not carried out.
    #[must_use]
    pub fn ready(mut self, tried: Option<&Tried>) -> Self {
        for (at, field) in self.fields.iter_mut().enumerate() {
            field.id = format!("{}-{}-{at}", self.id, field.name.replace('.', "-"));
        }
        let Some(tried) = tried else { return self };
        let about = self.hidden.iter().all(|(name, value)| tried.typed.get(name) == Some(value));
        if tried.command != self.command || !self.action.contains(&format!("/{}/", tried.no)) || !about {
            return self;
        }
        for at in 0..self.fields.len() {
            let (before, rest) = self.fields.split_at_mut(at);
            let field = &mut rest[0];
            field.fill(&tried.typed, before.iter().filter(|other| other.name == field.name).count());
            if tried.problem.field.as_deref() == Some(&field.name) {
                field.error = Some(tried.problem.title.clone());
            }
        }
        tried.taken.store(true, Ordering::Relaxed);
        self.problem = Some(tried.problem.clone());
        self.open = true;
        self
    }

    /// Brings back what the person had begun to write, and shows what they wrote elsewhere beside it.
    #[must_use]
    pub fn drafted(mut self, ctx: &Ctx, no: &str, drafts: &[Draft]) -> Self {
        if !self.fields.iter().any(|field| matches!(field.shape, Shape::Area(_) | Shape::Line("text"))) {
            return self;
        }
        let id = self.id.trim_start_matches("act-").to_owned();
        let own: Vec<&Draft> = drafts.iter().filter(|draft| draft.id.split('~').next() == Some(&id)).collect();
        let Some(first) = own.iter().find(|draft| draft.id == id).or(own.first()) else {
            self.draft = Some(Note::fresh(&self.command, no, id));
            return self;
        };
        self.draft = Some(Note::of(ctx, first));
        if self.problem.is_none() {
            let typed = Form(first.fields.clone());
            for at in 0..self.fields.len() {
                let (before, rest) = self.fields.split_at_mut(at);
                let field = &mut rest[0];
                if matches!(field.shape, Shape::Check) || typed.has(&field.name) {
                    field.fill(&typed, before.iter().filter(|other| other.name == field.name).count());
                }
            }
            self.open = true;
        }
        for other in own.iter().filter(|other| other.id != first.id) {
            let differ = other.fields.iter().filter(|(name, value)| first.get(name) != Some(value));
            let label = |name: &str| self.field(name).map_or_else(|| name.to_owned(), |field| field.label.clone());
            let texts: Vec<(String, String)> = differ.map(|(name, value)| (label(name), value.clone())).collect();
            if !texts.is_empty() {
                self.beside.push((Note::of(ctx, other).saved, texts));
            }
        }
        self
    }

    /// Whether it asks nothing: its button alone does it.
    pub fn is_oneshot(&self) -> bool {
        self.fields.is_empty() && self.note.is_none()
    }

    /// A field by its name.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name)
    }
}

#[cfg(test)]
mod tests {
    use askama::Template;

    use super::{Act, Choice, Common, Field, Problem, Tried};
    use crate::ui::form::Form;

    fn act() -> Act {
        let common = Common { csrf: "token".into(), next: "/queue".into() };
        Act::new("return", "20261123-0051", 7, "key-1".into(), &common).about("task", 2).fields(vec![
            Field::list("reason", "理由", vec![Choice::new("a", "甲"), Choice::new("b", "乙")]).required(),
            Field::area("basis", "依据").required(),
            Field::of_unit("suggestion", "建议单位"),
            Field::yes_no("reached", "是否接通", "是", "否"),
            Field::span("时长", vec![Choice::new("hour", "小时")]),
            Field::check("secret", "保密"),
        ])
    }

    #[test]
    fn a_form_names_all_it_needs() {
        let text = act().ready(None).render().expect("it renders");
        for part in [
            "/orders/20261123-0051/do/return",
            "name=\"_csrf\" value=\"token\"",
            "name=\"_key\" value=\"key-1\"",
            "name=\"task\" value=\"2\"",
            "name=\"_next\" value=\"/queue\"",
            "name=\"_version\" value=\"7\"",
        ] {
            assert!(text.contains(part), "`{part}` in {text}");
        }
    }

    #[test]
    fn what_was_typed_is_kept() {
        let typed = Form::parse(
            "task=2&reason=b&basis=%3Cb%3Ex%3C%2Fb%3E&suggestion=water&reached=false&span.amount=3&secret=on"
                .as_bytes(),
        );
        let problem = Problem { title: "退单时限已过".into(), field: Some("basis".into()), ..Problem::default() };
        let tried = Tried::new("20261123-0051", "return", typed, problem);
        let text = act().ready(Some(&tried)).render().expect("it renders");
        assert!(text.contains("<option value=\"b\" selected>"), "{text}");
        assert!(text.contains("&#60;b&#62;x") && !text.contains("<b>x"), "typed text is escaped: {text}");
        assert!(
            text.contains("value=\"water\"")
                && text.contains("value=\"false\" checked")
                && text.contains("value=\"3\""),
            "{text}"
        );
        assert!(tried.summary().anchor.is_some());
    }

    #[test]
    fn what_no_form_takes_is_shown_all_the_same() {
        let typed = Form(vec![("basis".into(), "很长的一段依据".into()), ("_csrf".into(), "token".into())]);
        let tried = Tried::new("20261123-0052", "return", typed, Problem::default());
        let _ = act().ready(Some(&tried));
        assert_eq!(tried.summary().kept, [("职责或法律依据".to_owned(), "很长的一段依据".to_owned())]);
    }
}
