//! The texts of service units: what makes a runner outlive its sign-in, its updates and its own crashes,
//! and its builds outlive its restart. They depend on nothing but their input.

use std::fmt::Write;
use std::path::{Path, PathBuf};

/// How long a build may take to end after the runner was asked to: the daemon's longest by default.
const STOP_SECONDS: u32 = 3900;

/// A runner as a service.
#[derive(Debug)]
pub struct Service {
    pub program: PathBuf,
    pub config: PathBuf,
    pub work_dir: PathBuf,
    pub daemon_url: Option<String>,
    pub environment: Vec<(String, String)>,
}

impl Service {
    fn command(&self) -> Vec<String> {
        let text = |path: &Path| path.to_string_lossy().into_owned();
        let (config, work_dir) = (text(&self.config), text(&self.work_dir));
        let mut words = vec![text(&self.program)];
        words.extend(["runner", "--config", &config, "--work-dir", &work_dir].map(str::to_owned));
        if let Some(url) = &self.daemon_url {
            words.extend(["--daemon-url".to_owned(), url.clone()]);
        }
        words
    }
}

/// A unit for `systemctl --user`.
pub fn systemd(service: &Service) -> String {
    let command: Vec<String> =
        service.command().iter().map(|word| quoted(&word.replace('$', "$$"))).collect();
    let mut environment = String::new();
    for (name, value) in &service.environment {
        // Writing to a String does not fail.
        let _ = writeln!(environment, "Environment={}", quoted(&format!("{name}={value}")));
    }
    format!(
        "# The Oore CI runner of this machine, written by `oore runner install-service`.

[Unit]
Description=Oore CI runner
StartLimitIntervalSec=0

[Service]
ExecStart={}
{environment}UMask=0077

# The first signal lets a build end; only the runner gets it, not the build's processes.
KillMode=process
TimeoutStopSec={STOP_SECONDS}
# The runner makes a control group for each build, to end all of its processes and to hold it to its limits.
Delegate=yes
DelegateSubgroup=supervisor

Restart=always
RestartSec=5
LimitNOFILE=65536
# All builds together; each has a limit of its own.
TasksMax=infinity

[Install]
WantedBy=default.target
",
        command.join(" ")
    )
}

/// One word of a unit's line.
fn quoted(word: &str) -> String {
    let escaped = word.replace('\\', "\\\\").replace('"', "\\\"").replace('%', "%%");
    format!("\"{escaped}\"")
}

/// A property list for launchd.
pub fn launchd(service: &Service, label: &str) -> String {
    let strings = |words: &[String]| -> String {
        words.iter().map(|word| format!("        <string>{}</string>\n", escaped(word))).collect()
    };
    let variable = |(name, value): &(String, String)| {
        format!("        <key>{}</key>\n        <string>{}</string>\n", escaped(name), escaped(value))
    };
    let environment: String = service.environment.iter().map(variable).collect();
    let log = escaped(&service.work_dir.join("runner.log").to_string_lossy());
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<!-- The Oore CI runner of this machine, written by `oore runner install-service`. -->
<plist version="1.0">
<dict>
    <key>Label</key>
    <string>{}</string>
    <key>ProgramArguments</key>
    <array>
{}    </array>
    <key>EnvironmentVariables</key>
    <dict>
{environment}    </dict>
    <key>RunAtLoad</key>
    <true/>
    <key>KeepAlive</key>
    <true/>
    <!-- The first signal lets a build end; only the runner gets it, not the build's processes. -->
    <key>AbandonProcessGroup</key>
    <true/>
    <key>ExitTimeOut</key>
    <integer>{STOP_SECONDS}</integer>
    <key>ThrottleInterval</key>
    <integer>5</integer>
    <key>ProcessType</key>
    <string>Interactive</string>
    <!-- Octal 077: 63 in decimal, as property lists know no octal. -->
    <key>Umask</key>
    <integer>63</integer>
    <key>StandardOutPath</key>
    <string>{log}</string>
    <key>StandardErrorPath</key>
    <string>{log}</string>
</dict>
</plist>
"#,
        escaped(label),
        strings(&service.command()),
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    fn awkward() -> Service {
        Service {
            program: "/opt/a \"b\" <c>/oored".into(),
            config: "/home/x/100% $HOME/runner.json".into(),
            work_dir: "/home/x/a&b".into(),
            daemon_url: Some("https://ci.example.com".to_owned()),
            environment: vec![("PATH".to_owned(), "/usr/bin:/a \\ b".to_owned())],
        }
    }

    #[test]
    fn a_systemd_unit_leaves_builds_alone_and_quotes_what_it_must() {
        let unit = systemd(&awkward());
        for line in [
            "KillMode=process",
            "Delegate=yes",
            "Restart=always",
            "TasksMax=infinity",
            "WantedBy=default.target",
            "Environment=\"PATH=/usr/bin:/a \\\\ b\"",
            "ExecStart=\"/opt/a \\\"b\\\" <c>/oored\" \"runner\" \"--config\" \
             \"/home/x/100%% $$HOME/runner.json\" \"--work-dir\" \"/home/x/a&b\" \
             \"--daemon-url\" \"https://ci.example.com\"",
        ] {
            assert!(unit.lines().any(|found| found == line), "{line} is not in\n{unit}");
        }
    }

    #[test]
    fn systemd_accepts_the_unit_where_it_is_installed() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("oore-runner.service");
        let service = Service { program: "/bin/true".into(), ..awkward() };
        std::fs::write(&file, systemd(&service)).unwrap();
        let Ok(checked) = Command::new("systemd-analyze").args(["--user", "verify"]).arg(&file).output()
        else {
            return;
        };
        let said = String::from_utf8_lossy(&checked.stderr).into_owned();
        assert!(!said.contains("oore-runner.service"), "{said}");
    }

    #[test]
    fn a_property_list_is_one_and_says_what_it_should() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("r.plist");
        std::fs::write(&file, launchd(&awkward(), "build.oore.runner")).unwrap();
        let script = "import json, plistlib, sys; print(json.dumps(plistlib.load(open(sys.argv[1], 'rb'))))";
        let read = Command::new("python3").args(["-c", script]).arg(&file).output().unwrap();
        assert!(read.status.success(), "{}", String::from_utf8_lossy(&read.stderr));
        let found: serde_json::Value = serde_json::from_slice(&read.stdout).unwrap();
        assert_eq!(found["Label"], "build.oore.runner");
        assert_eq!(found["AbandonProcessGroup"], true);
        assert_eq!(found["KeepAlive"], true);
        assert_eq!(found["EnvironmentVariables"]["PATH"], "/usr/bin:/a \\ b");
        assert_eq!(found["ProgramArguments"][0], "/opt/a \"b\" <c>/oored");
        assert_eq!(found["ProgramArguments"][3], "/home/x/100% $HOME/runner.json");
        assert_eq!(found["StandardErrorPath"], "/home/x/a&b/runner.log");
    }
}
