//! Which combinations of a matrix are built: all of them, or those that somebody picks. The same rules for the
//! API and the command line.

use std::collections::BTreeMap;

use super::reader::suggestion;
use crate::domain::matrix::{Combination, Matrix, PLATFORM};
use crate::domain::spec::BuildPlatform;
use crate::error::FieldError;

/// The values that are wanted of some axes; of those that are not named any.
pub type Picked = BTreeMap<String, Vec<String>>;

/// The combinations with the picked values on these platforms; without platforms on all of them.
///
/// Errors with the first thing that is wrong with each axis, by `matrix.<axis>`.
pub fn pick(
    matrix: Option<&Matrix>,
    picked: &Picked,
    platforms: &[BuildPlatform],
) -> Result<Vec<Combination>, Vec<FieldError>> {
    let axes = matrix.map(Matrix::choices).unwrap_or_default();
    let names: Vec<&str> = axes.iter().map(|axis| axis.name.as_str()).collect();
    let mut wrong = Vec::new();
    for axis in &axes {
        let Some(values) = picked.get(&axis.name) else { continue };
        if let Some(value) = values.iter().find(|value| !axis.values.contains(value)) {
            let known: Vec<&str> = axis.values.iter().map(String::as_str).collect();
            let why = format!("'{value}' is no value of the axis; {}", suggestion(value, &known));
            wrong.push(FieldError::new(format!("matrix.{}", axis.name), why));
        }
    }
    if let Some(name) = picked.keys().find(|name| !names.contains(&name.as_str())) {
        let why = match names.is_empty() {
            true => "the pipeline's file has no matrix".to_owned(),
            false => format!("is no axis of the matrix; {}", suggestion(name, &names)),
        };
        wrong.push(FieldError::new(format!("matrix.{name}"), why));
    }
    if !wrong.is_empty() {
        return Err(wrong);
    }
    let Some(matrix) = matrix else { return Ok(vec![Combination::new()]) };
    let is_on = |value: &String| platforms.is_empty() || platforms.iter().any(|one| one.as_str() == value);
    let is_wanted = |one: &&Combination| {
        one.get(PLATFORM).is_none_or(is_on)
            && picked.iter().all(|(axis, values)| one.get(axis).is_some_and(|value| values.contains(value)))
    };
    let found: Vec<Combination> = matrix.combinations.iter().filter(is_wanted).cloned().collect();
    match found.is_empty() {
        true => Err(vec![FieldError::new("matrix", "no combination of the matrix is like that")]),
        false => Ok(found),
    }
}

#[cfg(test)]
mod tests {
    use super::super::parse::{PipelineFile, parse};
    use super::*;

    fn picked(pairs: &[(&str, &str)]) -> Picked {
        let mut picked = Picked::new();
        for (axis, value) in pairs {
            picked.entry((*axis).to_owned()).or_default().push((*value).to_owned());
        }
        picked
    }

    #[test]
    fn values_and_platforms_narrow_what_is_built() {
        let text = "version: 2\nplatforms: [android, ios]\nmatrix:\n  flavor: [dev, prod]\n  platform: [android, ios]\n\
                    steps: [{name: A, run: make}]\n";
        let PipelineFile::V2(file) = parse(text).unwrap() else { panic!("not version 2") };
        let count = |pairs: &[(&str, &str)], platforms: &[BuildPlatform]| {
            pick(file.matrix.as_ref(), &picked(pairs), platforms).map(|found| found.len())
        };
        assert_eq!(count(&[], &[]), Ok(4));
        assert_eq!(count(&[("flavor", "prod")], &[]), Ok(2));
        assert_eq!(count(&[("flavor", "prod"), ("flavor", "dev")], &[BuildPlatform::Ios]), Ok(2));
        let none = count(&[("platform", "android")], &[BuildPlatform::Ios]).unwrap_err();
        assert_eq!(none[0].field, "matrix");
        let wrong = count(&[("flavour", "prod"), ("flavor", "prdo")], &[]).unwrap_err();
        assert_eq!(wrong[0].message, "'prdo' is no value of the axis; did you mean 'prod'?");
        assert_eq!(wrong[1].message, "is no axis of the matrix; did you mean 'flavor'?");
        assert_eq!(pick(None, &Picked::new(), &[]).unwrap(), [Combination::new()]);
        assert!(pick(None, &picked(&[("a", "b")]), &[]).unwrap_err()[0].message.contains("has no matrix"));
    }
}
