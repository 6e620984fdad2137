//! The flavors that a Gradle file declares, in Groovy or Kotlin. Such a file is a program, which is not run: names that
//! it spells out are found, names that it computes are not.

/// Longest name that is taken, and most of them.
const MAX_NAME: usize = 64;
const MAX_NAMES: usize = 32;
/// Blocks that are about all flavors, or about none by name.
const NO_NAMES: [&str; 8] =
    ["all", "each", "configureEach", "forEach", "matching", "whenObjectAdded", "if", "else"];

/// The names in the blocks called `productFlavors`.
pub fn flavors(text: &str) -> Vec<String> {
    let text = without_comments(text);
    let mut names = Vec::new();
    for (at, word) in text.match_indices("productFlavors") {
        let rest = text[at + word.len()..].trim_start();
        if let Some(block) = rest.strip_prefix('{') {
            declared(block, &mut names);
        }
    }
    names.truncate(MAX_NAMES);
    names
}

/// Whether a flavor can be called so: it stands in commands as it is.
pub fn is_name(name: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    (1..=MAX_NAME).contains(&name.len()) && !name.starts_with(['-', '.']) && name.chars().all(allowed)
}

/// What begins a block in this one, or stands in a call that makes a flavor.
fn declared(block: &str, names: &mut Vec<String>) {
    let (mut depth, mut head, mut quote) = (0_usize, String::new(), None);
    let mut note = |head: &mut String, begins_block: bool| {
        if let Some(name) = name_of(head.trim(), begins_block).filter(|name| !names.contains(name)) {
            names.push(name);
        }
        head.clear();
    };
    for c in block.chars() {
        match (quote, c) {
            (Some(mark), c) if c == mark => {
                quote = None;
                head.push(c);
            }
            (Some(_), c) => head.push(c),
            (None, '"' | '\'') => {
                quote = Some(c);
                head.push(c);
            }
            (None, '{') => {
                if depth == 0 {
                    note(&mut head, true);
                }
                depth += 1;
            }
            (None, '}') => {
                if depth == 0 {
                    note(&mut head, false);
                    return;
                }
                depth -= 1;
                head.clear();
            }
            (None, '\n' | ';') => {
                if depth == 0 {
                    note(&mut head, false);
                }
                head.clear();
            }
            (None, c) => head.push(c),
        }
    }
}

/// `dev` of `dev {`, `"dev" {`, `create("dev") {` and `create("dev")`.
fn name_of(head: &str, begins_block: bool) -> Option<String> {
    let calls = ["create", "register", "maybeCreate", "named", "getByName"];
    let call = head.split_once('(').filter(|(word, _)| calls.contains(&word.trim()));
    let name = match call {
        Some((_, rest)) => rest.split([')', ',']).next()?,
        None if begins_block => head,
        None => return None,
    };
    let name = name.trim().trim_matches(['"', '\'']);
    (is_name(name) && !NO_NAMES.contains(&name)).then(|| name.to_owned())
}

fn without_comments(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let (mut rest, mut quote) = (text.chars().peekable(), None);
    while let Some(c) = rest.next() {
        match (quote, c, rest.peek()) {
            (None, '/', Some('/')) => while rest.next_if(|c| *c != '\n').is_some() {},
            (None, '/', Some('*')) => {
                let mut before = ' ';
                rest.next();
                for c in rest.by_ref() {
                    if before == '*' && c == '/' {
                        break;
                    }
                    before = c;
                }
                plain.push(' ');
            }
            (Some(_), '\\', Some(_)) => {
                plain.push(c);
                plain.extend(rest.next());
            }
            (_, c, _) => {
                match quote {
                    Some(mark) if mark == c || c == '\n' => quote = None,
                    None if matches!(c, '"' | '\'') => quote = Some(c),
                    Some(_) | None => {}
                }
                plain.push(c);
            }
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn flavors_are_found_in_groovy_and_kotlin() {
        let groovy = r#"
            android {
              flavorDimensions "app" // productFlavors { none {} }
              productFlavors {
                /* old { } */
                dev {
                  dimension "app"
                  resValue "string", "name", "Shop } Dev"
                  buildConfigField("String", "URL", "\"https://x/\"")
                }
                "prod" { dimension 'app' }
                all { minSdk 21 }
              }
              buildTypes { release { signingConfig signingConfigs.debug } }
            }
        "#;
        assert_eq!(flavors(groovy), ["dev", "prod"]);
        let kotlin = r#"
            productFlavors {
                create("dev") { dimension = "app" }
                register("staging")
                getByName("prod") {
                    manifestPlaceholders["a"] = "b"
                    if (x) { y() }
                }
                configureEach { isDefault = false }
            }
        "#;
        assert_eq!(flavors(kotlin), ["dev", "staging", "prod"]);
    }

    #[test]
    fn what_is_no_name_is_left_out_and_nothing_is_guessed() {
        for text in [
            "",
            "productFlavors",
            "productFlavors {",
            "productFlavors { $(id) { } }",
            "productFlavors { create(\"a b\") { } }",
            "productFlavors { \"--help\" { } }",
            "// productFlavors { dev { } }",
            "flavors.productFlavors.all { x { } }",
        ] {
            assert_eq!(flavors(text), Vec::<String>::new(), "{text}");
        }
        let many: String = (0..100).map(|n| format!("f{n} {{}}\n")).collect();
        assert_eq!(flavors(&format!("productFlavors {{ {many} }}")).len(), MAX_NAMES);
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_a_panic(text in "[{}()\"'/*\\\\ \na-cü;]{0,80}") {
            let _ = flavors(&format!("productFlavors {{{text}"));
        }
    }
}
