//! What the configuration says of channels.

use std::{path::Path, time::Duration};

use serde::Deserialize;

/// The commented settings of every channel, each with its default: a part of the printed configuration.
pub const EXAMPLE: &str = include_str!("example.toml");

/// The channels' part of the configuration. A channel that is not there is off.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// Outgoing mail.
    pub email: Option<crate::email::Settings>,
    /// Outgoing short messages.
    pub sms: Option<crate::sms::Settings>,
}

/// A setting that makes no sense.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{setting}`: {what}")]
pub struct Fault {
    /// The setting's name, such as `sms.url`.
    pub setting: String,
    /// What is wrong with it.
    pub what: String,
}

impl Fault {
    pub(crate) fn new(setting: impl Into<String>, what: impl Into<String>) -> Self {
        Self { setting: setting.into(), what: what.into() }
    }
}

/// A value that is never shown.
#[derive(Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// Keeps a value from being shown.
    pub fn new(value: impl Into<String>) -> Self {
        Self(value.into())
    }

    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("…")
    }
}

/// Reads a file of certificates that a setting names.
pub(crate) fn certificates(setting: &str, path: &Path) -> Result<Vec<u8>, Fault> {
    std::fs::read(path).map_err(|e| Fault::new(setting, format!("`{}` cannot be read: {e}", path.display())))
}

/// The time for one attempt. A message is taken from the queue for a while only: an attempt that outlasts it may overlap with
/// the next.
pub(crate) fn limit(setting: &str, seconds: u64) -> Result<Duration, Fault> {
    match seconds {
        1..=60 => Ok(Duration::from_secs(seconds)),
        _ => Err(Fault::new(setting, format!("`{seconds}` is not from 1 to 60"))),
    }
}

/// What another side gave as its own word for a result, if it is a code: short, plain, and nothing like a phone number.
/// Anything else may repeat the message, and is left out of reasons.
pub(crate) fn code(word: &str) -> Option<&str> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | ':' | '/');
    let mut digits = 0;
    let number_like = word.chars().any(|c| {
        digits = if c.is_ascii_digit() { digits + 1 } else { 0 };
        digits > 6
    });
    (!word.is_empty() && word.len() <= 64 && word.chars().all(plain) && !number_like).then_some(word)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use huiyin_app::ports::{Clock, SetClock};
    use huiyin_core::time::Instant;

    use super::*;

    #[test]
    fn only_plain_codes_are_repeated() {
        for word in ["0", "isv.BUSINESS_LIMIT_CONTROL", "IllegalMac", "DELIVRD", "ACK/"] {
            assert_eq!(code(word), Some(word));
        }
        for word in ["", "13800138000", "no such number 138", "号码无效", "a\nb", &"x".repeat(65)] {
            assert_eq!(code(word), None, "{word}");
        }
    }

    /// The commented example, with the comment marks of one of its parts taken away.
    fn example(part: &str) -> Settings {
        let text = EXAMPLE
            .split("\n\n")
            .filter(|block| block.starts_with(part))
            .flat_map(str::lines)
            .filter_map(|line| line.strip_prefix("# "))
            .map(|line| format!("{line}\n"))
            .collect::<String>();
        toml::from_str(&text).unwrap_or_else(|e| panic!("{part}: {e}\n{text}"))
    }

    #[test]
    fn what_the_example_shows_can_be_used() {
        let clock: Arc<dyn Clock> = Arc::new(SetClock::at(Instant(0)));
        for part in ["## mail", "## kannel", "## mas", "## cloud"] {
            let settings = example(part);
            assert!(settings.email.is_some() != settings.sms.is_some(), "{part}");
            assert_eq!(crate::carriers(&settings, &clock).map(|c| c.len()), Ok(1), "{part}");
            if let Some(sms) = &settings.sms {
                crate::sms::Mapping::of(sms).expect(part);
            }
        }
    }

    #[test]
    fn secrets_are_not_shown() {
        let all = format!("{:?} {:?} {:?}", example("## mail"), example("## kannel"), example("## mas"));
        for secret in ["mail-password", "kannel-password", "mas-secret", "report-token"] {
            assert!(EXAMPLE.contains(secret) && !all.contains(secret), "{secret}");
        }
    }
}
