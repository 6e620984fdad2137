//! Finds what people mean by a name or an id. A name that fits several things is refused with a list of them;
//! nothing is guessed.

use serde_json::Value;
use uuid::Uuid;

use super::failure::{Exit, Failure};
use super::http::{Daemon, with_query};
use super::terminal::plain;

/// A kind of thing that has names.
pub struct Kind {
    noun: &'static str,
    plural: &'static str,
    /// Which key holds the name.
    key: &'static str,
    /// Which command lists them.
    list: &'static str,
}

pub const RUNNER: Kind = Kind { noun: "runner", plural: "runners", key: "name", list: "oore runner list" };
pub const PROJECT: Kind =
    Kind { noun: "project", plural: "projects", key: "name", list: "oore project list" };
const PIPELINE: Kind =
    Kind { noun: "pipeline", plural: "pipelines", key: "name", list: "oore pipeline list" };
pub const USER: Kind = Kind { noun: "account", plural: "accounts", key: "email", list: "oore user list" };
pub const TOKEN: Kind = Kind { noun: "token", plural: "tokens", key: "name", list: "oore token list" };
const ENOUGH: usize = 8;

impl Kind {
    fn unknown(&self, wanted: &str) -> Failure {
        Failure::failed(format!("there is no {} '{}'", self.noun, plain(wanted)))
            .hint(format!("`{}` shows them.", self.list))
    }

    fn several(&self, wanted: &str, found: &[Value]) -> Failure {
        let ids: Vec<&str> = found.iter().filter_map(|thing| thing["id"].as_str()).collect();
        Failure::usage(format!("{} {} are called '{}'", ids.len(), self.plural, plain(wanted)))
            .hint(format!("Name one by its id: {}.", ids.join(", ")))
    }

    fn name<'a>(&self, thing: &'a Value) -> &'a str {
        thing[self.key].as_str().unwrap_or_default()
    }
}

/// The one thing that is meant: by its id, its exact name, or its name in other letter cases.
pub fn pick(kind: &Kind, wanted: &str, all: Vec<Value>) -> Result<Value, Failure> {
    if let Some(thing) = all.iter().find(|thing| thing["id"] == wanted) {
        return Ok(thing.clone());
    }
    let named = |fits: &dyn Fn(&str) -> bool| -> Vec<Value> {
        all.iter().filter(|thing| fits(kind.name(thing))).cloned().collect()
    };
    let mut found = named(&|name| name == wanted);
    if found.is_empty() {
        found = named(&|name| same_but_for_case(name, wanted));
    }
    match found.len() {
        0 => Err(kind.unknown(wanted)),
        1 => Ok(found.remove(0)),
        _ => Err(kind.several(wanted, &found)),
    }
}

fn same_but_for_case(one: &str, other: &str) -> bool {
    one.to_lowercase() == other.to_lowercase()
}

pub async fn project(daemon: &Daemon, wanted: &str) -> Result<Value, Failure> {
    pick(&PROJECT, wanted, projects(daemon).await?)
}

async fn projects(daemon: &Daemon) -> Result<Vec<Value>, Failure> {
    daemon.list("/v1/projects", "projects", usize::MAX).await
}

pub async fn pipelines(daemon: &Daemon, project: &Value) -> Result<Vec<Value>, Failure> {
    daemon.list(&format!("/v1/projects/{}/pipelines", id(project)), "pipelines", usize::MAX).await
}

/// A pipeline as `PROJECT/PIPELINE`, as `PROJECT` if that has one only, or by its id. Names may hold slashes.
pub async fn pipeline(daemon: &Daemon, wanted: &str) -> Result<Value, Failure> {
    if Uuid::parse_str(wanted).is_ok()
        && let Ok(found) = daemon.get(&format!("/v1/pipelines/{wanted}")).await
    {
        return Ok(found["pipeline"].clone());
    }
    let projects = projects(daemon).await?;
    let (mut read, mut unknown) = (Vec::new(), None);
    match pick(&PROJECT, wanted, projects.clone()) {
        Ok(project) => read.push(the_only(daemon, &project).await),
        Err(failure) => unknown = Some(failure),
    }
    for (at, _) in wanted.match_indices('/') {
        match pick(&PROJECT, &wanted[..at], projects.clone()) {
            Ok(project) => {
                let all = pipelines(daemon, &project).await?;
                read.push(pick(&PIPELINE, &wanted[at + 1..], all));
            }
            Err(several) if several.exit == Exit::Usage => read.push(Err(several)),
            Err(_) => {}
        }
    }
    let (mut right, wrong): (Vec<_>, Vec<_>) = read.into_iter().partition(Result::is_ok);
    match right.len() {
        0 => {
            let why = wrong.into_iter().find_map(Result::err).or(unknown);
            Err(why.unwrap_or_else(|| PIPELINE.unknown(wanted)))
        }
        1 => right.remove(0),
        _ => Err(Failure::usage(format!("'{}' can be read in several ways", plain(wanted)))
            .hint("Name the pipeline by its id: `oore pipeline list` shows it.")),
    }
}

async fn the_only(daemon: &Daemon, project: &Value) -> Result<Value, Failure> {
    let mut all = pipelines(daemon, project).await?;
    let name = plain(PROJECT.name(project));
    match all.len() {
        0 => Err(Failure::failed(format!("the project {name} has no pipeline"))
            .hint("Make one in the web UI: `oore open`.")),
        1 => Ok(all.remove(0)),
        several => {
            let names: Vec<String> =
                all.iter().map(|pipeline| format!("{name}/{}", plain(PIPELINE.name(pipeline)))).collect();
            Err(Failure::usage(format!("the project {name} has {several} pipelines"))
                .hint(format!("Name one: {}.", names.join(", "))))
        }
    }
}

/// A build as `PROJECT#42`, as `42` or `#42` where only one project has it, or by its id.
pub async fn build(daemon: &Daemon, wanted: &str) -> Result<Value, Failure> {
    if Uuid::parse_str(wanted).is_ok() {
        return Ok(daemon.get(&format!("/v1/builds/{wanted}")).await?["build"].clone());
    }
    let (of, number) = wanted.rsplit_once('#').unwrap_or(("", wanted));
    let Ok(number) = number.parse::<u32>() else {
        return Err(Failure::usage(format!("'{}' is no build", plain(wanted)))
            .hint("Name it as PROJECT#42, or by its id: `oore build list` shows them."));
    };
    let project = match of {
        "" => None,
        of => Some(id(&project(daemon, of).await?).to_owned()),
    };
    let query = [("project_id", project), ("q", Some(format!("#{number}")))];
    let mut found = daemon.list(&with_query("/v1/builds", &query), "builds", usize::MAX).await?;
    found.retain(|build| build["build_number"] == number);
    match found.len() {
        0 => Err(Failure::failed(format!("there is no build '{}'", plain(wanted)))
            .hint("`oore build list` shows them.")),
        1 => Ok(found.remove(0)),
        several => {
            let names: Vec<String> = found.iter().take(ENOUGH).map(name_of_build).collect();
            Err(Failure::usage(format!("{several} builds have the number {number}"))
                .hint(format!("Name one: {}.", names.join(", "))))
        }
    }
}

/// What people call a build.
pub fn name_of_build(build: &Value) -> String {
    let project = build["context"]["project_name"].as_str().unwrap_or_default();
    format!("{}#{}", plain(project), build["build_number"])
}

/// The id of a thing.
pub fn id(thing: &Value) -> &str {
    thing["id"].as_str().unwrap_or_default()
}
