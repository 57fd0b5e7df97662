//! Every role at every page: what is answered is written down here, and a page not written down fails.

use huiyin_http::ui::{ROUTES, Whose};

use super::browser::{Browser, CAST, Form, registered, site};

const EVERYBODY: &[&str] =
    &["agent", "office", "subcentre", "officer", "leader", "callback", "editor", "supervisor", "mayor", "admin"];
const INTAKE: &[&str] = &["agent", "office", "subcentre"];
const DESK: &[&str] = &["office", "subcentre"];
const UNIT: &[&str] = &["officer", "leader", "subcentre"];
const ITEMS: &[&str] = &["agent", "office", "subcentre", "callback"];
const PEOPLE: &[&str] = &["office", "leader", "officer", "subcentre", "admin"];
const ADMIN: &[&str] = &["admin"];
const ADMIN_OR_OFFICE: &[&str] = &["admin", "office"];
const RULES: &[&str] = &["office", "admin"];
const MODES: &[&str] = &["office", "mayor"];
/// Who may know of an order that only the office has.
const CITY: &[&str] = &["agent", "office", "callback", "mayor"];

/// What a role is answered: where it is among the first, the first status; else the second.
type Row = (&'static str, &'static str, &'static [&'static str], u16, u16);

/// Every route. `{no}` is an order registered by the call centre and dispatched to nobody.
const TABLE: &[Row] = &[
    ("GET", "/static/{*path}", EVERYBODY, 200, 0),
    // It is of the demonstration alone.
    ("GET", "/tour", EVERYBODY, 404, 0),
    ("GET", "/login", EVERYBODY, 200, 0),
    ("POST", "/login", EVERYBODY, 422, 0),
    ("POST", "/logout", EVERYBODY, 303, 0),
    // It names no language.
    ("POST", "/language", EVERYBODY, 400, 0),
    ("GET", "/", EVERYBODY, 303, 0),
    ("GET", "/live", EVERYBODY, 200, 0),
    ("GET", "/me", EVERYBODY, 200, 0),
    ("POST", "/me/notices", EVERYBODY, 303, 0),
    ("POST", "/me/password", EVERYBODY, 422, 0),
    ("POST", "/me/sessions/{id}/end", EVERYBODY, 404, 0),
    ("POST", "/me/totp/enrol", EVERYBODY, 422, 0),
    ("POST", "/me/totp/confirm", EVERYBODY, 422, 0),
    ("POST", "/me/totp/remove", EVERYBODY, 422, 403),
    ("GET", "/desk", INTAKE, 200, 403),
    // Nothing is typed: the page again.
    ("POST", "/desk", INTAKE, 422, 403),
    ("GET", "/desk/drafts", EVERYBODY, 200, 0),
    // It names no draft.
    ("POST", "/drafts", EVERYBODY, 422, 0),
    ("POST", "/drafts/{id}/discard", EVERYBODY, 404, 0),
    ("GET", "/intake", INTAKE, 200, 403),
    ("GET", "/intake/contacts", INTAKE, 200, 403),
    ("GET", "/intake/contacts/{id}/raw", INTAKE, 404, 403),
    ("POST", "/intake/contacts/{id}/open", INTAKE, 404, 403),
    // Without a reason nothing is set aside.
    ("POST", "/intake/contacts/{id}/dismiss", INTAKE, 422, 403),
    ("POST", "/intake/contacts/{id}/restore", INTAKE, 404, 403),
    ("GET", "/orders/new", INTAKE, 200, 403),
    ("POST", "/orders/new", INTAKE, 422, 403),
    ("GET", "/orders", EVERYBODY, 200, 0),
    ("GET", "/orders/export", EVERYBODY, 200, 0),
    // Nothing is asked for.
    ("POST", "/orders/bulk", EVERYBODY, 422, 0),
    ("GET", "/bulk", EVERYBODY, 200, 0),
    // Only who asked for it learns how far it is.
    ("GET", "/bulk/{id}", EVERYBODY, 404, 0),
    ("POST", "/bulk/{id}/stop", EVERYBODY, 404, 0),
    ("POST", "/bulk/{id}/undo", EVERYBODY, 404, 0),
    // There is no list of this name.
    ("POST", "/lists/{page}", EVERYBODY, 404, 0),
    ("POST", "/views", EVERYBODY, 303, 0),
    ("POST", "/views/{id}/remove", EVERYBODY, 404, 0),
    ("GET", "/orders/{no}/print", CITY, 200, 404),
    ("GET", "/orders/{no}", CITY, 200, 404),
    // There is no such file; who may not know of the order learns no more.
    ("GET", "/orders/{no}/files/{id}", EVERYBODY, 404, 0),
    ("GET", "/orders/{no}/files/{id}/thumb", EVERYBODY, 404, 0),
    // Without a purpose nobody reads a name, and those who may not know of the order learn nothing.
    ("POST", "/orders/{no}/editing", CITY, 204, 404),
    ("POST", "/orders/{no}/reveal", CITY, 422, 404),
    // Given by those who may: refused, for there is no answer to pass; by the others: not theirs, or not there.
    ("POST", "/orders/{no}/do/{command}", CITY, 422, 404),
    ("GET", "/dispatch", DESK, 200, 403),
    ("GET", "/queue", UNIT, 200, 403),
    ("GET", "/queue/export", UNIT, 200, 403),
    ("POST", "/queue/bulk", UNIT, 422, 403),
    ("GET", "/review", DESK, 200, 403),
    ("GET", "/approvals", &["leader"], 200, 403),
    ("GET", "/callback", &["callback", "office"], 200, 403),
    ("GET", "/desk-items", ITEMS, 200, 403),
    ("POST", "/desk-items/{id}/done", ITEMS, 404, 403),
    ("GET", "/people", PEOPLE, 200, 403),
    ("GET", "/unit", PEOPLE, 200, 403),
    ("POST", "/unit/{what}", PEOPLE, 404, 403),
    ("GET", "/notices", EVERYBODY, 200, 0),
    ("POST", "/notices/read", EVERYBODY, 303, 0),
    ("GET", "/disputes", &["office"], 200, 403),
    ("GET", "/admin/units", ADMIN_OR_OFFICE, 200, 403),
    ("GET", "/admin/people", ADMIN, 200, 403),
    ("GET", "/admin/calendar", ADMIN_OR_OFFICE, 200, 403),
    ("GET", "/admin/keys", ADMIN, 200, 403),
    ("GET", "/admin/audit", ADMIN, 200, 403),
    ("POST", "/admin/audit/verify", ADMIN, 200, 403),
    ("POST", "/admin/{page}/{what}", ADMIN, 404, 403),
    ("GET", "/admin/rules", RULES, 200, 403),
    ("GET", "/admin/rules/versions", RULES, 200, 403),
    // A form in parts is asked for.
    ("POST", "/admin/rules/versions", RULES, 400, 403),
    // No file is named, and there is no such version.
    ("GET", "/admin/rules/versions/edit", RULES, 404, 403),
    ("GET", "/admin/rules/versions/{version}", RULES, 404, 403),
    ("POST", "/admin/rules/versions/{version}/try", RULES, 404, 403),
    ("POST", "/admin/rules/versions/{version}/approve", RULES, 404, 403),
    ("POST", "/admin/rules/versions/{version}/withdraw", RULES, 404, 403),
    ("GET", "/admin/modes", MODES, 200, 403),
    // Nothing is declared without a notice.
    ("POST", "/admin/modes", MODES, 422, 403),
    ("POST", "/admin/modes/{id}/end", MODES, 404, 403),
];

fn expected(row: &Row, role: &str) -> u16 {
    // The command of the table is `pass`: the desk is refused, others who know of the order may not.
    if row.1 == "/orders/{no}/do/{command}" && matches!(role, "agent" | "callback" | "mayor") {
        return 403;
    }
    if row.1 == "/me/totp/remove" {
        return if role == "admin" { 404 } else { 403 };
    }
    if row.2.contains(&role) { row.3 } else { row.4 }
}

#[tokio::test]
async fn every_role_at_every_page() {
    for route in ROUTES {
        let listed = TABLE.iter().filter(|(method, path, ..)| *method == route.method && *path == route.path).count();
        assert_eq!(listed, 1, "{} {} stands {listed} times in the table of this test", route.method, route.path);
    }
    assert_eq!(TABLE.len(), ROUTES.len(), "the table of this test names pages there are not");
    let server = site().await;
    let no = registered(&server, "complaint", "020103").await;
    for (login, ..) in CAST {
        let mut browser = Browser::of(&server, login).await;
        let me = browser.get("/me").await;
        let csrf = super::browser::form(&me, "/me/password").fields[0].1.clone();
        // Signing out comes last: it ends what the others need.
        let mut rows: Vec<&Row> = TABLE.iter().filter(|row| row.1 != "/logout").collect();
        rows.extend(TABLE.iter().filter(|row| row.1 == "/logout"));
        for row in rows {
            let (method, pattern, ..) = *row;
            let path = pattern
                .replace("{*path}", "css/app.css")
                .replace("{no}", &no)
                .replace("{command}", "pass")
                .replace("{id}", "none-such")
                .replace("{page}", "units")
                .replace("{what}", "none-such")
                .replace("{version}", "9");
            let answer = match method {
                "GET" => browser.get(&path).await,
                _ => {
                    let mut form = Form { action: path.clone(), fields: vec![("_csrf".into(), csrf.clone())] };
                    if pattern == "/me/password" {
                        form = form
                            .with("present", "wrong")
                            .with("password", "a-fresh-one-77")
                            .with("again", "a-different-one");
                    }
                    if pattern == "/login" {
                        form = form.with("login", &format!("not-{login}")).with("password", "wrong");
                    }
                    if pattern == "/desk-items/{id}/done" {
                        form = form.with("note", "已电话告知");
                    }
                    if pattern == "/me/totp/remove" {
                        form = form.with("login", "nobody-here").with("present", "wrong");
                    }
                    browser.send(&form).await
                }
            };
            assert_eq!(answer.status.as_u16(), expected(row, login), "{login} {method} {path}: {}", answer.text);
        }
    }
}

#[tokio::test]
async fn nobody_is_let_in_without_signing_in() {
    let server = site().await;
    let mut browser = Browser::new(&server);
    for route in ROUTES.iter().filter(|route| route.whose != Whose::Public) {
        let path = route.path.replace("{no}", "20261012-0001").replace("{command}", "sign").replace("{id}", "x");
        let answer = browser.ask(route.method, &path, &[], String::new()).await;
        assert_eq!(answer.status, 303, "{} {path}", route.method);
        assert!(answer.header("location").starts_with("/login"), "{} {path}", route.method);
    }
    assert_eq!(browser.get("/orders?tab=over").await.header("location"), "/login?next=/orders%3Ftab%3Dover");
    assert_eq!(browser.get("/no-such-page").await.status, 404);
}

#[tokio::test]
async fn forms_of_other_pages_change_nothing() {
    let server = site().await;
    let no = registered(&server, "complaint", "020103").await;
    let mut office = Browser::of(&server, "office").await;
    let form = office.form_at(&format!("/orders/{no}"), &format!("/orders/{no}/do/supervise")).await;
    let form = form.with("level", "order").with("reason", "overdue");
    let body =
        |form: &Form| form.fields.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&");
    let plain = ("content-type", "application/x-www-form-urlencoded");
    for headers in [vec![plain, ("origin", "http://evil.test")], vec![plain, ("sec-fetch-site", "cross-site")]] {
        let answer = office.ask("POST", &form.action, &headers, body(&form)).await;
        assert_eq!(answer.status, 403, "{headers:?}");
    }
    let mut foreign = form.clone();
    foreign.fields[0].1 = "another-token".into();
    assert_eq!(office.send(&foreign).await.status, 403);
    foreign.fields.remove(0);
    assert_eq!(office.send(&foreign).await.status, 403);
    assert!(!office.get(&format!("/orders/{no}")).await.text.contains("<b>督办</b>"), "nothing was done");
    office.done(&form).await;
}
