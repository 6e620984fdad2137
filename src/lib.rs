//! t
pub mod clock;
pub mod config;
pub mod db;
pub mod domain;
pub mod error;
pub mod events;
pub mod runner;
pub mod seal;
pub mod telemetry;
