//! Files given as evidence: taken, given to orders, read, swept, missed.

use futures_util::{StreamExt as _, stream};
use huiyin_app::{
    Actor, App, CommandError, Role, doctor,
    files::{self, MAX_SIZE, Part},
    orders::{NewOrder, view},
};
use huiyin_core::order::{Event, MAX_FILES};
use huiyin_store::files::Files;
use serde_json::json;
use std::sync::Arc;

use crate::{
    common::{TestApp, actor, apps, sqlite_app},
    desk::{DAY, Drive, agent, field, new_order, office, officer, parts, photo, with_files},
};

const PDF: &[u8] = b"%PDF-1.7\nan invented page";

async fn bytes(app: &Arc<App>, who: &Actor, no: &str, id: &str, part: Part) -> Result<Vec<u8>, CommandError> {
    let mut reading = files::read(app, who, no, id, part).await?;
    let mut found = Vec::new();
    while let Some(part) = reading.body.next().await {
        found.extend_from_slice(&part?);
    }
    Ok(found)
}

/// Objects in the store, whatever their age.
async fn objects(app: &TestApp) -> usize {
    let ever = huiyin_core::time::Instant(i64::MAX);
    app.files.older_than(app.city.as_str(), ever).await.unwrap().len()
}

#[tokio::test]
async fn evidence_goes_with_its_command_and_is_read_by_those_who_see_the_order() {
    for app in apps().await {
        let given = photo(600);
        let kept = app.file(&agent(), "../../家里 漏水.PNG", &given).await.unwrap();
        assert_eq!((kept.name.as_str(), kept.media.as_str()), ("家里 漏水.png", "image/png"));
        let new = NewOrder { files: vec![kept.id.clone()], ..new_order("help") };
        let no = app.take_in(&agent(), new).await.unwrap().done.no;
        app.ok(&office(), &no, "dispatch", json!({ "lead": "water" })).await;
        app.ok(&officer("water"), &no, "sign", json!({})).await;
        let report = app.file(&officer("water"), "报告.pdf", PDF).await.unwrap();
        app.ok(&officer("water"), &no, "progress", json!({ "text": "已查看", "files": [report.id] })).await;
        let seen = app.seen(&officer("water"), &no).await.unwrap();
        let shown: Vec<_> =
            seen.files.iter().map(|file| (file.name.as_str(), file.task, file.thumb, file.size)).collect();
        assert_eq!(shown, [("家里 漏水.png", None, true, kept.size), ("报告.pdf", Some(1), false, PDF.len() as u64),]);
        // It is the picture, and what the camera wrote is gone.
        let read = bytes(&app.app, &officer("water"), &no, &kept.id, Part::Whole).await.unwrap();
        assert_eq!(read.len() as u64, kept.size);
        assert!(given.windows(3).any(|part| part == b"GPS") && !read.windows(3).any(|part| part == b"GPS"));
        assert!(bytes(&app.app, &agent(), &no, &kept.id, Part::Thumb).await.unwrap().starts_with(b"\x89PNG"));
        assert_eq!(bytes(&app.app, &agent(), &no, &report.id, Part::Whole).await.unwrap(), PDF);
        // The reading of each whole file is logged, the small picture on the page is not.
        let seen = app.seen(&agent(), &no).await.unwrap();
        let log: Vec<_> = seen.reveals.iter().map(|one| (one.field.as_str(), one.purpose.as_str())).collect();
        assert_eq!(log, [("file", "家里 漏水.png"), ("file", "报告.pdf")]);
        // Others' orders have no files, nor has this one others'.
        let other = officer("human-resources");
        assert!(matches!(bytes(&app.app, &other, &no, &kept.id, Part::Whole).await, Err(CommandError::NotFound)));
        for id in ["", "nothing", "../../key", &seen.order.id.0] {
            let read = bytes(&app.app, &agent(), &no, id, Part::Whole).await;
            assert!(matches!(read, Err(CommandError::NotFound)), "{id}");
        }
        // The store keeps nothing readable.
        let row = app.files.read(app.city.as_str(), &sealed_name(&app, &report.id).await).await.unwrap().unwrap();
        let lying: Vec<u8> = row.map(|part| part.unwrap()).collect::<Vec<_>>().await.concat();
        assert!(!lying.windows(4).any(|part| part == b"%PDF"));
        app.sound().await;
    }
}

async fn sealed_name(app: &TestApp, id: &str) -> String {
    let (city, id) = (app.city.clone(), id.to_owned());
    let find = app
        .app
        .db
        .read("file", move |tx| Box::pin(async move { huiyin_store::files::find(tx, city.as_str(), &id).await }));
    find.await.unwrap().unwrap().digest
}

#[tokio::test]
async fn what_is_no_file_of_the_kinds_leaves_nothing() {
    for app in apps().await {
        let script = b"<html><script>alert(1)</script></html>";
        let named_otherwise = app.file(&agent(), "photo.jpg", script).await.unwrap_err();
        assert!(named_otherwise.to_string().contains("jpg png heic pdf docx xlsx mp4 amr"), "{named_otherwise}");
        assert_eq!(field(app.file(&agent(), "a.jpg", b"").await), "file");
        assert_eq!(field(app.file(&agent(), "a.jpg", b"\xff\xd8\xff\xe0\0\x10JFIF").await), "file");
        // Cut off on the way, at the beginning and far in.
        for whole in [2_000, 3_000_000] {
            let body = [PDF.to_vec(), vec![b' '; whole]].concat();
            let cut = parts(&body, 100_000).chain(stream::iter([Err(())]));
            assert_eq!(field(files::take(&app.app, &agent(), "a.pdf", None, Box::pin(cut)).await), "file");
        }
        assert_eq!((objects(&app).await, app.count("file").await, app.count("content").await), (0, 0, 0));
        // Nobody without such work stores files.
        for role in [Role::Mayor, Role::Admin, Role::Editor, Role::Supervisor] {
            let error = app.file(&actor("x", role, "office"), "a.pdf", PDF).await.unwrap_err();
            assert!(matches!(error, CommandError::Forbidden(_)), "{error}");
        }
    }
}

#[tokio::test]
async fn what_is_too_large_leaves_nothing() {
    let app = sqlite_app().await;
    let large = [PDF.to_vec(), vec![b' '; MAX_SIZE as usize]].concat();
    let error = files::take(&app.app, &agent(), "a.pdf", None, parts(&large, 1 << 20)).await.unwrap_err();
    assert!(matches!(error, CommandError::TooLarge { most: MAX_SIZE }), "{error}");
    assert_eq!((objects(&app).await, app.count("file").await, app.count("content").await), (0, 0, 0));
    let most = &large[..MAX_SIZE as usize];
    assert_eq!(files::take(&app.app, &agent(), "a.pdf", None, parts(most, 1 << 20)).await.unwrap().size, MAX_SIZE);
}

#[tokio::test]
async fn a_bomb_is_a_file_without_a_small_picture() {
    let app = sqlite_app().await;
    // 40,000 by 40,000 pixels in a few kilobytes.
    let mut bomb = Vec::new();
    let mut encoder = png::Encoder::new(&mut bomb, 40_000, 40_000);
    encoder.set_color(png::ColorType::Rgb);
    encoder.write_header().unwrap().write_chunk(png::chunk::IDAT, &[0x78, 0x9c, 0x63, 0, 1]).unwrap();
    let kept = app.file(&agent(), "bomb.png", &bomb).await.unwrap();
    let new = NewOrder { files: vec![kept.id.clone()], ..new_order("help") };
    let no = app.take_in(&agent(), new).await.unwrap().done.no;
    assert!(!app.seen(&agent(), &no).await.unwrap().files[0].thumb);
    let thumb = bytes(&app.app, &agent(), &no, &kept.id, Part::Thumb).await;
    assert!(matches!(thumb, Err(CommandError::NotFound)));
}

#[tokio::test]
async fn a_file_is_ones_own_waits_for_one_command_and_there_are_not_too_many() {
    for app in apps().await {
        let no = app.accepted("help", "water").await;
        let handler = officer("water");
        let progress = |ids: Vec<String>| json!({ "text": "进展", "files": ids });
        let of_agent = app.file(&agent(), "a.pdf", PDF).await.unwrap().id;
        let before = app.everything().await;
        for ids in [vec![of_agent.clone()], vec!["nothing".into()], vec!["../x".into()], vec!["a\u{0}b".into()]] {
            assert_eq!(field(app.give(&handler, &no, "progress", progress(ids)).await), "files");
        }
        assert_eq!(field(app.give(&handler, &no, "progress", json!({ "text": "x", "files": "id" })).await), "files");
        assert_eq!(field(app.give(&handler, &no, "sign", json!({ "files": [] })).await), "files");
        // Who may not give the command learns that, and nothing of files.
        let error = app.give(&agent(), &no, "progress", progress(vec![of_agent.clone()])).await.unwrap_err();
        assert!(matches!(error, CommandError::Forbidden(_)), "{error}");
        let own = app.file(&handler, "b.pdf", PDF).await.unwrap().id;
        assert_eq!(field(app.give(&handler, &no, "progress", progress(vec![own.clone(), own.clone()])).await), "files");
        app.ok(&handler, &no, "progress", progress(vec![own.clone()])).await;
        assert_eq!(field(app.give(&handler, &no, "progress", progress(vec![own])).await), "files");
        // As many as there may be, and then none; the claimant's side has its own count.
        let mut more = Vec::new();
        for n in 0..MAX_FILES {
            more.push(app.file(&handler, &format!("{n}.pdf"), PDF).await.unwrap().id);
        }
        let Err(CommandError::Refused(refusal)) = app.give(&handler, &no, "progress", progress(more.clone())).await
        else {
            panic!("too many were taken")
        };
        assert_eq!(
            (refusal.code.as_str(), refusal.instead.as_slice()),
            ("files.too_many", &["at most 8 more files".to_owned()][..])
        );
        app.ok(&handler, &no, "progress", progress(more[..8].to_vec())).await;
        app.ok(&agent(), &no, "supplement", json!({ "text": "又拍了一张", "files": [of_agent] })).await;
        let journal = app.journal(&no).await;
        let attached = journal.iter().filter(|row| row.name == "order.files-attached").count();
        assert_eq!(attached, 3, "{before:?}");
        assert!(matches!(journal.last().unwrap().event().unwrap(), Event::FilesAttached { task: None, .. }));
        app.sound().await;
    }
}

#[tokio::test]
async fn sent_again_under_a_key_it_is_one_file() {
    for app in apps().await {
        let send = async |body: &[u8], key| files::take(&app.app, &agent(), "a.pdf", Some(key), parts(body, 10)).await;
        let first = send(PDF, "k1").await.unwrap();
        assert_eq!(send(PDF, "k1").await.unwrap(), first);
        assert!(matches!(send(b"%PDF-1.7\nanother", "k1").await, Err(CommandError::KeyReused)));
        assert_ne!(send(PDF, "k2").await.unwrap().id, first.id);
        assert_eq!((objects(&app).await, app.count("file").await), (2, 2), "the spare ones are gone");
        // Still the same once an order has it.
        let new = NewOrder { files: vec![first.id.clone()], ..new_order("help") };
        app.take_in(&agent(), new).await.unwrap();
        assert_eq!(send(PDF, "k1").await.unwrap(), first);
    }
}

#[tokio::test]
async fn a_scene_has_its_picture() {
    for app in apps().await {
        let new = NewOrder {
            urgency: Some("emergency".into()),
            subject: Some(crate::desk::PIPE.into()),
            ..new_order("help")
        };
        let no = app.take_in(&agent(), new).await.unwrap().done.no;
        app.ok(&office(), &no, "dispatch", json!({ "lead": "water" })).await;
        let handler = officer("water");
        let note = app.file(&handler, "说明.pdf", PDF).await.unwrap();
        let picture = app.file(&handler, "现场.png", &photo(50)).await.unwrap();
        let scene = json!({ "place": "路口", "safety": "已围挡", "files": [note.id, picture.id] });
        app.ok(&handler, &no, "on-scene", scene).await;
        let order = app.order(&no).await;
        let photo = order.tasks[0].scene.as_ref().unwrap().photo.as_ref().unwrap();
        assert_eq!((photo.as_str(), order.files.len()), (picture.id.as_str(), 2));
        app.sound().await;
    }
}

#[tokio::test]
async fn a_secret_orders_own_files_are_not_the_units_and_a_sealed_orders_nobodys() {
    for app in apps().await {
        let own = app.file(&agent(), "来件.pdf", PDF).await.unwrap();
        let new = NewOrder { secret: Some(true), files: vec![own.id.clone()], ..new_order("report") };
        let no = app.take_in(&agent(), new).await.unwrap().done.no;
        app.ok(&agent(), &no, "redact", json!({ "text": "某处违规" })).await;
        app.ok(&office(), &no, "dispatch", json!({ "lead": "water" })).await;
        let seen = app.seen(&officer("water"), &no).await.unwrap();
        let told = view::json(&app.app, &seen).to_string();
        assert!(seen.files.is_empty() && !told.contains("来件.pdf"), "{told}");
        let read = bytes(&app.app, &officer("water"), &no, &own.id, Part::Whole).await;
        assert!(matches!(read, Err(CommandError::NotFound)));
        assert_eq!(bytes(&app.app, &agent(), &no, &own.id, Part::Whole).await.unwrap(), PDF);
        let sealed = app.file(&agent(), "举报.pdf", PDF).await.unwrap();
        let new = NewOrder { kind: None, subject: None, files: vec![sealed.id.clone()], ..new_order("report") };
        let no = app.take_in(&agent(), new).await.unwrap().done.no;
        app.ok(&agent(), &no, "transfer", json!({ "to": "discipline" })).await;
        assert!(app.order(&no).await.sealed);
        for who in [agent(), office()] {
            for part in [Part::Whole, Part::Thumb] {
                assert!(matches!(bytes(&app.app, &who, &no, &sealed.id, part).await, Err(CommandError::NotFound)));
            }
        }
        app.sound().await;
    }
}

#[tokio::test]
async fn what_no_command_names_is_swept_after_a_day() {
    for app in apps().await {
        let kept = app.file(&agent(), "a.png", &photo(300)).await.unwrap();
        let no = app
            .take_in(&agent(), NewOrder { files: vec![kept.id.clone()], ..new_order("help") })
            .await
            .unwrap()
            .done
            .no;
        app.file(&agent(), "b.pdf", PDF).await.unwrap();
        // An object whose row never came.
        let mut stray = app.files.begin(app.city.as_str(), "stray").await.unwrap();
        stray.write(b"x").await.unwrap();
        stray.finish().await.unwrap();
        assert_eq!((files::sweep(&app.app).await.unwrap(), objects(&app).await), (0, 4));
        // The objects' age is that of the machine: long after every clock.
        app.clock.advance(DAY * 365 * 10);
        assert_eq!(files::sweep(&app.app).await.unwrap(), 2);
        assert_eq!((objects(&app).await, app.count("file").await), (2, 1));
        let read = files::read(&app.app, &agent(), &no, &kept.id, Part::Whole).await.unwrap();
        assert_eq!(read.size, Some(kept.size));
    }
}

#[tokio::test]
async fn doctor_tells_of_a_file_that_is_missing_or_was_changed() {
    let like = sqlite_app().await;
    let folder = tempfile::tempdir().unwrap();
    let kept = Files::in_folder(&folder.path().join("files")).unwrap();
    let app = with_files(like.app.db.clone(), kept, &like).await.unwrap();
    let mut ids = Vec::new();
    for n in 0..2 {
        ids.push(app.file(&agent(), &format!("{n}.pdf"), &[PDF, &[n]].concat()).await.unwrap().id);
    }
    let new = NewOrder { files: ids.clone(), ..new_order("help") };
    app.take_in(&agent(), new).await.unwrap();
    app.sound().await;
    let mut paths = Vec::new();
    for id in &ids {
        let digest = sealed_name(&like, id).await;
        paths.push(folder.path().join("files").join(app.city.as_str()).join(&digest[..2]).join(&digest));
    }
    std::fs::remove_file(&paths[0]).unwrap();
    let mut changed = std::fs::read(&paths[1]).unwrap();
    changed[50] ^= 1;
    std::fs::write(&paths[1], changed).unwrap();
    let found = doctor::examine(&app).await.unwrap();
    assert_eq!(found.faults.len(), 2, "{:?}", found.faults);
    assert!(found.faults.iter().any(|fault| fault.contains(&ids[0]) && fault.contains("missing")));
    assert!(found.faults.iter().any(|fault| fault.contains(&ids[1]) && fault.contains("changed")));
}
