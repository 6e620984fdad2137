//! The one integration test binary: real HTTP against the real server on port 0, a temporary SQLite
//! file, real git. Nothing of our own is mocked; time is moved by hand, nobody sleeps.

// A failed unwrap in a test is a failed test.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

mod api_tokens;
mod artifacts;
mod audit_logs;
mod auth;
mod bad_requests;
mod browse;
mod build_sign_in;
mod build_variables;
mod builds;
mod callers;
mod claim;
mod cli;
mod cli_pipelines;
mod config;
mod connections;
mod database;
mod events;
mod external_access;
mod faults;
mod faults_queue;
mod github;
mod github_builds;
mod guard;
mod health;
mod identity;
mod integrations;
mod key;
mod limits;
mod log_views;
mod logs;
mod logs_files;
mod members;
mod oidc;
mod oidc_lies;
mod oidc_providers;
mod oidc_states;
mod openapi;
mod pairing;
mod people_table;
mod permissions;
mod pipelines;
mod projects;
mod recovery;
mod refusals;
mod runner_builds;
mod runner_cli;
mod runner_enrolments;
mod runner_modes;
mod runner_traffic;
mod runners;
mod runners_embedded;
mod scheduling;
mod scheduling_order;
mod sessions;
mod settings;
mod setup;
mod setup_cli;
mod slow_clients;
mod start;
mod states;
mod storage_full;
mod tidy;
mod trusted_proxy;
mod users;
mod variables;
mod version2;
mod web;
mod workflows;
