//! People: who works with the system, for which unit, and how they prove who they are.
//!
//! | to | call |
//! |---|---|
//! | let a person in, and know who a browser is | [`sign_in`], [`session_actor`], [`sign_out`], [`sessions`], [`end_session`] |
//! | keep passwords and one-time codes | [`change_password`], [`reset_password`], [`enrol_totp`], [`confirm_totp`], [`remove_totp`] |
//! | let a program in | [`add_token`], [`token_actor`], [`tokens`], [`revoke_token`] |
//! | enter persons and their dated posts | [`persons`], [`add_person`], [`add_post`], [`end_post`], [`seed_person`], [`unit_people`] |
//! | file changes of persons and record the receipt (备案) | [`file_change`], [`record_receipt`], [`filings`] |
//! | see which units are not ready | [`not_ready`] |
//! | know whom to phone | [`duty_phone`], [`add_roster`], [`end_roster`], [`roster`] |
//! | let another approve in a leader's place | [`delegate`], [`end_delegation`], [`delegations`] |
//! | keep the register of units | [`save_unit`], [`end_unit`], [`org_import`] |
//!
//! Every change also stands in the chain of its subject (`unit:<id>`, `person:<id>`), with ids and codes only: no name,
//! phone or password. **To add a command**: a file here with an input struct and one function, a line in the table
//! above, and its test in `tests/people.rs`.
//!
//! A unit that is not ready can still be dispatched to: readiness is told, never enforced.

mod delegation;
mod filing;
mod import;
mod password;
mod permit;
mod persons;
mod posts;
mod readiness;
mod roster;
mod sessions;
mod sign_in;
mod terms;
mod tokens;
mod totp;
mod units;

pub use delegation::{Delegate, Delegated, delegate, delegations, end_delegation};
pub use filing::{Filing, FilingEntry, file_change, filing_history, filings, record_receipt};
pub use import::{ImportChange, ImportFault, ImportReport, MAX_IMPORT_BYTES, MAX_IMPORT_ROWS, Subject, org_import};
pub use password::{PASSWORD_LENGTH, change_password, reset_password};
pub use persons::{
    Account, AddPerson, AddedPerson, ContactDetails, Held, SeedPerson, add_person, change_contact, person_posts,
    persons, seed_person, set_active, unit_people,
};
pub use posts::{AddPost, PostId, add_post, end_post};
pub use readiness::{Missing, MissingPart, UnitReadiness, not_ready, not_ready_in};
pub use roster::{AddRoster, DutyPhone, Shift, add_roster, duty_phone, end_roster, on_duty, roster};
pub(crate) use sessions::standing_actor;
pub use sessions::{SESSION_IDLE_MS, SESSION_LONGEST_MS, Session, end_session, session_actor, sessions, sign_out};
pub use sign_in::{LOCK_MS, SignInError, SignedIn, TRIES, sign_in};
pub use terms::{Position, Terms};
pub use tokens::{AddToken, NewToken, TokenView, add_token, revoke_token, token_actor, tokens};
pub use totp::{Enrolment, confirm_totp, enrol_totp, remove_totp};
pub use units::{end_unit, save_unit};

use huiyin_core::{organisation::Organisation, time::Instant};
use huiyin_store::{StoreError, Tx, records, units as register};

pub use huiyin_store::people::Private;

/// Adds an entry of ids and codes to a chain.
async fn note(
    tx: &mut Tx,
    city: &str,
    chain: &str,
    at: Instant,
    by: &str,
    name: &str,
    body: serde_json::Value,
) -> Result<(), StoreError> {
    records::add_to_chain(tx, city, chain, at, by, name, &body.to_string()).await
}

/// The register as this transaction sees it.
async fn organisation(tx: &mut Tx, city: &str) -> Result<Organisation, StoreError> {
    Ok(Organisation::new(register::all(tx, city).await?))
}
