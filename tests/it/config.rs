//! Every configuration key is documented once, and the documentation is true.

use std::collections::BTreeMap;

use clap::CommandFactory;
use clap::Parser;
use oored::config::{RunnerSettings, Settings};

#[derive(Debug, Parser)]
struct CommandLine {
    #[command(flatten)]
    settings: Settings,

    #[command(flatten)]
    runner: RunnerSettings,
}

/// Keys read by libraries or by the operator's command line, not by `Settings`.
const ELSEWHERE: [&str; 9] = [
    "RUST_LOG",
    "OORE_DAEMON_URL",
    "OORE_SESSION_TOKEN",
    "OORE_CONFIG_FILE",
    "OORE_INSTALL_ROOT",
    "OORE_WEB_URL",
    "OORE_ENCRYPTION_KEY_FILE",
    "OORE_TRUSTED_PROXY_SHARED_SECRET",
    "OORE_TRUSTED_PROXY_SHARED_SECRET_FILE",
];

fn documented() -> BTreeMap<String, String> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/packaging/oored.example.env");
    let text = std::fs::read_to_string(path).unwrap();
    let mut keys = BTreeMap::new();
    for line in text.lines() {
        let Some((key, value)) = line.strip_prefix('#').and_then(|line| line.split_once('=')) else {
            continue;
        };
        if key.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_') {
            assert!(keys.insert(key.to_owned(), value.to_owned()).is_none(), "{key} is documented twice");
        }
    }
    keys
}

#[test]
fn every_key_is_documented_and_every_documented_key_exists() {
    let command = CommandLine::command();
    let mut known: Vec<String> = command
        .get_arguments()
        .filter_map(|argument| argument.get_env())
        .map(|key| key.to_string_lossy().into_owned())
        .chain(ELSEWHERE.map(str::to_owned))
        .collect();
    known.sort();
    let documented: Vec<String> = documented().into_keys().collect();
    assert_eq!(documented, known);
}

#[test]
fn documented_defaults_are_the_real_ones() {
    let documented = documented();
    for argument in CommandLine::command().get_arguments() {
        let (Some(key), [default]) = (argument.get_env(), argument.get_default_values()) else {
            continue;
        };
        let key = key.to_string_lossy().into_owned();
        assert_eq!(documented[&key], default.to_string_lossy(), "{key}");
    }
}
