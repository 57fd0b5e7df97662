//! Drafts: they belong to a person and an order, outlive the session, and two places keep both texts.

use super::browser::{Browser, registered, site};

#[tokio::test]
async fn what_is_written_at_the_desk_waits_through_signing_out_and_goes_when_it_is_sent() {
    let server = site().await;
    let mut agent = Browser::of(&server, "agent").await;
    let form = agent.form_at("/desk", "/desk").await;
    let typed = form
        .clone()
        .with("claimant.phone", "13800138000")
        .with("kind", "complaint")
        .with("subject", "020103")
        .with("body", "夜市摆到人行道，盲道被占。");
    let mut saving = typed.clone();
    saving.action = "/drafts".into();
    let answer = agent.send(&saving).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let saved: serde_json::Value = serde_json::from_str(&answer.text).unwrap();
    assert_eq!(saved["seq"], 1);
    // Another session of the same person has it; another person has not.
    let mut elsewhere = Browser::of(&server, "agent").await;
    let list = elsewhere.get("/desk/drafts").await.text;
    assert!(list.contains("夜市摆到人行道") && list.contains("坐席台"), "{list}");
    let address = format!("/desk?draft={}", saved["id"].as_str().unwrap());
    let page = elsewhere.get(&address).await.text;
    assert!(page.contains("夜市摆到人行道") && page.contains("value=\"13800138000\"") && page.contains("已带入"));
    let mut office = Browser::of(&server, "office").await;
    assert!(!office.get("/desk/drafts").await.text.contains("夜市摆到"));
    assert!(!office.get(&address).await.text.contains("夜市摆到人行道"));
    agent.done(&typed.with("_do", "dispatch").with("lead", "市综合行政执法局")).await;
    assert!(agent.get("/desk/drafts").await.text.contains("没有草稿"), "it was sent");
}

#[tokio::test]
async fn a_form_of_an_order_comes_back_and_two_places_keep_both_texts() {
    let server = site().await;
    let no = registered(&server, "complaint", "020103").await;
    let mut office = Browser::of(&server, "office").await;
    let path = format!("/orders/{no}");
    let form = office.form_at(&path, &format!("{path}/do/dispatch")).await;
    let save = |text: &str| {
        let mut saving = form.clone().with("note", text);
        saving.action = "/drafts".into();
        saving
    };
    assert_eq!(office.send(&save("请今晚到场处置")).await.status, 200);
    let page = office.get(&path).await.text;
    assert!(page.contains("请今晚到场处置") && page.contains("已带入"), "it is brought back");
    // The same page, still open elsewhere, knows nothing of it.
    let answer = office.send(&save("请明早核实")).await;
    let saved: serde_json::Value = serde_json::from_str(&answer.text).unwrap();
    assert!(saved["beside"].is_string(), "{saved}");
    let page = office.get(&path).await.text;
    assert!(
        page.contains("请今晚到场处置") && page.contains("请明早核实") && page.contains("两份都在"),
        "both are there"
    );
    let list = office.get("/desk/drafts").await.text;
    assert!(list.contains("另一处写的"));
    let discard = list.split("action=\"/drafts/").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let form = office.form_at("/desk/drafts", &format!("/drafts/{discard}")).await;
    office.done(&form).await;
    assert_eq!(office.get("/desk/drafts").await.text.matches("/discard").count(), 1);
}

#[tokio::test]
async fn without_script_a_button_saves() {
    let server = site().await;
    let mut agent = Browser::of(&server, "agent").await;
    for path in ["/desk", "/orders/new"] {
        let form = agent.form_at(path, path).await;
        let to = agent.done(&form.with("_do", "draft").with("body", "路口积水")).await;
        assert!(to.starts_with(&format!("{path}?draft=")), "{to}");
        let page = agent.get(&to).await.text;
        assert!(page.contains("路口积水") && page.contains("草稿已保存"), "{page}");
    }
}

/// Saves a form as the page does by itself.
async fn save(browser: &mut Browser<'_>, form: &super::browser::Form) {
    let mut saving = form.clone();
    saving.action = "/drafts".into();
    let answer = browser.send(&saving).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
}

#[tokio::test]
async fn what_is_begun_at_intake_waits_and_goes_when_it_is_sent() {
    let server = site().await;
    let mut agent = Browser::of(&server, "agent").await;
    let new = agent.form_at("/orders/new", "/orders/new").await.with("_do", "receive").with("channel", "phone");
    let new = new.with("title", "路灯不亮").with("body", "海坡路三盏灯不亮。").with("claimant.phone", "13800138000");
    let to = agent.done(&new).await;
    let no = to.trim_start_matches("/orders/").to_owned();
    let at = format!("/intake?case={no}");
    let refuse = agent.form_at(&at, &format!("/orders/{no}/do/refuse")).await;
    save(&mut agent, &refuse.with("text", "此事已进入诉讼程序")).await;
    let register = agent.form_at(&at, &format!("/orders/{no}/do/register")).await;
    let register = register.with("kind", "help").with("subject", "020103");
    let mut begun = register.clone();
    begun.fields.retain(|(name, _)| name != "title");
    save(&mut agent, &begun.with("title", "海坡路路灯三盏不亮")).await;
    let mut elsewhere = Browser::of(&server, "agent").await;
    let page = elsewhere.get(&at).await.text;
    assert!(page.contains("此事已进入诉讼程序") && page.contains("value=\"海坡路路灯三盏不亮\""), "{page}");
    let list = elsewhere.get("/desk/drafts").await.text;
    assert!(list.contains("此事已进入诉讼程序") && list.contains("海坡路路灯三盏不亮"), "{list}");
    agent.done(&register).await;
    let list = elsewhere.get("/desk/drafts").await.text;
    assert!(!list.contains("海坡路路灯三盏不亮"), "what was sent is gone: {list}");
}

#[tokio::test]
async fn the_unit_and_the_note_chosen_at_dispatch_come_back() {
    let server = site().await;
    let no = registered(&server, "complaint", "020103").await;
    let mut office = Browser::of(&server, "office").await;
    let form = office.form_at("/dispatch", &format!("/orders/{no}/do/dispatch")).await;
    let begun = form.with("note", "请联系社区").with("_other_lead", "市水务局");
    save(&mut office, &begun).await;
    let page = office.get("/dispatch").await.text;
    assert!(page.contains("请联系社区") && page.contains("value=\"市水务局\"") && page.contains("已带入"), "{page}");
    assert!(office.get("/desk/drafts").await.text.contains("请联系社区"));
    let again = office.form_at("/dispatch", &format!("/orders/{no}/do/dispatch")).await;
    office.done(&again.with("lead", "enforcement")).await;
    assert!(office.get("/desk/drafts").await.text.contains("没有草稿"));
}
