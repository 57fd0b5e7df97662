//! The application: database, rules, ports, and the little it keeps in memory.

use std::sync::{Arc, RwLock};

use huiyin_core::{
    id::CityId,
    organisation::{Organisation, Unit},
    policy::Pack,
    time::{Day, Instant, Zone},
};
use huiyin_store::{
    Db, Schema, StoreError, Tx,
    files::Files,
    people::{
        posts::{self, Post},
        roster,
    },
    records::{self, REGISTER},
    seal::{Entropy, MasterKey, SigningKey},
    units,
};

use crate::{
    CommandError, modes,
    policy::versions::{Rules, Trials},
    ports::{Carrier, Clock, Ids},
};

/// What an application is made of.
pub struct Parts {
    /// The database, migrated.
    pub db: Db,
    /// The city's rules; the pack's name is the city.
    pub pack: Arc<Pack>,
    /// The master key.
    pub master: Arc<MasterKey>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Ids.
    pub ids: Arc<dyn Ids>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
    /// Ways out of the house.
    pub carriers: Vec<Arc<dyn Carrier>>,
    /// Where files are kept.
    pub files: Files,
}

/// The application of one city.
pub struct App {
    /// The database.
    pub db: Db,
    /// The city.
    pub city: CityId,
    /// The rules.
    pub pack: Arc<Pack>,
    /// The master key.
    pub master: Arc<MasterKey>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Ids.
    pub ids: Arc<dyn Ids>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
    /// Ways out of the house.
    pub carriers: Vec<Arc<dyn Carrier>>,
    /// Where files are kept.
    pub files: Files,
    /// Where the public reaches the pages, for links in messages; without it none are sent.
    pub public_url: Option<String>,
    /// Where the rules come from.
    pub rules: Rules,
    pub(crate) trials: Trials,
    signing: SigningKey,
    register: RwLock<(i64, Arc<Organisation>)>,
    /// Posts and duty phones, by the same version, as of a day.
    holders: RwLock<Option<(i64, Day, Arc<Holders>)>>,
    numbers: tokio::sync::Mutex<Option<NumberBlock>>,
    pub(crate) passwords: tokio::sync::Semaphore,
    /// Mebibytes of pictures that may be held at once.
    pub(crate) pictures: Arc<tokio::sync::Semaphore>,
    /// Streams of open pages.
    pub(crate) live: crate::live::Hub,
    /// Who looks at which order.
    pub(crate) room: Arc<crate::presence::Room>,
}

/// Order numbers leased to this process for a day.
#[derive(Debug, Clone, Copy)]
struct NumberBlock {
    day: i64,
    next: i64,
    end: i64,
}

/// How many numbers a node leases at once.
const NUMBERS: i64 = 100;

/// Who holds what in the units, on a day.
#[derive(Debug)]
pub(crate) struct Holders {
    /// All posts, whenever held.
    pub posts: Vec<Post>,
    /// Unit and shift of each duty phone.
    pub phones: Vec<(String, String)>,
}

/// The register of units with the modes declared.
async fn read_register(tx: &mut Tx, city: &str) -> Result<Organisation, StoreError> {
    let units = units::all(tx, city).await?;
    Ok(Organisation::new(units).with_modes(modes::declared(tx, city).await?))
}

impl App {
    /// Opens the application: checks the key, makes the signing key and the register where they are missing.
    ///
    /// # Errors
    /// When the master key is not the one this database was made with, or the database cannot be read.
    pub async fn open(parts: Parts) -> Result<Self, CommandError> {
        let Parts { db, pack, master, clock, ids, entropy, carriers, files } = parts;
        let city = CityId(pack.head().name.clone());
        let now = clock.now();
        let fresh = SigningKey::generate(&*entropy);
        let wrapped = hex(&master.wrap_signing(&fresh, "checkpoint", &*entropy));
        let (public, check) = (hex(&fresh.public()), master.check_value());
        let first: Vec<Unit> = Organisation::of_pack(&pack).units().cloned().collect();
        let key = city.clone();
        let (stored_check, stored_signing) = db
            .write("open", move |tx| {
                let (city, wrapped, public, check, first) =
                    (key.clone(), wrapped.clone(), public.clone(), check.clone(), first.clone());
                Box::pin(async move {
                    let city = city.as_str();
                    if let Some((check, _)) = records::setting(tx, city, "key_check").await? {
                        let signing = records::setting(tx, city, "signing_key").await?;
                        return Ok::<_, StoreError>((Some(check), signing.map(|(value, _)| value)));
                    }
                    records::set(tx, city, "key_check", &check).await?;
                    records::set(tx, city, "signing_key", &wrapped).await?;
                    records::set(tx, city, "signing_public", &public).await?;
                    records::set(tx, city, REGISTER, "pack").await?;
                    units::replace(tx, city, &first).await?;
                    records::add_to_chain(tx, city, "register", now, "system", "register.seeded", "{}").await?;
                    Ok((None, Some(wrapped)))
                })
            })
            .await?;
        if let Some(check) = stored_check {
            master.verify_check(&check).map_err(|error| CommandError::Internal(error.to_string()))?;
        }
        let signing = stored_signing.and_then(|text| unhex(&text)).ok_or_else(|| {
            CommandError::Internal("the signing key is missing from the database; restore a backup".into())
        })?;
        let signing =
            master.unwrap_signing(&signing, "checkpoint").map_err(|error| CommandError::Internal(error.to_string()))?;
        Ok(Self {
            db,
            city,
            pack,
            master,
            clock,
            ids,
            entropy,
            carriers,
            files,
            public_url: None,
            rules: Rules::default(),
            trials: Trials::default(),
            signing,
            register: RwLock::new((-1, Arc::new(Organisation::default()))),
            holders: RwLock::default(),
            numbers: tokio::sync::Mutex::new(None),
            passwords: tokio::sync::Semaphore::new(1),
            pictures: Arc::new(tokio::sync::Semaphore::new(crate::files::HELD)),
            live: crate::live::Hub::default(),
            room: Arc::default(),
        })
    }

    /// The same with an address by which the public reaches the pages.
    pub fn reached_at(self, public_url: Option<String>) -> Self {
        Self { public_url: public_url.map(|url| url.trim_end_matches('/').to_owned()), ..self }
    }

    /// Says where its rules come from: without, they can be read, but no new version of them be written.
    #[must_use]
    pub fn with_rules(self, rules: Rules) -> Self {
        Self { rules, ..self }
    }

    /// Now.
    pub fn now(&self) -> Instant {
        self.clock.now()
    }

    /// The city's zone.
    pub fn zone(&self) -> &Zone {
        self.pack.zone()
    }

    /// A new id.
    pub fn id(&self) -> String {
        self.ids.next(self.now())
    }

    /// Whether it can work: each thing looked at, and what is wrong with it.
    pub async fn health(&self) -> [(&'static str, Option<String>); 2] {
        let (database, schema) = match self.db.schema().await {
            Ok(Schema::Current) => (None, None),
            Ok(Schema::Behind(n)) => {
                (None, Some(format!("{n} migrations are still to be applied: run `huiyin migrate`")))
            }
            Ok(Schema::Newer(n)) => (None, Some(format!("a newer program has applied migration {n}: start that one"))),
            Err(error) => (Some(error.to_string()), Some("not known without the database".to_owned())),
        };
        [("database", database), ("schema", schema)]
    }

    /// The key checkpoints are signed with.
    pub(crate) fn signing(&self) -> &SigningKey {
        &self.signing
    }

    /// The register of units, read anew when its version has changed.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub async fn organisation(&self, tx: &mut Tx) -> Result<Arc<Organisation>, StoreError> {
        let version = records::setting(tx, self.city.as_str(), REGISTER).await?.map_or(0, |(_, version)| version);
        self.organisation_of(tx, version).await
    }

    /// The register of units as of the version that is found in this transaction.
    pub(crate) async fn organisation_of(&self, tx: &mut Tx, version: i64) -> Result<Arc<Organisation>, StoreError> {
        match self.cached_register(version) {
            Some(known) => Ok(known),
            None => Ok(self.keep_register(version, read_register(tx, self.city.as_str()).await?)),
        }
    }

    /// The register of units, outside a transaction.
    ///
    /// # Errors
    /// [`CommandError::Unavailable`] without a database.
    pub async fn current_organisation(&self) -> Result<Arc<Organisation>, CommandError> {
        let version =
            records::setting_now(&self.db, self.city.as_str(), REGISTER).await?.map_or(0, |(_, version)| version);
        match self.cached_register(version) {
            Some(known) => Ok(known),
            None => self.read_anew().await,
        }
    }

    async fn read_anew(&self) -> Result<Arc<Organisation>, CommandError> {
        let city = self.city.clone();
        let (version, fresh) = self
            .db
            .read("register", move |tx| {
                Box::pin(async move {
                    let version = records::setting(tx, city.as_str(), REGISTER).await?;
                    let fresh = read_register(tx, city.as_str()).await?;
                    Ok::<_, StoreError>((version.map_or(0, |(_, version)| version), fresh))
                })
            })
            .await?;
        Ok(self.keep_register(version, fresh))
    }

    fn cached_register(&self, version: i64) -> Option<Arc<Organisation>> {
        self.register.read().ok().filter(|cached| cached.0 == version).map(|cached| Arc::clone(&cached.1))
    }

    fn keep_register(&self, version: i64, fresh: Organisation) -> Arc<Organisation> {
        let fresh = Arc::new(fresh);
        if let Ok(mut cached) = self.register.write() {
            *cached = (version, Arc::clone(&fresh));
        }
        fresh
    }

    /// Who holds posts and duty phones, by the register as this process last read it.
    ///
    /// # Errors
    /// [`CommandError::Unavailable`] without a database.
    pub(crate) async fn holders(&self, today: Day) -> Result<Arc<Holders>, CommandError> {
        // What is read after the version can only be newer than it.
        let version = self.register.read().map_or(-1, |cached| cached.0);
        let known = self.holders.read().ok().and_then(|known| known.clone());
        if let Some((_, _, holders)) = known.filter(|known| (known.0, known.1) == (version, today)) {
            return Ok(holders);
        }
        let city = self.city.clone();
        let fresh = self.db.read("holders", move |tx| {
            Box::pin(async move {
                let city = city.as_str();
                let posts = posts::all(tx, city).await?;
                Ok::<_, StoreError>(Holders { posts, phones: roster::covered(tx, city, today).await? })
            })
        });
        let fresh = Arc::new(fresh.await?);
        if let Ok(mut known) = self.holders.write() {
            *known = Some((version, today, Arc::clone(&fresh)));
        }
        Ok(fresh)
    }

    /// The register as this process last read it, for naming units; empty before it was first read.
    pub fn known_organisation(&self) -> Arc<Organisation> {
        self.register.read().map(|cached| Arc::clone(&cached.1)).unwrap_or_default()
    }

    /// The register as this process last read it: for what is looked at again inside the transaction.
    pub(crate) async fn recent_organisation(&self) -> Result<Arc<Organisation>, CommandError> {
        let known = self.register.read().ok().filter(|cached| cached.0 >= 0).map(|cached| Arc::clone(&cached.1));
        match known {
            Some(known) => Ok(known),
            None => self.current_organisation().await,
        }
    }

    /// The next order number of today; leases a block of them when the last is used up.
    pub(crate) async fn order_number(&self, now: Instant) -> Result<String, CommandError> {
        let day = self.zone().day(now).number();
        // One lease at a time: who waits takes from the block the first one brings.
        let mut block = self.numbers.lock().await;
        if let Some(own) = block.as_mut().filter(|own| own.day == day && own.next < own.end) {
            let number = own.next;
            own.next += 1;
            return Ok(format!("{day}-{number:04}"));
        }
        let city = self.city.clone();
        // A claim: another node's lease is waited for, not fallen over.
        let first = self
            .db
            .claim("numbers", move |tx| {
                let city = city.clone();
                Box::pin(async move { records::take_numbers(tx, city.as_str(), day, NUMBERS).await })
            })
            .await?;
        *block = Some(NumberBlock { day, next: first + 1, end: first + NUMBERS });
        Ok(format!("{day}-{first:04}"))
    }
}

/// Bytes as hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Hexadecimal as bytes.
pub(crate) fn unhex(text: &str) -> Option<Vec<u8>> {
    text.len().is_multiple_of(2).then_some(())?;
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(text.get(at..at + 2)?, 16).ok()).collect()
}
