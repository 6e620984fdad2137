//! What a pipeline executes: the settings a person enters, and the same shape read from a
//! repository's `.oore.yaml`. Rules about their values are in `pipeline`.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::trigger::Schedule;
use crate::words;

words! {
    /// A platform that Flutter builds for.
    BuildPlatform {
        Android = "android",
        Ios = "ios",
        Macos = "macos",
    }
}

/// Commands around and instead of the platform defaults.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct PipelineCommandStages {
    pub pre_build: Vec<String>,
    pub build: Vec<String>,
    pub post_build: Vec<String>,
}

/// Arguments appended to a platform's default command.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct PlatformBuildArgs {
    pub android: Vec<String>,
    pub ios: Vec<String>,
    pub macos: Vec<String>,
}

/// Commands that replace a platform's default command.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct PlatformBuildCommands {
    pub android: Option<String>,
    pub ios: Option<String>,
    pub macos: Option<String>,
}

/// One environment variable of a pipeline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PipelineEnvVar {
    pub key: String,
    pub value: String,
}

/// Everything a runner needs to know about what to execute.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct PipelineExecutionConfig {
    pub platforms: Vec<BuildPlatform>,
    pub flutter_version: Option<String>,
    pub commands: PipelineCommandStages,
    pub platform_build_args: PlatformBuildArgs,
    pub platform_commands: PlatformBuildCommands,
    pub env: Vec<PipelineEnvVar>,
    pub artifact_patterns: Vec<String>,
}

impl Default for PipelineExecutionConfig {
    fn default() -> Self {
        Self {
            platforms: vec![BuildPlatform::Android],
            flutter_version: None,
            commands: PipelineCommandStages::default(),
            platform_build_args: PlatformBuildArgs::default(),
            platform_commands: PlatformBuildCommands::default(),
            env: Vec::new(),
            artifact_patterns: vec!["build/app/outputs/flutter-apk/*.apk".to_owned()],
        }
    }
}

impl PlatformBuildArgs {
    pub fn of(&self, platform: BuildPlatform) -> &[String] {
        match platform {
            BuildPlatform::Android => &self.android,
            BuildPlatform::Ios => &self.ios,
            BuildPlatform::Macos => &self.macos,
        }
    }
}

impl PlatformBuildCommands {
    pub fn of(&self, platform: BuildPlatform) -> Option<&str> {
        match platform {
            BuildPlatform::Android => self.android.as_deref(),
            BuildPlatform::Ios => self.ios.as_deref(),
            BuildPlatform::Macos => self.macos.as_deref(),
        }
    }
}

/// What starts a pipeline by itself. What is empty restricts nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct TriggerConfig {
    /// `push`, `pull_request`, `tag_push`.
    pub events: Vec<String>,
    /// Patterns of branches: where pushes go, and where pull requests come from.
    pub branches: Vec<String>,
    /// Patterns of tags.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub tags: Vec<String>,
    /// Globs, of which a changed file must match one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub paths: Vec<String>,
    /// Globs of files whose change counts for nothing.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub paths_ignore: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub schedule: Vec<Schedule>,
}

/// How many builds of a pipeline may run, and what a new one does to older ones.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct ConcurrencyPolicy {
    pub cancel_previous: bool,
    pub max_concurrent: Option<i64>,
}

impl ConcurrencyPolicy {
    /// How many builds may run at the same time; a policy that gives no number allows any.
    pub fn limit(&self) -> i64 {
        self.max_concurrent.unwrap_or(i64::MAX)
    }
}
