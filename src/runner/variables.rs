//! The variables of one build: those of its configuration, and in their place those that the daemon
//! keeps for the project and the pipeline. It also writes the ones that are files.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use super::protocol::JobVariable;
use crate::domain::spec::PipelineEnvVar;
use crate::domain::variable::{VariableKind, is_name};

const MOST_SHOWN: usize = 20;

/// One variable as the steps see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variable {
    pub name: String,
    /// For a file its path.
    pub value: String,
    pub kind: VariableKind,
}

/// All of them, each name once.
#[derive(Debug, Default)]
pub struct Variables(Vec<Variable>);

impl Variables {
    /// Merges them; the contents of files are written to `folder`, for their owner only.
    pub fn of(config: &[PipelineEnvVar], kept: &[JobVariable], folder: &Path) -> io::Result<Self> {
        let mut variables = Self::default();
        for PipelineEnvVar { key, value } in config {
            variables.set(Variable { name: key.clone(), value: value.clone(), kind: VariableKind::Plain });
        }
        for JobVariable { name, kind, value } in kept {
            let value = match kind {
                VariableKind::Plain | VariableKind::Secret => value.clone(),
                VariableKind::File => write(folder, name, value)?,
            };
            variables.set(Variable { name: name.clone(), value, kind: *kind });
        }
        Ok(variables)
    }

    /// These, and those of a configuration that they don't replace.
    pub fn beside(&self, config: &[PipelineEnvVar]) -> Self {
        let mut all = Self::default();
        for PipelineEnvVar { key, value } in config {
            all.set(Variable { name: key.clone(), value: value.clone(), kind: VariableKind::Plain });
        }
        self.iter().for_each(|variable| all.set(variable.clone()));
        all
    }

    pub fn iter(&self) -> impl Iterator<Item = &Variable> {
        self.0.iter()
    }

    /// Those that may be built into an application.
    pub fn plain(&self) -> impl Iterator<Item = &Variable> {
        self.iter().filter(|variable| variable.kind == VariableKind::Plain)
    }

    /// The log lines that show them; secrets, and what looks like one, are hidden.
    pub fn shown(&self) -> Vec<String> {
        let mut lines: Vec<String> = self.iter().take(MOST_SHOWN).map(shown).collect();
        if self.0.len() > MOST_SHOWN {
            lines.push(format!("# env: and {} more", self.0.len() - MOST_SHOWN));
        }
        lines
    }

    fn set(&mut self, variable: Variable) {
        match self.0.iter_mut().find(|known| known.name == variable.name) {
            Some(known) => *known = variable,
            None => self.0.push(variable),
        }
    }
}

/// Answers the path of the new file.
fn write(folder: &Path, name: &str, content: &str) -> io::Result<String> {
    // The daemon allows nothing else; here it becomes a path.
    if !is_name(name) {
        return Err(io::Error::other("a variable without a proper name"));
    }
    let path = folder.join(name);
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path)?;
    file.write_all(content.as_bytes())?;
    path.into_os_string().into_string().map_err(|_| io::Error::other("the work folder's path is not UTF-8"))
}

fn shown(variable: &Variable) -> String {
    let value = match variable.kind {
        VariableKind::Plain if looks_secret(&variable.name) => "***".to_owned(),
        VariableKind::Secret => "***".to_owned(),
        VariableKind::Plain | VariableKind::File => printable(&variable.value),
    };
    format!("# env: {}={value}", variable.name)
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
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn plain(key: &str, value: &str) -> PipelineEnvVar {
        PipelineEnvVar { key: key.to_owned(), value: value.to_owned() }
    }

    fn kept(name: &str, kind: VariableKind, value: &str) -> JobVariable {
        JobVariable { name: name.to_owned(), kind, value: value.to_owned() }
    }

    #[test]
    fn what_the_daemon_keeps_takes_the_place_of_the_files() {
        let folder = tempfile::tempdir().unwrap();
        let config = [plain("A", "file"), plain("B", "file")];
        let secret = kept("A", VariableKind::Secret, "s3cret");
        let variables = Variables::of(&config, &[secret], folder.path()).unwrap();
        assert_eq!(variables.shown(), ["# env: A=***", "# env: B=file"]);
        assert_eq!(variables.plain().map(|one| one.name.as_str()).collect::<Vec<_>>(), ["B"]);
    }

    #[test]
    fn a_file_is_private_and_its_variable_is_the_path() {
        let folder = tempfile::tempdir().unwrap();
        let file = kept("KEYSTORE", VariableKind::File, "content");
        let variables = Variables::of(&[], &[file], folder.path()).unwrap();
        let path = &variables.iter().next().unwrap().value;
        assert_eq!(std::fs::read_to_string(path).unwrap(), "content");
        assert_eq!(std::fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(variables.shown(), [format!("# env: KEYSTORE={path}")]);
        let hostile = kept("../x", VariableKind::File, "content");
        assert!(Variables::of(&[], &[hostile], folder.path()).is_err());
    }

    #[test]
    fn secrets_and_long_lists_are_not_shown() {
        let mut config = vec![plain("API_TOKEN", "t0p"), plain("A", "x\ny")];
        config.extend((0..30).map(|i| plain(&format!("V{i}"), "1")));
        let lines = Variables::of(&config, &[], Path::new("/none")).unwrap().shown();
        assert_eq!(lines[..2], ["# env: API_TOKEN=***", "# env: A=x\\ny"]);
        assert_eq!(lines.last().map(String::as_str), Some("# env: and 12 more"));
    }
}
