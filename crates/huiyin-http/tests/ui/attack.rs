//! What a stranger tries, at the pages of the public and of the staff: each must come to nothing, and be answered clearly.

use axum::{
    body::{Body, Bytes},
    http::{Request, header},
};
use huiyin_http::{
    Options,
    portal::{Language, ROUTES, base},
    ui,
};

use huiyin_store::Statement;

use super::{
    browser::{Browser, Form, form, registered, site},
    common::{Answer, app, server},
};

/// Markup, a script in an address, text that turns around, no width, a word without end, pictures of faces, a formula.
const HOSTILE: &[&str] = &[
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "' onmouseover='alert(1)",
    "javascript:alert(1)",
    "{{7*7}}${7*7}<%= 7*7 %>",
    "\u{202e}txet\u{202c}\u{200b}\u{feff}",
    "=cmd|' /C calc'!A0",
    "👩‍👩‍👧‍👦👩‍👩‍👧‍👦",
];

/// Whether nothing typed became markup.
#[track_caller]
fn harmless(name: &str, page: &Answer) {
    for bad in ["<script>alert", "<img src=x", "onmouseover='alert", "href=\"javascript", "49"] {
        if bad == "49" {
            continue;
        }
        assert!(!page.text.contains(bad), "{name}: {}", page.text);
    }
}

/// Headers every answer must have.
#[track_caller]
fn guarded(name: &str, answer: &Answer) {
    let policy = answer.header("content-security-policy");
    assert!(policy.contains("frame-ancestors 'none'") || policy.contains("sandbox"), "{name}: {policy}");
    assert!(!policy.contains("unsafe-inline") && !policy.contains("unsafe-eval"), "{name}: {policy}");
    assert_eq!(answer.header("x-content-type-options"), "nosniff", "{name}");
    assert_eq!(answer.header("x-frame-options"), "DENY", "{name}");
    assert_eq!(answer.header("referrer-policy"), "same-origin", "{name}");
    assert!(!answer.header("cache-control").is_empty(), "{name}");
    for cookie in answer.headers.get_all(header::SET_COOKIE) {
        let cookie = cookie.to_str().unwrap();
        for part in ["; Path=/", "; HttpOnly", "; SameSite=Lax"] {
            assert!(cookie.contains(part), "{name}: {cookie}");
        }
        assert!(!cookie.contains("Domain="), "{name}: {cookie}");
    }
}

fn filled(path: &str) -> String {
    path.replace("{no}", "20261012-0001").replace("{token}", "none").replace("{*path}", "none").replace("{id}", "none")
}

#[tokio::test]
async fn every_answer_carries_the_guarding_headers() {
    let server = site().await;
    let mut staff = Browser::of(&server, "office").await;
    let mut stranger = Browser::new(&server);
    for route in ui::ROUTES.iter().filter(|route| route.path != "/live") {
        let path = filled(route.path).replace("{command}", "sign").replace("{what}", "units");
        for browser in [&mut staff, &mut stranger] {
            let answer = browser.ask(route.method, &path, &[], String::new()).await;
            guarded(&format!("{} {path}", route.method), &answer);
        }
    }
    for (method, path) in ROUTES {
        let path = format!("/p{}", filled(path));
        guarded(&format!("{method} {path}"), &stranger.ask(method, &path, &[], String::new()).await);
    }
    for (method, path) in [
        ("GET", "/no/such/page"),
        ("DELETE", "/p/track"),
        ("TRACE", "/"),
        ("GET", "/p/%ff%fe"),
        ("GET", "/api/v1/orders"),
        ("GET", "/api/no-such"),
        ("POST", "/api/v1/orders"),
        ("GET", "/hooks/no-such"),
        ("GET", "/healthz"),
    ] {
        guarded(&format!("{method} {path}"), &stranger.ask(method, path, &[], String::new()).await);
    }
    let long = "x".repeat(3 * 1024 * 1024);
    let kind = [("content-type", "application/x-www-form-urlencoded"), ("origin", "http://huiyin.test")];
    for path in ["/p/new/1", "/p/track", "/login"] {
        let answer = stranger.ask("POST", path, &kind, format!("no={long}")).await;
        assert!(answer.status.is_client_error(), "{path}: {}", answer.status);
        guarded(path, &answer);
    }
}

#[tokio::test]
async fn no_form_is_taken_from_a_page_of_another_site() {
    let server = site().await;
    let mut office = Browser::of(&server, "office").await;
    let foreign: [&[(&str, &str)]; 4] = [
        &[("origin", "http://evil.example")],
        &[("origin", "null")],
        &[("sec-fetch-site", "cross-site")],
        // Another port of the same machine is another site.
        &[("origin", "http://huiyin.test:8080")],
    ];
    // A folder comes as a form in parts: what is none is not read at all.
    let refused = |route: &str, answer: &Answer| match route {
        "/admin/rules/versions" => matches!(answer.status.as_u16(), 400 | 403),
        _ => answer.status == 403,
    };
    for route in ui::ROUTES.iter().filter(|route| route.method == "POST") {
        let path = filled(route.path).replace("{command}", "sign");
        for headers in foreign {
            let headers = [&[("content-type", "application/x-www-form-urlencoded")], headers].concat();
            let answer = office.ask("POST", &path, &headers, "_csrf=x&login=office&password=y".to_owned()).await;
            assert!(refused(route.path, &answer), "{path} {headers:?}: {}", answer.text);
        }
        // From our own page, but without the session's own word.
        // Who is not signed in yet has none.
        if !matches!(route.path, "/login" | "/language") {
            let headers = [("content-type", "application/x-www-form-urlencoded"), ("origin", "http://huiyin.test")];
            let answer = office.ask("POST", &path, &headers, "_csrf=guessed".to_owned()).await;
            assert!(refused(route.path, &answer), "{path}: {}", answer.text);
        }
    }
    assert_eq!(office.get("/orders").await.status, 200, "and the session goes on");
    let mut stranger = Browser::new(&server);
    for (_, path) in ROUTES.iter().filter(|(method, _)| *method == "POST") {
        let path = format!("/p{}", filled(path));
        for headers in foreign {
            let headers = [&[("content-type", "application/x-www-form-urlencoded")], headers].concat();
            let answer = stranger.ask("POST", &path, &headers, "what=x&no=1&code=2".to_owned()).await;
            let refused = answer.status == 400
                || answer.header("location").contains("/track?no=")
                || answer.header("location").ends_with("lost=1")
                || answer.header("location").ends_with("/p/track");
            assert!(refused, "{path}: {} {}", answer.status, answer.text);
            assert_eq!(answer.header("set-cookie"), "", "{path}");
        }
    }
}

#[tokio::test]
async fn cookies_are_for_https_alone_where_the_site_is() {
    let test = app::sqlite_app().await;
    let server = server(test, Options { secure_cookies: true, ..Options::default() });
    let mut browser = Browser::new(&server);
    let headers = [("content-type", "application/x-www-form-urlencoded"), ("origin", "http://huiyin.test")];
    for (path, body) in [("/p/look", "_look=elder"), ("/p/new/1", "what=x&_go=keep")] {
        let answer = browser.ask("POST", path, &headers, body.to_owned()).await;
        assert!(answer.header("set-cookie").contains("; Secure"), "{path}: {}", answer.header("set-cookie"));
        guarded(path, &answer);
    }
}

#[tokio::test]
async fn nothing_typed_becomes_markup_on_any_page() {
    let server = site().await;
    let endless = "长".repeat(10_000);
    for text in HOSTILE.iter().copied().chain([endless.as_str()]) {
        let encoded = ui::form::encode(text);
        let mut browser = Browser::new(&server);
        for path in ["/p/track?no=", "/p/new/1?kind=", "/p/new/1?file=", "/login?next=", "/p/track/x?said="] {
            let short: String = encoded.chars().take(3_000).collect();
            harmless(path, &browser.get(&format!("{path}{short}")).await);
        }
        let kinds = ["complaint", "suggestion"];
        for kind in kinds {
            let matter = Form { action: "/p/new/1".into(), fields: Vec::new() };
            let matter = matter.with("kind", kind).with("what", &format!("{text} 写够六个字")).with("place", text);
            let files: &[(&str, &str, &[u8])] = &[("files", "<img src=x onerror=alert(1)>.pdf", b"%PDF-1.7\n")];
            browser.send_with(&matter.clone().with("_go", "next"), files).await;
            harmless("matter", &browser.get("/p/new/1?check=1").await);
            let short: String = text.chars().take(150).collect();
            let again = matter.with("place", &short).with("_go", "next");
            let again = Form {
                fields: again.fields.into_iter().filter(|(name, value)| name != "place" || *value == short).collect(),
                ..again
            };
            let what: String = format!("{text} 写够六个字").chars().take(1_900).collect();
            let again = Form {
                fields: again
                    .fields
                    .into_iter()
                    .map(|(name, value)| if name == "what" { (name, what.clone()) } else { (name, value) })
                    .collect(),
                ..again
            };
            if browser.done(&again).await.ends_with("/similar") {
                harmless("similar", &browser.get("/p/similar").await);
            }
            let contact = Form { action: "/p/new/2".into(), fields: Vec::new() };
            let wrong = contact.clone().with("name", text).with("phone", text).with("email", text);
            browser.send(&wrong).await;
            harmless("contact", &browser.get("/p/new/2?check=1").await);
            let right = contact.with("name", &short).with("phone", "13800002046");
            assert_eq!(browser.done(&right).await, "/p/new/3", "{text}");
            harmless("check", &browser.get("/p/new/3").await);
            server.test.clock.advance(10_000);
            let agree = Form { action: "/p/new/3".into(), fields: Vec::new() }.with("agree", "1");
            let done = browser.done(&agree).await;
            let page = browser.get(&done).await;
            harmless("done", &page);
            let track = form(&page, "/p/track");
            let to = browser.done(&track).await;
            for base in ["", "/en", "/ru"] {
                harmless("track", &browser.get(&format!("{base}{to}")).await);
            }
            let add = browser.form_at(&to, &format!("{to}/add")).await.with("text", text);
            harmless("add", &browser.send(&add).await);
            harmless("track again", &browser.get(&to).await);
            // The staff read it too.
            let mut office = Browser::of(&server, "office").await;
            harmless("order", &office.get(&to.replace("/p/track", "/orders")).await);
            harmless("intake", &office.get("/intake").await);
            harmless("orders", &office.get("/orders").await);
        }
        let wrong = Form { action: "/p/track".into(), fields: Vec::new() }.with("no", text).with("code", text);
        harmless("wrong pair", &browser.send(&wrong).await);
        server.test.clock.advance(20 * 60_000);
    }
}

#[tokio::test]
async fn no_link_and_no_redirect_leads_out() {
    let server = site().await;
    let mut browser = Browser::new(&server);
    for back in
        ["//evil.example", "https://evil.example", "/\\evil.example", "/p/\r\nSet-Cookie: x=1", "javascript:alert(1)"]
    {
        let form = Form { action: "/en/p/look".into(), fields: Vec::new() }.with("_look", "elder").with("back", back);
        assert_eq!(browser.done(&form).await, "/en/p/", "{back}");
    }
    for path in
        ["/p//evil.example", "/p/new/1?next=//evil.example", "/en/p//evil.example/%2e%2e", "/p/rate/%0d%0aSet-Cookie:x"]
    {
        let page = browser.ask("GET", path, &[("host", "evil.example")], String::new()).await;
        assert!(!page.text.contains("=\"//") && !page.text.contains("=\"http"), "{path}: {}", page.text);
        assert_eq!(page.header("set-cookie"), "", "{path}");
        assert!(!page.header("location").contains("evil"), "{path}: {}", page.header("location"));
    }
    // Who asks under another name is shown nothing of it.
    for path in ["/p/", "/p/track", "/login", "/"] {
        let headers =
            [("host", "evil.example"), ("x-forwarded-host", "evil.example"), ("forwarded", "host=evil.example")];
        let page = browser.ask("GET", path, &headers, String::new()).await;
        assert!(!page.text.contains("evil.example") && !page.header("location").contains("evil"), "{path}");
    }
}

#[tokio::test]
async fn one_address_fills_nothing_up() {
    let server = site().await;
    let matter = Form { action: "/p/new/1".into(), fields: Vec::new() }
        .with("kind", "help")
        .with("what", &"写".repeat(100_000))
        .with("_go", "keep");
    let mut statuses = Vec::new();
    for _ in 0..70 {
        let answer = Browser::new(&server).send(&matter).await;
        statuses.push(answer.status.as_u16());
        if answer.status == 429 {
            assert!(answer.text.contains("写写写"), "what was typed is shown, to be copied");
        }
    }
    assert_eq!(statuses.iter().filter(|status| **status == 303).count(), 60);
    assert_eq!(statuses.last(), Some(&429));
    let drafts = "SELECT CAST(COUNT(*) AS BIGINT), CAST(MAX(LENGTH(sealed)) AS BIGINT) FROM portal_draft";
    let rows = server.test.db.fetch(Box::leak(Box::new(Statement::same(drafts))), vec![]).await.unwrap();
    assert_eq!(rows[0].int(0).unwrap(), 60);
    assert!(rows[0].int(1).unwrap() < 40_000, "a draft has an end");
    // Who has begun goes on, and a cookie somebody made up begins nothing without end.
    let headers = [("content-type", "application/x-www-form-urlencoded"), ("cookie", "huiyin_draft=made-up")];
    let answer = Browser::new(&server).ask("POST", "/p/new/1", &headers, "what=x&_go=keep".to_owned()).await;
    assert_eq!(answer.status, 429);
}

#[tokio::test]
async fn a_form_that_never_ends_is_ended() {
    let test = app::sqlite_app().await;
    let within = std::time::Duration::from_millis(100);
    let server = server(test, Options { timeout: within, ..Options::default() });
    for path in ["/p/new/1", "/p/track", "/login"] {
        let first: Result<Bytes, std::io::Error> = Ok(Bytes::from_static(b"what=abc"));
        let body = futures_util::StreamExt::chain(
            futures_util::stream::iter([first]),
            futures_util::stream::pending::<Result<Bytes, std::io::Error>>(),
        );
        let request = Request::builder()
            .method("POST")
            .uri(path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from_stream(body))
            .unwrap();
        let answer = server.send(request).await;
        assert_eq!(answer.status, 503, "{path}: {}", answer.text);
        guarded(path, &answer);
    }
}

#[tokio::test]
async fn codes_are_not_found_by_trying() {
    let server = site().await;
    let mut last = (0, 0);
    // Another number each time, so that no number is tried often.
    for n in 0..40 {
        let form = Form { action: "/p/track".into(), fields: Vec::new() };
        let form = form.with("no", &format!("20261012-{n:04}")).with("code", "123456");
        let (answer, statements) = server.statements(Browser::new(&server).send(&form)).await;
        last = (answer.status.as_u16(), statements);
    }
    assert_eq!(last.0, 429, "one address tries no more than so many");
    for token in ["x", "../../orders", "0", &"a".repeat(3_000)] {
        let (page, statements) =
            server.statements(Browser::new(&server).get(&format!("/p/rate/{}", ui::form::encode(token)))).await;
        assert!(matches!(page.status.as_u16(), 404 | 410), "{token}: {}", page.status);
        assert!(statements <= 2, "{token}: {statements}");
    }
}

#[tokio::test]
async fn personal_pages_are_kept_by_nobody_and_names_of_files_lead_nowhere() {
    let server = site().await;
    let no = registered(&server, "complaint", "020103").await;
    let mut office = Browser::of(&server, "office").await;
    for path in [format!("/orders/{no}"), "/me".into(), "/queue".into(), "/people".into()] {
        assert!(office.get(&path).await.header("cache-control").contains("no-store"), "{path}");
    }
    for path in ["/static/../Cargo.toml", "/static/%2e%2e/%2e%2e/etc/passwd", "/static//etc/passwd", "/static/..%5cx"] {
        let answer = office.get(path).await;
        assert!(answer.status == 404 || answer.status == 400, "{path}: {}", answer.status);
    }
    let mut browser = Browser::new(&server);
    let matter =
        Form { action: "/p/new/1".into(), fields: Vec::new() }.with("what", "写够六个字了").with("_go", "keep");
    let files: &[(&str, &str, &[u8])] = &[
        ("files", "../../../etc/passwd", b"%PDF-1.7\n"),
        ("files", "C:\\x\\合同.pdf.exe", b"%PDF-1.7\n"),
        ("files", "a.jpg", b"%PDF-1.7\n"),
    ];
    browser.send_with(&matter, files).await;
    let page = browser.get("/p/new/1").await;
    for name in ["passwd.pdf", "合同.pdf.exe.pdf", "a.jpg.pdf"] {
        assert!(page.text.contains(&format!("files__name\">{name}<")), "{name}: {}", page.text);
    }
    assert!(!page.text.contains("../"));
    for language in Language::ALL {
        let page = browser.get(&format!("{}/new/1", base(*language))).await;
        assert_eq!(page.header("cache-control"), "no-store");
    }
}

#[tokio::test]
async fn a_changed_password_ends_the_other_sessions() {
    let server = site().await;
    let mut here = Browser::of(&server, "office").await;
    let mut there = Browser::of(&server, "office").await;
    // A session somebody put into the browser before is not the one signed in with.
    let planted = there.cookie();
    let page = here.get("/me").await;
    let change = form(&page, "/me/password").with("present", app::PASSWORD);
    here.done(&change.with("password", "another-one-77").with("again", "another-one-77")).await;
    assert_eq!(here.get("/me").await.status, 200);
    assert_eq!(there.get("/me").await.status, 303, "signed out elsewhere");
    assert_eq!(there.sign_in("office", "another-one-77").await.status, 303);
    assert_ne!(there.cookie(), planted);
}
