//! YAML text to a tree in which every node knows its line and column, so that every later complaint
//! can name the place. It knows nothing of pipelines.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_saphyr::{Location, Options, Spanned};

/// Deepest nesting of a document.
const MAX_DEPTH: usize = 32;
/// Most nodes of a document after its aliases are replaced by what they stand for.
const MAX_NODES: usize = 20_000;

/// A place in the text, from 1; zero when it isn't known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Position {
    pub line: u64,
    pub column: u64,
}

/// A value and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    pub at: Position,
    pub value: Value,
}

/// What a node is. Scalars keep their spelling: `3.10` stays `3.10`.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    Null,
    Text(String),
    List(Vec<Node>),
    Map(Vec<(Key, Node)>),
}

/// A key of a mapping.
#[derive(Debug, Clone, PartialEq)]
pub struct Key {
    pub at: Position,
    pub name: String,
}

/// The text is not YAML, or not YAML we read.
#[derive(Debug, Clone, PartialEq)]
pub struct Malformed {
    pub at: Position,
    pub message: String,
}

/// Reads one document.
pub fn read(text: &str) -> Result<Node, Malformed> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let raw: Spanned<Raw> =
        serde_saphyr::from_str_with_options(text, options()).map_err(|error| malformed(&error))?;
    Ok(Spelling::of(text).node(raw))
}

fn options() -> Options {
    let mut options = Options { with_snippet: false, ..Options::default() };
    options.alias_limits.max_total_replayed_events = MAX_NODES;
    options.alias_limits.max_replay_stack_depth = 8;
    if let Some(budget) = options.budget.as_mut() {
        budget.max_depth = MAX_DEPTH;
        budget.max_nodes = MAX_NODES;
        budget.max_aliases = 1_000;
        budget.max_documents = 1;
    }
    options
}

fn malformed(error: &serde_saphyr::Error) -> Malformed {
    let at = error.location().map(position).unwrap_or_default();
    let full = error.to_string();
    let message = match full.split_once(" at line ") {
        Some((message, _)) => message.to_owned(),
        None => full,
    };
    Malformed { at, message }
}

fn position(location: Location) -> Position {
    Position { line: location.line(), column: location.column() }
}

/// A node as the deserializer hands it over: scalars that YAML types are left to their spelling.
#[derive(Debug)]
enum Raw {
    Text(String),
    /// Null, a number or a truth value; what was written is in the source text.
    Typed,
    List(Vec<Spanned<Raw>>),
    Map(Vec<(Spanned<String>, Spanned<Raw>)>),
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RawVisitor)
    }
}

struct RawVisitor;

impl<'de> Visitor<'de> for RawVisitor {
    type Value = Raw;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a YAML value")
    }

    fn visit_str<E>(self, text: &str) -> Result<Raw, E> {
        Ok(Raw::Text(text.to_owned()))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Raw, E> {
        Ok(Raw::Typed)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Raw, E> {
        Ok(Raw::Typed)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Raw, E> {
        Ok(Raw::Typed)
    }

    fn visit_i128<E>(self, _: i128) -> Result<Raw, E> {
        Ok(Raw::Typed)
    }

    fn visit_u128<E>(self, _: u128) -> Result<Raw, E> {
        Ok(Raw::Typed)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Raw, E> {
        Ok(Raw::Typed)
    }

    fn visit_unit<E>(self) -> Result<Raw, E> {
        Ok(Raw::Typed)
    }

    fn visit_none<E>(self) -> Result<Raw, E> {
        Ok(Raw::Typed)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Raw, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Raw::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Raw, A::Error> {
        let mut map: Vec<(Spanned<String>, Spanned<Raw>)> = Vec::new();
        while let Some((key, value)) = entries.next_entry::<Spanned<String>, Spanned<Raw>>()? {
            if map.iter().any(|(known, _)| known.value == key.value) {
                return Err(A::Error::custom(format!("the key '{}' is given twice", key.value)));
            }
            map.push((key, value));
        }
        Ok(Raw::Map(map))
    }
}

/// The source text by character, for scalars whose spelling the deserializer doesn't keep.
struct Spelling {
    characters: Vec<char>,
}

impl Spelling {
    fn of(text: &str) -> Self {
        Self { characters: text.chars().collect() }
    }

    fn node(&self, raw: Spanned<Raw>) -> Node {
        let value = match raw.value {
            Raw::Text(text) => Value::Text(text),
            Raw::Typed => self.scalar(raw.defined),
            Raw::List(items) => Value::List(items.into_iter().map(|item| self.node(item)).collect()),
            Raw::Map(entries) => Value::Map(entries.into_iter().map(|entry| self.entry(entry)).collect()),
        };
        Node { at: position(raw.referenced), value }
    }

    fn entry(&self, (key, value): (Spanned<String>, Spanned<Raw>)) -> (Key, Node) {
        (Key { at: position(key.referenced), name: key.value }, self.node(value))
    }

    fn scalar(&self, location: Location) -> Value {
        let span = location.span();
        let from = span.offset();
        let to = from.saturating_add(span.len());
        let written: String = self.characters.get(from..to).unwrap_or_default().iter().collect();
        match written.trim() {
            "" | "~" | "null" | "Null" | "NULL" => Value::Null,
            text => Value::Text(text.to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn text(node: &Node) -> &str {
        match &node.value {
            Value::Text(text) => text,
            Value::Null | Value::List(_) | Value::Map(_) => panic!("{node:?}"),
        }
    }

    #[test]
    fn scalars_keep_their_spelling_and_their_place() {
        let node = read("# größe ü\na: 3.10\nb: [yes, 007, \"x\\ty\", 0x1f, 1_000]\nc: ~\nd:\n").unwrap();
        let Value::Map(entries) = node.value else { panic!("a map") };
        assert_eq!(text(&entries[0].1), "3.10");
        assert_eq!(entries[0].1.at, Position { line: 2, column: 4 });
        assert_eq!(entries[1].0.at, Position { line: 3, column: 1 });
        let Value::List(items) = &entries[1].1.value else { panic!("a list") };
        assert_eq!(items.iter().map(text).collect::<Vec<_>>(), ["yes", "007", "x\ty", "0x1f", "1_000"]);
        assert_eq!(entries[2].1.value, Value::Null);
        assert_eq!(entries[3].1.value, Value::Null);
    }

    #[test]
    fn broken_yaml_says_where() {
        let error = read("a: 1\nb: [1, 2\nc: 3\n").unwrap_err();
        assert!(error.at.line >= 2, "{error:?}");
        let error = read("a: 1\na: 2\n").unwrap_err();
        assert_eq!(error.at.line, 2, "{error:?}");
    }

    #[test]
    fn an_alias_bomb_is_refused_quickly() {
        let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..12 {
            let items = vec![format!("*a{}", level - 1); 10].join(", ");
            bomb.push_str(&format!("a{level}: &a{level} [{items}]\n"));
        }
        assert!(read(&bomb).is_err());
    }

    #[test]
    fn an_ordinary_alias_works() {
        let node = read("a: &x [one]\nb: *x\n").unwrap();
        let Value::Map(entries) = node.value else { panic!("a map") };
        assert!(matches!(&entries[1].1.value, Value::List(items) if text(&items[0]) == "one"));
    }

    #[test]
    fn deep_nesting_is_refused() {
        assert!(read(&"[".repeat(50_000)).is_err());
        assert!(read(&format!("{}x{}", "[".repeat(100), "]".repeat(100))).is_err());
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_a_panic(text in "[ \\-a-c:&*!#\\[\\]{}\"'|>\n\\\\~0-9.,%@ü]{0,120}") {
            let _ = read(&text);
        }
    }
}
