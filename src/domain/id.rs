//! Typed identifiers over UUIDv7, so that a build's id can't be passed where a project's is meant.
//! Ids are opaque to callers; people see build numbers and names.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! ids {
    ($($(#[$meta:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// The id as it is in memory.
            pub fn into_bytes(self) -> [u8; 16] {
                self.0.into_bytes()
            }

            /// A new id; later ids sort after earlier ones.
            #[allow(clippy::new_without_default)]
            pub fn new() -> Self {
                Self(Uuid::now_v7())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::parse_str(text).map(Self)
            }
        }

        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                utoipa::openapi::schema::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::schema::Type::String)
                    .format(Some(utoipa::openapi::SchemaFormat::KnownFormat(utoipa::openapi::KnownFormat::Uuid)))
                    .into()
            }
        }

        impl utoipa::ToSchema for $name {
            fn name() -> std::borrow::Cow<'static, str> {
                std::borrow::Cow::Borrowed(stringify!($name))
            }
        }
    )+};
}

ids! {
    /// This installation of the daemon; stable for the life of its data folder.
    InstanceId,
    /// A person who may sign in.
    UserId,
    /// A connection to a code host or to local git.
    IntegrationId,
    /// A provider account under an integration.
    InstallationId,
    /// A repository known to an integration.
    RepositoryId,
    /// Something about a source that somebody has to see to.
    IncidentId,
    /// A secret of an integration or of one of its repositories.
    IntegrationSecretId,
    /// A place that artifacts are stored in.
    ArtifactStoreId,
    /// Bytes of artifacts that are to be removed.
    LeftoverId,
    /// A link to an artifact that people hand on.
    ArtifactTokenId,
    /// A token for programs.
    ApiTokenId,
    /// A project.
    ProjectId,
    /// A pipeline of a project.
    PipelineId,
    /// One build.
    BuildId,
    /// The builds that one trigger made of a matrix, with their reruns.
    MatrixGroupId,
    /// One recorded status move of a build.
    BuildEventId,
    /// A runner.
    RunnerId,
    /// An artifact.
    ArtifactId,
    /// One webhook that was received.
    DeliveryId,
    /// What a code host shows of a build or of a request.
    ReportId,
    /// A way to tell people of builds and runners.
    NotificationChannelId,
    /// One thing that is told through a channel.
    NotificationDeliveryId,
    /// Times at which a pipeline starts by itself.
    ScheduleId,
    /// A variable of a project or a pipeline.
    VariableId,
}
