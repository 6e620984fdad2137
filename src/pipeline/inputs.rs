//! The values of a build's inputs: checked against what the file declares, with defaults for what is
//! left out. The same rules where a build is started and where it runs.

use std::collections::BTreeMap;

use super::reader::suggestion;
use crate::domain::input::{Input, InputType};
use crate::error::FieldError;

/// Longest value, in characters.
const MAX_CHARS: usize = 4096;

/// The value of every declared input.
///
/// Errors with what is wrong, by `inputs.<name>`.
pub fn resolve(
    declared: &[Input],
    given: &BTreeMap<String, String>,
) -> Result<BTreeMap<String, String>, Vec<FieldError>> {
    let known: Vec<&str> = declared.iter().map(|input| input.name.as_str()).collect();
    let mut wrong = Vec::new();
    for name in given.keys().filter(|name| !known.contains(&name.as_str())) {
        let why = match known.is_empty() {
            true => "the pipeline's file declares no inputs".to_owned(),
            false => format!("is not an input of this pipeline; {}", suggestion(name, &known)),
        };
        wrong.push(FieldError::new(format!("inputs.{name}"), why));
    }
    let mut values = BTreeMap::new();
    for input in declared {
        match value(input, given.get(&input.name)) {
            Ok(value) => {
                values.insert(input.name.clone(), value);
            }
            Err(why) => wrong.push(FieldError::new(format!("inputs.{}", input.name), why)),
        }
    }
    if wrong.is_empty() { Ok(values) } else { Err(wrong) }
}

fn value(input: &Input, given: Option<&String>) -> Result<String, String> {
    match given {
        Some(text) if input.required && text.trim().is_empty() => Err("must not be blank".to_owned()),
        // What was resolved before, when none was given.
        Some(text) if text.is_empty() && *text == unset(input) => Ok(String::new()),
        Some(text) => check(input, text).map(|()| text.clone()),
        None if input.required => Err("must be given".to_owned()),
        None => Ok(unset(input)),
    }
}

/// The value of an input when none is given.
fn unset(input: &Input) -> String {
    input.default.clone().unwrap_or_else(|| match input.kind {
        InputType::Boolean => "false".to_owned(),
        InputType::String | InputType::Choice | InputType::Number => String::new(),
    })
}

/// Whether a text is a value of the input.
pub(super) fn check(input: &Input, text: &str) -> Result<(), String> {
    if text.chars().count() > MAX_CHARS || text.contains('\0') {
        return Err(format!("at most {MAX_CHARS} characters, none of them NUL"));
    }
    match input.kind {
        InputType::String => Ok(()),
        InputType::Boolean if matches!(text, "true" | "false") => Ok(()),
        InputType::Boolean => Err("must be true or false".to_owned()),
        InputType::Choice if input.options.iter().any(|option| option == text) => Ok(()),
        InputType::Choice => Err(format!("must be one of {}", input.options.join(", "))),
        InputType::Number if is_number(text) => Ok(()),
        InputType::Number => Err("must be a number".to_owned()),
    }
}

/// A number as JSON writes it.
fn is_number(text: &str) -> bool {
    text.len() <= 64 && text.trim() == text && serde_json::from_str::<serde_json::Number>(text).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn input(name: &str, kind: InputType) -> Input {
        let options = if kind == InputType::Choice { vec!["dev".into(), "prod".into()] } else { Vec::new() };
        Input { name: name.to_owned(), kind, description: None, required: false, default: None, options }
    }

    fn given(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn what_was_resolved_resolves_to_itself() {
        let kinds = [InputType::String, InputType::Boolean, InputType::Choice, InputType::Number];
        let optional: Vec<Input> = kinds.iter().map(|kind| input(kind.as_str(), *kind)).collect();
        let once = resolve(&optional, &BTreeMap::new()).unwrap();
        assert_eq!(resolve(&optional, &once).unwrap(), once);
        let with_default = [Input { default: Some("dev".to_owned()), ..input("flavor", InputType::Choice) }];
        assert!(resolve(&with_default, &given(&[("flavor", "")])).is_err());
    }

    fn declared() -> Vec<Input> {
        vec![
            Input { required: true, ..input("title", InputType::String) },
            input("signed", InputType::Boolean),
            Input { default: Some("dev".to_owned()), ..input("flavor", InputType::Choice) },
            input("build_offset", InputType::Number),
        ]
    }

    #[test]
    fn what_is_left_out_has_its_default() {
        let values = resolve(&declared(), &given(&[("title", "x")])).unwrap();
        let expected = [("build_offset", ""), ("flavor", "dev"), ("signed", "false"), ("title", "x")];
        assert_eq!(values, given(&expected));
    }

    #[test]
    fn every_wrong_value_is_named() {
        let wrong =
            [("title", " "), ("signed", "yes"), ("flavor", "x"), ("build_offset", "1x"), ("flavour", "")];
        let found = resolve(&declared(), &given(&wrong)).unwrap_err();
        let found: Vec<String> = found.iter().map(|one| format!("{}: {}", one.field, one.message)).collect();
        assert_eq!(
            found,
            [
                "inputs.flavour: is not an input of this pipeline; did you mean 'flavor'?",
                "inputs.title: must not be blank",
                "inputs.signed: must be true or false",
                "inputs.flavor: must be one of dev, prod",
                "inputs.build_offset: must be a number",
            ]
        );
        assert_eq!(resolve(&declared(), &given(&[])).unwrap_err()[0].message, "must be given");
        assert!(resolve(&[], &given(&[("a", "b")])).unwrap_err()[0].message.contains("declares no inputs"));
    }
}
