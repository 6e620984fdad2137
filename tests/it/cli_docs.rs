//! What is written about the command lines is true: every verb stands in docs/CLI.md and the other way round, and
//! completions and man pages are made of the same descriptions.

use std::collections::BTreeSet;
use std::process::Command;

use crate::support::program::oored;

/// The commands that the help of `path` names, without `help` itself.
fn verbs_of(path: &[&str]) -> Vec<String> {
    let done = oored().args(path).arg("--help").output().unwrap();
    assert!(done.status.success(), "{path:?}");
    let help = String::from_utf8(done.stdout).unwrap();
    let Some(list) = help.split("Commands:\n").nth(1) else { return Vec::new() };
    let lines = list.lines().take_while(|line| !line.is_empty());
    let names = lines.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    names
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| *name != "help")
        .map(str::to_owned)
        .collect()
}

/// Every command that does something, as people type it.
fn commands(program: &str, path: &[&str], found: &mut BTreeSet<String>) {
    let verbs = verbs_of(path);
    let typed = |path: &[&str]| {
        let words: Vec<&str> = path.iter().copied().filter(|word| *word != "oore").collect();
        [&[program][..], &words[..]].concat().join(" ")
    };
    if verbs.is_empty() || path == ["oore", "setup"] {
        found.insert(typed(path));
    }
    for verb in &verbs {
        commands(program, &[path, &[verb.as_str()]].concat(), found);
    }
}

#[test]
fn every_command_of_the_help_stands_in_its_document_and_the_other_way_round() {
    let mut real = BTreeSet::new();
    commands("oore", &["oore"], &mut real);
    commands("oored", &[], &mut real);
    let document = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/CLI.md")).unwrap();
    let rows = document.lines().filter_map(|line| line.strip_prefix("| `oore")?.split_once('`'));
    let words = |typed: &str| -> String {
        let plain =
            typed.split_whitespace().take_while(|word| word.starts_with(|c: char| c.is_ascii_lowercase()));
        plain.collect::<Vec<_>>().join(" ")
    };
    let written: BTreeSet<String> = rows.map(|(typed, _)| words(&format!("oore{typed}"))).collect();
    let missing: Vec<&String> = real.difference(&written).collect();
    let unknown: Vec<&String> = written.difference(&real).collect();
    assert!(
        missing.is_empty() && unknown.is_empty(),
        "not in docs/CLI.md: {missing:?}\nno command: {unknown:?}"
    );
}

#[test]
fn both_programs_complete_their_commands_in_three_shells() {
    for (arguments, verb) in [(&["oore", "completions"][..], "artifacts"), (&["completions"], "openapi")] {
        for shell in ["bash", "zsh", "fish"] {
            let done = oored().args(arguments).arg(shell).output().unwrap();
            let script = String::from_utf8(done.stdout).unwrap();
            assert!(done.status.success() && script.contains(verb), "{arguments:?} {shell}");
            let file = tempfile::NamedTempFile::new().unwrap();
            std::fs::write(file.path(), &script).unwrap();
            // Not every machine has every shell; each has the one that runs its scripts.
            if let Ok(checked) = Command::new(shell).arg("-n").arg(file.path()).output() {
                assert!(checked.status.success(), "{shell}: {}", String::from_utf8_lossy(&checked.stderr));
            }
        }
        let unknown = oored().args(arguments).arg("tcsh").output().unwrap();
        assert_eq!(unknown.status.code(), Some(2));
    }
}

#[test]
fn each_command_has_a_man_page() {
    let folder = tempfile::tempdir().unwrap();
    let pages = folder.path().join("man1");
    let done = oored().args(["oore", "man"]).arg(&pages).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    for page in [
        "oore.1",
        "oore-build-watch.1",
        "oore-artifacts-download.1",
        "oore-doctor.1",
        "oored.1",
        "oored-run.1",
    ] {
        let text = std::fs::read_to_string(pages.join(page)).unwrap_or_else(|_| panic!("{page} is missing"));
        assert!(text.contains(".TH") && text.contains(".SH NAME"), "{page}");
    }
    assert!(!pages.join("oored-runner-warden.1").exists(), "hidden commands have none");
}
