//! What people read of a notice: one line, some facts, a link. Text only; whoever shows it makes it safe there.

use crate::app::App;
use crate::domain::notification::{BuildNotice, Notice, RunnerNotice, TEST_EVENT};
use crate::reports::text::{duration, plain};
use crate::reports::view;

const MAX_NAME: usize = 120;
const MAX_TITLE: usize = 200;

/// How good the news is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    Good,
    Bad,
    Neutral,
}

/// A message in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// One line.
    pub title: String,
    pub tone: Tone,
    /// Names and values, each one line.
    pub facts: Vec<(&'static str, String)>,
    /// The page of what it is about, if others reach it.
    pub link: Option<String>,
}

pub fn say(app: &App, notice: &Notice) -> Said {
    match notice {
        Notice::Build(notice) if notice.event == TEST_EVENT => tried_out(),
        Notice::Build(notice) => of_build(notice, view::page(app, notice.build.id)),
        Notice::Runner(notice) => of_runner(app, notice),
    }
}

fn tried_out() -> Said {
    let title = "This is a test of a notification channel".to_owned();
    Said { title, tone: Tone::Neutral, facts: Vec::new(), link: None }
}

fn of_build(notice: &BuildNotice, link: Option<String>) -> Said {
    let (build, more) = (&notice.build, &notice.more);
    let (what, tone) = match build.status.as_str() {
        "succeeded" if more.is_fixed => ("is fixed", Tone::Good),
        "succeeded" => ("succeeded", Tone::Good),
        "failed" => ("failed", Tone::Bad),
        "timed_out" => ("timed out", Tone::Bad),
        "expired" => ("waited too long for a runner", Tone::Bad),
        "canceled" => ("was canceled", Tone::Neutral),
        other => (other, Tone::Neutral),
    };
    let (project, pipeline) = (plain(&notice.project_name, MAX_NAME), plain(&notice.pipeline_name, MAX_NAME));
    let branch = build.branch.as_deref().map(|branch| plain(branch, MAX_NAME));
    let on = branch.as_ref().map(|branch| format!(" on {branch}")).unwrap_or_default();
    let title = format!("{project} · {pipeline} #{} {what}{on}", build.build_number);
    let mut facts = vec![("Project", project), ("Pipeline", pipeline)];
    let mut add = |name, value: Option<&str>| {
        let value = value.map(|value| plain(value, MAX_NAME)).filter(|value| !value.is_empty());
        facts.extend(value.map(|value| (name, value)));
    };
    add("Branch", build.branch.as_deref());
    add("Commit", commit(notice).as_deref());
    add("Author", more.author.as_deref());
    add("Started by", more.actor.as_deref());
    add("Reason", reason(notice).as_deref());
    let took = build.started_at.zip(build.finished_at).map(|(from, to)| duration((to - from) * 1000));
    add("Duration", took.as_deref());
    Said { title: plain(&title, MAX_TITLE), tone, facts, link }
}

fn commit(notice: &BuildNotice) -> Option<String> {
    let short: String = notice.build.commit_sha.as_deref()?.chars().take(7).collect();
    Some(format!("{short} {}", notice.more.subject.as_deref().unwrap_or_default()))
}

/// Why it ended so, where that says more than the status.
fn reason(notice: &BuildNotice) -> Option<String> {
    match notice.build.status.as_str() {
        "failed" | "timed_out" | "expired" => {
            let reason = notice.more.failure_reason.as_deref()?.parse().ok()?;
            Some(view::because(Some(reason)).to_owned())
        }
        "canceled" => Some(notice.more.reason.clone()),
        _ => None,
    }
}

fn of_runner(app: &App, notice: &RunnerNotice) -> Said {
    let name = plain(&notice.runner.name, MAX_NAME);
    let reach = app.network.reach();
    let link = reach.public_url.as_ref().map(|url| format!("{url}/runners/{}", notice.runner.id));
    let was = notice.runner.from_status.to_string();
    Said {
        title: format!("Runner {name} is offline"),
        tone: Tone::Bad,
        facts: vec![("Runner", name), ("Before", was)],
        link,
    }
}
