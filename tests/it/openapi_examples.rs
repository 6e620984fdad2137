//! The document shows how each request and answer looks, and what it shows is true.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::{Value, json};

use crate::openapi::{current, operations};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/api/examples");
const TYPE: &str = "#/components/schemas/";

/// The keys of every file of examples, and those of the parameters apart.
fn written() -> (BTreeSet<String>, BTreeSet<String>) {
    let (mut types, mut parameters) = (BTreeSet::new(), BTreeSet::new());
    for entry in std::fs::read_dir(FOLDER).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let read: BTreeMap<String, Value> =
            serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let keys =
            if path.file_name() == Some("parameters.json".as_ref()) { &mut parameters } else { &mut types };
        for key in read.into_keys() {
            assert!(keys.insert(key.clone()), "{key} has two examples");
        }
    }
    (types, parameters)
}

/// The type behind a schema; of one that may be null, the type that it is otherwise.
fn type_of(schema: &Value) -> Option<&str> {
    let reference = schema["$ref"].as_str().or_else(|| schema["oneOf"][0]["$ref"].as_str());
    reference?.strip_prefix(TYPE)
}

fn shows_an_example(document: &Value, content: &Value) -> bool {
    let by_type =
        type_of(&content["schema"]).map(|name| &document["components"]["schemas"][name]["examples"][0]);
    content.get("example").is_some() || by_type.is_some_and(Value::is_object)
}

#[test]
fn every_operation_shows_an_example_of_its_body_and_of_its_answer() {
    let document = current();
    let mut lacking = Vec::new();
    let mut looked_at = 0;
    for (name, operation) in operations(&document) {
        let answers = operation["responses"].as_object().unwrap().iter();
        let answers = answers.filter(|(status, _)| status.starts_with('2')).map(|(_, answer)| answer);
        let contents = std::iter::once(&operation["requestBody"]).chain(answers).map(|part| &part["content"]);
        for content in contents.filter_map(|content| content.get("application/json")) {
            looked_at += 1;
            if !shows_an_example(&document, content) {
                lacking.push(format!("{name}: {}", content["schema"]));
            }
        }
    }
    assert!(looked_at > 150, "{looked_at}");
    assert!(lacking.is_empty(), "without an example:\n{}", lacking.join("\n"));
}

/// The document with types that allow nothing beyond what they name: an example tells no field that nobody sends.
fn strict(mut document: Value) -> Value {
    let schemas = document["components"]["schemas"].as_object_mut().unwrap();
    let parts =
        schemas.values().filter_map(|schema| schema["allOf"].as_array()).flatten().filter_map(type_of);
    let parts: BTreeSet<String> = parts.map(str::to_owned).collect();
    for (name, schema) in schemas {
        let names_fields = schema.get("properties").is_some() || schema.get("allOf").is_some();
        if names_fields && !parts.contains(name) {
            schema["unevaluatedProperties"] = json!(false);
        }
    }
    document
}

#[test]
fn every_example_is_true_to_its_type() {
    let document = current();
    let mut compiler = boon::Compiler::new();
    compiler.add_resource("openapi.json", strict(document.clone())).unwrap();
    let mut schemas = boon::Schemas::new();
    let mut wrong = Vec::new();
    for name in written().0 {
        let Some(example) = document["components"]["schemas"][&name]["examples"].get(0) else {
            wrong.push(format!("{name} is no type of the document, or its file is not read"));
            continue;
        };
        let index = compiler.compile(&format!("openapi.json{TYPE}{name}"), &mut schemas).unwrap();
        if let Err(error) = schemas.validate(example, index) {
            wrong.push(format!("{name}: {error:#}"));
        }
        if example.to_string().contains("$like") {
            wrong.push(format!("{name} is like a type that has no example"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_example_of_a_parameter_is_true_and_used() {
    let mut compiler = boon::Compiler::new();
    let mut schemas = boon::Schemas::new();
    let mut unused = written().1;
    let document = current();
    for (name, operation) in operations(&document) {
        let id = operation["operationId"].as_str().unwrap();
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            let (called, schema) = (parameter["name"].as_str().unwrap(), &parameter["schema"]);
            let Some(example) = schema["examples"].get(0) else { continue };
            if !unused.remove(&format!("{id}.{called}")) {
                unused.remove(called);
            }
            let place = format!("{id}-{called}.json");
            compiler.add_resource(&place, schema.clone()).unwrap();
            let index = compiler.compile(&place, &mut schemas).unwrap();
            let verdict = schemas.validate(example, index);
            assert!(verdict.is_ok(), "{name} {called}: {example}");
        }
    }
    assert!(unused.is_empty(), "of no operation: {unused:?}");
}

/// What nobody guesses: places in a list, moments, words to filter by, and lists of them.
#[test]
fn parameters_with_a_form_of_their_own_show_it() {
    const FORMS: [&str; 12] = [
        "cursor",
        "sort",
        "direction",
        "status",
        "from_ts",
        "to_ts",
        "utc_offset",
        "pinned",
        "outcome",
        "binding",
        "service",
        "redirect_uri",
    ];
    for (name, operation) in operations(&current()) {
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            let called = parameter["name"].as_str().unwrap();
            let shown = parameter["schema"]["examples"].get(0).is_some();
            assert!(shown || !FORMS.contains(&called), "{name} {called}");
        }
    }
}

#[test]
fn the_files_of_examples_are_named_after_resources() {
    for entry in std::fs::read_dir(FOLDER).unwrap() {
        let path = entry.unwrap().path();
        let stem = path.file_stem().unwrap().to_str().unwrap();
        let resource = Path::new(FOLDER).with_file_name(format!("{stem}.rs"));
        assert!(resource.is_file() || stem == "parameters", "{stem}");
    }
}
