//! The harness: servers, people, repositories and programs. It speaks the product's language and
//! leaves nothing behind.

pub mod agent;
pub mod audience;
pub mod browser;
pub mod client;
pub mod code_host;
pub mod collector;
pub mod connected;
pub mod doors;
pub mod far_runner;
pub mod fault;
pub mod folders;
pub mod following;
pub mod forgetful;
pub mod gate;
pub mod git;
pub mod git_http;
pub mod github;
pub mod github_reports;
pub mod gitlab;
pub mod gitlab_reports;
pub mod go_between;
pub mod host_http;
pub mod mail_server;
pub mod meddle;
pub mod one_way;
pub mod operator;
pub mod payloads;
pub mod program;
pub mod prometheus;
pub mod provider;
pub mod receiver;
pub mod releases;
pub mod s3;
pub mod server;
pub mod setting_up;
pub mod shop;
pub mod sources;
pub mod stream;
pub mod with_gitlab;
pub mod world;

pub use agent::Agent;
pub use browser::Browser;

/// How long the tests of faults are to go on; `make faults` gives a number.
pub fn fault_points() -> Option<usize> {
    std::env::var("OORE_FAULT_POINTS").ok().and_then(|points| points.parse().ok())
}

pub use client::{Answer, Client};
pub use git::Repository;
pub use server::Server;
pub use stream::{Stream, build_in, log_shows, until, wait_for};
pub use world::World;
