//! Mail against a real mail server.

mod support;

use std::{net::TcpListener, path::Path};

use huiyin_app::ports::{Carrier, Message, Sent};
use huiyin_channels::{
    Secret,
    email::{Settings, SmtpCarrier, Tls},
};
use serde_json::Value;
use support::{clock, message, peer, peer_path};

fn settings(server: &str, tls: Tls) -> Settings {
    let (host, port) = server.rsplit_once(':').expect("host:port");
    Settings {
        host: host.to_owned(),
        port: Some(port.parse().expect("port")),
        tls,
        ca_file: (tls != Tls::None).then(|| peer_path("HUIYIN_TEST_SMTP_CA")),
        user: None,
        password: None,
        from: "海州市12345热线 <12345@haizhou.test>".to_owned(),
        reply_to: Some("reply@haizhou.test".to_owned()),
        hello: None,
        timeout_seconds: 10,
    }
}

fn signed_in(server: &str, tls: Tls, password: &str) -> Settings {
    Settings { user: Some("huiyin".to_owned()), password: Some(Secret::new(password)), ..settings(server, tls) }
}

async fn send(settings: &Settings, message: &Message) -> Sent {
    SmtpCarrier::new(settings, clock()).expect("settings").send(message).await
}

async fn send_plain(message: &Message) -> Sent {
    send(&settings(&peer("HUIYIN_TEST_SMTP"), Tls::None), message).await
}

/// What the server kept under a Message-ID: its own reading, and the bytes.
struct Kept(Value, String);

impl Kept {
    fn header(&self, name: &str) -> Vec<&str> {
        let headers = self.0["headers"].as_array().expect("headers");
        let named = headers.iter().filter(|header| header[0].as_str().is_some_and(|n| n.eq_ignore_ascii_case(name)));
        named.map(|header| header[1].as_str().expect("text")).collect()
    }
}

fn kept(sent: &Sent) -> Vec<Kept> {
    let Sent::Taken { receipt: Some(id), report_follows: false } = sent else { panic!("not taken: {sent:?}") };
    let folder = peer_path("HUIYIN_TEST_SMTP_MAIL");
    let read = |path: &Path| std::fs::read_to_string(path).expect("a mail");
    let files = std::fs::read_dir(folder).expect("the folder of mail").map(|file| file.expect("file").path());
    files
        .filter(|path| path.extension().is_some_and(|e| e == "json"))
        .map(|path| Kept(serde_json::from_str(&read(&path)).expect("json"), read(&path.with_extension("eml"))))
        .filter(|kept| kept.header("Message-ID") == [id])
        .collect()
}

fn the_one(sent: &Sent) -> Kept {
    let mut kept = kept(sent);
    assert_eq!(kept.len(), 1);
    kept.remove(0)
}

#[tokio::test]
async fn chinese_mail_arrives_as_it_was_written() {
    let text = format!(
        "王先生:\n\n您好!您于2026年11月23日反映的“井盖丢失”问题(工单20261124-0051)已办结。\n.\n..两点开头\n=3D 100% \"引号\" <b>&amp;\t𠮷䶮🙂\n{}\n\n海州市12345热线\n",
        "很长的一行,没有换行。".repeat(120)
    );
    let subject = format!(
        "【海州12345】关于 Manhole cover 井盖丢失的答复({}=?utf-8?B?5LqV?=)",
        "𠮷字头的一个很长的标题,".repeat(12)
    );
    let message = Message { subject: subject.clone(), text: text.clone(), ..message("wang.li@example.test") };
    let sent = send_plain(&message).await;
    let kept = the_one(&sent);
    assert_eq!(kept.header("Subject"), [&subject]);
    assert_eq!(kept.0["text"], text.replace('\n', "\r\n"));
    assert_eq!((&kept.0["content_type"], &kept.0["charset"]), (&"text/plain".into(), &"utf-8".into()));
    assert_eq!(kept.header("From"), ["海州市12345热线 <12345@haizhou.test>"]);
    assert_eq!(kept.header("To"), ["wang.li@example.test"]);
    assert_eq!(kept.header("Reply-To"), ["reply@haizhou.test"]);
    assert_eq!(kept.header("Auto-Submitted"), ["auto-generated"]);
    assert_eq!(kept.header("MIME-Version"), ["1.0"]);
    assert_eq!(kept.header("Date"), ["Tue, 24 Nov 2026 06:05:50 +0000"]);
    assert_eq!(kept.0["mail_from"], "12345@haizhou.test");
    assert_eq!(kept.0["rcpt_tos"], Value::from(vec!["wang.li@example.test"]));
    assert_eq!(kept.0["hello"], "haizhou.test");
    // An id cannot be folded, and no line may pass 998.
    let short = |line: &str| line.len() <= 78 || line.starts_with("Message-ID: ") && line.len() < 200;
    assert!(kept.1.is_ascii() && kept.1.lines().all(short));
}

#[tokio::test]
async fn a_second_attempt_is_the_same_mail() {
    let message = message("wang@example.test");
    let first = send_plain(&message).await;
    let second = send_plain(&message).await;
    assert_eq!(first, second);
    let Sent::Taken { receipt: Some(id), .. } = &first else { panic!("{first:?}") };
    assert_eq!(*id, format!("<wo.20261124-0051.{}@haizhou.test>", message.key));
    let kept = kept(&first);
    assert_eq!(kept.len(), 2);
    assert_eq!(kept[0].1, kept[1].1);
}

#[tokio::test]
async fn a_line_end_in_a_subject_starts_no_header() {
    for end in ["\r\n", "\n", "\r", "\r\n\r\n", "\u{85}", "\u{2028}", "\0"] {
        let subject = format!("答复{end}Bcc: li@example.test{end}X-Injected: 1");
        let sent = send_plain(&Message { subject, ..message("wang@example.test") }).await;
        let kept = the_one(&sent);
        assert_eq!(kept.header("Subject"), ["答复 Bcc: li@example.test X-Injected: 1"]);
        assert!(kept.header("Bcc").is_empty() && kept.header("X-Injected").is_empty());
        assert_eq!(kept.0["rcpt_tos"], Value::from(vec!["wang@example.test"]));
        assert_eq!(kept.0["text"], "您好,您反映的问题已办结。");
    }
}

#[tokio::test]
async fn a_text_ends_no_mail_early() {
    let text = "before\r\n.\r\nMAIL FROM:<x@y.test>\n.\n\r.\r\nafter";
    let sent = send_plain(&Message { text: text.to_owned(), ..message("wang@example.test") }).await;
    let kept = the_one(&sent);
    // What is plain ASCII travels as it is, and ends with a line.
    assert_eq!(kept.0["text"], "before\r\n.\r\nMAIL FROM:<x@y.test>\r\n.\r\n\r\n.\r\nafter\r\n");
}

#[tokio::test]
async fn a_refusal_counts_when_it_is_about_the_message() {
    let never = |sent: &Sent, why: &str| assert_eq!(*sent, Sent::Never(why.to_owned()));
    let later = |sent: &Sent, why: &str| assert_eq!(*sent, Sent::Later(why.to_owned()));
    let to = async |address: &str| send_plain(&message(address)).await;
    never(&to("nobody@example.test").await, "the mail server refused the recipient (550)");
    never(&to("refused@example.test").await, "the mail server refused the mail (554)");
    later(&to("later@example.test").await, "the mail server refused the recipient (451)");
    later(&to("full@example.test").await, "the mail server refused the mail (452)");
    for wrong in ["", "王先生", "wang@", "wang@example.test\r\nRCPT TO:<li@example.test>", "a@b.test,c@d.test"] {
        never(&to(wrong).await, "the recipient is no mail address");
    }
    let stranger =
        Settings { from: "stranger@elsewhere.test".to_owned(), ..settings(&peer("HUIYIN_TEST_SMTP"), Tls::None) };
    later(&send(&stranger, &message("wang@example.test")).await, "the mail server refused the sender (550)");
}

#[tokio::test]
async fn a_server_that_is_down_or_slow_is_asked_again_later() {
    let port = TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).expect("a free port").port();
    let sent = send(&settings(&format!("127.0.0.1:{port}"), Tls::None), &message("wang@example.test")).await;
    assert_eq!(sent, Sent::Later("the mail server cannot be reached, or broke off at the connection".to_owned()));

    let slow = Settings { timeout_seconds: 1, ..settings(&peer("HUIYIN_TEST_SMTP"), Tls::None) };
    let sent = send(&slow, &message("slow@example.test")).await;
    assert_eq!(sent, Sent::Later("the mail server did not answer in time".to_owned()));
}

#[tokio::test]
async fn mail_goes_over_tls_and_signs_in() {
    for (server, tls) in [("HUIYIN_TEST_SMTP_STARTTLS", Tls::Starttls), ("HUIYIN_TEST_SMTP_TLS", Tls::Tls)] {
        let server = peer(server);
        let good = signed_in(&server, tls, "口令-pass");
        let kept = the_one(&send(&good, &message("wang@example.test")).await);
        assert_eq!((&kept.0["tls"], &kept.0["signed_in"]), (&true.into(), &true.into()));

        let later = async |settings: &Settings, why: &str| {
            assert_eq!(send(settings, &message("wang@example.test")).await, Sent::Later(why.to_owned()));
        };
        later(&signed_in(&server, tls, "wrong"), "the mail server refused the sign-in (535)").await;
        later(&settings(&server, tls), "the mail server refused the sender (530)").await;
        // Nobody vouches for it.
        let untrusting = Settings { ca_file: None, ..good.clone() };
        later(&untrusting, "the mail server's certificate is not trusted, or TLS failed").await;
    }
    // A server without STARTTLS, or one that takes nothing without it.
    let plain = settings(&peer("HUIYIN_TEST_SMTP"), Tls::Starttls);
    let sent = send(&plain, &message("wang@example.test")).await;
    assert_eq!(sent, Sent::Later("the mail server does not offer what STARTTLS needs".to_owned()));
    let unprotected = settings(&peer("HUIYIN_TEST_SMTP_STARTTLS"), Tls::None);
    let sent = send(&unprotected, &message("wang@example.test")).await;
    assert_eq!(sent, Sent::Later("the mail server refused the sender (530)".to_owned()));
}
