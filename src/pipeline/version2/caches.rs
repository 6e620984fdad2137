//! The list of caches: what a build wants to find again that an earlier one of its project had. Where they are
//! kept is the runner's business.

use super::super::reader::{Field, Reader, suggestion};
use super::super::validate;
use super::super::yaml::Value;
use super::steps::folder;
use crate::domain::cache::{MAX_CACHE_NAME, MAX_CACHES};

const MAX_PATHS: usize = 16;
const MAX_KEY_FILES: usize = 16;
const MAX_PATTERN_CHARS: usize = 512;

const CACHE_KEYS: &[&str] = &["name", "paths", "key"];
const BUILT_IN: [&str; 3] = ["pub", "gradle", "pods"];

/// A cache that a file asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cache {
    pub name: String,
    pub kind: CacheKind,
}

impl Cache {
    /// What it fills of the checkout.
    pub fn paths(&self) -> &[String] {
        match &self.kind {
            CacheKind::Custom { paths, .. } => paths,
            CacheKind::Pub | CacheKind::Gradle | CacheKind::Pods => &[],
        }
    }
}

/// What is in a cache.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CacheKind {
    /// Dart packages.
    Pub,
    Gradle,
    /// CocoaPods' specs and downloads.
    Pods,
    /// Paths of the checkout.
    Custom {
        paths: Vec<String>,
        /// Patterns of files; when one of them changes, so does the cache.
        key: Vec<String>,
    },
}

pub fn read(reader: &mut Reader, field: Option<Field<'_>>) -> Vec<Cache> {
    let Some(field) = field else { return Vec::new() };
    let (at, path) = (field.node.at, field.path.clone());
    let items = reader.items(Some(field));
    if items.len() > MAX_CACHES {
        reader.say(at, format!("{path}: at most {MAX_CACHES} caches"));
    }
    let mut caches: Vec<Cache> = Vec::new();
    for item in items {
        let cache = match &item.node.value {
            Value::Map(_) => custom(reader, &item),
            Value::Text(_) | Value::Null | Value::List(_) => built_in(reader, &item),
        };
        let Some(cache) = cache else { continue };
        if caches.iter().any(|known| known.name == cache.name) {
            reader.say(item.node.at, format!("{}: '{}' is named twice", item.path, cache.name));
        }
        if let Some(why) = overlap(&caches, &cache) {
            reader.say(item.node.at, format!("{}.paths: {why}", item.path));
        }
        caches.push(cache);
    }
    caches
}

fn built_in(reader: &mut Reader, item: &Field<'_>) -> Option<Cache> {
    let Value::Text(name) = &item.node.value else {
        let hint = format!("write one of {}, or a mapping with name, paths and key", BUILT_IN.join(", "));
        reader.suggest(item.node.at, format!("{}: must be a cache", item.path), hint);
        return None;
    };
    let kind = match name.as_str() {
        "pub" => CacheKind::Pub,
        "gradle" => CacheKind::Gradle,
        "pods" => CacheKind::Pods,
        _ => {
            let hint = format!("{}; another cache has name, paths and key", suggestion(name, &BUILT_IN));
            reader.suggest(item.node.at, format!("{}: there is no cache '{name}'", item.path), hint);
            return None;
        }
    };
    Some(Cache { name: name.clone(), kind })
}

fn custom(reader: &mut Reader, item: &Field<'_>) -> Option<Cache> {
    let before = reader.found.len();
    let keys = reader.map(item, CACHE_KEYS);
    reader.require(item, &keys, CACHE_KEYS);
    let name = reader.read(keys.get("name"), cache_name);
    let paths = texts(reader, keys.get("paths"), MAX_PATHS, |text| {
        folder(text).and_then(|path| match path.split('/').next() {
            Some(".git") => Err("is git's own".to_owned()),
            _ => Ok(path),
        })
    });
    let key = texts(reader, keys.get("key"), MAX_KEY_FILES, pattern);
    (reader.found.len() == before).then_some(Cache { name: name?, kind: CacheKind::Custom { paths, key } })
}

/// A list with something in it.
fn texts(
    reader: &mut Reader,
    field: Option<Field<'_>>,
    most: usize,
    read: impl Fn(&str) -> Result<String, String>,
) -> Vec<String> {
    let Some(field) = field.filter(|field| field.node.value != Value::Null) else { return Vec::new() };
    let (at, path, before) = (field.node.at, field.path.clone(), reader.found.len());
    let found = reader.texts(Some(field));
    if (found.is_empty() && reader.found.len() == before) || found.len() > most {
        reader.say(at, format!("{path}: must list 1 to {most}"));
    }
    let mut texts = Vec::new();
    for (field, text) in found {
        match read(&text) {
            Ok(text) => texts.push(text),
            Err(why) => reader.say(field.node.at, format!("{}: {why}", field.path)),
        }
    }
    texts
}

/// Why what a cache restores would lie in what another one does.
fn overlap(known: &[Cache], new: &Cache) -> Option<String> {
    let mut taken: Vec<&String> = known.iter().flat_map(Cache::paths).collect();
    for path in new.paths() {
        let within = |inner: &str, outer: &str| {
            inner == outer || inner.strip_prefix(outer).is_some_and(|rest| rest.starts_with('/'))
        };
        if let Some(other) = taken.iter().find(|other| within(path, other) || within(other, path)) {
            return Some(format!("'{path}' and '{other}' hold the same files"));
        }
        taken.push(path);
    }
    None
}

fn cache_name(text: &str) -> Result<String, String> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '-';
    let fits = text.starts_with(|c: char| c.is_ascii_lowercase()) && text.chars().all(plain);
    if !fits || text.len() > MAX_CACHE_NAME {
        return Err(format!("must match [a-z][a-z0-9_-]* with at most {MAX_CACHE_NAME} characters"));
    }
    if BUILT_IN.contains(&text) {
        return Err(format!("'{text}' is a cache of its own: write it without paths and key"));
    }
    Ok(text.to_owned())
}

/// A file of the checkout, or a pattern of some.
fn pattern(text: &str) -> Result<String, String> {
    validate::bounded(text, MAX_PATTERN_CHARS)?;
    let inside = text.split('/').all(|part| !matches!(part, "" | "." | ".."));
    if !inside || text.contains('\\') || text.chars().any(char::is_control) {
        return Err(
            "must be a file inside the repository, without . or .. parts; * and ** are allowed".to_owned()
        );
    }
    globset::Glob::new(text).map(|_| text.to_owned()).map_err(|error| error.kind().to_string())
}

#[cfg(test)]
mod tests {
    use super::super::super::parse::{PipelineFile, parse};
    use super::*;

    fn file(caches: &str) -> String {
        format!("version: 2\nplatforms: [ios]\nsteps: [{{name: A, run: make}}]\ncaches:{caches}\n")
    }

    fn read(caches: &str) -> Vec<Cache> {
        match parse(&file(caches)).unwrap() {
            PipelineFile::V2(workflow) => workflow.caches,
            PipelineFile::V1(config) => panic!("{config:?}"),
        }
    }

    fn complaints(caches: &str) -> Vec<String> {
        parse(&file(caches)).unwrap_err().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn caches_are_named_or_described() {
        let found = read(
            "\n  - pub\n  - {name: node, paths: [web/node_modules], key: [web/bun.lock, '**/*.json']}\n",
        );
        assert_eq!(found[0], Cache { name: "pub".into(), kind: CacheKind::Pub });
        let kind = CacheKind::Custom {
            paths: vec!["web/node_modules".into()],
            key: vec!["web/bun.lock".into(), "**/*.json".into()],
        };
        assert_eq!(found[1], Cache { name: "node".into(), kind });
        assert_eq!(read(" [pub, gradle, pods]").len(), 3);
        assert_eq!(read(""), []);
    }

    #[test]
    fn what_is_wrong_is_said_with_its_place_and_what_to_do() {
        for (caches, expected) in [
            (
                "\n  - pubs",
                "line 5, column 5: caches[0]: there is no cache 'pubs'; did you mean 'pub'?; another cache has name, \
                 paths and key",
            ),
            ("\n  - {name: a, paths: [b]}", "line 5, column 5: caches[0].key is missing"),
            (
                "\n  - {name: a, paths: [b], keys: [c], key: [d]}",
                "line 5, column 27: caches[0].keys: unknown key; did you mean 'key'?",
            ),
            (
                "\n  - {name: a, paths: [../b], key: [c]}",
                "line 5, column 23: caches[0].paths[0]: must be a folder inside",
            ),
            (
                "\n  - {name: a, paths: [.git/x], key: [c]}",
                "line 5, column 23: caches[0].paths[0]: is git's own",
            ),
            ("\n  - {name: a, paths: [], key: [c]}", "line 5, column 22: caches[0].paths: must list 1 to 16"),
            (
                "\n  - {name: a, paths: [b], key: [/c]}",
                "line 5, column 33: caches[0].key[0]: must be a file inside",
            ),
            ("\n  - {name: a, paths: [b], key: ['c[']}", "line 5, column 33: caches[0].key[0]: unclosed"),
            ("\n  - {name: A, paths: [b], key: [c]}", "line 5, column 12: caches[0].name: must match"),
            (
                "\n  - {name: pub, paths: [b], key: [c]}",
                "line 5, column 12: caches[0].name: 'pub' is a cache of its own",
            ),
            (
                "\n  - {name: a, paths: [b, b/c], key: [c]}",
                "line 5, column 5: caches[0].paths: 'b/c' and 'b' hold",
            ),
            (" [pub, pub]", "line 4, column 15: caches[1]: 'pub' is named twice"),
            (" [[pub]]", "line 4, column 10: caches[0]: must be a cache"),
            (" pub", "line 4, column 9: caches: must be a list"),
        ] {
            let found = complaints(caches);
            assert!(found.len() == 1 && found[0].starts_with(expected), "{caches}: {found:?}");
        }
    }
}
