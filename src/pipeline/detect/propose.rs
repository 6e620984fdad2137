//! The pipelines that fit what was found: tests, and what each application is built to, for each of its flavors. Every one
//! is a set of settings that can be changed later.

use super::{Flavor, Root, RootPlatform, join};
use crate::domain::spec::{
    BuildPlatform, PipelineCommandStages, PipelineExecutionConfig, PlatformBuildCommands, TriggerConfig,
};
use crate::domain::trigger::TriggerEvent;
use crate::words;

/// Most pipelines that are proposed.
const MAX_PROPOSALS: usize = 64;

words! {
    /// What a proposed pipeline is for.
    ProposalKind {
        Tests = "tests",
        AndroidDebug = "android_debug",
        AndroidRelease = "android_release",
        Ios = "ios",
        Macos = "macos",
    }
}

/// A pipeline that could be made.
#[derive(Debug, Clone, PartialEq)]
pub struct Proposal {
    pub kind: ProposalKind,
    /// The path of the root it is of.
    pub root: String,
    pub flavor: Option<String>,
    pub name: String,
    /// Whether most people want it.
    pub is_usual: bool,
    /// A place of its own for a file, where the repository's file would otherwise be followed.
    pub config_path: Option<String>,
    pub execution: PipelineExecutionConfig,
    pub triggers: TriggerConfig,
}

/// What else decides about proposals.
#[derive(Debug, Clone, Copy)]
pub struct Setting<'a> {
    /// Whether the repository has a pipeline file at its top, which every pipeline without a place of its own follows.
    pub has_file: bool,
    /// The branch whose pushes are released; none of a folder, where somebody commits all the time.
    pub released: Option<&'a str>,
}

/// Proposals for all roots, in the order of the roots.
pub fn propose(roots: &[Root], setting: Setting<'_>) -> Vec<Proposal> {
    let has_several = roots.len() > 1;
    let mut found: Vec<Proposal> =
        roots.iter().flat_map(|root| of_root(root, setting, has_several)).collect();
    found.truncate(MAX_PROPOSALS);
    found
}

fn of_root(root: &Root, setting: Setting<'_>, is_named: bool) -> Vec<Proposal> {
    let make = |kind: ProposalKind, flavor: Option<&Flavor>| {
        let mut name = kind.title().to_owned();
        if let Some(flavor) = flavor {
            name = format!("{name} ({})", flavor.name);
        }
        if is_named {
            name = format!("{}: {name}", root.name);
        }
        let is_release =
            matches!(kind, ProposalKind::AndroidRelease | ProposalKind::Ios | ProposalKind::Macos);
        Proposal {
            kind,
            root: root.path.clone(),
            flavor: flavor.map(|flavor| flavor.name.clone()),
            is_usual: kind.is_usual() && !root.is_example && !setting.has_file && root.workflow.is_none(),
            config_path: setting.has_file.then(|| format!(".oore/{}.yaml", slug(&name))),
            execution: execution(root, kind, flavor),
            triggers: setting.released.filter(|_| is_release).map(pushes_to).unwrap_or_default(),
            name,
        }
    };
    let mut found = vec![make(ProposalKind::Tests, None)];
    let builds = [
        (RootPlatform::Android, &[ProposalKind::AndroidDebug, ProposalKind::AndroidRelease][..]),
        (RootPlatform::Ios, &[ProposalKind::Ios]),
        (RootPlatform::Macos, &[ProposalKind::Macos]),
    ];
    for (platform, kinds) in builds.into_iter().filter(|(platform, _)| root.platforms.contains(platform)) {
        let flavors: Vec<&Flavor> =
            root.flavors.iter().filter(|flavor| flavor.platforms.contains(&platform)).collect();
        for kind in kinds {
            if flavors.is_empty() {
                found.push(make(*kind, None));
            }
            found.extend(flavors.iter().map(|flavor| make(*kind, Some(flavor))));
        }
    }
    found
}

impl ProposalKind {
    fn title(self) -> &'static str {
        match self {
            ProposalKind::Tests => "Tests & analysis",
            ProposalKind::AndroidDebug => "Debug APK",
            ProposalKind::AndroidRelease => "Release Android",
            ProposalKind::Ios => "iOS",
            ProposalKind::Macos => "macOS",
        }
    }

    fn is_usual(self) -> bool {
        match self {
            ProposalKind::Tests | ProposalKind::AndroidDebug => true,
            ProposalKind::AndroidRelease | ProposalKind::Ios | ProposalKind::Macos => false,
        }
    }
}

fn execution(root: &Root, kind: ProposalKind, flavor: Option<&Flavor>) -> PipelineExecutionConfig {
    let inside = |command: &str| match root.path.as_str() {
        "" => command.to_owned(),
        path => format!("cd {} && {command}", quoted(path)),
    };
    let with_flavor = |command: &str| match flavor {
        Some(flavor) => format!("{command} --flavor {}", flavor.name),
        None => command.to_owned(),
    };
    let (platform, command, pattern) = match kind {
        ProposalKind::Tests => {
            let command = "flutter test --file-reporter \"json:$OORE_REPORTS/tests.json\"";
            (BuildPlatform::Android, command.to_owned(), None)
        }
        ProposalKind::AndroidDebug => {
            (BuildPlatform::Android, with_flavor("flutter build apk --debug"), Some(APK))
        }
        ProposalKind::AndroidRelease => {
            (BuildPlatform::Android, with_flavor("flutter build apk --release"), Some(APK))
        }
        ProposalKind::Ios => {
            let command = with_flavor("flutter build ios --release --no-codesign");
            (BuildPlatform::Ios, command, Some("build/ios/iphoneos/*.app"))
        }
        ProposalKind::Macos => {
            let command = with_flavor("flutter build macos --release");
            (BuildPlatform::Macos, command, Some("build/macos/Build/Products/*/*.app"))
        }
    };
    // Nothing is a build command: committed as a file it would take the place of the platform's. Without tests there is only the
    // analysis.
    let mut pre_build = vec![inside("flutter pub get")];
    let command = match (kind, root.has_tests) {
        (ProposalKind::Tests, true) => {
            pre_build.push(inside("flutter analyze"));
            command
        }
        (ProposalKind::Tests, false) => "flutter analyze".to_owned(),
        _ => command,
    };
    let command = Some(inside(&command));
    let mut platform_commands = PlatformBuildCommands::default();
    match platform {
        BuildPlatform::Android => platform_commands.android = command,
        BuildPlatform::Ios => platform_commands.ios = command,
        BuildPlatform::Macos => platform_commands.macos = command,
    }
    PipelineExecutionConfig {
        platforms: vec![platform],
        flutter_version: root.flutter_version.clone().filter(|_| root.is_version_of_folder),
        commands: PipelineCommandStages { pre_build, ..PipelineCommandStages::default() },
        platform_commands,
        artifact_patterns: pattern.map(|pattern| vec![pattern_in(&root.path, pattern)]).unwrap_or_default(),
        ..PipelineExecutionConfig::default()
    }
}

const APK: &str = "build/app/outputs/flutter-apk/*.apk";

fn pushes_to(branch: &str) -> TriggerConfig {
    TriggerConfig {
        events: vec![TriggerEvent::Push.to_string()],
        branches: vec![branch.to_owned()],
        ..TriggerConfig::default()
    }
}

/// A path as one word of a shell.
fn quoted(path: &str) -> String {
    let path = if path.starts_with('-') { format!("./{path}") } else { path.to_owned() };
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '_' | '-' | '.' | '+' | '@');
    if path.chars().all(is_plain) { path } else { format!("'{}'", path.replace('\'', "'\\''")) }
}

/// A pattern below a folder, of whose name every sign is meant as it is.
fn pattern_in(folder: &str, pattern: &str) -> String {
    let has_meaning = |c: char| matches!(c, '*' | '?' | '[' | ']' | '{' | '}' | '!' | '\\' | ',');
    let folder: String = folder.chars().map(|c| if has_meaning(c) { '?' } else { c }).collect();
    join(&folder, pattern)
}

/// A name of a file that says the same.
fn slug(name: &str) -> String {
    let words: Vec<String> = name
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_ascii_lowercase)
        .collect();
    words.join("-")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::plan::{Origin, plan};
    use crate::pipeline::validate;

    fn root(path: &str) -> Root {
        Root {
            path: path.to_owned(),
            name: "shop".to_owned(),
            platforms: vec![RootPlatform::Android, RootPlatform::Ios, RootPlatform::Macos, RootPlatform::Web],
            flavors: Vec::new(),
            flutter_version: None,
            is_version_of_folder: false,
            workflow: None,
            has_tests: true,
            has_integration_tests: false,
            is_example: false,
        }
    }

    fn setting() -> Setting<'static> {
        Setting { has_file: false, released: Some("main") }
    }

    fn commands(proposal: &Proposal) -> Vec<String> {
        planned(proposal, Origin::Ui)
    }

    fn planned(proposal: &Proposal, origin: Origin) -> Vec<String> {
        let plan = plan(&proposal.execution, origin, &[]).unwrap();
        plan.steps.into_iter().map(|step| step.command).collect()
    }

    #[test]
    fn an_application_is_tested_and_built_for_its_platforms() {
        let found = propose(&[root("")], setting());
        let names: Vec<&str> = found.iter().map(|proposal| proposal.name.as_str()).collect();
        assert_eq!(names, ["Tests & analysis", "Debug APK", "Release Android", "iOS", "macOS"]);
        let usual: Vec<bool> = found.iter().map(|proposal| proposal.is_usual).collect();
        assert_eq!(usual, [true, true, false, false, false]);
        let test = "flutter test --file-reporter \"json:$OORE_REPORTS/tests.json\"";
        assert_eq!(commands(&found[0]), ["flutter pub get", "flutter analyze", test]);
        assert_eq!(commands(&found[1]), ["flutter pub get", "flutter build apk --debug"]);
        assert_eq!(
            (found[0].triggers.clone(), &found[2].triggers.branches[0][..]),
            (TriggerConfig::default(), "main")
        );
    }

    #[test]
    fn a_proposal_does_the_same_when_it_is_committed_as_a_file() {
        for proposal in propose(&[root("apps/shop")], setting()) {
            assert_eq!(planned(&proposal, Origin::File), commands(&proposal), "{}", proposal.name);
        }
    }

    #[test]
    fn commands_run_in_the_folder_of_the_root_whatever_it_is_called() {
        let folder = tempfile::tempdir().unwrap();
        for path in ["apps/shop", "-x", "it's", "$(id)/`a`", "a b/\"c\"", "ä;&|", "[a]{b,c}*"] {
            std::fs::create_dir_all(folder.path().join(path)).unwrap();
            for proposal in propose(&[root(path)], setting()) {
                assert_eq!(validate::execution_config(&proposal.execution), [], "{path}");
                let command = commands(&proposal)[0].replace("flutter pub get", "pwd");
                let shell =
                    std::process::Command::new("sh").args(["-c", &command]).current_dir(&folder).output();
                let shown = String::from_utf8(shell.unwrap().stdout).unwrap();
                assert!(shown.trim_end().ends_with(path), "{command}: {shown}");
                for pattern in &proposal.execution.artifact_patterns {
                    let made = format!("{path}/{}", APK.replace('*', "x"));
                    let glob = globset::Glob::new(pattern).unwrap().compile_matcher();
                    assert!(!pattern.contains("flutter-apk") || glob.is_match(&made), "{pattern} {made}");
                }
            }
        }
    }

    #[test]
    fn every_flavor_is_built_where_there_is_one() {
        let flavor = |name: &str, platforms: &[RootPlatform]| Flavor {
            name: name.to_owned(),
            platforms: platforms.to_vec(),
        };
        let mut shop = root("apps/shop");
        shop.platforms = vec![RootPlatform::Android, RootPlatform::Ios];
        shop.flavors = vec![
            flavor("dev", &[RootPlatform::Android]),
            flavor("prod", &[RootPlatform::Android, RootPlatform::Ios]),
        ];
        let mut package = root("packages/ui");
        (package.platforms, package.has_tests) = (Vec::new(), false);
        "ui".clone_into(&mut package.name);
        let found = propose(&[shop, package], Setting { has_file: true, released: None });
        let names: Vec<&str> = found.iter().map(|proposal| proposal.name.as_str()).collect();
        assert_eq!(
            names,
            [
                "shop: Tests & analysis",
                "shop: Debug APK (dev)",
                "shop: Debug APK (prod)",
                "shop: Release Android (dev)",
                "shop: Release Android (prod)",
                "shop: iOS (prod)",
                "ui: Tests & analysis"
            ]
        );
        assert_eq!(commands(&found[4])[1], "cd apps/shop && flutter build apk --release --flavor prod");
        assert_eq!(
            commands(&found[6]),
            ["cd packages/ui && flutter pub get", "cd packages/ui && flutter analyze"]
        );
        // The repository's own file would be followed instead.
        assert_eq!(found[5].config_path.as_deref(), Some(".oore/shop-ios-prod.yaml"));
        assert!(found.iter().all(|proposal| !proposal.is_usual && proposal.triggers.events.is_empty()));
        for proposal in &found {
            assert_eq!(validate::config_path(proposal.config_path.as_deref().unwrap()), []);
        }
    }
}
