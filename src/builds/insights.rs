//! How builds went over some time, in figures: how many passed, how long they took and waited, which steps are slow or fail.
//! It is given rows and adds them up; it asks for nothing and knows no time but theirs.

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;
use utoipa::ToSchema;

use crate::db::builds::figures::{Finished, Ran, Sized, Stepped};
use crate::domain::build::BuildStatus;
use crate::domain::failure::FailureReason;
use crate::domain::id::{PipelineId, ProjectId, RunnerId};
use crate::domain::runner::runner_of;
use crate::domain::step::{StepResult, StepStatus};

const DAY: i64 = 86_400;

/// The middle and the slow end of some times, in milliseconds; absent if there are none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Spread {
    /// Half of them took at most this long.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub p50_ms: Option<i64>,
    /// 19 of 20 took at most this long.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub p95_ms: Option<i64>,
}

/// How some builds went.
#[derive(Debug, Clone, Default, PartialEq, Serialize, ToSchema)]
pub struct Figures {
    pub succeeded: u64,
    /// Also those that took too long.
    pub failed: u64,
    /// Also those that no runner took in time.
    pub canceled: u64,
    /// Of 100 builds that were not canceled, how many passed; absent if there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub success_rate: Option<f64>,
    /// How long those ran that passed.
    pub run: Spread,
    /// How long those waited that began.
    pub wait: Spread,
}

/// How the builds of one day went.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct DayFigures {
    /// When the day began.
    pub day: i64,
    pub figures: Figures,
}

/// How long default branches stayed broken.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Recovery {
    /// How often a pipeline became green again.
    pub times: u64,
    pub time: Spread,
}

/// One step of a pipeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepFigures {
    pub pipeline: PipelineId,
    pub name: String,
    pub runs: u64,
    pub failed: u64,
    /// At how many commits it both failed and passed.
    pub flaky: u64,
    pub time: Spread,
}

/// How long one runner had builds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BusyFigures {
    pub runner: RunnerId,
    pub builds: u64,
    /// Of each day, in milliseconds. Builds at the same time add up.
    pub days: Vec<i64>,
}

/// How large one app of a pipeline was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SizeFigures {
    pub pipeline: PipelineId,
    pub name: String,
    /// After the last build of each day that left it, in bytes.
    pub days: Vec<Option<i64>>,
}

/// The days that are looked at, as the caller's clock on the wall cuts them.
#[derive(Debug, Clone, Copy)]
pub struct Span {
    days: i64,
    offset: i64,
    last: i64,
}

impl Span {
    /// The last `days` days, today included, where the wall clock is `offset` seconds ahead of UTC.
    pub fn new(days: i64, offset: i64, now: i64) -> Self {
        Self { days, offset, last: (now + offset).div_euclid(DAY) }
    }

    /// When it begins.
    pub fn begin(&self) -> i64 {
        self.start(self.first())
    }

    fn start(&self, day: i64) -> i64 {
        day * DAY - self.offset
    }

    fn day_of(&self, at_ms: i64) -> i64 {
        (at_ms.div_euclid(1000) + self.offset).div_euclid(DAY)
    }

    fn first(&self) -> i64 {
        self.last - self.days + 1
    }

    /// The place of a day; `None` for one that is not looked at.
    fn place(&self, day: i64) -> Option<usize> {
        usize::try_from(day - self.first()).ok().filter(|_| day <= self.last)
    }

    /// One value for each day.
    fn blank<T: Clone>(&self, value: T) -> Vec<T> {
        vec![value; usize::try_from(self.days).unwrap_or(0)]
    }

    /// How much of a time lies in each day that is looked at: the day's place, and milliseconds.
    fn shares(&self, from_ms: i64, to_ms: i64) -> impl Iterator<Item = (usize, i64)> {
        let first = self.day_of(from_ms).max(self.first());
        (first..=self.day_of(to_ms)).filter_map(move |day| {
            let begin = (self.start(day) * 1000).max(from_ms);
            let end = (self.start(day + 1) * 1000).min(to_ms);
            Some((self.place(day)?, (end - begin).max(0)))
        })
    }

    /// Each day, also those without builds.
    pub fn each(&self, rows: &[Finished]) -> Vec<DayFigures> {
        let mut days: HashMap<i64, Sum> = HashMap::new();
        for row in rows {
            days.entry(self.day_of(row.finished_at_ms)).or_default().add(row);
        }
        let shown = |day| DayFigures {
            day: self.start(day),
            figures: days.remove(&day).unwrap_or_default().figures(),
        };
        (self.first()..=self.last).map(shown).collect()
    }
}

/// Builds as they are added up.
#[derive(Debug, Default)]
struct Sum {
    succeeded: u64,
    failed: u64,
    canceled: u64,
    runs: Vec<i64>,
    waits: Vec<i64>,
}

impl Sum {
    fn add(&mut self, row: &Finished) {
        match row.status {
            BuildStatus::Succeeded => self.succeeded += 1,
            BuildStatus::Failed | BuildStatus::TimedOut => self.failed += 1,
            BuildStatus::Canceled | BuildStatus::Expired => self.canceled += 1,
            BuildStatus::Queued | BuildStatus::Scheduled | BuildStatus::Assigned | BuildStatus::Running => {}
        }
        let Some(started) = row.started_at_ms else { return };
        self.waits.push((started - row.queued_at_ms).max(0));
        if row.status == BuildStatus::Succeeded {
            self.runs.push((row.finished_at_ms - started).max(0));
        }
    }

    fn figures(self) -> Figures {
        let judged = self.succeeded + self.failed;
        Figures {
            success_rate: (judged > 0).then(|| rate(self.succeeded, judged)),
            succeeded: self.succeeded,
            failed: self.failed,
            canceled: self.canceled,
            run: Spread::of(self.runs),
            wait: Spread::of(self.waits),
        }
    }
}

/// Per cent, to one decimal.
pub fn rate(part: u64, all: u64) -> f64 {
    (part as f64 * 1000.0 / all as f64).round() / 10.0
}

impl Spread {
    pub fn of(mut times: Vec<i64>) -> Self {
        times.sort_unstable();
        Self { p50_ms: ranked(&times, 50), p95_ms: ranked(&times, 95) }
    }
}

/// The smallest of the sorted times that `percent` of them do not exceed.
fn ranked(sorted: &[i64], percent: usize) -> Option<i64> {
    let rank = (sorted.len() * percent).div_ceil(100);
    sorted.get(rank.max(1) - 1).copied()
}

/// All of them.
pub fn total(rows: &[Finished]) -> Figures {
    let mut sum = Sum::default();
    rows.iter().for_each(|row| sum.add(row));
    sum.figures()
}

/// Each pipeline, those with the most builds first.
pub fn by_pipeline(rows: &[Finished]) -> Vec<(ProjectId, PipelineId, Figures)> {
    let mut sums: BTreeMap<(ProjectId, PipelineId), (usize, Sum)> = BTreeMap::new();
    for row in rows {
        let (count, sum) = sums.entry((row.project_id, row.pipeline_id)).or_default();
        *count += 1;
        sum.add(row);
    }
    let mut all: Vec<_> = sums.into_iter().collect();
    all.sort_by_key(|(_, (count, _))| std::cmp::Reverse(*count));
    all.into_iter().map(|((project, pipeline), (_, sum))| (project, pipeline, sum.figures())).collect()
}

/// Why builds failed, the commonest reason first. Older ones and some of runners have none.
pub fn failures(rows: &[Finished]) -> Vec<(FailureReason, u64)> {
    let mut counts: HashMap<FailureReason, u64> = HashMap::new();
    for reason in rows.iter().filter_map(|row| row.failure_reason) {
        *counts.entry(reason).or_default() += 1;
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|(reason, count)| (std::cmp::Reverse(*count), *reason));
    counts
}

/// How long pipelines were red on the branches that `defaults` names, from the end of the first build that failed to the end of
/// the next that passed.
pub fn recovery(rows: &[Finished], defaults: &HashMap<ProjectId, String>) -> Recovery {
    let is_default = |row: &&Finished| {
        let default = defaults.get(&row.project_id);
        row.request_number.is_none() && default.is_some() && row.branch.as_ref() == default
    };
    let mut ordered: Vec<&Finished> = rows.iter().filter(is_default).collect();
    ordered.sort_by_key(|row| row.finished_at_ms);
    let mut red: HashMap<PipelineId, i64> = HashMap::new();
    let mut times = Vec::new();
    for row in ordered {
        match row.status {
            BuildStatus::Failed | BuildStatus::TimedOut => {
                red.entry(row.pipeline_id).or_insert(row.finished_at_ms);
            }
            BuildStatus::Succeeded => {
                let since = red.remove(&row.pipeline_id);
                times.extend(since.map(|since| row.finished_at_ms - since));
            }
            BuildStatus::Canceled
            | BuildStatus::Expired
            | BuildStatus::Queued
            | BuildStatus::Scheduled
            | BuildStatus::Assigned
            | BuildStatus::Running => {}
        }
    }
    Recovery { times: times.len() as u64, time: Spread::of(times) }
}

/// Each runner that had builds, the busiest first.
pub fn busy(rows: &[Ran], span: &Span) -> Vec<BusyFigures> {
    let mut all: BTreeMap<RunnerId, BusyFigures> = BTreeMap::new();
    for row in rows {
        let Some(runner) = row.actor.as_deref().and_then(runner_of) else { continue };
        let blank = || BusyFigures { runner, builds: 0, days: span.blank(0) };
        let found = all.entry(runner).or_insert_with(blank);
        found.builds += 1;
        for (place, ms) in span.shares(row.started_at_ms, row.finished_at_ms) {
            found.days[place] += ms;
        }
    }
    let mut all: Vec<_> = all.into_values().collect();
    all.sort_by_key(|found| std::cmp::Reverse(found.days.iter().sum::<i64>()));
    all
}

/// Each app of each pipeline, those of the most days first. The rows come newest first.
pub fn sizes(rows: &[Sized], span: &Span) -> Vec<SizeFigures> {
    let mut all: BTreeMap<(PipelineId, &str), Vec<Option<i64>>> = BTreeMap::new();
    for row in rows {
        let Some(place) = span.place(span.day_of(row.finished_at_ms)) else { continue };
        let days = all.entry((row.pipeline_id, row.name.as_str())).or_insert_with(|| span.blank(None));
        days[place].get_or_insert(row.bytes);
    }
    let shown = |((pipeline, name), days): ((PipelineId, &str), Vec<Option<i64>>)| SizeFigures {
        pipeline,
        name: name.to_owned(),
        days,
    };
    let mut all: Vec<_> = all.into_iter().map(shown).collect();
    all.sort_by_key(|found| std::cmp::Reverse(found.days.iter().flatten().count()));
    all
}

/// The runs of one step.
#[derive(Debug, Default)]
struct Runs {
    times: Vec<i64>,
    failed: u64,
    /// By commit: whether it failed, and whether it passed.
    outcomes: HashMap<String, (bool, bool)>,
}

/// Every step that ran, those that took the most time first. What can't be read is left out.
pub fn steps(rows: &[Stepped]) -> Vec<StepFigures> {
    let mut all: BTreeMap<(PipelineId, String), Runs> = BTreeMap::new();
    for row in rows {
        let results: Vec<StepResult> = serde_json::from_str(&row.step_results).unwrap_or_default();
        for step in results.into_iter().filter(|step| step.status != StepStatus::Skipped) {
            let runs = all.entry((row.pipeline_id, step.name)).or_default();
            let failed = step.status == StepStatus::Failed && !step.tolerated;
            runs.times.push(step.duration_ms.max(0));
            runs.failed += u64::from(failed);
            if let Some(sha) = &row.commit_sha {
                let (was_bad, was_good) = runs.outcomes.entry(sha.clone()).or_default();
                *was_bad |= failed;
                *was_good |= step.status == StepStatus::Succeeded;
            }
        }
    }
    let mut all: Vec<_> = all.into_iter().collect();
    all.sort_by_key(|(_, runs)| std::cmp::Reverse(runs.times.iter().sum::<i64>()));
    let shown = |((pipeline, name), runs): ((PipelineId, String), Runs)| StepFigures {
        pipeline,
        name,
        runs: runs.times.len() as u64,
        failed: runs.failed,
        flaky: runs.outcomes.values().filter(|(bad, good)| *bad && *good).count() as u64,
        time: Spread::of(runs.times),
    };
    all.into_iter().map(shown).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::runner::actor_of;

    fn build(status: BuildStatus, finished: i64, wait: i64, run: i64) -> Finished {
        Finished {
            project_id: "00000000-0000-7000-8000-000000000001".parse().unwrap(),
            pipeline_id: "00000000-0000-7000-8000-000000000002".parse().unwrap(),
            status,
            failure_reason: None,
            branch: Some("main".to_owned()),
            request_number: None,
            queued_at_ms: finished - wait - run,
            started_at_ms: Some(finished - run),
            finished_at_ms: finished,
        }
    }

    #[test]
    fn a_percentile_is_a_time_that_was_taken() {
        assert_eq!(Spread::of(Vec::new()), Spread::default());
        assert_eq!(Spread::of(vec![7]), Spread { p50_ms: Some(7), p95_ms: Some(7) });
        assert_eq!(Spread::of((1..=100).rev().collect()), Spread { p50_ms: Some(50), p95_ms: Some(95) });
        assert_eq!(Spread::of(vec![1, 2, 3, 10]), Spread { p50_ms: Some(2), p95_ms: Some(10) });
    }

    #[test]
    fn what_was_canceled_says_nothing_about_success_and_what_failed_nothing_about_time() {
        let rows = [
            build(BuildStatus::Succeeded, 10_000, 1000, 4000),
            build(BuildStatus::Failed, 20_000, 3000, 1),
            build(BuildStatus::TimedOut, 30_000, 5000, 1),
            build(BuildStatus::Canceled, 40_000, 7000, 1),
        ];
        let found = total(&rows);
        assert_eq!((found.succeeded, found.failed, found.canceled), (1, 2, 1));
        assert_eq!(found.success_rate, Some(33.3));
        assert_eq!(found.run, Spread { p50_ms: Some(4000), p95_ms: Some(4000) });
        assert_eq!(found.wait, Spread { p50_ms: Some(3000), p95_ms: Some(7000) });
        assert_eq!(total(&[]).success_rate, None);
    }

    #[test]
    fn days_are_those_of_the_callers_wall_clock() {
        let midnight = 20_000 * DAY;
        let rows = [build(BuildStatus::Succeeded, (midnight - 1) * 1000, 0, 1)];
        let in_utc = Span::new(2, 0, midnight).each(&rows);
        assert_eq!(in_utc.iter().map(|day| day.figures.succeeded).collect::<Vec<_>>(), [1, 0]);
        assert_eq!((in_utc[0].day, in_utc[1].day), (midnight - DAY, midnight));
        let east = Span::new(2, 3600, midnight);
        assert_eq!(east.begin(), midnight - DAY - 3600);
        assert_eq!(east.each(&rows).iter().map(|day| day.figures.succeeded).collect::<Vec<_>>(), [0, 1]);
    }

    #[test]
    fn a_runner_is_busy_on_each_day_that_a_build_touches_and_only_on_those_looked_at() {
        let runner: RunnerId = "00000000-0000-7000-8000-000000000003".parse().unwrap();
        let midnight = 20_000 * DAY * 1000;
        let span = Span::new(2, 0, 20_000 * DAY);
        let ran = |actor: Option<String>, from: i64, to: i64| Ran {
            actor,
            started_at_ms: midnight + from,
            finished_at_ms: midnight + to,
        };
        let name = || Some(actor_of(runner));
        let rows = [
            ran(name(), -5000, 7000),
            ran(name(), 1000, 2000),
            ran(name(), -2 * DAY * 1000, -DAY * 1000 + 300),
            ran(None, 0, 9000),
            ran(Some("ana@example.com".to_owned()), 0, 9000),
        ];
        assert_eq!(busy(&rows, &span), [BusyFigures { runner, builds: 3, days: vec![5300, 8000] }]);
    }

    #[test]
    fn an_app_is_as_large_as_the_last_build_of_a_day_left_it() {
        let pipeline: PipelineId = "00000000-0000-7000-8000-000000000002".parse().unwrap();
        let noon = 20_000 * DAY * 1000 + 43_200_000;
        let sized = |name: &str, at: i64, bytes: i64| Sized {
            pipeline_id: pipeline,
            name: name.to_owned(),
            bytes,
            finished_at_ms: noon + at,
        };
        let rows = [
            sized("a.apk", 2, 30),
            sized("b.apk", 2, 5),
            sized("a.apk", 1, 20),
            sized("a.apk", -DAY * 1000, 10),
        ];
        let found = sizes(&rows, &Span::new(2, 0, noon / 1000));
        let days = found.iter().map(|app| (app.name.as_str(), app.days.clone())).collect::<Vec<_>>();
        assert_eq!(days, [("a.apk", vec![Some(10), Some(30)]), ("b.apk", vec![None, Some(5)])]);
    }

    #[test]
    fn a_branch_is_broken_from_the_first_failure_to_the_next_success() {
        let rows = [
            build(BuildStatus::Succeeded, 9000, 0, 1),
            build(BuildStatus::Canceled, 8000, 0, 1),
            build(BuildStatus::Failed, 5000, 0, 1),
            build(BuildStatus::Failed, 3000, 0, 1),
            Finished { branch: Some("other".to_owned()), ..build(BuildStatus::Failed, 1000, 0, 1) },
        ];
        let defaults = HashMap::from([(rows[0].project_id, "main".to_owned())]);
        let found = recovery(&rows, &defaults);
        assert_eq!((found.times, found.time.p50_ms), (1, Some(6000)));
        assert_eq!(recovery(&rows, &HashMap::new()).times, 0);
    }

    #[test]
    fn a_step_is_flaky_where_it_fails_and_passes_at_one_commit() {
        let step = |sha: &str, status: &str, more: &str| Stepped {
            pipeline_id: "00000000-0000-7000-8000-000000000002".parse().unwrap(),
            commit_sha: Some(sha.to_owned()),
            step_results: format!(
                r#"[{{"name":"test","status":"{status}","started_at":1,"finished_at":2,"duration_ms":1000{more}}}]"#
            ),
        };
        let found = steps(&[
            step("a", "failed", ""),
            step("a", "succeeded", ""),
            step("b", "failed", ""),
            step("c", "failed", r#","tolerated":true"#),
            step("c", "skipped", ""),
            Stepped { step_results: "no json".to_owned(), ..step("a", "failed", "") },
        ]);
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].runs, found[0].failed, found[0].flaky), (4, 2, 1));
        assert_eq!(found[0].time, Spread { p50_ms: Some(1000), p95_ms: Some(1000) });
    }
}
