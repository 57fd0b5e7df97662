//! Identifiers, each its own type: text ids are made by the caller (UUIDv7), numbers count within one order.

/// Makes a text identifier type.
macro_rules! text_id {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub String);

        impl $name {
            /// The identifier as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.to_owned())
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self(text)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
    )+};
}

/// Makes a number that counts within one order, from 1.
macro_rules! number {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub u32);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }
    )+};
}

text_id! {
    /// A city on this deployment (`sanya`).
    CityId,
    /// An order.
    OrderId,
    /// A contact: one call, letter, mail or message as it came in.
    ContactId,
    /// A claimant: one person's identity, sealed apart from the order.
    ClaimantId,
    /// A stored text or file.
    ContentId,
    /// A person who works with the system.
    PersonId,
    /// A unit of the organisation register, by its code in the pack.
    UnitId,
}

number! {
    /// A task of an order.
    TaskNo,
    /// A request of an order.
    RequestNo,
    /// A clock of an order.
    ClockNo,
    /// A duty to tell a claimant something.
    DutyNo,
}
