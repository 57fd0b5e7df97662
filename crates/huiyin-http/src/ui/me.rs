//! `/me`: one's own sessions, password and one-time codes.

use askama::Template;
use axum::{
    extract::{Path, RawQuery},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use huiyin_app::{
    CommandError, notices,
    people::{self, Enrolment, PASSWORD_LENGTH},
};

use super::{
    error::Fault,
    field::{Problem, Tried},
    filters,
    form::Form,
    frame::Frame,
    language,
    session::{self, Ctx, Posted},
    show, words,
};

/// A session.
#[derive(Debug)]
pub struct Row {
    /// Its id.
    pub id: String,
    /// What the browser calls itself.
    pub agent: String,
    /// When it was last used.
    pub seen: String,
    /// Whether it is this one.
    pub here: bool,
}

/// The page.
#[derive(Debug, Template)]
#[template(path = "me.html")]
pub struct MePage {
    /// What surrounds it.
    pub frame: Frame,
    /// Whether the password must be changed first.
    pub must: bool,
    /// Fewest characters of a password.
    pub shortest: usize,
    /// Languages one may read the pages in.
    pub languages: Vec<language::Choice>,
    /// Posts: unit, role, since.
    pub posts: Vec<(String, String, String)>,
    /// Sessions.
    pub sessions: Vec<Row>,
    /// A secret just made: to type, and as an address.
    pub enrolment: Option<(String, String)>,
    /// Whether a code is waited for.
    pub confirming: bool,
    /// Kinds of notices: code, words, whether it is counted, whether it always is.
    pub kinds: Vec<(&'static str, &'static str, bool, bool)>,
}

/// `GET /me`.
///
/// # Errors
/// [`Fault`].
pub async fn get(ctx: Ctx, RawQuery(query): RawQuery) -> Result<Response, Fault> {
    let confirming = Form::query(query.as_deref()).get("confirm").is_some();
    show_page(&ctx, None, None, confirming).await
}

async fn show_page(
    ctx: &Ctx,
    tried: Option<&Tried>,
    enrolment: Option<Enrolment>,
    confirming: bool,
) -> Result<Response, Fault> {
    let app = &ctx.site.app;
    let pack = &app.pack;
    let now = app.now();
    let sessions = people::sessions(app, &ctx.actor).await?;
    let left_out = notices::left_out(app, &ctx.actor).await?;
    let mut frame = ctx.frame(t!("me-title"), "/me", None);
    frame.problem = tried.map(|tried| tried.problem.clone());
    let page = MePage {
        frame,
        must: ctx.session.must_change,
        shortest: PASSWORD_LENGTH,
        languages: language::choices(),
        posts: ctx
            .actor
            .posts
            .iter()
            .map(|post| {
                (show::unit(&ctx.org, &post.unit), words::role(post.role.code()).to_owned(), post.from.to_string())
            })
            .collect(),
        sessions: sessions
            .into_iter()
            .map(|one| Row {
                here: one.id == ctx.session.id,
                seen: t!(
                    "me-session-when",
                    created_at = show::near_moment(pack, now, one.created_at),
                    seen_at = show::near_moment(pack, now, one.seen_at)
                ),
                agent: one.agent,
                id: one.id,
            })
            .collect(),
        kinds: notices::KINDS
            .iter()
            .map(|(code, always)| {
                let counted = *always || !left_out.iter().any(|one| one == code);
                (*code, super::notices::kind(code), counted, *always)
            })
            .collect(),
        confirming: confirming || enrolment.is_some(),
        enrolment: enrolment.map(|made| (made.secret.as_str().to_owned(), made.url.as_str().to_owned())),
    };
    ctx.answer(&page, tried)
}

fn done(ctx: &Ctx, what: &str) -> Response {
    let said = session::say(&ctx.site, what);
    (StatusCode::SEE_OTHER, [(header::LOCATION, "/me")], [(header::SET_COOKIE, said)]).into_response()
}

/// A fault of the input, or of the present password, as the page again.
async fn again(ctx: &Ctx, error: CommandError, confirming: bool) -> Result<Response, Fault> {
    let title = match error {
        CommandError::Invalid { field, message } => match field.as_str() {
            "present" | "current" => t!("me-wrong-password").to_owned(),
            "code" | "totp" => t!("me-wrong-code").to_owned(),
            _ if message.contains("nothing was enrolled") => t!("me-no-key").to_owned(),
            "password" | "new" | "fresh" => {
                t!("me-weak", n = PASSWORD_LENGTH)
            }
            _ => super::words::invalid(&field, &message),
        },
        CommandError::TooMany { seconds } => t!("me-locked", seconds = (seconds + 59) / 60),
        other => return Err(other.into()),
    };
    let tried = Tried::new("", "me", Form::default(), Problem { title, ..Problem::default() });
    show_page(ctx, Some(&tried), None, confirming).await
}

/// A field as typed: blanks at the ends of a password are part of it.
fn typed<'a>(form: &'a Form, name: &str) -> &'a str {
    form.0.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value.as_str())
}

/// `POST /me/password`.
///
/// # Errors
/// [`Fault`].
pub async fn password(posted: Posted) -> Result<Response, Fault> {
    let Posted { ctx, form, .. } = posted;
    let fresh = typed(&form, "password");
    if fresh != typed(&form, "again") {
        return again(&ctx, CommandError::invalid("again", t!("me-not-same")), false).await;
    }
    match people::change_password(&ctx.site.app, &ctx.actor, &ctx.session.id, typed(&form, "present"), fresh).await {
        Ok(()) => Ok(done(&ctx, "password")),
        Err(error) => again(&ctx, error, false).await,
    }
}

/// `POST /me/notices`: which kinds of notices are counted.
///
/// # Errors
/// [`Fault`].
pub async fn notices(posted: Posted) -> Result<Response, Fault> {
    let Posted { ctx, form, .. } = posted;
    let counted: Vec<String> = form.all("kind").map(str::to_owned).collect();
    notices::choose(&ctx.site.app, &ctx.actor, &counted).await?;
    Ok(done(&ctx, "notices-chosen"))
}

/// `POST /me/sessions/{id}/end`.
///
/// # Errors
/// [`Fault`].
pub async fn end_session(Path(id): Path<String>, posted: Posted) -> Result<Response, Fault> {
    people::end_session(&posted.ctx.site.app, &posted.ctx.actor, &id).await?;
    Ok(done(&posted.ctx, "session"))
}

/// `POST /me/totp/enrol`: the secret, shown this once.
///
/// # Errors
/// [`Fault`].
pub async fn enrol(posted: Posted) -> Result<Response, Fault> {
    let Posted { ctx, form, .. } = posted;
    match people::enrol_totp(&ctx.site.app, &ctx.actor, typed(&form, "present")).await {
        Ok(made) => show_page(&ctx, None, Some(made), true).await,
        Err(error) => again(&ctx, error, false).await,
    }
}

/// `POST /me/totp/confirm`.
///
/// # Errors
/// [`Fault`].
pub async fn confirm(posted: Posted) -> Result<Response, Fault> {
    let Posted { ctx, form, .. } = posted;
    match people::confirm_totp(&ctx.site.app, &ctx.actor, form.get("code").unwrap_or_default()).await {
        Ok(()) => Ok(done(&ctx, "totp-on")),
        Err(error) => again(&ctx, error, true).await,
    }
}

/// `POST /me/totp/remove`.
///
/// # Errors
/// [`Fault`].
pub async fn remove(posted: Posted) -> Result<Response, Fault> {
    let Posted { ctx, form, .. } = posted;
    let login = form.get("login").unwrap_or_default();
    match people::remove_totp(&ctx.site.app, &ctx.actor, login, Some(typed(&form, "present"))).await {
        Ok(()) => Ok(done(&ctx, "totp-off")),
        Err(error) => again(&ctx, error, false).await,
    }
}
