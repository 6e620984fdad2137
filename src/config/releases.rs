//! Where newer versions come from, and who may make them.

use clap::{Args, ValueEnum};

use super::base_url;
use crate::error::Result;

/// Where newer versions come from, and who may make them.
#[derive(Debug, Clone, Args)]
pub struct ReleaseSettings {
    /// Repository of the releases.
    #[arg(long, env = "OORE_GITHUB_REPO", value_name = "OWNER/NAME", default_value = "oore-ci/oore.build", value_parser = repository)]
    pub repo: String,

    /// Which releases count: stable ones, or also those that are tried out.
    #[arg(long, env = "OORE_CHANNEL", value_enum, default_value_t = Channel::Stable)]
    pub channel: Channel,

    /// Address of GitHub's API, or of one like it.
    #[arg(long, env = "OORE_RELEASES_URL", default_value = "https://api.github.com", value_parser = base_url)]
    pub releases_url: String,

    /// The key that releases are signed with, in Base64; default: the keys of this program.
    #[arg(long, env = "OORE_RELEASE_KEY", value_name = "KEY")]
    pub release_key: Option<String>,
}

impl ReleaseSettings {
    /// The same for another command of this program.
    pub fn as_flags(&self) -> Vec<String> {
        let mut flags = vec!["--repo".to_owned(), self.repo.clone(), "--channel".to_owned()];
        flags.extend([
            self.channel.as_str().to_owned(),
            "--releases-url".to_owned(),
            self.releases_url.clone(),
        ]);
        if let Some(key) = &self.release_key {
            flags.push(format!("--release-key={key}"));
        }
        flags
    }
}

/// Which releases count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Channel {
    Stable,
    /// Also releases that are tried out first.
    Beta,
}

impl Channel {
    pub fn as_str(self) -> &'static str {
        match self {
            Channel::Stable => "stable",
            Channel::Beta => "beta",
        }
    }
}

fn repository(text: &str) -> Result<String, &'static str> {
    let is_part = |part: &str| {
        let plain = part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte));
        plain && !part.is_empty() && part.len() <= 100 && part != "." && part != ".."
    };
    match text.split_once('/') {
        Some((owner, name)) if is_part(owner) && is_part(name) => Ok(text.to_owned()),
        Some(_) | None => Err("must look like OWNER/NAME"),
    }
}
