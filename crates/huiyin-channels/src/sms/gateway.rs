//! Asks a gateway to send a message.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use base64::{Engine, engine::general_purpose::STANDARD};
use huiyin_app::{
    BoxFuture,
    ports::{Carrier, Clock, Message, Sent},
};
use huiyin_core::time::Instant;
use jiff::{Timestamp, fmt::strtime, tz::TimeZone};
use reqwest::{
    Certificate, Client, Proxy, Url,
    header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue},
    redirect::Policy,
};

use super::{
    answer::Answer,
    report::{Mapping, zone},
    settings::{BodyEncoding, Charset, ContentType, Method, NumberForm, Output, Settings, SignMethod},
    sign::sign,
    template::{Escape, Template, Values},
};
use crate::settings::{Fault, Secret, certificates, limit};

/// The names that are ours; a city's own may not be among them.
const OURS: [&str; 9] = ["to", "text", "key", "order_no", "time", "dlr_url", "report_token", "sign", "body"];

/// The most of an answer that is read.
const ANSWER_LIMIT: usize = 64 * 1024;

/// Hands short messages to a gateway by HTTP.
pub struct HttpGateway {
    client: Client,
    request: Request,
    answer: Answer,
    clock: Arc<dyn Clock>,
}

impl std::fmt::Debug for HttpGateway {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HttpGateway").field("url", &self.request.url.beginning()).finish_non_exhaustive()
    }
}

impl HttpGateway {
    /// A carrier by these settings. It connects when there is something to send.
    ///
    /// # Errors
    /// When a setting makes no sense.
    pub fn new(settings: &Settings, clock: Arc<dyn Clock>) -> Result<Self, Fault> {
        let reports = Mapping::of(settings)?.is_some();
        Ok(Self {
            request: Request::new(settings)?,
            answer: Answer::new(&settings.answer, reports)?,
            client: client(settings)?,
            clock,
        })
    }

    async fn attempt(&self, message: &Message) -> Sent {
        let written = match self.request.write(message, self.clock.now()) {
            Ok(written) => written,
            Err(why) => return Sent::Never(why.to_owned()),
        };
        let mut request = self.client.request(written.method, written.url).headers(written.headers);
        if let Some(body) = written.body {
            request = request.body(body);
        }
        // The client's own words for a failure hold the address, and so the number and the text.
        match request.send().await {
            Ok(mut response) => {
                let status = response.status().as_u16();
                let text = if self.answer.needs_text() { self.read(&mut response).await } else { None };
                self.answer.judge(status, text.as_deref(), &message.key)
            }
            Err(e) if e.is_timeout() => Sent::Later("the gateway did not answer in time".to_owned()),
            Err(e) if e.is_connect() => Sent::Later("the gateway cannot be reached".to_owned()),
            Err(_) => Sent::Later("the gateway broke off".to_owned()),
        }
    }

    async fn read(&self, response: &mut reqwest::Response) -> Option<String> {
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await.ok()? {
            if bytes.len() + chunk.len() > ANSWER_LIMIT {
                return None;
            }
            bytes.extend_from_slice(&chunk);
        }
        Some(self.request.charset.text(&bytes))
    }
}

impl Carrier for HttpGateway {
    fn name(&self) -> &'static str {
        "sms"
    }

    fn send<'a>(&'a self, message: &'a Message) -> BoxFuture<'a, Sent> {
        Box::pin(self.attempt(message))
    }
}

fn client(settings: &Settings) -> Result<Client, Fault> {
    let timeout = limit("sms.timeout_seconds", settings.timeout_seconds)?;
    let mut client = Client::builder()
        .timeout(timeout)
        .connect_timeout(timeout.min(Duration::from_secs(5)))
        .pool_idle_timeout(Duration::from_secs(30))
        .redirect(Policy::none())
        .user_agent("huiyin")
        // The machine's own proxy settings are somebody else's decision.
        .no_proxy();
    if let Some(proxy) = &settings.proxy {
        let proxy = Proxy::all(proxy.reveal()).map_err(|_| Fault::new("sms.proxy", "is no address of a proxy"))?;
        client = client.proxy(proxy);
    }
    if !settings.url.reveal().starts_with("https:") {
        client = client.tls_built_in_root_certs(false);
    }
    if let Some(path) = &settings.ca_file {
        let pem = certificates("sms.ca_file", path)?;
        let authorities = Certificate::from_pem_bundle(&pem).ok().filter(|found| !found.is_empty());
        let authorities = authorities
            .ok_or_else(|| Fault::new("sms.ca_file", format!("`{}` holds no certificate as PEM", path.display())))?;
        client = authorities
            .into_iter()
            .fold(client.tls_built_in_root_certs(false), |client, authority| client.add_root_certificate(authority));
    }
    client
        .build()
        .map_err(|_| Fault::new("sms.url", "no client can be made for it; does this machine trust any authority?"))
}

/// A request's templates.
struct Request {
    method: reqwest::Method,
    url: Template,
    headers: Vec<(HeaderName, Template)>,
    body: Template,
    content_type: ContentType,
    body_encoding: BodyEncoding,
    charset: Charset,
    number: NumberForm,
    dlr_url: Template,
    time_format: String,
    zone: TimeZone,
    constants: Values,
    sign: Sign,
}

struct Sign {
    method: SignMethod,
    fields: Vec<Template>,
    separator: String,
    key: Secret,
    output: Output,
    over_body: bool,
}

/// A request, ready to go.
#[derive(Debug)]
struct Written {
    method: reqwest::Method,
    url: Url,
    headers: HeaderMap,
    body: Option<Vec<u8>>,
}

impl Request {
    fn new(settings: &Settings) -> Result<Self, Fault> {
        let constants = constants(settings)?;
        let known: BTreeSet<&str> = constants.keys().map(String::as_str).chain(OURS).collect();
        let template = |setting: &str, text: &str, not: &[&str]| -> Result<Template, Fault> {
            let template = Template::parse(text).map_err(|what| Fault::new(setting, what))?;
            for name in template.names() {
                let what = match name {
                    _ if !known.contains(name) => "is no name we know: add it to `sms.values` or `sms.secrets`",
                    "report_token" if settings.report.is_none() => "needs `[sms.report]`",
                    "dlr_url" if settings.dlr_url.reveal().is_empty() => "needs `sms.dlr_url`",
                    "sign" if settings.sign.method == SignMethod::None => "needs `[sms.sign]`",
                    _ if not.contains(&name) => "must not stand here",
                    _ => continue,
                };
                return Err(Fault::new(setting, format!("`{{{name}}}` {what}")));
            }
            Ok(template)
        };

        let url = template("sms.url", settings.url.reveal(), &["body"])?;
        // Number and text would end up in the logs of what stands between the gateway and us.
        let dlr_url = template("sms.dlr_url", settings.dlr_url.reveal(), &["to", "text", "dlr_url", "sign", "body"])?;
        let headers = settings
            .headers
            .iter()
            .map(|(name, text)| {
                let setting = format!("sms.headers.{name}");
                let header = HeaderName::from_bytes(name.as_bytes())
                    .map_err(|_| Fault::new(&setting, format!("`{}` cannot be a header", name.escape_debug())))?;
                Ok((header, template(&setting, text.reveal(), &["to", "text", "body"])?))
            })
            .collect::<Result<Vec<_>, Fault>>()?;
        let fields = settings
            .sign
            .fields
            .iter()
            .map(|field| template("sms.sign.fields", field, &["sign"]))
            .collect::<Result<Vec<_>, _>>()?;
        let over_body = fields.iter().flat_map(Template::names).any(|name| name == "body");
        let body = template("sms.body", settings.body.reveal(), if over_body { &["body", "sign"] } else { &["body"] })?;

        match settings.sign.method {
            SignMethod::None => {}
            _ if fields.is_empty() => return Err(Fault::new("sms.sign.fields", "say what is signed")),
            SignMethod::HmacSha256 if settings.sign.key.reveal().is_empty() => {
                return Err(Fault::new("sms.sign.key", "an HMAC needs a key"));
            }
            _ => {}
        }
        match (settings.content_type, body.is_empty()) {
            (ContentType::Query, false) => {
                return Err(Fault::new("sms.content_type", "must be form or json where there is a body"));
            }
            (ContentType::Form | ContentType::Json, true) => return Err(Fault::new("sms.body", "is missing")),
            _ => {}
        }
        if settings.method == Method::Get && !body.is_empty() {
            return Err(Fault::new("sms.method", "must be POST where there is a body"));
        }

        let request = Self {
            method: match settings.method {
                Method::Get => reqwest::Method::GET,
                Method::Post => reqwest::Method::POST,
            },
            url,
            headers,
            body,
            content_type: settings.content_type,
            body_encoding: settings.body_encoding,
            charset: settings.charset,
            number: settings.number,
            dlr_url,
            time_format: settings.time_format.clone(),
            zone: zone("sms.zone", &settings.zone)?,
            constants,
            sign: Sign {
                method: settings.sign.method,
                fields,
                separator: settings.sign.separator.clone(),
                key: settings.sign.key.clone(),
                output: settings.sign.output,
                over_body,
            },
        };
        request.check()?;
        Ok(request)
    }

    /// Tries the templates on values that would break out of a place that does not hold them.
    fn check(&self) -> Result<(), Fault> {
        if self.time(Instant(0)).is_none() {
            return Err(Fault::new(
                "sms.time_format",
                format!("`{}` is no form of a time", self.time_format.escape_debug()),
            ));
        }
        let (scheme, rest) = self.url.beginning().split_once("://").unwrap_or_default();
        if !matches!(scheme, "http" | "https") || !rest.contains(['/', '?']) {
            return Err(Fault::new(
                "sms.url",
                "must begin with http:// or https://, a host and a `/`, with no braces before",
            ));
        }
        let hostile = self.names().map(|name| (name.to_owned(), "\"\\\n<&#/?@ 井".to_owned())).collect();
        let url = Url::parse(&self.url.fill(&hostile, Some(Escape::Url), self.charset))
            .map_err(|e| Fault::new("sms.url", format!("is no address: {e}")))?;
        if url.fragment().is_some() || !url.username().is_empty() {
            return Err(Fault::new("sms.url", "must have no `#` and no `user@`"));
        }
        let body = self.body.fill(&hostile, self.place(), self.charset);
        if self.content_type == ContentType::Json && serde_json::from_str::<serde_json::Value>(&body).is_err() {
            return Err(Fault::new(
                "sms.body",
                "is no JSON once it is filled in; a name in braces must stand inside quotes",
            ));
        }
        Ok(())
    }

    fn names(&self) -> impl Iterator<Item = &str> {
        self.url.names().chain(self.body.names())
    }

    fn place(&self) -> Option<Escape> {
        match self.content_type {
            ContentType::Query => None,
            ContentType::Form => Some(Escape::Url),
            ContentType::Json => Some(Escape::Json),
        }
    }

    /// The request for a message, or why there can be none.
    fn write(&self, message: &Message, now: Instant) -> Result<Written, &'static str> {
        const UNWRITABLE: &str = "the message cannot be written as a request";
        let mut values = self.constants.clone();
        let mut put = |name: &str, value: String| values.insert(name.to_owned(), value);
        put("to", number(&message.to, self.number).ok_or("the recipient is no phone number")?);
        put("text", message.text.clone());
        put("key", message.key.clone());
        put("order_no", message.order_no.clone());
        put("time", self.time(now).unwrap_or_default());
        let dlr_url = self.dlr_url.fill(&values, Some(Escape::Url), self.charset);
        values.insert("dlr_url".to_owned(), dlr_url);

        let mut body = None;
        if self.sign.over_body {
            let bytes = self.body(&values);
            values.insert("sign".to_owned(), self.sign(&values, &bytes));
            body = Some(bytes);
        } else {
            values.insert("sign".to_owned(), self.sign(&values, b""));
        }
        let body = (self.content_type != ContentType::Query).then(|| body.unwrap_or_else(|| self.body(&values)));

        let url = Url::parse(&self.url.fill(&values, Some(Escape::Url), self.charset)).map_err(|_| UNWRITABLE)?;
        let mut headers = HeaderMap::new();
        let charset = match self.charset {
            Charset::Utf8 => "utf-8",
            Charset::Gb18030 => "gb18030",
        };
        let content_type = match self.content_type {
            ContentType::Query => None,
            ContentType::Form => Some("application/x-www-form-urlencoded"),
            ContentType::Json => Some("application/json"),
        };
        if let Some(kind) = content_type {
            let value = HeaderValue::from_str(&format!("{kind}; charset={charset}")).map_err(|_| UNWRITABLE)?;
            headers.insert(CONTENT_TYPE, value);
        }
        for (name, template) in &self.headers {
            // Takes no control character, so no value ends its line.
            let mut value = HeaderValue::from_bytes(&self.charset.bytes(&template.fill(&values, None, self.charset)))
                .map_err(|_| UNWRITABLE)?;
            value.set_sensitive(true);
            headers.insert(name, value);
        }
        Ok(Written { method: self.method.clone(), url, headers, body })
    }

    fn body(&self, values: &Values) -> Vec<u8> {
        let bytes = self.charset.bytes(&self.body.fill(values, self.place(), self.charset));
        match self.body_encoding {
            BodyEncoding::Plain => bytes,
            BodyEncoding::Base64 => STANDARD.encode(bytes).into_bytes(),
        }
    }

    fn sign(&self, values: &Values, body: &[u8]) -> String {
        let fields: Vec<Vec<u8>> = self
            .sign
            .fields
            .iter()
            .map(|field| match field.names().eq(["body"]) {
                // The bytes themselves: a body need not be text.
                true => body.to_vec(),
                false => self.charset.bytes(&field.fill(values, None, self.charset)),
            })
            .collect();
        let separator = self.charset.bytes(&self.sign.separator);
        sign(self.sign.method, self.sign.key.reveal().as_bytes(), &fields, &separator, self.sign.output)
    }

    fn time(&self, now: Instant) -> Option<String> {
        match self.time_format.as_str() {
            "unix" => Some(now.ms().div_euclid(1000).to_string()),
            "unix-ms" => Some(now.ms().to_string()),
            format => {
                let at = Timestamp::from_millisecond(now.ms()).ok()?.to_zoned_datetime(self.zone.clone());
                strtime::format(format, &at).ok()
            }
        }
    }
}

/// The city's own names, with the token of reports.
fn constants(settings: &Settings) -> Result<Values, Fault> {
    let values = settings.values.iter().map(|(name, value)| ("sms.values", name, value.as_str()));
    let secrets = settings.secrets.iter().map(|(name, value)| ("sms.secrets", name, value.reveal()));
    let mut constants = BTreeMap::new();
    for (setting, name, value) in values.chain(secrets) {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        let what = if OURS.contains(&name.as_str()) {
            "is a name of ours; take another"
        } else if !name.starts_with(|c: char| c.is_ascii_lowercase()) || !name.chars().all(plain) {
            "must be small letters, digits and `_`, a letter first"
        } else if constants.insert(name.clone(), value.to_owned()).is_some() {
            "is in `sms.values` too"
        } else {
            continue;
        };
        return Err(Fault::new(format!("{setting}.{name}"), what));
    }
    if let Some(report) = &settings.report {
        constants.insert("report_token".to_owned(), report.token.reveal().to_owned());
    }
    Ok(constants)
}

/// A phone number in the form a gateway wants, if it is one.
fn number(text: &str, form: NumberForm) -> Option<String> {
    let number: String = text.trim().chars().filter(|c| !matches!(c, ' ' | '-' | '(' | ')')).collect();
    let digits = number.strip_prefix('+').unwrap_or(&number);
    if !(3..=20).contains(&digits.len()) || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let mobile = |digits: &str| digits.len() == 11 && digits.starts_with('1');
    let abroad = number.strip_prefix('+').or_else(|| number.strip_prefix("00"));
    let chinese = match abroad {
        Some(digits) => digits.strip_prefix("86"),
        None => number.strip_prefix("86").filter(|rest| mobile(rest)).or(Some(number.as_str())),
    };
    Some(match (form, chinese, abroad) {
        (NumberForm::AsIs, _, _) => number,
        (NumberForm::Local, Some(digits), _) => digits.to_owned(),
        (NumberForm::International, Some(digits), None) if !mobile(digits) && !digits.starts_with('0') => {
            digits.to_owned()
        }
        (NumberForm::International, Some(digits), _) => format!("+86{}", digits.trim_start_matches('0')),
        (_, None, Some(digits)) => format!("+{digits}"),
        (_, None, None) => number,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn settings(text: &str) -> Settings {
        toml::from_str(text).unwrap_or_else(|e| panic!("{e}\n{text}"))
    }

    fn message() -> Message {
        Message {
            to: "+86 138-0000-0000".to_owned(),
            subject: String::new(),
            text: "井盖\"已&修复\\\n{to}".to_owned(),
            key: "k-1".to_owned(),
            order_no: "20261124-0051".to_owned(),
        }
    }

    fn write(text: &str) -> Written {
        let request = Request::new(&settings(text)).unwrap_or_else(|e| panic!("{e}\n{text}"));
        request.write(&message(), Instant(1_795_500_350_000)).expect("request")
    }

    #[test]
    fn everything_in_the_address() {
        let written = write(
            r#"
            method = "GET"
            url = "http://127.0.0.1:1/send?u={user}&p={password}&to={to}&text={text}&dlr-url={dlr_url}&t={time}"
            dlr_url = "http://127.0.0.1:2/hooks/sms/{report_token}?receipt={key}&state=%d&no={order_no}"
            [values]
            user = "a&b"
            [secrets]
            password = "p=w#"
            [report]
            token = "report-token"
            format = "query"
            receipt = "receipt"
            state = "state"
            delivered = ["1"]
            "#,
        );
        assert_eq!(written.method, reqwest::Method::GET);
        assert!(written.body.is_none() && written.headers.is_empty());
        let pairs: Vec<(String, String)> = written.url.query_pairs().into_owned().collect();
        let expected = [
            ("u", "a&b"),
            ("p", "p=w#"),
            ("to", "13800000000"),
            ("text", "井盖\"已&修复\\\n{to}"),
            ("dlr-url", "http://127.0.0.1:2/hooks/sms/report-token?receipt=k-1&state=%d&no=20261124-0051"),
            ("t", "20261124140550"),
        ];
        assert_eq!(pairs, expected.map(|(k, v)| (k.to_owned(), v.to_owned())));
    }

    #[test]
    fn a_form_in_gb18030() {
        let written = write(
            r#"
            url = "http://127.0.0.1:1/send"
            content_type = "form"
            charset = "gb18030"
            number = "international"
            body = "mobile={to}&content={text}"
            "#,
        );
        assert_eq!(
            String::from_utf8(written.body.expect("body")).expect("ascii"),
            "mobile=%2B8613800000000&content=%BE%AE%B8%C7%22%D2%D1%26%D0%DE%B8%B4%5C%0A%7Bto%7D"
        );
        assert_eq!(written.headers[CONTENT_TYPE], "application/x-www-form-urlencoded; charset=gb18030");
    }

    #[test]
    fn json_with_a_digest_in_base64() {
        let written = write(
            r#"
            url = "http://127.0.0.1:1/sms/norsubmit"
            content_type = "json"
            body = '{"ecName":"{ec}","mobiles":"{to}","content":"【海州】{text}","mac":"{sign}"}'
            body_encoding = "base64"
            [values]
            ec = "海州市12345"
            [secrets]
            secret = "mas-secret"
            [sign]
            method = "md5-concat"
            fields = ["{ec}", "{secret}", "{to}", "【海州】{text}"]
            "#,
        );
        let body = STANDARD.decode(written.body.expect("body")).expect("base64");
        let json: Value = serde_json::from_slice(&body).expect("json");
        assert_eq!(json["content"], "【海州】井盖\"已&修复\\\n{to}");
        let signed = "海州市12345mas-secret13800000000【海州】井盖\"已&修复\\\n{to}".as_bytes().to_vec();
        assert_eq!(json["mac"], sign(SignMethod::Md5Concat, b"", &[signed], b"", Output::Hex));
    }

    #[test]
    fn json_signed_as_sent() {
        let written = write(
            r#"
            url = "https://sms.test/v1"
            content_type = "json"
            time_format = "unix"
            body = '{"phone":"{to}","params":"{\"text\":\"{text:json}\"}"}'
            headers = { X-Time = "{time}", X-Sign = "{sign}", Content-Type = "application/json" }
            [sign]
            method = "hmac-sha256"
            key = "cloud-secret"
            fields = ["{time}", "{body}"]
            separator = "\n"
            output = "base64"
            "#,
        );
        let body = written.body.expect("body");
        let inner: Value = serde_json::from_slice::<Value>(&body).expect("json")["params"]
            .as_str()
            .map(|inner| serde_json::from_str(inner).expect("inner json"))
            .expect("text");
        assert_eq!(inner["text"], "井盖\"已&修复\\\n{to}");
        let fields = [b"1795500350".to_vec(), body];
        assert_eq!(
            written.headers["x-sign"],
            sign(SignMethod::HmacSha256, b"cloud-secret", &fields, b"\n", Output::Base64)
        );
        assert_eq!(written.headers["x-time"], "1795500350");
        assert_eq!(written.headers[CONTENT_TYPE], "application/json");
        assert!(!format!("{:?}", written.headers).contains("1795500350"));
    }

    #[test]
    fn a_header_takes_no_second_line() {
        let request =
            Request::new(&settings("url = \"http://127.0.0.1:1/?t={text}\"\nheaders = { X-Key = \"{key}\" }"));
        let message = Message { key: "k\r\nX-Other: 1".to_owned(), ..message() };
        assert!(request.expect("settings").write(&message, Instant(0)).is_err());
    }

    #[test]
    fn numbers_take_the_form_asked_for() {
        use NumberForm::{AsIs, International, Local};
        let cases = [
            ("13800000000", "13800000000", "+8613800000000"),
            ("+8613800000000", "13800000000", "+8613800000000"),
            ("008613800000000", "13800000000", "+8613800000000"),
            ("86 138 0000 0000", "13800000000", "+8613800000000"),
            ("(0898) 8800-0000", "089888000000", "+8689888000000"),
            ("+85251230000", "+85251230000", "+85251230000"),
            ("0085251230000", "+85251230000", "+85251230000"),
            ("10086", "10086", "10086"),
        ];
        for (given, local, international) in cases {
            assert_eq!(number(given, Local).as_deref(), Some(local), "{given}");
            assert_eq!(number(given, International).as_deref(), Some(international), "{given}");
        }
        assert_eq!(number("+86138", AsIs).as_deref(), Some("+86138"));
        for wrong in
            ["", "12", "138000000a0", "138&to=1", "１３８００００００００", "123456789012345678901", "+", "1+3800"]
        {
            assert_eq!(number(wrong, Local), None, "{wrong}");
        }
    }

    #[test]
    fn a_fault_names_its_setting() {
        let url = "url = \"http://127.0.0.1:1/?to={to}\"\n";
        let cases = [
            ("sms.url", "url = \"ftp://a/\"".to_owned()),
            ("sms.url", "url = \"http://{host}/\"\nvalues = { host = \"a\" }".to_owned()),
            ("sms.url", "url = \"http://a.test{to}/\"".to_owned()),
            ("sms.url", "url = \"http://a/?x={unknown}\"".to_owned()),
            ("sms.url", "url = \"http://a/?x={to:html}\"".to_owned()),
            ("sms.url", "url = \"http://a/?x={sign}\"".to_owned()),
            ("sms.url", "url = \"http://a/?x={dlr_url}\"".to_owned()),
            ("sms.url", "url = \"http://a/?x={body}\"".to_owned()),
            ("sms.url", "url = \"http://a/#{to}\"".to_owned()),
            ("sms.url", "url = \"http://u:p@a/{to}\"".to_owned()),
            ("sms.dlr_url", format!("{url}dlr_url = \"http://b/{{to}}\"")),
            ("sms.dlr_url", format!("{url}dlr_url = \"http://b/{{report_token}}\"")),
            ("sms.content_type", format!("{url}body = \"x\"")),
            ("sms.body", format!("{url}content_type = \"form\"")),
            ("sms.body", format!("{url}content_type = \"json\"\nbody = '{{\"to\":{{to}}}}'")),
            ("sms.body", format!("{url}content_type = \"json\"\nbody = '{{\"to\":\"{{to}}\"'")),
            ("sms.method", format!("{url}method = \"GET\"\ncontent_type = \"form\"\nbody = \"x\"")),
            ("sms.headers.X-To", format!("{url}headers = {{ X-To = \"{{to}}\" }}")),
            ("sms.headers.X To", format!("{url}headers = {{ \"X To\" = \"a\" }}")),
            ("sms.sign.fields", format!("{url}sign = {{ method = \"md5-concat\" }}")),
            ("sms.sign.fields", format!("{url}sign = {{ method = \"md5-concat\", fields = [\"{{sign}}\"] }}")),
            ("sms.sign.key", format!("{url}sign = {{ method = \"hmac-sha256\", fields = [\"{{to}}\"] }}")),
            ("sms.values.to", format!("{url}values = {{ to = \"a\" }}")),
            ("sms.values.To", format!("{url}values = {{ To = \"a\" }}")),
            ("sms.secrets.a", format!("{url}values = {{ a = \"a\" }}\nsecrets = {{ a = \"b\" }}")),
            ("sms.zone", format!("{url}zone = \"Mars\"")),
            ("sms.time_format", format!("{url}time_format = \"%!\"")),
        ];
        for (setting, text) in cases {
            let fault = Request::new(&settings(&text)).err().unwrap_or_else(|| panic!("no fault: {text}"));
            assert_eq!(fault.setting, setting, "{text}: {fault}");
        }
        assert_eq!(
            client(&settings(&format!("{url}timeout_seconds = 0"))).expect_err("0").setting,
            "sms.timeout_seconds"
        );
        assert_eq!(
            client(&settings(&format!("{url}ca_file = \"/no/file\""))).expect_err("file").setting,
            "sms.ca_file"
        );
        assert_eq!(client(&settings(&format!("{url}proxy = \"::\""))).expect_err("proxy").setting, "sms.proxy");
    }
}
