//! The matrix of a file: its axes, what of them is excluded, and what is included beside them.

use super::super::reader::{Field, Reader, joined, suggestion};
use super::super::validate;
use super::lower_name;
use crate::domain::matrix::{Axis, Combination, FLUTTER_VERSION, Matrix, PLATFORM};
use crate::domain::spec::BuildPlatform;

const MAX_AXES: usize = 8;
const MAX_COMBINATIONS: usize = 256;
const MAX_VALUE_CHARS: usize = 64;
const INCLUDE: &str = "include";
const EXCLUDE: &str = "exclude";

/// Reads a matrix for a file of these platforms; nothing without axes.
pub fn read(reader: &mut Reader, field: &Field<'_>, platforms: &[BuildPlatform]) -> Option<Matrix> {
    let (at, path) = (field.node.at, &field.path);
    let before = reader.found.len();
    let below = |name: &str, node| Field { node, path: joined(path, name) };
    let (mut axes, mut special) = (Vec::new(), Vec::new());
    for (key, node) in reader.entries(field) {
        let field = below(&key.name, node);
        match key.name.as_str() {
            INCLUDE | EXCLUDE => special.push((key.name.as_str(), field)),
            name => {
                if let Err(why) = lower_name(name) {
                    reader.say(key.at, format!("{}: an axis {why}", field.path));
                }
                axes.push(axis(reader, name, field, platforms));
            }
        }
    }
    if axes.is_empty() && special.is_empty() {
        return None;
    }
    let wide = axes.iter().map(|axis| axis.values.len()).fold(1, usize::saturating_mul);
    match axes.len() {
        0 => reader.suggest(
            at,
            format!("{path}: names no axis"),
            "give an axis and its values: flavor: [dev, prod]",
        ),
        count if count > MAX_AXES => reader.say(at, format!("{path}: at most {MAX_AXES} axes")),
        _ if wide > MAX_COMBINATIONS => too_many(reader, field),
        _ => {}
    }
    // What follows from axes that are wrong is not worth a word.
    if reader.found.len() > before {
        return None;
    }
    let mut combinations = product(&axes);
    special.sort_by_key(|(name, _)| *name == INCLUDE);
    for (name, list) in special {
        for item in reader.items(Some(list)) {
            let Some(named) = named(reader, &item, &axes) else { continue };
            match name {
                EXCLUDE => exclude(reader, &item, &axes, &named, &mut combinations),
                _ => include(reader, &item, &axes, named, platforms, &mut combinations),
            }
        }
    }
    match combinations.len() {
        0 => reader.say(at, format!("{path}: no combination is left")),
        count if count > MAX_COMBINATIONS => too_many(reader, field),
        _ => {}
    }
    Some(Matrix { axes, combinations })
}

fn too_many(reader: &mut Reader, field: &Field<'_>) {
    reader.say(field.node.at, format!("{}: at most {MAX_COMBINATIONS} combinations", field.path));
}

fn axis(reader: &mut Reader, name: &str, field: Field<'_>, platforms: &[BuildPlatform]) -> Axis {
    let (at, path) = (field.node.at, field.path.clone());
    let before = reader.found.len();
    let mut values: Vec<String> = Vec::new();
    for (item, text) in reader.texts(Some(field)) {
        if values.contains(&text) {
            reader.say(item.node.at, format!("{}: '{text}' is listed twice", item.path));
        }
        if let Err(why) = value(name, &text, platforms) {
            reader.say(item.node.at, format!("{}: {why}", item.path));
        }
        values.push(text);
    }
    if values.is_empty() && reader.found.len() == before {
        reader.say(at, format!("{path}: has no values"));
    }
    Axis { name: name.to_owned(), values }
}

/// The axes and values that an entry of `include` or `exclude` names.
fn named(reader: &mut Reader, item: &Field<'_>, axes: &[Axis]) -> Option<Combination> {
    let before = reader.found.len();
    let known: Vec<&str> = axes.iter().map(|axis| axis.name.as_str()).collect();
    let mut named = Combination::new();
    for (key, node) in reader.entries(item) {
        let path = joined(&item.path, &key.name);
        if !known.contains(&key.name.as_str()) {
            reader.suggest(key.at, format!("{path}: is no axis"), suggestion(&key.name, &known));
        }
        let text = reader.text(&Field { node, path }).unwrap_or_default();
        named.insert(key.name.clone(), text);
    }
    if named.is_empty() && reader.found.len() == before {
        reader.say(item.node.at, format!("{}: names no axis", item.path));
    }
    (reader.found.len() == before).then_some(named)
}

fn exclude(
    reader: &mut Reader,
    item: &Field<'_>,
    axes: &[Axis],
    named: &Combination,
    combinations: &mut Vec<Combination>,
) {
    for axis in axes {
        let Some(value) = named.get(&axis.name).filter(|value| !axis.values.contains(value)) else {
            continue;
        };
        let values: Vec<&str> = axis.values.iter().map(String::as_str).collect();
        let message = format!("{}.{}: '{value}' is no value of the axis", item.path, axis.name);
        reader.suggest(item.node.at, message, suggestion(value, &values));
    }
    combinations.retain(|one| !named.iter().all(|(axis, value)| one.get(axis) == Some(value)));
}

fn include(
    reader: &mut Reader,
    item: &Field<'_>,
    axes: &[Axis],
    named: Combination,
    platforms: &[BuildPlatform],
    combinations: &mut Vec<Combination>,
) {
    let before = reader.found.len();
    for axis in axes {
        let wrong = match named.get(&axis.name) {
            None => Err("is missing".to_owned()),
            Some(text) => value(&axis.name, text, platforms),
        };
        if let Err(why) = wrong {
            reader.say(item.node.at, format!("{}.{}: {why}", item.path, axis.name));
        }
    }
    if combinations.contains(&named) {
        reader.say(item.node.at, format!("{}: is a combination already", item.path));
    }
    if reader.found.len() == before {
        combinations.push(named);
    }
}

fn product(axes: &[Axis]) -> Vec<Combination> {
    axes.iter().fold(vec![Combination::new()], |combinations, axis| {
        let with = |one: &Combination, value: &String| {
            let mut one = one.clone();
            one.insert(axis.name.clone(), value.clone());
            one
        };
        combinations.iter().flat_map(|one| axis.values.iter().map(move |value| with(one, value))).collect()
    })
}

fn value(axis: &str, text: &str, platforms: &[BuildPlatform]) -> Result<(), String> {
    validate::bounded(text, MAX_VALUE_CHARS)?;
    if text.chars().any(char::is_control) {
        return Err("must be one line".to_owned());
    }
    match axis {
        PLATFORM if !platforms.iter().any(|platform| platform.as_str() == text) => {
            Err(format!("'{text}' is not under platforms"))
        }
        FLUTTER_VERSION => validate::flutter_version(text).map_or(Ok(()), |wrong| Err(wrong.message)),
        _ => Ok(()),
    }
}
