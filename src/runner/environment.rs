//! The environment of everything a build starts: an allow-list of the runner's own, never the rest.
//! What a pipeline sets reaches its steps only, not the runner's own calls of git and other tools.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use super::platform::{TAG_VARIABLE, usual_tool_folders};
use super::protocol::ClaimedJob;
use super::variables::Variables;
use crate::config::inherited;
use crate::pipeline::snapshot;

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
    AGENT,
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
    "http_proxy",
    "https_proxy",
    "no_proxy",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
];
/// How the keys of the runner's user are reached. Code of a fork must not use them.
const AGENT: &str = "SSH_AUTH_SOCK";
const FALLBACK_PATH: &str = "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin";

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

    /// What the steps of a build get: also its variables, and ours, which nothing can replace; see
    /// docs/ENVIRONMENT.md. Programs in `first_on_path` hide others of the same name.
    pub fn of_steps(
        tag: &str,
        variables: &Variables,
        job: &ClaimedJob,
        source: &Path,
        first_on_path: Option<&Path>,
    ) -> Self {
        let mut environment = Self::of_tools();
        if snapshot::is_untrusted(&job.config_snapshot) {
            environment.variables.remove(OsStr::new(AGENT));
        }
        for variable in variables.iter() {
            environment.set(&variable.name, &variable.value);
        }
        for (name, value) in of_job(job) {
            environment.set(name, value);
        }
        environment.set("OORE_SOURCE_DIR", source);
        environment.set("CI", "true");
        environment.set(TAG_VARIABLE, tag);
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

/// What every step is told about its build. The first seven names are those of the reference.
fn of_job(job: &ClaimedJob) -> [(&'static str, String); 15] {
    let number = job.build_number.to_string();
    let branch = job.branch.clone().unwrap_or_default();
    let commit = job.commit_sha.clone().unwrap_or_default();
    let trigger = job.config_snapshot["trigger_type"].as_str().unwrap_or_default();
    [
        ("PROJECT_ID", job.project_id.clone()),
        ("PIPELINE_ID", job.pipeline_id.clone()),
        ("BUILD_ID", job.build_id.clone()),
        ("PROJECT_BUILD_NUMBER", number.clone()),
        ("BUILD_NUMBER", number.clone()),
        ("BRANCH", branch.clone()),
        ("COMMIT_SHA", commit.clone()),
        ("OORE_PROJECT_ID", job.project_id.clone()),
        ("OORE_PIPELINE_ID", job.pipeline_id.clone()),
        ("OORE_BUILD_ID", job.build_id.clone()),
        ("OORE_BUILD_NUMBER", number),
        ("OORE_BUILD_ATTEMPT", job.attempt.to_string()),
        ("OORE_BRANCH", branch),
        ("OORE_COMMIT_SHA", commit),
        ("OORE_TRIGGER", trigger.to_owned()),
    ]
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::spec::PipelineEnvVar;

    fn variable(key: &str, value: &str) -> PipelineEnvVar {
        PipelineEnvVar { key: key.to_owned(), value: value.to_owned() }
    }

    fn job() -> ClaimedJob {
        serde_json::from_value(serde_json::json!({
            "build_id": "b", "project_id": "p", "pipeline_id": "l", "build_number": 7,
            "config_snapshot": {"trigger_type": "manual"}, "branch": "$(touch x)", "lease_expires_at": 0, "signing_token": "s",
        }))
        .unwrap()
    }

    #[test]
    fn steps_get_the_contract_and_the_pipeline_but_nothing_else() {
        let pipeline = [variable("API", "x"), variable("BUILD_NUMBER", "99"), variable("PATH", "/opt/own")];
        let variables = Variables::of(&pipeline, &[], Path::new("/none")).unwrap();
        let (source, wrap) = (Path::new("/source"), Path::new("/wrap"));
        let environment = Environment::of_steps("t", &variables, &job(), source, Some(wrap));
        let get = |name| environment.get(name).map(|value| value.to_string_lossy().into_owned());
        assert_eq!(get("API").as_deref(), Some("x"));
        assert_eq!(get("BUILD_NUMBER").as_deref(), Some("7"));
        assert_eq!(get("BRANCH").as_deref(), Some("$(touch x)"));
        assert_eq!(get("PATH").as_deref(), Some("/wrap:/opt/own"));
        assert_eq!(get("CI").as_deref(), Some("true"));
        assert_eq!(get("OORE_TRIGGER").as_deref(), Some("manual"));
        assert_eq!(get("OORE_SOURCE_DIR").as_deref(), Some("/source"));
        assert!(environment.iter().all(|(name, _)| !name.to_string_lossy().starts_with("CARGO")));
    }

    #[test]
    fn programs_are_found_on_the_path() {
        let environment = Environment::of_tools();
        assert!(environment.find("sh").is_some());
        assert!(environment.find("surely-not-a-program").is_none());
    }
}
