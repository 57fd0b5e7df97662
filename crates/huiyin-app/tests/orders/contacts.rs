//! Contacts that wait: read raw, opened by a person, set aside and taken back.

use huiyin_app::{
    CommandError, Scope,
    orders::{self, contacts},
};
use huiyin_store::records;

use crate::{
    common::{TestApp, apps},
    desk::{Drive, agent, field, new_order, office, officer, sub},
};

async fn waits(app: &TestApp, external: &str, raw: &[u8]) -> String {
    assert!(orders::set_aside(&app.app, "email", external, raw, "the text is not UTF-8").await.unwrap());
    let all = contacts::list(&app.app, &agent(), "waiting", None).await.unwrap();
    all.into_iter().find(|one| one.external_id.as_deref() == Some(external)).unwrap().id
}

async fn chain(app: &TestApp, id: &str) -> Vec<(String, String)> {
    let (city, name) = (app.city.clone(), format!("contact:{id}"));
    let entries =
        app.app.db.read("chain", move |tx| Box::pin(async move { records::chain(tx, city.as_str(), &name).await }));
    entries.await.unwrap().into_iter().map(|entry| (entry.name, entry.person)).collect()
}

#[tokio::test]
async fn what_waits_is_listed_and_its_reading_is_kept() {
    for app in apps().await {
        let raw = b"From: \xc0\xee\xcf\xc8\xc9\xfa\r\n\r\n\xc2\xb7\xb5\xc6\xb2\xbb\xc1\xc1";
        let id = waits(&app, "m-1", raw).await;
        for who in [agent(), office(), sub("sub-jiyang")] {
            let all = contacts::list(&app.app, &who, "waiting", None).await.unwrap();
            let told = (all.len(), all[0].channel.as_str(), all[0].fault.as_str(), all[0].size);
            assert_eq!(told, (1, "email", "the text is not UTF-8", raw.len()));
            assert_eq!(contacts::count(&app.app, &who).await.unwrap(), 1);
        }
        for twice in [0, 1] {
            let (_, read) = contacts::read(&app.app, &agent(), &id).await.unwrap();
            assert_eq!(read, raw, "{twice}");
        }
        assert!(contacts::shown(raw, "gb18030").text.contains("路灯不亮"));
        contacts::read(&app.app, &office(), &id).await.unwrap();
        let kept = [("contact.read", "agent"), ("contact.read", "office")];
        assert_eq!(chain(&app, &id).await, kept.map(|(name, who)| (name.to_owned(), who.to_owned())));
        // Who takes nothing in learns nothing; a token without the scope reads no raw text.
        let error = contacts::list(&app.app, &officer("water"), "waiting", None).await.unwrap_err();
        assert_eq!(error.code(), "forbidden");
        assert_eq!(contacts::read(&app.app, &officer("water"), &id).await.unwrap_err().code(), "forbidden");
        let mut program = agent();
        program.scopes = Some(vec![Scope::OrdersRead, Scope::OrdersWrite]);
        assert!(contacts::list(&app.app, &program, "waiting", None).await.is_ok());
        assert!(matches!(contacts::read(&app.app, &program, &id).await, Err(CommandError::Forbidden(_))));
        assert_eq!(field(contacts::list(&app.app, &agent(), "opened", None).await), "state");
        app.sound().await;
    }
}

#[tokio::test]
async fn what_waits_is_under_the_limit_of_its_channel_else_the_citys_own() {
    for app in apps().await {
        let hour = 60 * 60_000;
        for (channel, after, source) in
            [("email", 24 * hour, "GB-33358"), ("sms", hour / 20, "GB-33358"), ("letter", 24 * hour, "HY-DEFAULT")]
        {
            assert!(orders::set_aside(&app.app, channel, "m-1", b"\xff", "the text is not UTF-8").await.unwrap());
            let all = contacts::list(&app.app, &agent(), "waiting", None).await.unwrap();
            let one = all.into_iter().find(|one| one.channel == channel).unwrap();
            let (due, basis) = one.limit.expect("a limit");
            assert_eq!((due.at.ms() - one.received_at.ms(), basis.source.as_str()), (after, source), "{channel}");
            contacts::dismiss(&app.app, &agent(), &one.id, "test", None).await.unwrap();
        }
        let aside = contacts::list(&app.app, &agent(), "dismissed", None).await.unwrap();
        assert!(aside.len() == 3 && aside.iter().all(|one| one.limit.is_none()), "what is set aside waits no longer");
    }
}

#[tokio::test]
async fn what_is_set_aside_is_not_lost_and_can_be_taken_back() {
    for app in apps().await {
        let id = waits(&app, "m-1", b"buy now").await;
        let aside = async |reason: &str| contacts::dismiss(&app.app, &agent(), &id, reason, Some("广告")).await;
        assert_eq!(field(aside("whim").await), "reason");
        assert_eq!(
            contacts::dismiss(&app.app, &officer("water"), &id, "spam", None).await.unwrap_err().code(),
            "forbidden"
        );
        assert!(matches!(
            contacts::dismiss(&app.app, &agent(), "none", "spam", None).await,
            Err(CommandError::NotFound)
        ));
        aside("spam").await.unwrap();
        assert_eq!(aside("spam").await.unwrap_err().code(), "contact.settled");
        assert!(contacts::list(&app.app, &agent(), "waiting", None).await.unwrap().is_empty());
        let all = contacts::list(&app.app, &office(), "dismissed", None).await.unwrap();
        let told = (all[0].reason.as_deref(), all[0].settled_by.as_deref(), all[0].settled_at);
        assert_eq!(told, (Some("spam"), Some("agent"), Some(app.now())));
        assert_eq!(contacts::read(&app.app, &office(), &id).await.unwrap().1, b"buy now");
        contacts::restore(&app.app, &office(), &id).await.unwrap();
        assert_eq!(contacts::restore(&app.app, &office(), &id).await.unwrap_err().code(), "contact.settled");
        assert_eq!(contacts::list(&app.app, &agent(), "waiting", None).await.unwrap().len(), 1);
        let names: Vec<String> = chain(&app, &id).await.into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["contact.dismissed", "contact.read", "contact.restored"]);
        // What was opened is an order and no longer a contact to be set aside.
        orders::open_waiting(&app.app, &agent(), &id, new_order("help"), None).await.unwrap();
        assert_eq!(aside("spam").await.unwrap_err().code(), "contact.settled");
        assert!(matches!(contacts::read(&app.app, &agent(), &id).await, Err(CommandError::NotFound)));
        app.sound().await;
    }
}

#[tokio::test]
async fn one_set_aside_too_soon_is_opened_when_it_can_be_read_after_all() {
    for app in apps().await {
        let id = waits(&app, "m-9", b"\xff").await;
        contacts::dismiss(&app.app, &agent(), &id, "empty", None).await.unwrap();
        let new = orders::NewOrder {
            channel: Some("email".into()),
            external_id: Some("m-9".into()),
            kind: None,
            subject: None,
            ..new_order("help")
        };
        assert!(!app.take_in(&huiyin_app::Actor::system(), new).await.unwrap().known);
        assert!(contacts::list(&app.app, &agent(), "dismissed", None).await.unwrap().is_empty());
        app.sound().await;
    }
}

#[tokio::test]
async fn a_long_list_comes_in_pages() {
    for app in apps().await {
        for n in 0..contacts::PAGE + 3 {
            assert!(orders::set_aside(&app.app, "sms", &format!("s-{n}"), b"\xff", "no text").await.unwrap());
        }
        let first = contacts::list(&app.app, &agent(), "waiting", None).await.unwrap();
        let last = first.last().map(|last| (last.stored_at, last.id.clone()));
        let rest = contacts::list(&app.app, &agent(), "waiting", last).await.unwrap();
        assert_eq!((first.len() as i64, rest.len()), (contacts::PAGE, 3));
        assert!(first.iter().all(|one| rest.iter().all(|other| other.id != one.id)));
    }
}
