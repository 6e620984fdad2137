//! Who an ID token says somebody is, if it can be believed: signature by a key of the provider with
//! an algorithm we allow, issuer, audience, times, nonce.

use chrono::{DateTime, Utc};
use openidconnect::core::{
    CoreGenderClaim, CoreJsonWebKey, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm,
};
use openidconnect::{
    AdditionalClaims, ClaimsVerificationError, ClientId, IdToken, IdTokenClaims, IdTokenVerifier, IssuerUrl,
    Nonce, SignatureVerificationError,
};
use serde::{Deserialize, Serialize};

use super::provider::Provider;

/// Longest token that is looked at, in bytes.
const MAX_TOKEN: usize = 64 * 1024;
/// How far clocks may differ, in seconds.
const SKEW: i64 = 300;
/// Only public keys: with a shared secret the client could be the issuer.
const ALGORITHMS: [CoreJwsSigningAlgorithm; 9] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha384,
    CoreJwsSigningAlgorithm::RsaSsaPssSha512,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::EdDsa,
];

/// Whether tokens that are signed with the algorithm of this name can be believed.
pub fn accepts(algorithm: &str) -> bool {
    let known = serde_json::from_value::<CoreJwsSigningAlgorithm>(algorithm.into());
    known.is_ok_and(|algorithm| ALGORITHMS.contains(&algorithm))
}

/// Claims beyond the usual ones that we look at.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Extra {
    #[serde(default)]
    nbf: Option<f64>,
    /// Microsoft Entra's word for a verified e-mail address.
    #[serde(default)]
    xms_edov: Option<serde_json::Value>,
}

impl AdditionalClaims for Extra {}

type Token = IdToken<Extra, CoreGenderClaim, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm>;
type Claims = IdTokenClaims<Extra, CoreGenderClaim>;

/// A person, as the provider knows them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    pub issuer: String,
    pub subject: String,
    pub email: String,
    /// Whether the provider vouches for the address.
    pub email_verified: bool,
    pub picture: Option<String>,
}

/// Why a token is not believed.
#[derive(Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Perhaps the provider has a new key; look again.
    UnknownKey,
    Invalid(String),
    MissingEmail,
}

/// What a token is compared with.
#[derive(Debug)]
pub struct Expected<'a> {
    pub client_id: &'a str,
    pub nonce: &'a str,
    /// Unix seconds.
    pub now: i64,
}

/// Reads a token that the provider issued to us for this sign-in.
pub fn verify(provider: &Provider, token: &str, expected: &Expected<'_>) -> Result<Identity, Refusal> {
    let invalid = |why: &str| Refusal::Invalid(why.to_owned());
    if token.len() > MAX_TOKEN {
        return Err(invalid("it is too long"));
    }
    let token: Token = token.parse().map_err(|_| invalid("it is unreadable"))?;
    let now =
        DateTime::from_timestamp(expected.now, 0).ok_or_else(|| invalid("our clock is out of range"))?;
    let verifier =
        verifier(provider, expected.client_id, now).ok_or_else(|| invalid("its issuer is unreadable"))?;
    let nonce = Nonce::new(expected.nonce.to_owned());
    let claims = token.claims(&verifier, &nonce).map_err(refusal)?;
    check_party(claims, expected.client_id)?;
    if claims.additional_claims().nbf.is_some_and(|from| from > (expected.now + SKEW) as f64) {
        return Err(invalid("it is not valid yet"));
    }
    identity(provider, claims)
}

fn verifier<'a>(
    provider: &Provider,
    client_id: &str,
    now: DateTime<Utc>,
) -> Option<IdTokenVerifier<'a, CoreJsonWebKey>> {
    let issuer = IssuerUrl::new(provider.issuer().to_owned()).ok()?;
    let client_id = ClientId::new(client_id.to_owned());
    let latest = now + chrono::TimeDelta::seconds(SKEW);
    let verifier = IdTokenVerifier::new_public_client(client_id, issuer, provider.keys.clone())
        .set_allowed_algs(ALGORITHMS)
        // Other audiences are allowed if the token says that it was issued to us; see `check_party`.
        .set_other_audience_verifier_fn(|_| true)
        .set_time_fn(move || now)
        .set_issue_time_verifier_fn(move |issued| {
            if issued > latest { Err("it was issued in the future".to_owned()) } else { Ok(()) }
        });
    Some(verifier)
}

fn refusal(error: ClaimsVerificationError) -> Refusal {
    use SignatureVerificationError::{CryptoError, NoMatchingKey};
    if let ClaimsVerificationError::SignatureVerification(NoMatchingKey | CryptoError(_)) = error {
        return Refusal::UnknownKey;
    }
    Refusal::Invalid(error.to_string())
}

/// The authorized party, where there is one or has to be one, is us.
fn check_party(claims: &Claims, client_id: &str) -> Result<(), Refusal> {
    let party = claims.authorized_party().map(|party| party.as_str());
    let needed = claims.audiences().len() > 1;
    match party {
        Some(party) if party == client_id => Ok(()),
        None if !needed => Ok(()),
        Some(_) | None => Err(Refusal::Invalid("it was issued to another client".to_owned())),
    }
}

fn identity(provider: &Provider, claims: &Claims) -> Result<Identity, Refusal> {
    let subject = claims.subject().as_str();
    if subject.is_empty() || subject.len() > 255 {
        return Err(Refusal::Invalid("its subject is empty or too long".to_owned()));
    }
    let email = claims.email().map(|email| email.trim().to_owned()).filter(|email| !email.is_empty());
    let edov = claims.additional_claims().xms_edov.as_ref();
    let vouched =
        edov.is_some_and(|value| *value == true || *value == 1 || *value == "1" || *value == "true");
    let picture = claims.picture().and_then(|picture| picture.get(None)).map(|url| url.to_string());
    Ok(Identity {
        issuer: provider.issuer().to_owned(),
        subject: subject.to_owned(),
        email: email.ok_or(Refusal::MissingEmail)?,
        email_verified: claims.email_verified().unwrap_or(vouched),
        picture: picture.filter(|url| url.starts_with("https://") && url.len() <= 2048),
    })
}
