//! What a page shows when it cannot be shown.

use askama::Template;
use axum::{
    http::{StatusCode, header},
    response::{Html, IntoResponse, Redirect, Response},
};
use huiyin_app::CommandError;

use super::{filters, form::encode, words};

/// Why there is no page.
#[derive(Debug)]
pub enum Fault {
    /// Nobody is signed in.
    SignIn {
        /// Where to go afterwards.
        next: String,
        /// Whether there was a session that is over.
        over: bool,
    },
    /// Another page comes first.
    Go(String),
    /// The page is not for one's roles.
    Role,
    /// A form that is not from one of our pages.
    Foreign,
    /// A form of a session that is over, or was another: what was typed in it.
    Lost {
        /// Whether somebody is signed in.
        signed_in: bool,
        /// Label and text.
        kept: Vec<(String, String)>,
    },
    /// A request that cannot be read.
    Unreadable,
    /// What a command or query ended in.
    Command(CommandError),
    /// A page that cannot be written out.
    Template(askama::Error),
}

impl From<CommandError> for Fault {
    fn from(error: CommandError) -> Self {
        Self::Command(error)
    }
}

impl From<askama::Error> for Fault {
    fn from(error: askama::Error) -> Self {
        Self::Template(error)
    }
}

/// The page that says so.
#[derive(Debug, Template)]
#[template(path = "error.html")]
pub struct ErrorPage {
    /// The status.
    pub status: u16,
    /// What it is.
    pub title: String,
    /// Why, and what to do.
    pub detail: String,
    /// The number to name to the help desk.
    pub incident: Option<String>,
    /// Whether to offer looking an order up.
    pub search: bool,
    /// Whether to offer signing in.
    pub sign_in: bool,
    /// What was typed: label and text.
    pub kept: Vec<(String, String)>,
}

fn page(status: StatusCode, title: &str, detail: impl Into<String>) -> ErrorPage {
    ErrorPage {
        status: status.as_u16(),
        title: title.into(),
        detail: detail.into(),
        incident: None,
        search: status == StatusCode::NOT_FOUND,
        sign_in: status == StatusCode::UNAUTHORIZED,
        kept: Vec::new(),
    }
}

fn internal(why: &dyn std::fmt::Display) -> ErrorPage {
    // The request's own id: it stands in the log beside the error.
    let number = crate::ops::request_id();
    tracing::error!(incident = %number, error = %why, "a page could not be shown");
    ErrorPage {
        incident: Some(number),
        ..page(StatusCode::INTERNAL_SERVER_ERROR, t!("error-broken"), t!("error-broken-what"))
    }
}

impl Fault {
    fn show(&self) -> ErrorPage {
        match self {
            Self::SignIn { .. } | Self::Go(_) => {
                page(StatusCode::UNAUTHORIZED, t!("error-unsigned"), t!("error-unsigned-what"))
            }
            Self::Role => page(StatusCode::FORBIDDEN, t!("error-forbidden"), t!("error-role-what")),
            Self::Foreign => page(StatusCode::FORBIDDEN, t!("error-form-old"), t!("error-foreign-what")),
            Self::Lost { signed_in, kept } => {
                let (status, title, detail) = match signed_in {
                    true => (StatusCode::FORBIDDEN, t!("error-form-old"), t!("error-lost-what")),
                    false => (StatusCode::UNAUTHORIZED, t!("login-over"), t!("error-over-what")),
                };
                ErrorPage { kept: kept.clone(), ..page(status, title, detail) }
            }
            Self::Unreadable => page(StatusCode::BAD_REQUEST, t!("error-unreadable"), t!("error-unreadable-what")),
            Self::Template(error) => internal(error),
            Self::Command(error) => match error {
                CommandError::NotFound => page(StatusCode::NOT_FOUND, t!("error-missing"), t!("error-missing-what")),
                CommandError::Forbidden(needs) => {
                    page(StatusCode::FORBIDDEN, t!("error-forbidden"), t!("error-needs", needs = words::who(needs)))
                }
                CommandError::Invalid { field, message } => page(
                    StatusCode::UNPROCESSABLE_ENTITY,
                    t!("error-invalid"),
                    t!("error-invalid-what", field = words::field(field), message),
                ),
                CommandError::Refused(refusal) => {
                    let why = words::refusal(&refusal.code).unwrap_or(&refusal.why);
                    page(StatusCode::UNPROCESSABLE_ENTITY, t!("error-refused"), why)
                }
                CommandError::Stale { .. } => page(StatusCode::CONFLICT, t!("error-stale"), t!("error-stale-what")),
                CommandError::TooLarge { most } => page(
                    StatusCode::PAYLOAD_TOO_LARGE,
                    t!("error-large"),
                    t!("error-large-what", most = most / (1024 * 1024)),
                ),
                CommandError::KeyReused => page(StatusCode::CONFLICT, t!("error-twice"), t!("error-twice-what")),
                CommandError::Unauthenticated => {
                    page(StatusCode::UNAUTHORIZED, t!("error-unsigned"), t!("error-unsigned-what"))
                }
                CommandError::TooMany { seconds } => page(
                    StatusCode::TOO_MANY_REQUESTS,
                    t!("error-often"),
                    t!("error-often-what", seconds = (seconds + 59) / 60),
                ),
                CommandError::Unavailable(why) => {
                    tracing::warn!(error = %why, "the database is away");
                    page(StatusCode::SERVICE_UNAVAILABLE, t!("error-away"), t!("error-away-what"))
                }
                CommandError::Internal(why) => internal(why),
            },
        }
    }
}

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        match &self {
            Self::SignIn { next, over } => {
                let over = if *over { "&over=1" } else { "" };
                let to = if next == "/" {
                    format!("/login?{}", over.trim_start_matches('&'))
                } else {
                    format!("/login?next={}{over}", encode(next))
                };
                return Redirect::to(to.trim_end_matches('?')).into_response();
            }
            Self::Go(path) => return Redirect::to(path).into_response(),
            _ => {}
        }
        let page = self.show();
        let status = StatusCode::from_u16(page.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = page.render().unwrap_or_else(|_| page.title.clone());
        (status, [(header::CACHE_CONTROL, "no-store")], Html(body)).into_response()
    }
}

/// `GET` of an address nobody serves.
pub async fn not_found() -> Fault {
    Fault::Command(CommandError::NotFound)
}

#[cfg(test)]
mod tests {
    use askama::Template;
    use huiyin_app::CommandError;

    use super::Fault;

    #[test]
    fn every_fault_has_a_page() {
        let faults = [
            Fault::Role,
            Fault::Foreign,
            Fault::Unreadable,
            Fault::Lost { signed_in: false, kept: vec![("说明".into(), "写了很久的话".into())] },
            Fault::Command(CommandError::NotFound),
            Fault::Command(CommandError::Forbidden("a call-taker or the hotline office".into())),
            Fault::Command(CommandError::Unavailable("away".into())),
            Fault::Command(CommandError::Internal("secret detail".into())),
            Fault::Command(CommandError::TooMany { seconds: 61 }),
        ];
        for fault in faults {
            let text = fault.show().render().expect("it renders");
            assert!(text.contains("<h1"), "{fault:?}");
            assert!(!text.contains("secret detail"), "a page does not tell what broke");
        }
    }
}
