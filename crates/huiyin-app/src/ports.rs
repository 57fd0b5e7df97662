//! What the application needs of the world and does not do itself: time, ids, carriers.

use std::sync::{
    Mutex,
    atomic::{AtomicI64, AtomicU64, Ordering},
};

use huiyin_core::time::Instant;

use crate::BoxFuture;

/// Tells the time.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> Instant;
}

/// The operating system's clock.
#[derive(Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[allow(clippy::disallowed_methods)] // the one place that reads it
    fn now(&self) -> Instant {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        Instant(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }
}

/// A clock that a test or a driver moves.
#[derive(Debug)]
pub struct SetClock(AtomicI64);

impl SetClock {
    /// A clock that stands at a moment.
    pub fn at(now: Instant) -> Self {
        Self(AtomicI64::new(now.ms()))
    }

    /// Puts the clock at a moment.
    pub fn set(&self, now: Instant) {
        self.0.store(now.ms(), Ordering::SeqCst);
    }

    /// Moves the clock.
    pub fn advance(&self, ms: i64) {
        self.0.fetch_add(ms, Ordering::SeqCst);
    }
}

impl Clock for SetClock {
    fn now(&self) -> Instant {
        Instant(self.0.load(Ordering::SeqCst))
    }
}

/// Makes ids that sort by time.
pub trait Ids: Send + Sync {
    /// A new id.
    fn next(&self, now: Instant) -> String;
}

/// UUIDv7, from the operating system's randomness.
#[derive(Debug, Default)]
pub struct RandomIds {
    last: Mutex<u64>,
}

impl Ids for RandomIds {
    fn next(&self, now: Instant) -> String {
        // Never earlier than the last one, so that ids of one process sort as they were made even when the clock steps back.
        let ms = u64::try_from(now.ms()).unwrap_or(0);
        let ms = match self.last.lock() {
            Ok(mut last) => {
                *last = (*last).max(ms);
                *last
            }
            Err(_) => ms,
        };
        let seconds = ms / 1000;
        let nanos = u32::try_from(ms % 1000).unwrap_or(0) * 1_000_000;
        uuid::Uuid::new_v7(uuid::Timestamp::from_unix(uuid::NoContext, seconds, nanos)).to_string()
    }
}

/// UUIDv7-shaped ids that count: for tests and drivers, so that the same run gives the same ids.
#[derive(Debug, Default)]
pub struct CountingIds(AtomicU64);

impl CountingIds {
    /// Counts on from a number.
    pub fn from(seed: u64) -> Self {
        Self(AtomicU64::new(seed))
    }
}

impl Ids for CountingIds {
    fn next(&self, now: Instant) -> String {
        let count = self.0.fetch_add(1, Ordering::SeqCst);
        let ms = u64::try_from(now.ms()).unwrap_or(0);
        uuid::Builder::from_unix_timestamp_millis(ms, &{
            let mut rest = [0_u8; 10];
            rest[2..].copy_from_slice(&count.to_be_bytes());
            rest
        })
        .into_uuid()
        .to_string()
    }
}

/// A message to a claimant.
#[derive(Debug, Clone)]
pub struct Message {
    /// Number or address.
    pub to: String,
    /// Subject line, for mail.
    pub subject: String,
    /// The words.
    pub text: String,
    /// The same for a repeated attempt, so that a carrier can tell it is one message.
    pub key: String,
    /// Number of the order it is about.
    pub order_no: String,
}

/// What became of handing a message to a carrier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sent {
    /// Taken over; `receipt` names it in later reports.
    Taken {
        /// The carrier's id of the message.
        receipt: Option<String>,
        /// Whether a report of delivery will follow.
        report_follows: bool,
    },
    /// Not now; try again.
    Later(String),
    /// Never: wrong number, refused text.
    Never(String),
}

/// Carries messages out of the house.
pub trait Carrier: Send + Sync {
    /// `email` or `sms`.
    fn name(&self) -> &'static str;
    /// Hands a message over. It may be called again for the same key.
    fn send<'a>(&'a self, message: &'a Message) -> BoxFuture<'a, Sent>;
}
