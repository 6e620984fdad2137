//! What a file says about what starts its pipeline: events of a code host, filters of them, and times.

use super::super::reader::{Field, Reader, suggestion};
use super::super::schedule::{self, Timetable};
use super::super::validate;
use super::boolean;
use crate::domain::trigger::{Schedule, TriggerEvent, TriggerRules};

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
    for (item, text) in items.iter().take(validate::MAX_TRIGGER_PATTERNS) {
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
    if items.len() > validate::MAX_SCHEDULES {
        reader.say(at, format!("{path}: at most {} schedules", validate::MAX_SCHEDULES));
    }
    // What is beyond is refused already; to read it all would let a file cost what it likes.
    items.iter().take(validate::MAX_SCHEDULES).map(|item| schedule(reader, item)).collect()
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

#[cfg(test)]
mod tests {
    use super::super::super::parse;

    #[test]
    fn a_file_with_thousands_of_schedules_and_patterns_is_refused_after_the_first_few() {
        let times = "    - cron: '0 0 30 2 *'\n".repeat(3000);
        let branches = "    - '!main'\n".repeat(3000);
        let file = format!(
            "version: 2\nplatforms: [ios]\ntriggers:\n  events: [push]\n  branches:\n{branches}  schedule:\n{times}\
             steps: [{{name: A, run: make}}]\n"
        );
        let found = parse::parse(&file).unwrap_err();
        let count = |text: &str| found.iter().filter(|one| one.message.contains(text)).count();
        assert_eq!([count("at most 16 schedules"), count("never comes")], [1, 16]);
        assert_eq!([count("at most 64 patterns"), count("can't be negated")], [1, 64]);
    }
}
