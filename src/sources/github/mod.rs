//! GitHub as it is connected: an app of the instance's own. `connect` makes one from a manifest, `access` acts as it,
//! `sync` reads what it may see.

pub mod access;
pub mod connect;
pub mod submodules;
pub mod sync;
