//! Orders: every command on them, taking matters in, and what may be read of them.

mod effects;
mod identity;
mod intake;
pub mod list;
mod pair;
mod run;
pub mod view;

pub use identity::{Identity, NewClaimantInput, Revealed, find_by_phone, reveal};
pub use intake::{NewOrder, TakenIn, take_in};
pub use run::{Done, Given, command};
