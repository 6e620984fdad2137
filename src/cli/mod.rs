//! The command lines of both programs: which program was called, its exit code, and what both need.

mod artifacts;
mod audit;
mod backup;
mod build;
mod daemon;
mod doctor;
mod example;
mod failure;
mod folder;
mod frontend;
mod http;
mod key;
mod lifetime;
mod login;
mod manual;
mod names;
mod open;
mod operator;
mod pipeline;
mod profile;
mod project;
mod recovery;
mod run;
mod runner;
mod screen;
mod service;
mod settings;
mod setup;
mod signals;
mod status;
mod table;
mod terminal;
mod times;
mod token;
mod uninstall;
mod update;
mod user;
mod why;

use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches};

/// Runs the program that `arguments` name and answers its exit code.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let mut arguments: Vec<OsString> = arguments.into_iter().collect();
    let called_as = arguments.first().map(Path::new).and_then(Path::file_name).map(OsString::from);
    let operate = |oore| operator::run(oore).map(|()| ExitCode::SUCCESS);
    if called_as.is_some_and(|name| name == "oore") {
        return run::<operator::Oore>(arguments, operate);
    }
    if arguments.get(1).is_some_and(|word| word == "oore") {
        arguments.remove(0);
        return run::<operator::Oore>(arguments, operate);
    }
    run::<daemon::Oored>(arguments, daemon::run)
}

fn run<C: CommandFactory + FromArgMatches>(
    arguments: Vec<OsString>,
    command: impl FnOnce(C) -> anyhow::Result<ExitCode>,
) -> ExitCode {
    let parsed = C::command().try_get_matches_from(arguments).and_then(|found| C::from_arg_matches(&found));
    let parsed = match parsed {
        Ok(parsed) => parsed,
        Err(error) => error.exit(),
    };
    match command(parsed) {
        Ok(code) => code,
        Err(error) => {
            let (code, hint) = failure::explain(&error);
            terminal::complain(&error, hint);
            code
        }
    }
}

/// A runtime for a command that waits for things.
fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    crate::tls::install();
    Ok(tokio::runtime::Builder::new_multi_thread().enable_all().build()?)
}
