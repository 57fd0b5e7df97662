//! The words for where an order, a task, a request stands.

use serde::{Deserialize, Serialize};

/// Makes an enum whose codes are its kebab-case names.
macro_rules! codes {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $code:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum $name { $($(#[$vdoc])* #[serde(rename = $code)] $variant),+ }

        impl $name {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The code.
            pub fn code(self) -> &'static str {
                match self { $(Self::$variant => $code),+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.code())
            }
        }

        impl TryFrom<&str> for $name {
            type Error = String;

            fn try_from(code: &str) -> Result<Self, String> {
                match code {
                    $($code => Ok(Self::$variant),)+
                    _ => Err(format!(concat!("`{}` is not one of ", $("`", $code, "` "),+), code)),
                }
            }
        }
    };
}

codes! {
    /// How a contact came in.
    Channel {
        /// A call.
        Phone = "phone",
        /// A paper letter.
        Letter = "letter",
        /// A fax.
        Fax = "fax",
        /// An e-mail.
        Email = "email",
        /// A short message.
        Sms = "sms",
        /// A multimedia message.
        Mms = "mms",
        /// A WeChat message.
        Wechat = "wechat",
        /// A Weibo message.
        Weibo = "weibo",
        /// The public pages.
        Web = "web",
        /// A voice message.
        Voice = "voice",
        /// A visit in person.
        Visit = "visit",
    }
}

codes! {
    /// How pressing a matter is: found by the call centre, over a kind that stays.
    Urgency {
        /// As the rules have it.
        Normal = "normal",
        /// To be looked at first.
        Urgent = "urgent",
        /// Danger: commanded by system and phone.
        Emergency = "emergency",
    }
}

codes! {
    /// How an order ended.
    Outcome {
        /// Answered directly, without a unit.
        Answered = "answered",
        /// Handled by a unit.
        Handled = "handled",
        /// Praise, passed on.
        PassedOn = "passed-on",
        /// Not accepted.
        Refused = "refused",
        /// Handed to another service.
        Transferred = "transferred",
        /// Taken back by the claimant.
        Withdrawn = "withdrawn",
        /// Goes on inside another order.
        Merged = "merged",
        /// Ended by the office.
        Stopped = "stopped",
    }
}

codes! {
    /// Where a task stands.
    TaskState {
        /// At the unit, not yet signed for.
        Delivered = "delivered",
        /// Signed for.
        Signed = "signed",
        /// Being handled.
        Accepted = "accepted",
        /// Answered, waiting for the level above.
        FedBack = "fed-back",
        /// Finished.
        Done = "done",
        /// Given back as not the unit's.
        Returned = "returned",
        /// Taken back by the level above.
        Recalled = "recalled",
    }
}

impl TaskState {
    /// Whether the unit still owes something.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Delivered | Self::Signed | Self::Accepted)
    }
}

codes! {
    /// A unit's part in an order.
    Role {
        /// Answers as one for all.
        Lead = "lead",
        /// Helps the lead.
        Assist = "assist",
    }
}

codes! {
    /// What a claimant must be told.
    Told {
        /// That the matter is accepted.
        Accepted = "accepted",
        /// That it is not, and why.
        Refused = "refused",
        /// Where it went.
        Transferred = "transferred",
        /// A new date and why.
        Extended = "extended",
        /// The plan and the review date.
        Shelved = "shelved",
        /// A date earlier than the one told before.
        Hastened = "hastened",
        /// What came of it.
        Result = "result",
    }
}

/// Where an order stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// A contact waits for a person.
    Intake,
    /// An order, to be dispatched.
    Registered,
    /// A task is open.
    Assigned,
    /// The answer is being looked at.
    Review,
    /// The claimant is being asked.
    Callback,
    /// Ended.
    Closed(Outcome),
    /// Ended for good.
    Archived(Outcome),
}

impl State {
    /// The codes of all states.
    pub const CODES: &'static [&'static str] =
        &["intake", "registered", "assigned", "review", "callback", "closed", "archived"];

    /// The code, without the outcome.
    pub fn code(self) -> &'static str {
        match self {
            Self::Intake => "intake",
            Self::Registered => "registered",
            Self::Assigned => "assigned",
            Self::Review => "review",
            Self::Callback => "callback",
            Self::Closed(_) => "closed",
            Self::Archived(_) => "archived",
        }
    }

    /// How it ended, if it did.
    pub fn outcome(self) -> Option<Outcome> {
        match self {
            Self::Closed(outcome) | Self::Archived(outcome) => Some(outcome),
            _ => None,
        }
    }

    /// Whether somebody still owes a step: before `closed`.
    pub fn is_open(self) -> bool {
        self.outcome().is_none()
    }
}
