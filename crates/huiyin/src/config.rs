//! The configuration: one TOML file, `HUIYIN_*` over it, flags over that.

use std::{
    fmt,
    net::IpAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context, Result, anyhow, bail};
use figment::{
    Figment,
    providers::{Env, Format, Serialized, Toml},
};
use serde::Deserialize;

/// The file that is read when it lies in the working folder and no other is named.
const FILE: &str = "huiyin.toml";

/// A setting, its default and what it means: what is read, printed and documented.
#[derive(Debug)]
pub struct Setting {
    /// Its name in the file; in the environment `HUIYIN_` and the name in capitals.
    pub name: &'static str,
    /// Its default, as TOML.
    pub default: &'static str,
    /// What it means.
    pub meaning: &'static str,
}

/// Every setting, but for those of channels.
pub const SETTINGS: &[Setting] = &[
    Setting { name: "listen", default: r#""127.0.0.1:12345""#, meaning: "address of the pages and the API" },
    Setting {
        name: "metrics_listen",
        default: r#""127.0.0.1:12346""#,
        meaning: "address of the metrics for Prometheus, or \"off\"",
    },
    Setting { name: "data_dir", default: r#""data""#, meaning: "folder of all that is stored on this machine" },
    Setting {
        name: "database_url",
        default: r#""sqlite://<data_dir>/huiyin.db""#,
        meaning: "sqlite://path/to/file.db or postgres://user:password@host:port/name",
    },
    Setting {
        name: "key_file",
        default: r#""<data_dir>/key""#,
        meaning: "file of the master key, made at the first start; keep a copy apart from the data and its backups",
    },
    Setting {
        name: "files_dir",
        default: r#""<data_dir>/files""#,
        meaning: "folder of the files given as evidence, sealed; one that all nodes share, where there are several",
    },
    Setting { name: "pack", default: r#""sanya""#, meaning: "the city's rules: name of a built-in pack, or a folder" },
    Setting {
        name: "secure_cookies",
        default: "false",
        meaning: "whether browsers reach the pages by HTTPS, so that cookies travel by it only; true behind a proxy",
    },
    Setting {
        name: "trusted_proxies",
        default: "[]",
        meaning: "addresses of proxies in front of it: of these, and of no others, X-Forwarded-For is believed",
    },
    Setting {
        name: "public_url",
        default: r#""off""#,
        meaning: "where the public reaches the pages, such as https://12345.example, or \"off\": messages carry no links then",
    },
    Setting { name: "body_limit", default: "1048576", meaning: "longest body of a request, in bytes" },
    Setting { name: "request_seconds", default: "30", meaning: "how long a request may take until its answer begins" },
    Setting {
        name: "requests_at_once",
        default: "512",
        meaning: "requests worked on at once; what is beyond is turned away",
    },
    Setting {
        name: "log",
        default: r#""info""#,
        meaning: "what is logged: error, warn, info, debug, or a filter such as info,huiyin_app=debug",
    },
    Setting { name: "log_format", default: r#""text""#, meaning: "text for people, json for programs" },
    Setting { name: "read_connections", default: "4", meaning: "database connections for reading" },
    Setting { name: "write_connections", default: "16", meaning: "database connections for writing, on PostgreSQL" },
    Setting {
        name: "database_wait_seconds",
        default: "15",
        meaning: "how long a start waits for a PostgreSQL that does not answer",
    },
    Setting {
        name: "stop_seconds",
        default: "30",
        meaning: "how long a stop waits for requests that are being answered",
    },
];

/// Sections of channels, whose settings stand in their own crate.
const SECTIONS: &[&str] = &["email", "sms"];

/// How logs are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    Text,
    /// For programs.
    Json,
}

/// A database address, which may hold a password.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Url(String);

impl Url {
    /// The address itself.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Whether it names a file of this machine.
    pub fn is_sqlite(&self) -> bool {
        self.0.starts_with("sqlite:")
    }
}

impl fmt::Debug for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.split_once("://").map_or("…", |(scheme, _)| scheme))
    }
}

/// The configuration.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Address of pages and API.
    pub listen: String,
    /// Address of metrics.
    pub metrics_listen: String,
    /// Data folder.
    pub data_dir: PathBuf,
    database_url: Option<Url>,
    key_file: Option<PathBuf>,
    files_dir: Option<PathBuf>,
    /// Pack.
    pub pack: String,
    /// Whether cookies travel by HTTPS only.
    pub secure_cookies: bool,
    trusted_proxies: Vec<IpAddr>,
    public_url: String,
    body_limit: usize,
    request_seconds: u64,
    requests_at_once: usize,
    /// What is logged.
    pub log: String,
    /// How.
    pub log_format: LogFormat,
    /// Connections for reading.
    pub read_connections: u32,
    /// Connections for writing.
    pub write_connections: u32,
    /// Patience with PostgreSQL at a start.
    pub database_wait_seconds: u64,
    /// Patience with requests at a stop.
    pub stop_seconds: u64,
    email: Option<huiyin_channels::email::Settings>,
    sms: Option<huiyin_channels::sms::Settings>,
}

/// What flags say over file and environment.
#[derive(Debug, Default)]
pub struct Flags {
    /// `--config`.
    pub config: Option<PathBuf>,
    /// `--listen`.
    pub listen: Option<String>,
    /// `--data-dir`.
    pub data_dir: Option<PathBuf>,
    /// `--pack`.
    pub pack: Option<String>,
}

impl Config {
    /// Reads the configuration.
    pub fn read(flags: &Flags) -> Result<Self> {
        let mut figment = Figment::from(Toml::string(&defaults()));
        if let Some(file) = file(flags)? {
            figment = figment.merge(Toml::file_exact(&file));
        }
        figment = figment.merge(environment());
        if let Some(listen) = &flags.listen {
            figment = figment.merge(Serialized::default("listen", listen));
        }
        if let Some(dir) = &flags.data_dir {
            figment = figment.merge(Serialized::default("data_dir", dir));
        }
        if let Some(pack) = &flags.pack {
            figment = figment.merge(Serialized::default("pack", pack));
        }
        let config: Self = figment.extract().map_err(explain)?;
        for (name, value) in [
            ("read_connections", config.read_connections as usize),
            ("write_connections", config.write_connections as usize),
            ("requests_at_once", config.requests_at_once),
        ] {
            if value == 0 {
                bail!("the configuration is wrong: `{name}` is at least 1");
            }
        }
        Ok(config)
    }

    /// The database.
    pub fn database_url(&self) -> Url {
        self.database_url
            .clone()
            .unwrap_or_else(|| Url(format!("sqlite://{}", self.data_dir.join("huiyin.db").display())))
    }

    /// The file of the master key.
    pub fn key_file(&self) -> PathBuf {
        self.key_file.clone().unwrap_or_else(|| self.data_dir.join("key"))
    }

    /// Where files given as evidence are kept.
    pub fn files_dir(&self) -> PathBuf {
        self.files_dir.clone().unwrap_or_else(|| self.data_dir.join("files"))
    }

    /// Whether the address of the metrics is the default one.
    pub fn metrics_by_default(&self) -> bool {
        SETTINGS
            .iter()
            .any(|setting| setting.name == "metrics_listen" && setting.default == format!("{:?}", self.metrics_listen))
    }

    /// The same without any way to send a message: an invented city calls nobody.
    pub fn silent(&self) -> Self {
        Self { email: None, sms: None, ..self.clone() }
    }

    /// How the site behaves.
    pub fn site(&self, demo: bool) -> huiyin_http::Options {
        huiyin_http::Options {
            secure_cookies: self.secure_cookies,
            demo,
            trusted_proxies: self.trusted_proxies.clone(),
            body_limit: self.body_limit,
            timeout: Duration::from_secs(self.request_seconds),
            at_once: self.requests_at_once,
            sms_reports: None,
        }
    }

    /// Channels.
    pub fn channels(&self) -> huiyin_channels::Settings {
        huiyin_channels::Settings { email: self.email.clone(), sms: self.sms.clone() }
    }

    /// Every setting with its meaning, as a file that can be read again.
    pub fn printed(&self) -> String {
        let mut text = String::from(
            "# Huiyin: every setting, its default and its meaning. A line behind # has the default.\n\
             # In the environment `listen` is HUIYIN_LISTEN, `email.password` is HUIYIN_EMAIL__PASSWORD; flags come first.\n\n",
        );
        for setting in SETTINGS {
            let now = self.value(setting.name);
            text.push_str(&format!("# {}\n", setting.meaning));
            match now {
                Some(now) if now != setting.default => {
                    text.push_str(&format!("# default: {}\n{} = {now}\n\n", setting.default, setting.name));
                }
                _ => text.push_str(&format!("# {} = {}\n\n", setting.name, setting.default)),
            }
        }
        for (section, set) in [("email", self.email.is_some()), ("sms", self.sms.is_some())] {
            if set {
                text.push_str(&format!("# [{section}] is set; its values are not printed.\n"));
            }
        }
        text.push_str(huiyin_channels::EXAMPLE);
        text
    }

    /// Where the public reaches the pages, where that is known.
    pub fn public_url(&self) -> Option<String> {
        Some(self.public_url.clone()).filter(|url| url.starts_with("http"))
    }

    /// The value in force, as TOML; none where it is the default or is not shown.
    fn value(&self, name: &str) -> Option<String> {
        let quoted = |text: &str| toml::Value::String(text.to_owned()).to_string();
        let path = |path: &Path| quoted(&path.to_string_lossy());
        Some(match name {
            "listen" => quoted(&self.listen),
            "metrics_listen" => quoted(&self.metrics_listen),
            "data_dir" => path(&self.data_dir),
            // It may hold a password: only that it is set is said.
            "database_url" => match &self.database_url {
                Some(url) if url.is_sqlite() => quoted(url.reveal()),
                Some(_) => format!("{} # the rest is not printed", quoted("postgres://…")),
                None => return None,
            },
            "key_file" => path(self.key_file.as_ref()?),
            "files_dir" => path(self.files_dir.as_ref()?),
            "pack" => quoted(&self.pack),
            "trusted_proxies" => {
                let proxies: Vec<String> =
                    self.trusted_proxies.iter().map(|proxy| quoted(&proxy.to_string())).collect();
                format!("[{}]", proxies.join(", "))
            }
            "public_url" => quoted(&self.public_url),
            "body_limit" => self.body_limit.to_string(),
            "request_seconds" => self.request_seconds.to_string(),
            "requests_at_once" => self.requests_at_once.to_string(),
            "secure_cookies" => self.secure_cookies.to_string(),
            "log" => quoted(&self.log),
            "log_format" => quoted(match self.log_format {
                LogFormat::Text => "text",
                LogFormat::Json => "json",
            }),
            "read_connections" => self.read_connections.to_string(),
            "write_connections" => self.write_connections.to_string(),
            "database_wait_seconds" => self.database_wait_seconds.to_string(),
            "stop_seconds" => self.stop_seconds.to_string(),
            _ => return None,
        })
    }
}

/// The defaults, but for those that follow from another setting.
fn defaults() -> String {
    SETTINGS
        .iter()
        .filter(|setting| !setting.default.contains('<'))
        .map(|setting| format!("{} = {}\n", setting.name, setting.default))
        .collect()
}

/// The file to read: the one named by flag or environment, or `huiyin.toml` where one works.
fn file(flags: &Flags) -> Result<Option<PathBuf>> {
    let named = flags.config.clone().or_else(|| std::env::var_os("HUIYIN_CONFIG").map(PathBuf::from));
    match named {
        Some(named) => {
            std::fs::read(&named).with_context(|| format!("the configuration `{}` cannot be read", named.display()))?;
            Ok(Some(named))
        }
        None => Ok(Path::new(FILE).is_file().then(|| PathBuf::from(FILE))),
    }
}

/// `HUIYIN_*`, of which other programs may have some of their own.
fn environment() -> Env {
    let known = |key: &str| {
        let first = key.split("__").next().unwrap_or(key);
        SETTINGS.iter().any(|setting| setting.name.eq_ignore_ascii_case(first))
            || SECTIONS.iter().any(|section| section.eq_ignore_ascii_case(first))
    };
    Env::prefixed("HUIYIN_").filter(move |key| known(key.as_str())).split("__")
}

/// Variables that look like settings and are none: a misspelt one does not pass in silence.
pub fn unknown_variables() -> Vec<String> {
    let known = environment();
    let known: Vec<String> = known.iter().map(|(key, _)| key.as_str().replace('.', "__").to_uppercase()).collect();
    std::env::vars_os()
        .filter_map(|(name, _)| name.into_string().ok())
        .filter(|name| {
            name.strip_prefix("HUIYIN_")
                .is_some_and(|key| key != "CONFIG" && !key.starts_with("TEST_") && !known.contains(&key.to_uppercase()))
        })
        .collect()
}

/// The fault of a configuration, naming the setting and where it stands.
fn explain(error: figment::Error) -> anyhow::Error {
    let faults: Vec<String> = error
        .into_iter()
        .map(|fault| {
            let place = fault.metadata.as_ref().map(|metadata| match &metadata.source {
                Some(figment::Source::File(path)) => format!("`{}`", path.display()),
                _ => metadata.name.to_string(),
            });
            let key = fault.path.join(".");
            let what = match &fault.kind {
                figment::error::Kind::UnknownField(name, known) => {
                    format!("there is no setting `{name}`; there are {}", known.join(", "))
                }
                // What was found may be a secret.
                figment::error::Kind::InvalidType(_, wanted) => format!("`{key}` must be {wanted}"),
                figment::error::Kind::InvalidValue(_, wanted) => format!("`{key}` must be {wanted}"),
                kind if key.is_empty() => kind.to_string(),
                kind => format!("`{key}`: {kind}"),
            };
            match place {
                Some(place) => format!("{what} (in {place})"),
                None => what,
            }
        })
        .collect();
    anyhow!("the configuration is wrong: {}", faults.join("; "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Config> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("huiyin.toml");
        std::fs::write(&file, text).unwrap();
        Config::read(&Flags { config: Some(file), ..Flags::default() })
    }

    #[test]
    fn what_is_printed_can_be_read_again() {
        let config = read("listen = \"127.0.0.1:1\"\npack = \"sanya\"\nread_connections = 2\n").unwrap();
        let again = read(&config.printed()).unwrap();
        assert_eq!(again.listen, "127.0.0.1:1");
        assert_eq!(again.read_connections, 2);
        assert_eq!(again.database_url(), config.database_url());
        for setting in SETTINGS {
            assert!(config.printed().contains(setting.name), "{}", setting.name);
        }
    }

    #[test]
    fn every_setting_is_documented_with_its_default() {
        let manual = include_str!("../../../docs/operations.md");
        for Setting { name, default, .. } in SETTINGS {
            let row = format!("| `{name}` | `{}` |", default.trim_matches('"'));
            assert!(manual.contains(&row), "{row}");
        }
    }

    #[test]
    fn an_unknown_setting_is_refused_by_name() {
        let error = read("listn = \"127.0.0.1:1\"\n").unwrap_err().to_string();
        assert!(error.contains("`listn`") && error.contains("listen"), "{error}");
        let error = read("read_connections = \"many\"\n").unwrap_err().to_string();
        assert!(error.contains("`read_connections`"), "{error}");
    }

    #[test]
    fn a_password_is_neither_printed_nor_shown() {
        let config = read("database_url = \"postgres://huiyin:geheim@127.0.0.1/huiyin\"\n").unwrap();
        let all = format!("{config:?} {}", config.printed());
        assert!(!all.contains("geheim"), "{all}");
        let error = read("listen = 1\ndatabase_url = 77889900\n").unwrap_err().to_string();
        assert!(!error.contains("77889900"), "{error}");
    }
}
