//! Typed identifiers over UUIDv7, so that a build's id can't be passed where a project's is meant.
//! Ids are opaque to callers; people see build numbers and names. Making one reads the clock of the machine, but what is
//! newest is told by the order of ids, which never falls.

use std::fmt;
use std::str::FromStr;
use std::sync::Mutex;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use uuid::{ClockSequence, ContextV7, Timestamp, Uuid};

/// The time and the number of the last id: the next one is greater, also while the clock is set back.
static LAST: Mutex<ContextV7> = Mutex::new(ContextV7::new());

/// From now on new ids sort after this one, which was made by an earlier run, perhaps by a clock that was ahead. What is
/// no id of ours changes nothing.
pub fn go_on_after(id: &str) {
    let made = Uuid::parse_str(id).ok().filter(|uuid| uuid.to_string() == id);
    let Some(made) = made.and_then(|id| id.get_timestamp()) else { return };
    // Within its millisecond the earlier run may have counted further than this one would begin.
    let (seconds, nanos) = made.to_unix();
    let next = Duration::new(seconds, nanos).saturating_add(Duration::from_millis(1));
    LAST.generate_timestamp_sequence(next.as_secs(), next.subsec_nanos());
}

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

            /// A new id; later ones of this process, and of those that `go_on_after` told of, sort after earlier ones.
            #[allow(clippy::new_without_default)]
            pub fn new() -> Self {
                Self(Uuid::new_v7(Timestamp::now(&LAST)))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_rise_within_a_run_and_after_one_whose_clock_was_ahead() {
        let ids: Vec<BuildId> = (0..1000).map(|_| BuildId::new()).collect();
        assert!(ids.windows(2).all(|pair| pair[0] < pair[1]));
        let ahead = "03bb2cc3-d800-7fff-bfff-ffffffffffff";
        go_on_after(ahead);
        go_on_after("00000000-0000-7000-8000-000000000000");
        go_on_after("no id");
        assert!(BuildId::new().to_string().as_str() > ahead);
        assert!(BuildId::new() < BuildId::new());
    }
}
