//! The forms of an order's commands: which there are for this person now, and what each asks.

use huiyin_app::{
    App,
    drafts::{self, Draft},
    orders::view::{OrderView, task_fits},
    permission,
};
use huiyin_core::{
    id::ClaimantId,
    order::{
        Ask, Clock, Decision, Request, Task,
        table::{self, Holds, Row},
    },
    policy::Pack,
    time::Day,
};

use super::{
    asks,
    error::Fault,
    facts,
    field::{Act, Choice, Common, Field, Tried},
    people::{self, Lacking},
    session::Ctx,
    show, suggest, words,
};

/// What the forms of a page are made with.
pub struct Maker<'a> {
    /// The application.
    pub app: &'a App,
    /// Who asks.
    pub ctx: &'a Ctx,
    /// The order.
    pub view: &'a OrderView,
    /// What the forms have in common.
    pub common: Common,
    /// A form that was not carried out.
    pub tried: Option<&'a Tried>,
    /// What the person has begun to write on the order; none on a page that keeps no drafts.
    pub drafts: Option<Vec<Draft>>,
    /// Units that are not ready, where one is chosen.
    pub lacking: Vec<Lacking>,
    /// Sets the keys of this page's forms apart from those of every other page.
    page: String,
}

impl<'a> Maker<'a> {
    /// Makes forms that go on to `next`.
    pub fn new(ctx: &'a Ctx, view: &'a OrderView, next: &str, tried: Option<&'a Tried>) -> Self {
        let common = Common { csrf: ctx.csrf().to_owned(), next: next.to_owned() };
        Self {
            app: &ctx.site.app,
            ctx,
            view,
            common,
            tried,
            drafts: None,
            lacking: Vec::new(),
            page: ctx.site.app.id(),
        }
    }

    /// With what the person has begun to write on the order.
    ///
    /// # Errors
    /// [`Fault`].
    pub async fn with_drafts(mut self) -> Result<Self, Fault> {
        let found = drafts::list(&self.ctx.site.app, &self.ctx.actor, Some(&self.view.order.no)).await?;
        self.drafts = Some(found);
        Ok(self)
    }

    /// With the units that are not ready, where this person may choose one.
    ///
    /// # Errors
    /// [`Fault`].
    pub async fn with_lacking(mut self) -> Result<Self, Fault> {
        if self.view.may.contains(&"dispatch") {
            self.lacking = people::lacking(self.ctx).await?;
        }
        Ok(self)
    }

    /// What a form of this page was brought back from, where it was.
    pub fn begun(&self, act: &Act) -> Option<&Draft> {
        let note = act.draft.as_ref().filter(|note| !note.saved.is_empty() && act.problem.is_none())?;
        self.drafts.iter().flatten().find(|draft| draft.id == note.id)
    }

    fn ready(&self, act: Act) -> Act {
        let act = act.ready(self.tried);
        match &self.drafts {
            Some(drafts) => act.drafted(self.ctx, &self.view.order.no, drafts),
            None => act,
        }
    }

    fn pack(&self) -> &Pack {
        &self.app.pack
    }

    fn day(&self) -> Day {
        self.view.order.pinned.unwrap_or_else(|| self.app.zone().day(self.app.now()))
    }

    fn bare(&self, command: &str, about: Option<u32>) -> Act {
        let order = &self.view.order;
        let key = format!("{}:{command}:{}", self.page, about.unwrap_or(0));
        Act::new(command, &order.no, order.seq, key, &self.common)
    }

    /// The form of a command on the whole order.
    pub fn whole(&self, command: &str) -> Act {
        self.ready(self.dressed(self.bare(command, None), None, None))
    }

    /// The same, drawn without a fold.
    pub fn flat(&self, command: &str) -> Act {
        self.ready(self.dressed(self.bare(command, None), None, None).flat())
    }

    /// The form of a command on a task.
    pub fn on_task(&self, command: &str, task: &Task) -> Act {
        let act = self.bare(command, Some(task.no.0)).about("task", task.no.0);
        self.ready(self.dressed(act, Some(task), None))
    }

    /// The form of a command on a request.
    pub fn on_request(&self, command: &str, request: &Request) -> Act {
        let act = self.bare(command, Some(request.no.0)).about("request", request.no.0);
        self.ready(self.dressed(act, self.view.order.task(request.task), Some(request)))
    }

    /// Tasks a command may be given on by this person.
    pub fn tasks_for(&self, command: &str) -> Vec<&'a Task> {
        let order = &self.view.order;
        let Some(row) = table::named(command) else { return Vec::new() };
        order
            .tasks
            .iter()
            .filter(|task| task_fits(row, task, order))
            .filter(|task| {
                permission::commander(&self.ctx.actor, command, order, Some(task), None, &self.ctx.org).is_ok()
            })
            .collect()
    }

    /// Requests that wait and that this person may give a command on.
    pub fn requests_for(&self, command: &str) -> Vec<&'a Request> {
        let order = &self.view.order;
        order
            .pending()
            .filter(|request| command != "rule" || is_return_of_case(self.view, request))
            .filter(|request| {
                let task = order.task(request.task);
                permission::commander(&self.ctx.actor, command, order, task, Some(request), &self.ctx.org).is_ok()
            })
            .collect()
    }

    /// All forms of the order's page: first those that take it on its way.
    pub fn all(&self) -> (Vec<Act>, Vec<Act>) {
        let (mut main, mut more) = (Vec::new(), Vec::new());
        let mut names: Vec<&str> = self.view.may.clone();
        names.sort_by_key(|name| MAIN.iter().position(|main| main == name).unwrap_or(MAIN.len()));
        for name in names {
            let row = table::named(name);
            let of_task = row.is_some_and(|row| !row.task.is_empty());
            let acts: Vec<Act> = match name {
                _ if row.is_some_and(|row| row.field("request").is_some()) => {
                    self.requests_for(name).into_iter().map(|request| self.on_request(name, request)).collect()
                }
                "tell" => self.tell(),
                "tag" => self.tags(),
                "withdraw-note" => self.notes(),
                _ if of_task => {
                    let tasks = self.tasks_for(name);
                    let several = tasks.len() > 1;
                    tasks
                        .into_iter()
                        .map(|task| {
                            let act = self.on_task(name, task);
                            let title =
                                t!("act-of-unit", title = act.title, unit = self.view.unit_name(task.unit.as_str()));
                            if several { Act { button: title.clone(), title, ..act } } else { act }
                        })
                        .collect()
                }
                _ => vec![self.whole(name)],
            };
            if MAIN.contains(&name) { main.extend(acts) } else { more.extend(acts) }
        }
        (main, more)
    }

    fn tell(&self) -> Vec<Act> {
        let owed = self.view.order.duties.iter().filter(|duty| duty.told_at.is_none());
        owed.map(|duty| {
            let title = t!("act-record", what = words::told(duty.what.code()));
            let act = self.bare("tell", Some(duty.no.0)).about("duty", duty.no.0).titled(&title, "phone-outgoing");
            self.ready(
                act.fields(vec![
                    Field::yes_no("reached", t!("act-told"), t!("act-told-yes"), t!("act-told-no")),
                    Field::area("record", t!("act-told-record")).required().hint(t!("act-told-hint")),
                ])
                .button(t!("nav-register"), ""),
            )
        })
        .collect()
    }

    /// Who of the task's unit may be named to work on it.
    fn people(&self, name: &str, label: &str, task: Option<&Task>) -> Field {
        let unit = task.map_or("", |task| task.unit.as_str());
        let own = self.ctx.actor.person.as_str();
        let others = self.view.people.iter().filter(|one| one.unit == unit && one.person != own);
        let choices = std::iter::once(Choice::new(own, t!("lists-me")))
            .chain(others.map(|one| Choice::new(&one.person, &one.name)))
            .collect();
        let now = task.and_then(|task| task.handler.as_ref()).map_or("", |person| person.as_str());
        Field::list(name, label, choices).value(now).hint(t!("lists-person-hint"))
    }

    /// A form that gives a tag, and a button for each that can be taken off.
    fn tags(&self) -> Vec<Act> {
        let on = &self.view.order.tags;
        let rest: Vec<Choice> =
            show::reasons(self.pack(), "tag").into_iter().filter(|tag| !on.contains(&tag.value)).collect();
        let give = self.bare("tag", None).fields(vec![Field::list("tag", t!("lists-tags"), rest.clone()).required()]);
        let give = (!rest.is_empty()).then(|| self.ready(give));
        let off = on.iter().map(|tag| {
            let mut act = self.bare("tag", None);
            act.key = format!("{}:{tag}", act.key);
            act.id = format!("{}-off-{tag}", act.id);
            act.hidden.extend([("tag".to_owned(), tag.clone()), ("on".to_owned(), "false".to_owned())]);
            act.button(&t!("lists-tag-off", tag = show::reason(self.pack(), "tag", tag)), "btn--ghost")
        });
        give.into_iter().chain(off).collect()
    }

    /// A button for each note of one's own that can be taken back.
    fn notes(&self) -> Vec<Act> {
        let own = self.view.order.notes_of(&self.ctx.actor.person);
        own.map(|(no, note)| {
            let words = show::short(self.view.text(Some(&note.text)), 12);
            self.bare("withdraw-note", Some(no))
                .about("note", no)
                .button(&t!("lists-note-withdraw", note = words), "btn--ghost")
        })
        .collect()
    }

    /// A form with its fields, its button and what it leads to.
    fn dressed(&self, act: Act, task: Option<&Task>, request: Option<&Request>) -> Act {
        let fields = self.fields(&act.command, task, request);
        let act = act.fields(fields);
        match act.command.as_str() {
            "sign" | "accept" | "confirm-receipt" => act.button_tone("btn--primary"),
            "register" => act
                .titled(t!("word-register-accept"), "file-pen-line")
                .button(t!("word-register-accept"), "btn--primary"),
            "dispatch" => act.titled(t!("nav-dispatch"), "split").button(t!("word-dispatch-now"), "btn--primary"),
            "pass-on" => act.titled(t!("dispatch-pass-on"), "send").button(t!("act-pass-on"), "btn--primary"),
            "feedback" => {
                let note = self.approval_note(task);
                act.titled(t!("act-feedback"), "message-square-reply")
                    .button(t!("act-feedback-go"), "btn--primary")
                    .note(note)
            }
            "pass" => act.button(t!("act-pass"), "btn--primary"),
            "close" => act.button(t!("word-settle"), "btn--primary"),
            "callback-answered" => {
                act.titled(t!("act-answered"), "phone-outgoing").button(t!("act-answered-go"), "btn--primary")
            }
            "grant" => self.decision(act, request, t!("word-approve")),
            "reject" => self.decision(act, request, t!("word-reject")),
            "rule" => self.decision(act, request, t!("disputes-rule")),
            "withdraw-request" => self.decision(act, request, t!("word-withdraw")),
            "refuse" => act.button(t!("word-refuse-tell"), "btn--warnline").note(t!("act-refuse-note")),
            "stop" => act.button(t!("act-stop"), "btn--warnline").note(t!("act-stop-note")),
            "transfer" => act.button(t!("word-transfer"), "btn--warnline").note(t!("desk-transfer-note")),
            "merge" | "append" => act.note(t!("act-merge-note")),
            "redo" => act.button(t!("word-redo"), "btn--warnline").note(t!("act-redo-note")),
            "recall" => act.button(t!("act-recall"), "btn--warnline"),
            "archive" => act.button(t!("act-archive"), ""),
            _ => act,
        }
    }

    fn approval_note(&self, task: Option<&Task>) -> String {
        let unit = task.and_then(|task| self.ctx.org.unit(&task.unit));
        let kind = self.view.order.kind.as_deref().unwrap_or_default();
        if unit.is_some_and(|unit| unit.approval.iter().any(|one| one == kind)) {
            t!("act-feedback-leader").into()
        } else {
            t!("act-feedback-up").into()
        }
    }

    fn decision(&self, act: Act, request: Option<&Request>, word: &str) -> Act {
        let Some(request) = request else { return act };
        let what = words::ask(request.ask.code());
        let tone = if word == t!("word-approve") { "btn--primary" } else { "" };
        let button = if word == t!("word-withdraw") { t!("act-withdraw-what", what) } else { word.to_owned() };
        Act { title: t!("act-decide-what", word, what), icon: "gavel", button, tone, ..act }
    }

    fn reason(&self, group: &str) -> Field {
        Field::list("reason", t!("word-reason"), show::reasons(self.pack(), group)).required()
    }

    fn param_cite(&self, name: &str) -> String {
        let basis = self.pack().parameter_basis(name, self.day());
        basis.first().map_or_else(String::new, |basis| show::cite(self.pack(), basis))
    }

    /// What a command asks.
    fn fields(&self, command: &str, task: Option<&Task>, request: Option<&Request>) -> Vec<Field> {
        let (pack, order, day) = (self.pack(), &self.view.order, self.day());
        let note = || Field::area("note", t!("word-note"));
        match command {
            "register" => self.register(),
            "refuse" => vec![
                Field::list("reason", t!("desk-refuse-reason"), asks::cited_reasons(pack, "refusal")).required(),
                Field::area("text", t!("act-refuse-text")).hint(t!("desk-refuse-text-hint")),
            ],
            "answer" => {
                let mut fields = facts::fields(self.app, order);
                fields.push(Field::area("public", t!("word-answer")).required());
                fields.push(Field::line("entry", t!("act-entry")).hint(t!("act-entry-hint")));
                fields
            }
            "transfer" => vec![
                Field::list("to", t!("field-to"), asks::cited_reasons(pack, "transfer")).required(),
                Field::typed("answered_at", t!("field-answered_at"), "datetime-local")
                    .hint(t!("desk-answered-hint"))
                    .half(),
                note(),
            ],
            "split" => vec![
                Field::line("title", t!("act-split-title")).required(),
                Field::area("body", t!("word-content")).required(),
                Field::list("kind", t!("field-kind"), show::kinds(pack)).hint(t!("act-split-kind-hint")).half(),
                Field::select("subject", t!("field-subject"), show::subjects(pack)).half(),
            ],
            "merge" => {
                vec![Field::line("into", t!("act-merge-into")).required(), self.reason("merge").value("same-event")]
            }
            "append" => vec![Field::line("into", t!("act-append-into")).required().hint(t!("act-append-hint"))],
            "correct" => vec![
                Field::list("kind", t!("field-kind"), show::kinds(pack)).half().hint(t!("act-unchanged-hint")),
                Field::list("urgency", t!("field-urgency"), show::urgencies()).half(),
                Field::select("subject", t!("field-subject"), show::subjects(pack)),
                Field::select("area", t!("field-area"), show::areas(pack)).half(),
                Field::line("place", t!("field-place")).half(),
                self.reason("correct"),
                note(),
            ],
            "redact" => vec![
                Field::area("text", t!("act-redact")).required().value(self.view.body()).hint(t!("act-redact-hint")),
            ],
            "pass-on" => vec![Field::of_unit("unit", t!("act-praised")).required().value(self.suggested()), note()],
            "dispatch" => self.units_to(true),
            "redispatch" => self.units_to(false),
            "contact" => vec![
                Field::yes_no("reached", t!("act-reached"), t!("word-reached"), t!("word-not-reached")),
                Field::typed("at", t!("act-reached-at"), "datetime-local").hint(t!("word-empty-now")).half(),
                Field::area("said", t!("act-said")),
                Field::files(),
            ],
            "return" => {
                let must = |field: Field, name: &str| if pack.flag(name, day) { field.required() } else { field };
                vec![
                    self.reason("return"),
                    must(Field::area("basis", t!("act-return-basis")), "return.basis_required")
                        .cite(self.param_cite("return.basis_required")),
                    must(Field::of_unit("suggestion", t!("act-return-unit")), "return.suggestion_required"),
                    Field::files(),
                ]
            }
            "extend" => vec![
                Field::span(t!("queue-extend-by"), asks::span_units())
                    .required()
                    .cite(self.param_cite("extension.count"))
                    .half(),
                self.reason("extension").half(),
            ],
            "shelve" => vec![
                self.reason("shelving").half(),
                Field::typed("review", t!("act-review-day"), "date").required().half(),
                Field::area("plan", t!("word-plan")).required(),
                Field::line("responsible", t!("word-responsible")).required(),
                Field::files(),
            ],
            "review-shelving" => {
                vec![
                    Field::typed("review", t!("act-next-review"), "date").hint(t!("act-next-review-hint")).half(),
                    note(),
                ]
            }
            "excuse" => vec![
                Field::list("clock", t!("act-missed-limit"), self.missed(task)).required().half(),
                self.reason("excuse").half(),
                Field::area("evidence", t!("act-evidence")),
                Field::files(),
            ],
            "reject" => vec![note().required()],
            "rule" => {
                let asked = request.and_then(|request| match &request.ask {
                    Ask::Return { suggestion: Some(unit), .. } => Some(show::unit(&self.ctx.org, unit)),
                    _ => None,
                });
                vec![Field::of_unit("unit", t!("act-rule-unit")).required().value(asked.unwrap_or_default()), note()]
            }
            "feedback" => self.feedback(task),
            "callback-answered" => {
                let mut fields = asks::answers();
                let to_call = order.to_call();
                if to_call.len() > 1 {
                    let choices = to_call.iter().map(|one| Choice::new(one.as_str(), self.claimant(one))).collect();
                    fields.insert(0, Field::list("claimant", t!("act-who-answered"), choices).required());
                }
                fields
            }
            "relay-answer" => {
                let mut fields = vec![Field::area("text", t!("act-relay-answer")).required()];
                let open = task.map(|task| order.open_questions(task.no)).unwrap_or_default();
                if open.len() > 1 {
                    let asked = |no: &u32| self.view.text(order.relays.get(*no as usize - 1).map(|relay| &relay.text));
                    let choices = open.iter().map(|no| Choice::new(no.to_string(), asked(no))).collect();
                    fields.insert(0, Field::list("question", t!("act-which-question"), choices).required());
                }
                fields
            }
            "reopen" => {
                vec![
                    self.reason("reopen"),
                    Field::line("title", t!("word-title")),
                    Field::area("body", t!("act-new-facts")).required(),
                ]
            }
            "withdraw" => {
                let mut fields = Vec::new();
                let parts: Vec<_> = order.active_parts().collect();
                if parts.len() > 1 {
                    let choices =
                        parts.iter().map(|part| Choice::new(part.claimant.as_str(), self.claimant(&part.claimant)));
                    fields.push(Field::list("claimant", t!("act-who-withdraws"), choices.collect()).required());
                }
                fields.push(self.reason("withdraw"));
                fields.push(Field::check("confirmed", t!("act-confirmed")));
                fields
            }
            "stop" => vec![self.reason("stop"), note().required()],
            "supervise" => vec![
                Field::list("level", t!("act-level"), self.levels()).required().half(),
                self.reason("supervise").half(),
                note(),
            ],
            "difficult" | "hold" => {
                let is = if command == "hold" { order.hold } else { order.difficult };
                let on = if is { ("false", t!("word-lift")) } else { ("true", t!("word-put-on")) };
                vec![Field::seg("on", words::command(command), vec![Choice::new(on.0, on.1)]).value(on.0), note()]
            }
            "phone-notice" => vec![
                Field::line("who", t!("act-who-phoned")).required().half(),
                Field::typed("answered_at", t!("desk-notice-at"), "datetime-local").hint(t!("word-empty-now")).half(),
            ],
            "on-scene" => vec![
                Field::typed("at", t!("act-arrived-at"), "datetime-local").hint(t!("word-empty-now")).half(),
                Field::line("place", t!("act-arrived-where")).required().half(),
                Field::area("safety", t!("act-safety")).required(),
                Field::files(),
            ],
            _ => table::named(command).map_or_else(Vec::new, |row| self.plain(row, task)),
        }
    }

    /// What a command takes, each field in the way of what it holds.
    fn plain(&self, row: &Row, task: Option<&Task>) -> Vec<Field> {
        let asked = row.takes.iter().filter(|field| !matches!(field.name, "task" | "request" | "duty"));
        asked
            .map(|field| {
                let made = match field.holds {
                    Holds::Text => Field::area(field.name, words::field_of(field)),
                    Holds::Reason(group) => {
                        Field::list(field.name, words::field_of(field), show::reasons(self.pack(), group))
                    }
                    Holds::Person => self.people(field.name, words::field_of(field), task),
                    Holds::Unit | Holds::Units => Field::of_unit(field.name, words::field_of(field)),
                    Holds::Urgency => Field::list(field.name, words::field_of(field), show::urgencies()),
                    Holds::Flag => Field::check(field.name, words::field_of(field)),
                    Holds::Instant => Field::typed(field.name, words::field_of(field), "datetime-local")
                        .hint(t!("word-empty-now"))
                        .half(),
                    Holds::Day => Field::typed(field.name, words::field_of(field), "date").half(),
                    Holds::Number => Field::typed(field.name, words::field_of(field), "number").half(),
                    Holds::Span => Field::span(words::field_of(field), asks::span_units()),
                    Holds::Files => Field::files(),
                    Holds::Code | Holds::Order | Holds::Facts | Holds::Answers => {
                        Field::line(field.name, words::field_of(field))
                    }
                };
                if field.required { made.required() } else { made }
            })
            .collect()
    }

    fn register(&self) -> Vec<Field> {
        let (pack, order) = (self.pack(), &self.view.order);
        let mut fields = asks::registration(self.app);
        let title = Field::line("title", t!("word-title")).value(self.view.text(order.title.as_ref()));
        fields.insert(0, title);
        if order.body.is_none() {
            fields.push(Field::area("body", t!("word-content")));
        }
        if let Some(urgency) = fields.iter_mut().find(|field| field.name == "urgency")
            && order.claimed_emergency
        {
            urgency.hint = Some(t!("act-says-emergency").into());
        }
        let _ = pack;
        fields
    }

    /// A claimant by their place among those of the order: names are read elsewhere, with a purpose.
    fn claimant(&self, id: &ClaimantId) -> String {
        let at = self.view.order.parts.iter().position(|part| part.claimant == *id).unwrap_or(0);
        t!("act-claimant-no", at = at + 1)
    }

    fn suggested(&self) -> String {
        let found = suggest::units(self.app, &self.ctx.org, &self.view.order);
        found.first().map(|one| one.name.clone()).unwrap_or_default()
    }

    fn units_to(&self, first: bool) -> Vec<Field> {
        let suggested = suggest::units(self.app, &self.ctx.org, &self.view.order);
        let max = self.pack().number("assist.max", self.day());
        let (lead, assist) = match suggested.first() {
            Some(one) if first => (one.name.clone(), one.assist.clone()),
            _ => (String::new(), Vec::new()),
        };
        let not_ready = Lacking::of(&self.lacking, &lead).map(Lacking::line);
        let mut fields = vec![Field::of_unit("lead", t!("word-lead-unit")).required().value(lead)];
        fields[0].hint = not_ready;
        for at in 0..usize::try_from(max.clamp(0, 3)).unwrap_or(0) {
            let value = assist.get(at).map(|(_, name)| name.clone()).unwrap_or_default();
            fields.push(Field::of_unit("assist", &t!("act-assist-no", at = at + 1)).value(value).half());
        }
        fields.push(Field::area("note", t!("dispatch-note")).hint(t!("act-dispatch-hint")));
        fields
    }

    fn feedback(&self, task: Option<&Task>) -> Vec<Field> {
        let mut fields = match task {
            Some(task) if task.leads_case() => facts::fields(self.app, &self.view.order),
            _ => Vec::new(),
        };
        fields.push(Field::area("internal", t!("act-findings")).hint(t!("act-findings-hint")));
        let public = Field::area("public", t!("approvals-public")).hint(t!("act-public-hint"));
        fields.push(if task.is_some_and(Task::leads_case) { public.required() } else { public });
        fields.push(Field::files());
        fields
    }

    fn missed(&self, task: Option<&Task>) -> Vec<Choice> {
        let (order, now) = (&self.view.order, self.app.now());
        let own = |clock: &&Clock| task.is_some_and(|task| clock.task == Some(task.no) || clock.task.is_none());
        order
            .clocks
            .iter()
            .filter(own)
            .filter(|clock| clock.missed.is_some() || (clock.is_running() && clock.breach && clock.due.missed_by(now)))
            .map(|clock| {
                Choice::new(
                    clock.no.to_string(),
                    format!("{} · {}", words::clock(&clock.name), show::until(self.pack(), &clock.due)),
                )
            })
            .collect()
    }

    fn levels(&self) -> Vec<Choice> {
        let levels = self.pack().parameter("supervision.levels", self.day());
        let levels = levels.and_then(|(value, _)| value.as_array().cloned()).unwrap_or_default();
        levels.iter().filter_map(|one| one.as_str()).map(|code| Choice::new(code, words::supervision(code))).collect()
    }
}

impl Act {
    fn button_tone(mut self, tone: &'static str) -> Self {
        self.tone = tone;
        self
    }
}

/// Commands that take an order on its way, in the order they are shown.
const MAIN: &[&str] = &[
    "sign",
    "confirm-receipt",
    "accept",
    "acknowledge",
    "on-scene",
    "made-safe",
    "grant",
    "reject",
    "rule",
    "feedback",
    "redact",
    "register",
    "dispatch",
    "pass-on",
    "pass",
    "fail-review",
    "callback-answered",
    "callback-missed",
    "close",
    "redo",
    "phone-notice",
    "relay-answer",
    "refuse",
    "answer",
    "progress",
    "contact",
    "relay",
    "extend",
    "return",
];

fn is_return_of_case(view: &OrderView, request: &Request) -> bool {
    matches!(request.ask, Ask::Return { .. })
        && request.decision == Decision::Asked
        && view.order.task(request.task).is_some_and(Task::leads_case)
}
