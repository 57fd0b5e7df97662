//! The unit's page and the administration's: filing a change with its receipt, the roster, delegation; units, accounts, keys,
//! the calendar and the chains; a contested return and its ruling.

use huiyin_app::{Role, people::Position};

use super::browser::{Browser, form, registered, site};

#[tokio::test]
async fn a_new_handler_is_entered_filed_and_received() {
    let server = site().await;
    let mut leader = Browser::of(&server, "leader").await;
    let page = leader.get("/unit").await;
    assert!(page.text.contains("市综合行政执法局") && page.text.contains("到位情况"));
    let bad = leader.send(&form(&page, "/unit/person").with("name", "符健").with("login", "x")).await;
    assert_eq!(bad.status, 422);
    assert!(bad.text.contains("value=\"符健\""), "what was typed is kept");
    let add = form(&page, "/unit/person")
        .with("name", "符健")
        .with("login", "fujian")
        .with("phone", "13800000926")
        .with("position", "handler")
        .with("role", "officer")
        .with("terms", "own");
    let page = leader.send(&add).await;
    assert_eq!(page.status, 200, "{}", page.text);
    assert!(page.text.contains("临时密码") && page.text.contains("138 **** 0926") && page.text.contains("还没备案"));
    let mut officer = Browser::of(&server, "officer").await;
    let page = officer.get("/unit").await;
    let post = page.text.split("name=\"posts\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    officer.done(&form(&page, "/unit/file").with("posts", &post)).await;
    assert!(officer.get("/unit").await.text.contains("待回执"));
    let mut office = Browser::of(&server, "office").await;
    let page = office.get("/unit?unit=enforcement").await;
    let none = office.send(&form(&page, "/unit/receipt").with("posts", &post)).await;
    assert_eq!(none.status, 422, "a receipt has a number");
    office.done(&form(&page, "/unit/receipt").with("posts", &post).with("receipt", "B-0107")).await;
    let page = officer.get("/unit").await.text;
    assert!(page.contains("B-0107"));
    assert!(page.contains("备案记录") && page.contains("提交备案") && page.contains("收到回执 B-0107"), "{page}");
    // Others do not see who works there, and an officer enters nobody.
    let mut other = Browser::of(&server, "subcentre").await;
    assert_eq!(other.get("/unit?unit=enforcement").await.status, 404);
    let mut add = add;
    add.fields[0].1 = form(&officer.get("/unit").await, "/unit/file").fields[0].1.clone();
    assert_eq!(officer.send(&add.with("login", "another")).await.status, 403);
}

#[tokio::test]
async fn a_duty_phone_is_kept_and_approval_lent() {
    let server = site().await;
    let mut leader = Browser::of(&server, "leader").await;
    let page = leader.get("/unit").await;
    assert!(page.text.contains("夜间未排"));
    let duty = form(&page, "/unit/roster").with("shift", "night").with("who", "黎志强").with("phone", "0898-88290000");
    leader.done(&duty).await;
    let page = leader.get("/unit").await;
    assert!(page.text.contains("黎志强") && !page.text.contains("夜间未排") && !page.text.contains("88290000"));
    leader.done(&form(&page, "/unit/end-roster")).await;
    let to = page.text.split("name=\"to\"").nth(1).unwrap().split("<option value=\"").nth(2).unwrap();
    let to = to.split('"').next().unwrap().to_owned();
    let lend = form(&page, "/unit/delegate").with("to", &to);
    assert_eq!(leader.send(&lend).await.status, 422, "a loan has days");
    let today = server.test.app.zone().day(server.test.app.now());
    let lend = lend.with("from", &today.to_string()).with("until", &today.next().to_string());
    let answer = leader.send(&lend).await;
    assert!(matches!(answer.status.as_u16(), 303 | 422), "{}", answer.text);
}

#[tokio::test]
async fn the_register_accounts_and_keys_are_kept() {
    let server = site().await;
    let mut admin = Browser::of(&server, "admin").await;
    let page = admin.get("/admin/units").await;
    assert!(page.text.contains("市水务局") && page.text.contains("单位码"));
    let bad = form(&page, "/admin/units/save")
        .with("code", "new-office")
        .with("name", "市水务局")
        .with("kind", "city-department");
    assert_eq!(admin.send(&bad).await.status, 422, "two units of one name");
    let save = form(&page, "/admin/units/save")
        .with("code", "reef-office")
        .with("name", "市珊瑚礁保护办公室")
        .with("kind", "city-department");
    admin.done(&save).await;
    assert!(admin.get("/admin/units").await.text.contains("市珊瑚礁保护办公室"));
    let end = form(&page, "/admin/units/end")
        .with("unit", "市珊瑚礁保护办公室")
        .with("successor", "市水务局")
        .with("last", "2020-01-01");
    let answer = admin.send(&end).await;
    assert!(matches!(answer.status.as_u16(), 303 | 422));
    let page = admin.get("/admin/people").await;
    let mut reset = form(&page, "/admin/people/password");
    reset.fields.last_mut().unwrap().1 = "officer".into();
    let made = admin.send(&reset).await;
    assert!(made.text.contains("临时密码，只显示这一次"), "{}", made.text);
    let page = admin.get("/admin/keys").await;
    let made = admin.send(&form(&page, "/admin/keys/add").with("login", "office").with("scope", "orders:read")).await;
    assert!(made.text.contains("新令牌，只显示这一次"), "{}", made.text);
    let page = admin.get("/admin/keys").await;
    assert!(page.text.contains("orders:read") && !page.text.contains("新令牌"));
    admin.done(&form(&page, "/admin/keys/revoke")).await;
    assert!(admin.get("/admin/keys").await.text.contains("撤销"));
    let page = admin.get("/admin/calendar?year=2026").await.text;
    assert!(page.contains("调休上班") && page.contains("放假"));
    assert!(admin.get("/admin/calendar?year=2099").await.text.contains("尚未载入"));
    let page = admin.get("/admin/audit?chain=unit:reef-office").await;
    assert!(page.text.contains("unit.added"), "{}", page.text);
    let page = admin.send(&form(&page, "/admin/audit/verify")).await;
    assert!(page.text.contains("账本完整"), "{}", page.text);
}

#[tokio::test]
async fn a_second_return_is_a_dispute_and_the_ruling_ends_it() {
    let server = site().await;
    let no = registered(&server, "complaint", "020103").await;
    let mut office = Browser::of(&server, "office").await;
    let path = format!("/orders/{no}");
    let form_at = |command: &str| format!("{path}/do/{command}");
    let send = office.form_at(&path, &form_at("dispatch")).await.with("lead", "市综合行政执法局");
    office.done(&send).await;
    let mut officer = Browser::of(&server, "officer").await;
    let back = |form: super::browser::Form, basis: &str| {
        form.with("reason", "not-our-duty").with("basis", basis).with("suggestion", "市水务局")
    };
    let first = officer.form_at(&path, &form_at("return")).await;
    officer.done(&back(first, "职责在排水单位")).await;
    assert!(!office.get("/disputes").await.text.contains("职责在排水单位"), "the first is not yet one");
    let grant = office.form_at(&path, &form_at("grant")).await;
    office.done(&grant).await;
    let send = office.form_at(&path, &form_at("dispatch")).await.with("lead", "市水务局").with("note", "请核实");
    office.done(&send).await;
    server.test.person("water", "water", Role::Officer, Position::Staff).await;
    let mut water = Browser::of(&server, "water").await;
    let second = water.form_at(&path, &form_at("return")).await;
    let second = second.with("reason", "not-our-duty").with("basis", "清单已于今年调整");
    water.done(&second.with("suggestion", "市综合行政执法局")).await;
    let page = office.get("/disputes").await;
    assert!(page.text.contains("职责在排水单位") && page.text.contains("清单已于今年调整"), "{}", page.text);
    let rule = form(&page, &form_at("rule")).with("unit", "市水务局").with("note", "按清单由你单位办理");
    office.done(&rule).await;
    assert!(office.get("/disputes").await.text.contains("没有争议"));
}

#[tokio::test]
async fn notices_are_what_wants_attention_now() {
    let server = site().await;
    let no = registered(&server, "complaint", "020103").await;
    let mut office = Browser::of(&server, "office").await;
    let form = office.form_at(&format!("/orders/{no}"), &format!("/orders/{no}/do/dispatch")).await;
    office.done(&form.with("lead", "市综合行政执法局")).await;
    let mut officer = Browser::of(&server, "officer").await;
    let page = officer.get("/notices").await.text;
    assert!(page.contains("待签收") && page.contains(&no), "{page}");
    let mut editor = Browser::of(&server, "editor").await;
    assert!(editor.get("/notices").await.text.contains("没有要处理的通知"));
}

#[tokio::test]
async fn a_unit_that_is_not_ready_says_so_wherever_it_is_chosen_and_gets_its_orders() {
    let server = site().await;
    let no = registered(&server, "complaint", "020103").await;
    let path = format!("/orders/{no}");
    let mut office = Browser::of(&server, "office").await;
    let dispatch = office.get("/dispatch").await.text;
    let suggested = dispatch.split("class=\"cand__box\"").nth(1).unwrap().split("</label>").next().unwrap();
    assert!(suggested.contains("未就绪") && suggested.contains("照常可派") && suggested.contains("号"), "{suggested}");
    assert!(dispatch.contains("label=\"未就绪："), "beside a name that is typed");
    assert!(office.get(&path).await.text.contains("照常可派"), "and on the order's page");
    let mut agent = Browser::of(&server, "agent").await;
    let desk = agent.form_at("/desk", "/desk").await.with("_do", "preview").with("kind", "complaint");
    let desk = agent.send(&desk.with("subject", "020103").with("lead", "市综合行政执法局")).await.text;
    assert!(desk.contains("未就绪"), "{desk}");
    let form = office.form_at(&path, &format!("{path}/do/dispatch")).await;
    office.done(&form.with("lead", "enforcement")).await;
    assert!(office.get(&path).await.text.contains("市综合行政执法局"));
}
