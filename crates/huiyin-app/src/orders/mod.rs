//! Orders: every command on them, taking matters in, and what may be read of them.

mod caller;
pub mod contacts;
mod effects;
pub mod export;
mod identity;
mod intake;
pub mod list;
mod pair;
mod run;
pub mod view;

pub use caller::{Caller, caller};
pub(crate) use identity::open_claimant;
pub use identity::{Identity, NewClaimantInput, Revealed, find_by_phone, reveal};
pub use intake::{NewOrder, TakenIn, open_waiting, set_aside, take_in};
pub use run::{Done, Given, MAX_INPUT, Undo, command};
pub(crate) use run::{known, seen};
