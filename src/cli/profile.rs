//! The operator's own file: which daemon to talk to and the session there. It is private, and its
//! token is never sent to another daemon than the one it was made for.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use serde_json::{Map, Value};

use super::failure::Failure;
use crate::config::{self, base_url};
use crate::files::{self, Unfit};

/// The daemon of this machine with its default settings.
pub const DEFAULT_DAEMON: &str = "http://127.0.0.1:8787";
const MOST: u64 = 1024 * 1024;
const MAX_TOKEN: usize = 4096;

/// Where the file is.
#[derive(Debug, Clone, Args)]
pub struct ProfileSettings {
    /// File with the daemon's address and the session.
    #[arg(long, env = "OORE_CONFIG_FILE", global = true, hide = true)]
    cli_config_file: Option<PathBuf>,

    /// Folder of that file; default: ~/.oore.
    #[arg(long, env = "OORE_INSTALL_ROOT", global = true, hide = true)]
    install_root: Option<PathBuf>,
}

/// What the file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub enum Key {
    /// The daemon's address.
    DaemonUrl,
    /// The token of the session there.
    SessionToken,
}

impl Key {
    pub fn name(self) -> &'static str {
        match self {
            Key::DaemonUrl => "daemon_url",
            Key::SessionToken => "session_token",
        }
    }

    /// The value as it is kept.
    pub fn checked(self, value: &str) -> Result<String, Failure> {
        match self {
            Key::DaemonUrl => checked_url(value),
            Key::SessionToken => checked_token(value),
        }
    }
}

/// An address of a daemon, without its trailing slash.
pub fn checked_url(url: &str) -> Result<String, Failure> {
    if url.len() > 2048 {
        return Err(Failure::usage("the daemon's address is too long"));
    }
    base_url(url).map_err(|why| {
        Failure::usage(format!("the daemon's address '{url}' {why}"))
            .hint(format!("It looks like {DEFAULT_DAEMON} or https://ci.example.com."))
    })
}

/// A token that can be sent.
pub fn checked_token(token: &str) -> Result<String, Failure> {
    let token = token.trim();
    let fits = (1..=MAX_TOKEN).contains(&token.len()) && token.bytes().all(|byte| byte.is_ascii_graphic());
    if fits {
        return Ok(token.to_owned());
    }
    Err(Failure::usage("that is not a token")
        .hint("A token is one word, such as oore_session_… or oore_api_…."))
}

/// The file's content.
#[derive(Debug)]
pub struct Profile {
    pub path: PathBuf,
    content: Map<String, Value>,
}

impl ProfileSettings {
    /// Reads the file; an absent one is empty.
    pub fn open(&self) -> anyhow::Result<Profile> {
        let path = self.path()?;
        let content = match files::read_private(&path, MOST) {
            Ok(content) => content,
            Err(Unfit::Missing) => return Ok(Profile { path, content: Map::new() }),
            Err(why) => return Err(Failure::unfit(&path, &why).into()),
        };
        let content = serde_json::from_slice(&content).map_err(|_| {
            Failure::usage(format!("the file {} is not a JSON object", path.display()))
                .hint("Mend it, or remove it and sign in again with `oore login`.")
        })?;
        let profile = Profile { path, content };
        Key::value_variants().iter().try_for_each(|key| profile.check(*key))?;
        Ok(profile)
    }

    fn path(&self) -> Result<PathBuf, Failure> {
        if let Some(path) = &self.cli_config_file {
            return Ok(path.clone());
        }
        Ok(self.root()?.join("config.json"))
    }

    /// The folder of what the command line keeps.
    pub fn root(&self) -> Result<PathBuf, Failure> {
        let root = self.install_root.clone().or_else(|| config::home().map(|home| home.join(".oore")));
        root.ok_or_else(|| {
            Failure::usage("there is no place for the settings: HOME is not set")
                .hint("Set OORE_CONFIG_FILE or OORE_INSTALL_ROOT.")
        })
    }
}

impl Profile {
    pub fn get(&self, key: Key) -> Option<&str> {
        self.content.get(key.name()).and_then(Value::as_str).filter(|value| !value.is_empty())
    }

    /// A value that is there must be one that could have been kept.
    fn check(&self, key: Key) -> Result<(), Failure> {
        let wrong = |why: &str| {
            Failure::usage(format!("the file {}: {} {why}", self.path.display(), key.name()))
                .hint("Correct it in the file, or remove it there.")
        };
        match self.content.get(key.name()) {
            None => Ok(()),
            Some(Value::String(text)) if text.is_empty() => Ok(()),
            Some(Value::String(text)) => {
                key.checked(text).map(drop).map_err(|failure| wrong(&format!("is not usable: {failure}")))
            }
            Some(_) => Err(wrong("is not text")),
        }
    }

    pub fn daemon_url(&self) -> &str {
        self.get(Key::DaemonUrl).unwrap_or(DEFAULT_DAEMON)
    }

    pub fn set(&mut self, key: Key, value: String) {
        self.content.insert(key.name().to_owned(), value.into());
    }

    /// Another daemon has no use for the session of this one.
    pub fn choose_daemon(&mut self, url: String) {
        if self.daemon_url() != url {
            self.content.remove(Key::SessionToken.name());
        }
        self.set(Key::DaemonUrl, url);
    }

    pub fn save(&self) -> anyhow::Result<()> {
        use std::os::unix::fs::DirBuilderExt;
        let failed = |why: &dyn std::fmt::Display| {
            Failure::failed(format!("the file {} cannot be written: {why}", self.path.display()))
                .hint("Check that you may write there, or name another file with OORE_CONFIG_FILE.")
        };
        if let Some(folder) = self.path.parent() {
            let made = std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder);
            made.map_err(|error| failed(&error))?;
        }
        let content = serde_json::to_vec_pretty(&self.content)?;
        Ok(files::replace_private(&self.path, &content).map_err(|error| failed(&error))?)
    }
}
