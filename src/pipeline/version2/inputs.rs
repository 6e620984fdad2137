//! The declarations of what people enter for a build. Checking what they enter is `pipeline::inputs`'.

use std::collections::HashSet;

use super::super::inputs::check;
use super::super::reader::{Field, Reader, suggestion};
use super::super::validate;
use super::{boolean, lower_name};
use crate::domain::input::{Input, InputType};

const MAX_INPUTS: usize = 32;
const MAX_OPTIONS: usize = 64;
const MAX_DESCRIPTION_CHARS: usize = 512;

const INPUT_KEYS: &[&str] = &["name", "type", "description", "required", "default", "options"];

pub fn read(reader: &mut Reader, field: Option<Field<'_>>) -> Vec<Input> {
    let Some(field) = field else { return Vec::new() };
    let (at, path) = (field.node.at, field.path.clone());
    let items = reader.items(Some(field));
    if items.len() > MAX_INPUTS {
        reader.say(at, format!("{path}: at most {MAX_INPUTS} inputs"));
    }
    let mut declared: Vec<Input> = Vec::new();
    for item in items {
        let read = input(reader, &item);
        if !read.name.is_empty() && declared.iter().any(|known| known.name == read.name) {
            reader.say(item.node.at, format!("{}.name: {} is declared twice", item.path, read.name));
        }
        declared.push(read);
    }
    declared
}

fn input(reader: &mut Reader, item: &Field<'_>) -> Input {
    let keys = reader.map(item, INPUT_KEYS);
    reader.require(item, &keys, &["name", "type"]);
    let name =
        reader.read(keys.get("name"), |text| lower_name(text).map(|()| text.to_owned())).unwrap_or_default();
    let kind = reader.read(keys.get("type"), |text| {
        let known: Vec<&str> = InputType::ALL.iter().map(|kind| kind.as_str()).collect();
        text.parse().map_err(|_| format!("'{text}' is no type of input; {}", suggestion(text, &known)))
    });
    let description = reader.read(keys.get("description"), |text| {
        validate::bounded(text, MAX_DESCRIPTION_CHARS).map(|()| text.to_owned())
    });
    let input = Input {
        name,
        kind: kind.unwrap_or(InputType::String),
        description,
        required: reader.read(keys.get("required"), boolean).unwrap_or(false),
        options: options(reader, keys.get("options"), item, kind),
        default: None,
    };
    let default = reader.read(keys.get("default"), |text| {
        if input.required {
            return Err("an input that is required has no default".to_owned());
        }
        check(&input, text).map(|()| text.to_owned())
    });
    Input { default, ..input }
}

fn options(
    reader: &mut Reader,
    field: Option<Field<'_>>,
    item: &Field<'_>,
    kind: Option<InputType>,
) -> Vec<String> {
    let at = field.as_ref().map_or(item.node.at, |field| field.node.at);
    let given = field.is_some();
    let options = reader.strings(field);
    let distinct = options.iter().collect::<HashSet<_>>().len() == options.len();
    let why = match kind {
        Some(InputType::Choice) if options.is_empty() => "a choice needs its options".to_owned(),
        Some(InputType::Choice) if options.len() > MAX_OPTIONS => format!("at most {MAX_OPTIONS} options"),
        Some(InputType::Choice) if !distinct => "an option is named twice".to_owned(),
        Some(InputType::String | InputType::Boolean | InputType::Number) if given => {
            "only a choice has options".to_owned()
        }
        Some(InputType::Choice | InputType::String | InputType::Boolean | InputType::Number) | None => {
            return options;
        }
    };
    reader.say(at, format!("{}.options: {why}", item.path));
    options
}
