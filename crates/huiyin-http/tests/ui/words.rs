//! Pages in English: with a pack, people and orders written in ASCII, no Chinese character is left on any of them.

use std::collections::BTreeSet;

use huiyin_app::{
    Role,
    people::{self, Position, SeedPerson},
};
use huiyin_http::{Options, ui::ROUTES};

use super::{
    browser::{Browser, CAST, Form, form},
    common::{
        Answer, Server,
        app::{self, PASSWORD, post},
        server,
    },
};

fn chinese(c: char) -> bool {
    matches!(c, '\u{3000}'..='\u{303f}' | '\u{4e00}'..='\u{9fff}' | '\u{ff00}'..='\u{ffef}')
}

/// The city's pack with each Chinese character by its number, so that names stay apart.
async fn site() -> Server {
    let plain = |text: &str| {
        text.chars().fold(String::new(), |made, c| {
            made + &if chinese(c) { format!("{:x}", u32::from(c)) } else { c.to_string() }
        })
    };
    let texts = app::pack_texts("sanya").into_iter().map(|(name, text)| (name, plain(&text))).collect();
    let test = app::sqlite_app_of(texts).await;
    for (login, role, unit) in CAST {
        let position = if *role == Role::Leader { Position::Head } else { Position::Staff };
        let posts = vec![post(unit, *role, position)];
        let seed =
            SeedPerson { login, password: PASSWORD, must_change: false, name: "Lin", phone: None, posts, filed: true };
        people::seed_person(&test.app, seed).await.expect("a person");
    }
    server(test, Options { demo: true, ..Options::default() })
}

/// Says what Chinese is left on a page, beside the names of languages.
fn left(page: &str) -> BTreeSet<String> {
    let page = page.replace("lang=\"zh-CN\">中文<", "").replace(">中文</option>", "");
    page.split(|c: char| !chinese(c)).filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

#[track_caller]
fn english(name: &str, page: &Answer) {
    let kind = page.header("content-type");
    assert!(!kind.starts_with("text/html") || page.text.contains("<html lang=\"en\">"), "{name}: {}", page.text);
    if kind.starts_with("text/") {
        let left = left(&page.text);
        assert!(left.is_empty(), "{name}: {left:?} in {}", page.text);
    }
}

async fn in_english<'a>(server: &'a Server, login: &str) -> Browser<'a> {
    let mut browser = Browser::of(server, login).await;
    let choice = browser.form_at("/me", "/language").await.with("language", "en");
    assert_eq!(browser.done(&choice).await, "/me");
    browser
}

/// Every page of everybody, by the table of routes.
async fn walk(cast: &mut [(&str, Browser<'_>)], no: &str, more: &[&str]) {
    for (login, browser) in cast {
        let pages = ROUTES.iter().filter(|route| route.method == "GET" && !route.path.contains("{id}"));
        let pages = pages.map(|route| route.path).filter(|path| !matches!(*path, "/live" | "/static/{*path}"));
        for path in pages.chain(more.iter().copied()) {
            let path = path.replace("{no}", no).replace("{version}", "1");
            english(&format!("{login} {path}"), &browser.get(&path).await);
        }
    }
}

#[tokio::test]
async fn no_chinese_is_left_on_an_english_page() {
    let server = site().await;
    let mut cast = Vec::new();
    for (login, ..) in CAST {
        cast.push((*login, in_english(&server, login).await));
    }
    let at = |login: &str| CAST.iter().position(|(known, ..)| *known == login).expect("one of the cast");
    let (agent, office, officer, leader, callback) =
        (at("agent"), at("office"), at("officer"), at("leader"), at("callback"));

    let new = cast[agent].1.form_at("/orders/new", "/orders/new").await;
    let wrong = cast[agent].1.send(&new.clone().with("_do", "register").with("channel", "phone")).await;
    assert_eq!(wrong.status, 422);
    english("a form that is not complete", &wrong);
    let register = new
        .with("_do", "register")
        .with("channel", "phone")
        .with("title", "Stalls on the pavement")
        .with("body", "Every night they stand on the pavement.")
        .with("claimant.name", "Lin")
        .with("claimant.phone", "13800138000")
        .with("kind", "complaint")
        .with("subject", "020103")
        .with("urgency", "urgent");
    let path = cast[agent].1.done(&register).await;
    let no = path.trim_start_matches("/orders/").to_owned();
    // What people have written is in their language, and said to be.
    let page = cast[agent].1.get(&path).await.text;
    assert!(page.contains("<h1 class=\"order__title\" lang=\"zh-CN\">"), "{page}");
    assert!(cast[office].1.get("/orders").await.text.contains("<a class=\"cell__title\" lang=\"zh-CN\""));
    let to = |command: &str| format!("{path}/do/{command}");
    walk(
        &mut cast,
        &no,
        &[
            "/orders?tab=all&kind=complaint",
            "/orders?q=nothing",
            "/desk?phone=13800138000",
            "/intake/contacts?state=dismissed",
            "/review?tab=asks",
            "/review?tab=rest",
            "/admin/units?show=ended",
            "/admin/rules?section=clock",
            "/no-such-page",
        ],
    )
    .await;

    let refused = cast[office].1.form_at(&path, &to("dispatch")).await.with("lead", "no-such-unit");
    let refused = cast[office].1.send(&refused).await;
    assert_eq!(refused.status, 422);
    english("no such unit", &refused);
    let page = cast[office].1.get("/dispatch").await;
    let dispatch = form(&page, &to("dispatch")).with("lead", "enforcement").with("note", "Tonight.").with("assist", "");
    cast[office].1.done(&dispatch).await;
    let sign = cast[officer].1.form_at("/queue", "/queue/bulk").await.with("_one", &format!("{no}.1.sign"));
    cast[officer].1.done(&sign).await;
    let page = cast[officer].1.get(&path).await;
    if page.text.contains(&to("accept")) {
        cast[officer].1.done(&form(&page, &to("accept"))).await;
    }
    let progress = cast[officer].1.form_at(&path, &to("progress")).await.with("text", "Spoke with them.");
    cast[officer].1.done(&progress).await;
    let contact = cast[officer].1.form_at(&path, &to("contact")).await.with("reached", "true").with("said", "Tonight.");
    cast[officer].1.done(&contact).await;
    let extend = cast[officer].1.form_at(&path, &to("extend")).await;
    let extend = extend.with("span.amount", "1").with("span.unit", "workday").with("reason", "complex");
    cast[officer].1.done(&extend).await;
    walk(&mut cast, &no, &["/review?tab=extension", "/queue?tab=asked", "/queue?kind=complaint&missed=false"]).await;

    let answer = cast[officer].1.form_at(&path, &to("feedback")).await;
    let lacking = cast[officer].1.send(&answer.clone().with("public", "Done.")).await;
    english("conditions are missing", &lacking);
    let answer = answer
        .with("facts.finding", "true")
        .with("facts.unit_dealt_with", "Warned.")
        .with("facts.matter_disposed", "Removed.")
        .with("internal", "Six stalls.")
        .with("public", "They are gone.");
    cast[officer].1.done(&answer).await;
    let cards = cast[leader].1.get("/approvals").await;
    english("a card to approve", &cards);
    if cards.text.contains(&to("grant")) {
        cast[leader].1.done(&form(&cards, &to("grant"))).await;
    }
    let review = cast[office].1.get("/review").await;
    english("an answer to review", &review);
    cast[office].1.done(&form(&review, &to("pass"))).await;
    let page = cast[callback].1.get("/callback").await;
    let answers = form(&page, &to("callback-answered"))
        .with("answers.contacted", "true")
        .with("answers.solved", "true")
        .with("answers.satisfied", "5")
        .with("answers.said", "Quick.");
    cast[callback].1.done(&answers).await;
    walk(&mut cast, &no, &[]).await;
    let page = cast[callback].1.get(&format!("/callback?case={no}")).await;
    cast[callback].1.done(&form(&page, &to("close"))).await;
    walk(&mut cast, &no, &["/orders?tab=closed"]).await;
}

#[tokio::test]
async fn what_is_answered_to_a_form_or_taken_out_is_in_english_too() {
    let server = site().await;
    let mut office = in_english(&server, "office").await;

    // A version of the rules, tried.
    let versions = "/admin/rules/versions";
    let clocks = server.test.app.rules.files.iter().find(|(name, _)| name == "clocks.toml").unwrap().1.clone();
    let upload = form(&office.get(versions).await, versions).with("note", "Two days for five.");
    let broken = office.send_with(&upload, &[("files", "clocks.toml", b"[[clock]]\nrule = 7\n")]).await;
    assert_eq!(broken.status, 422);
    english("rules with faults", &broken);
    let shorter = clocks.replace("amount = 5\nunit = \"workday\"", "amount = 2\nunit = \"workday\"");
    let sent = office.send_with(&upload, &[("files", "clocks.toml", shorter.as_bytes())]).await;
    assert_eq!(sent.status, 303);
    let one = office.get("/admin/rules/versions/1").await;
    english("a version", &one);
    let tried = form(&one, "/admin/rules/versions/1/try").with("from", "2026-10-01").with("to", "2026-10-12");
    office.done(&tried).await;
    for path in ["/admin/rules/versions/1", "/admin/rules/versions/edit?file=clocks.toml", "/admin/rules?version=1"] {
        english(path, &office.get(path).await);
    }

    // A contact that could not be read.
    let raw = b"buy now \xc8\xfd";
    assert!(huiyin_app::orders::set_aside(&server.test.app, "email", "m-1", raw, "not UTF-8").await.unwrap());
    let page = office.get("/intake/contacts").await;
    english("a contact", &page);
    let id = page.text.split("name=\"contact\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let aside = form(&page, &format!("/intake/contacts/{id}/dismiss"));
    english("no reason", &office.send(&aside.clone().with("reason", "")).await);
    let to = office.done(&aside.with("reason", "spam")).await;
    english("set aside", &office.get(&to).await);
    english("the ones set aside", &office.get("/intake/contacts?state=dismissed").await);

    // Taken out, and several at once.
    for path in ["/orders/export?format=csv&kind=help", "/orders/export?format=none", "/orders?q=13800138000"] {
        english(path, &office.get(path).await);
    }
    let mut officer = in_english(&server, "officer").await;
    english("a queue taken out", &officer.get("/queue/export?format=csv").await);
    let bulk = officer.form_at("/queue", "/queue").await;
    english("signed together", &officer.send(&Form { action: "/queue/bulk".into(), ..bulk }.with("_do", "sign")).await);
    let mut admin = in_english(&server, "admin").await;
    let me =
        form(&admin.get("/me").await, "/me/password").with("present", "wrong").with("password", "x").with("again", "y");
    english("a password", &admin.send(&me).await);
    english("a check", &admin.send(&Form { action: "/admin/audit/verify".into(), ..me.clone() }).await);
    english("the wrong form", &admin.send(&Form { action: "/me/password".into(), fields: Vec::new() }).await);
    let mut nobody = Browser::new(&server);
    let choice = nobody.form_at("/login", "/language").await.with("language", "en");
    nobody.done(&choice).await;
    english("a wrong password", &nobody.sign_in("office", "wrong").await);
}

#[tokio::test]
async fn who_has_chosen_no_language_reads_chinese() {
    let server = site().await;
    let mut browser = Browser::new(&server);
    let asked = [("accept-language", "en-US,en;q=0.9")];
    let page = browser.ask("GET", "/login", &asked, String::new()).await;
    assert!(page.text.contains("<html lang=\"zh-CN\">") && page.text.contains("工作人员登录"), "{}", page.text);
    let choice = form(&page, "/language").with("language", "en");
    assert_eq!(browser.done(&choice).await, "/login?next=/");
    let page = browser.get("/login").await;
    assert!(page.text.contains("Staff sign-in"), "{}", page.text);
    let choice = form(&page, "/language").with("language", "ru");
    assert_eq!(browser.send(&choice).await.status, 400, "the staff's pages are not in Russian");
}
