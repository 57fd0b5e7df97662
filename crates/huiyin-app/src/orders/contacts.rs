//! Contacts that wait: what could not be read waits for a person, who reads it raw and opens its order, or sets it aside
//! with a reason. Nothing is ever deleted; what was set aside can be taken back.

use std::sync::Arc;

use huiyin_core::{calendar::Due, order::Refusal, policy::Basis, time::Instant};
use huiyin_store::{
    contents::{self, ContactRow},
    records,
};
use serde_json::json;

use crate::{Actor, App, CommandError, Scope, input, permission};

/// Why a contact may be set aside.
pub const REASONS: &[&str] = &["spam", "duplicate", "test", "empty"];

/// Where a contact stands.
pub const STATES: &[&str] = &["waiting", "dismissed"];

/// Contacts of a page.
pub const PAGE: i64 = 100;

/// Encodings a contact may be read in, each as the web names it.
pub const ENCODINGS: &[&str] = &["utf-8", "gb18030", "big5", "utf-16le", "koi8-r", "windows-1251"];

/// A contact that no order was opened for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// Its id.
    pub id: String,
    /// How it came in.
    pub channel: String,
    /// The channel's own id of it.
    pub external_id: Option<String>,
    /// When the city received it.
    pub received_at: Instant,
    /// When it was stored.
    pub stored_at: Instant,
    /// `waiting` or `dismissed`.
    pub state: String,
    /// Why it could not be read.
    pub fault: String,
    /// Its length in bytes.
    pub size: usize,
    /// Why it was set aside.
    pub reason: Option<String>,
    /// When.
    pub settled_at: Option<Instant>,
    /// By whom.
    pub settled_by: Option<String>,
    /// While it waits, by when a person looks at it by the rules, and where that stands.
    pub limit: Option<(Due, Basis)>,
}

fn waiting(app: &App, row: ContactRow) -> Waiting {
    let ContactRow { contact, stored_at, sealed, reason, settled_at, settled_by } = row;
    let waits = contact.state == "waiting";
    Waiting {
        limit: waits.then(|| app.pack.contact_limit(&contact.channel, contact.received_at)).flatten(),
        id: contact.id,
        channel: contact.channel,
        external_id: contact.external_id,
        received_at: contact.received_at,
        stored_at,
        state: contact.state,
        fault: contact.fault.unwrap_or_default(),
        size: usize::try_from(sealed).unwrap_or(0).saturating_sub(huiyin_store::seal::OVERHEAD),
        reason,
        settled_at,
        settled_by,
    }
}

fn may(actor: &Actor, scope: Scope) -> Result<(), CommandError> {
    if !permission::INTAKE.iter().any(|role| actor.has(*role)) {
        return Err(CommandError::Forbidden("the call centre, the office or a sub-centre".into()));
    }
    if !actor.allows(scope) {
        return Err(CommandError::Forbidden(format!("a token with scope {}", scope.code())));
    }
    Ok(())
}

/// Contacts in a state, the oldest first; those after a moment and id.
///
/// # Errors
/// [`CommandError::Forbidden`] for those who do not take matters in; [`CommandError::Invalid`] for an unknown state.
pub async fn list(
    app: &Arc<App>,
    actor: &Actor,
    state: &str,
    after: Option<(Instant, String)>,
) -> Result<Vec<Waiting>, CommandError> {
    may(actor, Scope::OrdersRead)?;
    if !STATES.contains(&state) {
        return Err(CommandError::invalid("state", format!("write one of {}", STATES.join(", "))));
    }
    let (own, state) = (Arc::clone(app), state.to_owned());
    let (at, id) = after.unwrap_or((Instant(0), String::new()));
    let rows = app
        .db
        .read("contacts", move |tx| {
            Box::pin(async move { contents::contacts(tx, own.city.as_str(), &state, at, &id, PAGE).await })
        })
        .await?;
    Ok(rows.into_iter().map(|row| waiting(app, row)).collect())
}

/// How many contacts wait; counting stops after a thousand.
///
/// # Errors
/// As [`list`].
pub async fn count(app: &Arc<App>, actor: &Actor) -> Result<i64, CommandError> {
    may(actor, Scope::OrdersRead)?;
    let own = Arc::clone(app);
    Ok(app
        .db
        .read("contacts", move |tx| {
            Box::pin(async move { contents::count_contacts(tx, own.city.as_str(), "waiting").await })
        })
        .await?)
}

/// A contact and what came in, as it came. That it was read is kept in the contact's chain.
///
/// # Errors
/// [`CommandError::NotFound`] when there is none; [`CommandError::Forbidden`] as [`list`], and without the scope to read
/// identities, which stand in it unsealed.
pub async fn read(app: &Arc<App>, actor: &Actor, id: &str) -> Result<(Waiting, Vec<u8>), CommandError> {
    may(actor, Scope::OrdersReveal)?;
    input::code_text("id", id).map_err(|_| CommandError::NotFound)?;
    let asked = (Arc::clone(app), actor.clone(), id.to_owned());
    app.db
        .write("contact", move |tx| {
            let (app, actor, id) = asked.clone();
            Box::pin(async move {
                let city = app.city.as_str();
                let row = contents::contact_row_of(tx, city, &id).await?;
                let row = row.filter(|row| row.contact.order.is_none()).ok_or(CommandError::NotFound)?;
                let sealed = contents::body(tx, city, &row.contact.raw).await?.unwrap_or_default();
                let aad = format!("{city}/{id}");
                let raw = app.master.open_identity(&sealed, aad.as_bytes());
                let raw = raw.map_err(|error| CommandError::Internal(format!("contact {id}: {error}")))?;
                // Looked at again by the same person it is one reading.
                let chain = chain(&id);
                let last = records::chain_end(tx, city, &chain).await?;
                if last.is_none_or(|last| last.name != "contact.read" || last.person != actor.person.as_str()) {
                    let person = actor.person.as_str();
                    records::add_to_chain(tx, city, &chain, app.now(), person, "contact.read", "{}").await?;
                }
                Ok((waiting(&app, row), raw))
            })
        })
        .await
}

/// The chain of a contact.
fn chain(id: &str) -> String {
    format!("contact:{id}")
}

/// Sets a contact aside: it waits no longer, and nothing of it is lost.
///
/// # Errors
/// [`CommandError::NotFound`]; [`CommandError::Refused`] when somebody was faster; [`CommandError::Invalid`].
pub async fn dismiss(
    app: &Arc<App>,
    actor: &Actor,
    id: &str,
    reason: &str,
    note: Option<&str>,
) -> Result<(), CommandError> {
    may(actor, Scope::OrdersWrite)?;
    if !REASONS.contains(&reason) {
        return Err(CommandError::invalid("reason", format!("write one of {}", REASONS.join(", "))));
    }
    let mut texts = Vec::new();
    let note = match note.map(str::trim).filter(|note| !note.is_empty()) {
        Some(note) => Some(input::seal_text(app, "note", note, &mut texts)?),
        None => None,
    };
    let entry = json!({ "reason": reason, "note": note }).to_string();
    let content = note.map(|note| note.content.0);
    settle(app, actor, id, "contact.dismissed", entry, Some((reason.to_owned(), content)), texts).await
}

/// Takes back that a contact was set aside: it waits again.
///
/// # Errors
/// [`CommandError::NotFound`]; [`CommandError::Refused`] when it is not set aside.
pub async fn restore(app: &Arc<App>, actor: &Actor, id: &str) -> Result<(), CommandError> {
    may(actor, Scope::OrdersWrite)?;
    settle(app, actor, id, "contact.restored", "{}".into(), None, Vec::new()).await
}

async fn settle(
    app: &Arc<App>,
    actor: &Actor,
    id: &str,
    event: &'static str,
    entry: String,
    aside: Option<(String, Option<String>)>,
    texts: Vec<contents::NewContent>,
) -> Result<(), CommandError> {
    input::code_text("id", id).map_err(|_| CommandError::NotFound)?;
    let job = Arc::new((Arc::clone(app), actor.clone(), id.to_owned(), entry, aside, texts));
    app.db
        .write("settle", move |tx| {
            let job = Arc::clone(&job);
            Box::pin(async move {
                let (app, actor, id, entry, aside, texts) = &*job;
                let (city, now, person) = (app.city.as_str(), app.now(), actor.person.as_str());
                let found = contents::contact(tx, city, id).await?.ok_or(CommandError::NotFound)?;
                let changed = match aside {
                    Some((reason, note)) => {
                        contents::dismiss(tx, city, id, reason, note.as_deref(), now, person).await?
                    }
                    None => contents::restore(tx, city, id).await?,
                };
                if !changed {
                    let why = format!("the contact is `{}` by now; somebody was faster", found.state);
                    return Err(Refusal::new("contact.settled", why).into());
                }
                contents::insert(tx, city, now, texts).await?;
                records::add_to_chain(tx, city, &chain(id), now, person, event, entry).await?;
                Ok(())
            })
        })
        .await
}

/// Most of a contact that is shown at once, in bytes.
pub const SHOWN: usize = 64 * 1024;

/// What came in, written out for a person: in an encoding, without what would move or hide text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// The text; what is no text stands as `\xNN`.
    pub text: String,
    /// Whether some of it could not be read in this encoding.
    pub faults: bool,
    /// Whether there is more than is shown.
    pub cut: bool,
}

/// Writes a contact out in an encoding; in UTF-8 where the encoding is none of [`ENCODINGS`].
pub fn shown(raw: &[u8], encoding: &str) -> Shown {
    let (part, cut) = (&raw[..raw.len().min(SHOWN)], raw.len() > SHOWN);
    let encoding = if ENCODINGS.contains(&encoding) { encoding } else { "utf-8" };
    let mut text = String::with_capacity(part.len());
    let mut faults = false;
    if encoding == "utf-8" {
        for chunk in part.utf8_chunks() {
            text.extend(chunk.valid().chars().map(|c| if is_shown(c) { c } else { '\u{fffd}' }));
            for byte in chunk.invalid() {
                faults = true;
                text.push_str(&format!("\\x{byte:02x}"));
            }
        }
    } else if let Some(encoding) = encoding_rs::Encoding::for_label(encoding.as_bytes()) {
        let (read, broken) = encoding.decode_without_bom_handling(part);
        faults = broken;
        text.extend(read.chars().map(|c| if is_shown(c) { c } else { '\u{fffd}' }));
    }
    Shown { text, faults, cut }
}

/// Not marks that turn text around or hide it, nor control characters but for line ends and tabs.
fn is_shown(c: char) -> bool {
    matches!(c, '\n' | '\t')
        || !(c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'))
}

#[cfg(test)]
mod tests {
    use super::{SHOWN, shown};

    #[test]
    fn what_is_no_text_is_shown_as_bytes_and_other_encodings_are_tried() {
        let gb = b"\xc8\xfd\xd1\xc7\xcd\xe5\xc2\xb7";
        let plain = shown(gb, "utf-8");
        assert!(plain.faults && plain.text.contains("\\xc8"), "{}", plain.text);
        assert_eq!(shown(gb, "gb18030").text, "三亚湾路");
        assert_eq!(shown(b"a\x00b\x1b[31m<script>", "x-unknown").text, "a\u{fffd}b\u{fffd}[31m<script>");
        assert!(!shown("左\u{202e}右".as_bytes(), "utf-8").text.contains('\u{202e}'));
        let long = vec![b'x'; SHOWN + 1];
        assert!(shown(&long, "utf-8").cut && shown(&long, "big5").text.len() == SHOWN);
    }
}
