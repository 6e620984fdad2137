//! The pipeline's file at the commit a build is made of: what the daemon must know of it to hand the
//! build out. The runner reads it again; a file with mistakes is its to report, in the build's log.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::db::entity::pipelines;
use crate::domain::input::Input;
use crate::domain::matrix::{Combination, Matrix};
use crate::domain::spec::{BuildPlatform, ConcurrencyPolicy};
use crate::domain::trigger::TriggerRules;
use crate::error::{FieldError, Kind, Result};
use crate::forge::Repository;
use crate::pipeline::diagnostic::Diagnostic;
use crate::pipeline::inputs;
use crate::pipeline::matrix::{self, Picked};
use crate::pipeline::parse::{self, PipelineFile};

/// What was found where a pipeline's file should be.
#[derive(Debug)]
pub enum Found {
    /// No file: the pipeline's settings count.
    Nothing,
    File(Box<PipelineFile>),
    Invalid {
        path: String,
        diagnostics: Vec<Diagnostic>,
        is_beyond_version_1: bool,
    },
}

/// Reads the file of a pipeline at a commit.
///
/// Errors: 409 `source_unresolvable` and what the code host answers.
pub async fn read(repository: &Repository, sha: &str, pipeline: &pipelines::Model) -> Result<Found> {
    let candidates = parse::candidates(Some(&pipeline.config_path), pipeline.config_path_explicit);
    read_first(repository, sha, &candidates).await
}

/// Reads the first of these files that exists at a commit.
pub async fn read_first(repository: &Repository, sha: &str, candidates: &[&str]) -> Result<Found> {
    for &path in candidates {
        let read = repository.read_file(sha, path, parse::MAX_BYTES).await;
        let bytes = match read {
            Ok(Some(bytes)) => bytes,
            Ok(None) => continue,
            Err(error) if error.kind == Kind::TooLarge => {
                let diagnostics = vec![Diagnostic::of_file(error.message)];
                return Ok(Found::Invalid { path: path.to_owned(), diagnostics, is_beyond_version_1: true });
            }
            Err(error) => return Err(error),
        };
        return Ok(match parse::parse_bytes(&bytes) {
            Ok(file) => Found::File(Box::new(file)),
            Err(diagnostics) => {
                let is_beyond_version_1 = parse::is_beyond_version_1(&bytes);
                Found::Invalid { path: path.to_owned(), diagnostics, is_beyond_version_1 }
            }
        });
    }
    Ok(Found::Nothing)
}

impl Found {
    /// Whether a runner must speak our own protocol. Version 1 is all that older ones know.
    pub fn needs_own_protocol(&self) -> bool {
        match self {
            Found::File(file) => match **file {
                PipelineFile::V1(_) => false,
                PipelineFile::V2(_) => true,
            },
            Found::Nothing => false,
            Found::Invalid { is_beyond_version_1, .. } => *is_beyond_version_1,
        }
    }

    /// The platforms that can be chosen; of a version 1 file the settings decide, as they always did.
    pub fn platforms<'a>(&'a self, pipeline: &'a pipelines::Model) -> &'a [BuildPlatform] {
        let settings = &pipeline.execution_config.0.platforms;
        match self {
            Found::File(file) => match &**file {
                PipelineFile::V1(_) => settings,
                PipelineFile::V2(workflow) => &workflow.platforms,
            },
            Found::Nothing | Found::Invalid { .. } => settings,
        }
    }

    /// What the file says about builds at the same time, if it says something.
    pub fn concurrency(&self) -> Option<&ConcurrencyPolicy> {
        match self {
            Found::File(file) => file.concurrency(),
            Found::Nothing | Found::Invalid { .. } => None,
        }
    }

    /// What one trigger of the file makes, if that is more than one build.
    pub fn matrix(&self) -> Option<&Matrix> {
        match self {
            Found::File(file) => file.matrix(),
            Found::Nothing | Found::Invalid { .. } => None,
        }
    }

    /// What the file says about what starts its pipeline, if it says something.
    pub fn triggers(&self) -> Option<&TriggerRules> {
        match self {
            Found::File(file) => file.triggers(),
            Found::Nothing | Found::Invalid { .. } => None,
        }
    }

    /// What the file asks of who starts a build.
    pub fn declared(&self) -> &[Input] {
        match self {
            Found::File(file) => file.inputs(),
            Found::Nothing | Found::Invalid { .. } => &[],
        }
    }

    /// The inputs of a build as the runner gets them.
    pub fn inputs(
        &self,
        given: &BTreeMap<String, Value>,
    ) -> std::result::Result<BTreeMap<String, String>, Vec<FieldError>> {
        match self {
            Found::File(_) | Found::Nothing => inputs::resolve(self.declared(), &texts(given)?),
            Found::Invalid { .. } if given.is_empty() => Ok(BTreeMap::new()),
            Found::Invalid { path, diagnostics, .. } => Err(not_valid("inputs", path, diagnostics)),
        }
    }

    /// What is built of the matrix; without one a single build of no combination.
    pub fn combinations(
        &self,
        picked: &Picked,
        platforms: &[BuildPlatform],
    ) -> std::result::Result<Vec<Combination>, Vec<FieldError>> {
        match self {
            Found::File(_) | Found::Nothing => matrix::pick(self.matrix(), picked, platforms),
            Found::Invalid { .. } if picked.is_empty() => Ok(vec![Combination::new()]),
            Found::Invalid { path, diagnostics, .. } => Err(not_valid("matrix", path, diagnostics)),
        }
    }
}

fn not_valid(field: &str, path: &str, diagnostics: &[Diagnostic]) -> Vec<FieldError> {
    let first = diagnostics.first().map(ToString::to_string).unwrap_or_default();
    vec![FieldError::new(field, format!("{path} is not valid: {first}"))]
}

fn texts(given: &BTreeMap<String, Value>) -> std::result::Result<BTreeMap<String, String>, Vec<FieldError>> {
    let (mut texts, mut wrong) = (BTreeMap::new(), Vec::new());
    for (name, value) in given {
        let text = match value {
            Value::String(text) => text.clone(),
            Value::Bool(_) | Value::Number(_) => value.to_string(),
            Value::Null | Value::Array(_) | Value::Object(_) => {
                wrong.push(FieldError::new(
                    format!("inputs.{name}"),
                    "must be a text, a number or a truth value",
                ));
                continue;
            }
        };
        texts.insert(name.clone(), text);
    }
    if wrong.is_empty() { Ok(texts) } else { Err(wrong) }
}
