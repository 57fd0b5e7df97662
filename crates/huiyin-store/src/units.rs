//! The register of units.

use huiyin_core::organisation::Unit;

use crate::{StoreError, Table, Tx, values};

const UNIT: Table = Table {
    name: "unit",
    key: &["city", "id"],
    columns: &["city", "id", "name", "parent", "from_day", "until_day", "body"],
};

crate::statements! {
    ALL = "SELECT body FROM unit WHERE city = $1 ORDER BY id";
}

/// All units.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn all(tx: &mut Tx, city: &str) -> Result<Vec<Unit>, StoreError> {
    tx.fetch(&ALL, values![city])
        .await?
        .iter()
        .map(|row| {
            serde_json::from_str(row.str(0)?)
                .map_err(|error| StoreError::Corrupt(format!("a unit cannot be read: {error}")))
        })
        .collect()
}

/// Writes units; units of the same code are replaced.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn replace(tx: &mut Tx, city: &str, units: &[Unit]) -> Result<(), StoreError> {
    let rows = units
        .iter()
        .map(|unit| {
            let body = serde_json::to_string(unit).map_err(|error| StoreError::Corrupt(error.to_string()))?;
            Ok(values![
                city,
                unit.id.as_str(),
                unit.name.as_str(),
                unit.parent.as_ref().map(|parent| parent.as_str()),
                unit.from.number(),
                unit.until.map(|day| day.number()),
                body
            ])
        })
        .collect::<Result<_, StoreError>>()?;
    tx.upsert(&UNIT, rows).await.map(drop)
}
