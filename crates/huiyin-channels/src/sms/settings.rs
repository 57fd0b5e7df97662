//! What the configuration says of short messages, `[sms]`.

use std::{collections::BTreeMap, path::PathBuf};

use serde::Deserialize;

use crate::settings::Secret;

/// Settings of outgoing short messages, `[sms]`. Templates are kept like secrets, since people write passwords into them.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The gateway's address: a template.
    pub url: Secret,
    /// How it is asked.
    #[serde(default)]
    pub method: Method,
    /// Further headers: templates.
    #[serde(default)]
    pub headers: BTreeMap<String, Secret>,
    /// What the body is.
    #[serde(default)]
    pub content_type: ContentType,
    /// The body: a template.
    #[serde(default)]
    pub body: Secret,
    /// What is done to the body last.
    #[serde(default)]
    pub body_encoding: BodyEncoding,
    /// How text becomes bytes, there and back.
    #[serde(default)]
    pub charset: Charset,
    /// The form of a number.
    #[serde(default)]
    pub number: NumberForm,
    /// Where the gateway should report delivery: a template.
    #[serde(default)]
    pub dlr_url: Secret,
    /// The form of `{time}`.
    #[serde(default = "digits")]
    pub time_format: String,
    /// The zone of `{time}`.
    #[serde(default = "china")]
    pub zone: String,
    /// How long one attempt may take as a whole.
    #[serde(default = "fifteen")]
    pub timeout_seconds: u64,
    /// The way out of the house, where it is not direct.
    pub proxy: Option<Secret>,
    /// Authorities to trust instead of this machine's, as PEM.
    pub ca_file: Option<PathBuf>,
    /// Names of the city's own for use in templates.
    #[serde(default)]
    pub values: BTreeMap<String, String>,
    /// The same, never shown.
    #[serde(default)]
    pub secrets: BTreeMap<String, Secret>,
    /// How `{sign}` is made.
    #[serde(default)]
    pub sign: SignSettings,
    /// How the answer is read.
    #[serde(default)]
    pub answer: AnswerSettings,
    /// How reports of delivery are read; absent: none will come.
    pub report: Option<ReportSettings>,
}

fn digits() -> String {
    "%Y%m%d%H%M%S".to_owned()
}

fn china() -> String {
    "Asia/Shanghai".to_owned()
}

fn fifteen() -> u64 {
    15
}

/// How the gateway is asked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Method {
    /// Everything is in the address.
    Get,
    /// With a body.
    #[default]
    Post,
}

/// What the body is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ContentType {
    /// There is none; everything is in the address.
    #[default]
    Query,
    /// A form.
    Form,
    /// JSON.
    Json,
}

/// What is done to the body last.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BodyEncoding {
    /// Nothing.
    #[default]
    Plain,
    /// It is sent as base64 of itself.
    Base64,
}

/// How text becomes bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Charset {
    /// UTF-8.
    #[default]
    #[serde(rename = "utf-8")]
    Utf8,
    /// GB 18030, of which GBK and GB 2312 are parts.
    Gb18030,
}

/// The form of a number.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NumberForm {
    /// Chinese numbers without the country's code.
    #[default]
    Local,
    /// With `+` and the country's code.
    International,
    /// As the order has it.
    AsIs,
}

/// How `{sign}` is made, `[sms.sign]`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SignSettings {
    /// The method.
    pub method: SignMethod,
    /// What is signed, in this order: templates.
    pub fields: Vec<String>,
    /// What stands between the fields.
    pub separator: String,
    /// The key of an HMAC.
    pub key: Secret,
    /// How the result is written.
    pub output: Output,
}

/// How something is signed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SignMethod {
    /// Not at all.
    #[default]
    None,
    /// MD5 over the fields, one of which is a secret.
    Md5Concat,
    /// HMAC with SHA-256 over the fields.
    HmacSha256,
}

/// How a signature is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Output {
    /// `0a1b`
    #[default]
    Hex,
    /// `0A1B`
    HexUpper,
    /// Base64.
    Base64,
}

/// How a gateway's answer is read, `[sms.answer]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AnswerSettings {
    /// The HTTP status of a message that is taken; empty: every 2xx.
    pub status: Vec<u16>,
    /// The HTTP status that says this message is wrong.
    pub refused_status: Vec<u16>,
    /// Where the answer's JSON has its result.
    pub path: Option<String>,
    /// The results there that say the message is taken.
    pub equals: Vec<String>,
    /// The results there that say this message is wrong.
    pub refused: Vec<String>,
    /// For an answer that is no JSON: how it begins when the message is taken.
    pub begins: Vec<String>,
    /// What later reports will name the message by.
    pub receipt: ReceiptRule,
}

impl Default for AnswerSettings {
    fn default() -> Self {
        Self {
            status: Vec::new(),
            refused_status: vec![400, 413, 422],
            path: None,
            equals: Vec::new(),
            refused: Vec::new(),
            begins: Vec::new(),
            receipt: ReceiptRule::default(),
        }
    }
}

/// What later reports will name a message by.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReceiptRule {
    /// Our own key.
    #[default]
    Key,
    /// Nothing: no report can be told from another.
    None,
    /// What stands at this place of the answer's JSON.
    Path(String),
    /// What stands in the answer between two texts; to the end of the line where the second is empty.
    Between(String, String),
}

/// How reports of delivery are read, `[sms.report]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReportSettings {
    /// The last part of the hook's address: whoever knows it may report.
    pub token: Secret,
    /// What the gateway wants to hear in answer.
    #[serde(default)]
    pub answer: String,
    /// What a report is.
    pub format: ReportFormat,
    /// Where JSON has its list of reports.
    #[serde(default)]
    pub items: String,
    /// Where a report has the receipt.
    pub receipt: String,
    /// Where it has the state.
    pub state: String,
    /// States that say the network has it.
    #[serde(default)]
    pub accepted: Vec<String>,
    /// States that say the phone has it.
    #[serde(default)]
    pub delivered: Vec<String>,
    /// States that say it never will.
    #[serde(default)]
    pub failed: Vec<String>,
    /// States that say it was given up for its age.
    #[serde(default)]
    pub expired: Vec<String>,
    /// Where it has the time.
    pub at: Option<String>,
    /// The form of the time: `unix`, `unix-ms`, or such as `%Y-%m-%d %H:%M:%S`.
    #[serde(default = "unix")]
    pub at_format: String,
    /// The zone of the time.
    #[serde(default = "china")]
    pub zone: String,
    /// Where it has the network's own code for the reason.
    pub code: Option<String>,
}

fn unix() -> String {
    "unix".to_owned()
}

/// What a report is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReportFormat {
    /// The query of an address.
    Query,
    /// A form in the body.
    Form,
    /// JSON in the body: one report, or a list of them.
    Json,
}
