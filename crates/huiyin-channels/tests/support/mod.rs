//! What the tests against real servers share.

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use huiyin_app::ports::{Clock, Message, SetClock};
use huiyin_core::time::Instant;

/// What `scripts/peers` said about where its servers are.
pub fn peer(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| {
        panic!("{name} is not set: run the tests through ./test, which starts the servers they need")
    })
}

/// The same for a file or folder.
pub fn peer_path(name: &str) -> PathBuf {
    peer(name).into()
}

/// A clock that stands at 2026-11-24 06:05:50 UTC.
pub fn clock() -> Arc<dyn Clock> {
    Arc::new(SetClock::at(Instant(1_795_500_350_000)))
}

/// A message nobody else sends, in this run or another.
pub fn message(to: &str) -> Message {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let run = uuid();
    Message {
        to: to.to_owned(),
        subject: "您的诉求已办结".to_owned(),
        text: "您好,您反映的问题已办结。".to_owned(),
        key: format!("{run}-{}", COUNT.fetch_add(1, Ordering::SeqCst)),
        order_no: "20261124-0051".to_owned(),
    }
}

/// Something that differs from run to run: the kernel's own, without the clock.
fn uuid() -> String {
    let made = std::fs::read_to_string("/proc/sys/kernel/random/uuid").expect("a random id from the kernel");
    made.trim().to_owned()
}
