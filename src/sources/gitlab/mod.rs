//! GitLab as it is connected: with a token of a person, group or project, or with an OAuth application.

pub mod access;
pub mod check;
pub mod connect;
pub mod replace;
pub mod sync;
pub mod webhook_secret;
