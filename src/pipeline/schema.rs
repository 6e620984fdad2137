//! The JSON Schema of pipeline files, for editors. It describes the shape of both versions; `parse` has
//! the last word on what a schema can't say, such as names that must differ.

/// The document.
pub const SCHEMA: &str = include_str!("schema.json");

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::parse::parse;
    use super::SCHEMA;
    use crate::pipeline::yaml::{self, Node};

    /// What an editor sees: scalars typed as YAML types them.
    fn typed(node: &Node) -> Value {
        match &node.value {
            yaml::Value::Null => Value::Null,
            yaml::Value::Text(text) => serde_json::from_str::<Value>(text)
                .ok()
                .filter(|value| value.is_number() || value.is_boolean())
                .unwrap_or_else(|| text.as_str().into()),
            yaml::Value::List(items) => items.iter().map(typed).collect(),
            yaml::Value::Map(entries) => {
                Value::Object(entries.iter().map(|(key, node)| (key.name.clone(), typed(node))).collect())
            }
        }
    }

    struct Schema {
        schemas: boon::Schemas,
        index: boon::SchemaIndex,
    }

    impl Schema {
        fn load() -> Self {
            let mut compiler = boon::Compiler::new();
            compiler.add_resource("oore.json", serde_json::from_str(SCHEMA).unwrap()).unwrap();
            let mut schemas = boon::Schemas::new();
            let index = compiler.compile("oore.json", &mut schemas).unwrap();
            Self { schemas, index }
        }

        fn accepts(&self, text: &str) -> bool {
            let value = yaml::read(text).map_or(json!("not YAML"), |node| typed(&node));
            self.schemas.validate(&value, self.index).is_ok()
        }
    }

    const GOOD: &[&str] = &[
        "version: 1\nplatforms: [android]\n",
        "version: '1'\nplatforms: [android, ios, macos]\n",
        "version: 1\nplatforms: [ios]\nflutter_version: 3.10\ncommands:\n  pre_build: [flutter pub get]\n  \
         build: []\n  post_build: [3, true]\n",
        "version: 1\nplatforms: [ios]\ncommands:\nenv:\nartifacts:\nplatform_commands:\nplatform_build_args:\n",
        "version: 1\nplatforms: [macos]\nplatform_build_args: {macos: [--debug]}\nplatform_commands: {ios: make}\n",
        "version: 1\nplatforms: [ios]\nenv: [{key: A, value: 3}, {key: B, value: ''}]\nartifacts: {patterns: ['*.ipa']}\n",
        "version: 2\nplatforms: [ios]\nsteps: [{name: A, run: make}]\n",
        "version: 2\nplatforms: [ios]\nflutter_version: stable\nenv: {A: 1, b: true, C: x}\nsteps:\n  \
         - {name: A, run: make, if: always(), continue_on_error: true, timeout: 90s, working_directory: a/b, env: {A: 1}}\n",
        "version: 2\nplatforms: [ios]\nconcurrency: {cancel_previous: true, max_concurrent: 100}\nsteps: [{name: 1, run: 2}]\n",
        "version: 2\nplatforms: [ios]\nconcurrency:\ninputs:\nenv:\nartifacts:\nsteps: [{name: A, run: make, if: , env: }]\n",
        "version: 2\nplatforms: [ios]\ninputs:\n  - {name: a, type: choice, options: [1, x], default: 1}\n  \
         - {name: b, type: boolean, default: true}\n  - {name: c, type: number, default: 1.5, description: Text}\n  \
         - {name: d, type: string, required: true}\nsteps: [{name: A, run: make}]\n",
        "version: 2\nplatforms: [ios]\nartifacts: {patterns: []}\nsteps: [{name: A, run: make, timeout: 24h}]\n",
        "version: 2\nplatforms: [ios]\ncaches:\nsteps: [{name: A, run: make}]\n",
        "version: 2\nplatforms: [ios]\ncaches: [pub, gradle, pods, {name: a-b, paths: [x/y, .z], key: ['**/*.lock', b.lock]}]\n\
         steps: [{name: A, run: make}]\n",
        "version: 2\nplatforms: [ios]\ntriggers: {events: [push, tag_push], branches: [main, 1.2], tags: ['v*'], paths: [lib/**], \
         paths_ignore: [docs/**], schedule: [{cron: 0 3 * * MON-FRI, timezone: Europe/Rome, branch: main}], skip_ci: false}\n\
         steps: [{name: A, run: make}]\n",
        "version: 2\nplatforms: [ios]\ntriggers:\nsteps: [{name: A, run: make}]\n",
        "version: 2\nplatforms: [ios, android]\nmatrix: {flavor: [dev, prod], platform: [ios], flutter_version: [3.35.1, 3.10], exclude: [{flavor: dev, flutter_version: 3.10}], include: [{flavor: x, platform: android, flutter_version: stable}]}\nsteps: [{name: A, run: make}]\n",
        "version: 2\nplatforms: [ios, android]\nmatrix: {a: [1, true], include: , exclude: }\nsteps: [{name: A, run: make}]\n",
    ];

    /// What both refuse.
    const BAD: &[&str] = &[
        "",
        "[]",
        "version: 1\n",
        "platforms: [android]\n",
        "version: 3\nplatforms: [android]\n",
        "version: one\nplatforms: [android]\n",
        "version: 1\nplatforms: []\n",
        "version: 1\nplatforms: [web]\n",
        "version: 1\nplatforms: android\n",
        "version: 1\nplatforms: [ios, ios]\n",
        "version: 1\nplatforms: [ios]\nstages: []\n",
        "version: 1\nplatforms: [ios]\nsteps: [{name: A, run: make}]\n",
        "version: 1\nplatforms: [ios]\ncommands: {biuld: []}\n",
        "version: 1\nplatforms: [ios]\ncommands: {build: make}\n",
        "version: 1\nplatforms: [ios]\ncommands: {build: ['']}\n",
        "version: 1\nplatforms: [ios]\ncommands: {build: [{a: b}]}\n",
        "version: 1\nplatforms: [ios]\nenv: {A: b}\n",
        "version: 1\nplatforms: [ios]\nenv: [{key: A}]\n",
        "version: 1\nplatforms: [ios]\nenv: [{key: OORE_A, value: b}]\n",
        "version: 1\nplatforms: [ios]\nenv: [{key: 1A, value: b}]\n",
        "version: 1\nplatforms: [ios]\nartifacts: {patterns: [/etc/*]}\n",
        "version: 1\nplatforms: [ios]\nartifacts: {patterns: [../*]}\n",
        "version: 1\nplatforms: [ios]\nartifacts: {patterns: [app.ipa]}\n",
        "version: 1\nplatforms: [ios]\nflutter_version: --help\n",
        "version: 1\nplatforms: [ios]\nplatform_commands: {web: make}\n",
        "version: 2\nplatforms: [ios]\n",
        "version: 2\nplatforms: [ios]\nsteps: []\n",
        "version: 2\nplatforms: [ios]\nsteps: [{name: A}]\n",
        "version: 2\nplatforms: [ios]\nsteps: [{name: checkout, run: make}]\n",
        "version: 2\nplatforms: [ios]\nsteps: [{name: A, run: make, timeout: 90}]\n",
        "version: 2\nplatforms: [ios]\nsteps: [{name: A, run: make, timeout: 0m}]\n",
        "version: 2\nplatforms: [ios]\nsteps: [{name: A, run: make, working_directory: ../a}]\n",
        "version: 2\nplatforms: [ios]\nsteps: [{name: A, run: make, working_directory: /a}]\n",
        "version: 2\nplatforms: [ios]\nsteps: [{name: A, run: make, continue_on_error: maybe}]\n",
        "version: 2\nplatforms: [ios]\nsteps: [{name: A, run: make, retries: 3}]\n",
        "version: 2\nplatforms: [ios]\nenv: [{key: A, value: b}]\nsteps: [{name: A, run: make}]\n",
        "version: 2\nplatforms: [ios]\nenv: {OORE_A: b}\nsteps: [{name: A, run: make}]\n",
        "version: 2\nplatforms: [ios]\nconcurrency: {max_concurrent: 0}\nsteps: [{name: A, run: make}]\n",
        "version: 2\nplatforms: [ios]\ninputs: [{name: A, type: string}]\nsteps: [{name: A, run: make}]\n",
        "version: 2\nplatforms: [ios]\ninputs: [{name: , type: string}]\nsteps: [{name: A, run: make}]\n",
        "version: 2\nplatforms: [ios]\ninputs: [{name: a, type: choice}]\nsteps: [{name: A, run: make}]\n",
        "version: 2\nplatforms: [ios]\ncaches: [pubs]\nsteps: [{name: A, run: make}]\n",
        "version: 2\nplatforms: [ios]\ncaches: pub\nsteps: [{name: A, run: make}]\n",
        "version: 2\nplatforms: [ios]\ncaches: [pub, pub]\nsteps: [{name: A, run: make}]\n",
        "version: 2\nplatforms: [ios]\ncaches: [{name: a, paths: [b]}]\nsteps: [{name: A, run: make}]\n",
        "version: 2\nplatforms: [ios]\ncaches: [{name: pub, paths: [b], key: [c]}]\nsteps: [{name: A, run: make}]\n",
        "version: 2\nplatforms: [ios]\ncaches: [{name: a, paths: [../b], key: [c]}]\nsteps: [{name: A, run: make}]\n",
        "version: 2\nplatforms: [ios]\ncaches: [{name: a, paths: [.git/b], key: [c]}]\nsteps: [{name: A, run: make}]\n",
        "version: 2\nplatforms: [ios]\ncaches: [{name: a, paths: [b], key: [/c]}]\nsteps: [{name: A, run: make}]\n",
        "version: 2\nplatforms: [ios]\ncaches: [{name: a, paths: [], key: [c]}]\nsteps: [{name: A, run: make}]\n",
        "version: 2\nplatforms: [ios]\ntriggers: {events: [merge]}\nsteps: [{name: A, run: make}]\n",
        "version: 2\nplatforms: [ios]\ntriggers: {events: [push, push]}\nsteps: [{name: A, run: make}]\n",
        "version: 2\nplatforms: [ios]\ntriggers: {events: push}\nsteps: [{name: A, run: make}]\n",
        "version: 2\nplatforms: [ios]\ntriggers: {schedule: [{timezone: UTC}]}\nsteps: [{name: A, run: make}]\n",
        "version: 2\nplatforms: [ios]\ntriggers: {schedule: [{cron: '@daily'}]}\nsteps: [{name: A, run: make}]\n",
        "version: 2\nplatforms: [ios]\ntriggers: {events: [push], paths: ['!docs/**']}\nsteps: [{name: A, run: make}]\n",
        "version: 2\nplatforms: [ios]\ntriggers: {on: [push]}\nsteps: [{name: A, run: make}]\n",
        "version: 2\nplatforms: [ios, android]\nmatrix: [a]\nsteps: [{name: A, run: make}]\n",
        "version: 2\nplatforms: [ios, android]\nmatrix: {A: [x]}\nsteps: [{name: A, run: make}]\n",
        "version: 2\nplatforms: [ios, android]\nmatrix: {a: []}\nsteps: [{name: A, run: make}]\n",
        "version: 2\nplatforms: [ios, android]\nmatrix: {a: x}\nsteps: [{name: A, run: make}]\n",
        "version: 2\nplatforms: [ios, android]\nmatrix: {a: [x, x]}\nsteps: [{name: A, run: make}]\n",
        "version: 2\nplatforms: [ios, android]\nmatrix: {platform: [web]}\nsteps: [{name: A, run: make}]\n",
        "version: 2\nplatforms: [ios, android]\nmatrix: {flutter_version: [--help]}\nsteps: [{name: A, run: make}]\n",
        "version: 2\nplatforms: [ios, android]\nmatrix: {a: [x], exclude: [{}]}\nsteps: [{name: A, run: make}]\n",
    ];

    /// What only the parser can know.
    const BEYOND: &[&str] = &[
        "version: 2\nplatforms: [ios]\nsteps: [{name: A, run: make}, {name: A, run: make}]\n",
        "version: 2\nplatforms: [ios]\nsteps: [{name: A, run: make, if: branch}, {name: B, run: x, if: inputs.a}]\n",
        "version: 2\nplatforms: [ios]\nsteps: [{name: A, run: make, if: branch = 'x'}]\n",
        "version: 2\nplatforms: [ios]\ninputs: [{name: a, type: choice, options: [x], default: y}]\nsteps: [{name: A, run: make}]\n",
        "version: 2\nplatforms: [ios]\ncaches: [{name: a, paths: [b], key: [c]}, {name: a, paths: [d], key: [c]}]\nsteps: [{name: A, run: make}]\n",
        "version: 2\nplatforms: [ios]\ncaches: [{name: a, paths: [b, b/c], key: [c]}]\nsteps: [{name: A, run: make}]\n",
        "version: 2\nplatforms: [ios]\ntriggers: {branches: [main]}\nsteps: [{name: A, run: make}]\n",
        "version: 2\nplatforms: [ios]\ntriggers: {schedule: [{cron: 0 0 30 2 *}]}\nsteps: [{name: A, run: make}]\n",
        "version: 2\nplatforms: [ios]\ntriggers: {schedule: [{cron: 0 0 * * *, timezone: Rome}]}\nsteps: [{name: A, run: make}]\n",
        "version: 2\nplatforms: [ios, android]\nmatrix: {platform: [macos]}\nsteps: [{name: A, run: make}]\n",
        "version: 2\nplatforms: [ios, android]\nmatrix: {a: [x], exclude: [{b: x}]}\nsteps: [{name: A, run: make}]\n",
        "version: 2\nplatforms: [ios, android]\nmatrix: {a: [x], exclude: [{a: x}]}\nsteps: [{name: A, run: make}]\n",
        "version: 2\nplatforms: [ios, android]\nmatrix: {a: [x], include: [{a: x}]}\nsteps: [{name: A, run: make}]\n",
    ];

    #[test]
    fn schema_and_parser_agree() {
        let schema = Schema::load();
        for text in GOOD {
            assert_eq!((parse(text).map(|_| ()), schema.accepts(text)), (Ok(()), true), "{text}");
        }
        for text in BAD {
            assert_eq!((parse(text).is_ok(), schema.accepts(text)), (false, false), "{text}");
        }
        for text in BEYOND {
            assert_eq!((parse(text).is_ok(), schema.accepts(text)), (false, true), "{text}");
        }
    }
}
