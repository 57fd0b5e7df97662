//! Short messages against a real Kannel, and against gateways that behave badly.

mod support;

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use huiyin_app::ports::{Carrier, Message, Sent};
use huiyin_channels::sms::{DeliveryState, HttpGateway, Mapping, Settings};
use support::{clock, message, peer, peer_path};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    time::sleep,
};

fn settings(text: &str) -> Settings {
    toml::from_str(text).unwrap_or_else(|e| panic!("{e}\n{text}"))
}

async fn send(settings: &Settings, message: &Message) -> Sent {
    HttpGateway::new(settings, clock()).expect("settings").send(message).await
}

/// A number nobody else writes to: a mobile's, made of the message's random key.
fn own_number(message: &Message) -> String {
    let digits: String = message.key.chars().rev().filter(char::is_ascii_digit).take(6).collect();
    let letters: u32 = message.key.bytes().map(u32::from).sum();
    format!("139{digits:0<6}{:02}", letters % 100)
}

/// Looks again until something is there; the limit is only there to end a test that fails.
async fn eventually<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    for _ in 0..600 {
        if let Some(found) = look() {
            return found;
        }
        sleep(Duration::from_millis(50)).await;
    }
    panic!("{what}: not within half a minute");
}

// --- a gateway of our own on the loopback --------------------------------------------------------------------

/// A request it got.
#[derive(Debug, Clone)]
struct Seen {
    /// The first line without its `HTTP/1.1`.
    line: String,
    headers: String,
    body: Vec<u8>,
}

/// What it does about a request.
#[derive(Clone)]
enum Deed {
    Answer(u16, String),
    Silence,
    HangUp,
    Endless,
    Redirect(String),
}

struct Gateway {
    url: String,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Gateway {
    async fn that(deed: Deed) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("address"));
        let seen = Arc::new(Mutex::new(Vec::new()));
        let all = seen.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, deed.clone(), all.clone()));
            }
        });
        Self { url, seen }
    }

    async fn answering(status: u16, body: &str) -> Self {
        Self::that(Deed::Answer(status, body.to_owned())).await
    }

    fn seen(&self) -> Vec<Seen> {
        self.seen.lock().expect("lock").clone()
    }
}

async fn serve(mut stream: TcpStream, deed: Deed, all: Arc<Mutex<Vec<Seen>>>) {
    let mut bytes = Vec::new();
    let head = loop {
        if let Some(end) = bytes.windows(4).position(|w| w == b"\r\n\r\n") {
            break end + 4;
        }
        if stream.read_buf(&mut bytes).await.unwrap_or(0) == 0 {
            return;
        }
    };
    let text = String::from_utf8_lossy(&bytes[..head]).into_owned();
    let (line, headers) = text.split_once("\r\n").expect("a first line");
    let length = headers
        .lines()
        .find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length:")?.trim().parse::<usize>().ok())
        .unwrap_or(0);
    while bytes.len() < head + length {
        if stream.read_buf(&mut bytes).await.unwrap_or(0) == 0 {
            return;
        }
    }
    let line = line.trim_end_matches(" HTTP/1.1").to_owned();
    all.lock().expect("lock").push(Seen { line, headers: headers.to_owned(), body: bytes[head..].to_vec() });
    let answer = match deed {
        Deed::Answer(status, body) => {
            format!("HTTP/1.1 {status} X\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len())
        }
        Deed::Redirect(to) => {
            format!("HTTP/1.1 302 X\r\nLocation: {to}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        }
        Deed::HangUp => return,
        Deed::Silence => {
            let _ = stream.read_buf(&mut bytes).await;
            return;
        }
        Deed::Endless => {
            let _ = stream.write_all(b"HTTP/1.1 200 X\r\nConnection: close\r\n\r\n").await;
            while stream.write_all(&[b' '; 4096]).await.is_ok() {}
            return;
        }
    };
    let _ = stream.write_all(answer.as_bytes()).await;
}

// --- Kannel --------------------------------------------------------------------------------------------------

fn kannel(reports: &str) -> Settings {
    settings(&format!(
        r#"
        method = "GET"
        url = "{}/cgi-bin/sendsms?username=huiyin&password={{password}}&from=12345&to={{to}}&text={{text}}&charset=UTF-8&coding=2&dlr-mask=31&dlr-url={{dlr_url}}"
        dlr_url = "{reports}/hooks/sms/{{report_token}}?receipt={{key}}&state=%d&at=%T&code=%A"
        [secrets]
        password = "huiyin-test"
        [answer]
        status = [202]
        [report]
        token = "report-token"
        format = "query"
        receipt = "receipt"
        state = "state"
        accepted = ["4", "8"]
        delivered = ["1"]
        failed = ["2", "16"]
        at = "at"
        code = "code"
        "#,
        peer("HUIYIN_TEST_KANNEL")
    ))
}

/// The parts the network behind Kannel got for a number: header of the long message, and the text.
fn parts(number: &str) -> Vec<(Vec<u8>, String)> {
    let log = std::fs::read_to_string(peer_path("HUIYIN_TEST_KANNEL_LOG")).expect("the log of fakesmsc");
    let lines = log.lines().filter_map(|line| line.split_once(": <12345 ")?.1.strip_suffix('>'));
    lines
        .filter_map(|line| line.strip_prefix(number)?.trim().strip_prefix("udh ")?.split_once(" data "))
        .map(|(header, data)| {
            let units: Vec<u16> = decoded(data).chunks(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect();
            (decoded(header), String::from_utf16(&units).expect("UCS-2"))
        })
        .collect()
}

/// What fakesmsc wrote as an address would be.
fn decoded(text: &str) -> Vec<u8> {
    let mut bytes = text.bytes();
    let mut out = Vec::new();
    while let Some(b) = bytes.next() {
        out.push(match b {
            b'+' => b' ',
            b'%' => {
                let hex = [bytes.next(), bytes.next()].map(|b| char::from(b.expect("two digits")).to_digit(16));
                u8::try_from(hex[0].expect("hex") * 16 + hex[1].expect("hex")).expect("a byte")
            }
            b => b,
        });
    }
    out
}

#[tokio::test]
async fn kannel_carries_a_long_message_and_reports_it() {
    let hook = Gateway::answering(200, "").await;
    let settings = kannel(&hook.url);
    let text: String = "您反映的井盖丢失问题已由市政部门修复,请您放心。&+%=#".chars().cycle().take(120).collect();
    let mut message = message("");
    message.to = own_number(&message);
    message.text = text.clone();
    let sent = send(&settings, &message).await;
    assert_eq!(sent, Sent::Taken { receipt: Some(message.key.clone()), report_follows: true });

    let parts =
        eventually("two parts at the network", || Some(parts(&message.to)).filter(|parts| parts.len() == 2)).await;
    assert_eq!(parts.iter().map(|(_, text)| text.chars().count()).collect::<Vec<_>>(), [67, 53]);
    assert_eq!(parts.iter().map(|(_, text)| text.as_str()).collect::<String>(), text);
    for (i, (header, _)) in parts.iter().enumerate() {
        assert_eq!((&header[..3], &header[4..]), (&[5, 0, 3][..], &[2, u8::try_from(i + 1).expect("few")][..]));
    }

    // They come in either order, for each part: only that both states come is sure.
    let mapping = Mapping::of(&settings).expect("settings").expect("reports");
    eventually("both reports", || {
        let states: Vec<DeliveryState> = hook
            .seen()
            .iter()
            .flat_map(|seen| {
                let (path, query) =
                    seen.line.strip_prefix("GET ").and_then(|url| url.split_once('?')).expect("a query");
                assert!(mapping.allows(path.rsplit('/').next().expect("a token")));
                let reports = mapping.read(query.as_bytes());
                assert_eq!(reports.unread, 0, "{query}");
                reports.read
            })
            .map(|report| {
                assert_eq!(report.receipt, message.key);
                assert!(report.at.is_some());
                report.state
            })
            .collect();
        [DeliveryState::Accepted, DeliveryState::Delivered].iter().all(|state| states.contains(state)).then_some(())
    })
    .await;
}

#[tokio::test]
async fn kannel_says_no() {
    // Our own password is wrong: the message can wait for a better one.
    let mut settings = kannel("http://127.0.0.1:9");
    settings.secrets.insert("password".to_owned(), huiyin_channels::Secret::new("wrong"));
    assert_eq!(send(&settings, &message("13900000000")).await, Sent::Later("the gateway answered 403".to_owned()));
    // It refuses this message.
    let url = format!(
        "{}/cgi-bin/sendsms?username=huiyin&password=huiyin-test&to={{to}}&text={{text}}",
        peer("HUIYIN_TEST_KANNEL")
    );
    let no_sender = self::settings(&format!("method = \"GET\"\nurl = \"{url}\""));
    let sent = send(&no_sender, &message("13900000000")).await;
    assert_eq!(sent, Sent::Never("the gateway refused the message (400)".to_owned()));
}

// --- gateways that behave badly ------------------------------------------------------------------------------

fn cloud(url: &str) -> Settings {
    settings(&format!(
        r#"
        url = "{url}/v1/messages"
        content_type = "json"
        body = '{{"phone":"{{to}}","text":"{{text}}","out_id":"{{key}}"}}'
        timeout_seconds = 1
        [answer]
        path = "code"
        equals = ["OK"]
        refused = ["MOBILE_NUMBER_ILLEGAL"]
        receipt = {{ path = "biz_id" }}
        "#
    ))
}

#[tokio::test]
async fn what_an_answer_means() {
    let later = |why: &str| Sent::Later(why.to_owned());
    let taken = Sent::Taken { receipt: Some("b-1".to_owned()), report_follows: false };
    let cases = [
        (200, r#"{"code":"OK","biz_id":"b-1"}"#, taken),
        (
            200,
            r#"{"code":"MOBILE_NUMBER_ILLEGAL"}"#,
            Sent::Never("the gateway refused the message (MOBILE_NUMBER_ILLEGAL)".to_owned()),
        ),
        (200, r#"{"code":"LIMIT_CONTROL"}"#, later("the gateway answered LIMIT_CONTROL")),
        (200, r#"{"code":"too many for 13900000000"}"#, later("the gateway answered something unknown")),
        (200, "<html>13900000000</html>", later("the gateway's answer has no result in it")),
        (200, "", later("the gateway's answer has no result in it")),
        (400, "", Sent::Never("the gateway refused the message (400)".to_owned())),
        (401, "", later("the gateway answered 401")),
        (429, "", later("the gateway answered 429")),
        (500, r#"{"code":"OK"}"#, later("the gateway answered 500")),
        (503, "", later("the gateway answered 503")),
    ];
    for (status, body, expected) in cases {
        let gateway = Gateway::answering(status, body).await;
        assert_eq!(send(&cloud(&gateway.url), &message("13900000000")).await, expected, "{status} {body}");
        assert_eq!(gateway.seen().len(), 1);
    }
}

#[tokio::test]
async fn a_gateway_that_takes_and_does_not_answer_gets_the_same_key_again() {
    let gateway = Gateway::that(Deed::Silence).await;
    let carrier = HttpGateway::new(&cloud(&gateway.url), clock()).expect("settings");
    let message = message("13900000000");
    for _ in 0..2 {
        assert_eq!(carrier.send(&message).await, Sent::Later("the gateway did not answer in time".to_owned()));
    }
    let keys: Vec<String> = gateway
        .seen()
        .iter()
        .map(|seen| {
            let body: serde_json::Value = serde_json::from_slice(&seen.body).expect("json");
            body["out_id"].as_str().expect("a key").to_owned()
        })
        .collect();
    assert_eq!(keys, [message.key.clone(), message.key]);
}

#[tokio::test]
async fn whatever_goes_wrong_on_the_way_is_tried_again() {
    let hang_up = Gateway::that(Deed::HangUp).await;
    assert_eq!(
        send(&cloud(&hang_up.url), &message("13900000000")).await,
        Sent::Later("the gateway broke off".to_owned())
    );

    let endless = Gateway::that(Deed::Endless).await;
    let sent = send(&cloud(&endless.url), &message("13900000000")).await;
    assert_eq!(sent, Sent::Later("the gateway's answer is too long or broke off".to_owned()));

    // Number and text go where the settings say and nowhere else.
    let elsewhere = Gateway::answering(200, r#"{"code":"OK"}"#).await;
    let redirect = Gateway::that(Deed::Redirect(elsewhere.url.clone())).await;
    assert_eq!(
        send(&cloud(&redirect.url), &message("13900000000")).await,
        Sent::Later("the gateway answered 302".to_owned())
    );
    assert!(elsewhere.seen().is_empty());

    let port = std::net::TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).expect("a free port").port();
    let down = cloud(&format!("http://127.0.0.1:{port}"));
    assert_eq!(send(&down, &message("13900000000")).await, Sent::Later("the gateway cannot be reached".to_owned()));

    let wrong = send(&down, &message("13900000000&to=10086")).await;
    assert_eq!(wrong, Sent::Never("the recipient is no phone number".to_owned()));
}

#[tokio::test]
async fn a_platform_that_wants_a_digest_in_base64() {
    let gateway =
        Gateway::answering(200, r#"{"msgGroup":"1124140550001000001","rspcod":"success","success":true}"#).await;
    let settings = settings(&format!(
        r#"
        url = "{}/sms/norsubmit"
        content_type = "json"
        body = '{{"ecName":"{{ec}}","apId":"{{ap}}","mobiles":"{{to}}","content":"{{text}}","sign":"{{code}}","addSerial":"","mac":"{{sign}}"}}'
        body_encoding = "base64"
        [values]
        ec = "海州市12345"
        ap = "hotline"
        code = "AbCdEf"
        [secrets]
        secret = "mas-secret"
        [sign]
        method = "md5-concat"
        fields = ["{{ec}}", "{{ap}}", "{{secret}}", "{{to}}", "{{text}}", "{{code}}", ""]
        [answer]
        path = "rspcod"
        equals = ["success"]
        receipt = {{ path = "msgGroup" }}
        "#,
        gateway.url
    ));
    let message = Message { text: "井盖已修复".to_owned(), ..message("13800000000") };
    let sent = send(&settings, &message).await;
    assert_eq!(sent, Sent::Taken { receipt: Some("1124140550001000001".to_owned()), report_follows: false });
    let seen = gateway.seen().remove(0);
    assert_eq!(seen.line, "POST /sms/norsubmit");
    assert!(seen.headers.to_ascii_lowercase().contains("content-type: application/json; charset=utf-8"));
    // As made with md5sum and base64.
    assert_eq!(
        String::from_utf8(seen.body).expect("base64"),
        "eyJlY05hbWUiOiLmtbflt57luIIxMjM0NSIsImFwSWQiOiJob3RsaW5lIiwibW9iaWxlcyI6IjEzODAwMDAwMDAwIiwiY29udGVudCI6IuS6leebluW3suS/ruWkjSIsInNpZ24iOiJBYkNkRWYiLCJhZGRTZXJpYWwiOiIiLCJtYWMiOiI0YTYxODFiNWRkMzk5M2Q5M2IyNGRkNjg2ZTg2YTIyMSJ9"
    );
}
