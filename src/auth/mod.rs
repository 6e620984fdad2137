//! Who is calling, and what they may touch. It reads headers as plain text and knows nothing of
//! the HTTP framework; `api::extract` brings the two together.

pub mod access;
pub mod account;
pub mod addresses;
pub mod api_token;
pub mod approach;
pub mod artifact_token;
pub mod attribution;
pub mod caller;
pub mod callers;
pub mod enrolment;
pub mod identity;
pub mod import;
pub mod limits;
pub mod local;
pub mod modes;
pub mod network;
pub mod oidc;
pub mod pairing;
pub mod peer;
pub mod people;
pub mod preflight;
pub mod proxy_settings;
pub mod recovery;
pub mod redirect;
pub mod refusal;
pub mod runner;
pub mod session;
pub mod session_store;
pub mod setup;
pub mod token;
pub mod trusted_proxy;
