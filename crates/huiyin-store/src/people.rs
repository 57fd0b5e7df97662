//! People: persons and their dated posts here; sign-in, filing, duty roster and delegation in the modules below.
//!
//! Phone numbers and password hashes are [`Private`]: no `Debug` shows them.

pub mod delegations;
pub mod filing;
pub mod posts;
pub mod roster;
pub mod sign_in;

use std::fmt;

use huiyin_core::time::Instant;

use crate::{Row, StoreError, Table, Tx, values};

/// A text that must not reach a log: `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct Private(pub String);

impl Private {
    /// The text itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<String> for Private {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<&str> for Private {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl fmt::Debug for Private {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Private(..)")
    }
}

/// A person who works with the system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The id.
    pub id: String,
    /// What they sign in with, in lower case.
    pub login: String,
    /// Name.
    pub name: String,
    /// Office phone.
    pub phone: Option<Private>,
    /// Password hash; none until one is given.
    pub password: Option<Private>,
    /// Whether the password is temporary.
    pub must_change: bool,
    /// Sealed one-time-code secret in use.
    pub totp: Option<Vec<u8>>,
    /// Sealed one-time-code secret not yet confirmed.
    pub totp_pending: Option<Vec<u8>>,
    /// Last time step a code was taken for.
    pub totp_step: i64,
    /// Whether they may sign in at all.
    pub active: bool,
    /// When they were entered.
    pub created_at: Instant,
}

const PERSON: Table = Table {
    name: "person",
    key: &["city", "id"],
    columns: &[
        "city",
        "id",
        "login",
        "name",
        "phone",
        "password",
        "must_change",
        "totp",
        "totp_pending",
        "totp_step",
        "active",
        "created_at",
    ],
};

crate::statements! {
    BY_ID = "SELECT id, login, name, phone, password, must_change, totp, totp_pending, totp_step, active, created_at FROM person WHERE city = $1 AND id = $2";
    BY_LOGIN = "SELECT id, login, name, phone, password, must_change, totp, totp_pending, totp_step, active, created_at FROM person WHERE city = $1 AND login = $2";
    ALL = "SELECT id, login, name, phone, password, must_change, totp, totp_pending, totp_step, active, created_at FROM person WHERE city = $1 ORDER BY login";
    SET_PASSWORD = "UPDATE person SET password = $3, must_change = $4 WHERE city = $1 AND id = $2";
    SET_TOTP = "UPDATE person SET totp = $3, totp_pending = $4, totp_step = $5 WHERE city = $1 AND id = $2";
    USE_TOTP_STEP = "UPDATE person SET totp_step = $3 WHERE city = $1 AND id = $2 AND totp_step < $3";
    SET_ACTIVE = "UPDATE person SET active = $3 WHERE city = $1 AND id = $2 AND active <> $3";
    SET_CONTACT = "UPDATE person SET name = $3, phone = $4 WHERE city = $1 AND id = $2";
}

fn person(row: &Row) -> Result<Person, StoreError> {
    Ok(Person {
        id: row.string(0)?,
        login: row.string(1)?,
        name: row.string(2)?,
        phone: row.opt_string(3)?.map(Private),
        password: row.opt_string(4)?.map(Private),
        must_change: row.bool(5)?,
        totp: row.opt_bytes(6)?,
        totp_pending: row.opt_bytes(7)?,
        totp_step: row.int(8)?,
        active: row.bool(9)?,
        created_at: Instant(row.int(10)?),
    })
}

/// A person by their id.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn find(tx: &mut Tx, city: &str, id: &str) -> Result<Option<Person>, StoreError> {
    tx.fetch_optional(&BY_ID, values![city, id]).await?.map(|row| person(&row)).transpose()
}

/// A person by their login.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn find_by_login(tx: &mut Tx, city: &str, login: &str) -> Result<Option<Person>, StoreError> {
    tx.fetch_optional(&BY_LOGIN, values![city, login]).await?.map(|row| person(&row)).transpose()
}

/// Everybody, by login.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn all(tx: &mut Tx, city: &str) -> Result<Vec<Person>, StoreError> {
    tx.fetch(&ALL, values![city]).await?.iter().map(person).collect()
}

/// Enters persons.
///
/// # Errors
/// [`StoreError::Unique`] when a login is taken.
pub async fn insert(tx: &mut Tx, city: &str, persons: &[Person]) -> Result<(), StoreError> {
    let rows = persons
        .iter()
        .map(|p| {
            values![
                city,
                &p.id,
                &p.login,
                &p.name,
                p.phone.as_ref().map(Private::as_str),
                p.password.as_ref().map(Private::as_str),
                p.must_change,
                p.totp.clone(),
                p.totp_pending.clone(),
                p.totp_step,
                p.active,
                p.created_at.ms()
            ]
        })
        .collect();
    tx.insert(&PERSON, rows).await.map(drop)
}

/// Sets a password hash, and whether it must be changed at the next sign-in.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn set_password(
    tx: &mut Tx,
    city: &str,
    id: &str,
    hash: &Private,
    must_change: bool,
) -> Result<(), StoreError> {
    tx.execute(&SET_PASSWORD, values![city, id, hash.as_str(), must_change]).await.map(drop)
}

/// Sets the sealed one-time-code secrets and the last step taken.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn set_totp(
    tx: &mut Tx,
    city: &str,
    id: &str,
    current: Option<Vec<u8>>,
    pending: Option<Vec<u8>>,
    step: i64,
) -> Result<(), StoreError> {
    tx.execute(&SET_TOTP, values![city, id, current, pending, step]).await.map(drop)
}

/// Takes a time step for a code. False when it or a later one was taken before.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn use_totp_step(tx: &mut Tx, city: &str, id: &str, step: i64) -> Result<bool, StoreError> {
    Ok(tx.execute(&USE_TOTP_STEP, values![city, id, step]).await? > 0)
}

/// Lets a person sign in, or no longer. False when nothing changed.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn set_active(tx: &mut Tx, city: &str, id: &str, active: bool) -> Result<bool, StoreError> {
    Ok(tx.execute(&SET_ACTIVE, values![city, id, active]).await? > 0)
}

/// Sets a person's name and phone.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn set_contact(
    tx: &mut Tx,
    city: &str,
    id: &str,
    name: &str,
    phone: Option<&Private>,
) -> Result<(), StoreError> {
    tx.execute(&SET_CONTACT, values![city, id, name, phone.map(Private::as_str)]).await.map(drop)
}
