//! Flags and environment of the daemon, read once into one validated `Config`. No other file reads
//! the environment. Every key is documented in `packaging/oored.example.env`; a test compares.

mod bucket;
mod releases;
mod runner;
mod telemetry;
mod url;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};

pub use bucket::{BucketSettings, Hidden, SECRETS};
pub use releases::{Channel, ReleaseSettings};
pub use runner::{CacheSettings, FvmSettings, LimitSettings, RunnerSettings, SlotSettings, sha256};
pub use telemetry::{LogFormat, TelemetrySettings};
pub use url::{bare_url, base_url, here, is_private_way};

use crate::error::{Error, Result};

/// `oored run`: where to listen, where to keep state, how to be reached.
#[derive(Debug, Clone, Args)]
pub struct Settings {
    /// Address to listen on.
    #[arg(long = "listen", env = "OORED_LISTEN_ADDR", default_value = "127.0.0.1:8787")]
    pub listen: SocketAddr,

    #[command(flatten)]
    pub folder: FolderSettings,

    /// Most connections at a time; the machine's limit on open files may make it less.
    #[arg(long, env = "OORED_MAX_CONNECTIONS", default_value_t = 4096)]
    pub max_connections: usize,

    /// Who gets builds: embedded or hybrid (the daemon's own runner and all others), external (the others only).
    #[arg(long, env = "OORED_RUNNER_MODE", value_enum, default_value_t = RunnerMode::Embedded)]
    pub runner_mode: RunnerMode,

    /// Name of the embedded runner.
    #[arg(long, env = "OORED_EMBEDDED_RUNNER_NAME", default_value = "local-embedded-runner")]
    pub embedded_runner_name: String,

    /// The address people use, when it isn't the listen address.
    #[arg(long, env = "OORE_PUBLIC_URL")]
    pub public_url: Option<String>,

    /// The address that links to artifacts have, when it isn't the one people use; counts until the setting is saved.
    #[arg(long, env = "OORE_ARTIFACT_DELIVERY_URL")]
    pub artifact_delivery_url: Option<String>,

    /// Origins of web pages that may call the API, separated by commas.
    #[arg(long, env = "OORE_CORS_ORIGINS", value_delimiter = ',')]
    pub cors_origins: Vec<String>,

    /// One more of them; an older name.
    #[arg(long, env = "OORE_CORS_ORIGIN", hide = true)]
    pub cors_origin: Option<String>,

    /// Whether the short cookies of code hosts go over https only; without it, the public URL decides.
    #[arg(long, env = "OORE_COOKIE_SECURE")]
    pub cookie_secure: Option<bool>,

    /// Whether a service manager starts the daemon again when it ends with a failure.
    #[arg(long, env = "OORED_MANAGED", default_value_t = false, action = clap::ArgAction::Set)]
    pub managed: bool,

    /// Further host names the daemon answers to, separated by commas.
    #[arg(long, env = "OORED_ALLOWED_HOSTS", value_delimiter = ',')]
    pub allowed_hosts: Vec<String>,

    /// Seconds of silence after which a running build is given up as lost.
    #[arg(long, env = "OORED_LOST_AFTER_SECONDS", default_value_t = 120)]
    pub lost_after_seconds: u64,

    /// Longest time a build waits in the queue, in seconds; 0 turns the limit off.
    #[arg(long, env = "OORED_QUEUE_TIMEOUT_SECONDS", default_value_t = 24 * 60 * 60)]
    pub queue_timeout_seconds: u64,

    /// Longest run of a build, in seconds.
    #[arg(long, env = "OORED_BUILD_TIMEOUT_SECONDS", default_value_t = 3600)]
    pub build_timeout_seconds: u64,

    /// Longest silence of a step, in seconds; 0 turns the limit off.
    #[arg(long, env = "OORED_NO_OUTPUT_TIMEOUT_SECONDS", default_value_t = 1800)]
    pub no_output_timeout_seconds: u64,

    /// Free bytes on the data disk below which no build is handed out.
    #[arg(long, env = "OORED_MIN_FREE_DISK_BYTES", default_value_t = 512 * 1024 * 1024)]
    pub min_free_disk_bytes: u64,

    /// Bytes of log kept per build; what is beyond is counted, not kept.
    #[arg(long, env = "OORED_LOG_LIMIT_BYTES", default_value_t = 1024 * 1024 * 1024)]
    pub log_limit_bytes: u64,

    /// Days after its build's end that a log is kept; 0 keeps logs as long as their builds.
    #[arg(long, env = "OORED_LOG_RETENTION_DAYS", default_value_t = 0)]
    pub log_retention_days: u32,

    #[command(flatten)]
    pub telemetry: TelemetrySettings,

    #[command(flatten)]
    pub bucket: BucketSettings,

    #[command(flatten)]
    pub releases: ReleaseSettings,
}

/// Where the state is; shared by the daemon and by commands on its host.
#[derive(Debug, Clone, Args)]
pub struct FolderSettings {
    /// Folder for all state.
    #[arg(long, env = "OORED_DATA_DIR")]
    pub data_dir: Option<PathBuf>,

    /// Second name of the data folder, shared with the CLI.
    #[arg(long = "shared-data-dir", env = "OORE_DATA_DIR", hide = true)]
    pub shared_data_dir: Option<PathBuf>,

    /// Database file, if not `oore.db` in the data folder.
    #[arg(long, env = "OORE_SETUP_STATE_FILE")]
    pub state_file: Option<PathBuf>,
}

impl FolderSettings {
    /// The folder that these settings name, or the operating system's place for it.
    pub fn resolve(self) -> Result<DataFolder> {
        let root = match self.data_dir.or(self.shared_data_dir) {
            Some(root) => root,
            None => default_data_dir()?,
        };
        let root = std::path::absolute(&root).map_err(|error| {
            Error::internal("config_error", "the data folder has no absolute path", error)
        })?;
        let database = self.state_file.unwrap_or_else(|| root.join("oore.db"));
        Ok(DataFolder::new(root, database))
    }
}

/// Who executes builds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum RunnerMode {
    /// The daemon's own runner, and whichever others people register.
    Embedded,
    /// Only runners that people register.
    External,
    /// The same as embedded, under the name that says so.
    Hybrid,
}

impl RunnerMode {
    /// As it is set and shown.
    pub fn as_str(self) -> &'static str {
        match self {
            RunnerMode::Embedded => "embedded",
            RunnerMode::External => "external",
            RunnerMode::Hybrid => "hybrid",
        }
    }

    pub fn has_embedded(self) -> bool {
        match self {
            RunnerMode::Embedded | RunnerMode::Hybrid => true,
            RunnerMode::External => false,
        }
    }

    /// Whether runners of this kind get builds.
    pub fn serves(self, embedded: bool) -> bool {
        !embedded || self.has_embedded()
    }
}

/// Validated configuration.
#[derive(Debug, Clone)]
pub struct Config {
    pub listen: SocketAddr,
    pub data: DataFolder,
    pub max_connections: usize,
    pub runner_mode: RunnerMode,
    pub embedded_runner_name: String,
    pub public_url: Option<String>,
    pub artifact_delivery_url: Option<String>,
    pub cors_origins: Vec<String>,
    pub cookie_secure: Option<bool>,
    /// Whether it is started again when it ends with a failure.
    pub managed: bool,
    pub allowed_hosts: Vec<String>,
    pub lost_after: Duration,
    /// Zero means never.
    pub queue_timeout: Duration,
    pub build_timeout: Duration,
    pub no_output_timeout: Duration,
    pub min_free_disk_bytes: u64,
    pub log_limit_bytes: u64,
    /// How long logs are kept after the end of their builds; none means as long as the builds.
    pub log_retention: Option<Duration>,
    pub metrics_projects: bool,
    pub otlp_endpoint: Option<String>,
    /// Where artifacts go until a place is chosen in the settings.
    pub bucket: BucketSettings,
    pub releases: ReleaseSettings,
    /// The home folder of the person the daemon runs as; where the folder picker begins.
    pub home: Option<PathBuf>,
}

/// The folder of all state, and what is where in it.
#[derive(Debug, Clone)]
pub struct DataFolder {
    pub root: PathBuf,
    pub database: PathBuf,
    key: PathBuf,
}

impl DataFolder {
    pub fn new(root: PathBuf, database: PathBuf) -> Self {
        Self { key: root.join("encryption.key"), root, database }
    }

    /// The same with its key elsewhere, as a command may name it; the daemon has it in the folder.
    pub fn with_key(self, key: PathBuf) -> Self {
        Self { key, ..self }
    }

    pub fn encryption_key(&self) -> PathBuf {
        self.key.clone()
    }

    /// Held by the daemon that uses the folder.
    pub fn lock(&self) -> PathBuf {
        self.root.join("oored.lock")
    }

    pub fn artifacts(&self) -> PathBuf {
        self.root.join("artifacts")
    }

    pub fn logs(&self) -> PathBuf {
        self.root.join("logs")
    }

    /// The embedded runner's own folder: its token, lock, spool and workspaces.
    pub fn runner(&self) -> PathBuf {
        self.root.join("runner")
    }

    /// How an update of the program stands.
    pub fn update_status(&self) -> PathBuf {
        self.root.join("update.json")
    }

    /// Held by whoever updates the program.
    pub fn update_lock(&self) -> PathBuf {
        self.root.join("update.lock")
    }

    /// What the last updater that the daemon started has said.
    pub fn update_log(&self) -> PathBuf {
        self.root.join("update.log")
    }

    /// The backup that was made before `version` was replaced.
    pub fn before_update(&self, version: &str) -> PathBuf {
        self.root.join(format!("{BEFORE_UPDATE}{version}.tar.gz"))
    }

    /// Copies of example projects.
    pub fn examples(&self) -> PathBuf {
        self.root.join("examples")
    }
}

/// How the names of backups begin that updates make.
pub const BEFORE_UPDATE: &str = "before-";

/// Part of the free space below which no build starts that is kept for the database.
const RESERVE_PART: u64 = 16;

impl Config {
    /// Free bytes on the data disk that logs and artifacts must leave for the database.
    pub fn reserve_bytes(&self) -> u64 {
        self.min_free_disk_bytes / RESERVE_PART
    }

    /// Checks the settings and fills in what depends on the machine.
    pub fn resolve(settings: Settings) -> Result<Self> {
        let data = settings.folder.resolve()?;
        let public_url = match settings.public_url.as_deref() {
            None | Some("") => None,
            Some(url) => Some(checked_bare_url("OORE_PUBLIC_URL", url)?),
        };
        let otlp_endpoint = match settings.telemetry.otlp_endpoint.as_deref() {
            None | Some("") => None,
            Some(url) => Some(
                base_url(url)
                    .map_err(|why| wrong(format!("OTEL_EXPORTER_OTLP_ENDPOINT: the address {why}")))?,
            ),
        };
        let artifact_delivery_url = match settings.artifact_delivery_url.as_deref() {
            None | Some("") => None,
            Some(url) => Some(checked_bare_url("OORE_ARTIFACT_DELIVERY_URL", url)?),
        };
        let listed = settings.cors_origins.into_iter().chain(settings.cors_origin).collect();
        let cors_origins = non_blank(listed)
            .map(|origin| checked_bare_url("OORE_CORS_ORIGINS", &origin))
            .collect::<Result<Vec<_>>>()?;
        let allowed_hosts =
            non_blank(settings.allowed_hosts).map(|host| checked_host(&host)).collect::<Result<Vec<_>>>()?;
        let name = settings.embedded_runner_name.trim();
        if name.is_empty() || name.chars().count() > 255 || name.chars().any(char::is_control) {
            return Err(wrong("OORED_EMBEDDED_RUNNER_NAME must have 1 to 255 characters"));
        }
        at_least("OORED_LOST_AFTER_SECONDS", settings.lost_after_seconds, 15)?;
        at_least("OORED_BUILD_TIMEOUT_SECONDS", settings.build_timeout_seconds, 1)?;
        at_least("OORED_MAX_CONNECTIONS", settings.max_connections as u64, LEAST_CONNECTIONS)?;
        Ok(Self {
            listen: settings.listen,
            data,
            max_connections: settings.max_connections,
            runner_mode: settings.runner_mode,
            embedded_runner_name: name.to_owned(),
            public_url,
            artifact_delivery_url,
            cors_origins,
            cookie_secure: settings.cookie_secure,
            managed: settings.managed,
            allowed_hosts,
            lost_after: Duration::from_secs(settings.lost_after_seconds),
            queue_timeout: Duration::from_secs(settings.queue_timeout_seconds),
            build_timeout: Duration::from_secs(settings.build_timeout_seconds),
            no_output_timeout: Duration::from_secs(settings.no_output_timeout_seconds),
            min_free_disk_bytes: settings.min_free_disk_bytes,
            log_limit_bytes: settings.log_limit_bytes,
            log_retention: (settings.log_retention_days > 0)
                .then(|| Duration::from_secs(u64::from(settings.log_retention_days) * 24 * 60 * 60)),
            metrics_projects: settings.telemetry.metrics_projects,
            otlp_endpoint,
            bucket: settings.bucket,
            releases: settings.releases,
            home: home(),
        })
    }
}

fn non_blank(list: Vec<String>) -> impl Iterator<Item = String> {
    list.into_iter().map(|item| item.trim().to_owned()).filter(|item| !item.is_empty())
}

/// With less there is no room for a web page, a runner and whoever came by accident.
const LEAST_CONNECTIONS: u64 = 64;

fn wrong(message: impl Into<String>) -> Error {
    Error::invalid("invalid_config", message)
}

fn at_least(key: &str, value: u64, least: u64) -> Result<()> {
    if value >= least { Ok(()) } else { Err(wrong(format!("{key} must be {least} or more"))) }
}

/// A name as `Host` headers have it, without a port.
fn checked_host(host: &str) -> Result<String> {
    match host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_".contains(&byte)) {
        true => Ok(host.to_ascii_lowercase()),
        false => Err(wrong(format!("OORED_ALLOWED_HOSTS: '{host}' is not the name of a host"))),
    }
}

fn checked_bare_url(key: &str, url: &str) -> Result<String> {
    bare_url(url).map_err(|why| Error::invalid("invalid_config", format!("{key}: the address {why}")))
}

/// Where programs put what they need for a moment.
pub fn temporary_folder() -> PathBuf {
    std::env::temp_dir()
}

/// The home folder of whoever runs this.
pub fn home() -> Option<PathBuf> {
    folder_named_by("HOME")
}

fn folder_named_by(key: &str) -> Option<PathBuf> {
    std::env::var_os(key).filter(|value| !value.is_empty()).map(PathBuf::from)
}

/// The operating system's place for application data, plus `oore`.
fn default_data_dir() -> Result<PathBuf> {
    let base = if cfg!(target_os = "macos") {
        home().map(|home| home.join("Library/Application Support"))
    } else {
        folder_named_by("XDG_DATA_HOME").or_else(|| home().map(|home| home.join(".local/share")))
    };
    base.map(|base| base.join("oore")).ok_or_else(|| {
        Error::invalid("invalid_config", "no data folder: neither --data-dir nor HOME is set")
            .hint("Start with --data-dir /path/to/folder or set OORED_DATA_DIR.")
    })
}

/// The operating system, as runners name it.
pub const OS: &str = std::env::consts::OS;

/// The kind of processor, as releases name it.
pub const MACHINE: &str = std::env::consts::ARCH;

/// The file this program was started from; the daemon starts its runner from the same.
pub fn own_program() -> std::io::Result<PathBuf> {
    std::env::current_exe()
}

/// Whether services are launchd's business here; elsewhere they are systemd's.
pub fn has_launchd() -> bool {
    cfg!(target_os = "macos")
}

/// What shows an address in the browser of whoever runs this.
pub fn browser_program() -> &'static str {
    if cfg!(target_os = "macos") { "open" } else { "xdg-open" }
}

/// A variable of the runner's own environment that steps may inherit.
pub fn inherited(name: &str) -> Option<std::ffi::OsString> {
    std::env::var_os(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_public_url_loses_its_trailing_slash() {
        assert_eq!(checked_bare_url("K", "https://ci.example.com/").unwrap(), "https://ci.example.com");
    }

    #[test]
    fn a_public_url_with_more_than_scheme_and_host_is_refused() {
        for url in [
            "ftp://a",
            "https://u:p@a",
            "https://a/?q=1",
            "https://a?",
            "https://a/#f",
            "https://a/ci",
            "https://a/ci/",
            "ci.example.com",
            "http://",
        ] {
            let refused = checked_bare_url("K", url).unwrap_err();
            assert!(!refused.message.contains("u:p"), "{url}");
        }
    }
}
