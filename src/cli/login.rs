//! `oore login`: keeps a session for the commands that follow. On the daemon's own machine it needs
//! nothing; elsewhere it takes a token that somebody already has.

use std::io::Read;

use clap::Args;
use serde_json::{Value, json};

use super::failure::Failure;
use super::http::{Connection, Daemon};
use super::profile::{Key, Profile, checked_token};
use super::terminal::{plain, say, warn};
use crate::auth::people::checked_email;

/// A token is short; whatever is longer is something else.
const MOST: u64 = 8 * 1024;

#[derive(Debug, Args)]
pub struct Login {
    #[command(flatten)]
    connection: Connection,

    /// Read the token from standard input, where no other process sees it.
    #[arg(long, conflicts_with = "token")]
    token_stdin: bool,

    /// The account to sign in, when there are several.
    #[arg(long, conflicts_with = "token_stdin")]
    email: Option<String>,

    /// Print a JSON object.
    #[arg(long)]
    json: bool,
}

pub async fn run(login: Login, mut profile: Profile) -> anyhow::Result<()> {
    let given = login.given_token()?;
    if given.is_some() && login.email.is_some() {
        return Err(Failure::usage("either a token or an e-mail address, not both")
            .hint("A token may also come from OORE_SESSION_TOKEN.")
            .into());
    }
    let email = login.email.as_deref().map(checked_email).transpose()?;
    let daemon = Daemon::at(login.connection.url(&profile)?)?;
    if daemon.is_exposed() {
        warn(format_args!("{} is not encrypted: others on the way can read the token", daemon.url));
    }
    let token = match given {
        Some(token) => token,
        None => daemon.sign_in_locally(email.as_deref()).await?,
    };
    let me = daemon.with_token(&token).get("/v1/users/me").await?;
    profile.choose_daemon(daemon.url.clone());
    profile.set(Key::SessionToken, token);
    profile.save()?;
    login.report(&daemon, &me["user"], &profile);
    Ok(())
}

impl Login {
    fn given_token(&self) -> anyhow::Result<Option<String>> {
        if !self.token_stdin {
            return Ok(self.connection.token.as_deref().map(checked_token).transpose()?);
        }
        let mut text = String::new();
        let read = std::io::stdin().take(MOST).read_to_string(&mut text);
        read.map_err(|_| Failure::usage("what came from standard input is not a token"))?;
        Ok(Some(checked_token(&text)?))
    }

    fn report(&self, daemon: &Daemon, user: &Value, profile: &Profile) {
        if self.json {
            say(json!({"daemon_url": daemon.url, "user": user, "config_file": profile.path}));
            return;
        }
        let text = |key: &str| plain(user[key].as_str().unwrap_or("unknown"));
        say(format_args!("signed in to {} as {} ({})", daemon.url, text("email"), text("role")));
    }
}
