//! Schema changes of the SQLite database: forward only, one change a file. It knows nothing of the daemon; a released file never
//! changes.

use sea_orm_migration::prelude::*;
pub use sea_orm_migration::prelude::{MigrationTrait, MigratorTrait};

/// Declares a migration that runs SQL statements in order.
macro_rules! statements {
    ($($statement:literal),+ $(,)?) => {
        use sea_orm_migration::prelude::*;

        #[derive(DeriveMigrationName)]
        pub struct Migration;

        #[async_trait::async_trait]
        impl MigrationTrait for Migration {
            async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
                for statement in [$($statement),+] {
                    manager.get_connection().execute_unprepared(statement).await?;
                }
                Ok(())
            }
        }
    };
}

mod m20261125_000001_instance;
mod m20261125_000002_people;
mod m20261125_000003_sources;
mod m20261125_000004_projects;
mod m20261125_000005_runners;
mod m20261125_000006_builds;
mod m20261125_000007_artifacts;
mod m20261125_000008_audit;
mod m20261125_000009_api_tokens;
mod m20261125_000010_access;
mod m20261125_000011_host_capabilities;
mod m20261125_000013_encryption_key;
mod m20261125_000014_variables;
mod m20261125_000015_scheduling;
mod m20261125_000016_artifact_attempts;
mod m20261125_000017_runner_history;
mod m20261125_000018_log_retention;
mod m20261130_000021_build_file;
mod m20261130_000022_test_reports;
mod m20261130_000023_build_chain;
mod m20261130_000024_matrix;
mod m20261130_000025_build_caches;
mod m20261130_000027_integration_secrets;
mod m20261130_000029_webhook_deliveries;
mod m20261130_000030_schedules;
mod m20261130_000031_source_credentials;
mod m20261130_000032_incidents;
mod m20261130_000034_reports;
mod m20261130_000035_report_settings;
mod m20261130_000036_heads;
mod m20261130_000037_delivery_looks;
mod m20261130_000038_fork_builds;
mod m20261130_000039_artifact_stores;
mod m20261130_000040_artifact_tokens;
mod m20261130_000041_retention;
mod m20261130_000042_pins;
mod m20261130_000043_notification_channels;
mod m20261130_000044_notification_deliveries;
mod m20261130_000045_epoch;
mod m20261130_000046_figures;
mod m20261130_000047_runners_online;
mod m20261130_000048_build_runner;
mod m20261130_000049_notifications_owed;
mod m20261201_000050_build_platforms;

pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261125_000001_instance::Migration),
            Box::new(m20261125_000002_people::Migration),
            Box::new(m20261125_000003_sources::Migration),
            Box::new(m20261125_000004_projects::Migration),
            Box::new(m20261125_000005_runners::Migration),
            Box::new(m20261125_000006_builds::Migration),
            Box::new(m20261125_000007_artifacts::Migration),
            Box::new(m20261125_000008_audit::Migration),
            Box::new(m20261125_000009_api_tokens::Migration),
            Box::new(m20261125_000010_access::Migration),
            Box::new(m20261125_000011_host_capabilities::Migration),
            Box::new(m20261125_000013_encryption_key::Migration),
            Box::new(m20261125_000014_variables::Migration),
            Box::new(m20261125_000015_scheduling::Migration),
            Box::new(m20261125_000016_artifact_attempts::Migration),
            Box::new(m20261125_000017_runner_history::Migration),
            Box::new(m20261125_000018_log_retention::Migration),
            Box::new(m20261130_000021_build_file::Migration),
            Box::new(m20261130_000022_test_reports::Migration),
            Box::new(m20261130_000023_build_chain::Migration),
            Box::new(m20261130_000024_matrix::Migration),
            Box::new(m20261130_000025_build_caches::Migration),
            Box::new(m20261130_000027_integration_secrets::Migration),
            Box::new(m20261130_000029_webhook_deliveries::Migration),
            Box::new(m20261130_000030_schedules::Migration),
            Box::new(m20261130_000031_source_credentials::Migration),
            Box::new(m20261130_000032_incidents::Migration),
            Box::new(m20261130_000034_reports::Migration),
            Box::new(m20261130_000035_report_settings::Migration),
            Box::new(m20261130_000036_heads::Migration),
            Box::new(m20261130_000037_delivery_looks::Migration),
            Box::new(m20261130_000038_fork_builds::Migration),
            Box::new(m20261130_000039_artifact_stores::Migration),
            Box::new(m20261130_000040_artifact_tokens::Migration),
            Box::new(m20261130_000041_retention::Migration),
            Box::new(m20261130_000042_pins::Migration),
            Box::new(m20261130_000043_notification_channels::Migration),
            Box::new(m20261130_000044_notification_deliveries::Migration),
            Box::new(m20261130_000045_epoch::Migration),
            Box::new(m20261130_000046_figures::Migration),
            Box::new(m20261130_000047_runners_online::Migration),
            Box::new(m20261130_000048_build_runner::Migration),
            Box::new(m20261130_000049_notifications_owed::Migration),
            Box::new(m20261201_000050_build_platforms::Migration),
        ]
    }
}
