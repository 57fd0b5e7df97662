//! Secret and sealed orders, identities, finding by phone.

use huiyin_app::{
    Actor, CommandError, Role,
    orders::{self, NewClaimantInput, NewOrder, list, view},
};
use serde_json::json;

use crate::{
    common::{TestApp, actor, apps},
    desk::{Drive, agent, callback, field, leader, mayor, new_order, office, officer, sub},
};

const WORDS: &str = "我是该店前员工,店里卖过期肉。";

async fn secret(app: &TestApp) -> String {
    let new = NewOrder {
        secret: Some(true),
        title: Some("前员工反映".into()),
        body: Some(WORDS.into()),
        ..new_order("report")
    };
    let no = app.take_in(&agent(), new).await.unwrap().done.no;
    app.ok(&agent(), &no, "redact", json!({ "text": "某店涉嫌销售过期食品" })).await;
    app.ok(&office(), &no, "dispatch", json!({ "lead": "sub-jiyang" })).await;
    app.ok(&sub("sub-jiyang"), &no, "redispatch", json!({ "lead": "jiyang-market" })).await;
    no
}

#[tokio::test]
async fn a_unit_learns_of_a_secret_order_only_what_was_settled() {
    for app in apps().await {
        let no = secret(&app).await;
        let told = app.seen(&agent(), &no).await.unwrap();
        assert!(told.sees_claimants && told.body() == WORDS);
        for unit in [officer("jiyang-market"), leader("jiyang-market"), sub("sub-jiyang")] {
            let view = app.seen(&unit, &no).await.unwrap();
            assert!(!view.sees_claimants);
            assert_eq!(view.body(), "某店涉嫌销售过期食品");
            let all = format!("{:?} {}", view.texts, view::json(&app.app, &view));
            assert!(!all.contains("前员工"), "{all}");
            let (rows, _) = list::orders(
                &app.app,
                &unit,
                list::OrderFilter::default(),
                list::Page { limit: 10, ..list::Page::default() },
                vec![],
            )
            .await
            .unwrap();
            assert!(rows.iter().any(|row| row.no == no && row.title.is_none()));
            let error = orders::reveal(&app.app, &unit, &no, "需要联系本人").await.unwrap_err();
            assert!(matches!(error, CommandError::Forbidden(_)), "{error}");
        }
        assert_eq!(app.count("reveal").await, 0);
        // What the claimant adds is their own words too, and goes to the unit through the call centre.
        app.ok(&agent(), &no, "supplement", json!({ "text": "我上个月才离职,认识店长老王。" })).await;
        app.ok(&officer("jiyang-market"), &no, "relay", json!({ "text": "请问哪一批货?" })).await;
        app.ok(&agent(), &no, "relay-answer", json!({ "task": 2, "text": "上周到的一批" })).await;
        let view = app.seen(&officer("jiyang-market"), &no).await.unwrap();
        let all = format!("{:?}", view.texts);
        assert!(!all.contains("离职") && all.contains("上周到的一批"), "{all}");
        assert!(format!("{:?}", app.seen(&office(), &no).await.unwrap().texts).contains("离职"));
    }
}

#[tokio::test]
async fn an_order_corrected_into_a_secret_kind_says_by_which_rule() {
    for app in apps().await {
        let new = NewOrder { body: Some(WORDS.into()), ..new_order("complaint") };
        let no = app.take_in(&agent(), new).await.unwrap().done.no;
        app.ok(&office(), &no, "dispatch", json!({ "lead": "sub-jiyang" })).await;
        app.ok(&office(), &no, "correct", json!({ "kind": "report", "reason": "misheard" })).await;
        let view = app.seen(&sub("sub-jiyang"), &no).await.unwrap();
        let made = view.journal.iter().find(|row| row.name == "order.made-secret").expect("the event");
        assert!(made.body.contains("\"kind\":\"report\"") && made.body.contains("HY-DEFAULT"), "{}", made.body);
        assert!(!format!("{:?}", view.texts).contains("前员工"), "{:?}", view.texts);
        // Nobody is asked to settle a text for an order that is closed.
        assert!(app.desks(&no).await.contains(&"redact".to_owned()));
        app.ok(&office(), &no, "recall", json!({ "task": 1, "reason": "wrong-unit" })).await;
        app.ok(&office(), &no, "refuse", json!({ "reason": "out-of-jurisdiction" })).await;
        assert!(!app.desks(&no).await.contains(&"redact".to_owned()));
    }
}

#[tokio::test]
async fn a_secret_claimant_stays_secret_in_the_order_it_is_merged_into() {
    for app in apps().await {
        let open = app.dispatched("report", "jiyang-market").await;
        let new = NewOrder { secret: Some(true), body: Some(WORDS.into()), ..new_order("report") };
        let hidden = app.take_in(&agent(), new).await.unwrap().done.no;
        app.ok(&agent(), &hidden, "merge", json!({ "into": open })).await;
        let unit = officer("jiyang-market");
        let into = app.registered("help").await;
        let other =
            app.take_in(&agent(), NewOrder { secret: Some(true), ..new_order("report") }).await.unwrap().done.no;
        app.no(&agent(), &other, "append", json!({ "into": into }), "append.secret").await;
        let found = orders::reveal(&app.app, &unit, &open, "需要联系本人").await.unwrap();
        assert_eq!(found.len(), 1, "only who was never secret");
        assert_eq!(orders::reveal(&app.app, &agent(), &open, "需要联系本人").await.unwrap().len(), 2);
        assert!(!format!("{:?}", app.seen(&unit, &open).await.unwrap().texts).contains("前员工"));
    }
}

#[tokio::test]
async fn a_sealed_order_is_found_by_nobody() {
    for app in apps().await {
        let no = app.registered("report").await;
        app.ok(&agent(), &no, "transfer", json!({ "to": "discipline" })).await;
        let order = app.order(&no).await;
        assert!(order.sealed);
        for (role, unit) in [
            (Role::Agent, "call-centre"),
            (Role::Office, "office"),
            (Role::Callback, "call-centre"),
            (Role::Mayor, "gov-office"),
            (Role::Admin, "office"),
            (Role::Subcentre, "sub-jiyang"),
            (Role::Leader, "discipline"),
        ] {
            let who = actor("x", role, unit);
            let error = app.seen(&who, &no).await.err();
            assert_eq!(error, Some(CommandError::NotFound), "{role:?}");
            assert_eq!(app.give(&who, &no, "urge", json!({})).await.unwrap_err(), CommandError::NotFound);
            assert_eq!(orders::reveal(&app.app, &who, &no, "需要联系本人").await.unwrap_err(), CommandError::NotFound);
            assert_eq!(app.listed(&who).await, (vec![], 0));
            if [Role::Agent, Role::Office].contains(&role) {
                assert_eq!(orders::find_by_phone(&app.app, &who, "13800000001").await.unwrap(), Vec::<String>::new());
            }
        }
        let own = app.order(&no).await;
        let claimant = Actor::claimant_of(&own.id, &own.parts[0].claimant);
        assert_eq!(app.give(&claimant, &no, "urge", json!({})).await.unwrap_err(), CommandError::NotFound);
        // Whoever must be told of it is told by a desk that cannot open it; no desk shows it either.
        assert!(list::desk_items(&app.app, &agent()).await.unwrap().is_empty());
        app.sound().await;
    }
}

#[tokio::test]
async fn reading_an_identity_takes_a_purpose_and_is_logged() {
    for app in apps().await {
        let no = app.dispatched("help", "water").await;
        assert_eq!(field(orders::reveal(&app.app, &agent(), &no, "  看 ").await), "purpose");
        let found = orders::reveal(&app.app, &officer("water"), &no, "上门前联系本人").await.unwrap();
        assert_eq!((found.len(), found[0].identity.phone.as_deref()), (1, Some("13800000001")));
        app.clock.advance(1000);
        orders::reveal(&app.app, &callback(), &no, "回访本人").await.unwrap();
        let logged = app.seen(&agent(), &no).await.unwrap().reveals;
        let logged: Vec<_> = logged.iter().map(|r| (r.person.as_str(), r.field.as_str(), r.purpose.as_str())).collect();
        assert_eq!(logged, [("officer-water", "identity", "上门前联系本人"), ("callback", "identity", "回访本人")]);
        for (who, code) in [
            (mayor(), "forbidden"),
            (officer("enforcement"), "not_found"),
            (actor("e", Role::Editor, "office"), "not_found"),
        ] {
            assert_eq!(orders::reveal(&app.app, &who, &no, "看看是谁").await.unwrap_err().code(), code);
        }
        assert_eq!(app.count("reveal").await, 2);
        // Nothing of the identity lies open anywhere.
        for row in app.rows("SELECT sealed, phone FROM claimant", vec![]).await {
            let (sealed, phone) = (row.bytes(0).unwrap(), row.bytes(1).unwrap());
            for plain in ["李甲", "13800000001"] {
                let plain = plain.as_bytes();
                assert!(
                    !sealed.windows(plain.len()).any(|w| w == plain) && !phone.windows(plain.len()).any(|w| w == plain)
                );
            }
        }
    }
}

#[tokio::test]
async fn a_phone_number_is_found_however_it_is_written() {
    for app in apps().await {
        let mut numbers = Vec::new();
        for phone in ["13800000001", "0898-88210001"] {
            let claimant = NewClaimantInput { phone: Some(phone.into()), ..new_order("help").claimant };
            numbers.push(app.take_in(&agent(), NewOrder { claimant, ..new_order("help") }).await.unwrap().done.no);
        }
        for phone in ["13800000001", "138 0000 0001", "+86 138-0000-0001", "86-13800000001", "１３８０００００００１"]
        {
            assert_eq!(
                orders::find_by_phone(&app.app, &agent(), phone).await.unwrap(),
                [numbers[0].as_str()],
                "{phone}"
            );
        }
        for phone in ["0898-88210001", "(0898) 8821 0001", "88210001", "+86 898 88210001"] {
            assert_eq!(
                orders::find_by_phone(&app.app, &agent(), phone).await.unwrap(),
                [numbers[1].as_str()],
                "{phone}"
            );
        }
        assert_eq!(orders::find_by_phone(&app.app, &agent(), "13800000002").await.unwrap(), Vec::<String>::new());
        for bad in ["", "12", "老王", "13800000001; DROP TABLE"] {
            assert_eq!(field(orders::find_by_phone(&app.app, &agent(), bad).await), "phone", "{bad}");
        }
        // The newest first; a sub-centre finds only what lies with it.
        let newer = app.registered("help").await;
        assert_eq!(
            orders::find_by_phone(&app.app, &office(), "13800000001").await.unwrap(),
            [newer, numbers[0].clone()]
        );
        assert_eq!(
            orders::find_by_phone(&app.app, &sub("sub-jiyang"), "13800000001").await.unwrap(),
            Vec::<String>::new()
        );
        assert_eq!(
            orders::find_by_phone(&app.app, &officer("water"), "13800000001").await.unwrap_err().code(),
            "forbidden"
        );
    }
}
