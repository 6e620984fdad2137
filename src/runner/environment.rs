//! The environment of everything a build starts: an allow-list of the runner's own, never the rest.
//! What a pipeline sets reaches its steps only, not the runner's own calls of git and other tools.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use super::platform::{TAG_VARIABLE, usual_tool_folders};
use super::protocol::ClaimedJob;
use crate::config::inherited;
use crate::domain::spec::PipelineEnvVar;

/// Variables of the runner that tools need; everything else stays with the runner.
const INHERITED: &[&str] = &[
    "HOME",
    "USER",
    "LOGNAME",
    "SHELL",
    "LANG",
    "LANGUAGE",
    "LC_ALL",
    "LC_COLLATE",
    "LC_CTYPE",
    "LC_MESSAGES",
    "LC_NUMERIC",
    "LC_TIME",
    "TERM",
    "TMPDIR",
    "TZ",
    "ANDROID_HOME",
    "ANDROID_SDK_ROOT",
    "ANDROID_NDK_HOME",
    "JAVA_HOME",
    "DEVELOPER_DIR",
    "FVM_CACHE_PATH",
    "PUB_CACHE",
    "PUB_HOSTED_URL",
    "FLUTTER_STORAGE_BASE_URL",
    "GRADLE_USER_HOME",
    "GEM_HOME",
    "CP_HOME_DIR",
    "SSH_AUTH_SOCK",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
    "http_proxy",
    "https_proxy",
    "no_proxy",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
];
const FALLBACK_PATH: &str = "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin";
const MOST_SHOWN: usize = 20;

/// Names and values of variables.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Environment {
    variables: BTreeMap<OsString, OsString>,
}

impl Environment {
    /// What the runner's own calls of tools get.
    pub fn of_tools() -> Self {
        let mut environment = Self::default();
        for name in INHERITED {
            if let Some(value) = inherited(name) {
                environment.set(name, value);
            }
        }
        environment.set("PATH", search_path());
        environment
    }

    /// What tools get while they work for the build with this tag.
    pub fn of_build(tag: &str) -> Self {
        let mut environment = Self::of_tools();
        environment.set(TAG_VARIABLE, tag);
        environment.set("CI", "true");
        environment
    }

    /// What the steps of a build get: also the pipeline's variables, and the contract's, which the
    /// pipeline can't replace. Programs in `first_on_path` hide others of the same name.
    pub fn of_steps(
        tag: &str,
        pipeline: &[PipelineEnvVar],
        job: &ClaimedJob,
        first_on_path: Option<&Path>,
    ) -> Self {
        let mut environment = Self::of_tools();
        for variable in pipeline {
            environment.set(&variable.key, &variable.value);
        }
        let number = job.build_number.to_string();
        let contract = [
            ("PROJECT_ID", job.project_id.as_str()),
            ("PIPELINE_ID", job.pipeline_id.as_str()),
            ("BUILD_ID", job.build_id.as_str()),
            ("PROJECT_BUILD_NUMBER", number.as_str()),
            ("BUILD_NUMBER", number.as_str()),
            ("BRANCH", job.branch.as_deref().unwrap_or_default()),
            ("COMMIT_SHA", job.commit_sha.as_deref().unwrap_or_default()),
            ("CI", "true"),
            (TAG_VARIABLE, tag),
        ];
        for (name, value) in contract {
            environment.set(name, value);
        }
        if let Some(folder) = first_on_path {
            let mut path = folder.as_os_str().to_owned();
            path.push(":");
            path.push(environment.get("PATH").unwrap_or(OsStr::new(FALLBACK_PATH)));
            environment.set("PATH", path);
        }
        environment
    }

    pub fn set(&mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) {
        self.variables.insert(name.as_ref().to_owned(), value.as_ref().to_owned());
    }

    pub fn get(&self, name: &str) -> Option<&OsStr> {
        self.variables.get(OsStr::new(name)).map(OsString::as_os_str)
    }

    pub fn iter(&self) -> impl Iterator<Item = (&OsString, &OsString)> {
        self.variables.iter()
    }

    /// The file of a program on this environment's PATH.
    pub fn find(&self, program: &str) -> Option<PathBuf> {
        let path = self.get("PATH")?;
        let folders = path.as_bytes().split(|byte| *byte == b':').filter(|folder| folder.starts_with(b"/"));
        let mut files = folders.map(|folder| Path::new(OsStr::from_bytes(folder)).join(program));
        files.find(|file| is_executable(file))
    }
}

fn is_executable(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    file.metadata().is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
}

/// The runner's PATH and the usual folders of tools that it leaves out.
fn search_path() -> OsString {
    let mut path = inherited("PATH").filter(|path| !path.is_empty()).unwrap_or(FALLBACK_PATH.into());
    let home = inherited("HOME").map(PathBuf::from).unwrap_or_default();
    for folder in usual_tool_folders() {
        let folder = home.join(folder);
        let known =
            path.as_bytes().split(|byte| *byte == b':').any(|one| one == folder.as_os_str().as_bytes());
        if folder.is_absolute() && !known && folder.is_dir() {
            path.push(":");
            path.push(&folder);
        }
    }
    path
}

/// The log lines that show a pipeline's variables; values of those that look secret are hidden.
pub fn shown(variables: &[PipelineEnvVar]) -> Vec<String> {
    let line = |variable: &PipelineEnvVar| {
        let value = if looks_secret(&variable.key) { "***".to_owned() } else { printable(&variable.value) };
        format!("# env: {}={value}", variable.key)
    };
    let mut lines: Vec<String> = variables.iter().take(MOST_SHOWN).map(line).collect();
    if variables.len() > MOST_SHOWN {
        lines.push(format!("# env: and {} more", variables.len() - MOST_SHOWN));
    }
    lines
}

fn looks_secret(key: &str) -> bool {
    let key = key.to_ascii_uppercase();
    let words =
        ["SECRET", "TOKEN", "PASS", "PWD", "KEY", "CREDENTIAL", "AUTH", "PRIVATE", "CERT", "DSN", "COOKIE"];
    words.iter().any(|word| key.contains(word))
}

fn printable(value: &str) -> String {
    if value.chars().any(char::is_control) { value.escape_debug().to_string() } else { value.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variable(key: &str, value: &str) -> PipelineEnvVar {
        PipelineEnvVar { key: key.to_owned(), value: value.to_owned() }
    }

    fn job() -> ClaimedJob {
        serde_json::from_value(serde_json::json!({
            "build_id": "b", "project_id": "p", "pipeline_id": "l", "build_number": 7,
            "config_snapshot": {}, "branch": "$(touch x)", "lease_expires_at": 0, "signing_token": "s",
        }))
        .unwrap()
    }

    #[test]
    fn steps_get_the_contract_and_the_pipeline_but_nothing_else() {
        let pipeline = [variable("API", "x"), variable("BUILD_NUMBER", "99"), variable("PATH", "/opt/own")];
        let environment = Environment::of_steps("t", &pipeline, &job(), Some(Path::new("/wrap")));
        let get = |name| environment.get(name).map(|value| value.to_string_lossy().into_owned());
        assert_eq!(get("API").as_deref(), Some("x"));
        assert_eq!(get("BUILD_NUMBER").as_deref(), Some("7"));
        assert_eq!(get("BRANCH").as_deref(), Some("$(touch x)"));
        assert_eq!(get("PATH").as_deref(), Some("/wrap:/opt/own"));
        assert_eq!(get("CI").as_deref(), Some("true"));
        assert!(environment.iter().all(|(name, _)| !name.to_string_lossy().starts_with("CARGO")));
    }

    #[test]
    fn programs_are_found_on_the_path() {
        let environment = Environment::of_tools();
        assert!(environment.find("sh").is_some());
        assert!(environment.find("surely-not-a-program").is_none());
    }

    #[test]
    fn secrets_and_long_lists_are_not_shown() {
        let mut variables = vec![variable("API_TOKEN", "t0p"), variable("A", "x\ny")];
        variables.extend((0..30).map(|i| variable(&format!("V{i}"), "1")));
        let lines = shown(&variables);
        assert_eq!(lines[..2], ["# env: API_TOKEN=***", "# env: A=x\\ny"]);
        assert_eq!(lines.last().map(String::as_str), Some("# env: and 12 more"));
    }
}
