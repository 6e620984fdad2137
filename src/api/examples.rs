//! The examples in the document. They are written in `examples/`, one file a resource: one for each type of the wire, so that
//! every operation shows those of its types; `parameters.json` has those of parameters, by name. They tell one story: build
//! #142 of the project *Flutter Shop*. A test holds each to its schema. Nothing is answered with them.

use serde_json::{Map, Value};
use utoipa::openapi::path::{Operation, ParameterIn};
use utoipa::openapi::{OpenApi, RefOr, Schema};

use super::operations;

/// Names the type whose example this one begins as. What stands beside it changes that, as a JSON merge patch (RFC 7396) does:
/// null removes.
const LIKE: &str = "$like";

const PARAMETERS: &str = include_str!("examples/parameters.json");

macro_rules! files {
    ($($resource:literal)*) => { &[$(include_str!(concat!("examples/", $resource, ".json"))),*] };
}

const TYPES: &[&str] = files![
    "api_tokens" "artifact_storage" "artifact_tokens" "artifacts" "audit_logs" "auth" "bootstrap" "builds" "error"
    "external_access" "first_run" "github" "gitlab" "health" "home" "insights" "integrations" "jobs" "local_git" "log_views"
    "logs" "members" "new_project" "notification_channels" "oidc" "pairing" "people_table" "pipelines" "projects" "releases"
    "retention" "runner_enrolments" "runners" "sessions" "settings" "setup" "test_reports" "users" "variables" "webhooks" "workflows"
];

type Examples = Map<String, Value>;

/// Puts every example where it belongs.
pub fn show(document: &mut OpenApi) {
    let written: Examples = TYPES.iter().flat_map(|file| read(file)).collect();
    let schemas = document.components.iter_mut().flat_map(|components| &mut components.schemas);
    for (name, schema) in schemas {
        if let Some(example) = written.get(name) {
            put(schema, filled(example, &written));
        }
    }
    let written = read(PARAMETERS);
    operations(document).for_each(|operation| show_parameters(operation, &written));
}

/// What can't be read shows nothing; the test misses it.
fn read(file: &str) -> Examples {
    serde_json::from_str(file).unwrap_or_default()
}

/// An example for one operation alone stands at `<operation>.<parameter>`. Those of queries are also told in words, which the page at
/// `/docs` shows.
fn show_parameters(operation: &mut Operation, written: &Examples) {
    let id = operation.operation_id.clone().unwrap_or_default();
    for parameter in operation.parameters.iter_mut().flatten() {
        let RefOr::T(parameter) = parameter else { continue };
        let own = written.get(&format!("{id}.{}", parameter.name));
        let Some(example) = own.or_else(|| written.get(&parameter.name)) else { continue };
        if let Some(schema) = &mut parameter.schema {
            put(schema, example.clone());
        }
        if parameter.parameter_in == ParameterIn::Query {
            let shown = example.as_str().map_or_else(|| example.to_string(), str::to_owned);
            let said = parameter.description.take().map(|said| said + "\n\n").unwrap_or_default();
            parameter.description = Some(format!("{said}For instance `{shown}`."));
        }
    }
}

/// At the schema, and as `examples`: the page at `/docs` would send an `example` of a parameter unless people remove it.
fn put(schema: &mut RefOr<Schema>, example: Value) {
    let RefOr::T(schema) = schema else { return };
    match schema {
        Schema::Array(schema) => schema.examples.push(example),
        Schema::Object(schema) => schema.examples.push(example),
        Schema::OneOf(schema) => schema.examples.push(example),
        Schema::AllOf(schema) => schema.examples.push(example),
        Schema::AnyOf(schema) => schema.examples.push(example),
        _ => {}
    }
}

fn filled(written: &Value, types: &Examples) -> Value {
    match written {
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => written.clone(),
        Value::Array(items) => items.iter().map(|item| filled(item, types)).collect(),
        Value::Object(fields) => {
            let own = fields.iter().filter(|(name, _)| *name != LIKE);
            let own = own.map(|(name, value)| (name.clone(), filled(value, types))).collect();
            let like = fields.get(LIKE).and_then(Value::as_str);
            match like.and_then(|name| types.get(name)) {
                Some(other) => changed(filled(other, types), own),
                None => own,
            }
        }
    }
}

fn changed(like: Value, change: Value) -> Value {
    match (like, change) {
        (Value::Object(mut fields), Value::Object(changes)) => {
            for (name, change) in changes {
                if change.is_null() {
                    fields.retain(|kept, _| *kept != name);
                    continue;
                }
                let before = fields.get(&name).cloned().unwrap_or_default();
                fields.insert(name, changed(before, change));
            }
            Value::Object(fields)
        }
        (_, change) => change,
    }
}
