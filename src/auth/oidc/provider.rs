//! The identity provider: what it publishes about itself and its keys, fetched within limits, kept
//! for a while, used on for a day while it is away, and refreshed when a token names a key that is not
//! known, but not at every token.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use openidconnect::core::{CoreClientAuthMethod, CoreJsonWebKeySet, CoreProviderMetadata};
use parking_lot::{Mutex, MutexGuard};
use reqwest::Url;

use super::super::network::is_loopback_name;
use super::capabilities;
use crate::clock::Moment;
use crate::outgoing::{Failure, Outgoing, TIMEOUT};

/// How long what a provider says of itself is believed without asking again.
const KEPT: Duration = Duration::from_secs(600);
/// How long it is used on when the provider is away. It was believed before, and tokens are still signed.
const BRIDGED: Duration = Duration::from_secs(24 * 3600);
/// Shortest time between two questions to a provider that is away while it is bridged.
const RETRY: Duration = Duration::from_secs(30);
/// Shortest time between two refreshes of the keys.
const REFRESH: Duration = Duration::from_secs(30);
const MIN_RSA_BITS: usize = 2048;

/// A provider as it was found.
#[derive(Debug)]
pub struct Provider {
    pub metadata: CoreProviderMetadata,
    pub token_endpoint: String,
    pub keys: CoreJsonWebKeySet,
    /// What the operator should know about it.
    pub notes: Vec<String>,
}

impl Provider {
    /// The exact name under which it issues tokens.
    pub fn issuer(&self) -> &str {
        self.metadata.issuer()
    }

    /// Whether the client proves itself in a header, which is also the default, or in the form.
    pub fn takes_basic(&self) -> bool {
        let methods = self.metadata.token_endpoint_auth_methods_supported();
        methods.is_none_or(|methods| {
            methods.contains(&CoreClientAuthMethod::ClientSecretBasic)
                || !methods.contains(&CoreClientAuthMethod::ClientSecretPost)
        })
    }
}

/// The provider last used.
#[derive(Debug, Default)]
pub struct Providers {
    last: Mutex<Option<Known>>,
    /// Held while a provider is asked, so that many sign-ins at once ask it once.
    asking: tokio::sync::Mutex<Option<Refused>>,
    /// How often one was asked, successfully or not.
    asked: AtomicU64,
}

/// Why a provider was not found the last time.
#[derive(Debug)]
struct Refused {
    issuer: String,
    why: Failure,
}

#[derive(Debug, Clone)]
struct Known {
    provider: Arc<Provider>,
    found: Moment,
    refreshed: Option<Moment>,
    /// When it was away the last time, since it was found.
    missed: Option<Moment>,
}

impl Known {
    /// Whether it is used without asking: it was found lately, or it is away and was asked just now.
    fn is_current(&self, now: Moment) -> bool {
        let missed = self.missed.is_some_and(|at| now.saturating_sub(at) < RETRY);
        now.saturating_sub(self.found) < KEPT || (missed && self.bridges(now))
    }

    /// Whether it may be used although the provider is away.
    fn bridges(&self, now: Moment) -> bool {
        now.saturating_sub(self.found) < BRIDGED
    }
}

impl Providers {
    /// The provider with this issuer: from memory if it was found lately, or is away and not asked again yet.
    pub async fn get(
        &self,
        outgoing: &Outgoing,
        issuer: &str,
        now: Moment,
    ) -> Result<Arc<Provider>, Failure> {
        if let Some(provider) = self.current(issuer, now) {
            return Ok(provider);
        }
        let before = self.asked.load(Ordering::SeqCst);
        let mut last_refused = match (self.asking.try_lock(), self.bridging(issuer, now)) {
            (Ok(turn), _) => turn,
            // Somebody asks already, and who can be served meanwhile does not wait for what comes of it.
            (Err(_), Some(provider)) => return Ok(provider),
            (Err(_), None) => self.asking.lock().await,
        };
        if let Some(provider) = self.current(issuer, now) {
            return Ok(provider);
        }
        // Whoever waited while the provider was asked takes that answer.
        let waited = self.asked.load(Ordering::SeqCst) > before;
        if let Some(refused) = last_refused.as_ref().filter(|refused| waited && refused.issuer == issuer) {
            return Err(refused.why.clone());
        }
        let found = discover(outgoing, issuer).await;
        self.asked.fetch_add(1, Ordering::SeqCst);
        let why = match found {
            Ok(provider) => return Ok(self.keep(provider, now)),
            Err(why) => why,
        };
        if let (Failure::Away(why), Some(provider)) = (&why, self.bridging(issuer, now)) {
            tracing::warn!(issuer, "the identity provider is away ({why}); what it last said is used on");
            self.note_missed(now);
            return Ok(provider);
        }
        *last_refused = Some(Refused { issuer: issuer.to_owned(), why: why.clone() });
        Err(why)
    }

    fn current(&self, issuer: &str, now: Moment) -> Option<Arc<Provider>> {
        self.known(issuer).filter(|known| known.is_current(now)).map(|known| known.provider)
    }

    fn bridging(&self, issuer: &str, now: Moment) -> Option<Arc<Provider>> {
        self.known(issuer).filter(|known| known.bridges(now)).map(|known| known.provider)
    }

    fn keep(&self, provider: Provider, now: Moment) -> Arc<Provider> {
        let provider = Arc::new(provider);
        let refreshed = self.known(provider.issuer()).and_then(|known| known.refreshed);
        *self.lock() = Some(Known { provider: provider.clone(), found: now, refreshed, missed: None });
        provider
    }

    fn note_missed(&self, now: Moment) {
        if let Some(known) = self.lock().as_mut() {
            known.missed = Some(now);
        }
    }

    /// The same with its keys read again, also if somebody else has had that done meanwhile; `None` if these
    /// keys were read only just now.
    pub async fn refresh(
        &self,
        outgoing: &Outgoing,
        old: &Arc<Provider>,
        now: Moment,
    ) -> Result<Option<Arc<Provider>>, Failure> {
        let _asking = self.asking.lock().await;
        let Some(known) = self.known(old.issuer()) else {
            return Ok(None);
        };
        if !Arc::ptr_eq(&known.provider, old) {
            return Ok(Some(known.provider));
        }
        if known.refreshed.is_some_and(|at| now.saturating_sub(at) < REFRESH) {
            return Ok(None);
        }
        let known = Known { refreshed: Some(now), ..known };
        // Noted before it is known to succeed: a provider that fails is not asked at every token either.
        *self.lock() = Some(known.clone());
        let keys = keys(outgoing, old.metadata.jwks_uri().as_str()).await?;
        let provider = Arc::new(Provider {
            metadata: old.metadata.clone(),
            token_endpoint: old.token_endpoint.clone(),
            keys,
            notes: old.notes.clone(),
        });
        *self.lock() = Some(Known { provider: provider.clone(), ..known });
        Ok(Some(provider))
    }

    fn known(&self, issuer: &str) -> Option<Known> {
        self.lock().clone().filter(|known| known.provider.issuer() == issuer)
    }

    fn lock(&self) -> MutexGuard<'_, Option<Known>> {
        self.last.lock()
    }
}

/// Reads what a provider publishes about itself. Both answers together may take as long as one.
pub async fn discover(outgoing: &Outgoing, issuer: &str) -> Result<Provider, Failure> {
    let found = tokio::time::timeout(TIMEOUT, read(outgoing, issuer)).await;
    found.unwrap_or_else(|_| Err(Failure::away("there was no answer in time")))
}

async fn read(outgoing: &Outgoing, issuer: &str) -> Result<Provider, Failure> {
    check_address("issuer", issuer, issuer)?;
    let bare = issuer.trim_end_matches('/');
    let answer = outgoing.get(&format!("{bare}/.well-known/openid-configuration")).await?;
    if answer.status != 200 {
        return Err(Failure::status("its configuration", answer.status));
    }
    let no_provider = |_| Failure::unusable("its configuration is not that of an OpenID provider");
    let metadata: CoreProviderMetadata = serde_json::from_slice(&answer.body).map_err(no_provider)?;
    let document: serde_json::Value = serde_json::from_slice(&answer.body).map_err(no_provider)?;
    // People leave out or add the slash at the end; the provider's own spelling counts.
    if metadata.issuer().trim_end_matches('/') != bare {
        return Err(Failure::unusable("it calls itself by another name than was entered"));
    }
    let token_endpoint = metadata.token_endpoint().map(ToString::to_string);
    let token_endpoint = token_endpoint.ok_or_else(|| Failure::unusable("it has no token endpoint"))?;
    for (what, url) in [
        ("authorization endpoint", metadata.authorization_endpoint().as_str()),
        ("token endpoint", token_endpoint.as_str()),
        ("key address", metadata.jwks_uri().as_str()),
    ] {
        check_address(what, url, issuer)?;
    }
    if let Some(missing) = capabilities::missing(&document) {
        return Err(Failure::Unusable(missing));
    }
    let keys = keys(outgoing, metadata.jwks_uri().as_str()).await?;
    Ok(Provider { metadata, token_endpoint, keys, notes: capabilities::notes(&document) })
}

async fn keys(outgoing: &Outgoing, url: &str) -> Result<CoreJsonWebKeySet, Failure> {
    let answer = outgoing.get(url).await?;
    if answer.status != 200 {
        return Err(Failure::status("its key address", answer.status));
    }
    let unreadable = |_| Failure::unusable("its keys are unreadable");
    let mut set: serde_json::Value = serde_json::from_slice(&answer.body).map_err(unreadable)?;
    if let Some(keys) = set.get_mut("keys").and_then(serde_json::Value::as_array_mut) {
        keys.retain(is_strong);
    }
    serde_json::from_value(set).map_err(unreadable)
}

/// RFC 7518 3.3: whoever signs with a small RSA key could be anybody.
fn is_strong(key: &serde_json::Value) -> bool {
    use base64::Engine;
    let decode = |text: &str| base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(text).ok();
    let modulus = key["n"].as_str().and_then(decode).unwrap_or_default();
    key["kty"] != "RSA" || modulus.iter().skip_while(|byte| **byte == 0).count() * 8 >= MIN_RSA_BITS
}

/// Everything goes over TLS, unless the provider is in the own network without it.
fn check_address(what: &str, address: &str, issuer: &str) -> Result<(), Failure> {
    let url = Url::parse(address).map_err(|_| Failure::Unusable(format!("the {what} is not a URL")))?;
    let plain = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
    let private = url.host_str().is_some_and(is_private) && issuer.starts_with("http://");
    match url.scheme() {
        "https" if plain => Ok(()),
        "http" if plain && private => Ok(()),
        _ => Err(Failure::Unusable(format!("the {what} must begin with https://"))),
    }
}

/// A host that only the own network has.
fn is_private(host: &str) -> bool {
    let name = host.trim_matches(['[', ']']);
    let ip = match name.parse() {
        Ok(std::net::IpAddr::V4(ip)) => ip.is_private() || ip.is_loopback(),
        Ok(std::net::IpAddr::V6(ip)) => ip.is_unique_local() || ip.is_loopback(),
        Err(_) => false,
    };
    let suffix = [".local", ".lan", ".internal", ".home.arpa"].iter().any(|suffix| name.ends_with(suffix));
    ip || suffix || is_loopback_name(host) || !name.contains(['.', ':'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_is_for_the_own_network_only() {
        let ok = |url: &str| check_address("issuer", url, url).is_ok();
        for url in [
            "https://accounts.google.com",
            "http://127.0.0.1:9000",
            "http://[::1]:1",
            "http://10.0.0.5/realms/x",
            "http://keycloak:8080/realms/x",
            "http://idp.lan",
        ] {
            assert!(ok(url), "{url}");
        }
        for url in [
            "http://accounts.google.com",
            "http://8.8.8.8",
            "ftp://idp.lan",
            "https://u:p@idp",
            "idp",
            "https://a/#b",
            "file:///etc/passwd",
        ] {
            assert!(!ok(url), "{url}");
        }
        assert!(check_address("key address", "http://10.0.0.5/keys", "https://idp.example.com").is_err());
    }
}
