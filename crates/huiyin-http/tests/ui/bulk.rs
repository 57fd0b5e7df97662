//! More than a page at once goes on behind, and a page says how far it is, without script too.

use huiyin_app::jobs;

use super::browser::{Browser, form, site};

/// More orders at a unit than a page of its queue shows.
async fn at_unit(server: &super::common::Server, count: usize) -> Vec<String> {
    let (mut agent, mut office) = (Browser::of(server, "agent").await, Browser::of(server, "office").await);
    let new = agent.form_at("/orders/new", "/orders/new").await;
    let new = new.with("_do", "register").with("channel", "phone").with("title", "大东海夜市占道");
    let new = new.with("body", "盲道被占。").with("claimant.phone", "13800138000");
    let new = new.with("kind", "complaint").with("subject", "020103").with("urgency", "normal");
    let mut found = Vec::new();
    for at in 0..count {
        let mut one = new.clone();
        one.fields.retain(|(name, _)| name != "_key");
        let to = agent.done(&one.with("_key", &format!("bulk-test-{at}"))).await;
        let form = office.form_at(&to, &format!("{to}/do/dispatch")).await;
        office.done(&form.with("lead", "市综合行政执法局")).await;
        found.push(to.trim_start_matches("/orders/").to_owned());
    }
    found
}

#[tokio::test]
async fn all_that_a_filter_finds_goes_on_behind_and_a_page_says_how_far() {
    let server = site().await;
    let numbers = at_unit(&server, 55).await;
    let mut officer = Browser::of(&server, "officer").await;
    let sign = officer.form_at("/queue", "/queue/bulk").await.with("_do", "sign").with("_all", "1");
    let single = officer.form_at(&format!("/orders/{}", numbers[0]), &format!("/orders/{}/do/sign", numbers[0])).await;
    let to = officer.done(&sign).await;
    assert!(to.starts_with("/bulk/"), "{to}");
    assert_eq!(officer.done(&sign).await, to, "sent twice it is one");
    let page = officer.get(&to).await.text;
    assert!(page.contains("正在办理") && page.contains("还剩") && page.contains("data-poll"), "{page}");
    assert!(officer.get("/bulk").await.text.contains(&to));
    let mut leader = Browser::of(&server, "leader").await;
    assert_eq!(leader.get(&to).await.status, 404);
    assert!(!leader.get("/bulk").await.text.contains(&to));
    officer.done(&single).await;
    jobs::once(&server.test.app).await.unwrap();
    let page = officer.get(&to).await;
    assert!(page.text.contains("已全部办完") && page.text.contains("没有办成 1 件"), "{}", page.text);
    assert!(page.text.contains(&format!("/orders/{}", numbers[0])) && !page.text.contains("data-poll"));
    // Tags are taken back, behind as well.
    let tag = officer.form_at("/queue", "/queue/bulk").await.with("_do", "tag").with("_all", "1");
    let to = officer.done(&tag.with("tag", "group").with("on", "true")).await;
    jobs::once(&server.test.app).await.unwrap();
    assert!(officer.get("/queue?tag=group").await.text.contains("群体诉求"));
    let page = officer.get(&to).await;
    let back = officer.done(&form(&page, &format!("{to}/undo"))).await;
    let page = officer.get(&back).await;
    officer.done(&form(&page, &format!("{back}/stop"))).await;
    assert!(officer.get(&back).await.text.contains("已停下"));
}
