//! Why a request has no other answer: problem+json (RFC 9457), and the one table from [`CommandError`] to a status.
//!
//! A problem is told in English, or in Chinese to those who ask for it by `Accept-Language`; its code is the same.

use std::time::Duration;

use axum::{
    http::{
        HeaderMap, HeaderValue, StatusCode,
        header::{
            ACCEPT_LANGUAGE, CONTENT_ENCODING, CONTENT_LANGUAGE, CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER, VARY,
            WWW_AUTHENTICATE,
        },
    },
    response::{IntoResponse, Response},
};
use huiyin_app::{App, CommandError};
use huiyin_core::policy::Citation;
use serde::Serialize;

use crate::{ops::request_id, words};

/// A problem as the API tells it.
#[derive(Debug, Clone, Serialize)]
#[serde(transparent)]
pub struct Problem(Box<Told>);

#[derive(Debug, Clone, Serialize)]
struct Told {
    #[serde(rename = "type")]
    kind: String,
    title: &'static str,
    status: u16,
    detail: String,
    code: String,
    basis: Vec<Citation>,
    instead: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    incident: Option<String>,
    #[serde(skip)]
    retry_after: Option<i64>,
    #[serde(skip)]
    authenticate: Option<&'static str>,
    /// Detail and `instead` in Chinese, where the rules or the register have to be asked for the words.
    #[serde(skip)]
    chinese: Option<(String, Vec<String>)>,
}

/// When to come back after a moment's trouble, in seconds.
const SOON: i64 = 2;

impl Problem {
    /// A problem of one of the table's statuses.
    pub fn new(status: StatusCode, code: &str, detail: impl Into<String>) -> Self {
        Self(Box::new(Told {
            kind: format!("urn:huiyin:problem:{code}"),
            title: title(status),
            status: status.as_u16(),
            detail: detail.into(),
            code: code.to_owned(),
            basis: Vec::new(),
            instead: Vec::new(),
            field: None,
            version: None,
            incident: None,
            retry_after: None,
            authenticate: None,
            chinese: None,
        }))
    }

    /// What an error of the application is to a program: the one table.
    pub fn of(app: &App, error: CommandError) -> Self {
        let new = |status| Self::new(status, error.code(), error.to_string());
        match &error {
            CommandError::Refused(refusal) => {
                let mut problem = Self::new(StatusCode::UNPROCESSABLE_ENTITY, error.code(), refusal.why.as_str());
                problem.0.basis = refusal.basis.iter().map(|basis| app.pack.citation(basis)).collect();
                problem.0.chinese = Some(words::refused(&app.pack, &app.known_organisation(), refusal));
                problem.instead(refusal.instead.iter().cloned())
            }
            CommandError::Forbidden(needs) => {
                let mut problem = new(StatusCode::FORBIDDEN);
                problem.0.chinese = Some((format!("这一操作须由{}进行", words::who(needs)), Vec::new()));
                problem
            }
            CommandError::NotFound => {
                let detail = "there is no such thing, or you may not know of it";
                Self::new(StatusCode::NOT_FOUND, error.code(), detail)
            }
            CommandError::Invalid { field, message } => Self::invalid(field, message.as_str()),
            CommandError::Stale { now } => {
                let mut problem = new(StatusCode::PRECONDITION_FAILED);
                problem.0.version = Some(*now);
                problem.instead([format!("read the order again and send `If-Match: \"{now}\"`")])
            }
            CommandError::TooLarge { .. } => new(StatusCode::PAYLOAD_TOO_LARGE),
            CommandError::KeyReused => new(StatusCode::CONFLICT),
            CommandError::Unauthenticated => Self::unauthenticated(true),
            CommandError::TooMany { seconds } => new(StatusCode::TOO_MANY_REQUESTS).later((*seconds).max(1)),
            CommandError::Unavailable(_) => {
                tracing::warn!(request.id = %request_id(), %error, "a request could not be served");
                let detail = "the database is not available; send the request again, with the same Idempotency-Key";
                Self::new(StatusCode::SERVICE_UNAVAILABLE, error.code(), detail).later(SOON)
            }
            CommandError::Internal(_) => {
                let id = request_id();
                tracing::error!(request.id = %id, %error, "a request failed");
                Self::incident(&id)
            }
        }
    }

    /// No token, or one that is not good.
    pub fn unauthenticated(sent: bool) -> Self {
        let (how, detail) = match sent {
            false => ("Bearer realm=\"huiyin\"", "send `Authorization: Bearer <token>`"),
            true => (
                "Bearer realm=\"huiyin\", error=\"invalid_token\"",
                "the token is unknown, has ended or was revoked; ask an administrator for a new one",
            ),
        };
        Self::new(StatusCode::UNAUTHORIZED, "unauthenticated", detail).authenticate(how)
    }

    /// The token lacks a scope.
    pub fn out_of_scope(scope: &str) -> Self {
        Self::new(StatusCode::FORBIDDEN, "token.scope", format!("this needs a token with scope `{scope}`"))
            .authenticate("Bearer realm=\"huiyin\", error=\"insufficient_scope\"")
            .instead([scope])
    }

    /// Too many bad tokens from one address.
    pub fn too_many(seconds: i64) -> Self {
        let detail = format!("too many bad tokens came from this address; wait {seconds} seconds");
        Self::new(StatusCode::TOO_MANY_REQUESTS, "too_many", detail).later(seconds)
    }

    /// More requests than are worked on at once.
    pub fn busy() -> Self {
        let detail = "the server is at its limit; nothing was done: send the request again in a moment";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "busy", detail).later(SOON)
    }

    /// No answer in time.
    pub fn timed_out(limit: Duration) -> Self {
        let detail = format!(
            "no answer within {} s; it may still be carried out: send the request again with the same Idempotency-Key",
            limit.as_secs()
        );
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "timeout", detail).later(SOON)
    }

    /// A fault of the program; the log has the rest under the number.
    pub fn incident(number: &str) -> Self {
        let detail = format!("a fault of the program; tell the administrator the incident number {number}");
        let mut problem = Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", detail);
        problem.0.incident = Some(number.to_owned());
        problem
    }

    /// A fault of one field of the input.
    pub fn invalid(field: &str, detail: impl Into<String>) -> Self {
        let mut problem = Self::new(StatusCode::BAD_REQUEST, "input.invalid", detail);
        problem.0.field = Some(field.to_owned());
        problem
    }

    /// With what would be accepted.
    #[must_use]
    pub fn instead(mut self, instead: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.0.instead = instead.into_iter().map(Into::into).collect();
        self
    }

    fn later(mut self, seconds: i64) -> Self {
        self.0.retry_after = Some(seconds);
        self
    }

    fn authenticate(mut self, how: &'static str) -> Self {
        self.0.authenticate = Some(how);
        self
    }

    /// The same in Chinese.
    #[must_use]
    pub fn in_chinese(mut self) -> Self {
        self.0.title = title_zh(self.status());
        let told = &mut self.0;
        match told.chinese.take() {
            Some((detail, instead)) => {
                told.detail = detail;
                told.instead = instead;
            }
            None => {
                if let Some(detail) = detail_zh(told) {
                    told.detail = detail;
                }
            }
        }
        self
    }

    /// Its status.
    pub fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.0.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// When to come back, in seconds.
    pub fn retry_after(&self) -> Option<i64> {
        self.0.retry_after
    }

    /// Its number in the log.
    pub fn incident_number(&self) -> &str {
        self.0.incident.as_deref().unwrap_or_default()
    }
}

fn title(status: StatusCode) -> &'static str {
    match status {
        StatusCode::BAD_REQUEST => "The input cannot be read",
        StatusCode::UNAUTHORIZED => "Not signed in",
        StatusCode::FORBIDDEN => "Not allowed",
        StatusCode::NOT_FOUND => "Not found",
        StatusCode::METHOD_NOT_ALLOWED => "No such method here",
        StatusCode::CONFLICT => "The key was used before",
        StatusCode::PRECONDITION_FAILED => "The order has changed",
        StatusCode::PAYLOAD_TOO_LARGE => "Too large",
        StatusCode::UNSUPPORTED_MEDIA_TYPE => "Send JSON",
        StatusCode::UNPROCESSABLE_ENTITY => "The rules refuse it",
        StatusCode::TOO_MANY_REQUESTS => "Too many attempts",
        StatusCode::SERVICE_UNAVAILABLE => "Not available now",
        _ => "Internal fault",
    }
}

fn title_zh(status: StatusCode) -> &'static str {
    match status {
        StatusCode::BAD_REQUEST => "无法读取提交的内容",
        StatusCode::UNAUTHORIZED => "没有登录",
        StatusCode::FORBIDDEN => "没有权限",
        StatusCode::NOT_FOUND => "没有找到",
        StatusCode::METHOD_NOT_ALLOWED => "不支持这种方法",
        StatusCode::CONFLICT => "幂等键已用过",
        StatusCode::PRECONDITION_FAILED => "工单已被改动",
        StatusCode::PAYLOAD_TOO_LARGE => "内容过大",
        StatusCode::UNSUPPORTED_MEDIA_TYPE => "请用 JSON",
        StatusCode::UNPROCESSABLE_ENTITY => "规则不允许",
        StatusCode::TOO_MANY_REQUESTS => "尝试次数过多",
        StatusCode::SERVICE_UNAVAILABLE => "暂时不可用",
        _ => "系统内部故障",
    }
}

/// The detail of what needs neither rules nor register. None leaves the English, which names what a program must mend.
fn detail_zh(told: &Told) -> Option<String> {
    Some(match told.code.as_str() {
        "input.invalid" => words::invalid(told.field.as_deref().unwrap_or_default(), &told.detail),
        "unauthenticated" => {
            "请带上 `Authorization: Bearer <令牌>`；令牌不对、到期或已作废的，请向管理员申请新的".into()
        }
        "token.scope" => format!("令牌没有权限范围 `{}`", told.instead.join("、")),
        "not_found" => "没有这个内容，或者它不在您可查看的范围内".into(),
        "path.unknown" => "没有这个路径；全部路径见 `/api/openapi.json`".into(),
        "method.unknown" => "这个路径不支持这种方法；见响应头 `Allow` 和 `/api/openapi.json`".into(),
        "body.too_large" => "内容超过上限，请减少后重发".into(),
        "body.type" => "请以 JSON 提交，并写明 `Content-Type: application/json`".into(),
        "order.stale" => {
            format!("工单已被他人改动，现为第 {} 版；请重新读取后再提交", told.version.unwrap_or_default())
        }
        "key.reused" => "这个幂等键已用于另一个请求；请换一个新的".into(),
        "too_many" => format!("尝试次数过多，请在 {} 秒后再试", told.retry_after.unwrap_or_default()),
        "unavailable" => "数据库暂时不可用；请用同一个 Idempotency-Key 重发".into(),
        "busy" => "系统繁忙，没有执行；请稍后重发".into(),
        "timeout" => "未能及时答复，可能仍会执行；请用同一个 Idempotency-Key 重发".into(),
        "internal" => {
            format!("系统内部故障，请把编号 {} 告诉管理员", told.incident.as_deref().unwrap_or_default())
        }
        _ => return None,
    })
}

/// Whether Chinese is asked for before English.
pub fn wants_chinese(headers: &HeaderMap) -> bool {
    let Some(asked) = headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()) else { return false };
    let weight = |language: &str| {
        let of = |one: &str| -> Option<f32> {
            let mut parts = one.split(';').map(str::trim);
            let own = parts.next()?.split('-').next()?.eq_ignore_ascii_case(language);
            let q = parts.find_map(|part| part.strip_prefix("q="));
            own.then(|| q.map_or(Some(1.0), |q| q.parse().ok())).flatten()
        };
        asked.split(',').filter_map(of).fold(0.0, f32::max)
    };
    let (chinese, english) = (weight("zh"), weight("en"));
    let first = || asked.trim_start().get(..2).is_some_and(|first| first.eq_ignore_ascii_case("zh"));
    chinese > english || (chinese > 0.0 && chinese >= english && first())
}

/// A response, its problem told in Chinese where it is one.
pub fn in_chinese(mut response: Response) -> Response {
    let Some(problem) = response.extensions_mut().remove::<Problem>() else { return response };
    let told = problem.in_chinese().into_response();
    let (mut parts, _) = response.into_parts();
    parts.headers.remove(CONTENT_ENCODING);
    parts.headers.remove(CONTENT_LENGTH);
    parts.headers.insert(CONTENT_LANGUAGE, HeaderValue::from_static("zh"));
    Response::from_parts(parts, told.into_body())
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        // INVARIANT: strings and numbers only, so it can always be written.
        let body = serde_json::to_vec(&self).unwrap_or_default();
        let mut response = (self.status(), [(CONTENT_TYPE, "application/problem+json")], body).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_LANGUAGE, HeaderValue::from_static("en"));
        headers.insert(VARY, HeaderValue::from_static("accept-language"));
        if let Some(seconds) = self.0.retry_after {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        if let Some(how) = self.0.authenticate {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static(how));
        }
        response.extensions_mut().insert(self);
        response
    }
}
