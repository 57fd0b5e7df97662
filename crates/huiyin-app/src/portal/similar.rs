//! Open matters like one that is being written, told by subject, place and state alone: no word of another claimant.
//!
//! What is compared is their titles with what somebody writes, by pairs of characters; what is shown is the pack's name of
//! the subject and the register's of the area.

use std::{collections::HashSet, sync::Arc};

use huiyin_store::portal as store;

use crate::{App, CommandError};

/// How far back, in milliseconds.
const BACK: i64 = 30 * 24 * 3_600_000;
/// Orders looked at.
const LOOKED_AT: i64 = 300;
/// Shown at most.
const SHOWN: usize = 3;
/// What share of a title's pairs must be in what is written.
const ALIKE: f64 = 0.4;

/// A matter like it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Similar {
    /// Its id, to go along with it.
    pub id: String,
    /// Its subject's names, the most general first.
    pub subject: Vec<String>,
    /// Its area.
    pub area: String,
    /// Its state.
    pub state: String,
}

/// Letters and digits that stand beside one another.
fn pairs(text: &str) -> HashSet<(char, char)> {
    let plain: Vec<char> = text.chars().filter(|char| char.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    plain.windows(2).map(|pair| (pair[0], pair[1])).collect()
}

/// How much of `of` is in `text`.
fn share(of: &HashSet<(char, char)>, text: &HashSet<(char, char)>) -> f64 {
    if of.len() < 3 {
        return 0.0;
    }
    of.intersection(text).count() as f64 / of.len() as f64
}

/// Open matters like what is written. Reports have none: whoever reports goes along with nobody.
///
/// # Errors
/// [`CommandError::Unavailable`] without a database.
pub async fn to(app: &Arc<App>, kind: &str, what: &str, place: &str) -> Result<Vec<Similar>, CommandError> {
    let today = app.zone().day(app.now());
    let apart = |kind: &str| app.pack.lists("secret.kinds_default", today, kind);
    if apart(kind) {
        return Ok(Vec::new());
    }
    let (own, since) = (Arc::clone(app), app.now().plus(-BACK));
    let open = app
        .db
        .read("portal similar", move |tx| {
            Box::pin(async move { store::open_orders(tx, own.city.as_str(), since, LOOKED_AT).await })
        })
        .await?;
    let written = pairs(&format!("{what} {place}"));
    let mut found: Vec<(f64, Similar)> = open
        .into_iter()
        .filter(|order| order.kind.as_deref().is_none_or(|kind| !apart(kind)))
        .filter_map(|order| {
            let node = app.pack.subject(&order.subject)?;
            let area = order.area.as_deref().and_then(|code| app.pack.area(code));
            // The kind a portal's title begins with says nothing.
            let title = order.title.split_once('：').map_or(order.title.as_str(), |(_, title)| title);
            let mut alike = share(&pairs(title), &written);
            if share(&pairs(&node.name), &written) > 0.6 {
                alike += 0.2;
            }
            if area.is_some_and(|area| place.contains(area.name.trim_end_matches("居委会").trim_end_matches("社区")))
            {
                alike += 0.1;
            }
            (alike >= ALIKE).then(|| {
                let area = area.map_or_else(String::new, |area| area.name.clone());
                (alike, Similar { id: order.id, subject: node.path.clone(), area, state: order.state })
            })
        })
        .collect();
    found.sort_by(|a, b| b.0.total_cmp(&a.0));
    Ok(found.into_iter().take(SHOWN).map(|(_, similar)| similar).collect())
}

#[cfg(test)]
mod tests {
    use super::{pairs, share};

    #[test]
    fn likeness_is_of_what_is_said() {
        let written = pairs("昨晚大东海夜市又把桌子摆到人行道上，占道经营，盲道也占了");
        assert!(share(&pairs("大东海夜市占道经营"), &written) > 0.6);
        assert!(share(&pairs("社保卡补办材料咨询"), &written) < 0.1);
        assert_eq!(share(&pairs("占道"), &written), 0.0, "two characters say too little");
    }
}
