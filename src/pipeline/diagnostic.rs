//! What is wrong with a pipeline file, and where: the one form in which the API, the command line and
//! the log of a build tell it.

use std::fmt;

use serde::Serialize;
use utoipa::ToSchema;

use super::yaml::Position;

/// One thing that is wrong with a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Diagnostic {
    /// From 1; left out when the whole file is meant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    /// In characters, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<u64>,
    /// The path of the key and what is wrong with it.
    pub message: String,
    /// What would be right.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

impl Diagnostic {
    pub(super) fn at(at: Position, message: impl Into<String>) -> Self {
        let known = |count: u64| (count > 0).then_some(count);
        Self { line: known(at.line), column: known(at.column), message: message.into(), hint: None }
    }

    /// About the whole file.
    pub fn of_file(message: impl Into<String>) -> Self {
        Self::at(Position::default(), message)
    }

    pub(super) fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }

    /// Message and hint in one sentence.
    pub fn sentence(&self) -> String {
        match &self.hint {
            Some(hint) => format!("{}; {hint}", self.message),
            None => self.message.clone(),
        }
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.line, self.column) {
            (Some(line), Some(column)) => write!(f, "line {line}, column {column}: ")?,
            (Some(line), None) => write!(f, "line {line}: ")?,
            (None, _) => {}
        }
        f.write_str(&self.sentence())
    }
}
