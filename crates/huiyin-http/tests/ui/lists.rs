//! Lists: filters in the address, saved views, several rows at once, a look into a row, and taking a list out.

use huiyin_app::{Role, people::Position};

use super::browser::{Browser, dispatched, registered, site};

async fn at_unit(server: &super::common::Server, count: usize) -> Vec<String> {
    let mut found = Vec::new();
    for _ in 0..count {
        found.push(dispatched(server).await);
    }
    found
}

fn picks(page: &str) -> Vec<String> {
    page.split("name=\"pick\" value=\"").skip(1).map(|rest| rest.split('"').next().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn several_are_signed_at_once_and_each_says_what_it_came_to() {
    let server = site().await;
    let numbers = at_unit(&server, 3).await;
    let mut officer = Browser::of(&server, "officer").await;
    let page = officer.get("/queue?tab=sign").await;
    let picked = picks(&page.text);
    assert_eq!(picked.len(), 3);
    let form = super::browser::form(&page, "/queue/bulk");
    let mut sign = form.clone().with("_do", "sign").with("pick", "20000101-9999.1.sign");
    for one in &picked[..2] {
        sign = sign.with("pick", one);
    }
    let result = officer.send(&sign).await;
    assert_eq!(result.status, 200);
    assert!(result.text.contains("办成 2 件，没有办成 1 件"), "{}", result.text);
    assert!(result.text.contains("没有这件工单"), "one that is not there");
    assert_eq!(picks(&officer.get("/queue?tab=sign").await.text).len(), 1);
    // Sent again it is the same answer; all that the filter finds is the one left.
    assert!(officer.send(&sign).await.text.contains("办成 2 件"));
    let all = officer.form_at("/queue?tab=sign", "/queue/bulk").await.with("_do", "sign").with("_all", "1");
    assert!(officer.send(&all).await.text.contains("办成 1 件，没有办成 0 件"));
    // What the rules refuse is said in words, and nothing changed.
    let again = officer.form_at("/queue", "/queue/bulk").await.with("_do", "sign").with("_all", "1");
    let page = officer.send(&again).await;
    assert!(page.text.contains("办成 0 件，没有办成 3 件"), "{}", page.text);
    // Never in bulk.
    let close = officer.form_at("/queue", "/queue/bulk").await.with("_do", "close").with("_all", "1");
    assert_eq!(officer.send(&close).await.status, 422);
    let note = officer.form_at("/queue", "/queue/bulk").await.with("_do", "progress").with("_all", "1");
    assert!(officer.send(&note.with("text", "今晚联合整治")).await.text.contains("办成 3 件"));
    assert!(officer.get(&format!("/orders/{}", numbers[0])).await.text.contains("今晚联合整治"));
}

#[tokio::test]
async fn slips_are_printed_and_a_secret_one_names_nobody() {
    let server = site().await;
    let numbers = at_unit(&server, 2).await;
    let mut officer = Browser::of(&server, "officer").await;
    let form = officer.form_at("/queue", "/queue/bulk").await.with("_do", "print").with("_all", "1");
    let page = officer.send(&form).await;
    assert_eq!(page.text.matches("工单处理笺</p>").count(), 2, "{}", page.text);
    assert!(!page.text.contains("林某"));
    let page = officer.get(&format!("/orders/{}/print", numbers[0])).await.text;
    assert!(page.contains(&numbers[0]) && page.contains("办结时限") && !page.contains("13800138000"));
    let mut agent = Browser::of(&server, "agent").await;
    let form = agent.form_at("/orders/new", "/orders/new").await;
    let form =
        form.with("_do", "register").with("body", "举报夜市").with("kind", "complaint").with("subject", "020103");
    let to = agent.done(&form.with("secret", "true").with("claimant.name", "林某")).await;
    let page = agent.get(&format!("{to}/print")).await.text;
    assert!(page.contains("诉求人要求保密") && !page.contains("林某"));
}

#[tokio::test]
async fn filters_stand_in_the_address_and_a_name_keeps_them_for_one_person() {
    let server = site().await;
    at_unit(&server, 2).await;
    let mut officer = Browser::of(&server, "officer").await;
    for (query, rows) in [
        ("kind=complaint&role=lead&subject=0201", 2),
        ("kind=complaint&kind=help", 2),
        ("kind=help", 0),
        ("subject=0301", 0),
        ("area=460203", 0),
        ("role=assist", 0),
        ("state=delivered&supervised=false&redone=false&channel=phone", 2),
        ("tab=supervised", 0),
        ("kind=%27%3B--&area=%3Cb%3E", 0),
    ] {
        let page = officer.get(&format!("/queue?{query}")).await;
        assert_eq!(page.status, 200, "{query}: {}", page.text);
        assert_eq!(picks(&page.text).len(), rows, "{query}");
    }
    let form = officer.form_at("/queue?kind=complaint&role=lead", "/views").await;
    let to = officer.done(&form.with("name", "主办投诉")).await;
    assert_eq!(to, "/queue?kind=complaint&role=lead");
    let page = officer.get("/queue").await.text;
    assert!(page.contains("href=\"/queue?kind=complaint&#38;role=lead\"") && page.contains("主办投诉"), "{page}");
    let mut leader = Browser::of(&server, "leader").await;
    assert!(!leader.get("/queue").await.text.contains("主办投诉"), "it is of one person");
    let page = officer.get("/queue?kind=complaint&role=lead").await;
    let id = page.text.split("action=\"/views/").nth(1).unwrap().split('/').next().unwrap().to_owned();
    officer.done(&super::browser::form(&page, &format!("/views/{id}/remove"))).await;
    assert!(!officer.get("/queue").await.text.contains("主办投诉"));
    for days in ["from=2020-01-01", "to=2020-01-01", "from=x"] {
        let mut office = Browser::of(&server, "office").await;
        let rows = picks(&office.get(&format!("/orders?{days}")).await.text).len();
        assert_eq!(rows, if days.starts_with("to") { 0 } else { 2 }, "{days}");
    }
}

#[tokio::test]
async fn a_look_into_a_row_says_what_it_is_about_and_nothing_one_may_not_see() {
    let server = site().await;
    let numbers = at_unit(&server, 1).await;
    let mut officer = Browser::of(&server, "officer").await;
    let page = officer.get(&format!("/queue?peek={}", numbers[0])).await.text;
    assert!(page.contains("最近动态") && page.contains("盲道被占") && page.contains("class=\"cite\""));
    server.test.person("water", "water", Role::Officer, Position::Staff).await;
    let mut water = Browser::of(&server, "water").await;
    let page = water.get(&format!("/queue?peek={}", numbers[0])).await;
    assert_eq!(page.status, 200);
    assert!(!page.text.contains("盲道被占"));
}

#[tokio::test]
async fn a_list_goes_out_as_it_is_filtered_marked_and_noted_and_formulas_stay_text() {
    let server = site().await;
    at_unit(&server, 2).await;
    let mut agent = Browser::of(&server, "agent").await;
    let form = agent.form_at("/orders/new", "/orders/new").await;
    let form = form.with("_do", "register").with("title", "=HYPERLINK(\"x\")").with("body", "甲").with("kind", "help");
    agent.done(&form.with("subject", "020103")).await;
    let csv = agent.get("/orders/export?format=csv&kind=help").await;
    assert_eq!(csv.status, 200);
    assert!(csv.header("content-disposition").contains(".csv"));
    assert!(csv.text.contains("导出，仅供工作使用") && csv.text.contains("求助"), "{}", csv.text);
    assert!(csv.text.contains("\"'=HYPERLINK(\"\"x\"\")\""), "{}", csv.text);
    assert_eq!(csv.text.lines().count(), 3, "the mark, the head, and one row");
    let book = agent.get("/orders/export?format=xlsx").await;
    assert!(book.header("content-type").contains("spreadsheetml"));
    assert!(book.text.starts_with("PK"));
    assert_eq!(agent.get("/orders/export?format=exe").await.status, 422);
    let mut officer = Browser::of(&server, "officer").await;
    let csv = officer.get("/queue/export?format=csv&tab=sign").await.text;
    assert_eq!(csv.lines().count(), 4);
    let city = server.test.app.city.clone();
    let chain = server
        .test
        .app
        .db
        .read("exports", move |tx| {
            Box::pin(async move { huiyin_store::records::chain(tx, city.as_str(), "exports").await })
        })
        .await
        .unwrap();
    assert_eq!(chain.len(), 3, "who took what out is noted");
    assert!(chain[0].body.contains("kind=help") && chain[0].body.contains("csv"));
}

#[tokio::test]
async fn a_list_takes_few_statements() {
    let server = site().await;
    at_unit(&server, 2).await;
    for (who, path, most) in [("officer", "/queue", 5), ("office", "/orders", 5)] {
        let mut browser = Browser::of(&server, who).await;
        browser.get(path).await;
        let before = server.test.app.db.statements();
        browser.get(path).await;
        let cost = server.test.app.db.statements() - before;
        assert!(cost <= most, "{path} took {cost} statements");
    }
    let numbers = at_unit(&server, 1).await;
    let mut officer = Browser::of(&server, "officer").await;
    officer.get("/queue").await;
    let before = server.test.app.db.statements();
    officer.get(&format!("/orders/{}", numbers[0])).await;
    let cost = server.test.app.db.statements() - before;
    assert!(cost <= 8, "an order took {cost} statements");
    // Who may dispatch sees beside each unit whether it is ready.
    let no = registered(&server, "complaint", "020103").await;
    let mut office = Browser::of(&server, "office").await;
    office.get(&format!("/orders/{no}")).await;
    let before = server.test.app.db.statements();
    let page = office.get(&format!("/orders/{no}")).await;
    let cost = server.test.app.db.statements() - before;
    assert!(page.text.contains("/do/dispatch"), "{}", page.text);
    assert!(cost <= 8, "an order to dispatch took {cost} statements");
}
