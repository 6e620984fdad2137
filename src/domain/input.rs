//! What a person is asked when they start a build by hand, as a pipeline's file declares it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::words;

words! {
    /// What kind of value an input takes.
    InputType {
        String = "string",
        Boolean = "boolean",
        Choice = "choice",
        Number = "number",
    }
}

/// A declared input.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Input {
    /// Steps read it as `OORE_INPUT_<NAME>`, in upper case; conditions as `inputs.<name>`.
    pub name: String,
    #[serde(rename = "type")]
    pub kind: InputType,
    /// For people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Whether a build can't be started without it.
    #[serde(default)]
    pub required: bool,
    /// Its value when none is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
    /// Every value a choice may have.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<String>,
}
