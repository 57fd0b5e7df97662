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
        ..page(StatusCode::INTERNAL_SERVER_ERROR, "系统出错了", "已记录本次故障。您填写的内容没有提交，请返回后重试。")
    }
}

impl Fault {
    fn show(&self) -> ErrorPage {
        match self {
            Self::SignIn { .. } | Self::Go(_) => page(StatusCode::UNAUTHORIZED, "请先登录", "登录后继续。"),
            Self::Role => {
                page(StatusCode::FORBIDDEN, "没有权限", "这个页面不在您的岗位职责之内。如需开通，请联系系统管理员。")
            }
            Self::Foreign => page(
                StatusCode::FORBIDDEN,
                "表单已失效",
                "这次提交不是从本系统的当前页面发出的，或登录已更换。请返回上一页，刷新后重新提交；您填写的内容仍在上一页中。",
            ),
            Self::Lost { signed_in, kept } => {
                let (status, title, detail) = match signed_in {
                    true => (
                        StatusCode::FORBIDDEN,
                        "表单已失效",
                        "填写期间重新登录过，这次提交没有生效。您填写的内容在下面，可复制后到新打开的页面重新提交。",
                    ),
                    false => (
                        StatusCode::UNAUTHORIZED,
                        "登录已到期",
                        "这次提交没有生效。您填写的内容在下面，请先复制，登录后重新提交。",
                    ),
                };
                ErrorPage { kept: kept.clone(), ..page(status, title, detail) }
            }
            Self::Unreadable => page(StatusCode::BAD_REQUEST, "无法读取请求", "提交的内容不完整或过大，请返回重试。"),
            Self::Template(error) => internal(error),
            Self::Command(error) => match error {
                CommandError::NotFound => {
                    page(StatusCode::NOT_FOUND, "没有找到", "没有这个页面或工单，或者它不在您可查看的范围内。")
                }
                CommandError::Forbidden(needs) => {
                    page(StatusCode::FORBIDDEN, "没有权限", format!("这一操作须由{}进行。", words::who(needs)))
                }
                CommandError::Invalid { field, message } => {
                    page(StatusCode::UNPROCESSABLE_ENTITY, "填写有误", format!("{}：{message}", words::field(field)))
                }
                CommandError::Refused(refusal) => {
                    let why = words::refusal(&refusal.code).unwrap_or(&refusal.why);
                    page(StatusCode::UNPROCESSABLE_ENTITY, "不能这样操作", why)
                }
                CommandError::Stale { .. } => {
                    page(StatusCode::CONFLICT, "工单已被他人改动", "请返回工单查看最新情况。")
                }
                CommandError::TooLarge { most } => page(
                    StatusCode::PAYLOAD_TOO_LARGE,
                    "内容过大",
                    format!("最多 {} MB，请压缩或分次提交。", most / (1024 * 1024)),
                ),
                CommandError::KeyReused => {
                    page(StatusCode::CONFLICT, "重复提交", "这张表单已经提交过不同的内容，请返回并刷新页面。")
                }
                CommandError::Unauthenticated => page(StatusCode::UNAUTHORIZED, "请先登录", "登录后继续。"),
                CommandError::TooMany { seconds } => page(
                    StatusCode::TOO_MANY_REQUESTS,
                    "尝试次数过多",
                    format!("请在 {} 分钟后再试。", (seconds + 59) / 60),
                ),
                CommandError::Unavailable(why) => {
                    tracing::warn!(error = %why, "the database is away");
                    page(
                        StatusCode::SERVICE_UNAVAILABLE,
                        "系统暂时不可用",
                        "数据库正在恢复，请稍后重试。已提交成功的内容不会丢失。",
                    )
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
