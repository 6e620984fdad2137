//! Says what is wrong with a body or a query in words of the API. Serde tells types by their names in our code, which
//! say nothing to a caller, and repeats what was sent at any length.

use crate::error::Error;

/// How much of a text is kept from its beginning and from its end, in characters.
const HEAD: usize = 240;
const TAIL: usize = 160;

/// What the framework's texts begin with, and what we say instead.
const BEGINNINGS: [(&str, &str); 3] = [
    ("Failed to deserialize the JSON body into the target type: ", "the body does not fit: "),
    ("Failed to parse the request body as JSON: ", "the body is not JSON: "),
    ("Failed to deserialize query string: ", "the query does not fit: "),
];

/// 400 `invalid_request` for what could not be read.
pub fn unreadable(text: &str) -> Error {
    Error::invalid("invalid_request", shortened(&reworded(text)))
}

fn reworded(text: &str) -> String {
    let known = BEGINNINGS.iter().find_map(|(theirs, ours)| Some((*ours, text.strip_prefix(theirs)?)));
    let (beginning, rest) = known.unwrap_or(("", text));
    let mut told = Vec::new();
    let mut words = rest.split(' ').peekable();
    while let Some(word) = words.next() {
        let kind = match word {
            "struct" => "an object",
            "enum" => "one of its words",
            _ => {
                told.push(number(word).unwrap_or(word));
                continue;
            }
        };
        if words.next_if(|name| name.starts_with(|c: char| c.is_ascii_uppercase())).is_none() {
            told.push(word);
            continue;
        }
        told.push(kind);
        // "with 3 elements": an array was sent instead, or too short a one.
        if words.next_if_eq(&"with").is_some() {
            words.next();
            words.next();
        }
    }
    format!("{beginning}{}", told.join(" "))
}

/// A type of number in words.
fn number(name: &str) -> Option<&'static str> {
    match name {
        "i8" | "i16" | "i32" | "i64" | "i128" | "isize" => Some("a whole number"),
        "u8" | "u16" | "u32" | "u64" | "u128" | "usize" => Some("a whole number that is not negative"),
        "f32" | "f64" => Some("a number"),
        _ => None,
    }
}

fn shortened(text: &str) -> String {
    let length = text.chars().count();
    if length <= HEAD + TAIL {
        return text.to_owned();
    }
    let (head, tail): (String, String) =
        (text.chars().take(HEAD).collect(), text.chars().skip(length - TAIL).collect());
    format!("{head} … {tail}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_of_our_code_is_told() {
        let data = "Failed to deserialize the JSON body into the target type: ";
        for (theirs, ours) in [
            (
                "invalid length 0, expected struct OidcCallbackRequest with 3 elements at line 1 column 2",
                "the body does not fit: invalid length 0, expected an object at line 1 column 2",
            ),
            (
                "invalid type: null, expected struct OidcCallbackRequest at line 1 column 4",
                "the body does not fit: invalid type: null, expected an object at line 1 column 4",
            ),
            (
                "a: invalid type: map, expected enum RuntimeMode",
                "the body does not fit: a: invalid type: map, expected one of its words",
            ),
            (
                "a: invalid value: integer `-1`, expected u32",
                "the body does not fit: a: invalid value: integer `-1`, expected a whole number that is not negative",
            ),
            ("missing field `struct`", "the body does not fit: missing field `struct`"),
            ("a struct of its own", "the body does not fit: a struct of its own"),
        ] {
            assert_eq!(reworded(&format!("{data}{theirs}")), ours);
        }
    }

    #[test]
    fn what_was_sent_is_not_repeated_at_any_length() {
        let told = shortened(&format!("unknown variant `{}`, expected `local`", "ü".repeat(100_000)));
        assert!(told.chars().count() < 500 && told.ends_with("expected `local`"), "{told}");
    }
}
