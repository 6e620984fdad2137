//! The pages for people: their links lead somewhere, the commands in them exist with their flags, and every code of an error has its
//! row in docs/TROUBLESHOOTING.md.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use regex::Regex;
use serde_json::Value;

use crate::support::program::run;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// Every page, by its path.
fn pages() -> BTreeMap<PathBuf, String> {
    let mut pages = BTreeMap::new();
    for folder in ["", "docs", "docs/access", "docs/adr", "packaging"] {
        for entry in std::fs::read_dir(Path::new(ROOT).join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|extension| extension == "md") {
                let text = std::fs::read_to_string(&path).unwrap();
                pages.insert(path, text);
            }
        }
    }
    assert!(pages.len() > 30, "the pages are there");
    pages
}

fn shown(path: &Path) -> String {
    path.strip_prefix(ROOT).unwrap().display().to_string()
}

/// The text without its blocks of code.
fn prose(text: &str) -> String {
    let outside = text.split("\n```").step_by(2);
    outside.collect::<Vec<_>>().join("\n")
}

/// What a link may lead to inside of a page: its headings, as code hosts name them, and its anchors.
fn anchors(text: &str) -> BTreeSet<String> {
    let named = Regex::new(r#"<a id="([^"]+)">"#).unwrap();
    let mut anchors: BTreeSet<String> = named.captures_iter(text).map(|found| found[1].to_owned()).collect();
    let prose = prose(text);
    for line in prose.lines().filter(|line| line.starts_with('#')) {
        let title = line.trim_start_matches('#').trim().to_lowercase();
        let kept = title.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c));
        anchors.insert(kept.map(|c| if c == ' ' { '-' } else { c }).collect());
    }
    anchors
}

#[test]
fn every_link_between_pages_leads_somewhere() {
    let link = Regex::new(r"\]\(([^)\s]+)\)").unwrap();
    let pages = pages();
    let mut broken = Vec::new();
    for (page, text) in &pages {
        for found in link.captures_iter(&prose(text)) {
            let target = &found[1];
            if target.contains("://") || target.starts_with("mailto:") {
                continue;
            }
            let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
            let file = if file.is_empty() { page.clone() } else { page.parent().unwrap().join(file) };
            let Ok(file) = file.canonicalize() else {
                broken.push(format!("{}: {target}", shown(page)));
                continue;
            };
            let leads =
                anchor.is_empty() || pages.get(&file).is_some_and(|text| anchors(text).contains(anchor));
            if !leads {
                broken.push(format!("{}: {target} has no such heading", shown(page)));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

/// The help of a command of the real program, asked for once.
#[derive(Default)]
struct Helps(BTreeMap<Vec<String>, Option<String>>);

impl Helps {
    fn of(&mut self, words: &[&str]) -> Option<String> {
        let key: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        let ask = || {
            let asked = run(&[words, &["--help"]].concat());
            asked.status.success().then(|| String::from_utf8(asked.stdout).unwrap())
        };
        self.0.entry(key).or_insert_with(ask).clone()
    }

    /// What is wrong with a command as a page shows it.
    fn wrong(&mut self, line: &str) -> Option<String> {
        let mut words = line.split_whitespace().peekable();
        let mut path: Vec<&str> = if words.next()? == "oore" { vec!["oore"] } else { Vec::new() };
        if path.is_empty() {
            // The long form of the second name.
            path.extend(words.next_if_eq(&"oore"));
        }
        let mut help = self.of(&path)?;
        while let Some(word) = words.peek().copied().filter(|word| !word.starts_with('-')) {
            let Some((_, commands)) = help.split_once("\nCommands:\n") else { break };
            let commands = commands.split("\n\n").next().unwrap_or_default();
            let known = commands.lines().any(|line| line.split_whitespace().next() == Some(word));
            // A page may mean all of them.
            if word == "…" {
                return None;
            }
            if !known {
                return Some(format!("there is no command {word}"));
            }
            path.push(word);
            words.next();
            help = self.of(&path)?;
        }
        let flags = words.filter_map(|word| word.strip_prefix("--")).filter(|flag| !flag.is_empty());
        let names = flags.map(|flag| flag.split(['=', '`', ',']).next().unwrap_or_default());
        let unknown = names.map(|name| format!("--{name}")).find(|flag| !help.contains(flag.as_str()));
        unknown.map(|flag| format!("it has no {flag}"))
    }
}

/// Commands that a page shows: in blocks of code and between backticks.
fn commands(text: &str) -> Vec<String> {
    let begins = |line: &str| ["oore ", "oored ", "make "].iter().any(|name| line.starts_with(name));
    let blocks = text.split("\n```").skip(1).step_by(2);
    let lines = blocks.flat_map(str::lines).map(|line| line.trim().trim_start_matches("sudo ").to_owned());
    let prose = prose(text);
    let spans = prose.split('`').skip(1).step_by(2).map(|span| span.trim().replace('\n', " "));
    let all = lines.chain(spans).map(|line| line.split(" #").next().unwrap_or_default().to_owned());
    let whole = all.map(|line| line.split([';', '|', '>', '&']).next().unwrap_or_default().trim().to_owned());
    whole.filter(|line| begins(line)).collect()
}

#[test]
fn every_command_on_a_page_exists_with_its_flags() {
    let makefile = std::fs::read_to_string(Path::new(ROOT).join("Makefile")).unwrap();
    let is_target = |name: &str| makefile.lines().any(|line| line.starts_with(&format!("{name}:")));
    let mut helps = Helps::default();
    let (mut wrong, mut looked_at) = (Vec::new(), 0);
    for (page, text) in pages() {
        // What was said of a version stays as it was said.
        if page.ends_with("CHANGELOG.md") {
            continue;
        }
        for command in commands(&text) {
            looked_at += 1;
            let why = match command.strip_prefix("make ") {
                Some(rest) => {
                    let mut targets = rest.split_whitespace().filter(|word| !word.contains('='));
                    targets
                        .next()
                        .filter(|name| !is_target(name))
                        .map(|name| format!("there is no task {name}"))
                }
                None => helps.wrong(&command),
            };
            wrong.extend(why.map(|why| format!("{}: `{command}`: {why}", shown(&page))));
        }
    }
    assert!(looked_at > 80, "only {looked_at} commands were found");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The codes that operations list, and those that the code makes.
fn codes() -> BTreeSet<String> {
    let document: Value = serde_json::from_str(&oored::api::document().to_pretty_json().unwrap()).unwrap();
    let code = Regex::new(r"\b[a-z][a-z0-9]*(?:_[a-z0-9]+)+\b").unwrap();
    let mut codes = BTreeSet::new();
    for item in document["paths"].as_object().unwrap().values() {
        for operation in item.as_object().unwrap().values() {
            for (status, answer) in operation["responses"].as_object().into_iter().flatten() {
                if status.starts_with(['4', '5']) {
                    let text = answer["description"].as_str().unwrap();
                    codes.extend(code.find_iter(text).map(|found| found.as_str().to_owned()));
                }
            }
        }
    }
    let made = Regex::new(
        r#"\bError::(?:invalid|unauthenticated|forbidden|conflict|rate_limited|internal|new)\(\s*(?:[A-Za-z:]+,\s*)?"([a-z0-9_]+)""#,
    )
    .unwrap();
    let decided_by = Regex::new(r#"\bpub const [A-Z_]+: &str = "([a-z0-9_]+)";"#).unwrap();
    let error = std::fs::read_to_string(Path::new(ROOT).join("src/error.rs")).unwrap();
    codes.extend(decided_by.captures_iter(&error).map(|found| found[1].to_owned()));
    for text in sources() {
        codes.extend(made.captures_iter(&text).map(|found| found[1].to_owned()));
    }
    codes
}

/// The production code.
fn sources() -> Vec<String> {
    let mut found = Vec::new();
    let mut open = vec![Path::new(ROOT).join("src")];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                found.push(text.split("#[cfg(test)]\nmod tests").next().unwrap().to_owned());
            }
        }
    }
    found
}

#[test]
fn every_code_of_an_error_has_its_row_and_every_row_a_code() {
    let page = std::fs::read_to_string(Path::new(ROOT).join("docs/TROUBLESHOOTING.md")).unwrap();
    let row =
        Regex::new(r#"(?m)^\| <a id="([a-z0-9_]+)"></a>`([a-z0-9_]+)` \| [0-9, ]*\| ([^|]+) \| ([^|]+) \|$"#)
            .unwrap();
    let mut rows = BTreeSet::new();
    for found in row.captures_iter(&page) {
        assert_eq!(found[1], found[2], "the anchor is the code");
        assert!(rows.insert(found[1].to_owned()), "{} stands twice", &found[1]);
    }
    let missing: Vec<String> = codes().difference(&rows).cloned().collect();
    assert!(missing.is_empty(), "docs/TROUBLESHOOTING.md lacks {missing:?}");
    let code = sources().join("\n");
    let gone: Vec<&String> = rows.iter().filter(|row| !code.contains(&format!("\"{row}\""))).collect();
    assert!(gone.is_empty(), "no answer has {gone:?} any more");
}
