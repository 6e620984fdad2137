//! Oore CI: self-hosted mobile CI, built for Flutter.
//!
//! The map, from the edge inwards (`docs/ARCHITECTURE.md` has the reasons and the import table):
//!
//! - `cli`, `server`, `web`: the programs, the sockets, the page
//! - `api`: HTTP; one file a resource, routes and their description are one
//! - `auth`: who is calling, what they may touch; `audit`: who did what; `rotation`: a new key
//! - `builds`: the story of a build; `reports`: what code hosts are told of it; `notify`: what people are told;
//!   `tasks`: what happens without being asked
//! - `pipeline`: `.oore.yaml`; `runner`: executes builds, a program of its own
//! - `forge`, `storage`: code hosts, bytes; `sources`: the code hosts that are connected
//! - `db`: all state, one SQLite file
//! - `domain`: nouns and rules; `config`, `clock`, `error`, `events`, `files`, `outgoing`, `seal`, `telemetry`, `update`: the ground

pub mod api;
pub mod app;
pub mod audit;
pub mod auth;
pub mod backup;
pub mod builds;
pub mod cli;
pub mod clock;
pub mod config;
pub mod db;
pub mod domain;
pub mod error;
pub mod events;
pub mod files;
pub mod forge;
pub mod notify;
pub mod outgoing;
pub mod pipeline;
pub mod reports;
pub mod rotation;
pub mod runner;
pub mod seal;
pub mod server;
pub mod sources;
pub mod storage;
pub mod tasks;
pub mod telemetry;
pub mod update;
pub mod web;
