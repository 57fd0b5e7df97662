//! What surrounds every page of a signed-in person: bar, navigation, what the last action came to.

use axum::{
    http::{StatusCode, header},
    response::{Html, IntoResponse, Response},
};
use huiyin_app::{Role, orders::Undo};

use super::{
    error::Fault,
    field::{Problem, Tried},
    form::{Form, encode},
    session::{self, Ctx},
    words,
};
use crate::catalogue::{Language, word};

/// An entry of the navigation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Nav {
    /// Where it leads.
    pub path: &'static str,
    /// What it is called.
    pub words: &'static str,
    /// Its icon.
    pub icon: &'static str,
    /// The key after `g`.
    pub key: &'static str,
    /// Whether it is the page shown.
    pub here: bool,
    /// Whether it stands in the bar at the bottom of a phone.
    pub tab: bool,
}

/// What surrounds a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// The page's title.
    pub title: String,
    /// The city's name.
    pub city: String,
    /// The unit the person works in.
    pub unit: String,
    /// The person.
    pub name: String,
    /// Their roles, in words.
    pub roles: String,
    /// A narrow navigation with icons.
    pub rail: bool,
    /// Navigation.
    pub nav: Vec<Nav>,
    /// The form token.
    pub csrf: String,
    /// The page itself, to come back to.
    pub path: String,
    /// What the last action came to.
    pub flash: Option<String>,
    /// What takes it back: where it is sent, and its fields.
    pub undo: Option<(String, Vec<(String, String)>)>,
    /// Why a form was not carried out.
    pub problem: Option<Problem>,
    /// Whether it is the demonstration.
    pub demo: bool,
    /// What stands in the search field.
    pub search: String,
    /// How many notices are not read: `99+` from a hundred on, empty for none.
    pub unread: String,
}

impl Frame {
    /// The first character of the name.
    pub fn initial(&self) -> String {
        self.name.chars().take(1).collect()
    }
}

const OFFICE: &[Role] = &[Role::Office, Role::Subcentre];
const INTAKE: &[Role] = &[Role::Agent, Role::Office, Role::Subcentre];
const UNIT: &[Role] = &[Role::Officer, Role::Leader, Role::Subcentre];
const DESKS: &[Role] = &[Role::Agent, Role::Office, Role::Subcentre, Role::Callback];

/// Every entry, the key of its words, and whose it is.
const NAV: &[(&str, &str, &str, &str, &[Role])] = &[
    ("/approvals", key!("nav-approvals"), "stamp", "a", &[Role::Leader]),
    ("/queue", key!("nav-queue"), "inbox", "q", UNIT),
    ("/desk", key!("nav-desk"), "headset", "d", INTAKE),
    ("/intake", key!("nav-intake"), "inbox", "i", INTAKE),
    ("/orders/new", key!("nav-register"), "square-pen", "e", INTAKE),
    ("/dispatch", key!("nav-dispatch"), "split", "p", OFFICE),
    ("/review", key!("nav-review"), "badge-check", "r", OFFICE),
    ("/callback", key!("nav-callback"), "phone-outgoing", "c", &[Role::Callback, Role::Office]),
    ("/orders", key!("nav-orders"), "list-todo", "o", Role::ALL),
    ("/desk/drafts", key!("nav-drafts"), "file-pen-line", "w", Role::ALL),
    ("/desk-items", key!("nav-desk-items"), "bell", "t", DESKS),
    ("/notices", key!("nav-notices"), "megaphone", "n", Role::ALL),
    ("/disputes", key!("nav-disputes"), "gavel", "j", &[Role::Office]),
    ("/unit", key!("nav-unit"), "users-round", "u", &[Role::Leader, Role::Officer, Role::Subcentre]),
    ("/people", key!("nav-people"), "badge-check", "y", &[Role::Office, Role::Admin]),
    ("/admin/units", key!("nav-admin"), "settings", "x", &[Role::Office, Role::Admin]),
    ("/admin/rules", key!("nav-rules"), "gavel", "l", super::rules::WHOSE),
    ("/admin/modes", key!("nav-modes"), "siren", "m", &[Role::Office, Role::Mayor]),
];

/// The page a person starts at.
pub fn home(ctx: &Ctx) -> &'static str {
    const HOMES: &[(Role, &str)] = &[
        (Role::Office, "/dispatch"),
        (Role::Subcentre, "/queue"),
        (Role::Agent, "/desk"),
        (Role::Callback, "/callback"),
        (Role::Leader, "/approvals"),
        (Role::Officer, "/queue"),
        (Role::Mayor, "/orders"),
        (Role::Admin, "/admin/units"),
    ];
    HOMES.iter().find(|(role, _)| ctx.actor.has(*role)).map_or("/me", |(_, path)| path)
}

/// What the last action came to, in words: the cookie holds codes only.
fn said(code: &str) -> Option<String> {
    let mut parts = code.split('|');
    let (what, no) = (parts.next()?, parts.next().unwrap_or_default());
    let clean = |text: &str| text.chars().all(|char| char.is_ascii_alphanumeric() || "-_.".contains(char));
    if !clean(what) || !clean(no) {
        return None;
    }
    Some(match what {
        "registered" => t!("said-registered", no),
        "taken-in" => t!("said-taken-in", no),
        "known" => t!("said-known", no),
        "dismissed" => t!("said-dismissed").into(),
        "restored" => t!("said-restored").into(),
        "unit-done" => t!("said-unit-done").into(),
        "admin-done" => t!("said-admin-done").into(),
        "list-kept" => t!("lists-kept").into(),
        "view-kept" => t!("said-view-kept").into(),
        "view-not-kept" => t!("said-view-not-kept").into(),
        "view-gone" => t!("said-view-gone").into(),
        "draft-kept" => t!("said-draft-kept").into(),
        "draft-gone" => t!("said-draft-gone").into(),
        "item-done" => t!("said-item-done").into(),
        "rules-drafted" => t!("said-rules-drafted").into(),
        "rules-trying" => t!("said-rules-trying").into(),
        "rules-approved" => t!("said-rules-approved").into(),
        "rules-withdrawn" => t!("said-withdrawn").into(),
        "mode-declared" => t!("said-mode-declared").into(),
        "mode-ended" => t!("said-mode-ended").into(),
        "notices-read" => t!("notices-said-read").into(),
        "notices-chosen" => t!("notices-said-chosen").into(),
        "password" => t!("said-password").into(),
        "session" => t!("said-session").into(),
        "totp-on" => t!("said-totp-on").into(),
        "totp-off" => t!("said-totp-off").into(),
        command if words::command(command) != command => {
            t!("said-command", no, what = words::command(command).trim_start_matches('已'))
        }
        _ => return None,
    })
}

/// What takes the last action back: `…|number|command|fields`, as [`undo_code`] wrote it.
fn undo(code: &str) -> Option<(String, Vec<(String, String)>)> {
    let mut parts = code.splitn(4, '|').skip(1);
    let (no, command, fields) = (parts.next()?, parts.next()?, parts.next()?);
    let clean = |text: &str| text.chars().all(|char| char.is_ascii_alphanumeric() || "-_.".contains(char));
    let known = ["assign", "tag", "withdraw-note"].contains(&command);
    (clean(no) && known).then(|| (format!("/orders/{no}/do/{command}"), Form::query(Some(fields)).0))
}

/// A command that takes one back, to be kept in a cookie for the next page.
pub fn undo_code(undo: &Undo) -> String {
    let fields = undo.input.as_object().into_iter().flatten().map(|(name, value)| {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        format!("{name}={}", encode(&text))
    });
    format!("{}|{}", undo.command, fields.collect::<Vec<_>>().join("&"))
}

impl Ctx {
    /// The frame of a page.
    pub fn frame(&self, title: &str, here: &str, tried: Option<&Tried>) -> Frame {
        let pack = &self.site.app.pack;
        let name_of = |unit: &huiyin_core::id::UnitId| self.org.unit(unit).map(|unit| unit.name.clone());
        let mut roles: Vec<&str> = self.actor.posts.iter().map(|post| words::role(post.role.code())).collect();
        roles.dedup();
        let nav: Vec<Nav> = NAV
            .iter()
            .filter(|(.., whose)| self.has(whose) || whose.len() == Role::ALL.len())
            .enumerate()
            .map(|(at, (path, words, icon, key, _))| Nav {
                path,
                words: word(words),
                icon,
                key,
                here: *path == here,
                tab: at < 5,
            })
            .collect();
        Frame {
            title: title.into(),
            city: pack.in_language(&pack.head().title, Language::here().code()).unwrap_or_default().to_owned(),
            unit: self.actor.posts.first().and_then(|post| name_of(&post.unit)).unwrap_or_default(),
            name: self.actor.name.clone(),
            roles: roles.join(t!("punct-list")),
            rail: self.has(DESKS),
            nav,
            csrf: self.csrf().to_owned(),
            path: self.path.clone(),
            flash: self.flash.as_deref().and_then(said),
            undo: self.flash.as_deref().and_then(undo),
            problem: tried.map(Tried::summary),
            demo: self.site.options.demo,
            search: String::new(),
            unread: match self.session.unread {
                0 => String::new(),
                n if n > 99 => "99+".into(),
                n => n.to_string(),
            },
        }
    }

    /// A page as an answer: never kept by the browser, for it may show what others must not read.
    ///
    /// # Errors
    /// [`Fault::Template`] when it cannot be written out.
    pub fn answer(&self, page: &impl askama::Template, tried: Option<&Tried>) -> Result<Response, Fault> {
        let status = match tried {
            Some(tried) if tried.problem.code == "order.stale" => StatusCode::CONFLICT,
            Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
            None => StatusCode::OK,
        };
        let mut response = (status, [(header::CACHE_CONTROL, "no-store")], Html(page.render()?)).into_response();
        if self.flash.is_some() {
            response.headers_mut().append(header::SET_COOKIE, session::said(&self.site));
        }
        Ok(response)
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_cookie_says_only_what_it_may() {
        assert_eq!(super::said("sign|20261123-0051").as_deref(), Some("20261123-0051 已签收"));
        assert_eq!(super::said("acknowledge|20261123-0051").as_deref(), Some("20261123-0051 已阅补充"));
        assert_eq!(super::said("sign|<script>"), None);
        assert_eq!(super::said("nothing-known"), None);
        let undo = super::Undo { command: "tag".into(), input: serde_json::json!({ "tag": "a b", "on": false }) };
        let code = format!("tag|20261123-0051|{}", super::undo_code(&undo));
        let (action, fields) = super::undo(&code).expect("it is one of ours");
        assert_eq!(action, "/orders/20261123-0051/do/tag");
        assert!(fields.contains(&("tag".into(), "a b".into())) && fields.contains(&("on".into(), "false".into())));
        assert_eq!(super::undo("tag|20261123-0051|close|x=1"), None, "only what can be taken back");
    }
}
