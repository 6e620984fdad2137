//! `oore frontend`: invites a separate web server to pair with the daemon, through the shared database,
//! with the daemon running or stopped.

use clap::{Args, Subcommand};

use super::terminal::say;
use super::{folder, lifetime};
use crate::audit;
use crate::auth::pairing;
use crate::clock::Clock;
use crate::config::FolderSettings;
use crate::domain::audit::{Actor, AuditAction, AuditResource, Entry};

#[derive(Debug, Subcommand)]
pub enum Frontend {
    /// Print a code that pairs a web server, once and for a short time; an older one is void.
    Invite(Invite),
}

#[derive(Debug, Args)]
pub struct Invite {
    #[command(flatten)]
    folder: FolderSettings,

    /// How long the code is good for: seconds, or minutes with an m (1 s to 60 m).
    #[arg(long, default_value = "10m", value_parser = |text: &str| lifetime::seconds(text, pairing::MAX_TTL))]
    ttl: i64,

    /// Print a JSON object.
    #[arg(long)]
    json: bool,
}

pub async fn run(command: Frontend) -> anyhow::Result<()> {
    let Frontend::Invite(request) = command;
    let now = Clock::system().now();
    let shared = folder::open_existing(&request.folder.resolve()?, now).await?;
    let invitation = shared
        .db
        .write(async |tx| {
            let invitation = pairing::invite(tx, request.ttl, now).await?;
            let entry = Entry::new(
                AuditAction::FrontendPairingInviteCreated,
                Actor::Operator,
                AuditResource::ExternalAccess,
            );
            let details = serde_json::json!({"expires_at": invitation.expires_at});
            audit::append(tx, &shared.sealer, now, entry.details(details)).await?;
            Ok(invitation)
        })
        .await?;
    if request.json {
        say(serde_json::json!({"code": invitation.code, "expires_at": invitation.expires_at}));
    } else {
        say(&invitation.code);
    }
    Ok(())
}
