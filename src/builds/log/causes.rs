//! How lines that say why a build failed look: what compilers, Gradle, Xcode, CocoaPods, Dart and
//! shells print, what that means and what helps. Guesses over plain text, best ones first.

use std::sync::LazyLock;

use regex::bytes::RegexSet;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How much a line says. The first of the highest rank is taken for the cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) enum Rank {
    /// A word that appears in many harmless lines too.
    Word,
    /// Looks like an error of some program.
    Error,
    /// A tool sums up that it failed.
    Summary,
    /// A tool says what is wrong.
    Cause,
}

/// A cause that is known, and what helps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct KnownCause {
    /// A stable word for programs.
    pub id: &'static str,
    /// Who says so: `dart`, `flutter`, `gradle`, `xcode`, `cocoapods`, `git` or `system`.
    pub tool: &'static str,
    pub title: &'static str,
    pub hint: &'static str,
}

/// Which pattern a line matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Match {
    pub rank: Rank,
    pub cause: Option<KnownCause>,
}

/// The best pattern that a line matches.
pub(super) fn of(line: &[u8]) -> Option<Match> {
    if line.starts_with(b"$ ") || line.starts_with(b"# env:") {
        // The runner repeats the command here.
        return None;
    }
    let set = PATTERNS.as_ref()?;
    if !set.is_match(line) {
        return None;
    }
    let first = set.matches(line).iter().next()?;
    match KNOWN.get(first) {
        Some((_, cause)) => Some(Match { rank: Rank::Cause, cause: Some(*cause) }),
        None => GENERAL.get(first - KNOWN.len()).map(|(rank, _)| Match { rank: *rank, cause: None }),
    }
}

/// The cause with this id.
pub(super) fn known(id: &str) -> Option<KnownCause> {
    KNOWN.iter().map(|(_, cause)| *cause).find(|cause| cause.id == id)
}

/// Absent only if a pattern below is malformed, which a test excludes.
static PATTERNS: LazyLock<Option<RegexSet>> = LazyLock::new(|| {
    let known = KNOWN.iter().map(|(pattern, _)| *pattern);
    RegexSet::new(known.chain(GENERAL.iter().map(|(_, pattern)| *pattern))).ok()
});

const fn cause(id: &'static str, tool: &'static str, title: &'static str, hint: &'static str) -> KnownCause {
    KnownCause { id, tool, title, hint }
}

const KNOWN: &[(&str, KnownCause)] = &[
    (
        r"(?-u)\S\.dart:\d+:\d+: Error: ",
        cause(
            "dart_compile",
            "dart",
            "The Dart compiler refused the code",
            "Open the file at the line that is named; what follows belongs to the same error.",
        ),
    ),
    (
        r"(?-u)^\s*error (?:-|\xE2\x80\xA2) .*\.dart:\d+",
        cause(
            "dart_analyze",
            "dart",
            "The analyzer found an error",
            "Run `flutter analyze` in the same folder; the line names file, place and rule.",
        ),
    ),
    (
        r"(?-u)version solving failed",
        cause(
            "pub_version_solving",
            "dart",
            "The packages' versions don't fit together",
            "Relax one of the constraints in pubspec.yaml that are named, or use a Flutter version that satisfies them.",
        ),
    ),
    (
        r"(?-u)^\d+:\d\d \+\d+(?: ~\d+)? -\d+: .*\[E\]",
        cause(
            "flutter_test",
            "flutter",
            "A test failed",
            "The lines that follow say what was expected and what came instead.",
        ),
    ),
    (
        r"(?-u)No pubspec\.yaml file found",
        cause(
            "flutter_no_pubspec",
            "flutter",
            "There is no pubspec.yaml where the command ran",
            "Run the step in the app's folder, for instance with `cd app && …`.",
        ),
    ),
    (
        r"(?-u)^e: (?:file://)?\S+\.kts?:",
        cause(
            "kotlin_compile",
            "gradle",
            "The Kotlin compiler refused the code",
            "Open the file at the line that is named.",
        ),
    ),
    (
        r"(?-u)\S\.java:\d+: error: ",
        cause(
            "java_compile",
            "gradle",
            "The Java compiler refused the code",
            "Open the file at the line that is named.",
        ),
    ),
    (
        r"(?-u)licen[cs]es? have not been accepted|not accepted the license agreements",
        cause(
            "android_licences",
            "gradle",
            "Licences of the Android SDK are not accepted",
            "Run `flutter doctor --android-licenses` on the runner's machine, as the user the runner works as.",
        ),
    ),
    (
        r"(?-u)SDK location not found|No Android SDK found",
        cause(
            "android_sdk_missing",
            "gradle",
            "The Android SDK was not found",
            "Install it on the runner's machine, or set ANDROID_HOME for the runner.",
        ),
    ),
    (
        r"(?-u)java\.lang\.OutOfMemoryError|Gradle build daemon disappeared unexpectedly",
        cause(
            "gradle_memory",
            "gradle",
            "Gradle ran out of memory",
            "Raise org.gradle.jvmargs in gradle.properties, or run fewer builds at once on this machine.",
        ),
    ),
    (
        r"(?-u)Unsupported class file major version|requires Java \d+ to run",
        cause(
            "gradle_java_version",
            "gradle",
            "Gradle needs another Java version",
            "Point JAVA_HOME at the version that is named.",
        ),
    ),
    (
        r"(?-u)Keystore file .* not found|[Kk]eystore password was incorrect|[Kk]eystore was tampered with",
        cause(
            "android_keystore",
            "gradle",
            "The app could not be signed: its keystore",
            "Check path, alias and passwords of the keystore.",
        ),
    ),
    (
        r"(?-u)Could not resolve all (?:files|artifacts|dependencies|task dependencies)|^\s*> Could not (?:find|resolve) \S+:\S+",
        cause(
            "gradle_dependency",
            "gradle",
            "A dependency of the Android build could not be fetched",
            "Check its name and version, the repositories of the build, and the network of the runner's machine.",
        ),
    ),
    (
        r"(?-u)\S\.(?:swift|mm?|cc?|cpp|h):\d+:\d+: (?:fatal )?error: ",
        cause(
            "xcode_compile",
            "xcode",
            "The compiler refused the code",
            "Open the file at the line that is named.",
        ),
    ),
    (
        r"(?-u)requires a provisioning profile|No signing certificate|No profiles for .* were found|errSecInternalComponent|doesn't include signing certificate|User interaction is not allowed",
        cause(
            "xcode_signing",
            "xcode",
            "The app could not be signed",
            "Check certificate and provisioning profile, and that the keychain is unlocked for the runner.",
        ),
    ),
    (
        r"(?-u)^Undefined symbols? for architecture|^ld: (?:framework|library|symbol)",
        cause(
            "xcode_link",
            "xcode",
            "The linker found something missing",
            "Run `pod install` again, and check that the named library is part of the target.",
        ),
    ),
    (
        r"(?-u)sandbox is not in sync with the Podfile\.lock",
        cause(
            "pods_out_of_sync",
            "cocoapods",
            "The pods don't fit Podfile.lock",
            "Run `pod install` before the build, and commit Podfile.lock.",
        ),
    ),
    (
        r"(?-u)CocoaPods could not find compatible versions|specs repository is too out-of-date",
        cause(
            "pods_versions",
            "cocoapods",
            "No version of a pod fits",
            "Run `pod repo update`, then `pod update` for the pod that is named.",
        ),
    ),
    (
        r"(?-u)^\[!\] ",
        cause("pods", "cocoapods", "CocoaPods stopped", "The line and those after it say why."),
    ),
    (
        r"(?-u)No space left on device",
        cause(
            "disk_full",
            "system",
            "The disk of the runner's machine is full",
            "Free some space there: old simulators, Xcode's derived data, caches.",
        ),
    ),
    (
        r"(?-u)command not found(?:$|: )|: (?:line )?\d+: \S+: not found$",
        cause(
            "command_not_found",
            "system",
            "A command is not installed, or not on the PATH",
            "Install it on the runner's machine, or write its whole path.",
        ),
    ),
    (
        r"(?-u)Could not resolve host|Temporary failure in name resolution|Network is unreachable",
        cause(
            "network",
            "system",
            "The runner's machine could not reach a server",
            "Check its network and name resolution, then run the build again.",
        ),
    ),
    (r"(?-u)^fatal: ", cause("git", "git", "git stopped", "The line says why.")),
];

const GENERAL: &[(Rank, &str)] = &[
    (
        Rank::Summary,
        r"(?-u)^FAILURE: Build |^\* What went wrong:|^\*\* [A-Z ]+ FAILED \*\*|^Target \S+ failed: ",
    ),
    (Rank::Summary, r"(?-u)^(?:\S+: )?(?:fatal )?[Ee]rror: |: [Ee]rror: |\bfatal error\b"),
    (
        Rank::Error,
        r"(?-u)\b[A-Za-z]*Exception\b|\bpanicked\b|^Error|\bERROR\b|\[E\]|\xE2\x9C\x97|\xE2\x9C\x96|Some tests failed|Expected: |BUILD FAILED",
    ),
    (Rank::Word, r"(?i-u)\b(?:error|failed|failure|cannot|not found|denied|no such file)\b"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_patterns_are_well_formed_and_their_ids_differ() {
        assert!(PATTERNS.is_some());
        for (_, cause) in KNOWN {
            assert_eq!(known(cause.id), Some(*cause));
        }
    }

    #[test]
    fn what_tools_print_is_recognised() {
        for (line, id) in [
            ("lib/main.dart:12:5: Error: Expected ';' after this.", "dart_compile"),
            ("  error • Undefined name 'x' • lib/a.dart:3:1 • undefined_identifier", "dart_analyze"),
            (
                "Because app depends on x ^2.0.0 which doesn't exist, version solving failed.",
                "pub_version_solving",
            ),
            ("00:03 +5 -1: counter increments [E]", "flutter_test"),
            ("e: file:///app/Main.kt:12:5 Unresolved reference: foo", "kotlin_compile"),
            ("/app/src/Main.java:7: error: ';' expected", "java_compile"),
            ("> Could not find com.example:lib:1.0.", "gradle_dependency"),
            ("/app/ios/AppDelegate.swift:10:9: error: cannot find 'x' in scope", "xcode_compile"),
            ("[!] CocoaPods could not find compatible versions for pod \"Firebase\":", "pods_versions"),
            ("error: The sandbox is not in sync with the Podfile.lock.", "pods_out_of_sync"),
            ("[!] Invalid `Podfile` file", "pods"),
            ("sh: 1: flutterr: not found", "command_not_found"),
            ("bash: line 1: flutterr: command not found", "command_not_found"),
            ("zsh: command not found: flutterr", "command_not_found"),
            ("cp: write error: No space left on device", "disk_full"),
            ("fatal: not a git repository", "git"),
        ] {
            assert_eq!(
                of(line.as_bytes()).and_then(|found| found.cause).map(|cause| cause.id),
                Some(id),
                "{line}"
            );
        }
    }

    #[test]
    fn other_lines_have_a_rank_or_none() {
        for (line, rank) in [
            ("FAILURE: Build failed with an exception.", Some(Rank::Summary)),
            ("error: something", Some(Rank::Summary)),
            ("java.lang.IllegalStateException: x", Some(Rank::Error)),
            ("0 errors, 1 test failed", Some(Rank::Word)),
            ("all is well", None),
            ("$ echo error: not one", None),
        ] {
            assert_eq!(of(line.as_bytes()).map(|found| found.rank), rank, "{line}");
        }
    }
}
