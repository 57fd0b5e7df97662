//! People: sign-in, tokens, posts, filing, readiness, roster, delegation, import; on both engines. All data invented.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod common;

use common::{PASSWORD, TestApp, actor, apps, day, post, unit};
use huiyin_app::{
    Actor, CommandError, Role, Scope,
    people::{self, *},
};
use huiyin_core::{id::PersonId, organisation::Unit, time::Instant};
use huiyin_store::{records, seal::token_hash};

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;

fn invalid<T: std::fmt::Debug>(result: Result<T, CommandError>) -> (String, String) {
    match result {
        Err(CommandError::Invalid { field, message }) => (field, message),
        other => panic!("not an input fault: {other:?}"),
    }
}

fn forbidden<T: std::fmt::Debug>(result: Result<T, CommandError>) {
    assert!(matches!(result, Err(CommandError::Forbidden(_))), "{result:?}");
}

async fn try_in(app: &TestApp, login: &str, password: &str) -> Result<SignedIn, SignInError> {
    sign_in(app, login, password, None, "test").await
}

/// Every text of every chain that is not an order's.
async fn chains(app: &TestApp) -> String {
    let city = app.city.clone();
    let texts: Result<_, huiyin_store::StoreError> = app
        .app
        .db
        .read("chains", move |tx| {
            Box::pin(async move {
                let mut all = String::new();
                for name in records::chains(tx, city.as_str()).await? {
                    let mut previous = String::new();
                    for entry in records::chain(tx, city.as_str(), &name).await? {
                        assert_eq!(entry.hash, entry.expected_hash(city.as_str(), &name, &previous), "{name}");
                        all.push_str(&format!("{name} {} {}\n", entry.name, entry.body));
                        previous = entry.hash;
                    }
                }
                Ok(all)
            })
        })
        .await;
    texts.unwrap()
}

#[tokio::test]
async fn a_person_signs_in_and_is_who_they_are() {
    for app in apps().await {
        let id = app
            .person_with(
                "hai.li",
                vec![
                    post("water", Role::Officer, Position::Handler),
                    post("gov-office", Role::Leader, Position::Deputy),
                    AddPost { until: Some(day(20_261_011)), ..post("office", Role::Office, Position::Staff) },
                    AddPost { from: Some(day(20_261_013)), ..post("call-centre", Role::Agent, Position::Staff) },
                ],
            )
            .await;
        let signed = sign_in(&app, " Hai.Li ", PASSWORD, None, "Firefox\n").await.unwrap();
        assert_eq!((&signed.person, signed.must_change), (&id, false));
        let (me, session) = session_actor(&app, signed.token.as_str()).await.unwrap();
        assert_eq!((me.person.clone(), me.name.as_str(), me.scopes.clone()), (id, "测试人员", None));
        let mut posts: Vec<_> = me.posts.iter().map(|post| (post.unit.as_str(), post.role)).collect();
        posts.sort();
        assert_eq!(posts, [("gov-office", Role::Leader), ("water", Role::Officer)]);
        assert!(session.is_own_form(signed.csrf.as_str()) && !session.is_own_form("") && !session.must_change);
        assert_eq!(session.agent, "Firefox");
        // Posts begin and end with their days, without signing in again.
        app.set("2026-10-13T08:00:00");
        let now = session_actor(&app, signed.token.as_str()).await;
        assert!(matches!(now, Err(CommandError::Unauthenticated)), "idle");
        let again = app.signed_in("hai.li").await;
        assert!(again.has(Role::Agent) && !again.has(Role::Office));
        assert!(!format!("{signed:?} {session:?}").contains(signed.token.as_str()));
    }
}

#[tokio::test]
async fn wrong_passwords_lock_for_longer_each_time() {
    for app in apps().await {
        app.person("li", "water", Role::Officer, Position::Handler).await;
        for login in ["li", "nobody-has-this"] {
            for left in (1..=4).rev() {
                let error = try_in(&app, login, "wrong-password").await.unwrap_err();
                assert_eq!(error, SignInError::Wrong { tries_left: left }, "{login}");
                assert!(error.to_string().contains(&left.to_string()));
            }
            let until = app.now().plus(15 * MINUTE);
            let locked = SignInError::Locked { until, seconds: 900 };
            assert_eq!(try_in(&app, login, "wrong-password").await.unwrap_err(), locked, "{login}");
            assert!(locked.to_string().contains("15 minutes"));
        }
        // The right password does not open a lock.
        assert!(matches!(try_in(&app, "li", PASSWORD).await, Err(SignInError::Locked { .. })));
        app.clock.advance(15 * MINUTE - 1);
        assert!(matches!(try_in(&app, "li", PASSWORD).await, Err(SignInError::Locked { seconds: 1, .. })));
        app.clock.advance(1);
        for _ in 0..4 {
            assert!(matches!(try_in(&app, "li", "wrong-password").await, Err(SignInError::Wrong { .. })));
        }
        let error = try_in(&app, "li", "wrong-password").await.unwrap_err();
        assert_eq!(error, SignInError::Locked { until: app.now().plus(30 * MINUTE), seconds: 1800 });
        app.clock.advance(30 * MINUTE);
        try_in(&app, "li", PASSWORD).await.unwrap();
        // A success begins the count anew.
        assert_eq!(try_in(&app, "li", "wrong").await.unwrap_err(), SignInError::Wrong { tries_left: 4 });
        // Somebody switched off looks like nobody.
        let admin = actor("root", Role::Admin, "office");
        let li = app.signed_in("li").await;
        set_active(&app, &admin, &li.person, false).await.unwrap();
        assert_eq!(try_in(&app, "li", PASSWORD).await.unwrap_err(), SignInError::Wrong { tries_left: 4 });
    }
}

#[tokio::test]
async fn attempts_at_the_same_time_are_all_counted() {
    for app in apps().await {
        app.person("li", "water", Role::Officer, Position::Handler).await;
        let tries = (0..6).map(|_| {
            let app = std::sync::Arc::clone(&app.app);
            tokio::spawn(async move { sign_in(&app, "li", "wrong-password", None, "").await.unwrap_err() })
        });
        let mut wrong = 0;
        for attempt in tries.collect::<Vec<_>>() {
            wrong += i32::from(matches!(attempt.await.unwrap(), SignInError::Wrong { .. }));
        }
        assert_eq!(wrong, 4);
        assert!(matches!(try_in(&app, "li", PASSWORD).await, Err(SignInError::Locked { .. })));
    }
}

fn code(secret: &str, at: Instant) -> String {
    let secret = totp_rs::Secret::try_from_base32(secret).unwrap();
    let totp = totp_rs::Builder::new().with_secret(secret).build().unwrap();
    totp.generate(at.ms() as u64 / 1000).to_string()
}

#[tokio::test]
async fn one_time_codes_are_good_once() {
    for app in apps().await {
        app.person("li", "water", Role::Officer, Position::Handler).await;
        let me = app.signed_in("li").await;
        assert_eq!(invalid(enrol_totp(&app, &me, "wrong").await).0, "present");
        let enrolment = enrol_totp(&app, &me, PASSWORD).await.unwrap();
        assert!(enrolment.url.as_str().starts_with("otpauth://totp/"), "{}", enrolment.url.as_str());
        let secret = enrolment.secret.as_str();
        // Not asked for before it is confirmed.
        try_in(&app, "li", PASSWORD).await.unwrap();
        assert_eq!(invalid(confirm_totp(&app, &me, "000000").await).0, "code");
        let first = code(secret, app.now());
        confirm_totp(&app, &me, &first).await.unwrap();
        assert_eq!(try_in(&app, "li", PASSWORD).await.unwrap_err(), SignInError::CodeNeeded);
        // The code that confirmed it, an older one, one of another time.
        for (wrong, left) in [(first.clone(), 4), (code(secret, app.now().plus(-30_000)), 3), ("12".into(), 2)] {
            let error = sign_in(&app, "li", PASSWORD, Some(&wrong), "").await.unwrap_err();
            assert_eq!(error, SignInError::WrongCode { tries_left: left });
        }
        app.clock.advance(30_000);
        let next = code(secret, app.now());
        let spaced = format!("{} {}", &next[..3], &next[3..]);
        sign_in(&app, "li", PASSWORD, Some(&spaced), "").await.unwrap();
        let replay = sign_in(&app, "li", PASSWORD, Some(&next), "").await.unwrap_err();
        assert_eq!(replay, SignInError::WrongCode { tries_left: 4 });
        // A right code does not help a wrong password, and is not used up by it.
        app.clock.advance(30_000);
        let next = code(secret, app.now());
        let error = sign_in(&app, "li", "wrong-password", Some(&next), "").await.unwrap_err();
        assert_eq!(error, SignInError::Wrong { tries_left: 3 });
        sign_in(&app, "li", PASSWORD, Some(&next), "").await.unwrap();

        let other = actor("other", Role::Officer, "water");
        forbidden(remove_totp(&app, &other, "li", None).await);
        assert_eq!(invalid(remove_totp(&app, &me, "li", Some("wrong")).await).0, "present");
        remove_totp(&app, &actor("root", Role::Admin, "office"), "li", None).await.unwrap();
        try_in(&app, "li", PASSWORD).await.unwrap();
        assert!(!chains(&app).await.contains(secret));
    }
}

#[tokio::test]
async fn sessions_end_idle_absolute_signed_out_or_from_the_list() {
    for app in apps().await {
        app.person("li", "water", Role::Officer, Position::Handler).await;
        let session = try_in(&app, "li", PASSWORD).await.unwrap();
        let token = session.token.as_str();
        app.clock.advance(SESSION_IDLE_MS - 1);
        session_actor(&app, token).await.unwrap();
        app.clock.advance(SESSION_IDLE_MS - 1);
        session_actor(&app, token).await.unwrap();
        app.clock.advance(SESSION_IDLE_MS);
        assert_eq!(session_actor(&app, token).await.unwrap_err(), CommandError::Unauthenticated);

        // Used every hour it still ends after a day.
        let session = try_in(&app, "li", PASSWORD).await.unwrap();
        for _ in 0..23 {
            app.clock.advance(HOUR);
            session_actor(&app, session.token.as_str()).await.unwrap();
        }
        app.clock.advance(HOUR);
        assert!(session_actor(&app, session.token.as_str()).await.is_err());

        let (one, two) = (try_in(&app, "li", PASSWORD).await.unwrap(), try_in(&app, "li", PASSWORD).await.unwrap());
        let (me, own) = session_actor(&app, one.token.as_str()).await.unwrap();
        let listed = sessions(&app, &me).await.unwrap();
        assert_eq!(listed.len(), 2);
        let other = listed.iter().find(|session| session.id != own.id).unwrap();
        let stranger = actor("stranger", Role::Officer, "water");
        assert_eq!(end_session(&app, &stranger, &other.id).await, Err(CommandError::NotFound));
        end_session(&app, &me, &other.id).await.unwrap();
        assert!(session_actor(&app, two.token.as_str()).await.is_err());
        sign_out(&app, one.token.as_str()).await.unwrap();
        sign_out(&app, "hs_unknown").await.unwrap();
        assert!(session_actor(&app, one.token.as_str()).await.is_err());
        assert!(session_actor(&app, "").await.is_err());
    }
}

#[tokio::test]
async fn the_use_of_a_session_is_written_once_a_minute() {
    for app in apps().await {
        app.person("li", "water", Role::Officer, Position::Handler).await;
        let signed = try_in(&app, "li", PASSWORD).await.unwrap();
        let seen = async || session_actor(&app, signed.token.as_str()).await.unwrap().1.seen_at;
        let start = app.now();
        app.clock.advance(MINUTE - 1);
        assert_eq!((seen().await, seen().await), (start, start));
        let before = app.app.db.statements();
        seen().await;
        assert_eq!(app.app.db.statements() - before, 1, "one statement");
        app.clock.advance(1);
        assert_eq!((seen().await, seen().await), (start, start.plus(MINUTE)));
    }
}

#[tokio::test]
async fn passwords_are_changed_and_reset() {
    for app in apps().await {
        let admin = actor("root", Role::Admin, "office");
        app.person("longlogin.li", "water", Role::Officer, Position::Handler).await;
        let (one, two) = (
            try_in(&app, "longlogin.li", PASSWORD).await.unwrap(),
            try_in(&app, "longlogin.li", PASSWORD).await.unwrap(),
        );
        let (me, session) = session_actor(&app, one.token.as_str()).await.unwrap();
        for (new, words) in [
            ("short", "at least 10"),
            ("LongLogin.Li", "login"),
            ("aaaaaaaaaaaa", "over and over"),
            (PASSWORD, "present one"),
        ] {
            let (field, message) = invalid(change_password(&app, &me, &session.id, PASSWORD, new).await);
            assert!(field == "password" && message.contains(words), "{new}: {message}");
        }
        let wrong = invalid(change_password(&app, &me, &session.id, "wrong-password", "a-better-one-8").await);
        assert_eq!(wrong.0, "present");
        change_password(&app, &me, &session.id, PASSWORD, "a-better-one-8").await.unwrap();
        session_actor(&app, one.token.as_str()).await.unwrap();
        assert!(session_actor(&app, two.token.as_str()).await.is_err(), "other sessions end");
        assert!(try_in(&app, "longlogin.li", PASSWORD).await.is_err());
        for _ in 0..4 {
            let _ = try_in(&app, "longlogin.li", PASSWORD).await;
        }
        assert!(matches!(try_in(&app, "longlogin.li", "a-better-one-8").await, Err(SignInError::Locked { .. })));
        let locked = change_password(&app, &me, &session.id, "a-better-one-8", "yet-another-9").await;
        assert!(matches!(locked, Err(CommandError::TooMany { .. })));

        forbidden(reset_password(&app, &me, "longlogin.li").await);
        assert_eq!(reset_password(&app, &admin, "nobody").await.unwrap_err(), CommandError::NotFound);
        let temporary = reset_password(&app, &admin, "LongLogin.Li").await.unwrap();
        assert!(session_actor(&app, one.token.as_str()).await.is_err(), "all sessions end");
        let signed = try_in(&app, "longlogin.li", temporary.as_str()).await.unwrap();
        assert!(signed.must_change, "the lock is lifted and the password temporary");
        let (me, session) = session_actor(&app, signed.token.as_str()).await.unwrap();
        assert!(session.must_change);
        change_password(&app, &me, &session.id, temporary.as_str(), "my-own-again-3").await.unwrap();
        assert!(!session_actor(&app, signed.token.as_str()).await.unwrap().1.must_change);

        let told = chains(&app).await;
        for secret in [temporary.as_str(), "argon2", "测试人员", "longlogin"] {
            assert!(!told.contains(secret), "{secret} in {told}");
        }
        assert!(told.contains("password.changed") && told.contains("password.reset"));
    }
}

#[tokio::test]
async fn tokens_have_scopes_ends_and_are_revoked_at_once() {
    for app in apps().await {
        app.person("li", "water", Role::Officer, Position::Handler).await;
        app.person("root", "office", Role::Admin, Position::Staff).await;
        let (li, root) = (app.signed_in("li").await, app.signed_in("root").await);
        let add = |scopes: &[Scope], until| AddToken { login: "li".into(), scopes: scopes.to_vec(), until };
        forbidden(add_token(&app, &li, add(&[Scope::OrdersRead], None)).await);
        assert_eq!(invalid(add_token(&app, &root, add(&[], None)).await).0, "scopes");
        assert_eq!(invalid(add_token(&app, &root, add(&[Scope::Admin], Some(app.now()))).await).0, "until");
        let nobody = AddToken { login: "nobody".into(), ..add(&[Scope::Admin], None) };
        assert_eq!(invalid(add_token(&app, &root, nobody).await).0, "login");

        let end = app.now().plus(HOUR);
        let two = [Scope::OrdersRead, Scope::ReportsRead, Scope::OrdersRead];
        let short = add_token(&app, &root, add(&two, Some(end))).await.unwrap();
        let long = add_token(&app, &Actor::system(), add(&[Scope::OrdersWrite], None)).await.unwrap();
        let program = token_actor(&app, short.token.as_str()).await.unwrap();
        assert_eq!(program.person, li.person);
        assert_eq!(program.scopes, Some(vec![Scope::OrdersRead, Scope::ReportsRead]));
        assert!(program.has(Role::Officer) && !program.allows(Scope::OrdersWrite));
        // A program is no person: it neither lists sessions nor makes tokens, nor sees who works where.
        forbidden(sessions(&app, &program).await);
        forbidden(tokens(&app, &program).await);
        forbidden(add_token(&app, &program, add(&[Scope::Admin], None)).await);
        assert_eq!(unit_people(&app, &program, &unit("water")).await.unwrap_err(), CommandError::NotFound);

        let before = app.app.db.statements();
        token_actor(&app, long.token.as_str()).await.unwrap();
        assert_eq!(app.app.db.statements() - before, 1, "one statement");
        app.clock.set(end);
        assert_eq!(token_actor(&app, short.token.as_str()).await.unwrap_err(), CommandError::Unauthenticated);
        token_actor(&app, long.token.as_str()).await.unwrap();
        assert_eq!(tokens(&app, &li).await.unwrap().len(), 2);
        assert_eq!(
            revoke_token(&app, &actor("x", Role::Officer, "water"), &long.id).await,
            Err(CommandError::NotFound)
        );
        revoke_token(&app, &li, &long.id).await.unwrap();
        revoke_token(&app, &root, &long.id).await.unwrap();
        for token in [long.token.as_str(), "hy_unknown", ""] {
            assert_eq!(token_actor(&app, token).await.unwrap_err(), CommandError::Unauthenticated);
        }
        let alive = add_token(&app, &root, add(&[Scope::Admin], None)).await.unwrap();
        set_active(&app, &root, &li.person, false).await.unwrap();
        assert_eq!(token_actor(&app, alive.token.as_str()).await.unwrap_err(), CommandError::Unauthenticated);
        let told = chains(&app).await;
        assert!(!told.contains(alive.token.as_str()) && !told.contains(&token_hash(alive.token.as_str())));
    }
}

#[tokio::test]
async fn persons_and_posts_are_given_by_admins_and_leaders_of_the_unit() {
    for app in apps().await {
        let (leader, officer) = (actor("lead", Role::Leader, "water"), actor("off", Role::Officer, "water"));
        let new = |login: &str, posts| AddPerson {
            login: login.into(),
            name: " 王小明 ".into(),
            phone: Some("13900000001".into()),
            posts,
        };
        let handler = || vec![AddPost { from: None, ..post("water", Role::Officer, Position::Handler) }];
        forbidden(add_person(&app, &officer, new("wang", handler())).await);
        let elsewhere = actor("else", Role::Leader, "gov-office");
        assert_eq!(add_person(&app, &elsewhere, new("wang", handler())).await.unwrap_err(), CommandError::NotFound);
        let admin_post = vec![post("water", Role::Admin, Position::Staff)];
        forbidden(add_person(&app, &leader, new("wang", admin_post)).await);
        let unknown = vec![post("no-such-unit", Role::Officer, Position::Staff)];
        assert_eq!(add_person(&app, &leader, new("wang", unknown)).await.unwrap_err(), CommandError::NotFound);
        for (login, field) in [("W", "login"), ("wang li", "login"), ("system", "login")] {
            assert_eq!(invalid(add_person(&app, &leader, new(login, handler())).await).0, field, "{login}");
        }
        let bad_phone = AddPerson { phone: Some("12345".into()), ..new("wang", handler()) };
        assert_eq!(invalid(add_person(&app, &leader, bad_phone).await).0, "phone");

        let added = add_person(&app, &leader, new("Wang", handler())).await.unwrap();
        assert!(try_in(&app, "wang", added.password.as_str()).await.unwrap().must_change);
        assert_eq!(invalid(add_person(&app, &leader, new("wang", handler())).await).0, "login");

        // A second unit, on other terms, which need an employer.
        let supplier = AddPost {
            terms: Terms::Supplier,
            employer: Some("甲服务公司".into()),
            until: Some(day(20_261_231)),
            ..post("call-centre", Role::Agent, Position::Staff)
        };
        let admin = actor("root", Role::Admin, "office");
        let nameless = AddPost { employer: None, ..supplier.clone() };
        assert_eq!(invalid(add_post(&app, &admin, &added.person, nameless).await).0, "employer");
        let id = add_post(&app, &admin, &added.person, supplier.clone()).await.unwrap();
        assert_eq!(invalid(add_post(&app, &admin, &added.person, supplier).await).0, "from");
        let ended = post("entry-exit-quarantine", Role::Officer, Position::Handler);
        let (field, message) = invalid(add_post(&app, &admin, &added.person, ended).await);
        assert!(field == "unit" && message.contains("`customs`"), "{message}");
        let held = person_posts(&app, &admin, &added.person).await.unwrap();
        assert_eq!(held.len(), 2);
        let agent = held.iter().find(|held| held.id == id).unwrap();
        assert_eq!((agent.terms, agent.employer.as_deref()), (Terms::Supplier, Some("甲服务公司")));
        assert_eq!(agent.name, "王小明");

        assert_eq!(end_post(&app, &leader, &id, day(20_261_101)).await, Err(CommandError::NotFound));
        assert_eq!(invalid(end_post(&app, &admin, &id, day(20_250_101)).await).0, "until");
        end_post(&app, &admin, &id, day(20_261_101)).await.unwrap();
        assert_eq!(invalid(end_post(&app, &admin, &id, day(20_261_102)).await).0, "until");

        assert_eq!(unit_people(&app, &officer, &unit("water")).await.unwrap().len(), 1);
        assert_eq!(unit_people(&app, &elsewhere, &unit("water")).await.unwrap_err(), CommandError::NotFound);
        assert_eq!(person_posts(&app, &elsewhere, &added.person).await.unwrap_err(), CommandError::NotFound);
        change_contact(&app, &admin, &added.person, ContactDetails { name: "王大明".into(), phone: None })
            .await
            .unwrap();
        let told = chains(&app).await;
        for private in ["王", "13900000001", "wang", "甲服务公司"] {
            assert!(!told.contains(private), "{private} in {told}");
        }
        assert!(!format!("{held:?}").contains("13900000001"));
    }
}

async fn ready_unit(app: &TestApp, code: &str) -> (PersonId, PersonId) {
    let name = |what: &str| format!("{code}.{what}");
    app.person(&name("group"), code, Role::Leader, Position::LeadingGroup).await;
    app.person(&name("head"), code, Role::Leader, Position::Head).await;
    let deputy = app.person(&name("deputy"), code, Role::Leader, Position::Deputy).await;
    let handler = app.person(&name("handler"), code, Role::Officer, Position::Handler).await;
    for shift in Shift::ALL {
        add_roster(app, &Actor::system(), duty(code, *shift, "13900000002")).await.unwrap();
    }
    (deputy, handler)
}

fn duty(code: &str, shift: Shift, phone: &str) -> AddRoster {
    AddRoster {
        unit: unit(code),
        shift,
        from: Some(day(20_260_101)),
        until: None,
        who: format!("{}值班员", shift.code()),
        phone: phone.into(),
        substitute: None,
        substitute_phone: None,
    }
}

/// What one unit lacks.
async fn lacks(app: &TestApp, actor: &Actor, code: &str) -> Vec<MissingPart> {
    let all = not_ready(app, actor).await.unwrap();
    all.iter().filter(|one| one.unit == unit(code)).flat_map(|one| &one.missing).map(|missing| missing.part).collect()
}

#[tokio::test]
async fn a_change_of_deputy_is_filed_within_two_working_days() {
    for app in apps().await {
        app.set("2026-09-30T15:00:00");
        let office = actor("office", Role::Office, "office");
        let (deputy, _) = ready_unit(&app, "water").await;
        assert_eq!(lacks(&app, &office, "water").await, []);
        let officer = actor("off", Role::Officer, "water");

        let old = person_posts(&app, &office, &deputy).await.unwrap().remove(0).id;
        end_post(&app, &actor("lead", Role::Leader, "water"), &old, day(20_260_929)).await.unwrap();
        let added = AddPerson {
            login: "new.deputy".into(),
            name: "新分管".into(),
            phone: None,
            posts: vec![AddPost { from: Some(day(20_260_930)), ..post("water", Role::Leader, Position::Deputy) }],
        };
        let added = add_person(&app, &actor("lead", Role::Leader, "water"), added).await.unwrap();
        let new = person_posts(&app, &office, &added.person).await.unwrap().remove(0);
        let due = app.at("2026-10-10T00:00:00");
        assert_eq!((new.filing_due, new.filed_at), (Some(due), None));
        let waiting = filings(&app, &officer).await.unwrap();
        assert_eq!(waiting.iter().map(|filing| (filing.due, filing.late)).collect::<Vec<_>>(), [(due, false); 2]);

        app.clock.set(due.plus(-1));
        assert_eq!(lacks(&app, &office, "water").await, []);
        app.clock.set(due);
        assert_eq!(lacks(&app, &office, "water").await, [MissingPart::Filing]);
        let all = not_ready(&app, &office).await.unwrap();
        let filing = &all.iter().find(|one| one.unit == unit("water")).unwrap().missing[0];
        assert_eq!((filing.have, filing.since), (2, Some(due)));
        assert!(filing.basis[0].article.contains("第十条") && !filing.basis[0].number.is_empty());

        let both = [old.clone(), new.id.clone()];
        let stranger = actor("x", Role::Officer, "gov-office");
        assert_eq!(file_change(&app, &stranger, &unit("water"), &both).await, Err(CommandError::NotFound));
        forbidden(file_change(&app, &office, &unit("water"), &both).await);
        assert_eq!(invalid(record_receipt(&app, &office, &unit("water"), &both, "备2026-1").await).0, "posts");
        assert_eq!(invalid(file_change(&app, &officer, &unit("water"), &["other".into()]).await).0, "posts");
        assert_eq!(file_change(&app, &officer, &unit("water"), &both).await, Ok(2));
        assert_eq!(file_change(&app, &officer, &unit("water"), &both).await, Ok(0));
        assert_eq!(lacks(&app, &office, "water").await, []);
        assert!(filings(&app, &office).await.unwrap().iter().all(|filing| filing.late && filing.filed_at.is_some()));
        forbidden(record_receipt(&app, &officer, &unit("water"), &both, "备2026-1").await);
        assert_eq!(invalid(record_receipt(&app, &office, &unit("water"), &both, " ").await).0, "receipt");
        assert_eq!(record_receipt(&app, &office, &unit("water"), &both, "备2026-1").await, Ok(2));
        assert!(filings(&app, &office).await.unwrap().is_empty());
        let held = unit_people(&app, &officer, &unit("water")).await.unwrap();
        assert_eq!(held.iter().filter(|held| held.receipt.as_deref() == Some("备2026-1")).count(), 2);

        // Ended before it was filed, a change keeps its earlier limit.
        let handler = AddPost { from: Some(day(20_261_012)), ..post("water", Role::Officer, Position::Handler) };
        let id = add_post(&app, &Actor::system(), &added.person, handler).await.unwrap();
        end_post(&app, &Actor::system(), &id, day(20_261_030)).await.unwrap();
        assert_eq!(filings(&app, &office).await.unwrap()[0].due, app.at("2026-10-15T00:00:00"));
        // Staff, and units that are no member units, file nothing.
        add_post(&app, &Actor::system(), &added.person, post("water", Role::Officer, Position::Staff)).await.unwrap();
        add_post(&app, &Actor::system(), &added.person, post("office", Role::Office, Position::Head)).await.unwrap();
        assert_eq!(filings(&app, &office).await.unwrap().len(), 1);
    }
}

#[tokio::test]
async fn a_unit_that_lacks_somebody_is_not_ready_and_says_by_what_rule() {
    for app in apps().await {
        let office = actor("office", Role::Office, "office");
        use MissingPart::*;
        let everything = [LeadingGroup, Head, Deputy, Handlers, RosterDay, RosterNight, RosterHoliday];
        assert_eq!(lacks(&app, &office, "water").await, everything);
        let all = not_ready(&app, &office).await.unwrap();
        let water = all.iter().find(|one| one.unit == unit("water")).unwrap();
        let handlers = water.missing.iter().find(|missing| missing.part == Handlers).unwrap();
        assert_eq!((handlers.have, handlers.need), (0, 1));
        assert!(handlers.basis[0].article.contains("第十条"), "{handlers:?}");
        assert!(!all.iter().any(|one| ["office", "call-centre", "entry-exit-quarantine"].contains(&one.unit.as_str())));

        ready_unit(&app, "water").await;
        assert_eq!(lacks(&app, &office, "water").await, []);
        // A post that has ended counts no longer, one that has not begun not yet.
        app.person_with(
            "gov.head",
            vec![
                AddPost { until: Some(day(20_261_012)), ..post("gov-office", Role::Leader, Position::Head) },
                AddPost { from: Some(day(20_261_013)), ..post("gov-office", Role::Leader, Position::Deputy) },
            ],
        )
        .await;
        let gov = async || lacks(&app, &office, "gov-office").await;
        assert!(gov().await.contains(&Deputy) && !gov().await.contains(&Head));
        app.set("2026-10-13T00:00:00");
        assert!(!gov().await.contains(&Deputy) && gov().await.contains(&Head));
        // Everybody sees their own units.
        let officer = not_ready(&app, &actor("x", Role::Officer, "gov-office")).await.unwrap();
        assert_eq!(officer.iter().map(|one| one.unit.as_str()).collect::<Vec<_>>(), ["gov-office"]);
        let district = not_ready(&app, &actor("x", Role::Subcentre, "sub-jiyang")).await.unwrap();
        assert!(!district.is_empty() && district.iter().all(|one| one.unit.as_str().starts_with("jiyang-")));
    }
}

#[tokio::test]
async fn the_duty_phone_follows_shifts_days_off_and_make_up_days() {
    for app in apps().await {
        let agent = actor("agent", Role::Agent, "call-centre");
        let water = unit("water");
        assert_eq!(duty_phone(&app, &agent, &water, app.now()).await, Ok(None));
        let officer = actor("off", Role::Officer, "water");
        for (shift, phone) in [(Shift::Day, "0898-88000001"), (Shift::Night, "13900000003")] {
            add_roster(&app, &officer, duty("water", shift, phone)).await.unwrap();
        }
        let who = async |local: &str| {
            let found = duty_phone(&app, &agent, &water, app.at(local)).await.unwrap().unwrap();
            (found.shift, found.found_in, found.phone.0)
        };
        let day_phone = (Shift::Day, Shift::Day, "0898-88000001".to_owned());
        let night_phone = (Shift::Night, Shift::Night, "13900000003".to_owned());
        assert_eq!(who("2026-10-12T08:00:00").await, day_phone);
        assert_eq!(who("2026-10-12T17:59:59").await, day_phone);
        assert_eq!(who("2026-10-12T18:00:00").await, night_phone);
        assert_eq!(who("2026-10-13T07:59:59").await, night_phone);
        // The Saturday that makes up for the holiday is worked; a holiday without a phone of its own has the night's.
        assert_eq!(who("2026-10-10T10:00:00").await, day_phone);
        assert_eq!(who("2026-10-10T20:00:00").await, night_phone);
        assert_eq!(who("2026-10-05T10:00:00").await, (Shift::Holiday, Shift::Night, "13900000003".to_owned()));
        let holiday = AddRoster {
            substitute: Some("替班".into()),
            substitute_phone: Some("13900000005".into()),
            ..duty("water", Shift::Holiday, "13900000004")
        };
        let id = add_roster(&app, &actor("o", Role::Office, "office"), holiday.clone()).await.unwrap();
        let found = duty_phone(&app, &agent, &water, app.at("2026-10-05T10:00:00")).await.unwrap().unwrap();
        assert_eq!((found.found_in, found.substitute.as_deref()), (Shift::Holiday, Some("替班")));
        assert_eq!(found.substitute_phone.as_ref().unwrap().as_str(), "13900000005");
        assert!(!format!("{found:?}").contains("1390000000"));
        // What began last stands.
        let newer = AddRoster { from: Some(day(20_261_001)), ..duty("water", Shift::Holiday, "13900000006") };
        add_roster(&app, &officer, newer).await.unwrap();
        assert_eq!(who("2026-10-05T10:00:00").await.2, "13900000006");
        assert_eq!(who("2026-09-27T10:00:00").await.2, "13900000004");
        end_roster(&app, &officer, &id, day(20_260_901)).await.unwrap();
        assert_eq!(invalid(end_roster(&app, &officer, &id, day(20_260_902)).await).0, "until");
        assert_eq!(who("2026-09-27T10:00:00").await.1, Shift::Night);

        // A section without a phone is reached through the unit above it.
        add_roster(&app, &Actor::system(), duty("police", Shift::Night, "13900000007")).await.unwrap();
        let section = duty_phone(&app, &agent, &unit("traffic-police"), app.now()).await.unwrap().unwrap();
        assert_eq!((section.unit, section.found_in), (unit("police"), Shift::Night));

        let half = AddRoster { substitute_phone: None, ..holiday };
        assert_eq!(invalid(add_roster(&app, &officer, half).await).0, "substitute");
        assert_eq!(invalid(add_roster(&app, &officer, duty("water", Shift::Day, "119")).await).0, "phone");
        let stranger = actor("x", Role::Officer, "gov-office");
        assert_eq!(duty_phone(&app, &stranger, &water, app.now()).await, Err(CommandError::NotFound));
        assert_eq!(roster(&app, &stranger, &water).await.unwrap_err(), CommandError::NotFound);
        assert_eq!(end_roster(&app, &stranger, &id, day(20_260_102)).await, Err(CommandError::NotFound));
        assert_eq!(roster(&app, &officer, &water).await.unwrap().len(), 4);
        assert!(!chains(&app).await.contains("1390000000"));
    }
}

#[tokio::test]
async fn approval_is_delegated_for_days_and_ends_with_the_posts() {
    for app in apps().await {
        let leader = app.person("lead", "water", Role::Leader, Position::Deputy).await;
        let officer = app.person("li", "water", Role::Officer, Position::Handler).await;
        let outside = app.person("out", "gov-office", Role::Officer, Position::Handler).await;
        let (lead, li) = (app.signed_in("lead").await, app.signed_in("li").await);
        let give = |to: &PersonId, from: i64, until: i64| Delegate {
            unit: unit("water"),
            to: to.clone(),
            from: day(from),
            until: day(until),
        };
        forbidden(delegate(&app, &li, give(&leader, 20_261_012, 20_261_014)).await);
        let out = app.signed_in("out").await;
        assert_eq!(delegate(&app, &out, give(&officer, 20_261_012, 20_261_014)).await, Err(CommandError::NotFound));
        for (to, from, until, field) in [
            (&outside, 20_261_012, 20_261_014, "to"),
            (&leader, 20_261_012, 20_261_014, "to"),
            (&officer, 20_261_014, 20_261_012, "until"),
            (&officer, 20_261_001, 20_261_002, "until"),
            (&officer, 20_261_012, 20_281_012, "until"),
        ] {
            assert_eq!(invalid(delegate(&app, &lead, give(to, from, until)).await).0, field);
        }
        let id = delegate(&app, &lead, give(&officer, 20_261_013, 20_261_014)).await.unwrap();
        let stands_in = async |local: &str| {
            app.set(local);
            app.signed_in("li").await.stands_in
        };
        assert_eq!(stands_in("2026-10-12T23:59:59").await, []);
        assert_eq!(stands_in("2026-10-13T00:00:00").await, [unit("water")]);
        assert_eq!(stands_in("2026-10-14T23:59:59").await, [unit("water")]);
        assert_eq!(stands_in("2026-10-15T00:00:00").await, []);
        // A token carries it too.
        app.set("2026-10-14T10:00:00");
        let token = AddToken { login: "li".into(), scopes: vec![Scope::OrdersWrite], until: None };
        let token = add_token(&app, &Actor::system(), token).await.unwrap();
        assert_eq!(token_actor(&app, token.token.as_str()).await.unwrap().stands_in, [unit("water")]);
        // Ended early it is over at once.
        forbidden(end_delegation(&app, &li, &id).await);
        assert_eq!(end_delegation(&app, &out, &id).await, Err(CommandError::NotFound));
        end_delegation(&app, &lead, &id).await.unwrap();
        assert_eq!(invalid(end_delegation(&app, &lead, &id).await).0, "delegation");
        assert_eq!(stands_in("2026-10-14T10:00:00").await, []);
        assert_eq!(delegations(&app, &li, &unit("water")).await.unwrap().len(), 1);
        assert_eq!(delegations(&app, &out, &unit("water")).await.unwrap_err(), CommandError::NotFound);
        // It falls with the leader's post.
        delegate(&app, &lead, give(&officer, 20_261_014, 20_261_114)).await.unwrap();
        assert_eq!(stands_in("2026-10-20T10:00:00").await, [unit("water")]);
        let post = person_posts(&app, &lead, &leader).await.unwrap().remove(0).id;
        end_post(&app, &Actor::system(), &post, day(20_261_020)).await.unwrap();
        assert_eq!(stands_in("2026-10-20T10:00:00").await, [unit("water")]);
        assert_eq!(stands_in("2026-10-21T00:00:00").await, []);
    }
}

fn register_unit(code: &str, name: &str) -> Unit {
    Unit {
        id: unit(code),
        name: name.into(),
        aliases: vec![],
        kind: "city-department".into(),
        function: huiyin_core::policy::Function::None,
        parent: None,
        territory: None,
        from: day(20_261_001),
        until: None,
        successor: None,
        approval: vec![],
    }
}

#[tokio::test]
async fn units_are_kept_and_caches_see_it() {
    for app in apps().await {
        let admin = actor("root", Role::Admin, "office");
        assert!(app.current_organisation().await.unwrap().unit(&unit("test-bureau")).is_none());
        forbidden(save_unit(&app, &actor("l", Role::Leader, "water"), register_unit("test-bureau", "测试局")).await);
        save_unit(&app, &admin, register_unit("test-bureau", "测试局")).await.unwrap();
        let register = app.current_organisation().await.unwrap();
        assert_eq!(register.unit(&unit("test-bureau")).unwrap().function, huiyin_core::policy::Function::Member);
        let taken = Unit { aliases: vec!["市水务局".into()], ..register_unit("second", "另一个局") };
        let (field, message) = invalid(save_unit(&app, &admin, taken).await);
        assert!(field == "name" && message.contains("`water`"), "{message}");
        let below = Unit { parent: Some(unit("test-bureau")), ..register_unit("test-bureau", "测试局") };
        assert_eq!(invalid(save_unit(&app, &admin, below).await).0, "parent");
        let ended = Unit { parent: Some(unit("entry-exit-quarantine")), ..register_unit("third", "第三个局") };
        assert!(invalid(save_unit(&app, &admin, ended).await).1.contains("`customs`"));
        let odd = Unit { kind: "castle".into(), ..register_unit("third", "第三个局") };
        assert_eq!(invalid(save_unit(&app, &admin, odd).await).0, "kind");
        end_unit(&app, &admin, &unit("test-bureau"), day(20_261_020), Some(unit("water"))).await.unwrap();
        let register = app.current_organisation().await.unwrap();
        let next = register.successor_in_force(&unit("test-bureau"), day(20_261_021)).unwrap();
        assert_eq!(next.id, unit("water"));
        assert_eq!(end_unit(&app, &admin, &unit("none"), day(20_261_020), None).await, Err(CommandError::NotFound));
    }
}

const CSV: &str = "\u{feff}单位编码,单位名称,单位类型,上级单位,区域,登录名,姓名,电话,角色,职务,起始日期,截止日期,人员性质,派出单位\r\n\
test-bureau,测试局,市职能部门及事业单位,,460200,,,,,,2026-10-01,,,\r\n\
test-section,测试局一科,section,test-bureau,,,,,,,,,,\r\n\
test-bureau,,,,,zhang.san,张三,13900000011,领导,分管领导,2026-10-12,,,\r\n\
test-section,,,,,li.si,李四,13900000012,经办人,信息采编员,,2026-12-31,借调,市水务局\r\n\
water,,,,,li.si,,,officer,,2026/10/12,,,\r\n";

async fn import(app: &TestApp, text: &str, apply: bool) -> ImportReport {
    org_import(app, &Actor::system(), text.as_bytes(), "org.csv", apply).await.unwrap()
}

#[tokio::test]
async fn an_import_is_tried_dry_then_applied_once() {
    for app in apps().await {
        forbidden(org_import(&app, &actor("o", Role::Office, "office"), CSV.as_bytes(), "a.csv", false).await);
        let dry = import(&app, CSV, false).await;
        assert_eq!((dry.rows, dry.applied, &dry.faults, &dry.notes), (5, false, &vec![], &vec![]));
        let new: Vec<_> = dry.new.iter().map(|new| (new.line, new.subject, new.code.as_str())).collect();
        assert_eq!(
            new,
            [
                (2, Subject::Unit, "test-bureau"),
                (3, Subject::Unit, "test-section"),
                (4, Subject::Person, "zhang.san"),
                (5, Subject::Person, "li.si"),
                (4, Subject::Post, "zhang.san@test-bureau"),
                (5, Subject::Post, "li.si@test-section"),
                (6, Subject::Post, "li.si@water"),
            ]
        );
        assert!(app.current_organisation().await.unwrap().unit(&unit("test-bureau")).is_none(), "a dry run");
        let done = import(&app, CSV, true).await;
        assert_eq!(done, ImportReport { applied: true, ..dry });
        let register = app.current_organisation().await.unwrap();
        assert_eq!(register.unit(&unit("test-section")).unwrap().parent, Some(unit("test-bureau")));
        let admin = Actor::system();
        let held = unit_people(&app, &admin, &unit("test-section")).await.unwrap();
        assert_eq!((held[0].name.as_str(), held[0].terms), ("李四", Terms::Seconded));
        assert_eq!((held[0].from, held[0].until), (day(20_261_012), Some(day(20_261_231))));
        // Without a password nobody signs in; an admin gives one.
        assert!(matches!(try_in(&app, "li.si", "").await, Err(SignInError::Wrong { .. })));
        let temporary = reset_password(&app, &admin, "li.si").await.unwrap();
        assert!(try_in(&app, "li.si", temporary.as_str()).await.unwrap().must_change);

        let again = import(&app, CSV, true).await;
        assert_eq!((again.new, again.changed, again.applied), (vec![], vec![], true));
        let changed = "unit,login,phone,role,position,until,unit_name\n\
            test-section,li.si,13900000099,officer,handler,2026-11-30,\ntest-section,,,,,,测试局综合科\n";
        let report = import(&app, changed, true).await;
        assert_eq!(report.faults, []);
        let changed: Vec<_> = report.changed.iter().map(|c| (c.line, c.subject, c.columns.join(","))).collect();
        assert_eq!(
            changed,
            [
                (3, Subject::Unit, "unit_name".to_owned()),
                (2, Subject::Person, "phone".to_owned()),
                (2, Subject::Post, "until".to_owned())
            ]
        );
        let told = chains(&app).await;
        for private in ["张三", "13900000011", "li.si", "市水务局"] {
            assert!(!told.contains(private), "{private}");
        }
    }
}

#[tokio::test]
async fn faults_are_told_by_line_and_nothing_is_written() {
    for app in apps().await {
        let text = "unit,unit_name,kind,parent,territory,login,name,phone,role,position,from,until,employer\n\
            a-bureau,甲局,castle,,,,,,,,,,\n\
            b-bureau,市水务局,city-department,,,,,,,,,,\n\
            c-bureau,丙局,city-department,nowhere,999999,,,,,,,,\n\
            d-bureau,丁局,city-department,entry-exit-quarantine,,,,,,,,,\n\
            water,,,,,wang,王五,12,janitor,king,2026-02-30,,\n\
            entry-exit-quarantine,,,,,zhao,赵六,,officer,handler,,,\n\
            water,,,,,qian,,,officer,,,,\n\
            water,,,,,sun,孙七,,officer,,2026-10-12,2026-10-01,某公司\n\
            ,,,,,zhou,周八,,officer,,,,\n\
            nowhere,,,,,zheng,郑十,,officer,,,,\n\
            e-bureau,戊局,city-department,,,,,,,,,,\n\
            f-bureau,戊局,city-department,,,,,,,,,,\n\
            e-bureau,己局,city-department,,,,,,,,,,\n\
            water,,,,,,吴九,,,,,,\n\
            water,,,,,,,,,,,,\n\
            g-bureau,庚局,city-department,,,,,,,,,,,extra\n";
        let report = import(&app, text, true).await;
        assert!(!report.applied);
        let faults: Vec<_> = report.faults.iter().map(|f| (f.line, f.column.as_str(), f.message.as_str())).collect();
        let has = |line: usize, column: &str, words: &str| {
            assert!(
                faults.iter().any(|(l, c, message)| *l == line && *c == column && message.contains(words)),
                "{line} {column} {words}: {faults:#?}"
            );
        };
        has(2, "kind", "`castle`");
        has(3, "unit_name", "`water`");
        has(4, "parent", "`nowhere`");
        has(4, "territory", "`999999`");
        has(5, "parent", "`customs`");
        has(6, "phone", "phone number");
        has(6, "role", "`janitor`");
        has(6, "position", "`king`");
        has(6, "from", "`2026-02-30`");
        has(7, "unit", "`customs`");
        has(8, "name", "no name");
        has(9, "until", "before");
        has(10, "unit", "every row");
        has(11, "unit", "`nowhere`");
        has(12, "unit_name", "line 13");
        has(13, "unit_name", "line 12");
        has(14, "unit", "line 12");
        has(15, "name", "login");
        has(16, "", "nothing");
        has(17, "", "14 cells");
        assert!(app.current_organisation().await.unwrap().unit(&unit("e-bureau")).is_none());
        let nobody = unit_people(&app, &Actor::system(), &unit("water")).await.unwrap();
        assert_eq!(nobody, []);

        // The same line twice is one unit, and said.
        let twice =
            "unit,unit_name,kind\ne-bureau,戊局,city-department\nwater,市水务局,\ne-bureau,戊局,city-department\n";
        let report = import(&app, twice, true).await;
        assert!(report.applied, "{report:?}");
        assert_eq!((report.new.len(), report.notes.len(), report.notes[0].line), (1, 1, 4));
        assert!(report.notes[0].message.contains("line 2"));

        for (text, line, words) in [
            (&b""[..], 1, "empty"),
            (b"\xd6\xd0,unit\n", 1, "UTF-8"),
            (b"unit,unit_name\nwater,\xb5\xa5\xce\xbb\n", 2, "UTF-8"),
            (b"unit,nonsense\nwater,1\n", 1, "`nonsense`"),
            (b"unit_name\nwater\n", 1, "missing"),
            (b"unit,unit\nwater,water\n", 1, "twice"),
            (b"PK\x03\x04 no zip", 1, "Excel"),
            (b"\xd0\xcf\x11\xe0\xa1", 1, "old Excel"),
        ] {
            let report = org_import(&app, &Actor::system(), text, "x.csv", true).await.unwrap();
            assert!(!report.applied);
            let fault = &report.faults[0];
            assert!(fault.line == line && fault.message.contains(words), "{words}: {fault:?}");
        }
        let many = "unit\n".to_owned() + &"water\n".repeat(MAX_IMPORT_ROWS + 1);
        assert!(import(&app, &many, false).await.faults[0].message.contains("20000 rows"));
        let large = vec![b'x'; MAX_IMPORT_BYTES + 1];
        let large = org_import(&app, &Actor::system(), &large, "x.csv", false).await.unwrap();
        assert!(large.faults[0].message.contains("10 MiB"));
    }
}

#[tokio::test]
async fn an_excel_table_is_read_like_a_csv_file() {
    use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};
    for app in apps().await {
        let mut book = Workbook::new();
        let sheet = book.add_worksheet();
        for (column, heading) in
            ["单位编码", "单位名称", "单位类型", "登录名", "姓名", "电话", "角色", "职务", "起始日期"]
                .iter()
                .enumerate()
        {
            sheet.write(0, column as u16, *heading).unwrap();
        }
        sheet.write(1, 0, "test-bureau").unwrap();
        sheet.write(1, 1, "测试局").unwrap();
        sheet.write(1, 2, "city-department").unwrap();
        // An empty row, a number as phone, a date as date.
        sheet.write(3, 0, "test-bureau").unwrap();
        sheet.write(3, 3, "zhang.san").unwrap();
        sheet.write(3, 4, "张三").unwrap();
        sheet.write(3, 5, 13_900_000_011_f64).unwrap();
        sheet.write(3, 6, "经办人").unwrap();
        sheet.write(3, 7, "信息采编员").unwrap();
        let date = ExcelDateTime::parse_from_str("2026-11-02").unwrap();
        sheet.write_with_format(3, 8, date, &Format::new().set_num_format("yyyy-mm-dd")).unwrap();
        let good = book.save_to_buffer().unwrap();
        let report = org_import(&app, &Actor::system(), &good, "org.xlsx", true).await.unwrap();
        assert_eq!((report.rows, &report.faults, report.applied), (2, &vec![], true));
        let held = unit_people(&app, &Actor::system(), &unit("test-bureau")).await.unwrap();
        assert_eq!((held[0].from, held[0].phone.as_ref().unwrap().as_str()), (day(20_261_102), "13900000011"));

        let sheet = book.worksheet_from_index(0).unwrap();
        sheet.write(5, 0, "water").unwrap();
        sheet.write(5, 3, "li").unwrap();
        sheet.write(5, 6, "皇帝").unwrap();
        let bad = book.save_to_buffer().unwrap();
        let report = org_import(&app, &Actor::system(), &bad, "org.xlsx", true).await.unwrap();
        assert!(!report.applied);
        assert_eq!((report.faults[0].line, report.faults[0].column.as_str()), (6, "角色"));
    }
}

#[tokio::test]
async fn people_commands_from_many_hands_at_once_keep_one_chain() {
    for app in apps().await {
        app.person("li", "water", Role::Officer, Position::Handler).await;
        let many = (0..8).map(|_| {
            let app = std::sync::Arc::clone(&app.app);
            tokio::spawn(async move {
                let token = AddToken { login: "li".into(), scopes: vec![Scope::OrdersRead], until: None };
                people::add_token(&app, &Actor::system(), token).await
            })
        });
        for token in many.collect::<Vec<_>>() {
            token.await.unwrap().unwrap();
        }
        assert_eq!(chains(&app).await.matches("token.added").count(), 8);
    }
}
