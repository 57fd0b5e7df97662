//! Who works on a row, tags and notes from a list and from an order's page, each taken back without script; the columns a
//! person has chosen; views a unit shares.

use huiyin_app::{Role, people::Position};

use super::browser::{Browser, dispatched, form, registered, site};

#[tokio::test]
async fn several_rows_are_given_to_a_person_who_finds_them_and_it_is_taken_back() {
    let server = site().await;
    let numbers = [dispatched(&server).await, dispatched(&server).await];
    server.test.person("wu", "enforcement", Role::Officer, Position::Staff).await;
    let mut officer = Browser::of(&server, "officer").await;
    let bulk = officer.form_at("/queue", "/queue/bulk").await;
    assert!(officer.get("/queue").await.text.contains("id=\"bulk-person\""));
    let page = officer.send(&bulk.with("_do", "assign").with("person", "wu").with("_all", "1")).await;
    assert!(page.text.contains("办成 2 件"), "{}", page.text);
    let mut wu = Browser::of(&server, "wu").await;
    let mine = wu.get("/queue?handler=me").await.text;
    assert!(numbers.iter().all(|no| mine.contains(no)) && mine.contains("承办人：我本人"));
    assert!(!officer.get("/queue?handler=me").await.text.contains(&numbers[0]));
    // The name stands in the row, in the look into it, and on the order.
    assert!(officer.get("/queue").await.text.contains("<td class=\"cell--who\">测试人员</td>"));
    assert!(officer.get(&format!("/orders/{}", numbers[0])).await.text.contains("承办人 测试人员"));
    assert!(officer.get(&format!("/queue?peek={}", numbers[0])).await.text.contains("<dt>承办人</dt>"));
    let undone = officer.send(&undo_all(&page)).await;
    assert!(undone.text.contains("办成 2 件"), "{}", undone.text);
    assert!(!wu.get("/queue?handler=me").await.text.contains(&numbers[0]));
    assert!(wu.get("/queue?handler=none").await.text.contains(&numbers[0]));
}

/// The form that takes back what was done in bulk, with all its rows.
fn undo_all(page: &super::common::Answer) -> super::browser::Form {
    form(page, "/queue/bulk")
}

#[tokio::test]
async fn a_tag_is_given_on_the_order_and_one_click_takes_it_back() {
    let server = site().await;
    let no = dispatched(&server).await;
    let (path, row) = (format!("/orders/{no}"), format!("data-row=\"{no}\""));
    let mut officer = Browser::of(&server, "officer").await;
    let tag = officer.form_at(&path, &format!("{path}/do/tag")).await;
    assert_eq!(officer.done(&tag.with("tag", "group")).await, path);
    let page = officer.get(&path).await;
    assert!(page.text.contains("群体诉求"));
    assert!(officer.get("/queue?tag=group").await.text.contains(&row));
    assert!(!officer.get("/queue?tag=minor").await.text.contains(&row));
    // What was said after the act has the way back in it.
    let notice = page.text.split("page__notice").nth(1).unwrap();
    assert!(notice.contains("撤销"), "{notice}");
    let undo = form(&page, &format!("{path}/do/tag"));
    officer.done(&undo).await;
    assert!(!officer.get("/queue?tag=group").await.text.contains(&row));
    let note = officer.form_at(&path, &format!("{path}/do/note")).await.with("text", "已与社区对接");
    officer.done(&note).await;
    let page = officer.get(&path).await;
    officer.done(&form(&page, &format!("{path}/do/withdraw-note"))).await;
    let page = officer.get(&path).await.text;
    assert!(page.contains("已与社区对接") && page.contains("（已撤回）"), "nothing is erased");
}

#[tokio::test]
async fn columns_density_and_order_are_kept_for_a_person_and_an_export_has_the_same() {
    let server = site().await;
    let no = dispatched(&server).await;
    let mut officer = Browser::of(&server, "officer").await;
    let choose = officer.form_at("/queue", "/lists/queue").await;
    let choose = ["channel", "state", "area"].iter().fold(choose, |form, code| form.with("col", code));
    let choose = choose.with("at.channel", "1").with("at.state", "2").with("density", "compact").with("sort", "newest");
    assert_eq!(officer.done(&choose).await, "/queue");
    let page = officer.get("/queue").await.text;
    let heads: Vec<&str> =
        page.split("<th scope=\"col\">").skip(3).map(|rest| rest.split('<').next().unwrap()).collect();
    assert_eq!(heads, ["来源", "状态", "区域"], "{page}");
    assert!(page.contains("data-density=\"compact\"") && page.contains("按派单时间"));
    let csv = officer.get("/queue/export?format=csv").await.text;
    assert!(csv.contains(r#""工单号","标题","来源","状态","区域","时限""#), "{csv}");
    assert!(csv.contains(&no));
    let mut leader = Browser::of(&server, "leader").await;
    assert!(!leader.get("/queue").await.text.contains("data-density"), "it is of one person");
    let reset = officer.form_at("/queue", "/lists/queue").await.with("_do", "reset");
    officer.done(&reset).await;
    assert!(officer.get("/queue").await.text.contains("承办人</th>"));
}

#[tokio::test]
async fn a_view_is_shared_in_the_unit_or_pinned_by_the_office_alone() {
    let server = site().await;
    dispatched(&server).await;
    server.test.person("water", "water", Role::Officer, Position::Staff).await;
    let mut officer = Browser::of(&server, "officer").await;
    let view = officer.form_at("/queue?kind=complaint", "/views").await;
    officer.done(&view.with("name", "本单位投诉").with("shared", "unit")).await;
    let (mut leader, mut water) = (Browser::of(&server, "leader").await, Browser::of(&server, "water").await);
    let page = leader.get("/queue?kind=complaint").await.text;
    assert!(page.contains("本单位投诉") && !page.contains("/remove\""), "seen, and not another's to remove");
    assert!(!water.get("/queue").await.text.contains("本单位投诉"));
    let view = officer.form_at("/queue?kind=help", "/views").await;
    assert_eq!(officer.send(&view.with("name", "全市").with("shared", "all")).await.status, 403);
    let mut office = Browser::of(&server, "office").await;
    let view = office.form_at("/orders?tab=over", "/views").await;
    office.done(&view.with("name", "全市超期").with("shared", "all")).await;
    assert!(water.get("/orders").await.text.contains("全市超期"));
}

#[tokio::test]
async fn several_orders_are_merged_into_one_each_by_the_rules_of_merging() {
    let server = site().await;
    let (first, second, third) = (
        dispatched(&server).await,
        registered(&server, "complaint", "020103").await,
        registered(&server, "complaint", "020103").await,
    );
    let mut office = Browser::of(&server, "office").await;
    let bulk = office.form_at("/orders", "/orders/bulk").await.with("_do", "merge").with("into", &first);
    let bulk = bulk.with("merge:reason", "same-event");
    let bulk = [&second, &third, &first].iter().fold(bulk, |form, no| form.with("pick", &format!("{no}.0.sign")));
    let page = office.send(&bulk).await;
    assert!(page.text.contains("办成 2 件，没有办成 1 件"), "an order is not merged into itself: {}", page.text);
    assert!(office.get(&format!("/orders/{first}")).await.text.contains("3 位诉求人"));
}
