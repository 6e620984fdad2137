//! Whether what happened at a code host starts a pipeline, and if not, why. Settings and files become the
//! same rules. It fetches nothing.

use globset::{Glob, GlobSet, GlobSetBuilder};

use crate::domain::delivery::{Place, Revision, matches, skip_mark};
use crate::domain::spec::TriggerConfig;
use crate::domain::trigger::{TriggerEvent, TriggerRules};

/// Rules, and where they are from.
#[derive(Debug)]
pub struct Triggers {
    rules: TriggerRules,
    from: From,
}

/// Who said what starts the pipeline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum From {
    /// Branches are those that a pull request comes from.
    Settings,
    /// Branches are those that a pull request goes to.
    File,
}

/// Why a pipeline does not start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    Filtered(String),
    Skipped(String),
}

impl Triggers {
    /// A pipeline's settings: what is empty restricts nothing. A tag has no branch, so branches leave tags out unless
    /// the event is listed.
    pub fn of_settings(config: &TriggerConfig) -> Self {
        let mut events: Vec<TriggerEvent> =
            config.events.iter().filter_map(|event| event.parse().ok()).collect();
        if config.events.is_empty() {
            events = TriggerEvent::ALL.to_vec();
            if !config.branches.is_empty() && config.tags.is_empty() {
                events.retain(|event| *event != TriggerEvent::TagPush);
            }
        }
        let rules = TriggerRules {
            events,
            branches: config.branches.clone(),
            tags: config.tags.clone(),
            paths: config.paths.clone(),
            paths_ignore: config.paths_ignore.clone(),
            schedule: config.schedule.clone(),
            skip_ci: true,
        };
        Self { rules, from: From::Settings }
    }

    pub fn of_file(rules: &TriggerRules) -> Self {
        Self { rules: rules.clone(), from: From::File }
    }

    /// Judges a revision by everything but what it changes. `message` is that of its newest commit.
    pub fn judge(&self, revision: &Revision, message: &str) -> Result<(), Refusal> {
        self.event(&revision.place)?;
        self.place(&revision.place)?;
        match skip_mark(message).filter(|_| self.rules.skip_ci) {
            Some(mark) => Err(Refusal::Skipped(format!("skip mark in the commit's message: {mark}"))),
            None => Ok(()),
        }
    }

    /// Whether it matters what a revision changes. A tag changes nothing.
    pub fn look_at_paths(&self, revision: &Revision) -> bool {
        let has_rules = !self.rules.paths.is_empty() || !self.rules.paths_ignore.is_empty();
        has_rules && revision.place.event() != TriggerEvent::TagPush
    }

    /// Judges by what is changed: every path, or `None` if that is not known, which keeps nothing from starting.
    pub fn judge_paths(&self, changed: Option<&[String]>) -> Result<(), Refusal> {
        changed.map_or(Ok(()), |changed| self.paths(changed))
    }

    fn event(&self, place: &Place) -> Result<(), Refusal> {
        let event = place.event();
        if self.rules.events.contains(&event) {
            return Ok(());
        }
        let listed: Vec<&str> = self.rules.events.iter().map(|event| event.as_str()).collect();
        Err(Refusal::Filtered(match (listed.is_empty(), place) {
            (true, _) => "no event of a code host starts this pipeline".to_owned(),
            (false, Place::Tag(tag)) => {
                format!("tag {tag}: the pipeline listens to {}, not to tags", listed.join(", "))
            }
            (false, Place::Branch(_) | Place::Request { .. }) => {
                format!("event {event} is not among {}", listed.join(", "))
            }
        }))
    }

    fn place(&self, place: &Place) -> Result<(), Refusal> {
        let (what, name, patterns) = match place {
            Place::Branch(name) => ("branch", name, &self.rules.branches),
            Place::Tag(name) => ("tag", name, &self.rules.tags),
            Place::Request { source, target, .. } => match self.from {
                From::Settings => ("branch", source, &self.rules.branches),
                From::File => ("target branch", target, &self.rules.branches),
            },
        };
        if patterns.is_empty() || patterns.iter().any(|pattern| matches(pattern, name)) {
            return Ok(());
        }
        Err(Refusal::Filtered(format!("{what} {name} does not match {}", patterns.join(", "))))
    }

    fn paths(&self, changed: &[String]) -> Result<(), Refusal> {
        let (wanted, ignored) = (globs(&self.rules.paths), globs(&self.rules.paths_ignore));
        let counts =
            |path: &String| (self.rules.paths.is_empty() || wanted.is_match(path)) && !ignored.is_match(path);
        if changed.iter().any(counts) {
            return Ok(());
        }
        let rules = match (self.rules.paths.is_empty(), self.rules.paths_ignore.is_empty()) {
            (false, true) => format!("matches {}", self.rules.paths.join(", ")),
            (true, _) => format!("is outside of {}", self.rules.paths_ignore.join(", ")),
            (false, false) => format!(
                "matches {} and is outside of {}",
                self.rules.paths.join(", "),
                self.rules.paths_ignore.join(", ")
            ),
        };
        let some = changed.first().map(|path| format!(" (for instance {path})")).unwrap_or_default();
        Err(Refusal::Filtered(format!("none of {} changed files{some} {rules}", changed.len())))
    }
}

/// Patterns were checked when they were entered; one that became unreadable matches nothing.
fn globs(patterns: &[String]) -> GlobSet {
    let mut set = GlobSetBuilder::new();
    patterns.iter().filter_map(|pattern| Glob::new(pattern).ok()).for_each(|glob| {
        set.add(glob);
    });
    set.build().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn revision(place: Place) -> Revision {
        let (sha, before, message) = ("1".repeat(40), None, None);
        Revision { place, sha, before, message, pushed_at: None, changed: None, fork: None }
    }

    fn branch(name: &str) -> Revision {
        revision(Place::Branch(name.to_owned()))
    }

    fn tag(name: &str) -> Revision {
        revision(Place::Tag(name.to_owned()))
    }

    fn request(source: &str, target: &str) -> Revision {
        revision(Place::Request { number: 1, source: source.to_owned(), target: target.to_owned() })
    }

    fn list(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|text| (*text).to_owned()).collect()
    }

    fn settings(events: &[&str], branches: &[&str]) -> Triggers {
        let config = TriggerConfig { events: list(events), branches: list(branches), ..Default::default() };
        Triggers::of_settings(&config)
    }

    fn why(triggers: &Triggers, revision: &Revision) -> String {
        match triggers.judge(revision, "").unwrap_err() {
            Refusal::Filtered(why) | Refusal::Skipped(why) => why,
        }
    }

    #[test]
    fn empty_settings_take_everything() {
        let all = settings(&[], &[]);
        for revision in [branch("x"), tag("v1"), request("x", "main")] {
            assert_eq!(all.judge(&revision, ""), Ok(()));
        }
    }

    #[test]
    fn reasons_name_what_came_and_what_was_wanted() {
        let some = settings(&["push"], &["main", "release/*"]);
        assert_eq!(why(&some, &branch("feature/x")), "branch feature/x does not match main, release/*");
        assert_eq!(why(&some, &request("main", "main")), "event pull_request is not among push");
        assert_eq!(why(&some, &tag("v1")), "tag v1: the pipeline listens to push, not to tags");
        assert_eq!(some.judge(&branch("release/1"), ""), Ok(()));
    }

    #[test]
    fn branches_leave_tags_out_unless_tags_are_asked_for() {
        assert!(settings(&[], &["main"]).judge(&tag("v1"), "").is_err());
        assert_eq!(settings(&["tag_push"], &["main"]).judge(&tag("v1"), ""), Ok(()));
    }

    #[test]
    fn settings_look_at_where_a_request_comes_from_and_files_at_where_it_goes() {
        assert_eq!(settings(&[], &["topic"]).judge(&request("topic", "main"), ""), Ok(()));
        let rules = TriggerRules {
            events: vec![TriggerEvent::PullRequest],
            branches: list(&["main"]),
            ..Default::default()
        };
        let file = Triggers::of_file(&rules);
        assert_eq!(file.judge(&request("topic", "main"), ""), Ok(()));
        assert_eq!(why(&file, &request("main", "dev")), "target branch dev does not match main");
        let none = Triggers::of_file(&TriggerRules::default());
        assert_eq!(why(&none, &branch("main")), "no event of a code host starts this pipeline");
    }

    #[test]
    fn one_wanted_path_is_enough_and_unknown_paths_keep_nothing_back() {
        let rules = TriggerRules {
            events: TriggerEvent::ALL.to_vec(),
            paths: list(&["lib/**"]),
            paths_ignore: list(&["**/*.md"]),
            ..Default::default()
        };
        let file = Triggers::of_file(&rules);
        let judge = |changed: &[&str]| file.judge_paths(Some(&list(changed)));
        assert_eq!(judge(&["README.md", "lib/a.dart"]), Ok(()));
        let Err(Refusal::Filtered(why)) = judge(&["lib/a.md", "test/a.dart"]) else { unreachable!() };
        assert_eq!(
            why,
            "none of 2 changed files (for instance lib/a.md) matches lib/** and is outside of **/*.md"
        );
        assert_eq!(file.judge_paths(None), Ok(()));
        assert!(
            file.look_at_paths(&branch("main")) && !file.look_at_paths(&tag("v1")),
            "a tag changes nothing"
        );
    }

    #[test]
    fn a_skip_mark_counts_unless_the_file_says_otherwise() {
        let message = "docs [skip ci]";
        let skipped = Err(Refusal::Skipped("skip mark in the commit's message: [skip ci]".to_owned()));
        assert_eq!(settings(&[], &[]).judge(&branch("main"), message), skipped);
        let rules = TriggerRules { events: TriggerEvent::ALL.to_vec(), skip_ci: false, ..Default::default() };
        assert_eq!(Triggers::of_file(&rules).judge(&branch("main"), message), Ok(()));
    }
}
