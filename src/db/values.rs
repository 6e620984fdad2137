//! How the product's ids, words and documents are stored in SQLite: as readable text. It teaches
//! SeaORM these types so that rows carry them instead of strings; it must not contain queries.

use sea_orm::sea_query::{ArrayType, ColumnType, Nullable, StringLen, ValueType, ValueTypeErr};
use sea_orm::{ColIdx, DbErr, QueryResult, TryGetError, TryGetable, Value};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::domain::artifact::{ArtifactState, ArtifactStorageProvider, ArtifactType};
use crate::domain::build::BuildStatus;
use crate::domain::credential::CapabilityPurpose;
use crate::domain::delivery::{Arrival, DeliveryStatus, ForkBuilds, Outcome};
use crate::domain::failure::FailureReason;
use crate::domain::id::{
    ApiTokenId, ArtifactId, ArtifactStoreId, ArtifactTokenId, BuildEventId, BuildId, DeliveryId, IncidentId,
    InstallationId, InstanceId, IntegrationId, IntegrationSecretId, LeftoverId, MatrixGroupId,
    NotificationChannelId, NotificationDeliveryId, PipelineId, ProjectId, ReportId, RepositoryId, RunnerId,
    ScheduleId, UserId, VariableId,
};
use crate::domain::incident::{GitLabCredentialStatus, IncidentReason, OperatorIncidentSeverity};
use crate::domain::notification::{NotificationChannelType, NotificationDeliveryStatus};
use crate::domain::report::{ReportChannel, ReportKind};
use crate::domain::retention::{RetentionCleanupTarget, RetentionRule};
use crate::domain::role::{ProjectRole, UserRole, UserStatus};
use crate::domain::setup::{KeyStorageMode, RemoteAuthMode, RuntimeMode, SetupState};
use crate::domain::source::{
    IntegrationAuthMode, IntegrationSecretKind, IntegrationStatus, Polling, ScmProvider,
};
use crate::domain::trigger::TriggerType;
use crate::domain::variable::VariableKind;

macro_rules! stored_as_text {
    ($($name:ident),+ $(,)?) => {$(
        impl From<$name> for Value {
            fn from(value: $name) -> Self {
                Value::from(value.to_string())
            }
        }

        impl TryGetable for $name {
            fn try_get_by<I: ColIdx>(row: &QueryResult, index: I) -> Result<Self, TryGetError> {
                let text = String::try_get_by(row, index)?;
                text.parse().map_err(|error| unreadable::<$name>(&error))
            }
        }

        impl ValueType for $name {
            fn try_from(value: Value) -> Result<Self, ValueTypeErr> {
                <String as ValueType>::try_from(value)?.parse().map_err(|_| ValueTypeErr)
            }

            fn type_name() -> String {
                stringify!($name).to_owned()
            }

            fn array_type() -> ArrayType {
                ArrayType::String
            }

            fn column_type() -> ColumnType {
                ColumnType::String(StringLen::None)
            }
        }

        impl Nullable for $name {
            fn null() -> Value {
                Value::String(None)
            }
        }

        impl sea_orm::TryFromU64 for $name {
            fn try_from_u64(_: u64) -> Result<Self, DbErr> {
                Err(DbErr::ConvertFromU64(stringify!($name)))
            }
        }

        impl sea_orm::IntoActiveValue<$name> for $name {
            fn into_active_value(self) -> sea_orm::ActiveValue<$name> {
                sea_orm::ActiveValue::Set(self)
            }
        }
    )+};
}

stored_as_text!(
    ApiTokenId,
    Arrival,
    ArtifactId,
    ArtifactState,
    ArtifactStorageProvider,
    ArtifactStoreId,
    ArtifactTokenId,
    ArtifactType,
    BuildEventId,
    BuildId,
    BuildStatus,
    CapabilityPurpose,
    DeliveryId,
    DeliveryStatus,
    ForkBuilds,
    FailureReason,
    GitLabCredentialStatus,
    IncidentId,
    IncidentReason,
    InstallationId,
    InstanceId,
    IntegrationAuthMode,
    IntegrationId,
    IntegrationSecretId,
    IntegrationSecretKind,
    IntegrationStatus,
    KeyStorageMode,
    LeftoverId,
    MatrixGroupId,
    NotificationChannelId,
    NotificationChannelType,
    NotificationDeliveryId,
    NotificationDeliveryStatus,
    OperatorIncidentSeverity,
    Outcome,
    PipelineId,
    Polling,
    ProjectId,
    ProjectRole,
    RemoteAuthMode,
    ReportChannel,
    ReportId,
    ReportKind,
    RepositoryId,
    RetentionCleanupTarget,
    RetentionRule,
    RunnerId,
    RuntimeMode,
    ScheduleId,
    ScmProvider,
    SetupState,
    TriggerType,
    UserId,
    UserRole,
    UserStatus,
    VariableId,
    VariableKind,
);

fn unreadable<T>(error: &dyn std::fmt::Display) -> TryGetError {
    TryGetError::DbErr(DbErr::Type(format!("stored {}: {error}", std::any::type_name::<T>())))
}

/// A document stored as JSON text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Doc<T>(pub T);

impl<T: Serialize> From<Doc<T>> for Value {
    fn from(doc: Doc<T>) -> Self {
        let text = serde_json::to_string(&doc.0).unwrap_or_else(|_| "null".to_owned());
        Value::from(text)
    }
}

impl<T: DeserializeOwned> TryGetable for Doc<T> {
    fn try_get_by<I: ColIdx>(row: &QueryResult, index: I) -> Result<Self, TryGetError> {
        let text = String::try_get_by(row, index)?;
        serde_json::from_str(&text).map(Doc).map_err(|error| unreadable::<T>(&error))
    }
}

impl<T: DeserializeOwned> ValueType for Doc<T> {
    fn try_from(value: Value) -> Result<Self, ValueTypeErr> {
        let text = <String as ValueType>::try_from(value)?;
        serde_json::from_str(&text).map(Doc).map_err(|_| ValueTypeErr)
    }

    fn type_name() -> String {
        "Doc".to_owned()
    }

    fn array_type() -> ArrayType {
        ArrayType::String
    }

    fn column_type() -> ColumnType {
        ColumnType::Text
    }
}

impl<T> Nullable for Doc<T> {
    fn null() -> Value {
        Value::String(None)
    }
}

impl<T: Serialize> sea_orm::IntoActiveValue<Doc<T>> for Doc<T> {
    fn into_active_value(self) -> sea_orm::ActiveValue<Doc<T>> {
        sea_orm::ActiveValue::Set(self)
    }
}
