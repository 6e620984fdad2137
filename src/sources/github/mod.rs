//! GitHub as it is connected: an app of the instance's own.

pub mod access;
