//! `oore setup`: sets an instance up, with questions at a terminal, from a file, or in the browser. It
//! goes on where an earlier set-up stopped. Like any client it talks to the daemon over HTTP; only the
//! token that opens the set-up comes from the shared database.

mod answers;
mod init;
mod questions;
mod steps;
mod token;

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use self::answers::{Answers, Interface};
use self::steps::{Outcome, SetUp};
use super::failure::Failure;
use super::http::Daemon;
use super::profile::Profile;
use super::terminal::{can_be_asked, note, plain, say};

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Setup {
    #[command(subcommand)]
    command: Option<Command>,

    #[command(flatten)]
    guided: Guided,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Print a token that opens the set-up, once and for a short time.
    #[command(alias = "open")]
    Token(token::Token),
    /// Set the instance up without questions and without the daemon.
    Init(init::Init),
}

/// The set-up with questions or from a file.
#[derive(Debug, Args)]
struct Guided {
    #[command(flatten)]
    given: answers::Given,

    /// Say what would be done, and change nothing.
    #[arg(long)]
    plan: bool,

    /// Print a JSON object, and ask nothing.
    #[arg(long)]
    json: bool,
}

pub async fn run(setup: Setup, profile: &Profile) -> anyhow::Result<()> {
    match setup.command {
        Some(Command::Token(token)) => token::run(token).await,
        Some(Command::Init(init)) => init::run(init).await,
        None => guided(setup.guided, profile).await,
    }
}

async fn guided(guided: Guided, profile: &Profile) -> anyhow::Result<()> {
    let answers = Answers::collect(guided.given, profile)?;
    for (name, why) in &answers.without_effect {
        note(format_args!("{name} has no effect: {why}"));
    }
    let daemon = Daemon::at(answers.daemon_url.clone())?;
    let status = daemon.get("/v1/public/setup-status").await?;
    if guided.plan {
        show_plan(&answers, &status, guided.json);
        return Ok(());
    }
    if answers.public_url.is_some() {
        let settled = status["is_configured"] == true || status["state"] == "owner_created";
        if settled {
            note("public_url has no effect: so far along it is changed in the settings");
        } else if answers.interface == Interface::Browser {
            note("public_url has no effect: the page asks for it");
        }
    }
    let outcome = if status["is_configured"] == true {
        answers.fits_a_ready_instance(&status)?;
        Outcome::ready(&status)
    } else if answers.interface == Interface::Browser {
        SetUp::open(&daemon, &status, &answers).await?.hand_over(&status, None).await?
    } else {
        let mut set_up = SetUp::open(&daemon, &status, &answers).await?;
        let ask = !guided.json && answers.interface != Interface::File && can_be_asked();
        let ask = ask && !set_up.waits_for_owner(&answers);
        if answers.interface == Interface::Terminal && !ask {
            return Err(no_terminal().into());
        }
        let answers = if ask { questions::ask(answers, &set_up.summary)? } else { answers };
        set_up.perform(&answers).await?
    };
    report(&daemon, outcome, guided.json).await
}

fn no_terminal() -> Failure {
    Failure::usage("there is no terminal to ask questions at")
        .hint("Answer them with --config FILE or --access, or use --interface browser.")
}

fn show_plan(answers: &Answers, status: &Value, as_json: bool) {
    let steps = steps::plan(answers, status);
    if as_json {
        say(json!({"daemon_url": answers.daemon_url, "state": status["state"], "steps": steps}));
        return;
    }
    for step in steps {
        say(format_args!("- {}", plain(&step)));
    }
}

/// Says how it ended. At a terminal it also waits for what is done in the browser.
async fn report(daemon: &Daemon, outcome: Outcome, as_json: bool) -> anyhow::Result<()> {
    if as_json {
        say(outcome.as_json());
        return Ok(());
    }
    let Some(link) = &outcome.link else {
        say(format_args!("{} is set up; sign in at {}", plain(&outcome.instance_id), daemon.url));
        return Ok(());
    };
    say(format_args!("Go on in a browser, within 15 minutes:\n\n  {link}\n"));
    if can_be_asked() {
        note("Waiting until it is done there; Ctrl-C stops the waiting only.");
        steps::wait_until_ready(daemon).await?;
        say("The instance is set up.");
    }
    Ok(())
}
