//! Puts the paths of this machine into the service files of packaging/. The texts depend on nothing but their input.

use std::path::PathBuf;

/// What is particular to one service.
#[derive(Debug)]
pub struct Filling {
    pub label: String,
    pub command: Vec<String>,
    /// Added to the file's own variables, or in their place.
    pub environment: Vec<(String, String)>,
    /// For services of the machine.
    pub user: Option<String>,
    /// Where launchd sends what the program says.
    pub log: PathBuf,
}

/// A unit for systemd.
pub fn systemd(template: &str, filling: &Filling) -> String {
    let mut lines = Vec::new();
    for line in template.lines() {
        match line.split_once('=') {
            Some(("ExecStart", _)) => {
                let words = filling.command.iter().map(|word| quoted(&word.replace('$', "$$")));
                lines.push(format!("ExecStart={}", words.collect::<Vec<_>>().join(" ")));
                let variable = |(name, value): &(String, String)| {
                    format!("Environment={}", quoted(&format!("{name}={value}")))
                };
                lines.extend(filling.environment.iter().map(variable));
            }
            Some(("User", usual)) => {
                lines.push(format!("User={}", filling.user.as_deref().unwrap_or(usual)));
            }
            Some(("Environment", own)) if filling.environment.iter().any(|(name, _)| names(own, name)) => {}
            Some(_) | None => lines.push(line.to_owned()),
        }
    }
    lines.join("\n") + "\n"
}

fn names(assignment: &str, name: &str) -> bool {
    assignment.split_once('=').is_some_and(|(own, _)| own == name)
}

/// One word of a unit's line.
fn quoted(word: &str) -> String {
    let escaped = word.replace('\\', "\\\\").replace('"', "\\\"").replace('%', "%%");
    format!("\"{escaped}\"")
}

/// A property list for launchd.
pub fn launchd(template: &str, filling: &Filling) -> String {
    let string = |text: &str| format!("<string>{}</string>", escaped(text));
    let words: String = filling.command.iter().map(|word| format!("\n        {}", string(word))).collect();
    let mut text = with_value(template, "Label", &string(&filling.label));
    text = with_value(&text, "ProgramArguments", &format!("<array>{words}\n    </array>"));
    for key in ["StandardOutPath", "StandardErrorPath"] {
        text = with_value(&text, key, &string(&filling.log.to_string_lossy()));
    }
    if let Some(user) = &filling.user {
        text = with_value(&text, "UserName", &string(user));
    }
    for (name, value) in &filling.environment {
        text = match text.contains(&key_of(name)) {
            true => with_value(&text, name, &string(value)),
            false => {
                let begin = format!("{}\n    <dict>", key_of("EnvironmentVariables"));
                let added = format!("{begin}\n        {}\n        {}", key_of(name), string(value));
                text.replacen(&begin, &added, 1)
            }
        };
    }
    text
}

fn key_of(name: &str) -> String {
    format!("<key>{}</key>", escaped(name))
}

/// The text with another value behind a key: a string or an array.
fn with_value(text: &str, key: &str, value: &str) -> String {
    let Some((before, rest)) = text.split_once(&key_of(key)) else { return text.to_owned() };
    let indent: String = rest.chars().take_while(|c| c.is_whitespace()).collect();
    let end = if rest.trim_start().starts_with("<array>") { "</array>" } else { "</string>" };
    let Some((_, after)) = rest.split_once(end) else { return text.to_owned() };
    format!("{before}{}{indent}{value}{after}", key_of(key))
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::process::Command;

    use super::*;

    const PACKAGING: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/packaging");

    fn awkward() -> Filling {
        Filling {
            label: "a&b".to_owned(),
            command: ["/opt/a \"b\" <c>/oored", "run", "--state-file", "/home/x/100% $HOME/db"]
                .map(str::to_owned)
                .to_vec(),
            environment: [("PATH", "/usr/bin:/a \\ b"), ("ANDROID_HOME", "/opt/<android>")]
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .to_vec(),
            user: None,
            log: "/home/x/a&b.log".into(),
        }
    }

    /// The files of a kind, by their path in the folder.
    fn templates(extension: &str) -> Vec<(String, String)> {
        let mut found = Vec::new();
        for folder in ["systemd/system", "systemd/user", "launchd/agent", "launchd/daemon", "macos"] {
            for entry in std::fs::read_dir(Path::new(PACKAGING).join(folder)).unwrap() {
                let path = entry.unwrap().path();
                if path.extension().is_some_and(|found| found == extension) {
                    let name = format!("{folder}/{}", path.file_name().unwrap().to_string_lossy());
                    found.push((name, std::fs::read_to_string(&path).unwrap()));
                }
            }
        }
        found
    }

    /// What a property list says, read by somebody else's parser.
    fn parsed(text: &str) -> serde_json::Value {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("x.plist");
        std::fs::write(&file, text).unwrap();
        let script = "import json, plistlib, sys; print(json.dumps(plistlib.load(open(sys.argv[1], 'rb'))))";
        let read = Command::new("python3").args(["-c", script]).arg(&file).output().unwrap();
        assert!(read.status.success(), "{}\n{text}", String::from_utf8_lossy(&read.stderr));
        serde_json::from_slice(&read.stdout).unwrap()
    }

    #[test]
    fn every_unit_leaves_builds_alone_and_quotes_what_it_must() {
        let templates = templates("service");
        assert_eq!(templates.len(), 3);
        for (name, template) in templates {
            let unit = systemd(&template, &awkward());
            for line in [
                "KillMode=process",
                "Delegate=yes",
                "DelegateSubgroup=supervisor",
                "TasksMax=infinity",
                "UMask=0077",
                "StartLimitIntervalSec=0",
                "Environment=\"PATH=/usr/bin:/a \\\\ b\"",
                "ExecStart=\"/opt/a \\\"b\\\" <c>/oored\" \"run\" \"--state-file\" \"/home/x/100%% $$HOME/db\"",
            ] {
                assert!(unit.lines().any(|found| found == line), "{name}: {line} is not in\n{unit}");
            }
        }
    }

    #[test]
    fn a_service_of_the_machine_runs_as_the_named_user_and_keeps_its_own_variables() {
        let (_, template) =
            templates("service").into_iter().find(|(name, _)| name.contains("system/")).unwrap();
        let unit = systemd(&template, &Filling { user: Some("ci".to_owned()), ..awkward() });
        assert!(
            unit.contains("\nUser=ci\n") && unit.contains("\nEnvironment=OORED_MANAGED=true\n"),
            "{unit}"
        );
        let own = vec![("HOME".to_owned(), "/srv/ci".to_owned())];
        let unit = systemd(&template, &Filling { environment: own, ..awkward() });
        assert_eq!(unit.matches("HOME=").count(), 1, "what is given wins over the file's own:\n{unit}");
    }

    #[test]
    fn systemd_accepts_every_unit_where_it_is_installed() {
        let folder = tempfile::tempdir().unwrap();
        for (name, template) in templates("service") {
            let file = folder.path().join(Path::new(&name).file_name().unwrap());
            let command = vec!["/bin/true".to_owned(), "a \"b\" %h $HOME".to_owned()];
            std::fs::write(&file, systemd(&template, &Filling { command, ..awkward() })).unwrap();
            let scope = if name.contains("system/") { "--system" } else { "--user" };
            let mut program = Command::new("systemd-analyze");
            program.args([scope, "verify"]).arg(&file).env("XDG_RUNTIME_DIR", folder.path());
            let Ok(checked) = program.output() else { return };
            // An older systemd does not know the newest key, and says so without refusing the unit.
            let said = String::from_utf8_lossy(&checked.stderr).into_owned();
            let about_it = said.lines().filter(|line| line.contains(".service"));
            let wrong: Vec<&str> = about_it.filter(|line| !line.contains("'DelegateSubgroup'")).collect();
            assert!(wrong.is_empty(), "{name}: {wrong:?}");
        }
    }

    #[test]
    fn every_property_list_is_one_and_leaves_builds_alone() {
        let templates = templates("plist");
        assert_eq!(templates.len(), 4);
        for (name, template) in templates {
            if name.starts_with("macos/") {
                assert_eq!(parsed(&template), serde_json::json!({}), "no exceptions to the hardened runtime");
                continue;
            }
            let before = parsed(&template);
            let file = format!("{}.plist", before["Label"].as_str().unwrap());
            assert!(name.ends_with(&file), "{name} is named after its label");
            let found = parsed(&launchd(&template, &awkward()));
            assert_eq!(found["Label"], "a&b");
            assert_eq!(found["AbandonProcessGroup"], true, "{name}");
            assert_eq!((&found["RunAtLoad"], &found["Umask"]), (&true.into(), &63.into()));
            assert_eq!(found["EnvironmentVariables"]["PATH"], "/usr/bin:/a \\ b");
            assert_eq!(found["EnvironmentVariables"]["ANDROID_HOME"], "/opt/<android>");
            assert_eq!(found["ProgramArguments"], serde_json::json!(awkward().command));
            assert_eq!(found["StandardErrorPath"], "/home/x/a&b.log");
            for (key, value) in before.as_object().unwrap() {
                let filled = ["Label", "ProgramArguments", "EnvironmentVariables"];
                if !filled.contains(&key.as_str()) && !key.starts_with("Standard") {
                    assert_eq!(&found[key], value, "{name}: {key} stays");
                }
            }
        }
    }

    #[test]
    fn a_launch_daemon_runs_as_the_named_user() {
        let (_, template) =
            templates("plist").into_iter().find(|(name, _)| name.contains("daemon/")).unwrap();
        let found = parsed(&launchd(&template, &Filling { user: Some("ci".to_owned()), ..awkward() }));
        assert_eq!(found["UserName"], "ci");
    }
}
