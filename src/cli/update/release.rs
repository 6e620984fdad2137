//! Releases as they are published: the newest of a channel, its manifest, the signature that vouches for it,
//! and the archive for this machine. Must not let anything out that is not what was signed.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::time::Duration;

use anyhow::Context;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use reqwest::Client;
use ring::signature::{ED25519, UnparsedPublicKey};
use semver::Version;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use crate::cli::failure::Failure;
use crate::config::{self, Channel, ReleaseSettings};
use crate::error::with_causes;
use crate::update;

const MANIFEST: &str = "release.json";
const SIGNATURE: &str = "release.json.sig";
const FORMAT: &str = "oore-release-v1";
const MOST_LIST_BYTES: usize = 8 * 1024 * 1024;
const MOST_MANIFEST_BYTES: usize = 64 * 1024;
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const SILENCE: Duration = Duration::from_secs(30);
const MOST_REDIRECTS: usize = 5;

/// Where releases are and who may have made them.
pub struct Releases {
    http: Client,
    settings: ReleaseSettings,
    keys: Vec<Vec<u8>>,
}

/// A release as the code host lists it.
#[derive(Debug, Deserialize)]
struct Listed {
    tag_name: String,
    #[serde(default)]
    draft: bool,
    #[serde(default)]
    prerelease: bool,
    assets: Vec<Asset>,
}

#[derive(Debug, Deserialize)]
struct Asset {
    name: String,
    browser_download_url: String,
}

/// What was signed.
#[derive(Debug, Deserialize)]
struct Manifest {
    format: String,
    version: Version,
    channel: String,
    files: Vec<Signed>,
}

#[derive(Debug, Clone, Deserialize)]
struct Signed {
    name: String,
    system: String,
    machine: String,
    size: u64,
    sha256: String,
}

/// A release that somebody vouches for.
pub struct Found {
    pub version: Version,
    files: Vec<Signed>,
    assets: Vec<Asset>,
}

/// The version of this program.
pub fn own_version() -> anyhow::Result<Version> {
    Ok(Version::parse(env!("CARGO_PKG_VERSION"))?)
}

impl Releases {
    pub fn open(settings: &ReleaseSettings) -> anyhow::Result<Self> {
        let keys = update::keys(settings);
        if keys.is_empty() {
            return Err(update::no_key().into());
        }
        let keys = keys.iter().map(|key| STANDARD.decode(key).ok().filter(|key| key.len() == 32));
        let keys = keys.collect::<Option<Vec<_>>>().ok_or_else(|| {
            Failure::usage("the key of releases is not one").hint("It is 32 bytes in Base64, 44 characters.")
        })?;
        let local = config::here(&settings.releases_url).is_some();
        let builder = Client::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .read_timeout(SILENCE)
            .redirect(reqwest::redirect::Policy::limited(MOST_REDIRECTS))
            .https_only(!local)
            .user_agent(concat!("oore/", env!("CARGO_PKG_VERSION")));
        let http = if local { builder.no_proxy() } else { builder }.build()?;
        Ok(Self { http, settings: settings.clone(), keys })
    }

    pub fn channel(&self) -> &'static str {
        self.settings.channel.as_str()
    }

    pub fn repository(&self) -> &str {
        &self.settings.repo
    }

    /// The newest release of the channel, its signature checked.
    pub async fn newest(&self) -> anyhow::Result<Found> {
        let url = format!("{}/repos/{}/releases?per_page=30", self.settings.releases_url, self.settings.repo);
        let listed: Vec<Listed> = parse("the list of releases", &self.get(&url, MOST_LIST_BYTES).await?)?;
        let newest = listed.into_iter().filter(|release| self.counts(release));
        let newest = newest.filter_map(|release| Some((release.version()?, release)));
        let Some((version, release)) = newest.max_by(|(a, _), (b, _)| a.cmp(b)) else {
            let message = format!("{} has no release in the channel {}", self.repository(), self.channel());
            return Err(Failure::failed(message).hint("Look at --repo and --channel.").into());
        };
        let manifest = self.manifest(&release).await?;
        if manifest.format != FORMAT || manifest.version != version {
            let message =
                format!("the manifest of release {version} is of another release or of another time");
            return Err(Failure::failed(message).into());
        }
        if self.settings.channel == Channel::Stable && manifest.channel != Channel::Stable.as_str() {
            let message = format!("release {version} is shown as stable and was not signed as such");
            return Err(Failure::failed(message).into());
        }
        Ok(Found { version, files: manifest.files, assets: release.assets })
    }

    fn counts(&self, release: &Listed) -> bool {
        !release.draft && (self.settings.channel == Channel::Beta || !release.prerelease)
    }

    async fn manifest(&self, release: &Listed) -> anyhow::Result<Manifest> {
        let content = self.get(release.asset(MANIFEST)?, MOST_MANIFEST_BYTES).await?;
        let signature = self.get(release.asset(SIGNATURE)?, MOST_MANIFEST_BYTES).await?;
        let vouched =
            |key: &Vec<u8>| UnparsedPublicKey::new(&ED25519, key).verify(&content, &signature).is_ok();
        if !self.keys.iter().any(vouched) {
            let message =
                format!("release {} is not signed by a key that this program knows", release.tag_name);
            return Err(Failure::failed(message)
                .hint("Don't install it by hand either before you know why.")
                .into());
        }
        parse("the manifest", &content)
    }

    /// Downloads the archive for this machine; what is left at `target` is what was signed.
    pub async fn fetch(&self, found: &Found, target: &Path) -> anyhow::Result<()> {
        let fits = |file: &&Signed| {
            file.system == config::OS && [config::MACHINE, "universal"].contains(&file.machine.as_str())
        };
        let file = found.files.iter().find(fits).ok_or_else(|| {
            Failure::failed(format!(
                "release {} has nothing for {} on {}",
                found.version,
                config::OS,
                config::MACHINE
            ))
        })?;
        let url = url_of(&found.assets, &file.name)?;
        let unlike = |what: &str| {
            Failure::failed(format!("{}: {what}", file.name)).hint("Try again; nothing was replaced.")
        };
        let away =
            |error: reqwest::Error| unlike(&format!("the download broke off: {}", with_causes(&error)));
        let mut answer = self.http.get(url).send().await.map_err(away)?;
        if !answer.status().is_success() {
            return Err(unlike(&format!("the server answered {}", answer.status())).into());
        }
        let mut out = File::create_new(target).with_context(|| target.display().to_string())?;
        let (mut hash, mut bytes) = (Sha256::new(), 0_u64);
        while let Some(chunk) = answer.chunk().await.map_err(away)? {
            bytes += chunk.len() as u64;
            if bytes > file.size {
                return Err(unlike("it is larger than what was signed").into());
            }
            hash.update(&chunk);
            out.write_all(&chunk)?;
        }
        let sum: String = hex::encode(hash.finalize());
        if bytes != file.size || sum != file.sha256 {
            return Err(unlike("it is not what was signed").into());
        }
        Ok(out.sync_all()?)
    }

    async fn get(&self, url: &str, most: usize) -> anyhow::Result<Vec<u8>> {
        let failed = |what: String| {
            Failure::failed(what).hint("Try again later, or look at --repo and --releases-url.")
        };
        let broken = |error: reqwest::Error| failed(format!("{url} can't be read: {}", with_causes(&error)));
        let mut answer = self.http.get(url).send().await.map_err(broken)?;
        if !answer.status().is_success() {
            return Err(failed(format!("{url} answered {}", answer.status())).into());
        }
        let mut content = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(broken)? {
            content.extend_from_slice(&chunk);
            if content.len() > most {
                return Err(failed(format!("{url} answered more than {most} bytes")).into());
            }
        }
        Ok(content)
    }
}

impl Listed {
    fn version(&self) -> Option<Version> {
        Version::parse(self.tag_name.strip_prefix('v')?).ok()
    }

    fn asset(&self, name: &str) -> Result<&str, Failure> {
        url_of(&self.assets, name)
    }
}

fn url_of<'a>(assets: &'a [Asset], name: &str) -> Result<&'a str, Failure> {
    let found = assets.iter().find(|asset| asset.name == name);
    found
        .map(|asset| asset.browser_download_url.as_str())
        .ok_or_else(|| Failure::failed(format!("the release has no file {name}")))
}

fn parse<T: DeserializeOwned>(what: &str, content: &[u8]) -> anyhow::Result<T> {
    serde_json::from_slice(content)
        .map_err(|error| Failure::failed(format!("{what} can't be read: {error}")).into())
}
