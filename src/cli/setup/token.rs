//! `oore setup token`: what opens the set-up. Being able to write the data folder proves who the
//! operator is, so the token goes through the shared database, with the daemon running or stopped.

use clap::Args;

use crate::audit;
use crate::auth::setup;
use crate::cli::folder::{self, Shared};
use crate::cli::lifetime;
use crate::cli::terminal::say;
use crate::clock::Clock;
use crate::config::FolderSettings;
use crate::domain::audit::{Actor, AuditAction, AuditResource, Entry};
use crate::error::{Error, Result};

#[derive(Debug, Args)]
pub struct Token {
    #[command(flatten)]
    folder: FolderSettings,

    /// How long the token is good for: seconds, or minutes with an m (1 s to 60 m).
    #[arg(long, default_value = "15m", value_parser = |text: &str| lifetime::seconds(text, 3600))]
    ttl: i64,

    /// Print a JSON object.
    #[arg(long)]
    json: bool,
}

pub async fn run(request: Token) -> anyhow::Result<()> {
    let now = Clock::system().now();
    let shared = folder::open(&request.folder.resolve()?, now).await?;
    let token = mint(&shared, request.ttl, now).await?;
    if request.json {
        say(serde_json::json!({"token": token, "expires_at": now + request.ttl}));
    } else {
        say(&token);
    }
    Ok(())
}

/// A token that opens the set-up once; an older one is void.
pub async fn mint(shared: &Shared, ttl: i64, now: i64) -> Result<String> {
    shared
        .db
        .write(async |tx| {
            let token = setup::mint_token(tx, ttl, now).await.map_err(explained)?;
            let entry = Entry::new(AuditAction::BootstrapTokenCreated, Actor::Operator, AuditResource::Setup);
            audit::append(tx, &shared.sealer, now, entry).await?;
            Ok(token)
        })
        .await
}

fn explained(error: Error) -> Error {
    match error.code {
        "already_configured" => error.hint("Sign in, or use `oore status` to see the instance."),
        _ => error,
    }
}
