//! `oore config`: reads and writes the operator's own file.

use clap::Subcommand;
use serde_json::json;

use super::failure::Failure;
use super::profile::{Key, Profile};
use super::terminal::say;

#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// Keep a value.
    Set { key: Key, value: String },
    /// Print a value.
    Get {
        key: Key,

        /// Print a JSON object.
        #[arg(long)]
        json: bool,
    },
}

pub fn run(command: ConfigCommand, mut profile: Profile) -> anyhow::Result<()> {
    match command {
        ConfigCommand::Set { key, value } => {
            let value = key.checked(&value)?;
            match key {
                Key::DaemonUrl => profile.choose_daemon(value),
                Key::SessionToken => profile.set(key, value),
            }
            profile.save()
        }
        ConfigCommand::Get { key, json } => {
            let value = match key {
                Key::DaemonUrl => Some(profile.daemon_url()),
                Key::SessionToken => profile.get(key),
            };
            let value = value.ok_or_else(|| {
                Failure::failed("there is no stored session").hint("Sign in with `oore login`.")
            })?;
            if json {
                say(json!({ key.name(): value }));
            } else {
                say(value);
            }
            Ok(())
        }
    }
}
