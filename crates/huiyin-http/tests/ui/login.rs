//! Signing in, and what guards it.

use huiyin_app::{
    Role,
    people::{self, Position, SeedPerson},
};

use super::{
    browser::{Browser, form, site},
    common::{Server, app},
};

async fn newcomer(server: &Server) {
    let seed = SeedPerson {
        login: "newcomer",
        password: "temporary-17",
        must_change: true,
        name: "新人",
        phone: None,
        posts: vec![app::post("enforcement", Role::Officer, Position::Staff)],
        filed: true,
    };
    people::seed_person(&server.test.app, seed).await.unwrap();
}

#[tokio::test]
async fn a_person_goes_on_where_they_wanted() {
    let server = site().await;
    let mut browser = Browser::new(&server);
    let page = browser.get("/login?next=/orders%3Ftab%3Dover").await;
    let form = form(&page, "/login").with("login", "Office").with("password", app::PASSWORD);
    let answer = browser.send(&form).await;
    assert_eq!((answer.status.as_u16(), answer.header("location")), (303, "/orders?tab=over"));
    let cookie = answer.header("set-cookie");
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax") && !cookie.contains("Secure"), "{cookie}");
    assert_eq!(browser.get("/").await.header("location"), "/dispatch");
}

#[tokio::test]
async fn nobody_is_sent_to_another_site() {
    let server = site().await;
    let mut browser = Browser::new(&server);
    let page = browser.get("/login?next=//evil.test/").await;
    let form = form(&page, "/login").with("login", "office").with("password", app::PASSWORD);
    assert_eq!(browser.send(&form).await.header("location"), "/");
}

#[tokio::test]
async fn wrong_passwords_are_counted_and_lock() {
    let server = site().await;
    let mut browser = Browser::new(&server);
    for left in (1..5).rev() {
        let answer = browser.sign_in("office", "wrong").await;
        assert_eq!(answer.status, 422);
        assert!(answer.text.contains(&format!("还可试 {left} 次")), "{}", answer.text);
        assert!(answer.text.contains("value=\"office\"") && !answer.text.contains("value=\"wrong\""));
    }
    let answer = browser.sign_in("office", "wrong").await;
    assert_eq!(answer.status, 429);
    assert!(answer.text.contains("账号已锁定"), "{}", answer.text);
    assert_eq!(browser.sign_in("office", app::PASSWORD).await.status, 429, "even with the right one");
}

#[tokio::test]
async fn one_address_does_not_try_for_ever() {
    let server = site().await;
    let mut browser = Browser::new(&server);
    let mut last = 0;
    for at in 0..40 {
        last = browser.sign_in(&format!("nobody-{at}"), "wrong").await.status.as_u16();
    }
    assert_eq!(last, 429);
}

#[tokio::test]
async fn a_session_is_always_a_new_one_and_ends() {
    let server = site().await;
    let mut browser = Browser::of(&server, "office").await;
    let me = browser.get("/me").await;
    let old = form(&me, "/logout");
    assert_eq!(browser.sign_in("leader", app::PASSWORD).await.status, 303);
    assert!(browser.get("/me").await.text.contains("分管领导"));
    assert_eq!(browser.send(&old).await.status, 403, "a form of the session before is nobody's");
    let me = browser.get("/me").await;
    assert_eq!(browser.send(&form(&me, "/logout")).await.header("location"), "/login");
    assert_eq!(browser.get("/me").await.status, 303);
}

#[tokio::test]
async fn a_temporary_password_is_changed_first() {
    let server = site().await;
    newcomer(&server).await;
    let mut browser = Browser::new(&server);
    assert_eq!(browser.sign_in("newcomer", "temporary-17").await.header("location"), "/me?must=1");
    assert_eq!(browser.get("/queue").await.header("location"), "/me?must=1");
    let page = browser.get("/me").await;
    assert!(page.text.contains("请先修改密码"));
    let change = form(&page, "/me/password").with("present", "temporary-17");
    let differing = change.clone().with("password", "a-fresh-one-77").with("again", "another");
    assert_eq!(browser.send(&differing).await.status, 422);
    let good = change.with("password", "a-fresh-one-77").with("again", "a-fresh-one-77");
    assert_eq!(browser.done(&good).await, "/me");
    assert!(browser.get("/me").await.text.contains("密码已修改"));
    assert_eq!(browser.get("/queue").await.status, 200);
}

#[tokio::test]
async fn one_time_codes_are_made_shown_once_and_refused_when_wrong() {
    let server = site().await;
    let mut browser = Browser::of(&server, "office").await;
    let page = browser.get("/me").await;
    let wrong = form(&page, "/me/totp/enrol").with("present", "wrong");
    assert_eq!(browser.send(&wrong).await.status, 422);
    let made = browser.send(&form(&page, "/me/totp/enrol").with("present", app::PASSWORD)).await;
    assert_eq!(made.status, 200);
    assert!(made.text.contains("otpauth://"), "{}", made.text);
    let confirm = form(&made, "/me/totp/confirm").with("code", "000000");
    let answer = browser.send(&confirm).await;
    assert_eq!(answer.status, 422);
    assert!(!answer.text.contains("otpauth://"), "shown once");
}

#[tokio::test]
async fn assets_are_kept_by_their_content() {
    let server = site().await;
    let mut browser = Browser::new(&server);
    let page = browser.get("/login").await;
    let path = page
        .text
        .split("href=\"")
        .find(|part| part.contains("css/app.css"))
        .unwrap()
        .split('"')
        .next()
        .unwrap()
        .to_owned();
    let answer = browser.get(&path).await;
    assert_eq!((answer.status.as_u16(), answer.header("content-type")), (200, "text/css; charset=utf-8"));
    assert!(answer.header("cache-control").contains("immutable"));
    let tag = answer.header("etag").to_owned();
    let again = browser.ask("GET", &path, &[("if-none-match", &tag)], String::new()).await;
    assert_eq!((again.status.as_u16(), again.text.len()), (304, 0));
    assert_eq!(browser.get("/static/../Cargo.toml").await.status, 404);
    // Nothing on a page needs what the content policy forbids.
    assert!(!page.text.contains(" style=\"") && !page.text.contains("<script>"));
}
