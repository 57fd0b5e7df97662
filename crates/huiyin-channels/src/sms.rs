//! Short messages, handed to a gateway that is asked by HTTP, and the reports of delivery it sends back.
//!
//! Every such gateway wants much the same told differently, so the request is a template: its address, headers and body with
//! names in braces, each value escaped for the place where it stands. `example.toml` beside the crate's sources shows three.
//!
//! | name | value |
//! |---|---|
//! | `{to}` | the number, in the form `sms.number` asks for |
//! | `{text}` | the words |
//! | `{key}` | the message's key, the same at each attempt: where a gateway drops repeats by an id, give it this |
//! | `{order_no}` | the order's number |
//! | `{time}` | now, in `sms.time_format` and `sms.zone` |
//! | `{dlr_url}` | `sms.dlr_url` filled in: where the gateway should report delivery |
//! | `{report_token}` | `sms.report.token`, for `dlr_url` |
//! | `{sign}` | the signature `[sms.sign]` makes |
//! | `{body}` | the body as sent; only in `sms.sign.fields` |
//! | any other | from `[sms.values]` and `[sms.secrets]` |
//!
//! `{text:json}`, `{text:url}` and `{text:base64}` escape once more, for a value that is itself inside a JSON text, an address
//! and so on. A brace that begins no such name is itself.
//!
//! **A gateway that takes a message and answers too late** has it, and we do not know. The message is tried again with the
//! same key: a gateway that knows keys drops the second; with one that does not, a claimant may read a message twice, which
//! is better than not at all. The receipt is what later reports name: the gateway's own id where it gives one, else our key.
//!
//! **Reports come late, twice and in any order** (Kannel tells of delivery before it tells that the network accepted).
//! [`Mapping::read`] only reads them; the application lets a message's state move forward and never back.

mod answer;
mod gateway;
mod report;
mod settings;
mod sign;
mod template;

pub use gateway::HttpGateway;
pub use report::{DeliveryReport, DeliveryState, Mapping, Reports};
pub use settings::{
    AnswerSettings, BodyEncoding, Charset, ContentType, Method, NumberForm, Output, ReceiptRule, ReportFormat,
    ReportSettings, Settings, SignMethod, SignSettings,
};

use serde_json::Value;

/// What stands at a dotted path in a JSON value; an empty path is the value itself, a number an item of a list.
fn at<'a>(value: &'a Value, path: &str) -> Option<&'a Value> {
    path.split('.').filter(|step| !step.is_empty()).try_fold(value, |value, step| match value {
        Value::Array(items) => items.get(step.parse::<usize>().ok()?),
        _ => value.get(step),
    })
}

/// A JSON value that stands for one word.
fn word(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        _ => None,
    }
}
