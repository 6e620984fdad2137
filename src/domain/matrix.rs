//! The matrix of a pipeline: axes, and the combinations of their values that are built, each as a build of its own.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

/// The axis whose values are the platforms of a build.
pub const PLATFORM: &str = "platform";
/// The axis whose values are Flutter versions.
pub const FLUTTER_VERSION: &str = "flutter_version";

/// The value of every axis, by its name.
pub type Combination = BTreeMap<String, String>;

/// One dimension.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Axis {
    pub name: String,
    pub values: Vec<String>,
}

/// What is built of a pipeline.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Matrix {
    pub axes: Vec<Axis>,
    /// In the file's order: the first axis changes slowest, what was included comes last.
    pub combinations: Vec<Combination>,
}

impl Matrix {
    /// The axes with every value that a combination has.
    pub fn choices(&self) -> Vec<Axis> {
        let of = |axis: &Axis| {
            let mut values: Vec<String> = Vec::new();
            for value in self.combinations.iter().filter_map(|one| one.get(&axis.name)) {
                if !values.contains(value) {
                    values.push(value.clone());
                }
            }
            Axis { name: axis.name.clone(), values }
        };
        self.axes.iter().map(of).collect()
    }
}
