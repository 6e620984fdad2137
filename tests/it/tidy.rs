//! Keeps the architecture: the import table of docs/ARCHITECTURE.md, what may be used where, file
//! headers, and no forgotten test file.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use oored::domain::audit::{AuditAction, AuditResource};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

fn rust_files(folder: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut open = vec![PathBuf::from(ROOT).join(folder)];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(ROOT).unwrap().display().to_string();
                found.push((name, std::fs::read_to_string(&path).unwrap()));
            }
        }
    }
    found.sort();
    found
}

/// Code without comments and without its unit tests.
fn production(text: &str) -> String {
    let code = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
    code.lines().filter(|line| !line.trim_start().starts_with("//")).map(|line| format!("{line}\n")).collect()
}

fn module_of(file: &str) -> String {
    let inside = Path::new(file).strip_prefix("src").unwrap();
    let first = inside.iter().next().unwrap().to_string_lossy();
    first.trim_end_matches(".rs").to_owned()
}

/// module → what it may use, from the table under `## Import table`.
fn table() -> BTreeMap<String, String> {
    let text = std::fs::read_to_string(Path::new(ROOT).join("docs/ARCHITECTURE.md")).unwrap();
    let section = text.split("## Import table").nth(1).unwrap().split("\n## ").next().unwrap();
    let rows = section.lines().filter(|line| line.starts_with('|')).skip(2);
    rows.flat_map(|row| {
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        let allowed = cells[1].to_owned();
        let modules: Vec<String> =
            cells[0].split(',').map(|name| name.trim().trim_matches('`').to_owned()).collect();
        modules.into_iter().map(move |module| (module, allowed.clone()))
    })
    .collect()
}

fn may_use(allowed: &str, path: &str) -> bool {
    let names: Vec<&str> = allowed.split(',').map(|name| name.trim().trim_matches('`')).collect();
    let first = path.split("::").next().unwrap();
    names.iter().any(|name| {
        *name == "anything" || *name == first || path == *name || path.starts_with(&format!("{name}::"))
    })
}

#[test]
fn imports_follow_the_table() {
    let table = table();
    let mut broken = Vec::new();
    for (file, text) in rust_files("src") {
        let module = module_of(&file);
        if matches!(module.as_str(), "main" | "lib") {
            continue;
        }
        let Some(allowed) = table.get(&module) else {
            broken.push(format!("{file}: module {module} is not in the table"));
            continue;
        };
        for used in production(&text).split("crate::").skip(1) {
            let path: String =
                used.chars().take_while(|c| c.is_alphanumeric() || *c == '_' || *c == ':').collect();
            let path = path.trim_end_matches(':');
            let own = path.split("::").next() == Some(module.as_str()) || path == "words";
            if !own && !may_use(allowed, path) {
                broken.push(format!("{file} uses {path}"));
            }
        }
    }
    assert!(broken.is_empty(), "not allowed by docs/ARCHITECTURE.md:\n{}", broken.join("\n"));
}

#[test]
fn some_things_are_used_in_one_place_only() {
    let rules: [(&str, &[&str]); 9] = [
        ("axum::", &["src/api/", "src/web.rs", "src/server.rs"]),
        ("std::env", &["src/config.rs", "src/main.rs"]),
        ("SystemTime::now", &["src/clock.rs"]),
        ("Instant::now", &["src/clock.rs", "src/runner/"]),
        ("tokio::spawn", &["src/db/mod.rs", "src/tasks/", "src/runner/", "src/server.rs", "src/cli/"]),
        ("cfg(target_os", &["src/runner/platform/", "src/clock.rs"]),
        ("cfg!(target_os", &["src/runner/platform/", "src/config.rs"]),
        ("platform::name() ==", &["src/runner/processes.rs"]),
        ("EntityTrait", &["src/db/"]),
    ];
    let mut broken = Vec::new();
    for (file, text) in rust_files("src") {
        let code = production(&text);
        for (thing, places) in rules {
            if code.contains(thing) && !places.iter().any(|place| file.starts_with(place)) {
                broken.push(format!("{file} uses {thing}"));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

/// `db::builds::shift` is the writer; tallies, people, integrations and deliveries have a column of the same name.
#[test]
fn one_function_writes_a_builds_status() {
    let mut writers = BTreeMap::new();
    for (file, text) in rust_files("src") {
        let code = production(&text);
        let set = code.match_indices("status: Set(").filter(|(at, _)| !code[..*at].ends_with('_')).count();
        let by_column = code.matches("col_expr(Column::Status").count();
        if set + by_column > 0 {
            writers.insert(file, set + by_column);
        }
    }
    let known = [
        ("src/db/builds.rs", 1),
        ("src/db/deliveries.rs", 2),
        ("src/db/integrations.rs", 1),
        ("src/db/notification_deliveries.rs", 2),
        ("src/db/tallies.rs", 1),
        ("src/db/users.rs", 2),
    ];
    assert_eq!(writers, BTreeMap::from(known.map(|(file, count)| (file.to_owned(), count))));
}

/// Callers are held in memory until `Change::Access`: docs/adr/0004-callers-in-memory.md.
#[test]
fn whatever_changes_who_may_call_says_so() {
    let silent = ["insert", "delete_expired", "set_used"];
    let mut broken = Vec::new();
    for (file, text) in rust_files("src") {
        let code = production(&text);
        for table in ["users", "sessions", "api_tokens"] {
            let by = |thing: &str| code.contains(&format!("{table}::{thing}"));
            let upper = code.to_ascii_uppercase();
            let sql = |verb: &str| upper.contains(&format!("{verb} {}", table.to_ascii_uppercase()));
            if by("ActiveModel") || by("Entity::update") || by("Entity::delete") {
                broken.push(format!("{file} writes {table}"));
            }
            if sql("UPDATE") || sql("DELETE FROM") || sql("REPLACE INTO") {
                broken.push(format!("{file} writes {table} in SQL"));
            }
            if file == format!("src/db/{table}.rs") {
                let functions = code.split("async fn ").skip(1).filter(|code| code.contains("tx: &Tx"));
                let quiet = functions.filter(|code| {
                    !code.contains("tx.signal(Change::Access)") && !code.contains(" update(tx, row)")
                });
                let names = quiet.map(|code| code.split('(').next().unwrap());
                broken.extend(
                    names.filter(|name| !silent.contains(name)).map(|name| format!("{file}: {name}")),
                );
            }
            // Another process raises no signal in the daemon, so it must change nothing here.
            if file.starts_with("src/cli/") {
                let module = format!("db::{table}::");
                let calls = code.split(&module).skip(1);
                let other = calls.filter(|call| !call.starts_with("insert(") && !call.starts_with("find"));
                broken.extend(other.map(|_| format!("{file} changes {table} from outside of the daemon")));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn every_file_says_what_it_is_for() {
    for folder in ["src", "migration/src", "tests", "benches"] {
        for (file, text) in rust_files(folder) {
            let header = text.lines().take_while(|line| line.starts_with("//!")).count();
            assert!((1..=15).contains(&header), "{file} has no header, or a long one");
        }
    }
}

#[test]
fn every_act_of_the_audit_log_has_words_in_the_web_ui() {
    let path = Path::new(ROOT).join("frontend/src/messages/en/audit.ts");
    let words = std::fs::read_to_string(path).unwrap();
    let acts = AuditAction::ALL.iter().map(|action| action.as_str());
    let resources = AuditResource::ALL.iter().map(|resource| resource.as_str());
    let missing: Vec<&str> =
        acts.chain(resources).filter(|name| !words.contains(&format!("    {name}: \""))).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn no_file_is_too_long_to_read() {
    let long: Vec<String> = rust_files("src")
        .into_iter()
        .filter(|(_, text)| production(text).lines().count() > 500)
        .map(|(file, _)| file)
        .collect();
    assert!(long.is_empty(), "{long:?}");
}

#[test]
fn no_test_file_is_forgotten() {
    let main = std::fs::read_to_string(Path::new(ROOT).join("tests/it/main.rs")).unwrap();
    for entry in std::fs::read_dir(Path::new(ROOT).join("tests/it")).unwrap() {
        let name = entry.unwrap().file_name().to_string_lossy().trim_end_matches(".rs").to_owned();
        assert!(name == "main" || main.contains(&format!("mod {name};")), "{name} is not part of the tests");
    }
}

#[test]
fn every_dependency_says_what_it_is_for() {
    for manifest in ["Cargo.toml", "migration/Cargo.toml"] {
        let text = std::fs::read_to_string(Path::new(ROOT).join(manifest)).unwrap();
        let mut inside = false;
        for line in text.lines() {
            if line.starts_with('[') {
                inside = line.contains("dependencies");
            } else if inside && line.contains('=') {
                assert!(line.contains(" # "), "{manifest}: {line}");
            }
        }
    }
}
