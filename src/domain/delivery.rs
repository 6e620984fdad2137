//! What a code host tells by a webhook, in words that are the same for every host, and what came of it.
//! It reads no payloads.

use serde::{Deserialize, Serialize};

use super::trigger::TriggerEvent;
use crate::words;

words! {
    /// How what a delivery says got here.
    Arrival {
        /// The code host told it by itself.
        Webhook = "webhook",
        /// It had failed, and the code host was asked for it.
        Redelivery = "redelivery",
        /// A look at the repository found it.
        Poll = "poll",
    }
}

words! {
    /// How far a delivery is.
    DeliveryStatus {
        /// It is stored and will be worked off.
        Waiting = "waiting",
        /// There is a verdict.
        Done = "done",
        /// It was tried as often as it may be.
        Failed = "failed",
    }
}

words! {
    /// What came of a delivery, for one pipeline or as a whole. What is declared first says most about the whole.
    Outcome {
        Built = "built",
        /// It could not be found out, for instance because the code host did not answer.
        Failed = "failed",
        /// The pipeline's file can't be used.
        Invalid = "invalid",
        /// It comes from a fork, and somebody has to approve it.
        AwaitsApproval = "awaits_approval",
        /// It comes from a fork.
        Blocked = "blocked",
        /// There is a build of the same commit.
        AlreadyBuilt = "already_built",
        /// A newer push came first, and the pipeline builds the newest only.
        Superseded = "superseded",
        /// The commit's message asks for no build.
        Skipped = "skipped",
        /// The pipeline does not listen to this event, branch, tag or path.
        Filtered = "filtered",
        Disabled = "disabled",
        /// The event is none that starts builds, or nothing here belongs to it.
        Ignored = "ignored",
        /// Another delivery said the same.
        Duplicate = "duplicate",
    }
}

words! {
    /// What a project does with pull and merge requests of forks.
    ForkBuilds {
        /// They are not built.
        Blocked = "blocked",
        /// Each commit waits for somebody to approve it.
        Approval = "approval",
    }
}

/// A payload that was understood.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// What happened to the thing that the event is about, as the host says it.
    pub action: Option<String>,
    pub repository: Option<RemoteRepository>,
    /// The login of who did it.
    pub sender: Option<String>,
    pub report: Report,
}

/// A repository as the host names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemoteRepository {
    /// For programs.
    pub id: String,
    /// For people.
    pub full_name: String,
}

/// What a delivery reports.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Report {
    /// There is code that was not there before.
    Revision(Revision),
    /// Somebody wants builds to run again.
    Again(Again),
    /// Nothing that could be built; why, in a sentence.
    Nothing(String),
}

/// Which builds are to run again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Again {
    /// The one with the id that we gave the host.
    Build(String),
    /// The newest of each pipeline at a commit.
    Commit(String),
}

/// Code that can be built.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revision {
    pub place: Place,
    pub sha: String,
    /// What the branch was before; none if it is new.
    pub before: Option<String>,
    /// The message of the newest commit, if the host sent it.
    pub message: Option<String>,
    /// When it was pushed, in Unix seconds, if the host says so.
    pub pushed_at: Option<i64>,
    /// Every path that changed, if the host sent them all.
    pub changed: Option<Vec<String>>,
    /// The repository it comes from, if that is another one.
    pub fork: Option<String>,
}

/// Where the code is.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Place {
    Branch(String),
    Tag(String),
    /// A pull or merge request.
    Request {
        number: i64,
        source: String,
        target: String,
    },
}

impl Place {
    /// The branch or tag that git's full name of a ref means.
    pub fn of_ref(name: &str) -> Option<Self> {
        let branch = name.strip_prefix("refs/heads/").map(|name| Place::Branch(name.to_owned()));
        branch.or_else(|| name.strip_prefix("refs/tags/").map(|name| Place::Tag(name.to_owned())))
    }

    pub fn event(&self) -> TriggerEvent {
        match self {
            Place::Branch(_) => TriggerEvent::Push,
            Place::Tag(_) => TriggerEvent::TagPush,
            Place::Request { .. } => TriggerEvent::PullRequest,
        }
    }

    /// The branch that its builds are of; a tag has none.
    pub fn branch(&self) -> Option<&str> {
        match self {
            Place::Branch(name) | Place::Request { source: name, .. } => Some(name),
            Place::Tag(_) => None,
        }
    }

    /// The number of the pull or merge request.
    pub fn number(&self) -> Option<i64> {
        match self {
            Place::Request { number, .. } => Some(*number),
            Place::Branch(_) | Place::Tag(_) => None,
        }
    }

    /// How git names it.
    pub fn git_ref(&self) -> String {
        match self {
            Place::Branch(name) | Place::Request { source: name, .. } => format!("refs/heads/{name}"),
            Place::Tag(name) => format!("refs/tags/{name}"),
        }
    }
}

/// A branch, a tag or an open request, and where it is.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Head {
    pub place: Place,
    pub sha: String,
    /// The repository it comes from, if that is another one.
    pub fork: Option<String>,
    /// The login of whose request it is.
    pub sender: Option<String>,
}

impl Head {
    /// What it is known by; that stays when it moves.
    pub fn name(&self) -> String {
        match &self.place {
            Place::Branch(_) | Place::Tag(_) => self.place.git_ref(),
            Place::Request { number, .. } => format!("requests/{number}"),
        }
    }
}

/// The mark in a commit's message that asks for no build, if there is one.
pub fn skip_mark(message: &str) -> Option<&'static str> {
    let message = message.to_lowercase();
    ["[skip ci]", "[ci skip]", "[no ci]"].into_iter().find(|mark| message.contains(mark))
}

/// Whether `pattern` is `text` as a whole: `*` stands for anything, slashes too, `?` for one character.
pub fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let (mut at, mut read) = (0, 0);
    // Where the last star is, and up to where it reaches.
    let mut star = None;
    while read < text.len() {
        match pattern.get(at) {
            Some('*') => {
                star = Some((at, read));
                at += 1;
            }
            Some(c) if *c == '?' || *c == text[read] => (at, read) = (at + 1, read + 1),
            Some(_) | None => {
                let Some((place, reach)) = star else { return false };
                star = Some((place, reach + 1));
                (at, read) = (place + 1, reach + 1);
            }
        }
    }
    pattern[at..].iter().all(|c| *c == '*')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn stars_reach_over_slashes_and_the_whole_name_counts() {
        for (pattern, text) in [
            ("main", "main"),
            ("release/*", "release/1/2"),
            ("*", ""),
            ("*", "a/b"),
            ("v?.*", "v1.2"),
            ("a*b*c", "aXbbYc"),
        ] {
            assert!(matches(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in [
            ("main", "main2"),
            ("Main", "main"),
            ("release/*", "release"),
            ("?", ""),
            ("a*b", "ac"),
            ("", "a"),
        ] {
            assert!(!matches(pattern, text), "{pattern} {text}");
        }
    }

    #[test]
    fn a_ref_is_a_branch_a_tag_or_nothing_that_is_built() {
        let of = |name: &str| Place::of_ref(name).map(|place| place.git_ref());
        for name in ["refs/heads/main", "refs/heads/refs/tags/v1", "refs/tags/v1"] {
            assert_eq!(of(name).as_deref(), Some(name));
        }
        for name in ["", "main", "refs/notes/commits", "refs/pull/1/head"] {
            assert_eq!(of(name), None, "{name}");
        }
    }

    #[test]
    fn a_mark_is_found_in_any_case_and_nothing_else_is_one() {
        assert_eq!(skip_mark("docs\n\n[Skip CI]"), Some("[skip ci]"));
        assert_eq!(skip_mark("[ci skip] x"), Some("[ci skip]"));
        assert_eq!(skip_mark("skip ci"), None);
    }

    proptest! {
        #[test]
        fn a_name_matches_itself_with_any_part_replaced_by_a_star(name in "[a-z/]{0,30}", from in 0..31usize, to in 0..31usize) {
            let (from, to) = (from.min(name.len()), to.min(name.len()));
            let (from, to) = (from.min(to), from.max(to));
            let pattern = format!("{}*{}", &name[..from], &name[to..]);
            prop_assert!(matches(&pattern, &name));
        }
    }
}
