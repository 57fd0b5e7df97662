//! What a request brings: body, headers, path and query, each told clearly when it cannot be read.

use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Path, Query, Request},
    http::{
        HeaderMap, HeaderName, StatusCode,
        header::{CONTENT_LENGTH, CONTENT_TYPE, IF_MATCH},
        request::Parts,
    },
};
use huiyin_core::time::{Instant, Zone};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::Problem;
use crate::Site;

/// The header of a command that is carried out once.
pub(super) const KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// A JSON body, read and checked to be text; what it says is read by [`Body::object`] or [`Body::into`].
#[derive(Debug)]
pub(super) struct Body(pub(super) Bytes);

impl FromRequest<Site> for Body {
    type Rejection = Problem;

    async fn from_request(request: Request, site: &Site) -> Result<Self, Problem> {
        let limit = site.options.body_limit;
        let announced =
            request.headers().get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
        if announced.is_some_and(|length| length > limit) {
            return Err(too_large(limit));
        }
        let json = is_json(request.headers());
        let bytes = axum::body::to_bytes(request.into_body(), limit).await.map_err(|error| {
            if std::error::Error::source(&error).is_some_and(|source| source.to_string().contains("limit")) {
                return too_large(limit);
            }
            Problem::invalid("body", "the body did not arrive whole; send it again")
        })?;
        if !bytes.is_empty() && !json {
            let detail = "send the body as JSON, with `Content-Type: application/json`";
            return Err(
                Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "body.type", detail).instead(["application/json"])
            );
        }
        if let Err(error) = std::str::from_utf8(&bytes) {
            let detail = format!("byte {} is not UTF-8; send the body in UTF-8", error.valid_up_to());
            return Err(Problem::invalid("body", detail));
        }
        // Some editors put a mark before the text.
        Ok(Self(bytes.strip_prefix(b"\xef\xbb\xbf").map_or(bytes.clone(), |rest| bytes.slice_ref(rest))))
    }
}

fn too_large(limit: usize) -> Problem {
    let detail = format!("the body is larger than {limit} bytes; send less");
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "body.too_large", detail)
}

fn is_json(headers: &HeaderMap) -> bool {
    let Some(given) = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()) else { return false };
    let mut parts = given.split(';').map(str::trim);
    let json = parts.next().is_some_and(|kind| {
        kind.eq_ignore_ascii_case("application/json")
            || (kind.starts_with("application/") && kind.to_ascii_lowercase().ends_with("+json"))
    });
    json && parts.filter_map(|part| part.split_once('=')).all(|(name, value)| {
        !name.eq_ignore_ascii_case("charset") || value.trim_matches('"').eq_ignore_ascii_case("utf-8")
    })
}

impl Body {
    /// The body as an object; none at all is one without fields.
    pub(super) fn object(&self) -> Result<Map<String, Value>, Problem> {
        if self.0.iter().all(u8::is_ascii_whitespace) {
            return Ok(Map::new());
        }
        match serde_json::from_slice(&self.0) {
            Ok(Value::Object(fields)) => Ok(fields),
            Ok(_) => Err(Problem::invalid("body", "send a JSON object")),
            Err(error) => Err(Problem::invalid("body", format!("this is not JSON: {error}"))),
        }
    }

    /// The body as a type; the field that does not fit is named.
    pub(super) fn into<T: DeserializeOwned>(self) -> Result<T, Problem> {
        if self.0.iter().all(u8::is_ascii_whitespace) {
            return Err(Problem::invalid("body", "the body is empty; send a JSON object"));
        }
        if !self.0.trim_ascii_start().starts_with(b"{") {
            return Err(Problem::invalid("body", "send a JSON object"));
        }
        let mut from = serde_json::Deserializer::from_slice(&self.0);
        let read = serde_path_to_error::deserialize(&mut from).map_err(|error| {
            let path = error.path().to_string();
            Problem::invalid(if path == "." { "body" } else { &path }, error.into_inner().to_string())
        });
        read.and_then(|read| {
            from.end().map_err(|error| Problem::invalid("body", format!("this is not JSON: {error}")))?;
            Ok(read)
        })
    }
}

/// The key under which a command is carried out once.
pub(super) fn key(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let Some(value) = headers.get(&KEY) else { return Ok(None) };
    let sound = |text: &&str| (1..=200).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic());
    match value.to_str().ok().filter(sound) {
        Some(text) => Ok(Some(text.to_owned())),
        None => Err(Problem::invalid("Idempotency-Key", "a key is 1 to 200 visible ASCII characters, such as a UUID")),
    }
}

/// The version an order must still have.
pub(super) fn if_match(headers: &HeaderMap) -> Result<Option<u64>, Problem> {
    let mut values = headers.get_all(IF_MATCH).iter();
    let Some(value) = values.next() else { return Ok(None) };
    let text = value.to_str().unwrap_or_default().trim();
    if text == "*" && values.next().is_none() {
        return Ok(None);
    }
    let number = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    number
        .filter(|number| number.bytes().all(|b| b.is_ascii_digit()))
        .and_then(|number| number.parse().ok())
        .filter(|_| values.next().is_none())
        .map(Some)
        .ok_or_else(|| Problem::invalid("If-Match", "send one version as the order's ETag has it, such as `\"7\"`"))
}

/// A part of the path.
#[derive(Debug)]
pub(super) struct Named(pub(super) String);

impl FromRequestParts<Site> for Named {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, site: &Site) -> Result<Self, Problem> {
        match Path::<String>::from_request_parts(parts, site).await {
            Ok(Path(name)) => Ok(Self(name)),
            Err(_) => Err(Problem::of(&site.app, huiyin_app::CommandError::NotFound)),
        }
    }
}

/// The query: taken apart by name; what is left over at the end is a mistake.
#[derive(Debug)]
pub(super) struct Params {
    given: Vec<(String, String)>,
    known: Vec<&'static str>,
}

impl FromRequestParts<Site> for Params {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &Site) -> Result<Self, Problem> {
        match Query::<Vec<(String, String)>>::try_from_uri(&parts.uri) {
            Ok(Query(given)) => Ok(Self { given, known: Vec::new() }),
            Err(_) => Err(Problem::invalid("query", "write the query as `name=value&name=value`")),
        }
    }
}

impl Params {
    /// One value, if it is given.
    pub(super) fn one(&mut self, name: &'static str) -> Result<Option<String>, Problem> {
        self.known.push(name);
        let mut found = None;
        let mut twice = false;
        self.given.retain(|(own, value)| {
            let mine = own == name;
            if mine {
                twice |= found.replace(value.clone()).is_some();
            }
            !mine
        });
        if twice {
            return Err(Problem::invalid(name, "give it once"));
        }
        Ok(found.filter(|value| !value.is_empty()))
    }

    /// Codes with commas between; each is one of `all`, where those are known.
    pub(super) fn codes(&mut self, name: &'static str, all: Option<Vec<&str>>) -> Result<Vec<String>, Problem> {
        let Some(text) = self.one(name)? else { return Ok(Vec::new()) };
        let codes: Vec<String> = text.split(',').map(|code| code.trim().to_owned()).collect();
        if codes.len() > 50 {
            return Err(Problem::invalid(name, "name at most 50 codes"));
        }
        let is_code = |code: &str| {
            (1..=80).contains(&code.len())
                && code.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
        };
        for code in &codes {
            if let Some(all) = &all
                && !all.contains(&code.as_str())
            {
                return Err(
                    Problem::invalid(name, format!("`{code}` is not one of its codes")).instead(all.iter().copied())
                );
            }
            if !is_code(code) {
                return Err(Problem::invalid(name, "write codes with commas between"));
            }
        }
        Ok(codes)
    }

    /// `true` or `false`.
    pub(super) fn flag(&mut self, name: &'static str) -> Result<Option<bool>, Problem> {
        match self.one(name)?.as_deref() {
            None => Ok(None),
            Some("true") => Ok(Some(true)),
            Some("false") => Ok(Some(false)),
            Some(_) => Err(Problem::invalid(name, "write true or false").instead(["true", "false"])),
        }
    }

    /// A day, as an integer.
    pub(super) fn day(&mut self, name: &'static str) -> Result<Option<i64>, Problem> {
        let Some(text) = self.one(name)? else { return Ok(None) };
        let shaped = text.len() == 10
            && text.bytes().enumerate().all(|(at, b)| if matches!(at, 4 | 7) { b == b'-' } else { b.is_ascii_digit() });
        let number = shaped.then(|| text.replace('-', "").parse::<i64>().ok()).flatten();
        number
            .filter(|number| huiyin_core::time::Day::try_from(*number).is_ok())
            .map(Some)
            .ok_or_else(|| Problem::invalid(name, "write a day such as 2026-10-12"))
    }

    /// A moment.
    pub(super) fn instant(&mut self, name: &'static str, zone: &Zone) -> Result<Option<Instant>, Problem> {
        let Some(text) = self.one(name)? else { return Ok(None) };
        zone.parse(&text).map(Some).map_err(|message| Problem::invalid(name, message))
    }

    /// A number within bounds.
    pub(super) fn number(&mut self, name: &'static str, most: u32) -> Result<Option<u32>, Problem> {
        let Some(text) = self.one(name)? else { return Ok(None) };
        let number = text.parse::<u32>().ok().filter(|number| (1..=most).contains(number));
        number.map(Some).ok_or_else(|| Problem::invalid(name, format!("write a number from 1 to {most}")))
    }

    /// Nothing else may have been given.
    pub(super) fn finish(self) -> Result<(), Problem> {
        match self.given.first() {
            None => Ok(()),
            Some((name, _)) => {
                // The name is the client's own, but it is told only as far as it is one.
                let name: String = name.chars().filter(|c| !c.is_control()).take(40).collect();
                let detail = format!("unknown query parameter `{name}`; remove it");
                Err(Problem::invalid(&name, detail).instead(self.known))
            }
        }
    }
}
