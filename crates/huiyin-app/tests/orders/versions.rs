//! A new version of the rules: checked, tried, approved by a second person, in force from its day on.

use std::sync::Arc;

use huiyin_app::{
    Actor, CommandError, Role,
    policy::versions::{self, PackVersion, Rules, Texts, Unfit},
};
use huiyin_core::{policy::Pack, time::Instant};
use huiyin_store::packs;

use crate::{
    common::{TestApp, actor, apps, day, pack, pack_texts},
    desk::{DAY, Drive, field, office, officer},
};

fn admin() -> Actor {
    actor("keeper", Role::Admin, "office")
}

/// Pack `sanya` with five working days cut to two.
fn stricter() -> Texts {
    pack_texts("sanya")
        .into_iter()
        .map(|(name, text)| (name, text.replace("amount = 5\nunit = \"workday\"", "amount = 2\nunit = \"workday\"")))
        .collect()
}

fn error<T: std::fmt::Debug>(result: Result<T, Unfit>) -> CommandError {
    match result.unwrap_err() {
        Unfit::Error(error) => error,
        Unfit::Faults(faults) => panic!("{faults:?}"),
    }
}

async fn tried(app: &TestApp, no: i64) -> PackVersion {
    while versions::running(&app.app, no).is_some() {
        tokio::task::yield_now().await;
    }
    versions::one(&app.app, &office(), no).await.unwrap().0
}

fn built() -> (Pack, Rules) {
    (pack("sanya"), Rules::built(pack_texts("sanya"), Arc::new(|_| None)))
}

#[tokio::test]
async fn a_version_with_faults_is_refused_with_all_of_them_and_nothing_is_kept() {
    for app in apps().await {
        let broken: Texts = stricter()
            .into_iter()
            .map(|(name, text)| {
                (name, text.replace("amount = 2\nunit", "amount = \"two\"\nunit").replace("cite = ", "site = "))
            })
            .collect();
        let Err(Unfit::Faults(faults)) = versions::add(&app.app, &office(), broken, "改短").await else {
            panic!("it was taken")
        };
        assert!(faults.len() > 2 && faults.iter().all(|fault| fault.line > 0 && fault.file.ends_with(".toml")));
        let other = versions::add(&app.app, &office(), pack_texts("beijing"), "别的城市").await;
        assert_eq!(error(other).code(), "input.invalid");
        for name in ["../evil.toml", "notes.txt", ".toml", "a/b.toml"] {
            let named = vec![(name.to_owned(), String::new())];
            assert_eq!(error(versions::add(&app.app, &office(), named, "文件名").await).code(), "input.invalid");
        }
        let silent = versions::add(&app.app, &office(), stricter(), "  ").await;
        assert!(matches!(error(silent), CommandError::Invalid { field, .. } if field == "note"));
        let foreign = versions::add(&app.app, &officer("human-resources"), stricter(), "改短").await;
        assert_eq!(error(foreign).code(), "forbidden");
        assert_eq!(versions::list(&app.app, &office()).await.unwrap(), []);
    }
}

#[tokio::test]
async fn a_version_is_in_force_after_a_trial_by_a_second_person_from_its_day_on() {
    for app in apps().await {
        let order = app.dispatched("help", "human-resources").await;
        let before = app.seen(&office(), &order).await.unwrap().order;
        let no = versions::add(&app.app, &office(), stricter(), "改短").await.unwrap();
        assert_eq!(no, 1);
        let today = app.zone().day(app.now());
        assert_eq!(field(versions::approve(&app.app, &admin(), no, today).await), "version", "not tried yet");
        versions::start_trial(&app.app, &admin(), no, today, today).await.unwrap();
        let version = tried(&app, no).await;
        assert!(version.trial.is_some_and(|trial| trial.contains("\"orders\":1")));
        let own = versions::approve(&app.app, &office(), no, today).await.unwrap_err();
        assert_eq!(own.code(), "forbidden");
        assert_eq!(field(versions::approve(&app.app, &admin(), no, today.previous()).await), "from");
        versions::approve(&app.app, &admin(), no, today.next()).await.unwrap();
        assert_eq!(field(versions::approve(&app.app, &admin(), no, today.next()).await), "version", "decided");

        assert!(!versions::has_turned(&app.app).await.unwrap(), "its day has not come");
        let (pack, rules) = built();
        let (_, rules) = versions::in_force(&app.db.db, app.now(), pack, rules).await.unwrap();
        assert_eq!(rules.no, None);
        app.clock.advance(DAY);
        assert!(versions::has_turned(&app.app).await.unwrap());
        let (pack, rules) = built();
        let (pack, rules) = versions::in_force(&app.db.db, app.now(), pack, rules).await.unwrap();
        assert_eq!((rules.no, rules.wanted), (Some(1), Some(1)));
        assert_eq!(rules.files, stricter());
        assert_ne!(pack.checksum(), app.pack.checksum());
        assert_eq!(field(versions::withdraw(&app.app, &admin(), no).await), "version", "it is in force");
        assert_eq!(app.seen(&office(), &order).await.unwrap().order, before, "what was decided stays");

        // Another one, withdrawn before its day.
        let next = versions::add(&app.app, &admin(), pack_texts("sanya"), "改回").await.unwrap();
        versions::withdraw(&app.app, &office(), next).await.unwrap();
        assert_eq!(field(versions::withdraw(&app.app, &office(), next).await), "version");
        assert_eq!(field(versions::start_trial(&app.app, &admin(), next, today, today).await), "version");
        let states: Vec<(i64, String)> = versions::list(&app.app, &office())
            .await
            .unwrap()
            .into_iter()
            .map(|version| (version.no, version.state))
            .collect();
        assert_eq!(states, [(2, "withdrawn".to_owned()), (1, "approved".to_owned())]);
        let checked = huiyin_app::audit::verify(&app.app).await.unwrap();
        assert!(checked.ok, "{checked:?}");
    }
}

#[tokio::test]
async fn a_version_this_program_cannot_read_is_passed_over() {
    for app in apps().await {
        let draft = |no| PackVersion {
            no,
            state: "draft".into(),
            note: "旧".into(),
            version: "1".into(),
            checksum: "0".into(),
            made_by: "a".into(),
            made_by_name: None,
            made_at: Instant(0),
            trial: None,
            decided_by: None,
            decided_by_name: None,
            decided_at: None,
            from: None,
        };
        let sound = serde_json::to_string(&stricter()).unwrap();
        app.db
            .db
            .write("test", move |tx| {
                let sound = sound.clone();
                Box::pin(async move {
                    for (no, files) in [(1, sound.as_str()), (2, "[[\"pack.toml\",\"[pack\"]]")] {
                        assert_eq!(packs::add(tx, "sanya", &draft(no), files).await?, no);
                        let from = Some(day(20_261_001));
                        packs::decide(tx, "sanya", no, "draft", "approved", "b", Instant(0), from).await?;
                    }
                    Ok::<_, huiyin_store::StoreError>(())
                })
            })
            .await
            .unwrap();
        let (pack, rules) = built();
        let (_, rules) = versions::in_force(&app.db.db, app.now(), pack, rules).await.unwrap();
        assert_eq!((rules.no, rules.wanted), (Some(1), Some(2)), "the one before it");
    }
}
