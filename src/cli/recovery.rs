//! `oore recovery`: lets somebody back in who can't sign in any more. Being able to write the data
//! folder proves who the operator is, so it goes through the shared database, with the daemon running
//! or stopped.

use clap::Args;

use super::profile::Profile;
use super::terminal::say;
use super::{folder, lifetime};
use crate::audit;
use crate::auth::people::checked_email;
use crate::auth::recovery;
use crate::clock::Clock;
use crate::config::{FolderSettings, base_url};
use crate::domain::audit::{Actor, AuditAction, AuditResource, Entry};
use crate::error::Error;

#[derive(Debug, Args)]
pub struct Recovery {
    #[command(flatten)]
    folder: FolderSettings,

    /// Whom to let in; may be left out when there is exactly one active account.
    #[arg(long)]
    email: Option<String>,

    /// How long it is good for: seconds, or minutes with an m (1 s to 5 m).
    #[arg(long, default_value = "5m", value_parser = |text: &str| lifetime::seconds(text, recovery::MAX_TTL))]
    ttl: i64,

    /// Where the web UI is, as a browser on this machine reaches it; left out, where the daemon is.
    #[arg(long, env = "OORE_WEB_URL", value_parser = |url: &str| base_url(url).map_err(|why| format!("it {why}")))]
    web_url: Option<String>,

    /// Print a JSON object.
    #[arg(long)]
    json: bool,
}

fn explained(error: Error) -> Error {
    match error.code {
        "email_required" => error.hint("Name one of them with --email."),
        _ => error,
    }
}

pub async fn run(request: Recovery, profile: &Profile) -> anyhow::Result<()> {
    let email = request.email.as_deref().map(checked_email).transpose()?;
    let now = Clock::system().now();
    let shared = folder::open_existing(&request.folder.resolve()?, now).await?;
    let minted = shared
        .db
        .write(async |tx| {
            let minted = recovery::mint(tx, email.as_deref(), request.ttl, now).await.map_err(explained)?;
            let details = serde_json::json!({"email": minted.user.email, "expires_at": minted.expires_at});
            let entry =
                Entry::new(AuditAction::LocalRecoveryCapabilityMinted, Actor::Operator, AuditResource::User);
            audit::append(tx, &shared.sealer, now, entry.id(minted.user.id).details(details)).await?;
            Ok(minted)
        })
        .await?;
    let base = request.web_url.as_deref().unwrap_or(profile.daemon_url()).trim_end_matches('/');
    let url = format!("{base}/login#recovery={}", minted.capability);
    if request.json {
        say(serde_json::json!({
            "recovery_capability": minted.capability,
            "email": minted.user.email,
            "expires_at": minted.expires_at,
            "url": url,
        }));
    } else {
        say(format_args!(
            "Open this within {} s in a browser on this machine, to sign in as {}:",
            request.ttl, minted.user.email
        ));
        say(url);
    }
    Ok(())
}
