//! What the public does without an account: writes a matter ([`draft`], [`send`]), sees like ones that are open
//! ([`similar`]), follows its own by number and code ([`access`], [`track`]) or
//! by a code sent to its phone ([`phone`]), and says how it went ([`rate`]).
//!
//! Whoever shows a code or link is the claimant of that one order and of no other: [`crate::Actor::claimant_of`]. What
//! they do goes the way of every command.

pub mod access;
pub mod draft;
pub mod phone;
pub mod rate;
pub mod send;
pub mod similar;
pub mod track;

/// Where the pages of a language begin, as far as there are any.
pub fn base(language: &str) -> &'static str {
    match language {
        "en" => "/en/p",
        "ru" => "/ru/p",
        _ => "/p",
    }
}
