//! The first page, what is said of accessibility and privacy, and how large letters are.

use askama::Template;
use axum::{extract::RawForm, response::Response};

use super::{LOOK, LOOK_LASTS, Look, Shell, Visit, filters};
use crate::ui::{
    form::Form,
    session::{next, own_page},
};

/// The first page.
#[derive(Debug, Template)]
#[template(path = "portal/home.html")]
pub struct HomePage {
    /// What surrounds it.
    pub s: Shell,
    /// The hotline's number from elsewhere in the country.
    pub far: String,
    /// From abroad.
    pub abroad: String,
    /// The same, to be dialled.
    pub abroad_link: String,
}

/// `GET /p/`.
pub async fn home(visit: Visit) -> Response {
    let area = visit.site.app.pack.head().area_code.clone();
    let city = visit.shell(String::new()).city;
    let page = HomePage {
        s: Shell { home: true, rest: String::new(), ..visit.shell(city) },
        abroad: format!("+86 {} 12345", area.trim_start_matches('0')),
        abroad_link: format!("+86{}12345", area.trim_start_matches('0')),
        far: format!("{area}-12345"),
    };
    visit.answer(visit.show(&page))
}

/// What is said of accessibility or privacy.
#[derive(Debug, Template)]
#[template(path = "portal/statement.html")]
pub struct StatementPage {
    /// What surrounds it.
    pub s: Shell,
    /// Heading and paragraph of each part.
    pub parts: Vec<(String, String)>,
}

/// `GET /p/accessibility`.
pub async fn accessibility(visit: Visit) -> Response {
    let l = visit.language;
    let parts = vec![
        (l.t("access-aim"), l.t("access-aim-what")),
        (l.t("access-how"), l.t("access-how-what")),
        (l.t("access-lacks"), l.t("access-lacks-what")),
        (l.t("access-help"), l.t("access-help-what")),
    ];
    let page = StatementPage { s: visit.shell(l.t("access-title")), parts };
    visit.answer(visit.show(&page))
}

/// `GET /p/privacy`.
pub async fn privacy(visit: Visit) -> Response {
    let l = visit.language;
    let parts = vec![
        (l.t("privacy-what"), l.t("privacy-what-what")),
        (l.t("privacy-why"), l.t("privacy-why-what")),
        (l.t("privacy-who"), l.t("privacy-who-what")),
        (l.t("privacy-how"), l.t("privacy-how-what")),
        (l.t("privacy-device"), l.t("privacy-device-what")),
        (l.t("privacy-yours"), l.t("privacy-yours-what")),
    ];
    let page = StatementPage { s: visit.shell(l.t("privacy-title")), parts };
    visit.answer(visit.show(&page))
}

/// `POST /p/look`: letters as large as asked for, on every page from now on.
pub async fn look(visit: Visit, RawForm(bytes): RawForm) -> Response {
    let form = Form::parse(&bytes);
    let look = Look::of(form.get("_look"));
    let home = visit.path("/");
    let back = next(form.get("back"), &home).to_owned();
    let answer = match own_page(&visit.headers) {
        Ok(()) => visit.go_to(&back, vec![visit.set(LOOK, look.code(), LOOK_LASTS)]),
        Err(fault) => Err(fault.into()),
    };
    visit.answer(answer)
}
