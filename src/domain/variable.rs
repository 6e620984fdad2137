//! Variables that are stored with a project or a pipeline: their kinds, names and sizes. Where they are
//! kept and what a build does with them is not its business.

use crate::words;

words! {
    /// What a variable is.
    VariableKind {
        /// A value that may be read again and shown.
        Plain = "plain",
        /// A value that is never read back and is masked in logs.
        Secret = "secret",
        /// The same, but a step gets the path of a file with this content.
        File = "file",
    }
}

/// Names that begin so are ours.
pub const RESERVED_PREFIX: &str = "OORE_";
pub const MAX_NAME_BYTES: usize = 128;
/// A shorter secret would mask every other word of a log, or could not be masked at all.
pub const MIN_SECRET_BYTES: usize = 4;
/// Systems limit what one variable, and all of them together, may hold.
pub const MAX_VALUE_BYTES: usize = 32 * 1024;
pub const MAX_FILE_BYTES: usize = 64 * 1024;
/// How many variables a project or a pipeline may have.
pub const MAX_VARIABLES: u64 = 128;
/// How much all of them may hold together.
pub const MAX_ALL_BYTES: u64 = 128 * 1024;

/// What every build sets itself.
const OWN_NAMES: [&str; 8] = [
    "CI",
    "PROJECT_ID",
    "PIPELINE_ID",
    "BUILD_ID",
    "PROJECT_BUILD_NUMBER",
    "BUILD_NUMBER",
    "BRANCH",
    "COMMIT_SHA",
];
/// What decides which programs run, and how: it belongs into the pipeline's file, where it is seen.
const STEERING_NAMES: [&str; 6] = ["PATH", "HOME", "SHELL", "IFS", "ENV", "BASH_ENV"];
const STEERING_PREFIXES: [&str; 2] = ["LD_", "DYLD_"];

impl VariableKind {
    /// Whether the value is never shown again.
    pub fn is_hidden(self) -> bool {
        match self {
            VariableKind::Plain => false,
            VariableKind::Secret | VariableKind::File => true,
        }
    }
}

/// Whether a shell can name a variable so.
pub fn is_name(name: &str) -> bool {
    let first = |c: char| c.is_ascii_alphabetic() || c == '_';
    name.len() <= MAX_NAME_BYTES
        && name.starts_with(first)
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// Why a stored variable can't have this name.
pub fn name_refused(name: &str) -> Option<String> {
    if !is_name(name) {
        return Some(format!("must match [A-Za-z_][A-Za-z0-9_]* with at most {MAX_NAME_BYTES} characters"));
    }
    if name.starts_with(RESERVED_PREFIX) {
        return Some(format!("names that begin with {RESERVED_PREFIX} are reserved"));
    }
    if OWN_NAMES.contains(&name) {
        return Some(format!("{name} is set by every build"));
    }
    let steers = STEERING_NAMES.contains(&name) || STEERING_PREFIXES.iter().any(|one| name.starts_with(one));
    steers.then(|| format!("{name} decides which programs run; set it in the pipeline's file"))
}

/// Why a variable of this kind can't have this value.
pub fn value_refused(kind: VariableKind, value: &str) -> Option<String> {
    let most = match kind {
        VariableKind::Plain | VariableKind::Secret => MAX_VALUE_BYTES,
        VariableKind::File => MAX_FILE_BYTES,
    };
    if value.len() > most {
        return Some(format!("at most {} KiB", most / 1024));
    }
    if value.contains('\0') {
        return Some("must not contain a NUL character".to_owned());
    }
    (kind.is_hidden() && value.trim().len() < MIN_SECRET_BYTES)
        .then(|| format!("a secret of fewer than {MIN_SECRET_BYTES} bytes can't be masked in logs"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_would_be_lost_or_do_harm_are_refused() {
        for name in ["A", "_a1", "API_KEY", "MY_PATH", "LDAP_URL", "GIT_SSH_COMMAND"] {
            assert_eq!(name_refused(name), None, "{name}");
        }
        let long = "A".repeat(MAX_NAME_BYTES + 1);
        for name in ["", "1A", "A-B", "Ä", "A B", "OORE_X", "CI", "BRANCH", "PATH", "LD_PRELOAD", &long] {
            assert!(name_refused(name).is_some(), "{name}");
        }
        assert!(name_refused("DYLD_INSERT_LIBRARIES").unwrap().contains("which programs run"));
    }

    #[test]
    fn secrets_that_cannot_be_masked_are_refused() {
        assert_eq!(value_refused(VariableKind::Plain, ""), None);
        assert_eq!(value_refused(VariableKind::Secret, "abcd"), None);
        for (kind, value) in [
            (VariableKind::Secret, "abc"),
            (VariableKind::Secret, "  a\n  "),
            (VariableKind::File, ""),
            (VariableKind::Plain, "a\0b"),
            (VariableKind::Secret, &"x".repeat(MAX_VALUE_BYTES + 1)),
            (VariableKind::File, &"x".repeat(MAX_FILE_BYTES + 1)),
        ] {
            assert!(value_refused(kind, value).is_some(), "{kind} {}", value.len());
        }
        assert_eq!(value_refused(VariableKind::File, &"x".repeat(MAX_FILE_BYTES)), None);
    }
}
