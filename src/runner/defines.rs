//! The `.env` file that brings a build's variables into Dart code, and the argument of `flutter build`
//! that names it. Secrets are never in it: whatever is, ends up inside the application.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use super::folder::Workspace;
use super::variables::{Variable, Variables};
use crate::pipeline::plan::PlannedStep;

const NAME: &str = ".env";
/// Seen from the checkout, where the commands run.
const BESIDE: &str = "../.env";
/// Programs in front of `build` that read the argument.
const BUILDERS: [&str; 2] = ["flutter build ", "fvm flutter build "];

/// What was written.
#[derive(Debug, Default)]
pub struct Defines {
    file: Option<&'static str>,
    remarks: Vec<String>,
}

impl Defines {
    /// Writes the file if there is anything to write. A `.env` of the repository stays as it is; ours
    /// is then beside the checkout.
    pub fn write(workspace: &Workspace, variables: &Variables) -> io::Result<Self> {
        let mut defines = Self::default();
        let mut text = String::new();
        for variable in variables.plain() {
            match line(variable) {
                Some(line) => text.push_str(&line),
                None => defines.remarks.push(format!(
                    "[oore] {} has several lines and is left out of {NAME}; steps have it",
                    variable.name
                )),
            }
        }
        if text.is_empty() {
            return Ok(defines);
        }
        let source = workspace.source();
        defines.file = Some(match create(&source.join(NAME), &text) {
            Ok(()) => {
                hide_from_git(&source)?;
                NAME
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                create(&workspace.beside_source(), &text)?;
                let remark =
                    format!("[oore] the repository has a {NAME} of its own; the variables are in {BESIDE}");
                defines.remarks.push(remark);
                BESIDE
            }
            Err(error) => return Err(error),
        });
        Ok(defines)
    }

    /// What people should know about it.
    pub fn remarks(&self) -> &[String] {
        &self.remarks
    }

    /// Our file in the checkout, which is nobody's artifact.
    pub fn in_source(&self) -> Option<&'static Path> {
        self.file.filter(|file| *file == NAME).map(Path::new)
    }

    /// The command of a step, which reads the file if it is a build.
    pub fn command(&self, step: &PlannedStep) -> String {
        let command = &step.command;
        let Some(file) = self.file.filter(|_| step.takes_defines) else {
            return command.clone();
        };
        let argument = format!("--dart-define-from-file={file}");
        let builds = BUILDERS.iter().find(|builder| command.trim_start().starts_with(*builder));
        let Some(builder) = builds.filter(|_| !command.split_whitespace().any(|word| word == argument))
        else {
            return command.clone();
        };
        if !command.contains(['&', '|', ';', '<', '>', '#', '\n', '(', ')']) {
            return format!("{} {argument}", command.trim_end());
        }
        // There is more in the line than one command: the argument goes behind what is built.
        let start = command.len() - command.trim_start().len() + builder.len();
        let (before, rest) = command.split_at(start);
        let target = rest.find(char::is_whitespace).unwrap_or(rest.len());
        format!("{before}{} {argument}{}", &rest[..target], &rest[target..])
    }
}

/// A line that Flutter reads as the same value; it knows no escapes and no values of several lines.
fn line(Variable { name, value, .. }: &Variable) -> Option<String> {
    if value.contains(['\n', '\r']) {
        return None;
    }
    let bare = |c: char| c.is_ascii_alphanumeric() || "_-./:@+,=%?&~".contains(c);
    if value.chars().all(bare) {
        return Some(format!("{name}={value}\n"));
    }
    let quote = ['"', '\'', '`'].into_iter().find(|quote| !value.contains(*quote)).unwrap_or('"');
    Some(format!("{name}={quote}{value}{quote}\n"))
}

/// Never through a link, never over a file.
fn create(path: &Path, text: &str) -> io::Result<()> {
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?.write_all(text.as_bytes())
}

/// A step that commits everything must not commit our file.
fn hide_from_git(source: &Path) -> io::Result<()> {
    let folder = source.join(".git/info");
    fs::create_dir_all(&folder)?;
    let mut file = OpenOptions::new().create(true).append(true).open(folder.join("exclude"))?;
    file.write_all(b"/.env\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::variable::VariableKind;

    fn line_of(value: &str) -> Option<String> {
        let (name, value) = ("A".to_owned(), value.to_owned());
        line(&Variable { name, value, kind: VariableKind::Plain })
    }

    #[test]
    fn values_are_quoted_as_flutter_reads_them() {
        assert_eq!(line_of("https://x.example/a?b=c&d=1").unwrap(), "A=https://x.example/a?b=c&d=1\n");
        assert_eq!(line_of("two words # no comment").unwrap(), "A=\"two words # no comment\"\n");
        assert_eq!(line_of("say \"x\"").unwrap(), "A='say \"x\"'\n");
        assert_eq!(line_of("").unwrap(), "A=\n");
        assert_eq!(line_of("a\nb"), None);
    }

    #[test]
    fn only_builds_of_flutter_get_the_argument() {
        let defines = Defines { file: Some(NAME), remarks: Vec::new() };
        let of = |takes_defines: bool, command: &str| {
            let command = command.to_owned();
            defines.command(&PlannedStep { command, takes_defines, ..PlannedStep::default() })
        };
        let argument = "--dart-define-from-file=.env";
        let build = "flutter build apk --release";
        assert_eq!(of(true, build), format!("{build} {argument}"));
        assert_eq!(of(true, "fvm flutter build ipa"), format!("fvm flutter build ipa {argument}"));
        assert_eq!(
            of(true, "flutter build apk --debug 2>&1 | tee log"),
            format!("flutter build apk {argument} --debug 2>&1 | tee log")
        );
        let other = "flutter build apk --dart-define-from-file=.env.prod";
        assert_eq!(of(true, other), format!("{other} {argument}"));
        for (takes_defines, command) in [
            (false, build),
            (true, "flutter test"),
            (true, "cd app && flutter build apk"),
            (true, "flutter build apk --dart-define-from-file=.env"),
        ] {
            assert_eq!(of(takes_defines, command), command);
        }
        let none = Defines::default();
        assert_eq!(
            none.command(&PlannedStep {
                command: build.into(),
                takes_defines: true,
                ..PlannedStep::default()
            }),
            build
        );
    }
}
