//! Reports of delivery.

use huiyin_core::time::Instant;
use jiff::{Timestamp, fmt::strtime, tz::TimeZone};
use serde_json::Value;
use subtle::ConstantTimeEq;

use super::{
    at,
    settings::{ReportFormat, ReportSettings, Settings},
    word,
};
use crate::settings::{Fault, code};

/// What a gateway says became of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryReport {
    /// The receipt given when the message was taken.
    pub receipt: String,
    /// What became of it.
    pub state: DeliveryState,
    /// When, if it says so.
    pub at: Option<Instant>,
    /// The network's own code for the reason, if it gives one.
    pub code: Option<String>,
}

/// How far a message has come. In this order they only grow: a report of an earlier state than the known one changes nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum DeliveryState {
    /// The network has it.
    Accepted,
    /// It was given up for its age.
    Expired,
    /// It never will be delivered.
    Failed,
    /// The phone has it.
    Delivered,
}

/// What was read of one post of a gateway.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reports {
    /// The reports, in their order.
    pub read: Vec<DeliveryReport>,
    /// How many more there were, which could not be read.
    pub unread: usize,
}

/// How a gateway's reports are read.
#[derive(Debug, Clone)]
pub struct Mapping {
    settings: ReportSettings,
    zone: TimeZone,
}

impl Mapping {
    /// The mapping the settings of short messages tell, if reports are to come.
    ///
    /// # Errors
    /// When a setting makes no sense.
    pub fn of(settings: &Settings) -> Result<Option<Self>, Fault> {
        settings.report.as_ref().map(Self::new).transpose()
    }

    fn new(settings: &ReportSettings) -> Result<Self, Fault> {
        let token = settings.token.reveal();
        if token.len() < 8 || !token.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.~".contains(&b)) {
            return Err(Fault::new("sms.report.token", "must be 8 or more letters, digits, `-`, `_`, `.` or `~`"));
        }
        for (setting, path) in [("sms.report.receipt", &settings.receipt), ("sms.report.state", &settings.state)] {
            if path.is_empty() {
                return Err(Fault::new(setting, "say where it is"));
            }
        }
        if settings.delivered.is_empty() {
            return Err(Fault::new("sms.report.delivered", "say which state means delivered"));
        }
        let zone = zone("sms.report.zone", &settings.zone)?;
        Ok(Self { settings: settings.clone(), zone })
    }

    /// Whether somebody who posts to the hook under this token may report. It takes the same time whatever is wrong with it.
    pub fn allows(&self, token: &str) -> bool {
        self.settings.token.reveal().as_bytes().ct_eq(token.as_bytes()).into()
    }

    /// Whether reports come as the query of an address, and not in a body.
    pub fn in_query(&self) -> bool {
        self.settings.format == ReportFormat::Query
    }

    /// What the gateway wants to hear once its reports are stored.
    pub fn answer(&self) -> &str {
        &self.settings.answer
    }

    /// Reads the reports in a query or body. The same ones may come again, late, and in any order.
    pub fn read(&self, input: &[u8]) -> Reports {
        let mut reports = Reports::default();
        let mut take = |report: Option<DeliveryReport>| match report {
            Some(report) => reports.read.push(report),
            None => reports.unread += 1,
        };
        match self.settings.format {
            ReportFormat::Query | ReportFormat::Form => {
                let pairs: Vec<_> = form_urlencoded::parse(input).collect();
                take(self.report(|name| {
                    pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone().into_owned())
                }));
            }
            ReportFormat::Json => {
                let json: Option<Value> = serde_json::from_slice(input).ok();
                match json.as_ref().and_then(|json| at(json, &self.settings.items)) {
                    Some(Value::Array(items)) => {
                        items.iter().for_each(|item| take(self.report(|path| at(item, path).and_then(word))));
                    }
                    Some(item) => take(self.report(|path| at(item, path).and_then(word))),
                    None => take(None),
                }
            }
        }
        reports
    }

    fn report(&self, field: impl Fn(&str) -> Option<String>) -> Option<DeliveryReport> {
        let settings = &self.settings;
        let receipt = field(&settings.receipt).filter(|receipt| !receipt.is_empty() && receipt.len() <= 256)?;
        let said = field(&settings.state)?;
        let state = [
            (&settings.accepted, DeliveryState::Accepted),
            (&settings.delivered, DeliveryState::Delivered),
            (&settings.failed, DeliveryState::Failed),
            (&settings.expired, DeliveryState::Expired),
        ]
        .into_iter()
        .find_map(|(words, state)| words.contains(&said).then_some(state))?;
        let at = settings.at.as_deref().and_then(&field).and_then(|text| self.instant(text.trim()));
        let code = settings.code.as_deref().and_then(&field).and_then(|word| code(&word).map(str::to_owned));
        Some(DeliveryReport { receipt, state, at, code })
    }

    fn instant(&self, text: &str) -> Option<Instant> {
        let at = match self.settings.at_format.as_str() {
            "unix" => Timestamp::from_second(text.parse().ok()?).ok()?,
            "unix-ms" => Timestamp::from_millisecond(text.parse().ok()?).ok()?,
            format => {
                let read = strtime::parse(format, text).ok()?;
                match read.to_timestamp() {
                    Ok(at) => at,
                    Err(_) => read.to_datetime().ok()?.to_zoned_datetime(self.zone.clone()).ok()?.timestamp(),
                }
            }
        };
        Some(Instant(at.as_millisecond()))
    }
}

/// The time zone a setting names.
pub(super) fn zone(setting: &str, name: &str) -> Result<TimeZone, Fault> {
    TimeZone::get(name).map_err(|_| Fault::new(setting, format!("no time zone is called `{}`", name.escape_debug())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Secret;

    fn words(words: &[&str]) -> Vec<String> {
        words.iter().map(|&word| word.to_owned()).collect()
    }

    fn settings(format: ReportFormat) -> ReportSettings {
        ReportSettings {
            token: Secret::new("report-token"),
            answer: String::new(),
            format,
            items: String::new(),
            receipt: "receipt".to_owned(),
            state: "state".to_owned(),
            accepted: words(&["4", "8"]),
            delivered: words(&["1"]),
            failed: words(&["2", "16"]),
            expired: Vec::new(),
            at: Some("at".to_owned()),
            at_format: "unix".to_owned(),
            zone: "Asia/Shanghai".to_owned(),
            code: Some("code".to_owned()),
        }
    }

    fn report(receipt: &str, state: DeliveryState, at: Option<i64>, code: Option<&str>) -> DeliveryReport {
        DeliveryReport { receipt: receipt.to_owned(), state, at: at.map(Instant), code: code.map(str::to_owned) }
    }

    #[test]
    fn kannel_reports_by_query() {
        use DeliveryState::{Accepted, Delivered, Failed};
        let kannel = Mapping::new(&settings(ReportFormat::Query)).expect("settings");
        for (value, state) in [(1, Delivered), (2, Failed), (4, Accepted), (8, Accepted), (16, Failed)] {
            let read = kannel.read(format!("receipt=k%2D1&state={value}&at=1795500350&code=ACK%2F").as_bytes());
            assert_eq!(
                read,
                Reports { read: vec![report("k-1", state, Some(1_795_500_350_000), Some("ACK/"))], unread: 0 }
            );
        }
        // A time that is none is no reason to lose the report; a state that is none is.
        assert_eq!(kannel.read(b"receipt=k&state=1&at=soon").read, [report("k", Delivered, None, None)]);
        for unread in ["", "receipt=k", "state=1", "receipt=&state=1", "receipt=k&state=3", "receipt=k&state=%E4"] {
            assert_eq!(kannel.read(unread.as_bytes()), Reports { read: vec![], unread: 1 }, "{unread}");
        }
    }

    #[test]
    fn a_cloud_reports_by_json() {
        use DeliveryState::{Delivered, Failed};
        let cloud = Mapping::new(&ReportSettings {
            receipt: "biz_id".to_owned(),
            state: "success".to_owned(),
            delivered: words(&["true"]),
            failed: words(&["false"]),
            at: Some("report_time".to_owned()),
            at_format: "%Y-%m-%d %H:%M:%S".to_owned(),
            code: Some("err_code".to_owned()),
            ..settings(ReportFormat::Json)
        })
        .expect("settings");
        let input = r#"[
            {"phone_number":"13800138000","report_time":"2026-11-24 14:05:50","success":true,"err_code":"DELIVERED","biz_id":"b1"},
            {"phone_number":"13800138000","report_time":"2026-11-24 14:05:51","success":false,"err_code":"发往13800138000失败","biz_id":"b2"},
            {"success":true},
            7
        ]"#;
        let read = cloud.read(input.as_bytes());
        // Their times are Beijing's, whatever zone this machine is in.
        assert_eq!(
            read.read,
            [
                report("b1", Delivered, Some(1_795_500_350_000), Some("DELIVERED")),
                report("b2", Failed, Some(1_795_500_351_000), None)
            ]
        );
        assert_eq!(read.unread, 2);
        assert_eq!(cloud.read(br#"{"biz_id":9,"success":true}"#).read, [report("9", Delivered, None, None)]);
        assert_eq!(cloud.read(b"[]"), Reports::default());
        for garbage in [&b""[..], b"[", b"\xff"] {
            assert_eq!(cloud.read(garbage), Reports { read: vec![], unread: 1 });
        }
        let nested =
            Mapping::new(&ReportSettings { items: "data.list".to_owned(), ..cloud.settings }).expect("settings");
        assert_eq!(nested.read(br#"{"data":{"list":[{"biz_id":"b","success":true}]}}"#).read.len(), 1);
        assert_eq!(nested.read(br#"{"data":{}}"#).unread, 1);
    }

    #[test]
    fn a_time_with_its_own_offset_keeps_it() {
        let mapping = Mapping::new(&ReportSettings {
            at_format: "%Y-%m-%dT%H:%M:%S%:z".to_owned(),
            ..settings(ReportFormat::Form)
        })
        .expect("settings");
        let read = mapping.read(b"receipt=k&state=1&at=2026-11-24T06:05:50%2B00:00");
        assert_eq!(read.read[0].at, Some(Instant(1_795_500_350_000)));
    }

    #[test]
    fn states_only_grow() {
        use DeliveryState::{Accepted, Delivered, Expired, Failed};
        assert!(Accepted < Expired && Expired < Failed && Failed < Delivered);
    }

    #[test]
    fn only_the_token_allows() {
        let mapping = Mapping::new(&settings(ReportFormat::Query)).expect("settings");
        assert!(mapping.allows("report-token"));
        for wrong in ["", "report-toke", "report-tokem", "report-token2"] {
            assert!(!mapping.allows(wrong), "{wrong}");
        }
    }

    #[test]
    fn a_fault_names_its_setting() {
        type Spoil = fn(&mut ReportSettings);
        let cases: [(&str, Spoil); 5] = [
            ("sms.report.token", |s| s.token = Secret::new("short")),
            ("sms.report.token", |s| s.token = Secret::new("a/b/c/d/e/f")),
            ("sms.report.receipt", |s| s.receipt.clear()),
            ("sms.report.delivered", |s| s.delivered.clear()),
            ("sms.report.zone", |s| s.zone = "Mars/Base".to_owned()),
        ];
        for (setting, spoil) in cases {
            let mut settings = settings(ReportFormat::Query);
            spoil(&mut settings);
            assert_eq!(Mapping::new(&settings).expect_err(setting).setting, setting);
        }
    }
}
