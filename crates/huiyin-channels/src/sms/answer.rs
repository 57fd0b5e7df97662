//! What a gateway's answer means.

use huiyin_app::ports::Sent;
use serde_json::Value;

use super::{
    at,
    settings::{AnswerSettings, ReceiptRule},
    word,
};
use crate::settings::{Fault, code};

/// The rules an answer is read by.
#[derive(Debug, Clone)]
pub(super) struct Answer {
    settings: AnswerSettings,
    report_follows: bool,
}

impl Answer {
    pub(super) fn new(settings: &AnswerSettings, report_follows: bool) -> Result<Self, Fault> {
        let fault = |setting, what| Err(Fault::new(setting, what));
        if settings.path.is_some() && settings.equals.is_empty() {
            return fault(
                "sms.answer.equals",
                "is missing: `sms.answer.path` says where the result is, not which is good",
            );
        }
        if settings.path.is_none() && !(settings.equals.is_empty() && settings.refused.is_empty()) {
            return fault("sms.answer.path", "is missing, but `equals` or `refused` are set");
        }
        if settings.path.is_some() && !settings.begins.is_empty() {
            return fault("sms.answer.begins", "is for answers that are no JSON; `path` is set already");
        }
        if settings.equals.iter().any(|result| settings.refused.contains(result)) {
            return fault("sms.answer.refused", "has a result that `equals` has too");
        }
        if report_follows && settings.receipt == ReceiptRule::None {
            return fault(
                "sms.answer.receipt",
                "must not be `none` where `[sms.report]` is set: reports would name nothing",
            );
        }
        Ok(Self { settings: settings.clone(), report_follows })
    }

    /// Whether the answer's text is needed at all.
    pub(super) fn needs_text(&self) -> bool {
        self.settings.path.is_some()
            || !self.settings.begins.is_empty()
            || !matches!(self.settings.receipt, ReceiptRule::Key | ReceiptRule::None)
    }

    /// What became of a message by the answer to it. `text` is `None` where the answer could not be read to its end.
    pub(super) fn judge(&self, status: u16, text: Option<&str>, key: &str) -> Sent {
        let rules = &self.settings;
        if rules.refused_status.contains(&status) && !rules.status.contains(&status) {
            return Sent::Never(format!("the gateway refused the message ({status})"));
        }
        let good = if rules.status.is_empty() { (200..300).contains(&status) } else { rules.status.contains(&status) };
        if !good {
            return Sent::Later(format!("the gateway answered {status}"));
        }
        if !self.needs_text() {
            return self.taken(Some(key.to_owned()).filter(|_| rules.receipt == ReceiptRule::Key));
        }
        // From here on the gateway may have taken it even if we cannot read so; the key is what keeps it from two.
        let Some(text) = text else {
            return Sent::Later("the gateway's answer is too long or broke off".to_owned());
        };
        let json: Option<Value> = serde_json::from_str(text).ok();
        if let Some(path) = &rules.path {
            let Some(result) = json.as_ref().and_then(|json| at(json, path)).and_then(word) else {
                return Sent::Later("the gateway's answer has no result in it".to_owned());
            };
            if rules.refused.contains(&result) {
                return Sent::Never(format!(
                    "the gateway refused the message ({})",
                    code(&result).unwrap_or("no code")
                ));
            }
            if !rules.equals.contains(&result) {
                return Sent::Later(format!("the gateway answered {}", code(&result).unwrap_or("something unknown")));
            }
        } else if !rules.begins.is_empty() && !rules.begins.iter().any(|begins| text.trim_start().starts_with(begins)) {
            return Sent::Later("the gateway answered something unknown".to_owned());
        }
        self.taken(match &rules.receipt {
            ReceiptRule::Key => Some(key.to_owned()),
            ReceiptRule::None => None,
            ReceiptRule::Path(path) => json.as_ref().and_then(|json| at(json, path)).and_then(word),
            ReceiptRule::Between(before, after) => between(text, before, after),
        })
    }

    fn taken(&self, receipt: Option<String>) -> Sent {
        // It is taken without a receipt too; only, no report will find it.
        let receipt = receipt.map(|receipt| receipt.trim().to_owned()).filter(|r| !r.is_empty() && r.len() <= 256);
        Sent::Taken { report_follows: self.report_follows && receipt.is_some(), receipt }
    }
}

fn between(text: &str, before: &str, after: &str) -> Option<String> {
    let (_, rest) = text.split_once(before)?;
    let found = match after {
        "" => rest.lines().next()?,
        after => rest.split_once(after)?.0,
    };
    Some(found.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(receipt: &str) -> Sent {
        Sent::Taken { receipt: Some(receipt.to_owned()), report_follows: true }
    }

    fn rules(change: impl FnOnce(&mut AnswerSettings)) -> Answer {
        let mut settings = AnswerSettings::default();
        change(&mut settings);
        Answer::new(&settings, true).expect("settings")
    }

    #[test]
    fn status_alone() {
        let answer = rules(|_| {});
        assert_eq!(answer.judge(202, None, "k"), taken("k"));
        for status in [400, 413, 422] {
            assert!(matches!(answer.judge(status, Some(""), "k"), Sent::Never(_)), "{status}");
        }
        for status in [302, 401, 403, 404, 408, 429, 500, 502, 503] {
            assert!(matches!(answer.judge(status, Some(""), "k"), Sent::Later(_)), "{status}");
        }
        let strict = rules(|s| s.status = vec![202]);
        assert!(matches!(strict.judge(200, None, "k"), Sent::Later(_)));
    }

    #[test]
    fn a_result_in_json() {
        let answer = rules(|s| {
            s.path = Some("data.0.code".to_owned());
            s.equals = vec!["0".to_owned()];
            s.refused = vec!["BadNumber".to_owned()];
            s.receipt = ReceiptRule::Path("data.0.id".to_owned());
        });
        assert_eq!(answer.judge(200, Some(r#"{"data":[{"code":0,"id":77}]}"#), "k"), taken("77"));
        assert_eq!(
            answer.judge(200, Some(r#"{"data":[{"code":"0"}]}"#), "k"),
            Sent::Taken { receipt: None, report_follows: false }
        );
        assert_eq!(
            answer.judge(200, Some(r#"{"data":[{"code":"BadNumber"}]}"#), "k"),
            Sent::Never("the gateway refused the message (BadNumber)".to_owned())
        );
        assert_eq!(
            answer.judge(200, Some(r#"{"data":[{"code":"no such number 13800138000"}]}"#), "k"),
            Sent::Later("the gateway answered something unknown".to_owned())
        );
        for garbage in ["", "<html>", r#"{"data":[]}"#, r#"{"data":[{"code":null}]}"#, r#"{"data":[{"code":0}"#] {
            assert!(matches!(answer.judge(200, Some(garbage), "k"), Sent::Later(_)), "{garbage}");
        }
        assert!(matches!(answer.judge(200, None, "k"), Sent::Later(_)));
    }

    #[test]
    fn an_answer_in_words() {
        let answer = rules(|s| {
            s.begins = vec!["000/".to_owned()];
            s.receipt = ReceiptRule::Between("id=".to_owned(), "&".to_owned());
        });
        assert_eq!(answer.judge(200, Some("000/ok id=a1&x"), "k"), taken("a1"));
        assert!(matches!(answer.judge(200, Some("-1/ 13800138000 id=a1&"), "k"), Sent::Later(_)));
        assert_eq!(between("id: a1\r\nmore", "id: ", ""), Some("a1".to_owned()));
        assert_eq!(between("nothing", "id: ", ""), None);
    }

    #[test]
    fn rules_that_make_no_sense() {
        type Spoil = fn(&mut AnswerSettings);
        let cases: [(&str, Spoil); 5] = [
            ("sms.answer.equals", |s| s.path = Some("a".to_owned())),
            ("sms.answer.path", |s| s.refused = vec!["1".to_owned()]),
            ("sms.answer.begins", |s| {
                s.path = Some("a".to_owned());
                s.equals = vec!["0".to_owned()];
                s.begins = vec!["0".to_owned()];
            }),
            ("sms.answer.refused", |s| {
                s.path = Some("a".to_owned());
                s.equals = vec!["0".to_owned()];
                s.refused = vec!["0".to_owned()];
            }),
            ("sms.answer.receipt", |s| s.receipt = ReceiptRule::None),
        ];
        for (setting, spoil) in cases {
            let mut settings = AnswerSettings::default();
            spoil(&mut settings);
            assert_eq!(Answer::new(&settings, true).expect_err(setting).setting, setting);
        }
    }
}
