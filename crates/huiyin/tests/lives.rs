//! Whole lives through the API: every message becomes an order, every order ends, on both databases alike.
//!
//! The plan is drawn from a seed, so that both databases are given the same commands at the same times with the same
//! ids; then the accounts must balance, the journals verify, the rebuilt orders equal the stored ones, and the two
//! exports be the same, byte for byte. `HUIYIN_TEST_MESSAGES` names a file of messages; without it they are invented.
//! `HUIYIN_TEST_ALL=1` gives every message a life, else 300.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod lives {
    pub mod plan;
    pub mod world;
}

use std::collections::BTreeMap;

use lives::{plan, world::World};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_message_lives_a_whole_life_and_the_accounts_balance() {
    let messages = plan::messages();
    let mut exports: Vec<BTreeMap<String, Vec<u8>>> = Vec::new();
    for db in huiyin_store::testing::databases().await {
        let world = World::new(&db).await;
        let tally = plan::live(&world, &messages).await;
        eprintln!("{} lives: {tally:?}", messages.len());

        let accounts = world.accounts().await;
        assert_eq!(accounts.open, 0, "every order has ended");
        assert_eq!(accounts.not_archived, 0, "and is archived");
        assert_eq!(accounts.orders, tally.taken_in, "no order was lost or doubled");
        assert_eq!(accounts.by_outcome.values().sum::<u64>(), tally.taken_in, "in = out by outcome");
        for outcome in ["handled", "answered", "refused", "transferred", "passed-on", "merged", "withdrawn", "stopped"]
        {
            assert!(
                accounts.by_outcome.get(outcome).is_some_and(|n| *n > 0),
                "no life ended `{outcome}`: {accounts:?}"
            );
        }
        assert_eq!(accounts.matters, tally.taken_in, "every claimant and matter is in exactly one account");

        let audit = huiyin_app::audit::verify(&world.app).await.unwrap();
        assert!(audit.ok, "{:#?}", audit.faults);
        assert!(audit.checkpoints > 0 && audit.texts > 0);
        let health = huiyin_app::doctor::examine(&world.app).await.unwrap();
        assert!(health.ok, "{:#?}", health.faults);
        exports.push(world.export().await);
    }
    let (first, second) = (&exports[0], &exports[1]);
    assert_eq!(first.keys().collect::<Vec<_>>(), second.keys().collect::<Vec<_>>());
    for (file, bytes) in first {
        assert!(bytes == &second[file], "`{file}` differs between the databases");
    }
}
