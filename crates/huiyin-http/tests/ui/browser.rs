//! A person at a browser without script: follows links, fills in the forms that stand on a page.

use axum::{
    body::Body,
    http::{Request, header},
};
use huiyin_app::{Role, people::Position};
use huiyin_http::{Options, ui};

use super::common::{
    Answer, Server,
    app::{self, PASSWORD},
    server,
};

/// One login for each role: role, unit.
pub const CAST: &[(&str, Role, &str)] = &[
    ("agent", Role::Agent, "call-centre"),
    ("office", Role::Office, "office"),
    ("subcentre", Role::Subcentre, "sub-jiyang"),
    ("officer", Role::Officer, "enforcement"),
    ("leader", Role::Leader, "enforcement"),
    ("callback", Role::Callback, "call-centre"),
    ("editor", Role::Editor, "call-centre"),
    ("supervisor", Role::Supervisor, "office"),
    ("mayor", Role::Mayor, "office"),
    ("admin", Role::Admin, "office"),
];

/// A site with the whole cast on SQLite.
pub async fn site() -> Server {
    let test = app::sqlite_app().await;
    for (login, role, unit) in CAST {
        let position = if *role == Role::Leader { Position::Head } else { Position::Staff };
        test.person(login, unit, *role, position).await;
    }
    server(test, Options::default())
}

/// A signed-in browser.
pub struct Browser<'a> {
    server: &'a Server,
    cookies: Vec<(String, String)>,
}

/// A form as it stands on a page.
#[derive(Debug, Clone)]
pub struct Form {
    /// Where it is sent.
    pub action: String,
    /// What it sends without being asked, and what is filled in.
    pub fields: Vec<(String, String)>,
}

impl Form {
    /// Fills a field in.
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.fields.push((name.into(), value.into()));
        self
    }

    fn body(&self) -> String {
        let pairs =
            self.fields.iter().map(|(name, value)| format!("{}={}", ui::form::encode(name), ui::form::encode(value)));
        pairs.collect::<Vec<_>>().join("&")
    }
}

/// The form of a page that is sent to `action`.
#[track_caller]
pub fn form(page: &Answer, action: &str) -> Form {
    let start = page
        .text
        .match_indices("<form")
        .map(|(at, _)| at)
        .find(|at| page.text[*at..].split('>').next().unwrap().contains(&format!("action=\"{action}\"")))
        .unwrap_or_else(|| panic!("no form to `{action}` on the page: {}", page.text));
    let text = page.text[start..].split("</form>").next().unwrap();
    let fields = text
        .split("<input type=\"hidden\" name=\"")
        .skip(1)
        .map(|rest| {
            let (name, rest) = rest.split_once("\" value=\"").unwrap();
            (name.to_owned(), rest.split('"').next().unwrap().replace("&#38;", "&"))
        })
        .collect();
    Form { action: action.into(), fields }
}

impl<'a> Browser<'a> {
    /// A browser nobody has signed in at.
    pub fn new(server: &'a Server) -> Self {
        Self { server, cookies: Vec::new() }
    }

    /// A browser with somebody signed in.
    pub async fn of(server: &'a Server, login: &str) -> Self {
        let mut browser = Self::new(server);
        let answer = browser.sign_in(login, PASSWORD).await;
        assert_eq!(answer.status, 303, "{login}: {}", answer.text);
        browser
    }

    /// Fills in the page to sign in.
    pub async fn sign_in(&mut self, login: &str, password: &str) -> Answer {
        let page = self.get("/login").await;
        let form = form(&page, "/login").with("login", login).with("password", password);
        self.send(&form).await
    }

    /// Sends a request with the browser's cookies and keeps those it is given.
    pub async fn ask(&mut self, method: &str, path: &str, headers: &[(&str, &str)], body: impl Into<Body>) -> Answer {
        let cookies: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut request = Request::builder().method(method).uri(path).header(header::HOST, "huiyin.test");
        if !cookies.is_empty() {
            request = request.header(header::COOKIE, cookies.join("; "));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = self.server.send(request.body(body.into()).unwrap()).await;
        for cookie in answer.headers.get_all(header::SET_COOKIE) {
            let (name, rest) = cookie.to_str().unwrap().split_once('=').unwrap();
            let value = rest.split(';').next().unwrap();
            self.cookies.retain(|(known, _)| known != name);
            if !value.is_empty() {
                self.cookies.push((name.into(), value.into()));
            }
        }
        answer
    }

    /// The browser's cookies, as it sends them.
    pub fn cookie(&self) -> String {
        let cookies: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        cookies.join("; ")
    }

    /// Opens a page.
    pub async fn get(&mut self, path: &str) -> Answer {
        self.ask("GET", path, &[], String::new()).await
    }

    /// Sends a form.
    pub async fn send(&mut self, form: &Form) -> Answer {
        let headers = [("content-type", "application/x-www-form-urlencoded"), ("origin", "http://huiyin.test")];
        self.ask("POST", &form.action, &headers, form.body()).await
    }

    /// Sends a form in parts, with files: name of the field, name of the file, content.
    pub async fn send_with(&mut self, form: &Form, files: &[(&str, &str, &[u8])]) -> Answer {
        const MARK: &str = "----part-of-a-form";
        let mut body = Vec::new();
        for (name, value) in &form.fields {
            let head = format!("--{MARK}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
            body.extend_from_slice(head.as_bytes());
        }
        for (name, file, content) in files {
            let head = format!(
                "--{MARK}\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"{file}\"\r\nContent-Type: image/png\r\n\r\n"
            );
            body.extend_from_slice(head.as_bytes());
            body.extend_from_slice(content);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(format!("--{MARK}--\r\n").as_bytes());
        let kind = format!("multipart/form-data; boundary={MARK}");
        self.ask("POST", &form.action, &[("content-type", &kind), ("origin", "http://huiyin.test")], body).await
    }

    /// Opens a page and fills in the form of it that goes to `action`.
    pub async fn form_at(&mut self, path: &str, action: &str) -> Form {
        let page = self.get(path).await;
        assert_eq!(page.status, 200, "{path}: {}", page.text);
        form(&page, action)
    }

    /// Sends a form that must be carried out; where it goes on.
    pub async fn done(&mut self, form: &Form) -> String {
        let answer = self.send(form).await;
        assert_eq!(answer.status, 303, "{}: {}", form.action, answer.text);
        answer.header("location").to_owned()
    }
}

/// The number of a new order: registered by a call-taker, with a phone to call back.
pub async fn registered(server: &Server, kind: &str, subject: &str) -> String {
    let mut agent = Browser::of(server, "agent").await;
    let form = agent.form_at("/orders/new", "/orders/new").await;
    let form = form
        .with("_do", "register")
        .with("channel", "phone")
        .with("title", "大东海夜市占道")
        .with("body", "每晚摆到人行道,盲道被占。")
        .with("claimant.name", "林某")
        .with("claimant.phone", "13800138000")
        .with("kind", kind)
        .with("subject", subject)
        .with("urgency", "normal");
    let to = agent.done(&form).await;
    to.trim_start_matches("/orders/").to_owned()
}

/// A complaint at the unit `enforcement`: its number.
pub async fn dispatched(server: &Server) -> String {
    let no = registered(server, "complaint", "020103").await;
    let mut office = Browser::of(server, "office").await;
    let dispatch = office.form_at("/dispatch", &format!("/orders/{no}/do/dispatch")).await.with("lead", "enforcement");
    office.done(&dispatch).await;
    no
}
