//! Where everything is kept: SQLite or PostgreSQL behind one [`Db`], the migrations, and the SQL by area.
//!
//! The only crate that names the database driver. It knows rows and transactions; it knows no rule of the law, no
//! permission, no HTTP. What a table means is said in its migration.
//!
//! **To add a query**: name its text in the area's module with [`statements!`], which also makes the test that prepares
//! it on both engines, and write a function that takes [`&mut Tx`](Tx) and gives domain types:
//!
//! ```ignore
//! statements! {
//!     FIND = "SELECT value, version FROM setting WHERE city = $1 AND name = $2";
//! }
//!
//! /// The setting, if there is one.
//! pub async fn find(tx: &mut Tx, city: &str, name: &str) -> Result<Option<Setting>, StoreError> {
//!     let row = tx.fetch_optional(&FIND, values![city, name]).await?;
//!     row.map(|row| Ok(Setting { value: row.string(0)?, version: row.int(1)? })).transpose()
//! }
//! ```
//!
//! **To add a list** whose conditions vary, see [`list`]. **To add a table**, write the next migration (see `migrate.rs`).
//!
//! One text serves both engines: `$1` placeholders; TEXT, BIGINT, BOOLEAN, BYTEA and DOUBLE PRECISION columns;
//! aggregates `CAST`; no date or JSON function; no order left to a collation.

#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test that cannot go on has failed"))]

pub mod alike;
pub mod bench;
pub mod bulk;
pub mod contents;
mod db;
pub mod drafts;
pub mod duties;
mod error;
pub mod files;
pub mod list;
pub mod lists;
pub mod live;
mod lock;
mod migrate;
pub mod modes;
pub mod notices;
pub mod orders;
pub mod packs;
pub mod people;
pub mod portal;
pub mod records;
pub mod seal;
mod statements;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
pub mod transfer;
pub mod units;
mod value;

pub use db::{BoxFuture, Changes, Db, Engine, Options, Table, Tx};
pub use error::StoreError;
pub use lock::{DataLock, LockError};
pub use migrate::Schema;
pub use statements::Statement;
pub use value::{Row, Value};
