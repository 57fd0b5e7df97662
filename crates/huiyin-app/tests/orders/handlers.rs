//! Who of a unit works on a task, tags, notes of staff, and taking each of these back: further records that move neither
//! state nor clocks nor holder.

use huiyin_app::{
    Actor, CommandError, Role,
    orders::{
        Given,
        list::{self, OrderFilter, Page, TaskFilter},
        view,
    },
    people::Position,
};
use serde_json::json;

use crate::{
    common::{TestApp, apps},
    desk::{Drive, agent, new_order, office, officer},
};

/// Takes back what was done last, as its answer says.
async fn undo(app: &TestApp, by: &Actor, no: &str, done: &huiyin_app::orders::Done) -> huiyin_app::orders::Done {
    let undo = done.undo.clone().expect("it can be taken back");
    app.ok(by, no, &undo.command, undo.input).await
}

async fn rows(app: &TestApp, by: &Actor, filter: TaskFilter) -> Vec<list::ListRow> {
    list::queue(&app.app, by, filter, Page { limit: 50, ..Page::default() }, Vec::new()).await.unwrap().0
}

async fn dispatched(app: &TestApp) -> String {
    let taken = app.take_in(&agent(), new_order("help")).await.unwrap();
    let no = taken.done.no.clone();
    app.ok(&office(), &no, "dispatch", json!({ "lead": "human-resources" })).await;
    no
}

#[tokio::test]
async fn a_handler_is_named_inside_the_unit_and_nothing_else_moves() {
    for app in apps().await {
        let no = dispatched(&app).await;
        let chen = app.person("chen", "human-resources", Role::Officer, Position::Staff).await;
        app.person("water-1", "water", Role::Officer, Position::Staff).await;
        let by = Actor { person: chen.clone(), ..officer("human-resources") };
        let before = app.order(&no).await;
        let done = app.ok(&by, &no, "assign", json!({ "person": "chen" })).await;
        assert_eq!(done.events, ["task.assigned"]);
        let after = app.order(&no).await;
        assert_eq!(after.tasks[0].handler.as_ref(), Some(&chen));
        assert_eq!((after.state, &after.clocks, after.holder()), (before.state, &before.clocks, before.holder()));
        // The list finds it by the person, and says the name.
        for (handlers, found) in [("me", 1), (chen.as_str(), 1), ("somebody", 0)] {
            let filter = TaskFilter { handlers: vec![handlers.into()], ..TaskFilter::default() };
            assert_eq!(rows(&app, &by, filter).await.len(), found, "{handlers}");
        }
        let none = TaskFilter { handled: Some(false), ..TaskFilter::default() };
        assert!(rows(&app, &by, none.clone()).await.is_empty());
        let row = rows(&app, &by, TaskFilter::default()).await.remove(0);
        assert_eq!(row.task.unwrap().handler.unwrap().0, chen.0);
        // Nobody of another unit, nobody there is not, nobody twice.
        for (who, code) in
            [("water-1", "assign.not_of_unit"), ("nobody", "assign.not_of_unit"), ("chen", "assign.already")]
        {
            let given = Given {
                order: no.clone(),
                command: "assign".into(),
                input: json!({ "person": who }),
                key: None,
                if_match: None,
            };
            match huiyin_app::orders::command(&app.app, &by, given).await {
                Err(CommandError::Refused(refusal)) => assert_eq!(refusal.code, code),
                other => panic!("{who}: {other:?}"),
            }
        }
        undo(&app, &by, &no, &done).await;
        assert_eq!(app.order(&no).await.tasks[0].handler, None);
        assert_eq!(rows(&app, &by, none).await.len(), 1);
        let seen = view::order(&app.app, &by, &no).await.unwrap();
        assert!(seen.people.iter().any(|one| one.person == chen.0 && one.unit == "human-resources"));
        app.sound().await;
    }
}

#[tokio::test]
async fn tags_are_of_the_citys_list_and_found_by() {
    for app in apps().await {
        let no = dispatched(&app).await;
        let by = officer("human-resources");
        let done = app.ok(&by, &no, "tag", json!({ "tag": "group" })).await;
        app.ok(&office(), &no, "tag", json!({ "tag": "media" })).await;
        let found = async |tag: &str| {
            let filter = OrderFilter { tags: vec![tag.into()], ..OrderFilter::default() };
            let page = Page { limit: 50, ..Page::default() };
            let orders = list::orders(&app.app, &office(), filter, page, Vec::new()).await.unwrap().0;
            let tasks = rows(&app, &by, TaskFilter { tags: vec![tag.into()], ..TaskFilter::default() }).await;
            assert_eq!(orders.len(), tasks.len());
            orders.first().map(|row| row.tags.clone())
        };
        assert_eq!(found("group").await, Some(vec!["group".to_owned(), "media".to_owned()]));
        assert_eq!(found("minor").await, None);
        assert_eq!(found("grou").await, None, "a part of a code is no code");
        undo(&app, &by, &no, &done).await;
        assert_eq!(found("group").await, None);
        assert_eq!(found("media").await, Some(vec!["media".to_owned()]));
        let given = Given {
            order: no.clone(),
            command: "tag".into(),
            input: json!({ "tag": "none-such" }),
            key: None,
            if_match: None,
        };
        let refused = huiyin_app::orders::command(&app.app, &by, given).await;
        assert!(matches!(refused, Err(CommandError::Refused(ref why)) if why.instead.contains(&"group".to_owned())));
        app.sound().await;
    }
}

#[tokio::test]
async fn a_note_taken_back_stays_in_the_journal_and_only_its_writer_takes_it_back() {
    for app in apps().await {
        let no = dispatched(&app).await;
        let by = officer("human-resources");
        let done = app.ok(&by, &no, "note", json!({ "text": "已与社区对接" })).await;
        let other = Given {
            order: no.clone(),
            command: "withdraw-note".into(),
            input: json!({ "note": 1 }),
            key: None,
            if_match: None,
        };
        let refused = huiyin_app::orders::command(&app.app, &office(), other).await;
        assert!(matches!(refused, Err(CommandError::Refused(ref why)) if why.code == "note.not_own"));
        undo(&app, &by, &no, &done).await;
        let seen = view::order(&app.app, &by, &no).await.unwrap();
        assert!(seen.order.notes[0].withdrawn);
        assert_eq!(seen.text(Some(&seen.order.notes[0].text)), "已与社区对接");
        assert_eq!(seen.journal.iter().filter(|row| row.name.starts_with("order.note")).count(), 2);
        app.sound().await;
    }
}

#[tokio::test]
async fn what_the_call_centre_notes_on_a_secret_order_no_unit_reads() {
    for app in apps().await {
        let new = huiyin_app::orders::NewOrder { secret: Some(true), ..new_order("report") };
        let no = app.take_in(&agent(), new).await.unwrap().done.no;
        app.ok(&agent(), &no, "redact", json!({ "text": "反映某单位拖欠工资" })).await;
        app.ok(&office(), &no, "dispatch", json!({ "lead": "human-resources" })).await;
        app.ok(&agent(), &no, "note", json!({ "text": "来电人是店长老王" })).await;
        let by = officer("human-resources");
        app.ok(&by, &no, "note", json!({ "text": "拟明日上门" })).await;
        let texts = async |who: &Actor| {
            let seen = view::order(&app.app, who, &no).await.unwrap();
            seen.order.notes.iter().map(|note| seen.text(Some(&note.text)).to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(texts(&by).await, ["", "拟明日上门"]);
        assert_eq!(texts(&office()).await, ["来电人是店长老王", "拟明日上门"]);
    }
}
