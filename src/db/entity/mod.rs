//! The rows of every table, as SeaORM sees them. Shapes only: no queries, no rules, and rows are
//! never sent to clients.

pub mod api_tokens;
pub mod artifacts;
pub mod audit_head;
pub mod audit_logs;
pub mod build_events;
pub mod build_tallies;
pub mod builds;
pub mod delivery_looks;
pub mod encryption_key;
pub mod heads;
pub mod host_capabilities;
pub mod incident_reads;
pub mod incidents;
pub mod installations;
pub mod instance;
pub mod integration_secrets;
pub mod integrations;
pub mod network_settings;
pub mod oidc_settings;
pub mod pipelines;
pub mod project_members;
pub mod projects;
pub mod repositories;
pub mod runners;
pub mod schedules;
pub mod sessions;
pub mod setup;
pub mod source_credentials;
pub mod test_reports;
pub mod trusted_proxy_settings;
pub mod users;
pub mod variables;
pub mod watched_repositories;
pub mod webhook_deliveries;
pub mod webhook_verdicts;
