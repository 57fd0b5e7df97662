//! Dated posts: given, ended.

use std::sync::Arc;

use huiyin_core::{
    id::{PersonId, UnitId},
    organisation::Organisation,
    policy::{Function, Pack},
    time::{Day, Instant},
};
use huiyin_store::{
    Tx, people,
    people::posts::{self as store, Post},
};
use serde_json::json;

use super::{Position, Terms, note, organisation, permit};
use crate::{Actor, App, CommandError, Role};

/// The id of a post.
pub type PostId = String;

/// A post to be given.
#[derive(Debug, Clone)]
pub struct AddPost {
    /// The unit.
    pub unit: UnitId,
    /// What the post lets the person do.
    pub role: Role,
    /// What the person is in the unit.
    pub position: Position,
    /// On which terms.
    pub terms: Terms,
    /// Who sent a seconded person, or the supplier's name.
    pub employer: Option<String>,
    /// First day; today, without.
    pub from: Option<Day>,
    /// Last day.
    pub until: Option<Day>,
}

/// By when a change of a post must be filed: the pack's limit from the day of the change, for member units.
pub(super) fn filing_due(pack: &Pack, unit: Option<Function>, position: Position, changed: Day) -> Option<Instant> {
    if unit != Some(Function::Member) || !position.is_filed() {
        return None;
    }
    let span = pack.span("filing.limit", changed)?;
    Some(pack.calendar().due(pack.zone().start_of(changed), span, huiyin_core::calendar::Ends::default()).at)
}

/// A unit in which a post can be held from a day, or what is wrong with it.
pub(super) fn check_unit(organisation: &Organisation, unit: &UnitId, from: Day) -> Result<Function, String> {
    let found = organisation.unit(unit).ok_or_else(|| format!("there is no unit `{unit}`"))?;
    if found.until.is_some_and(|until| until < from) {
        let successor = organisation.successor_in_force(unit, from);
        let next = successor.map_or_else(String::new, |next| format!("; use its successor `{}`", next.id));
        let until = found.until.map_or_else(String::new, |day| day.to_string());
        return Err(format!("the unit `{unit}` ended on {until}{next}"));
    }
    if from < found.from {
        return Err(format!("the unit `{unit}` begins on {}", found.from));
    }
    Ok(found.function)
}

/// A post as it is stored, checked.
pub(super) fn checked(
    pack: &Pack,
    organisation: &Organisation,
    add: &AddPost,
    id: String,
    person: &str,
    now: Instant,
) -> Result<Post, CommandError> {
    let from = add.from.unwrap_or_else(|| pack.zone().day(now));
    let function =
        check_unit(organisation, &add.unit, from).map_err(|message| CommandError::invalid("unit", message))?;
    if add.until.is_some_and(|until| until < from) {
        return Err(CommandError::invalid("until", "it is before the first day"));
    }
    let employer = add.employer.as_deref().map(str::trim).filter(|employer| !employer.is_empty());
    match (add.terms, employer) {
        (Terms::Own, Some(_)) => {
            return Err(CommandError::invalid("employer", "say whether the person is seconded or of a supplier"));
        }
        (Terms::Seconded | Terms::Supplier, None) => {
            return Err(CommandError::invalid("employer", "name the unit that seconds, or the supplier"));
        }
        _ => {}
    }
    Ok(Post {
        id,
        person: person.to_owned(),
        unit: add.unit.as_str().to_owned(),
        role: add.role.code().to_owned(),
        position: add.position.code().to_owned(),
        terms: add.terms.code().to_owned(),
        employer: employer.map(str::to_owned),
        from,
        until: add.until,
        changed_at: now,
        filing_due: filing_due(pack, Some(function), add.position, from),
        filed_at: None,
        filed_by: None,
        receipt: None,
        received_at: None,
    })
}

/// Whether two posts are the same one over days they share.
pub(super) fn overlap(a: &Post, b: &Post) -> bool {
    let same = a.person == b.person && a.unit == b.unit && a.role == b.role && a.position == b.position;
    same && b.until.is_none_or(|until| a.from <= until) && a.until.is_none_or(|until| b.from <= until)
}

/// Whether the actor may give or take a role: an admin any; a leader those of units.
pub(super) fn may_give(actor: &Actor, role: Role) -> Result<(), CommandError> {
    if permit::is_admin(actor) || matches!(role, Role::Officer | Role::Leader) {
        return Ok(());
    }
    Err(CommandError::Forbidden(format!("the role admin, to give or take the role {}", role.code())))
}

/// Writes a new post with its entries in the chains of person and unit.
pub(super) async fn write(tx: &mut Tx, city: &str, by: &str, now: Instant, post: &Post) -> Result<(), CommandError> {
    let held = store::of_person(tx, city, &post.person).await?;
    if held.iter().any(|old| overlap(old, post)) {
        return Err(CommandError::invalid("from", "the person holds this post in some of these days already"));
    }
    store::save(tx, city, std::slice::from_ref(post)).await?;
    record(tx, city, by, now, "post.added", post).await
}

/// The entries of a post's change.
pub(super) async fn record(
    tx: &mut Tx,
    city: &str,
    by: &str,
    now: Instant,
    name: &str,
    post: &Post,
) -> Result<(), CommandError> {
    let body = json!({
        "post": post.id, "person": post.person, "unit": post.unit, "role": post.role, "position": post.position,
        "terms": post.terms, "from": post.from.number(), "until": post.until.map(Day::number),
        "filing_due": post.filing_due.map(Instant::ms),
    });
    note(tx, city, &format!("person:{}", post.person), now, by, name, body.clone()).await?;
    note(tx, city, &format!("unit:{}", post.unit), now, by, name, body).await?;
    Ok(())
}

/// Gives a person a further post. A change of head, deputy or handler of a member unit must then be filed.
///
/// # Errors
/// [`CommandError::Forbidden`] for all but an admin and leaders of the unit; [`CommandError::NotFound`] for an unknown
/// person or a unit one may not see; [`CommandError::Invalid`] for days or an employer that cannot be.
pub async fn add_post(app: &App, by: &Actor, person: &PersonId, add: AddPost) -> Result<PostId, CommandError> {
    may_give(by, add.role)?;
    let (city, now, id, pack) = (app.city.clone(), app.now(), app.id(), Arc::clone(&app.pack));
    let input = Arc::new((by.clone(), person.clone(), add));
    app.db
        .write("add post", move |tx| {
            let (city, id, pack, input) = (city.clone(), id.clone(), Arc::clone(&pack), Arc::clone(&input));
            Box::pin(async move {
                let (city, (by, person, add)) = (city.as_str(), &*input);
                let units = organisation(tx, city).await?;
                let may = permit::manages(by, &units, &add.unit);
                permit::require(may, by, &units, &add.unit, "the role leader in the unit")?;
                let found = people::find(tx, city, person.as_str()).await?.ok_or(CommandError::NotFound)?;
                let post = checked(&pack, &units, add, id, &found.id, now)?;
                write(tx, city, by.person.as_str(), now, &post).await?;
                Ok(post.id)
            })
        })
        .await
}

/// Makes a day the last of a post. The end of a head's, deputy's or handler's post must be filed too, from the day after.
///
/// # Errors
/// As [`add_post`]; [`CommandError::Invalid`] for a day before the first, or when it ended by then already.
pub async fn end_post(app: &App, by: &Actor, post: &str, last: Day) -> Result<(), CommandError> {
    let (city, now, pack) = (app.city.clone(), app.now(), Arc::clone(&app.pack));
    let input = Arc::new((by.clone(), post.to_owned()));
    app.db
        .write("end post", move |tx| {
            let (city, pack, input) = (city.clone(), Arc::clone(&pack), Arc::clone(&input));
            Box::pin(async move {
                let (city, (by, id)) = (city.as_str(), &*input);
                let mut post = store::find(tx, city, id).await?.ok_or(CommandError::NotFound)?;
                let (units, unit) = (organisation(tx, city).await?, UnitId(post.unit.clone()));
                let may = permit::manages(by, &units, &unit);
                permit::require(may, by, &units, &unit, "the role leader in the unit")?;
                may_give(by, Role::try_from(post.role.as_str()).map_err(CommandError::Internal)?)?;
                if last < post.from {
                    return Err(CommandError::invalid("until", format!("the post begins on {}", post.from)));
                }
                if post.until.is_some_and(|until| until <= last) {
                    return Err(CommandError::invalid("until", "the post has ended by then already"));
                }
                end(&pack, &units, &mut post, last, now)?;
                store::save(tx, city, std::slice::from_ref(&post)).await?;
                record(tx, city, by.person.as_str(), now, "post.ended", &post).await
            })
        })
        .await
}

/// Gives a post a last day, and the filing that follows from it.
pub(super) fn end(
    pack: &Pack,
    units: &Organisation,
    post: &mut Post,
    last: Day,
    now: Instant,
) -> Result<(), CommandError> {
    let position = Position::try_from(post.position.as_str()).map_err(CommandError::Internal)?;
    let function = units.unit(&UnitId(post.unit.clone())).map(|unit| unit.function);
    post.until = Some(last);
    post.changed_at = now;
    // A change that is not filed yet keeps its own, earlier limit: the list filed then holds both.
    let due = filing_due(pack, function, position, last.next());
    let earlier = post.filing_due.filter(|_| post.filed_at.is_none());
    post.filing_due = earlier.into_iter().chain(due).min();
    (post.filed_at, post.filed_by, post.receipt, post.received_at) = (None, None, None, None);
    Ok(())
}
