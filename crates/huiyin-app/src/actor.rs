//! Who acts: a person with posts, a program with a token, the system itself, a claimant.

use huiyin_core::{
    id::{ClaimantId, OrderId, PersonId, UnitId},
    time::Day,
};
use serde::{Deserialize, Serialize};

/// A role a post gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Call-taker.
    Agent,
    /// Hotline office.
    Office,
    /// District sub-centre.
    Subcentre,
    /// Order handler of a unit.
    Officer,
    /// Leader of a unit.
    Leader,
    /// Calls claimants back.
    Callback,
    /// Keeps the knowledge base.
    Editor,
    /// Social supervisor.
    Supervisor,
    /// City leader.
    Mayor,
    /// Runs the system.
    Admin,
}

impl Role {
    /// All of them.
    pub const ALL: &'static [Self] = &[
        Self::Agent,
        Self::Office,
        Self::Subcentre,
        Self::Officer,
        Self::Leader,
        Self::Callback,
        Self::Editor,
        Self::Supervisor,
        Self::Mayor,
        Self::Admin,
    ];

    /// The code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Agent => "agent",
            Self::Office => "office",
            Self::Subcentre => "subcentre",
            Self::Officer => "officer",
            Self::Leader => "leader",
            Self::Callback => "callback",
            Self::Editor => "editor",
            Self::Supervisor => "supervisor",
            Self::Mayor => "mayor",
            Self::Admin => "admin",
        }
    }
}

impl TryFrom<&str> for Role {
    type Error = String;

    fn try_from(code: &str) -> Result<Self, String> {
        Self::ALL.iter().copied().find(|role| role.code() == code).ok_or_else(|| {
            let all: Vec<_> = Self::ALL.iter().map(|role| role.code()).collect();
            format!("`{code}` is not a role; roles are {}", all.join(", "))
        })
    }
}

/// A post in force: a role in a unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Post {
    /// The unit.
    pub unit: UnitId,
    /// The role.
    pub role: Role,
    /// First day.
    pub from: Day,
    /// Last day.
    pub until: Option<Day>,
}

/// What a token may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Scope {
    /// Read orders.
    #[serde(rename = "orders:read")]
    OrdersRead,
    /// Give commands.
    #[serde(rename = "orders:write")]
    OrdersWrite,
    /// Read identities.
    #[serde(rename = "orders:reveal")]
    OrdersReveal,
    /// Read reports.
    #[serde(rename = "reports:read")]
    ReportsRead,
    /// Administer.
    #[serde(rename = "admin")]
    Admin,
}

impl Scope {
    /// All of them.
    pub const ALL: &'static [Self] =
        &[Self::OrdersRead, Self::OrdersWrite, Self::OrdersReveal, Self::ReportsRead, Self::Admin];

    /// The code.
    pub fn code(self) -> &'static str {
        match self {
            Self::OrdersRead => "orders:read",
            Self::OrdersWrite => "orders:write",
            Self::OrdersReveal => "orders:reveal",
            Self::ReportsRead => "reports:read",
            Self::Admin => "admin",
        }
    }
}

impl TryFrom<&str> for Scope {
    type Error = String;

    fn try_from(code: &str) -> Result<Self, String> {
        Self::ALL.iter().copied().find(|scope| scope.code() == code).ok_or_else(|| {
            let all: Vec<_> = Self::ALL.iter().map(|scope| scope.code()).collect();
            format!("`{code}` is not a scope; scopes are {}", all.join(", "))
        })
    }
}

/// Who acts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// The person; `system` for the program, `claimant:…` for the public.
    pub person: PersonId,
    /// Their name, for pages.
    pub name: String,
    /// Posts in force today.
    pub posts: Vec<Post>,
    /// Persons in whose place this one approves, by unit.
    pub stands_in: Vec<UnitId>,
    /// What the token allows; none for a signed-in person, who may do all their posts give.
    pub scopes: Option<Vec<Scope>>,
    /// The one order a claimant has shown to be theirs, by its code or link.
    pub own: Option<OrderId>,
}

/// What the person of somebody of the public begins with.
const CLAIMANT: &str = "claimant:";

/// Whether a person, as a journal names one, is somebody of the public.
pub fn is_public(person: &str) -> bool {
    person.starts_with(CLAIMANT)
}

impl Actor {
    /// Timers and other programs of the house.
    pub fn system() -> Self {
        Self {
            person: "system".into(),
            name: "系统".into(),
            posts: Vec::new(),
            stands_in: Vec::new(),
            scopes: None,
            own: None,
        }
    }

    /// Somebody of the public who raises a matter: `id` tells their files and keys from another's. No order is theirs.
    pub fn visitor(id: &str) -> Self {
        Self { person: PersonId(format!("{CLAIMANT}{id}")), name: "诉求人".into(), ..Self::system() }
    }

    /// The claimant of an order, who has shown its code or link: it alone is theirs.
    pub fn claimant_of(order: &OrderId, claimant: &ClaimantId) -> Self {
        Self { own: Some(order.clone()), ..Self::visitor(claimant.as_str()) }
    }

    /// Whether it is somebody of the public.
    pub fn is_public(&self) -> bool {
        is_public(self.person.as_str())
    }

    /// Whether it is the system itself.
    pub fn is_system(&self) -> bool {
        self.person.as_str() == "system"
    }

    /// Whether it has a role anywhere.
    pub fn has(&self, role: Role) -> bool {
        self.posts.iter().any(|post| post.role == role)
    }

    /// Units in which it has a role.
    pub fn units(&self, role: Role) -> impl Iterator<Item = &UnitId> {
        self.posts.iter().filter(move |post| post.role == role).map(|post| &post.unit)
    }

    /// Whether its token, if it uses one, allows something.
    pub fn allows(&self, scope: Scope) -> bool {
        self.scopes.as_ref().is_none_or(|scopes| scopes.contains(&scope))
    }
}
