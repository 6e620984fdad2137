//! What a `pubspec.yaml` says, as far as pipelines go. The text may be anything.

use crate::pipeline::yaml::{self, Node, Value};

/// Largest file that is read, in bytes.
pub const MAX_BYTES: usize = 128 * 1024;
const MAX_NAME: usize = 64;

/// A package of Dart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pubspec {
    /// Absent if it is none that Dart allows.
    pub name: Option<String>,
    is_flutter: bool,
    is_plugin: bool,
}

impl Pubspec {
    /// Errors with a sentence when it is no YAML, or not that of a package.
    pub fn read(bytes: &[u8]) -> Result<Self, String> {
        let text = std::str::from_utf8(bytes).map_err(|_| "it is not UTF-8 text".to_owned())?;
        let node = yaml::read(text).map_err(|why| {
            format!("line {}: it is not YAML that can be read: {}", why.at.line, why.message)
        })?;
        if !matches!(node.value, Value::Map(_)) {
            return Err("it holds no keys".to_owned());
        }
        let name = child(&node, "name").and_then(text_of).filter(|name| is_name(name));
        let dependency = child(&node, "dependencies").and_then(|list| child(list, "flutter"));
        let sdk = child(&node, "environment").and_then(|list| child(list, "flutter"));
        let plugin = child(&node, "flutter").and_then(|section| child(section, "plugin"));
        Ok(Self {
            name: name.map(str::to_owned),
            is_flutter: dependency.is_some() || sdk.is_some(),
            is_plugin: plugin.is_some(),
        })
    }

    pub fn is_flutter(&self) -> bool {
        self.is_flutter
    }

    /// A plugin has folders of platforms and is no application.
    pub fn is_plugin(&self) -> bool {
        self.is_plugin
    }
}

fn child<'a>(node: &'a Node, name: &str) -> Option<&'a Node> {
    match &node.value {
        Value::Map(entries) => entries.iter().find(|(key, _)| key.name == name).map(|(_, value)| value),
        Value::Null | Value::Text(_) | Value::List(_) => None,
    }
}

fn text_of(node: &Node) -> Option<&str> {
    match &node.value {
        Value::Text(text) => Some(text),
        Value::Null | Value::List(_) | Value::Map(_) => None,
    }
}

fn is_name(name: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '_';
    (1..=MAX_NAME).contains(&name.len()) && name.chars().all(allowed)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> Pubspec {
        Pubspec::read(text.as_bytes()).unwrap()
    }

    #[test]
    fn what_depends_on_flutter_or_asks_for_its_sdk_is_flutter() {
        let shop = read("name: shop\ndependencies:\n  flutter:\n    sdk: flutter\n");
        assert_eq!((shop.name.as_deref(), shop.is_flutter(), shop.is_plugin()), (Some("shop"), true, false));
        assert!(read("environment:\n  flutter: '>=3.0.0'\n").is_flutter());
        assert!(!read("name: cli\ndependencies:\n  args: any\n").is_flutter());
        assert!(!read("name: cli\ndev_dependencies:\n  flutter:\n    sdk: flutter\n").is_flutter());
        assert!(read("flutter:\n  plugin:\n    platforms: {}\n").is_plugin());
    }

    #[test]
    fn odd_names_are_none_and_what_is_no_package_says_why() {
        for text in
            ["name: [a]", "name: $(id)", "name: ''", "name: 'a b'", &format!("name: {}", "a".repeat(65))]
        {
            assert_eq!(read(text).name, None, "{text}");
        }
        assert!(Pubspec::read(b"\xff\xfe").unwrap_err().contains("UTF-8"));
        assert!(Pubspec::read(b"a: [1").unwrap_err().starts_with("line "));
        assert!(Pubspec::read(b"- a").unwrap_err().contains("no keys"));
        assert!(Pubspec::read(b"").is_err());
        assert!(Pubspec::read("[".repeat(50_000).as_bytes()).is_err());
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_a_panic(text in "[ \\-a-c:&*!#\\[\\]{}\"'|>\n0-9üflutternamedependencies]{0,160}") {
            let _ = Pubspec::read(text.as_bytes());
        }
    }
}
