//! Migrations: one SQL text for both engines, forward only, never edited once released.
//!
//! A new one is a file `migrations/NNNN_name.sql` and a line in [`ALL`]; a number may be left out, none is used
//! twice. `/*sqlite: … */` in it is read by SQLite alone.

use sqlx::migrate::{Migrate, MigrateError, Migration, MigrationType, Migrator};
use sqlx::{AssertSqlSafe, SqlSafeStr as _, SqlStr};

use crate::error::classify;
use crate::{Engine, StoreError};

macro_rules! migrations {
    ($($version:literal $name:literal),* $(,)?) => {
        &[$(($version, $name, include_str!(concat!("../migrations/", $name, ".sql")))),*]
    };
}

/// Number, name and text of every migration, in order.
pub(crate) const ALL: &[(i64, &str, &str)] = migrations![
    1 "0001_init",
    2 "0002_files",
    3 "0003_contacts",
    4 "0004_live",
    10 "0010_modes",
    15 "0015_portal",
    20 "0020_desk",
    21 "0021_drafts",
    25 "0025_pack_version",
    30 "0030_alike",
    35 "0035_handlers_tags",
    36 "0036_person_setting",
    40 "0040_phone_code",
    45 "0045_notices",
    46 "0046_bulk",
];

/// How a database's tables compare with what this program knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Schema {
    /// Every migration is applied.
    Current,
    /// So many are still to be applied.
    Behind(usize),
    /// A newer program has been here; the number is its highest migration.
    Newer(i64),
}

const TABLE: &str = "_sqlx_migrations";

fn migrator(engine: Engine) -> Migrator {
    let migrations = ALL
        .iter()
        .map(|&(version, name, text)| {
            let sql = match engine {
                Engine::Sqlite => AssertSqlSafe(text.replace("/*sqlite:", "").replace("*/", "")).into_sql_str(),
                Engine::Postgres => SqlStr::from_static(text),
            };
            Migration::new(version, name.into(), MigrationType::Simple, sql, false)
        })
        .collect();
    Migrator::with_migrations(migrations)
}

pub(crate) async fn run<C: Migrate>(engine: Engine, connection: &mut C) -> Result<(), StoreError> {
    migrator(engine).run_direct(None, connection, false).await.map_err(explain)
}

pub(crate) async fn state<C: Migrate>(connection: &mut C) -> Result<Schema, StoreError> {
    connection.ensure_migrations_table(TABLE).await.map_err(explain)?;
    let applied = connection.list_applied_migrations(TABLE).await.map_err(explain)?;
    let newest = applied.iter().map(|migration| migration.version).max().unwrap_or(0);
    let known = ALL.last().map_or(0, |&(version, ..)| version);
    Ok(if newest > known {
        Schema::Newer(newest)
    } else if applied.len() < ALL.len() {
        Schema::Behind(ALL.len() - applied.len())
    } else {
        Schema::Current
    })
}

fn explain(error: MigrateError) -> StoreError {
    match error {
        MigrateError::VersionMissing(version) => StoreError::other(format!(
            "the database was written by a newer huiyin: it has migration {version}, which this one does not know; start the newer one"
        )),
        MigrateError::VersionMismatch(version) => StoreError::other(format!(
            "migration {version} of the database differs from the one in this huiyin; the database was made by another build"
        )),
        MigrateError::Dirty(version) => {
            StoreError::other(format!("migration {version} was left half done; restore the backup made before it"))
        }
        MigrateError::ExecuteMigration(error, version) => match classify(&error).1 {
            StoreError::Other(text) => StoreError::Other(format!("migration {version} failed: {text}")),
            known => known,
        },
        MigrateError::Execute(error) => classify(&error).1,
        other => StoreError::other(format!("the migrations could not be run: {other}")),
    }
}

#[cfg(test)]
mod tests {
    use super::ALL;

    #[test]
    fn every_migration_file_is_listed_in_order() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
        let mut files: Vec<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter_map(|name| name.strip_suffix(".sql").map(str::to_owned))
            .collect();
        files.sort();
        let listed: Vec<&str> = ALL.iter().map(|&(_, name, _)| name).collect();
        assert_eq!(files, listed);
        // Numbers may be left out: work side by side takes its own.
        assert!(ALL.windows(2).all(|pair| pair[0].0 < pair[1].0), "numbers go up");
        for &(version, name, _) in ALL {
            assert!(name.starts_with(&format!("{version:04}_")), "{name}");
        }
    }
}
