//! What a command or query can end in beside an answer.

use huiyin_core::order::Refusal;
use huiyin_store::StoreError;

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CommandError {
    /// The rules refuse it.
    #[error("{0}")]
    Refused(Refusal),
    /// One may see the thing, but not do this to it.
    #[error("this needs {0}")]
    Forbidden(String),
    /// There is no such thing, or one may not see it.
    #[error("not found")]
    NotFound,
    /// The input cannot be read.
    #[error("{field}: {message}")]
    Invalid {
        /// Which field.
        field: String,
        /// What is wrong and what to write.
        message: String,
    },
    /// It was changed by somebody else since.
    #[error("the order has changed: it is at version {now}")]
    Stale {
        /// The version it has now.
        now: u64,
    },
    /// More was sent than is taken.
    #[error("this is larger than {most} bytes; send less")]
    TooLarge {
        /// How much is taken.
        most: u64,
    },
    /// The key was used for something else.
    #[error("this idempotency key was used for another request; use a new key")]
    KeyReused,
    /// Not signed in, or no longer.
    #[error("sign in first")]
    Unauthenticated,
    /// Too many attempts.
    #[error("too many attempts; wait {seconds} seconds")]
    TooMany {
        /// How long to wait.
        seconds: i64,
    },
    /// The database is away.
    #[error("{0}")]
    Unavailable(String),
    /// A fault of the program or of stored data.
    #[error("{0}")]
    Internal(String),
}

impl CommandError {
    /// A fault of the input.
    pub fn invalid(field: &str, message: impl Into<String>) -> Self {
        Self::Invalid { field: field.to_owned(), message: message.into() }
    }

    /// Whether it is an answer to what was asked, and no fault of the program or the database.
    pub(crate) fn is_an_answer(&self) -> bool {
        matches!(
            self,
            Self::Refused(_) | Self::Forbidden(_) | Self::NotFound | Self::Invalid { .. } | Self::Stale { .. }
        )
    }

    /// A short code for logs and programs.
    pub fn code(&self) -> &str {
        match self {
            Self::Refused(refusal) => &refusal.code,
            Self::Forbidden(_) => "forbidden",
            Self::NotFound => "not_found",
            Self::Invalid { .. } => "input.invalid",
            Self::Stale { .. } => "order.stale",
            Self::TooLarge { .. } => "too_large",
            Self::KeyReused => "key.reused",
            Self::Unauthenticated => "unauthenticated",
            Self::TooMany { .. } => "too_many",
            Self::Unavailable(_) => "unavailable",
            Self::Internal(_) => "internal",
        }
    }
}

impl From<Refusal> for CommandError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<StoreError> for CommandError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable(why) => Self::Unavailable(format!("the database is not available: {why}")),
            other => Self::Internal(other.to_string()),
        }
    }
}
