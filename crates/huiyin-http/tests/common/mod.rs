//! The router over an application of the invented city day, called in process.
#![allow(dead_code, reason = "each test file uses its own part")]

#[path = "../../../huiyin-app/tests/common/mod.rs"]
pub mod app;

use std::sync::Arc;

use axum::{
    Router,
    body::Body,
    http::{HeaderMap, Request, StatusCode, header},
};
use huiyin_app::{
    Role, Scope,
    people::{self, AddToken, Position},
};
use huiyin_http::{Options, Site};
use serde_json::Value;
use tower::ServiceExt as _;

use app::TestApp;

/// What may be done with orders.
pub const ORDERS: &[Scope] = &[Scope::OrdersRead, Scope::OrdersWrite, Scope::OrdersReveal];

/// A router and the application behind it.
pub struct Server {
    /// The application.
    pub test: TestApp,
    /// The router.
    pub router: Router,
}

/// An answer, read whole.
pub struct Answer {
    /// Its status.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub text: String,
}

impl Answer {
    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{} {error}: {}", self.status, self.text))
    }

    /// A header.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The body of an answer that must have this status.
    #[track_caller]
    pub fn expect(&self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        if self.text.is_empty() { Value::Null } else { self.json() }
    }

    /// The problem of an answer that must have this status and code.
    #[track_caller]
    pub fn problem(&self, status: u16, code: &str) -> Value {
        let body = self.expect(status);
        assert_eq!(self.header("content-type"), "application/problem+json");
        assert_eq!(body["code"], code, "{body}");
        assert_eq!(body["status"], status, "{body}");
        body
    }
}

/// A router on each engine.
pub async fn servers() -> Vec<Server> {
    app::apps().await.into_iter().map(|test| server(test, Options::default())).collect()
}

/// A router over an application.
pub fn server(test: TestApp, options: Options) -> Server {
    let router = huiyin_http::router(Site { app: Arc::clone(&test.app), options: Arc::new(options) });
    Server { test, router }
}

impl Server {
    /// A token of a person with one post, made for the test.
    pub async fn caller(&self, login: &str, role: Role, unit: &str) -> String {
        self.caller_with(login, role, unit, ORDERS).await
    }

    /// As [`caller`](Self::caller), with these scopes.
    pub async fn caller_with(&self, login: &str, role: Role, unit: &str, scopes: &[Scope]) -> String {
        let position = if role == Role::Leader { Position::Head } else { Position::Staff };
        self.test.person(login, unit, role, position).await;
        self.token(login, scopes).await
    }

    /// Another token of a person.
    pub async fn token(&self, login: &str, scopes: &[Scope]) -> String {
        let admin = app::actor("admin", Role::Admin, "office");
        let token = AddToken { login: login.into(), scopes: scopes.to_vec(), until: None };
        people::add_token(&self.test.app, &admin, token).await.unwrap().token.as_str().to_owned()
    }

    /// Sends a request.
    pub async fn send(&self, request: Request<Body>) -> Answer {
        // The stream of live pages has no end to wait for.
        let endless = request.uri().path() == "/live";
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = if endless { Body::empty() } else { body };
        let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        Answer { status: parts.status, headers: parts.headers, text }
    }

    /// Sends a request with headers and a body, as they are.
    pub async fn raw(
        &self,
        token: &str,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Body>,
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        if !token.is_empty() {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(body.into()).unwrap()).await
    }

    /// Reads.
    pub async fn get(&self, token: &str, path: &str) -> Answer {
        self.raw(token, "GET", path, &[], Body::empty()).await
    }

    /// Sends JSON.
    pub async fn post(&self, token: &str, path: &str, body: &Value) -> Answer {
        self.post_with(token, path, &[], body).await
    }

    /// Sends JSON with more headers.
    pub async fn post_with(&self, token: &str, path: &str, headers: &[(&str, &str)], body: &Value) -> Answer {
        let mut all = vec![("content-type", "application/json")];
        all.extend(headers);
        self.raw(token, "POST", path, &all, body.to_string()).await
    }

    /// Gives a command.
    pub async fn command(&self, token: &str, no: &str, command: &str, body: &Value) -> Answer {
        self.post(token, &format!("/api/v1/orders/{no}/{command}"), body).await
    }

    /// Statements a piece of work takes.
    pub async fn statements<T>(&self, work: impl Future<Output = T>) -> (T, u64) {
        let before = self.test.db.statements();
        let made = work.await;
        (made, self.test.db.statements() - before)
    }
}
