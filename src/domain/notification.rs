//! What people are told of builds and runners, through which kinds of channels, and which rules a channel has. It sends and
//! stores nothing.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::build::BuildStatus;
use super::delivery::matches;
use super::id::{BuildId, PipelineId, ProjectId, RunnerId, UserId};
use super::runner::RunnerStatus;
use crate::words;

/// Longest reason of a failed delivery, in characters.
pub const MAX_ERROR_CHARS: usize = 200;

words! {
    /// How a channel speaks.
    NotificationChannelType {
        /// JSON of our own, signed if the channel has a secret.
        Webhook = "webhook",
        Mattermost = "mattermost",
        Email = "email",
        Slack = "slack",
        Discord = "discord",
        Teams = "teams",
    }
}

words! {
    /// How far a delivery is.
    NotificationDeliveryStatus {
        /// It is tried, or will be.
        Pending = "pending",
        Delivered = "delivered",
        /// It is given up.
        Failed = "failed",
    }
}

words! {
    /// Whether and how the connection to a mail server is encrypted. What is asked for is never left out.
    SmtpTlsMode {
        None = "none",
        StartTls = "start_tls",
        Tls = "tls",
    }
}

words! {
    /// What a channel may tell of.
    NotificationEvent {
        Succeeded = "succeeded",
        Failed = "failed",
        /// By somebody, by a newer build of its branch, or because its source has changed.
        Canceled = "canceled",
        TimedOut = "timed_out",
        Expired = "expired",
        RunnerOffline = "runner_offline",
        /// A build succeeded after the one before it on the same pipeline and branch had failed.
        Fixed = "fixed",
    }
}

/// Of which builds a channel tells. What is empty lets everything through.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct NotificationRules {
    /// Only builds of these projects.
    #[schema(value_type = Vec<String>)]
    pub project_ids: Vec<ProjectId>,
    /// Only builds of branches that match one of these patterns: `*` stands for anything, `?` for one character.
    pub branches: Vec<String>,
    /// Only builds of this person: started by them, or of commits that bear their name.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub person_id: Option<UserId>,
}

/// What rules are compared with.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    pub project: ProjectId,
    pub branch: Option<&'a str>,
    pub actor: Option<&'a str>,
    pub author: Option<&'a str>,
}

/// How a person is named in builds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    pub email: String,
    pub display_name: Option<String>,
}

impl Default for SmtpTlsMode {
    fn default() -> Self {
        Self::Tls
    }
}

impl NotificationEvent {
    /// What the end of a build is called; none if it has not ended.
    pub fn of(status: BuildStatus) -> Option<Self> {
        match status {
            BuildStatus::Succeeded => Some(Self::Succeeded),
            BuildStatus::Failed => Some(Self::Failed),
            BuildStatus::Canceled => Some(Self::Canceled),
            BuildStatus::TimedOut => Some(Self::TimedOut),
            BuildStatus::Expired => Some(Self::Expired),
            BuildStatus::Queued | BuildStatus::Scheduled | BuildStatus::Assigned | BuildStatus::Running => {
                None
            }
        }
    }

    /// Whether a channel with these events tells of what happened; one without any tells of everything.
    pub fn any_wanted(events: &[Self], happened: &[Self]) -> bool {
        events.is_empty() || happened.iter().any(|event| events.contains(event))
    }
}

impl NotificationRules {
    /// Whether they let every build through.
    pub fn is_empty(&self) -> bool {
        self.project_ids.is_empty() && self.branches.is_empty() && self.person_id.is_none()
    }

    /// Whether a build is one of those meant. `person` is the one that the rules name, if they are still there.
    pub fn mean(&self, build: Subject<'_>, person: Option<&Person>) -> bool {
        let of_project = self.project_ids.is_empty() || self.project_ids.contains(&build.project);
        let of_branch = self.branches.is_empty()
            || build
                .branch
                .is_some_and(|branch| self.branches.iter().any(|pattern| matches(pattern, branch)));
        let of_person = self.person_id.is_none() || person.is_some_and(|person| person.is_behind(build));
        of_project && of_branch && of_person
    }
}

impl Person {
    fn is_behind(&self, build: Subject<'_>) -> bool {
        let same = |name: Option<&str>, other: &str| {
            name.is_some_and(|name| name.to_lowercase() == other.to_lowercase())
        };
        let named = self.display_name.as_deref().filter(|name| !name.trim().is_empty());
        same(build.actor, &self.email)
            || same(build.author, &self.email)
            || named.is_some_and(|name| same(build.author, name))
    }
}

/// A mail server and what is sent through it, without the password.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Smtp {
    pub host: String,
    pub port: u16,
    /// Empty if the server asks for no login.
    pub username: String,
    pub tls_mode: SmtpTlsMode,
    pub from_address: String,
    pub recipients: Vec<String>,
}

/// What is told, as it was when it happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Notice {
    Build(Box<BuildNotice>),
    Runner(RunnerNotice),
}

/// The end of a build.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BuildNotice {
    /// `build.` and the status.
    pub event: String,
    pub build: BuildFacts,
    pub project_name: String,
    pub pipeline_name: String,
    /// Unix seconds.
    pub timestamp: i64,
    /// What only people are told.
    pub more: BuildDetails,
}

/// A build as webhooks show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BuildFacts {
    pub id: BuildId,
    pub project_id: ProjectId,
    pub pipeline_id: PipelineId,
    pub build_number: i64,
    pub status: String,
    pub branch: Option<String>,
    pub commit_sha: Option<String>,
    pub trigger_type: String,
    pub started_at: Option<i64>,
    pub finished_at: Option<i64>,
}

/// What else there is to say of a build.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct BuildDetails {
    /// The one before it had failed.
    pub is_fixed: bool,
    /// Why it has the status, for instance `superseded by new build`.
    pub reason: String,
    pub failure_reason: Option<String>,
    pub actor: Option<String>,
    pub author: Option<String>,
    pub subject: Option<String>,
}

/// A runner that fell silent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunnerNotice {
    pub runner: RunnerFacts,
    /// Unix seconds.
    pub timestamp: i64,
}

/// A runner as webhooks show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunnerFacts {
    pub id: RunnerId,
    pub name: String,
    pub from_status: RunnerStatus,
    pub to_status: RunnerStatus,
}

/// What a delivery to try a channel out is called.
pub const TEST_EVENT: &str = "build.test";
/// What a runner that fell silent is called.
pub const RUNNER_EVENT: &str = "runner.offline";

impl Notice {
    /// What happened, in the word that receivers know.
    pub fn event(&self) -> &str {
        match self {
            Notice::Build(notice) => &notice.event,
            Notice::Runner(_) => RUNNER_EVENT,
        }
    }

    /// Something to try a channel out with.
    pub fn sample(now: i64) -> Self {
        let build = BuildFacts {
            id: BuildId::new(),
            project_id: ProjectId::new(),
            pipeline_id: PipelineId::new(),
            build_number: 1,
            status: "test".to_owned(),
            branch: Some("main".to_owned()),
            commit_sha: Some("0".repeat(40)),
            trigger_type: "manual".to_owned(),
            started_at: Some(now),
            finished_at: Some(now),
        };
        Notice::Build(Box::new(BuildNotice {
            event: TEST_EVENT.to_owned(),
            build,
            project_name: "Test project".to_owned(),
            pipeline_name: "Test pipeline".to_owned(),
            timestamp: now,
            more: BuildDetails::default(),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(email: &str, name: Option<&str>) -> Person {
        Person { email: email.to_owned(), display_name: name.map(str::to_owned) }
    }

    #[test]
    fn rules_mean_builds_that_all_of_them_mean() {
        let (mine, other) = (ProjectId::new(), ProjectId::new());
        let build =
            Subject { project: mine, branch: Some("release/1.2"), actor: Some("ana@x"), author: Some("Ben") };
        let rules = |projects: &[ProjectId], branches: &[&str], person: bool| NotificationRules {
            project_ids: projects.to_vec(),
            branches: branches.iter().map(|branch| (*branch).to_owned()).collect(),
            person_id: person.then(UserId::new),
        };
        assert!(rules(&[], &[], false).mean(build, None));
        assert!(rules(&[mine], &["main", "release/*"], false).mean(build, None));
        assert!(!rules(&[other], &[], false).mean(build, None));
        assert!(!rules(&[mine], &["main"], false).mean(build, None));
        assert!(!rules(&[], &["*"], false).mean(Subject { branch: None, ..build }, None));
        assert!(!rules(&[], &[], true).mean(build, None), "a person who is gone has no builds");
        for (email, name, is_theirs) in [
            ("Ana@X", None, true),
            ("ben@x", Some("ben"), true),
            ("ben@x", Some(" "), false),
            ("cid@x", Some("Cid"), false),
        ] {
            assert_eq!(rules(&[], &[], true).mean(build, Some(&person(email, name))), is_theirs, "{email}");
        }
    }

    #[test]
    fn a_channel_without_events_tells_of_everything() {
        use NotificationEvent::{Failed, Fixed, Succeeded};
        assert!(NotificationEvent::any_wanted(&[], &[Succeeded]));
        assert!(NotificationEvent::any_wanted(&[Failed, Fixed], &[Succeeded, Fixed]));
        assert!(!NotificationEvent::any_wanted(&[Failed, Fixed], &[Succeeded]));
    }
}
