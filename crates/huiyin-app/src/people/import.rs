//! Taking over a register of units, persons and posts from a table (`.xlsx` or `.csv`).
//!
//! One sheet, its first row the headings, Chinese or English:
//!
//! | heading | 列名 | |
//! |---|---|---|
//! | `unit` | 单位编码 | code of the unit, in every row |
//! | `unit_name` | 单位名称 | with it the row enters or changes the unit |
//! | `aliases` | 别名 | other names, with `；` between |
//! | `kind` | 单位类型 | code or name of the pack's kind |
//! | `parent` | 上级单位 | code of the unit above |
//! | `territory` | 区域 | code or name of the area |
//! | `successor` | 承接单位 | code of the unit that took over |
//! | `login` | 登录名 | with it the row enters or changes a person |
//! | `name` | 姓名 | |
//! | `phone` | 电话 | |
//! | `role` | 角色 | with it the person holds a post in the unit |
//! | `position` | 职务 | `staff` where empty |
//! | `terms` | 人员性质 | `own` where empty |
//! | `employer` | 派出单位 | who seconds or supplies |
//! | `from` | 起始日期 | of the post, or of the unit in a row without login |
//! | `until` | 截止日期 | likewise |
//!
//! A dry run says what would change. Nothing is written while there is any fault; a row exactly as an earlier one is
//! only noted. Empty cells change nothing. The same table taken over twice changes nothing the second time. Persons
//! entered here have no password until an admin gives them one.

mod plan;
mod read;

use std::sync::Arc;

use huiyin_store::{
    people::{self, posts},
    units as register,
};
use serde::Serialize;
use serde_json::json;

use super::{note, permit, posts as post_rules, units as unit_rules};
use crate::{Actor, App, CommandError};
use plan::{Known, Plan};

/// Most rows of a table, without the headings.
pub const MAX_IMPORT_ROWS: usize = 20_000;

/// Most bytes of a file.
pub const MAX_IMPORT_BYTES: usize = 10 * 1024 * 1024;

/// Something wrong with a table, or worth knowing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ImportFault {
    /// The row in the sheet, the line in a CSV file; from 1.
    pub line: usize,
    /// Heading of the column; empty where it is about the whole row.
    pub column: String,
    /// What is wrong and what to do.
    pub message: String,
}

/// What a row enters or changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Subject {
    /// A unit, by code.
    Unit,
    /// A person, by login.
    Person,
    /// A post, by login and unit.
    Post,
}

/// One thing that is new or changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ImportChange {
    /// The row.
    pub line: usize,
    /// What.
    pub subject: Subject,
    /// Its code.
    pub code: String,
    /// Columns that change; all of them when it is new.
    pub columns: Vec<String>,
}

/// What taking a table over does, or would do.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct ImportReport {
    /// Rows read, without headings and empty rows.
    pub rows: usize,
    /// What is new.
    pub new: Vec<ImportChange>,
    /// What changes.
    pub changed: Vec<ImportChange>,
    /// What is wrong; nothing is written while there is any.
    pub faults: Vec<ImportFault>,
    /// What is worth knowing: rows that stand there twice.
    pub notes: Vec<ImportFault>,
    /// Whether it was written.
    pub applied: bool,
}

/// Reads a table and says what it would change; writes it when `apply` is set and nothing is wrong.
///
/// # Errors
/// [`CommandError::Forbidden`] for all but an admin. What is wrong with the table is in the report.
pub async fn org_import(
    app: &App,
    by: &Actor,
    bytes: &[u8],
    filename: &str,
    apply: bool,
) -> Result<ImportReport, CommandError> {
    permit::require_admin(by)?;
    let (owned, name, pack) = (bytes.to_vec(), filename.to_owned(), Arc::clone(&app.pack));
    let gone = |_| CommandError::Internal("the table could not be read".into());
    let table = tokio::task::spawn_blocking(move || read::read(&owned, &name, &pack)).await.map_err(gone)?;
    let ids: Vec<String> = (0..table.rows.len() * 2).map(|_| app.id()).collect();
    let (city, now, pack) = (app.city.clone(), app.now(), Arc::clone(&app.pack));
    let input = Arc::new((by.person.clone(), table, ids));
    if !apply || !input.1.faults.is_empty() {
        let plan = app
            .db
            .read("org import", move |tx| {
                Box::pin(async move {
                    let known = known(tx, city.as_str()).await?;
                    Ok::<_, CommandError>(plan::plan(&pack, &known, &input.1, &input.2, now))
                })
            })
            .await?;
        return Ok(plan.report);
    }
    app.db
        .write("org import", move |tx| {
            let (city, pack, input) = (city.clone(), Arc::clone(&pack), Arc::clone(&input));
            Box::pin(async move {
                let (city, (by, table, ids)) = (city.as_str(), &*input);
                let known = known(tx, city).await?;
                let mut plan = plan::plan(&pack, &known, table, ids, now);
                if plan.report.faults.is_empty() {
                    write(tx, city, by.as_str(), now, &plan).await?;
                    plan.report.applied = true;
                }
                Ok(plan.report)
            })
        })
        .await
}

async fn known(tx: &mut huiyin_store::Tx, city: &str) -> Result<Known, CommandError> {
    let units = register::all(tx, city).await?;
    Ok(Known { units, persons: people::all(tx, city).await?, posts: posts::all(tx, city).await? })
}

async fn write(
    tx: &mut huiyin_store::Tx,
    city: &str,
    by: &str,
    now: huiyin_core::time::Instant,
    plan: &Plan,
) -> Result<(), CommandError> {
    let units: Vec<_> =
        plan.units.iter().map(|(unit, new)| (unit, if *new { "unit.added" } else { "unit.changed" })).collect();
    unit_rules::write(tx, city, by, now, &units).await?;
    people::insert(tx, city, &plan.new_persons).await?;
    for person in &plan.new_persons {
        note(tx, city, &format!("person:{}", person.id), now, by, "person.added", json!({})).await?;
    }
    for person in &plan.changed_persons {
        people::set_contact(tx, city, &person.id, &person.name, person.phone.as_ref()).await?;
        note(tx, city, &format!("person:{}", person.id), now, by, "person.changed", json!({})).await?;
    }
    let all: Vec<_> = plan.posts.iter().map(|(post, _)| post.clone()).collect();
    posts::save(tx, city, &all).await?;
    for (post, new) in &plan.posts {
        post_rules::record(tx, city, by, now, if *new { "post.added" } else { "post.ended" }, post).await?;
    }
    let body = json!({
        "units": plan.units.len(), "persons": plan.new_persons.len() + plan.changed_persons.len(),
        "posts": plan.posts.len(),
    });
    note(tx, city, "register", now, by, "register.imported", body).await?;
    Ok(())
}
