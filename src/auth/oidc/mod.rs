//! Signing in through an identity provider: authorization code flow with PKCE and nonce. One file a
//! step: `pending` logins, the `provider`, its keys and `capabilities`, `exchange` of the code, `verify`ing who it
//! is, and `sign_in`, which tells the story; `settings` says which provider.

pub mod capabilities;
pub mod exchange;
pub mod pending;
pub mod provider;
pub mod settings;
pub mod sign_in;
pub mod verify;

use crate::outgoing::Outgoing;
use pending::Pending;
use provider::Providers;

/// What signing in through a provider needs while the daemon runs.
#[derive(Debug)]
pub struct Oidc {
    pub pending: Pending,
    pub providers: Providers,
    pub outgoing: Outgoing,
}

impl Oidc {
    pub fn new(outgoing: Outgoing) -> Self {
        Self { pending: Pending::default(), providers: Providers::default(), outgoing }
    }
}
