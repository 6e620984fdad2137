//! `oore setup`: what opens the set-up. Being able to write the data folder proves who the operator
//! is, so the token goes through the shared database, with the daemon running or stopped.

use std::os::unix::fs::DirBuilderExt;
use std::sync::Arc;

use clap::{Args, Subcommand};

use super::terminal::say;
use crate::audit;
use crate::auth::setup;
use crate::clock::Clock;
use crate::config::FolderSettings;
use crate::db::{self, Db};
use crate::domain::audit::{Actor, AuditAction, AuditResource, Entry};
use crate::error::{Error, Result};
use crate::events::Events;
use crate::seal::Sealer;

#[derive(Debug, Subcommand)]
pub enum Setup {
    /// Print a token that opens the set-up, once and for a short time.
    Token(Token),
}

#[derive(Debug, Args)]
pub struct Token {
    #[command(flatten)]
    folder: FolderSettings,

    /// How long the token is good for: seconds, or minutes with an m (1 s to 60 m).
    #[arg(long, default_value = "15m", value_parser = seconds)]
    ttl: i64,

    /// Print a JSON object.
    #[arg(long)]
    json: bool,
}

fn seconds(text: &str) -> std::result::Result<i64, String> {
    let (number, unit) = match (text.strip_suffix('m'), text.strip_suffix('s')) {
        (Some(minutes), _) => (minutes, 60),
        (None, Some(seconds)) => (seconds, 1),
        (None, None) => (text, 1),
    };
    let value = number.parse::<i64>().ok().and_then(|number| number.checked_mul(unit));
    value
        .filter(|value| (1..=3600).contains(value))
        .ok_or_else(|| "must be 1 s to 60 m, for instance 15m".to_owned())
}

pub async fn run(command: Setup) -> anyhow::Result<()> {
    let Setup::Token(request) = command;
    let clock = Clock::system();
    let expires_at = clock.now() + request.ttl;
    let token = mint(request.folder, request.ttl, clock).await?;
    if request.json {
        say(serde_json::json!({"token": token, "expires_at": expires_at}));
    } else {
        say(&token);
    }
    Ok(())
}

async fn mint(folder: FolderSettings, ttl: i64, clock: Clock) -> Result<String> {
    // Files made here are nobody else's business, whatever the shell's umask is.
    rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o077));
    let folder = folder.resolve()?;
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(&folder.root)?;
    let sealer = Sealer::open_or_create(&folder.encryption_key(), &folder.database)?;
    let db = Db::open(&folder.database, Arc::new(Events::new(0))).await?;
    let now = clock.now();
    let token = db
        .write(async |tx| {
            db::instance::ensure(tx, now).await?;
            let token = setup::mint_token(tx, ttl, now).await.map_err(explained)?;
            let entry = Entry::new(AuditAction::BootstrapTokenCreated, Actor::Operator, AuditResource::Setup);
            audit::append(tx, &sealer, now, entry).await?;
            Ok(token)
        })
        .await?;
    Ok(token)
}

fn explained(error: Error) -> Error {
    match error.code {
        "already_configured" => error.hint("Sign in, or use `oore status` to see the instance."),
        _ => error,
    }
}

#[cfg(test)]
mod tests {
    use super::seconds;

    #[test]
    fn a_lifetime_is_seconds_or_minutes_within_an_hour() {
        assert_eq!((seconds("90"), seconds("90s"), seconds("15m")), (Ok(90), Ok(90), Ok(900)));
        for text in ["0", "61m", "3601", "-1", "", "m", "15h", "99999999999999999999m"] {
            assert!(seconds(text).is_err(), "{text}");
        }
    }
}
