//! What a file says about what starts its pipeline: events of a code host, filters of them, and times.

use super::super::reader::{Field, Reader, suggestion};
use super::super::schedule::{self, Timetable};
use super::super::validate;
use super::boolean;
use crate::domain::trigger::{Schedule, TriggerEvent, TriggerRules};

const MAX_SCHEDULES: usize = 16;

const TRIGGER_KEYS: &[&str] = &["events", "branches", "tags", "paths", "paths_ignore", "schedule", "skip_ci"];
const SCHEDULE_KEYS: &[&str] = &["cron", "timezone", "branch"];

pub fn read(reader: &mut Reader, field: &Field<'_>) -> TriggerRules {
    let keys = reader.map(field, TRIGGER_KEYS);
    let rules = TriggerRules {
        events: events(reader, keys.get("events")),
        branches: globs(reader, keys.get("branches")),
        tags: globs(reader, keys.get("tags")),
        paths: globs(reader, keys.get("paths")),
        paths_ignore: globs(reader, keys.get("paths_ignore")),
        schedule: schedules(reader, keys.get("schedule")),
        skip_ci: reader.read(keys.get("skip_ci"), boolean).unwrap_or(true),
    };
    let of_branches = [TriggerEvent::Push, TriggerEvent::PullRequest];
    for (name, given, events) in [
        ("branches", &rules.branches, &of_branches[..]),
        ("paths", &rules.paths, &of_branches),
        ("paths_ignore", &rules.paths_ignore, &of_branches),
        ("tags", &rules.tags, &[TriggerEvent::TagPush]),
    ] {
        let Some(filter) = keys.get(name).filter(|_| !given.is_empty()) else { continue };
        if !events.iter().any(|event| rules.events.contains(event)) {
            let known: Vec<&str> = events.iter().map(|event| event.as_str()).collect();
            let hint = format!("list {} under triggers.events", known.join(" or "));
            reader.suggest(filter.node.at, format!("{}: filters no event that is listed", filter.path), hint);
        }
    }
    rules
}

fn events(reader: &mut Reader, field: Option<Field<'_>>) -> Vec<TriggerEvent> {
    let mut events = Vec::new();
    for (item, text) in reader.texts(field) {
        match text.parse() {
            Ok(event) if events.contains(&event) => {
                reader.say(item.node.at, format!("{}: '{text}' is listed twice", item.path));
            }
            Ok(event) => events.push(event),
            Err(_) => {
                let known: Vec<&str> = TriggerEvent::ALL.iter().map(|event| event.as_str()).collect();
                let message = format!("{}: '{text}' is no event", item.path);
                reader.suggest(item.node.at, message, suggestion(&text, &known));
            }
        }
    }
    events
}

fn globs(reader: &mut Reader, field: Option<Field<'_>>) -> Vec<String> {
    let Some(field) = field else { return Vec::new() };
    let (at, path) = (field.node.at, field.path.clone());
    let items = reader.texts(Some(field));
    if items.len() > validate::MAX_TRIGGER_PATTERNS {
        reader.say(at, format!("{path}: at most {} patterns", validate::MAX_TRIGGER_PATTERNS));
    }
    for (item, text) in &items {
        if text.starts_with('!') {
            let hint = "list what is not wanted under triggers.paths_ignore";
            reader.suggest(item.node.at, format!("{}: a pattern can't be negated", item.path), hint);
        } else if let Err(why) = validate::trigger_pattern(text) {
            reader.say(item.node.at, format!("{}: {why}", item.path));
        }
    }
    items.into_iter().map(|(_, text)| text).collect()
}

fn schedules(reader: &mut Reader, field: Option<Field<'_>>) -> Vec<Schedule> {
    let Some(field) = field else { return Vec::new() };
    let (at, path) = (field.node.at, field.path.clone());
    let items = reader.items(Some(field));
    if items.len() > MAX_SCHEDULES {
        reader.say(at, format!("{path}: at most {MAX_SCHEDULES} schedules"));
    }
    items.iter().map(|item| schedule(reader, item)).collect()
}

fn schedule(reader: &mut Reader, item: &Field<'_>) -> Schedule {
    let keys = reader.map(item, SCHEDULE_KEYS);
    reader.require(item, &keys, &["cron"]);
    let timezone = reader.read(keys.get("timezone"), |text| schedule::zone(text).map(|_| text.to_owned()));
    let cron = reader
        .read(keys.get("cron"), |text| Timetable::parse(text, timezone.as_deref()).map(|_| text.to_owned()));
    let branch = reader.read(keys.get("branch"), |text| {
        validate::bounded(text, validate::MAX_PATTERN_CHARS).map(|()| text.to_owned())
    });
    Schedule { cron: cron.unwrap_or_default(), timezone, branch }
}
