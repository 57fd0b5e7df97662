//! The program is killed, and its database stopped at once, at random moments under load: nothing acknowledged is missing or
//! doubled, timers fire once, every chain holds. `HUIYIN_TEST_ALL=1` runs the whole sets.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod load;
mod program;

use std::{sync::Arc, time::Duration};

use load::{Account, City, Dice, Load, Postgres, all_is_there_and_told_once, settle, whole};
use program::Server;

fn serve(city: &City) -> Server {
    let arguments = city.serves();
    Server::start(city.path(), &arguments.iter().map(String::as_str).collect::<Vec<_>>())
}

#[test]
fn killed_at_random_moments_it_loses_and_doubles_nothing() {
    let city = Arc::new(City::new(None));
    let (mut account, mut dice) = (Account::default(), Dice::new(20_261_012));
    let rounds = if whole() { 50 } else { 5 };
    let mut server = serve(&city);
    for round in 0..rounds {
        let load = Load::start(&city, &server.address, 8, round);
        load.reaches(1);
        // Now and then long enough for the jobs to be in the middle of theirs.
        let extra = if round % 5 == 3 { 7_000 } else { 0 };
        std::thread::sleep(Duration::from_millis(dice.roll(1_500) + extra));
        server.signal("-KILL");
        server.ended();
        load.ended(&mut account);
        server = serve(&city);
        settle(&city, &server.address, &mut account, &mut dice);
    }
    all_is_there_and_told_once(&city, &account);
    server.signal("-TERM");
    let (code, said) = server.ended();
    assert_eq!(code, Some(0), "{said}");
    load::proved(&city, account.taken_in());
}

#[test]
fn with_its_database_stopped_at_once_it_loses_and_doubles_nothing() {
    let (postgres, url) = Postgres::start("stops");
    let city = Arc::new(City::new(Some(&url)));
    let (mut account, mut dice) = (Account::default(), Dice::new(20_261_013));
    let rounds = if whole() { 20 } else { 3 };
    let mut server = serve(&city);
    for round in 0..rounds {
        let load = Load::start(&city, &server.address, 8, round);
        load.reaches(1);
        let extra = if round % 3 == 1 { 7_000 } else { 0 };
        std::thread::sleep(Duration::from_millis(dice.roll(1_500) + extra));
        postgres.run("crash");
        load.ended(&mut account);
        // It says that it cannot work, and lives.
        assert_eq!(server.get("/healthz").unwrap().0, 200);
        becomes(&server, 503);
        postgres.run("restart");
        if round % 4 == 2 {
            // The program may fall with it.
            server.signal("-KILL");
            server.ended();
            server = serve(&city);
        }
        becomes(&server, 200);
        settle(&city, &server.address, &mut account, &mut dice);
    }
    all_is_there_and_told_once(&city, &account);
}

/// Waits until the server says of itself that it can work, or cannot.
fn becomes(server: &Server, ready: u16) {
    let began = std::time::Instant::now();
    while server.get("/readyz").unwrap().0 != ready {
        assert!(began.elapsed() < Duration::from_secs(120), "it never says {ready}");
        std::thread::sleep(Duration::from_millis(100));
    }
}
