//! Persons: entered, seeded, told apart, switched off.

use std::sync::Arc;

use huiyin_core::{
    id::{PersonId, UnitId},
    time::{Day, Instant},
};
use huiyin_store::{
    StoreError, people,
    people::{Person, Private, posts as store, sign_in as sessions},
    seal::normalise_phone,
};
use serde_json::json;

use super::{AddPost, Position, Terms, note, organisation, password, permit, posts, sign_in::normal_login};
use crate::{Actor, App, CommandError, Role};

/// A person to be entered, with at least one post.
#[derive(Debug, Clone)]
pub struct AddPerson {
    /// What they will sign in with.
    pub login: String,
    /// Name.
    pub name: String,
    /// Office phone.
    pub phone: Option<String>,
    /// Their posts.
    pub posts: Vec<AddPost>,
}

/// A person just entered.
#[derive(Debug, Clone)]
pub struct AddedPerson {
    /// Who.
    pub person: PersonId,
    /// A temporary password, shown this once.
    pub password: Private,
}

/// Name and phone of a person.
#[derive(Debug, Clone)]
pub struct ContactDetails {
    /// Name.
    pub name: String,
    /// Office phone.
    pub phone: Option<String>,
}

/// A person for a new or demonstration system, entered by the system itself.
#[derive(Debug, Clone)]
pub struct SeedPerson<'a> {
    /// What they sign in with.
    pub login: &'a str,
    /// Their password.
    pub password: &'a str,
    /// Whether it must be changed at the first sign-in.
    pub must_change: bool,
    /// Name.
    pub name: &'a str,
    /// Office phone.
    pub phone: Option<&'a str>,
    /// Their posts.
    pub posts: Vec<AddPost>,
    /// Whether the posts count as filed, as when a whole register is taken over.
    pub filed: bool,
}

/// A post of a unit with who holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// The post.
    pub id: String,
    /// Who.
    pub person: PersonId,
    /// Login of the holder.
    pub login: String,
    /// Name of the holder.
    pub name: String,
    /// Phone of the holder.
    pub phone: Option<Private>,
    /// Whether the holder may sign in.
    pub active: bool,
    /// The unit.
    pub unit: UnitId,
    /// What it lets the person do.
    pub role: Role,
    /// What the person is in the unit.
    pub position: Position,
    /// On which terms.
    pub terms: Terms,
    /// Who seconds or supplies.
    pub employer: Option<String>,
    /// First day.
    pub from: Day,
    /// Last day.
    pub until: Option<Day>,
    /// By when the last change must be filed.
    pub filing_due: Option<Instant>,
    /// When it was filed.
    pub filed_at: Option<Instant>,
    /// The office's receipt.
    pub receipt: Option<String>,
}

impl Held {
    /// Whether it is held on a day.
    pub fn in_force(&self, day: Day) -> bool {
        self.from <= day && self.until.is_none_or(|until| day <= until)
    }
}

pub(super) fn held(row: store::Held) -> Result<Held, CommandError> {
    let post = row.post;
    Ok(Held {
        id: post.id,
        person: PersonId(post.person),
        login: row.login,
        name: row.name,
        phone: row.phone,
        active: row.active,
        unit: UnitId(post.unit),
        role: Role::try_from(post.role.as_str()).map_err(CommandError::Internal)?,
        position: Position::try_from(post.position.as_str()).map_err(CommandError::Internal)?,
        terms: Terms::try_from(post.terms.as_str()).map_err(CommandError::Internal)?,
        employer: post.employer,
        from: post.from,
        until: post.until,
        filing_due: post.filing_due,
        filed_at: post.filed_at,
        receipt: post.receipt,
    })
}

/// What is wrong with a login, if anything.
pub(super) fn check_login(login: &str) -> Result<(), String> {
    let fits = |char: char| char.is_ascii_lowercase() || char.is_ascii_digit() || ".-_@".contains(char);
    if !(2..=64).contains(&login.len()) || !login.chars().all(fits) {
        return Err("use 2 to 64 of a-z, 0-9 and . - _ @".into());
    }
    if ["system", "claimant"].contains(&login) {
        return Err(format!("`{login}` is kept for the program itself; use another"));
    }
    Ok(())
}

/// A name without blanks around it, or what is wrong with it.
pub(super) fn check_name(name: &str) -> Result<String, String> {
    let name = name.trim();
    match name.chars().count() {
        0 => Err("write a name".into()),
        1..=80 if !name.chars().any(char::is_control) => Ok(name.to_owned()),
        _ => Err("write at most 80 characters on one line".into()),
    }
}

/// A phone number as people write it, if it is one; none for an empty text. Staff numbers are shown and dialled as
/// written, so they are not rewritten.
pub(super) fn check_phone(phone: &str, area: &str) -> Result<Option<Private>, String> {
    let phone = phone.trim();
    if phone.is_empty() {
        return Ok(None);
    }
    if phone.chars().count() > 40 || normalise_phone(phone, area).is_none() {
        return Err(format!("it is not one phone number; write it as 13900000001 or {area}-88000001"));
    }
    Ok(Some(phone.into()))
}

fn checked(app: &App, login: &str, name: &str, phone: Option<&str>) -> Result<Person, CommandError> {
    let login = normal_login(login);
    check_login(&login).map_err(|message| CommandError::invalid("login", message))?;
    let area = app.pack.head().area_code.as_str();
    Ok(Person {
        id: app.id(),
        login,
        name: check_name(name).map_err(|message| CommandError::invalid("name", message))?,
        phone: check_phone(phone.unwrap_or(""), area).map_err(|message| CommandError::invalid("phone", message))?,
        password: None,
        must_change: true,
        totp: None,
        totp_pending: None,
        totp_step: 0,
        active: true,
        created_at: app.now(),
    })
}

/// Enters a checked person with posts.
async fn enter(
    app: &App,
    by: &Actor,
    person: Person,
    posts: Vec<AddPost>,
    filed: bool,
) -> Result<PersonId, CommandError> {
    let posts: Vec<(String, AddPost)> = posts.into_iter().map(|post| (app.id(), post)).collect();
    let (city, now, pack) = (app.city.clone(), app.now(), Arc::clone(&app.pack));
    let input = Arc::new((by.clone(), person, posts));
    app.db
        .write("add person", move |tx| {
            let (city, pack, input) = (city.clone(), Arc::clone(&pack), Arc::clone(&input));
            Box::pin(async move {
                let (city, (by, person, posts)) = (city.as_str(), &*input);
                let units = organisation(tx, city).await?;
                for (_, post) in posts {
                    let may = permit::manages(by, &units, &post.unit);
                    permit::require(may, by, &units, &post.unit, "the role leader in the unit")?;
                }
                if people::find_by_login(tx, city, &person.login).await?.is_some() {
                    let message = format!("`{}` is taken; use another", person.login);
                    return Err(CommandError::invalid("login", message));
                }
                people::insert(tx, city, std::slice::from_ref(person)).await?;
                let by = by.person.as_str();
                note(tx, city, &format!("person:{}", person.id), now, by, "person.added", json!({})).await?;
                for (id, add) in posts {
                    let mut post = posts::checked(&pack, &units, add, id.clone(), &person.id, now)?;
                    if filed {
                        (post.filing_due, post.filed_at, post.received_at) = (None, Some(now), Some(now));
                    }
                    posts::write(tx, city, by, now, &post).await?;
                }
                Ok(PersonId(person.id.clone()))
            })
        })
        .await
}

/// Enters a person with their posts and a temporary password.
///
/// # Errors
/// [`CommandError::Forbidden`] for all but an admin and leaders of every unit named; [`CommandError::Invalid`] for a
/// login that is taken or a value that cannot be; [`CommandError::NotFound`] for a unit one may not see.
pub async fn add_person(app: &App, by: &Actor, input: AddPerson) -> Result<AddedPerson, CommandError> {
    if input.posts.is_empty() {
        permit::require_admin(by)?;
        return Err(CommandError::invalid("posts", "give the person at least one post"));
    }
    for post in &input.posts {
        posts::may_give(by, post.role)?;
    }
    let person = checked(app, &input.login, &input.name, input.phone.as_deref())?;
    let text = password::temporary(&*app.entropy);
    let person = Person { password: Some(password::hash(app, &text).await?), ..person };
    let person = enter(app, by, person, input.posts, false).await?;
    Ok(AddedPerson { person, password: text.into() })
}

/// Enters a person in the name of the system: for the first admin, the command line and the demonstration.
///
/// # Errors
/// [`CommandError::Invalid`] for a login that is taken or a value that cannot be.
pub async fn seed_person(app: &App, seed: SeedPerson<'_>) -> Result<PersonId, CommandError> {
    let person = checked(app, seed.login, seed.name, seed.phone)?;
    password::check(&person.login, seed.password)?;
    let hash = password::hash(app, seed.password).await?;
    let person = Person { password: Some(hash), must_change: seed.must_change, ..person };
    enter(app, &Actor::system(), person, seed.posts, seed.filed).await
}

/// Changes a person's name and phone: their own, or by an admin. The chain says only that it was done.
///
/// # Errors
/// [`CommandError::NotFound`] for somebody else's; [`CommandError::Invalid`] for a value that cannot be.
pub async fn change_contact(
    app: &App,
    by: &Actor,
    person: &PersonId,
    input: ContactDetails,
) -> Result<(), CommandError> {
    if !permit::is_admin(by) {
        if by.person != *person {
            return Err(CommandError::NotFound);
        }
        permit::require_person(by)?;
    }
    let name = check_name(&input.name).map_err(|message| CommandError::invalid("name", message))?;
    let area = app.pack.head().area_code.as_str();
    let phone = check_phone(input.phone.as_deref().unwrap_or(""), area)
        .map_err(|message| CommandError::invalid("phone", message))?;
    let (city, now) = (app.city.clone(), app.now());
    let input = Arc::new((by.person.clone(), person.clone(), name, phone));
    app.db
        .write("change contact", move |tx| {
            let (city, input) = (city.clone(), Arc::clone(&input));
            Box::pin(async move {
                let (city, (by, id, name, phone)) = (city.as_str(), &*input);
                people::find(tx, city, id.as_str()).await?.ok_or(CommandError::NotFound)?;
                people::set_contact(tx, city, id.as_str(), name, phone.as_ref()).await?;
                note(tx, city, &format!("person:{id}"), now, by.as_str(), "person.changed", json!({})).await?;
                Ok(())
            })
        })
        .await
}

/// Lets a person sign in, or no longer: then their sessions end and their tokens are refused.
///
/// # Errors
/// [`CommandError::Forbidden`] for all but an admin; [`CommandError::NotFound`] for an unknown person.
pub async fn set_active(app: &App, by: &Actor, person: &PersonId, active: bool) -> Result<(), CommandError> {
    permit::require_admin(by)?;
    if by.person == *person && !active {
        return Err(CommandError::invalid("active", "nobody switches themselves off; ask another admin"));
    }
    let (city, now, by, id) = (app.city.clone(), app.now(), by.person.clone(), person.clone());
    let master = Arc::clone(&app.master);
    app.db
        .write("set active", move |tx| {
            let (city, by, id, master) = (city.clone(), by.clone(), id.clone(), Arc::clone(&master));
            Box::pin(async move {
                let city = city.as_str();
                let person = people::find(tx, city, id.as_str()).await?.ok_or(CommandError::NotFound)?;
                if !people::set_active(tx, city, &person.id, active).await? {
                    return Ok(());
                }
                let name = if active { "person.activated" } else { "person.deactivated" };
                if active {
                    sessions::clear_failures(tx, city, &master.lookup("login", &person.login)).await?;
                } else {
                    sessions::end_others(tx, city, &person.id, "").await?;
                }
                note(tx, city, &format!("person:{id}"), now, by.as_str(), name, json!({})).await?;
                Ok(())
            })
        })
        .await
}

/// A person's account, without what is secret in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// The person.
    pub id: PersonId,
    /// Login.
    pub login: String,
    /// Name.
    pub name: String,
    /// Whether they may sign in.
    pub active: bool,
    /// Whether the password must be changed first.
    pub must_change: bool,
    /// Whether a one-time code is asked for.
    pub totp: bool,
}

/// Everybody's accounts, by login.
///
/// # Errors
/// [`CommandError::Forbidden`] for all but an admin.
pub async fn persons(app: &App, actor: &Actor) -> Result<Vec<Account>, CommandError> {
    permit::require_admin(actor)?;
    let city = app.city.clone();
    let all = app.db.read("persons", move |tx| Box::pin(async move { people::all(tx, city.as_str()).await })).await?;
    Ok(all
        .into_iter()
        .map(|one| Account {
            id: PersonId(one.id),
            login: one.login,
            name: one.name,
            active: one.active,
            must_change: one.must_change,
            totp: one.totp.is_some(),
        })
        .collect())
}

/// Who works or worked in a unit, by first day.
///
/// # Errors
/// [`CommandError::NotFound`] for a unit one may not see.
pub async fn unit_people(app: &App, actor: &Actor, unit: &UnitId) -> Result<Vec<Held>, CommandError> {
    let units = app.current_organisation().await?;
    permit::require(permit::sees(actor, &units, unit), actor, &units, unit, "")?;
    let (city, unit) = (app.city.clone(), unit.clone());
    let rows = app
        .db
        .read("unit people", move |tx| Box::pin(async move { store::of_unit(tx, city.as_str(), unit.as_str()).await }))
        .await?;
    rows.into_iter().map(held).collect()
}

/// A person's posts, past ones too: one's own, or those in units one may see.
///
/// # Errors
/// [`CommandError::NotFound`] for a person of whom one may see no post.
pub async fn person_posts(app: &App, actor: &Actor, person: &PersonId) -> Result<Vec<Held>, CommandError> {
    let units = app.current_organisation().await?;
    let (city, id) = (app.city.clone(), person.clone());
    let found = app
        .db
        .read("person posts", move |tx| {
            Box::pin(async move {
                let city = city.as_str();
                let Some(person) = people::find(tx, city, id.as_str()).await? else { return Ok(None) };
                let posts = store::of_person(tx, city, id.as_str()).await?;
                Ok::<_, StoreError>(Some((person, posts)))
            })
        })
        .await?;
    let (holder, posts) = found.ok_or(CommandError::NotFound)?;
    let own = actor.person == *person && actor.scopes.is_none();
    let seen: Vec<Held> = posts
        .into_iter()
        .filter(|post| own || permit::sees(actor, &units, &UnitId(post.unit.clone())))
        .map(|post| {
            held(store::Held {
                post,
                login: holder.login.clone(),
                name: holder.name.clone(),
                phone: holder.phone.clone(),
                active: holder.active,
            })
        })
        .collect::<Result<_, _>>()?;
    if seen.is_empty() && !own && !permit::is_admin(actor) { Err(CommandError::NotFound) } else { Ok(seen) }
}
