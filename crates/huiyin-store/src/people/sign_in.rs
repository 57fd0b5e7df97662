//! Sessions, tokens and failed sign-ins. Only digests of session and token texts are kept.

use huiyin_core::time::{Day, Instant};

use crate::{Db, Row, StoreError, Table, Tx, notices::unread, values};

/// A signed-in browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Its id, to name it in a list.
    pub id: String,
    /// The person.
    pub person: String,
    /// What forms must send back.
    pub csrf: String,
    /// Since when.
    pub created_at: Instant,
    /// When it was last used, to the minute.
    pub seen_at: Instant,
    /// When it ends whatever happens.
    pub until: Instant,
    /// What the browser calls itself.
    pub agent: String,
}

/// A program's token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// Its id.
    pub id: String,
    /// The person in whose name it acts.
    pub person: String,
    /// Codes of its scopes, with blanks between.
    pub scopes: String,
    /// When it was made.
    pub created_at: Instant,
    /// When it ends.
    pub until: Option<Instant>,
    /// When it was revoked.
    pub revoked_at: Option<Instant>,
}

/// Failed sign-ins of one login.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Failures {
    /// How many since the last success.
    pub failures: i64,
    /// Until when it is locked.
    pub locked_until: Option<Instant>,
}

/// What a person may do today.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Name.
    pub name: String,
    /// Whether the password is temporary.
    pub must_change: bool,
    /// Posts in force: unit, role, first and last day.
    pub posts: Vec<(String, String, Day, Option<Day>)>,
    /// Units in which they approve in a leader's place.
    pub stands_in: Vec<String>,
    /// Notices not read, up to a hundred; 0 for a token.
    pub unread: i64,
}

const SESSION: Table = Table {
    name: "session",
    key: &["city", "digest"],
    columns: &["city", "digest", "id", "person", "csrf", "created_at", "seen_at", "until", "agent"],
};
const TOKEN: Table = Table {
    name: "token",
    key: &["city", "digest"],
    columns: &["city", "digest", "id", "person", "scopes", "created_at", "until", "revoked_at"],
};
const FAILURE: Table = Table {
    name: "sign_in_failure",
    key: &["city", "login"],
    columns: &["city", "login", "failures", "locked_until", "seen_at"],
};

/// Posts in force on day `$3`, and delegations of leaders who are still that, to persons who still have a post there.
macro_rules! standing {
    ($columns:literal, $table:literal) => {
        concat!(
            "SELECT ",
            $columns,
            ", s.person, p.name, p.must_change, 'post', o.unit, o.role, o.from_day, o.until_day FROM ",
            $table,
            " s JOIN person p ON p.city = s.city AND p.id = s.person AND p.active",
            " LEFT JOIN post o ON o.city = s.city AND o.person = s.person AND o.from_day <= $3 AND (o.until_day IS NULL OR o.until_day >= $3)",
            " WHERE s.city = $1 AND s.digest = $2",
            " UNION ALL SELECT ",
            $columns,
            ", s.person, p.name, p.must_change, 'delegation', d.unit, '', d.from_day, d.until_day FROM ",
            $table,
            " s JOIN person p ON p.city = s.city AND p.id = s.person AND p.active",
            " JOIN delegation d ON d.city = s.city AND d.to_person = s.person AND d.from_day <= $3 AND d.until_day >= $3 AND d.ended_at IS NULL",
            " WHERE s.city = $1 AND s.digest = $2",
            " AND EXISTS (SELECT 1 FROM post o WHERE o.city = d.city AND o.person = d.from_person AND o.unit = d.unit AND o.role = 'leader' AND o.from_day <= $3 AND (o.until_day IS NULL OR o.until_day >= $3))",
            " AND EXISTS (SELECT 1 FROM post o WHERE o.city = d.city AND o.person = d.to_person AND o.unit = d.unit AND o.from_day <= $3 AND (o.until_day IS NULL OR o.until_day >= $3))",
        )
    };
}

crate::statements! {
    SESSION_ACTOR = (concat!(standing!("s.id, s.csrf, s.created_at, s.seen_at, s.until, s.agent", "session"), " UNION ALL SELECT s.id, s.csrf, s.created_at, s.seen_at, s.until, s.agent, s.person, p.name, p.must_change, 'unread', '', '', ", unread!("s.person", "$3"), ", 0 FROM session s JOIN person p ON p.city = s.city AND p.id = s.person AND p.active WHERE s.city = $1 AND s.digest = $2"));
    TOKEN_ACTOR = (standing!("s.id, s.scopes, s.created_at, s.until, s.revoked_at, ''", "token"));
    PERSON_ACTOR = (standing!("'', '', 0, 0, 0, ''", "(SELECT q.city, q.id AS person, q.id AS digest FROM person q)"));
    SESSIONS = "SELECT id, person, csrf, created_at, seen_at, until, agent FROM session WHERE city = $1 AND person = $2 ORDER BY seen_at DESC, id";
    SEEN = "UPDATE session SET seen_at = $3 WHERE city = $1 AND digest = $2 AND seen_at < $3";
    END_SESSION = "DELETE FROM session WHERE city = $1 AND person = $2 AND id = $3";
    END_DIGEST = "DELETE FROM session WHERE city = $1 AND digest = $2";
    END_OTHERS = "DELETE FROM session WHERE city = $1 AND person = $2 AND id <> $3";
    SWEEP_SESSIONS = "DELETE FROM session WHERE city = $1 AND until <= $2";
    TOKENS = "SELECT id, person, scopes, created_at, until, revoked_at FROM token WHERE city = $1 AND person = $2 ORDER BY id";
    ALL_TOKENS = "SELECT id, person, scopes, created_at, until, revoked_at FROM token WHERE city = $1 ORDER BY id";
    TOKEN_BY_ID = "SELECT id, person, scopes, created_at, until, revoked_at FROM token WHERE city = $1 AND id = $2";
    REVOKE = "UPDATE token SET revoked_at = $3 WHERE city = $1 AND id = $2 AND revoked_at IS NULL";
    FAILURES = "SELECT failures, locked_until FROM sign_in_failure WHERE city = $1 AND login = $2";
    CLEAR = "DELETE FROM sign_in_failure WHERE city = $1 AND login = $2";
    SWEEP_FAILURES = "DELETE FROM sign_in_failure WHERE city = $1 AND seen_at < $2 AND (locked_until IS NULL OR locked_until < $2)";
}

fn standing(rows: &[Row]) -> Result<Standing, StoreError> {
    let first = rows.first().ok_or_else(|| StoreError::Corrupt("a person without a row".into()))?;
    let mut found = Standing {
        name: first.string(7)?,
        must_change: first.bool(8)?,
        posts: Vec::new(),
        stands_in: Vec::new(),
        unread: 0,
    };
    let day = |number: i64| Day::try_from(number).map_err(StoreError::Corrupt);
    for row in rows {
        let Some(unit) = row.opt_string(10)? else { continue };
        if row.str(9)? == "unread" {
            found.unread = row.int(12)?;
        } else if row.str(9)? == "post" {
            let until = row.opt_int(13)?.map(day).transpose()?;
            found.posts.push((unit, row.string(11)?, day(row.int(12)?)?, until));
        } else if !found.stands_in.contains(&unit) {
            found.stands_in.push(unit);
        }
    }
    Ok(found)
}

/// A session by its digest, with what its person may do on a day, in one statement. None for an inactive person.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn by_session(
    db: &Db,
    city: &str,
    digest: &str,
    day: Day,
) -> Result<Option<(Session, Standing)>, StoreError> {
    let rows = db.fetch(&SESSION_ACTOR, values![city, digest, day.number()]).await?;
    let Some(row) = rows.first() else { return Ok(None) };
    let session = Session {
        id: row.string(0)?,
        csrf: row.string(1)?,
        created_at: Instant(row.int(2)?),
        seen_at: Instant(row.int(3)?),
        until: Instant(row.int(4)?),
        agent: row.string(5)?,
        person: row.string(6)?,
    };
    Ok(Some((session, standing(&rows)?)))
}

/// What a person may do on a day; none for one who may not sign in.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn by_person(tx: &mut Tx, city: &str, person: &str, day: Day) -> Result<Option<Standing>, StoreError> {
    let rows = tx.fetch(&PERSON_ACTOR, values![city, person, day.number()]).await?;
    if rows.is_empty() { Ok(None) } else { standing(&rows).map(Some) }
}

/// A token by its digest, with what its person may do on a day, in one statement. None for an inactive person.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn by_token(db: &Db, city: &str, digest: &str, day: Day) -> Result<Option<(Token, Standing)>, StoreError> {
    let rows = db.fetch(&TOKEN_ACTOR, values![city, digest, day.number()]).await?;
    let Some(row) = rows.first() else { return Ok(None) };
    let token = Token {
        id: row.string(0)?,
        scopes: row.string(1)?,
        created_at: Instant(row.int(2)?),
        until: row.opt_int(3)?.map(Instant),
        revoked_at: row.opt_int(4)?.map(Instant),
        person: row.string(6)?,
    };
    Ok(Some((token, standing(&rows)?)))
}

/// Opens a session and forgets those that have ended.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn open_session(tx: &mut Tx, city: &str, digest: &str, s: &Session) -> Result<(), StoreError> {
    tx.execute(&SWEEP_SESSIONS, values![city, s.created_at.ms()]).await?;
    let row =
        values![city, digest, &s.id, &s.person, &s.csrf, s.created_at.ms(), s.seen_at.ms(), s.until.ms(), &s.agent];
    tx.insert(&SESSION, vec![row]).await.map(drop)
}

/// A person's sessions, the last used first.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn sessions(tx: &mut Tx, city: &str, person: &str) -> Result<Vec<Session>, StoreError> {
    let session = |row: &Row| {
        Ok(Session {
            id: row.string(0)?,
            person: row.string(1)?,
            csrf: row.string(2)?,
            created_at: Instant(row.int(3)?),
            seen_at: Instant(row.int(4)?),
            until: Instant(row.int(5)?),
            agent: row.string(6)?,
        })
    };
    tx.fetch(&SESSIONS, values![city, person]).await?.iter().map(session).collect()
}

/// Notes that a session was used.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn seen(tx: &mut Tx, city: &str, digest: &str, at: Instant) -> Result<(), StoreError> {
    tx.execute(&SEEN, values![city, digest, at.ms()]).await.map(drop)
}

/// Ends a person's session. False when there is none of this id.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn end_session(tx: &mut Tx, city: &str, person: &str, id: &str) -> Result<bool, StoreError> {
    Ok(tx.execute(&END_SESSION, values![city, person, id]).await? > 0)
}

/// Ends the session of this digest.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn end_digest(tx: &mut Tx, city: &str, digest: &str) -> Result<(), StoreError> {
    tx.execute(&END_DIGEST, values![city, digest]).await.map(drop)
}

/// Ends a person's sessions but one; all of them when none has the id `keep`.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn end_others(tx: &mut Tx, city: &str, person: &str, keep: &str) -> Result<(), StoreError> {
    tx.execute(&END_OTHERS, values![city, person, keep]).await.map(drop)
}

/// Adds a token.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn insert_token(tx: &mut Tx, city: &str, digest: &str, t: &Token) -> Result<(), StoreError> {
    let row = values![
        city,
        digest,
        &t.id,
        &t.person,
        &t.scopes,
        t.created_at.ms(),
        t.until.map(Instant::ms),
        t.revoked_at.map(Instant::ms)
    ];
    tx.insert(&TOKEN, vec![row]).await.map(drop)
}

fn token(row: &Row) -> Result<Token, StoreError> {
    Ok(Token {
        id: row.string(0)?,
        person: row.string(1)?,
        scopes: row.string(2)?,
        created_at: Instant(row.int(3)?),
        until: row.opt_int(4)?.map(Instant),
        revoked_at: row.opt_int(5)?.map(Instant),
    })
}

/// Tokens of a person, or of everybody.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn tokens(tx: &mut Tx, city: &str, person: Option<&str>) -> Result<Vec<Token>, StoreError> {
    let rows = match person {
        Some(person) => tx.fetch(&TOKENS, values![city, person]).await?,
        None => tx.fetch(&ALL_TOKENS, values![city]).await?,
    };
    rows.iter().map(token).collect()
}

/// A token by its id.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn find_token(tx: &mut Tx, city: &str, id: &str) -> Result<Option<Token>, StoreError> {
    tx.fetch_optional(&TOKEN_BY_ID, values![city, id]).await?.map(|row| token(&row)).transpose()
}

/// Revokes a token. False when it was revoked before.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn revoke(tx: &mut Tx, city: &str, id: &str, at: Instant) -> Result<bool, StoreError> {
    Ok(tx.execute(&REVOKE, values![city, id, at.ms()]).await? > 0)
}

/// Failed sign-ins of a login, by the HMAC of it.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn failures(tx: &mut Tx, city: &str, login: &[u8]) -> Result<Failures, StoreError> {
    match tx.fetch_optional(&FAILURES, values![city, login]).await? {
        Some(row) => Ok(Failures { failures: row.int(0)?, locked_until: row.opt_int(1)?.map(Instant) }),
        None => Ok(Failures { failures: 0, locked_until: None }),
    }
}

/// Keeps the failed sign-ins of a login, and forgets what nobody tried since `before`.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn set_failures(
    tx: &mut Tx,
    city: &str,
    login: &[u8],
    f: Failures,
    at: Instant,
    before: Instant,
) -> Result<(), StoreError> {
    tx.execute(&SWEEP_FAILURES, values![city, before.ms()]).await?;
    let row = values![city, login, f.failures, f.locked_until.map(Instant::ms), at.ms()];
    tx.upsert(&FAILURE, vec![row]).await.map(drop)
}

/// Forgets the failed sign-ins of a login.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn clear_failures(tx: &mut Tx, city: &str, login: &[u8]) -> Result<(), StoreError> {
    tx.execute(&CLEAR, values![city, login]).await.map(drop)
}
