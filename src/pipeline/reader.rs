//! Walks the tree of a pipeline file: remembers where each field stands and collects what is wrong. It
//! knows how mappings, lists and texts are read, not which keys there are.

use std::collections::HashMap;

use super::diagnostic::Diagnostic;
use super::yaml::{Key, Node, Position, Value};
use crate::domain::spec::BuildPlatform;
use crate::error::FieldError;

/// What has been found so far.
#[derive(Default)]
pub(super) struct Reader {
    pub found: Vec<Diagnostic>,
    places: HashMap<String, Position>,
}

/// A node and the path of keys that leads to it.
pub(super) struct Field<'a> {
    pub node: &'a Node,
    pub path: String,
}

/// The entries of one mapping.
pub(super) struct Keys<'a> {
    entries: &'a [(Key, Node)],
    path: String,
}

impl<'a> Field<'a> {
    pub fn root(node: &'a Node) -> Self {
        Self { node, path: String::new() }
    }
}

impl<'a> Keys<'a> {
    pub fn get(&self, name: &str) -> Option<Field<'a>> {
        let (_, node) = self.entries.iter().find(|(key, _)| key.name == name)?;
        Some(Field { node, path: joined(&self.path, name) })
    }
}

impl Reader {
    /// The entries of a mapping, all of them known. Nothing at all counts as an empty mapping.
    pub fn map<'a>(&mut self, field: &Field<'a>, known: &'static [&'static str]) -> Keys<'a> {
        let entries = self.entries(field);
        for (key, node) in entries {
            let path = joined(&field.path, &key.name);
            if known.contains(&key.name.as_str()) {
                self.places.insert(path, node.at);
                continue;
            }
            self.suggest(key.at, format!("{path}: unknown key"), suggestion(&key.name, known));
        }
        Keys { entries, path: field.path.clone() }
    }

    /// Says which of these keys have no value.
    pub fn require(&mut self, item: &Field<'_>, keys: &Keys<'_>, names: &[&str]) {
        for name in names {
            if keys.get(name).is_none_or(|field| field.node.value == Value::Null) {
                self.say(item.node.at, format!("{}.{name} is missing", item.path));
            }
        }
    }

    /// The entries of a mapping whose keys are names that the file chooses.
    pub fn entries<'a>(&mut self, field: &Field<'a>) -> &'a [(Key, Node)] {
        match &field.node.value {
            Value::Map(entries) => entries,
            Value::Null => &[],
            Value::Text(_) | Value::List(_) => {
                self.say(field.node.at, labelled(&field.path, "must be a mapping of keys to values"));
                &[]
            }
        }
    }

    /// The items of a list.
    pub fn items<'a>(&mut self, field: Option<Field<'a>>) -> Vec<Field<'a>> {
        let Some(field) = field else { return Vec::new() };
        let items: &[Node] = match &field.node.value {
            Value::List(items) => items,
            Value::Null => &[],
            Value::Text(_) | Value::Map(_) => {
                self.say(field.node.at, labelled(&field.path, "must be a list"));
                &[]
            }
        };
        let numbered = items.iter().enumerate();
        numbered.map(|(index, node)| Field { node, path: format!("{}[{index}]", field.path) }).collect()
    }

    pub fn texts<'a>(&mut self, field: Option<Field<'a>>) -> Vec<(Field<'a>, String)> {
        let mut texts = Vec::new();
        for item in self.items(field) {
            self.places.insert(item.path.clone(), item.node.at);
            match &item.node.value {
                Value::Text(text) => texts.push((item, text.clone())),
                Value::Null | Value::List(_) | Value::Map(_) => {
                    self.say(item.node.at, labelled(&item.path, "must be a text; put it in quotes"));
                }
            }
        }
        texts
    }

    pub fn strings(&mut self, field: Option<Field<'_>>) -> Vec<String> {
        self.texts(field).into_iter().map(|(_, text)| text).collect()
    }

    /// A text, or nothing.
    pub fn text(&mut self, field: &Field<'_>) -> Option<String> {
        match &field.node.value {
            Value::Text(text) => Some(text.clone()),
            Value::Null => None,
            Value::List(_) | Value::Map(_) => {
                self.say(field.node.at, labelled(&field.path, "must be a text"));
                None
            }
        }
    }

    /// A text that must be there, read by `read`, which says what is wrong with it.
    pub fn read<T>(
        &mut self,
        field: Option<Field<'_>>,
        read: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<T> {
        let field = field?;
        let text = self.text(&field)?;
        match read(&text) {
            Ok(value) => Some(value),
            Err(why) => {
                self.say(field.node.at, format!("{}: {why}", field.path));
                None
            }
        }
    }

    pub fn platforms(&mut self, field: Option<Field<'_>>) -> Vec<BuildPlatform> {
        let mut platforms = Vec::new();
        for (field, text) in self.texts(field) {
            match text.parse() {
                Ok(platform) => platforms.push(platform),
                Err(_) => {
                    let message = format!("{}: '{text}' is no platform", field.path);
                    let names: Vec<&str> = BuildPlatform::ALL.iter().map(|known| known.as_str()).collect();
                    self.suggest(field.node.at, message, suggestion(&text, &names));
                }
            }
        }
        platforms
    }

    /// Takes note of a rule that was broken, at the place of its field.
    pub fn broken_rule(&mut self, error: FieldError) {
        let path = error.field.replacen("artifact_patterns", "artifacts.patterns", 1);
        let place = self.places.get(&path).or_else(|| {
            let parent = path.rsplit_once(['.', '[']).map_or("", |(parent, _)| parent);
            self.places.get(parent)
        });
        let at = place.copied().unwrap_or(Position { line: 1, column: 1 });
        self.say(at, format!("{path}: {}", error.message));
    }

    pub fn say(&mut self, at: Position, message: impl Into<String>) {
        self.found.push(Diagnostic::at(at, message));
    }

    pub fn suggest(&mut self, at: Position, message: impl Into<String>, hint: impl Into<String>) {
        self.found.push(Diagnostic::at(at, message).hint(hint));
    }
}

pub(super) fn joined(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}

fn labelled(path: &str, message: &str) -> String {
    if path.is_empty() { format!("the file {message}") } else { format!("{path}: {message}") }
}

/// What somebody may have meant who wrote `name`.
pub(super) fn suggestion(name: &str, known: &[&str]) -> String {
    match closest(name, known) {
        Some(near) => format!("did you mean '{near}'?"),
        None => format!("known here: {}", known.join(", ")),
    }
}

/// The known word that differs from `name` by at most two letters.
fn closest<'a>(name: &str, known: &[&'a str]) -> Option<&'a str> {
    let near = known.iter().map(|key| (distance(name, key), *key)).min()?;
    (near.0 <= 2).then_some(near.1)
}

/// How many letters must be added, removed or changed to make one word the other.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.chars().take(64).enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in other.iter().enumerate() {
            let changed = diagonal + usize::from(a != *b);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[other.len()]
}
