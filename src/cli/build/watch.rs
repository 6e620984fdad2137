//! `oore build watch`: follows a build through the live stream of its log, over cut connections and restarts of
//! the daemon, and ends as the build does. Stopping to watch leaves the build alone.

use clap::Args;
use reqwest::header::{HeaderMap, HeaderValue};
use serde_json::{Value, json};

use super::Which;
use super::events::{Events, Heard};
use crate::cli::failure::{Exit, Failure};
use crate::cli::http::{Daemon, pause};
use crate::cli::names::{id, name_of_build};
use crate::cli::profile::Profile;
use crate::cli::screen::Screen;
use crate::cli::table::status_color;
use crate::cli::terminal::{note, plain, say};
use crate::cli::times::length;
use crate::domain::build::BuildStatus;

/// How often in a row a connection is tried that brings nothing.
const ATTEMPTS: u32 = 60;

#[derive(Debug, Args)]
pub struct Watch {
    #[command(flatten)]
    which: Which,

    /// Print one JSON object for each line of the log, and one at the end.
    #[arg(long)]
    json: bool,
}

pub async fn run(watch: Watch, profile: &Profile) -> anyhow::Result<()> {
    let (daemon, build) = watch.which.open(profile).await?;
    follow_all(&daemon, &[build], watch.json).await
}

/// Follows builds one after the other; the first one that did not succeed decides how it ends.
pub async fn follow_all(daemon: &Daemon, builds: &[Value], json: bool) -> anyhow::Result<()> {
    let mut worst = None;
    for build in builds {
        let follower = Follower {
            daemon,
            build: build.clone(),
            json,
            screen: Screen::default(),
            last: None,
            said: String::new(),
        };
        let name = name_of_build(build);
        let end = tokio::select! {
            end = follower.follow() => end?,
            _ = tokio::signal::ctrl_c() => {
                return Err(Failure::new(Exit::Interrupted, format!("{name} goes on without you"))
                    .hint(format!("`oore build watch {name}` goes on watching, `oore build cancel {name}` ends it."))
                    .into());
            }
        };
        worst = worst.or(end);
    }
    worst.map_or(Ok(()), |failure| Err(failure.into()))
}

/// Why a stream has ended.
enum End {
    /// The daemon said that there will be nothing more, and why.
    Done(String),
    Cut,
}

struct Follower<'a> {
    daemon: &'a Daemon,
    build: Value,
    json: bool,
    screen: Screen,
    /// The last sequence that was shown.
    last: Option<String>,
    /// What was last said of the wait.
    said: String,
}

impl Follower<'_> {
    /// Shows everything; answers what to report if the build did not succeed.
    async fn follow(mut self) -> Result<Option<Failure>, Failure> {
        let mut vain = 0;
        loop {
            let before = self.last.clone();
            match self.stream().await {
                Ok(End::Done(why)) => return self.over(&why).await,
                Ok(End::Cut) => {}
                Err(failure) if failure.code.as_deref() == Some("log_removed") => {
                    note("Its log was removed.");
                    return self.over("build_finished").await;
                }
                Err(failure) if failure.exit == Exit::Unreachable && vain + 1 < ATTEMPTS => {
                    if vain == 0 {
                        note(format_args!("{failure}; trying again"));
                    }
                }
                Err(failure) => return Err(failure),
            }
            vain = if self.last == before { vain + 1 } else { 0 };
            pause(vain).await;
        }
    }

    async fn stream(&mut self) -> Result<End, Failure> {
        self.tell_wait().await?;
        let path = format!("/v1/builds/{}", id(&self.build));
        let token = self.daemon.post(&format!("{path}/stream-token"), json!({})).await?;
        let token = token["token"].as_str().unwrap_or_default();
        let mut headers = HeaderMap::new();
        if let Some(last) = self.last.as_deref().and_then(|last| HeaderValue::from_str(last).ok()) {
            headers.insert("last-event-id", last);
        }
        let daemon = self.daemon;
        let answer = daemon.open(&format!("{path}/logs/stream?token={token}"), headers).await?;
        let mut events = Events::new(daemon, answer);
        while let Some(heard) = events.next().await? {
            match heard {
                Heard::Alive => self.tell_wait().await?,
                Heard::Event { name, data, .. } if name == "done" => return Ok(End::Done(data)),
                Heard::Event { name, id, data } if name == "log" => {
                    self.show(&data);
                    self.last = id;
                }
                Heard::Event { .. } => {}
            }
        }
        Ok(End::Cut)
    }

    fn show(&mut self, data: &str) {
        let Ok(mut chunk) = serde_json::from_str::<Value>(data) else { return };
        if self.json {
            chunk["type"] = "log".into();
            say(chunk);
        } else {
            self.screen.chunk(&chunk);
        }
    }

    /// Says once why it waits, each time that has changed.
    async fn tell_wait(&mut self) -> Result<(), Failure> {
        if self.last.is_some() {
            return Ok(());
        }
        let found = self.daemon.get(&format!("/v1/builds/{}", id(&self.build))).await?;
        let sentence = found["waiting"]["sentence"].as_str().unwrap_or_default();
        if sentence != self.said {
            sentence.clone_into(&mut self.said);
            if !sentence.is_empty() {
                note(plain(sentence));
            }
        }
        Ok(())
    }

    /// The build at its end. The daemon may be restarting at this moment, which changes nothing of it.
    async fn ended(&self) -> Result<Value, Failure> {
        let path = format!("/v1/builds/{}", id(&self.build));
        for vain in 0..ATTEMPTS {
            match self.daemon.get(&path).await {
                Err(failure) if failure.exit == Exit::Unreachable && vain + 1 < ATTEMPTS => pause(vain).await,
                answer => return Ok(answer?["build"].clone()),
            }
        }
        Err(Failure::failed("the build's end could not be read"))
    }

    async fn over(mut self, why: &str) -> Result<Option<Failure>, Failure> {
        self.screen.close();
        match why {
            "build_finished" => {}
            "authorization_ended" => {
                return Err(Failure::new(Exit::NotAllowed, "you may not watch this build any more")
                    .hint("Sign in with `oore login`; the build goes on."));
            }
            _ => return Err(Failure::failed("the build was removed")),
        }
        self.build = self.ended().await?;
        let (status, name) = (self.build["status"].as_str(), name_of_build(&self.build));
        if self.json {
            say(json!({ "type": "end", "build": self.build }));
        } else {
            let style = status_color(status).on_default().bold();
            let took = self.build["run_ms"].as_i64().map(|ms| format!(" after {}", length(ms / 1000)));
            let word = plain(status.unwrap_or("unknown"));
            say(format_args!("{style}{name}: {word}{}{style:#}", took.unwrap_or_default()));
        }
        Ok(outcome(&self.build, &name))
    }
}

/// What to end with, unless the build succeeded.
fn outcome(build: &Value, name: &str) -> Option<Failure> {
    let status = build["status"].as_str().and_then(|status| status.parse().ok());
    let exit = match status {
        Some(BuildStatus::Succeeded) => return None,
        Some(BuildStatus::Canceled) => Exit::Canceled,
        Some(BuildStatus::TimedOut) => Exit::TimedOut,
        Some(BuildStatus::Expired) => Exit::Expired,
        Some(
            BuildStatus::Failed
            | BuildStatus::Queued
            | BuildStatus::Scheduled
            | BuildStatus::Assigned
            | BuildStatus::Running,
        )
        | None => Exit::Failed,
    };
    let what = build["error_message"]
        .as_str()
        .map_or_else(|| plain(build["status"].as_str().unwrap_or("unknown")).replace('_', " "), plain);
    Some(Failure::new(exit, format!("{name}: {what}")).hint(format!("`oore build show {name}` says more.")))
}
