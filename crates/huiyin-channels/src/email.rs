//! Mail, handed to the city's mail server by SMTP.
//!
//! - The Message-ID is made of the order's number and the message's key and is the same at each attempt, so that a mail
//!   handed over twice (the server took it, and its answer was lost) is seen to be one.
//! - A server's *no* counts against the message only when it is about the recipient or the content. Refused greeting,
//!   sign-in or sender are our settings' fault: the message waits.
//! - Headers tell no more of the claimant than the address; `Auto-Submitted` keeps other machines from answering.
//! - Addresses are plain ASCII, ours and the claimant's.

use std::{
    path::PathBuf,
    sync::Arc,
    time::{Duration, SystemTime},
};

use huiyin_app::{
    BoxFuture,
    ports::{Carrier, Clock, Message, Sent},
};
use lettre::{
    Address,
    message::{
        Mailbox,
        header::{ContentType, HeaderName, HeaderValue, MIME_VERSION_1_0},
    },
    transport::smtp::{
        authentication::{Credentials, Mechanism},
        client::{AsyncSmtpConnection, Certificate, CertificateStore, TlsParameters},
        commands::{Data, Mail, Rcpt},
        extension::ClientId,
    },
};
use serde::Deserialize;
use tokio::time::timeout;

use crate::settings::{Fault, Secret, certificates, limit};

/// How the way to the mail server is protected.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tls {
    /// From the first byte.
    #[default]
    Tls,
    /// Asked for once connected; no mail goes without it.
    Starttls,
    /// Not at all.
    None,
}

/// Settings of outgoing mail, `[email]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The mail server.
    pub host: String,
    /// Its port; the usual one of `tls` when absent.
    pub port: Option<u16>,
    /// How the way there is protected.
    #[serde(default)]
    pub tls: Tls,
    /// Authorities to trust instead of this machine's, as PEM.
    pub ca_file: Option<PathBuf>,
    /// Whom to sign in as, if at all.
    pub user: Option<String>,
    /// The password for it.
    pub password: Option<Secret>,
    /// The sender, `name <address>` or an address.
    pub from: String,
    /// Where answers go.
    pub reply_to: Option<String>,
    /// How we introduce ourselves.
    pub hello: Option<String>,
    /// How long one attempt may take as a whole.
    #[serde(default = "thirty")]
    pub timeout_seconds: u64,
}

fn thirty() -> u64 {
    30
}

/// How long a server that has taken a mail may take to say goodbye.
const GOODBYE: Duration = Duration::from_secs(2);

/// Hands mail to a server by SMTP.
pub struct SmtpCarrier {
    host: String,
    port: u16,
    tls: Option<(Tls, TlsParameters)>,
    sign_in: Option<Credentials>,
    from: Mailbox,
    reply_to: Option<Mailbox>,
    hello: ClientId,
    timeout: Duration,
    clock: Arc<dyn Clock>,
}

impl std::fmt::Debug for SmtpCarrier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SmtpCarrier").field("host", &self.host).field("port", &self.port).finish_non_exhaustive()
    }
}

impl SmtpCarrier {
    /// A carrier by these settings. It connects when there is something to send.
    ///
    /// # Errors
    /// When a setting makes no sense.
    pub fn new(settings: &Settings, clock: Arc<dyn Clock>) -> Result<Self, Fault> {
        if settings.host.is_empty() {
            return Err(Fault::new("email.host", "name the mail server"));
        }
        let timeout = limit("email.timeout_seconds", settings.timeout_seconds)?;
        let from = mailbox("email.from", &settings.from)?;
        let reply_to = settings.reply_to.as_deref().map(|text| mailbox("email.reply_to", text)).transpose()?;
        let hello = settings.hello.clone().unwrap_or_else(|| from.email.domain().to_owned());
        if hello.is_empty() || !hello.chars().all(|c| c.is_ascii_graphic()) {
            return Err(Fault::new("email.hello", format!("`{}` is no name of a machine", hello.escape_debug())));
        }
        let sign_in = match (&settings.user, &settings.password) {
            (Some(user), Some(password)) => Some(Credentials::new(user.clone(), password.reveal().to_owned())),
            (None, None) => None,
            (Some(_), None) => return Err(Fault::new("email.password", "is missing, but `email.user` is set")),
            (None, Some(_)) => return Err(Fault::new("email.user", "is missing, but `email.password` is set")),
        };
        if sign_in.is_some() && settings.tls == Tls::None {
            tracing::warn!("the password of the mail server travels unprotected, since `email.tls` is `none`");
        }
        let tls = match settings.tls {
            Tls::None => None,
            tls => Some((tls, parameters(settings)?)),
        };
        let port = settings.port.unwrap_or(match settings.tls {
            Tls::Tls => 465,
            Tls::Starttls => 587,
            Tls::None => 25,
        });
        Ok(Self {
            host: settings.host.clone(),
            port,
            tls,
            sign_in,
            from,
            reply_to,
            hello: ClientId::Domain(hello),
            timeout,
            clock,
        })
    }

    async fn attempt(&self, message: &Message) -> Sent {
        let Some(to) = address(&message.to) else {
            return Sent::Never("the recipient is no mail address".to_owned());
        };
        let id = message_id(&message.order_no, &message.key, self.from.email.domain());
        let Ok(mail) = self.compose(message, &to, &id) else {
            return Sent::Never("the message cannot be written as mail".to_owned());
        };
        match timeout(self.timeout, self.hand_over(to, &mail)).await {
            Ok(Ok(mut connection)) => {
                // It is the server's now, whatever becomes of the goodbye.
                let _ = timeout(GOODBYE, connection.quit()).await;
                Sent::Taken { receipt: Some(id), report_follows: false }
            }
            Ok(Err(sent)) => sent,
            Err(_) => Sent::Later("the mail server did not answer in time".to_owned()),
        }
    }

    fn compose(&self, message: &Message, to: &Address, id: &str) -> Result<Vec<u8>, lettre::error::Error> {
        let now = u64::try_from(self.clock.now().ms()).unwrap_or(0);
        let mut mail = lettre::Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to.clone()))
            .date(SystemTime::UNIX_EPOCH + Duration::from_millis(now))
            .message_id(Some(id.to_owned()))
            .subject(one_line(&message.subject))
            .header(MIME_VERSION_1_0)
            .raw_header(header("Auto-Submitted", "auto-generated"))
            .raw_header(header("X-Auto-Response-Suppress", "All"));
        if let Some(reply_to) = &self.reply_to {
            mail = mail.reply_to(reply_to.clone());
        }
        Ok(mail.header(ContentType::TEXT_PLAIN).body(paragraphs(&message.text))?.formatted())
    }

    /// Goes through the steps of SMTP one by one, since what a refusal means depends on what was refused.
    async fn hand_over(&self, to: Address, mail: &[u8]) -> Result<AsyncSmtpConnection, Sent> {
        let ours = |step: &str| {
            let step = step.to_owned();
            move |e| Sent::Later(reason(&step, &e))
        };
        let at_once = self.tls.as_ref().filter(|(tls, _)| *tls == Tls::Tls).map(|(_, parameters)| parameters.clone());
        let mut server = AsyncSmtpConnection::connect_tokio1(
            (self.host.as_str(), self.port),
            Some(self.timeout),
            &self.hello,
            at_once,
            None,
        )
        .await
        .map_err(ours("the connection"))?;
        if let Some((Tls::Starttls, parameters)) = &self.tls {
            server.starttls(parameters.clone(), &self.hello).await.map_err(ours("STARTTLS"))?;
        }
        if let Some(credentials) = &self.sign_in {
            server.auth(&[Mechanism::Plain, Mechanism::Login], credentials).await.map_err(ours("the sign-in"))?;
        }
        server.command(Mail::new(Some(self.from.email.clone()), vec![])).await.map_err(ours("the sender"))?;

        let theirs = |step: &'static str| move |e| judged(step, &e);
        server.command(Rcpt::new(to, vec![])).await.map_err(theirs("the recipient"))?;
        server.command(Data).await.map_err(theirs("the mail"))?;
        server.message(mail).await.map_err(theirs("the mail"))?;
        Ok(server)
    }
}

impl Carrier for SmtpCarrier {
    fn name(&self) -> &'static str {
        "email"
    }

    fn send<'a>(&'a self, message: &'a Message) -> BoxFuture<'a, Sent> {
        Box::pin(self.attempt(message))
    }
}

fn parameters(settings: &Settings) -> Result<TlsParameters, Fault> {
    let mut tls = TlsParameters::builder(settings.host.clone());
    if let Some(path) = &settings.ca_file {
        let pem = certificates("email.ca_file", path)?;
        let certificate = Certificate::from_pem(&pem)
            .map_err(|_| Fault::new("email.ca_file", format!("`{}` holds no certificate as PEM", path.display())))?;
        tls = tls.certificate_store(CertificateStore::None).add_root_certificate(certificate);
    }
    tls.build_rustls().map_err(|_| {
        Fault::new("email.host", format!("`{}` cannot stand in a certificate", settings.host.escape_debug()))
    })
}

/// A refusal of what depends on the message: final when the server says so.
fn judged(step: &str, e: &lettre::transport::smtp::Error) -> Sent {
    // 530: it wants a sign-in first. Servers say it as late as here, and it is our settings' fault.
    match e.status().map(u16::from) {
        Some(status) if e.is_permanent() && status != 530 => Sent::Never(reason(step, e)),
        _ => Sent::Later(reason(step, e)),
    }
}

/// Why a step failed, in our own words: what a server says may repeat the address.
fn reason(step: &str, e: &lettre::transport::smtp::Error) -> String {
    match e.status() {
        Some(status) => format!("the mail server refused {step} ({status})"),
        None if e.is_timeout() => "the mail server did not answer in time".to_owned(),
        None if e.is_tls() || is_handshake(e) => {
            "the mail server's certificate is not trusted, or TLS failed".to_owned()
        }
        None if e.is_client() || e.is_response() => format!("the mail server does not offer what {step} needs"),
        None => format!("the mail server cannot be reached, or broke off at {step}"),
    }
}

/// Whether TLS failed while it was being set up: it says so only as unusable data.
fn is_handshake(e: &lettre::transport::smtp::Error) -> bool {
    let mut source = std::error::Error::source(e);
    while let Some(error) = source {
        if error.downcast_ref::<std::io::Error>().is_some_and(|e| e.kind() == std::io::ErrorKind::InvalidData) {
            return true;
        }
        source = error.source();
    }
    false
}

/// An address that may go into a command and a header: what it says is all it is.
fn address(text: &str) -> Option<Address> {
    let text = text.trim();
    // A quoted local part may hold spaces and angle brackets; nobody here has one.
    if text.len() > 254 || !text.bytes().all(|b| b.is_ascii_graphic() && !b"\"<>()[],;:\\".contains(&b)) {
        return None;
    }
    text.parse().ok()
}

fn mailbox(setting: &str, text: &str) -> Result<Mailbox, Fault> {
    let fault = || Fault::new(setting, format!("`{}` is neither `name <address>` nor an address", text.escape_debug()));
    if text.chars().any(char::is_control) {
        return Err(fault());
    }
    match text.trim().strip_suffix('>').and_then(|text| text.rsplit_once('<')) {
        Some((name, inside)) => {
            let name = name.trim().trim_matches('"').to_owned();
            Ok(Mailbox::new(Some(name).filter(|name| !name.is_empty()), address(inside).ok_or_else(fault)?))
        }
        None => Ok(Mailbox::new(None, address(text).ok_or_else(fault)?)),
    }
}

/// A text as one line: whatever could end a header line or hide in one becomes a space.
fn one_line(text: &str) -> String {
    let hidden = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    text.split(hidden).map(str::trim).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

/// A text whose only invisible characters are tabs and ends of lines, so that no server splits it where we did not.
fn paragraphs(text: &str) -> String {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    text.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect()
}

fn header(name: &'static str, value: &str) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned())
}

/// `<wo.{order}.{key}@{domain}>`: different orders and keys never give the same one.
fn message_id(order_no: &str, key: &str, domain: &str) -> String {
    let plain = |text: &str| {
        text.bytes().fold(String::new(), |mut out, b| {
            match b {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' => out.push(char::from(b)),
                _ => out.push_str(&format!("={b:02X}")),
            }
            out
        })
    };
    format!("<wo.{}.{}@{domain}>", plain(order_no), plain(key))
}

#[cfg(test)]
mod tests {
    use huiyin_app::ports::SetClock;
    use huiyin_core::time::Instant;

    use super::*;

    fn settings() -> Settings {
        Settings {
            host: "127.0.0.1".to_owned(),
            port: Some(25),
            tls: Tls::None,
            ca_file: None,
            user: None,
            password: None,
            from: "海州市12345热线 <12345@haizhou.test>".to_owned(),
            reply_to: None,
            hello: None,
            timeout_seconds: 5,
        }
    }

    fn carrier(settings: &Settings) -> Result<SmtpCarrier, Fault> {
        SmtpCarrier::new(settings, Arc::new(SetClock::at(Instant(1_795_500_350_000))))
    }

    #[test]
    fn a_fault_names_its_setting() {
        type Spoil = fn(&mut Settings);
        let cases: [(&str, Spoil); 8] = [
            ("email.host", |s| s.host.clear()),
            ("email.from", |s| s.from = "热线".to_owned()),
            ("email.from", |s| s.from = "a@b.test>\r\nBcc: <c@d.test>".to_owned()),
            ("email.reply_to", |s| s.reply_to = Some("nobody".to_owned())),
            ("email.password", |s| s.user = Some("u".to_owned())),
            ("email.user", |s| s.password = Some(Secret::new("p"))),
            ("email.timeout_seconds", |s| s.timeout_seconds = 0),
            ("email.ca_file", |s| {
                s.tls = Tls::Tls;
                s.ca_file = Some("/no/such/file".into());
            }),
        ];
        for (setting, spoil) in cases {
            let mut settings = settings();
            spoil(&mut settings);
            assert_eq!(carrier(&settings).expect_err(setting).setting, setting);
        }
    }

    #[test]
    fn only_plain_addresses_are_taken() {
        for good in ["wang@example.com", " wang.li+12345@mail.example.com.cn "] {
            assert!(address(good).is_some(), "{good}");
        }
        for bad in [
            "",
            "wang",
            "wang@",
            "王@example.com",
            "wang@例子.cn",
            "\"wang li\"@example.com",
            "wang@example.com\r\nBcc: li@example.com",
            "wang@example.com, li@example.com",
            "wang@example.com> SIZE=1",
            "<wang@example.com>",
        ] {
            assert!(address(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn an_id_is_stable_and_its_parts_stay_apart() {
        let id = |order, key| message_id(order, key, "haizhou.test");
        assert_eq!(id("20261123-0051", "reply-1"), "<wo.20261123-0051.reply-1@haizhou.test>");
        assert_eq!(id("1.2", "3"), "<wo.1=2E2.3@haizhou.test>");
        assert_ne!(id("1.2", "3"), id("1", "2.3"));
        assert_eq!(id("1", "a>\r\nX: @"), "<wo.1.a=3E=0D=0AX=3A=20=40@haizhou.test>");
    }

    #[test]
    fn no_header_can_be_added_through_a_message() {
        let carrier = carrier(&settings()).expect("settings");
        let message = Message {
            to: "wang@example.com".to_owned(),
            subject: "答复\r\nBcc: li@example.com\r\n\r\n<b>\u{2028}x\0".to_owned(),
            text: "Hello.\r\n.\rMAIL FROM:<x@y>\n\0".to_owned(),
            key: "k\r\nX-Key: 1".to_owned(),
            order_no: "1\nX-No: 1".to_owned(),
        };
        let to = address(&message.to).expect("address");
        let id = message_id(&message.order_no, &message.key, "haizhou.test");
        let mail = String::from_utf8(carrier.compose(&message, &to, &id).expect("mail")).expect("ascii");
        let (head, _) = mail.split_once("\r\n\r\n").expect("head");
        let mut names: Vec<&str> = head
            .split("\r\n")
            .filter(|line| !line.starts_with([' ', '\t']))
            .map(|line| line.split_once(':').expect("header").0)
            .collect();
        names.sort_unstable();
        assert_eq!(
            names,
            [
                "Auto-Submitted",
                "Content-Transfer-Encoding",
                "Content-Type",
                "Date",
                "From",
                "MIME-Version",
                "Message-ID",
                "Subject",
                "To",
                "X-Auto-Response-Suppress"
            ]
        );
        assert!(mail.is_ascii() && !mail.replace("\r\n", "").contains(['\r', '\n']));
    }
}
