//! The list of steps: commands with names, conditions, limits and places of their own.

use std::time::Duration;

use super::super::diagnostic::Diagnostic;
use super::super::expression::Condition;
use super::super::reader::{Field, Reader, suggestion};
use super::super::validate;
use super::super::yaml::Position;
use super::{MAX_NAME_CHARS, boolean, env};
use crate::domain::input::Input;
use crate::domain::matrix::Matrix;
use crate::domain::spec::PipelineEnvVar;
use crate::domain::step::PARTS;

const MAX_STEPS: usize = 128;
const MAX_SCRIPT_CHARS: usize = 32 * 1024;
const MAX_FOLDER_CHARS: usize = 512;
/// Longest time-out of a step.
const MAX_TIMEOUT: Duration = Duration::from_secs(24 * 60 * 60);

const STEP_KEYS: &[&str] = &["name", "run", "if", "continue_on_error", "timeout", "working_directory", "env"];

/// One step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    pub name: String,
    pub run: String,
    pub condition: Option<Condition>,
    pub continue_on_error: bool,
    pub timeout: Option<Duration>,
    pub working_directory: Option<String>,
    pub env: Vec<PipelineEnvVar>,
}

/// Reads the list of steps.
pub struct Steps<'a> {
    pub source: &'a str,
    pub inputs: &'a [Input],
    pub matrix: Option<&'a Matrix>,
}

impl Steps<'_> {
    pub fn read(&self, reader: &mut Reader, field: Field<'_>) -> Vec<Step> {
        let at = field.node.at;
        let before = reader.found.len();
        let items = reader.items(Some(field));
        if items.len() > MAX_STEPS {
            reader.say(at, format!("steps: at most {MAX_STEPS} steps"));
        }
        if items.is_empty() && reader.found.len() == before {
            reader.suggest(at, "steps: there are none", "list at least one step with name and run");
        }
        let mut steps: Vec<Step> = Vec::new();
        for item in items {
            let step = self.step(reader, &item);
            if !step.name.is_empty() && steps.iter().any(|known| known.name == step.name) {
                reader.say(item.node.at, format!("{}.name: '{}' is used twice", item.path, step.name));
            }
            steps.push(step);
        }
        steps
    }

    fn step(&self, reader: &mut Reader, item: &Field<'_>) -> Step {
        let keys = reader.map(item, STEP_KEYS);
        reader.require(item, &keys, &["name", "run"]);
        Step {
            name: reader.read(keys.get("name"), step_name).unwrap_or_default(),
            run: reader
                .read(keys.get("run"), |text| {
                    validate::bounded(text, MAX_SCRIPT_CHARS).map(|()| text.to_owned())
                })
                .unwrap_or_default(),
            condition: keys.get("if").and_then(|field| self.condition(reader, &field)),
            continue_on_error: reader.read(keys.get("continue_on_error"), boolean).unwrap_or(false),
            timeout: reader.read(keys.get("timeout"), duration),
            working_directory: reader.read(keys.get("working_directory"), folder),
            env: env(reader, keys.get("env")),
        }
    }

    fn condition(&self, reader: &mut Reader, field: &Field<'_>) -> Option<Condition> {
        let text = reader.text(field)?;
        let inputs: Vec<&str> = self.inputs.iter().map(|input| input.name.as_str()).collect();
        let axes = self.matrix.map(|matrix| &matrix.axes[..]).unwrap_or_default();
        let axes: Vec<&str> = axes.iter().map(|axis| axis.name.as_str()).collect();
        match Condition::parse(&text) {
            Ok(condition) => {
                for (what, key, names, known) in [
                    ("input", "inputs", condition.inputs(), inputs),
                    ("axis", "matrix", condition.axes(), axes),
                ] {
                    for name in names.into_iter().filter(|name| !known.contains(name)) {
                        let offset = text.find(&format!("{key}.{name}")).unwrap_or(0);
                        let offset = text.get(..offset).unwrap_or_default().chars().count();
                        let at = place_in(self.source, field.node.at, &text, offset);
                        let hint = match known.is_empty() {
                            true => format!("declare it under '{key}'"),
                            false => suggestion(name, &known),
                        };
                        reader.suggest(at, format!("{}: there is no {what} '{name}'", field.path), hint);
                    }
                }
                Some(condition)
            }
            Err(misread) => {
                let at = place_in(self.source, field.node.at, &text, misread.offset);
                let found = Diagnostic::at(at, format!("{}: {}", field.path, misread.message));
                reader.found.push(Diagnostic { hint: misread.hint, ..found });
                None
            }
        }
    }
}

/// Where in the file a character of a text stands. Of a text that is not written as it is, because it
/// is folded over lines or has escapes, only the beginning is known.
fn place_in(source: &str, at: Position, text: &str, offset: usize) -> Position {
    let index = |count: u64| usize::try_from(count).ok()?.checked_sub(1);
    let (Some(line), Some(column)) = (index(at.line), index(at.column)) else { return at };
    let rest: String = source.lines().nth(line).unwrap_or_default().chars().skip(column).collect();
    match rest.find(text) {
        Some(begin) => {
            let before = rest.get(..begin).unwrap_or_default().chars().count() + offset;
            Position { column: at.column + before as u64, ..at }
        }
        None => at,
    }
}

fn step_name(text: &str) -> Result<String, String> {
    validate::bounded(text, MAX_NAME_CHARS)?;
    if text.chars().any(char::is_control) || text.trim() != text {
        return Err("must be one line without spaces around it".to_owned());
    }
    if PARTS.contains(&text) {
        return Err(format!("'{text}' is a part of every build; choose another name"));
    }
    Ok(text.to_owned())
}

/// `90s`, `15m`, `1h`.
fn duration(text: &str) -> Result<Duration, String> {
    let refused = || "must be a time from 1s to 24h, such as 90s, 15m or 1h".to_owned();
    let split = text.len().saturating_sub(1);
    let (count, unit) = text.split_at_checked(split).ok_or_else(refused)?;
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 60 * 60,
        _ => return Err(refused()),
    };
    let digits = (1..=5).contains(&count.len()) && count.bytes().all(|byte| byte.is_ascii_digit());
    let count: u64 =
        count.parse().map_err(|_| refused()).and_then(|n| if digits { Ok(n) } else { Err(refused()) })?;
    let duration = Duration::from_secs(count * seconds);
    if duration.is_zero() || duration > MAX_TIMEOUT { Err(refused()) } else { Ok(duration) }
}

pub(super) fn folder(text: &str) -> Result<String, String> {
    validate::bounded(text, MAX_FOLDER_CHARS)?;
    let inside = text.split('/').all(|part| !matches!(part, "" | "." | ".."));
    if !inside || text.contains('\\') || text.chars().any(char::is_control) {
        return Err("must be a folder inside the repository, without . or .. parts".to_owned());
    }
    Ok(text.to_owned())
}
