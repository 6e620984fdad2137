//! What the operator has decided about a set-up, from the command line and from a file. The command
//! line wins. A key that nobody knows is a mistake; a secret comes from a private file only.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use zeroize::Zeroizing;

use crate::auth::people::checked_email;
use crate::cli::failure::Failure;
use crate::cli::profile::{Profile, checked_url};
use crate::config::{DataFolder, FolderSettings, bare_url};
use crate::files;

const MOST: u64 = 1024 * 1024 - 1;
const MOST_OF_A_SECRET: u64 = 16 * 1024;
const NO_WEB_SERVER: &str = "the web UI is part of the daemon";
const OWNER_PROVES: &str =
    "the owner is whoever opens the address that is printed and signs in with the provider";
const OTHER_ACCESS: &str = "the access that was chosen does not use it";
const NO_PROFILES: &str = "the daemon brings its own runner; others are registered on their machines";

/// How the questions are asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Interface {
    /// At the terminal if there is one and something is left to ask.
    Auto,
    Terminal,
    Browser,
    /// Not at all: a file has the answers.
    #[value(skip)]
    #[serde(skip)]
    File,
}

/// Who may reach the instance, and how they sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Access {
    /// Only this machine; no password.
    ThisDevice,
    /// A team, through an OpenID Connect provider.
    IdentityProvider,
    /// A team, through a proxy that says who people are.
    TrustedProxy,
}

impl Access {
    /// `runtime_mode` and `remote_auth_mode`.
    pub fn modes(self) -> (&'static str, &'static str) {
        match self {
            Access::ThisDevice => ("local", "oidc"),
            Access::IdentityProvider => ("remote", "oidc"),
            Access::TrustedProxy => ("remote", "trusted_proxy"),
        }
    }
}

/// Answers on the command line.
#[derive(Debug, Args)]
pub struct Given {
    /// Address of the daemon; default: the one in the settings, else http://127.0.0.1:8787.
    #[arg(long, env = "OORE_DAEMON_URL")]
    daemon_url: Option<String>,

    #[command(flatten)]
    folder: FolderSettings,

    /// File with the answers (JSON, mode 0600).
    #[arg(long, value_name = "PATH")]
    config: Option<PathBuf>,

    /// How questions are asked.
    #[arg(long, value_enum)]
    interface: Option<Interface>,

    /// Who may reach the instance, and how they sign in.
    #[arg(long, value_enum)]
    access: Option<Access>,

    /// E-mail address of the owner.
    #[arg(long)]
    owner_email: Option<String>,

    /// Where people reach the instance: https, and a host.
    #[arg(long)]
    public_url: Option<String>,

    #[command(flatten)]
    foreign: Foreign,
}

/// Options of installations that have a web server or a runner service of their own.
#[derive(Debug, Default, Args)]
struct Foreign {
    #[arg(long, hide = true)]
    daemon_listen: Option<String>,
    #[arg(long, hide = true)]
    web_listen: Option<String>,
    #[arg(long, hide = true)]
    backend_url: Option<String>,
    #[arg(long, hide = true)]
    runner_name: Option<String>,
    #[arg(long, hide = true)]
    runner_token: Option<String>,
    #[arg(skip)]
    runner_token_file: Option<String>,
    #[arg(skip)]
    session_token_file: Option<String>,
    #[arg(long, hide = true)]
    pairing_code: Option<String>,
    #[arg(long, hide = true, num_args = 0..=1, default_missing_value = "true")]
    browser_transport_protected: Option<bool>,
    #[arg(long, hide = true, num_args = 0..=1, default_missing_value = "true")]
    backend_transport_protected: Option<bool>,
}

/// Refuses flags that would change nothing: each is named with the reason.
pub fn refuse(flags: &[(&'static str, bool)], why: &str) -> Result<(), Failure> {
    let given: Vec<&str> = flags.iter().filter(|(_, given)| *given).map(|(name, _)| *name).collect();
    match given.as_slice() {
        [] => Ok(()),
        names => Err(Failure::usage(format!("{} would have no effect: {why}", names.join(", ")))),
    }
}

impl Foreign {
    /// Refuses what was given on the command line: it changes nothing here.
    fn refuse(&self) -> Result<(), Failure> {
        let Some((name, why)) = self.given().first().copied() else {
            return Ok(());
        };
        let flag = format!("--{}", name.replace('_', "-"));
        Err(Failure::usage(format!("{flag} would have no effect: {why}")).hint("Leave it out."))
    }

    /// What was given, and why it changes nothing.
    fn given(&self) -> Vec<(&'static str, &'static str)> {
        let listen = "the daemon is started with --listen";
        let options = [
            ("daemon_listen", self.daemon_listen.is_some(), listen),
            ("web_listen", self.web_listen.is_some(), NO_WEB_SERVER),
            ("backend_url", self.backend_url.is_some(), NO_WEB_SERVER),
            ("pairing_code", self.pairing_code.is_some(), NO_WEB_SERVER),
            ("browser_transport_protected", self.browser_transport_protected.is_some(), NO_WEB_SERVER),
            ("backend_transport_protected", self.backend_transport_protected.is_some(), NO_WEB_SERVER),
            ("runner_name", self.runner_name.is_some(), NO_PROFILES),
            ("runner_token", self.runner_token.is_some(), NO_PROFILES),
            ("runner_token_file", self.runner_token_file.is_some(), NO_PROFILES),
            ("session_token_file", self.session_token_file.is_some(), NO_PROFILES),
        ];
        options.into_iter().filter(|(_, given, _)| *given).map(|(name, _, why)| (name, why)).collect()
    }
}

/// The file of answers.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    interface: Option<Interface>,
    access: Option<Access>,
    owner_email: Option<String>,
    public_url: Option<String>,
    state_file: Option<PathBuf>,
    daemon_url: Option<String>,
    trusted_proxy: Option<ProxyInFile>,
    identity_provider: Option<ProviderInFile>,
    daemon_listen: Option<String>,
    web_listen: Option<String>,
    backend_url: Option<String>,
    runner_name: Option<String>,
    runner_token_file: Option<String>,
    session_token_file: Option<String>,
    pairing_code: Option<String>,
    browser_transport_protected: Option<bool>,
    backend_transport_protected: Option<bool>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct ProxyInFile {
    user_email_header: Option<String>,
    #[serde(default)]
    trusted_proxy_cidrs: Vec<String>,
    shared_secret_file: Option<PathBuf>,
    upstream_shared_secret_file: Option<PathBuf>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ProviderInFile {
    issuer_url: String,
    client_id: String,
    client_secret_file: Option<PathBuf>,
}

/// An identity provider and who we are to it.
#[derive(Debug)]
pub struct Provider {
    pub issuer_url: String,
    pub client_id: String,
    pub client_secret: Option<Zeroizing<String>>,
}

/// How the proxy says who people are.
#[derive(Debug)]
pub struct Proxy {
    pub user_email_header: Option<String>,
    pub cidrs: Vec<String>,
    pub shared_secret: Option<Zeroizing<String>>,
}

/// Everything that is decided already.
#[derive(Debug)]
pub struct Answers {
    pub daemon_url: String,
    pub folder: DataFolder,
    pub interface: Interface,
    pub access: Option<Access>,
    pub owner_email: Option<String>,
    /// Where people will reach the instance.
    pub public_url: Option<String>,
    pub provider: Option<Provider>,
    pub proxy: Option<Proxy>,
    /// Options that were given and change nothing, and why.
    pub without_effect: Vec<(&'static str, &'static str)>,
}

impl Answers {
    pub fn collect(given: Given, profile: &Profile) -> anyhow::Result<Self> {
        given.foreign.refuse()?;
        let file = given.config.as_deref().map(read).transpose()?;
        let answered_by_file = file.is_some();
        let mut file = file.unwrap_or_default();
        let mut without_effect = file.foreign().given();
        let proxy = file.trusted_proxy.take();
        if proxy.as_ref().is_some_and(|proxy| proxy.upstream_shared_secret_file.is_some()) {
            without_effect.push(("trusted_proxy.upstream_shared_secret_file", NO_WEB_SERVER));
        }
        let url = given.daemon_url.as_deref().or(file.daemon_url.as_deref()).unwrap_or(profile.daemon_url());
        let settings = given.folder;
        let settings = FolderSettings { state_file: settings.state_file.or(file.state_file), ..settings };
        let default = if answered_by_file { Interface::File } else { Interface::Auto };
        let interface = match given.interface.or(file.interface).unwrap_or(default) {
            Interface::Auto => default,
            chosen @ (Interface::Terminal | Interface::Browser | Interface::File) => chosen,
        };
        if interface == Interface::Browser {
            let flags =
                [("--access", given.access.is_some()), ("--owner-email", given.owner_email.is_some())];
            refuse(&flags, "with --interface browser it is asked there")?;
        }
        let access = given.access.or(file.access);
        let proves_themselves = access == Some(Access::IdentityProvider);
        if proves_themselves {
            refuse(&[("--owner-email", given.owner_email.is_some())], OWNER_PROVES)?;
            if file.owner_email.is_some() {
                without_effect.push(("owner_email", OWNER_PROVES));
            }
        }
        if file.identity_provider.is_some() && access != Some(Access::IdentityProvider) {
            without_effect.push(("identity_provider", OTHER_ACCESS));
        }
        if proxy.is_some() && access != Some(Access::TrustedProxy) {
            without_effect.push(("trusted_proxy", OTHER_ACCESS));
        }
        let owner_email = given.owner_email.or(file.owner_email);
        owner_email.as_deref().map(checked_email).transpose()?;
        Ok(Self {
            daemon_url: checked_url(url)?,
            folder: settings.resolve()?,
            interface,
            access,
            owner_email: owner_email.filter(|_| !proves_themselves),
            public_url: given
                .public_url
                .or(file.public_url)
                .as_deref()
                .map(checked_public_url)
                .transpose()?,
            provider: file.identity_provider.map(ProviderInFile::open).transpose()?,
            proxy: proxy.map(ProxyInFile::open).transpose()?,
            without_effect,
        })
    }

    /// Refuses to pretend that a finished instance was set up as asked.
    pub fn fits_a_ready_instance(&self, status: &Value) -> Result<(), Failure> {
        let Some(access) = self.access else {
            return Ok(());
        };
        let modes = (status["runtime_mode"].as_str(), status["remote_auth_mode"].as_str());
        let (runtime, auth) = access.modes();
        if modes.0 == Some(runtime) && (runtime == "local" || modes.1 == Some(auth)) {
            return Ok(());
        }
        Err(Failure::failed("the instance is set up already, in another way (already_configured)")
            .hint("Sign in as the owner and change it in the settings."))
    }
}

impl File {
    fn foreign(&mut self) -> Foreign {
        Foreign {
            daemon_listen: self.daemon_listen.take(),
            web_listen: self.web_listen.take(),
            backend_url: self.backend_url.take(),
            runner_name: self.runner_name.take(),
            runner_token: None,
            runner_token_file: self.runner_token_file.take(),
            session_token_file: self.session_token_file.take(),
            pairing_code: self.pairing_code.take(),
            browser_transport_protected: self.browser_transport_protected,
            backend_transport_protected: self.backend_transport_protected,
        }
    }
}

impl ProviderInFile {
    fn open(self) -> Result<Provider, Failure> {
        let client_secret = self.client_secret_file.as_deref().map(secret).transpose()?;
        Ok(Provider { issuer_url: self.issuer_url, client_id: self.client_id, client_secret })
    }
}

impl ProxyInFile {
    fn open(self) -> Result<Proxy, Failure> {
        let shared_secret = self.shared_secret_file.as_deref().map(secret).transpose()?;
        Ok(Proxy {
            user_email_header: self.user_email_header,
            cidrs: self.trusted_proxy_cidrs,
            shared_secret,
        })
    }
}

/// As the instance takes it from people who let others in.
pub fn checked_public_url(url: &str) -> Result<String, Failure> {
    let why = match bare_url(url.trim()) {
        Ok(url) if url.starts_with("https://") => return Ok(url),
        Ok(_) => "must begin with https://",
        Err(why) => why,
    };
    Err(Failure::usage(format!("the public URL {why}")).hint("It looks like https://ci.example.com."))
}

fn read(path: &Path) -> Result<File, Failure> {
    let content = private(path, MOST)?;
    serde_json::from_slice(&content)
        .map_err(|error| Failure::usage(format!("the file {}: {error}", path.display())))
}

/// One line of a private file.
pub fn secret(path: &Path) -> Result<Zeroizing<String>, Failure> {
    let content = private(path, MOST_OF_A_SECRET)?;
    let text = std::str::from_utf8(&content).map(|text| text.trim_end_matches(['\r', '\n']));
    match text {
        Ok(text) if !text.is_empty() => Ok(Zeroizing::new(text.to_owned())),
        Ok(_) | Err(_) => Err(Failure::usage(format!("the file {} holds no secret", path.display()))),
    }
}

fn private(path: &Path, most: u64) -> Result<Zeroizing<Vec<u8>>, Failure> {
    files::read_private(path, most).map_err(|why| Failure::unfit(path, &why))
}
