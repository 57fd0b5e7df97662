//! What a post is: its position in the unit, and the terms it is held on.

use serde::{Deserialize, Serialize};

/// Makes an enum of codes, each with the words people write for it.
macro_rules! codes {
    ($(#[$doc:meta])* $name:ident, $what:literal { $($(#[$each:meta])* $variant:ident = $code:literal [$($word:literal),*]),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum $name {
            $($(#[$each])* $variant),+
        }

        impl $name {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The code.
            pub fn code(self) -> &'static str {
                match self {
                    $(Self::$variant => $code),+
                }
            }

            /// The one a person means who writes the code or a Chinese word for it.
            pub fn read(text: &str) -> Option<Self> {
                match text {
                    $($code $(| $word)* => Some(Self::$variant),)+
                    _ => None,
                }
            }
        }

        impl TryFrom<&str> for $name {
            type Error = String;

            fn try_from(text: &str) -> Result<Self, String> {
                Self::read(text).ok_or_else(|| {
                    let all: Vec<_> = Self::ALL.iter().map(|one| one.code()).collect();
                    format!(concat!("`{}` is not ", $what, "; write {}"), text, all.join(", "))
                })
            }
        }
    };
}
pub(super) use codes;

codes! {
    /// What a person is in a unit.
    Position, "a position" {
        /// Of the unit's leading group (领导小组).
        LeadingGroup = "leading-group" ["领导小组", "领导小组成员"],
        /// The head, who is responsible.
        Head = "head" ["负责人", "主要负责人", "第一责任人"],
        /// The deputy in charge.
        Deputy = "deputy" ["分管领导", "分管负责人"],
        /// Handles orders (信息采编员).
        Handler = "handler" ["信息采编员", "采编员", "经办人"],
        /// Anybody else.
        Staff = "staff" ["工作人员", "职员"],
    }
}

impl Position {
    /// Whether a change of the person must be filed with the hotline office.
    pub fn is_filed(self) -> bool {
        matches!(self, Self::Head | Self::Deputy | Self::Handler)
    }
}

codes! {
    /// On which terms a person works in a unit.
    Terms, "a kind of terms" {
        /// Of the unit itself.
        Own = "own" ["在编", "本单位"],
        /// Sent by another unit.
        Seconded = "seconded" ["借调", "派驻"],
        /// Of a supplier.
        Supplier = "supplier" ["外包", "服务商", "供应商"],
    }
}
