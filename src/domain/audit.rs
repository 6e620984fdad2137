//! What the audit log speaks of: acts, what they were done to, and by whom. It stores nothing.

use super::id::UserId;
use crate::words;

words! {
    /// What was done or tried.
    AuditAction {
        BootstrapTokenCreated = "bootstrap_token_created",
        BootstrapTokenVerified = "bootstrap_token_verified",
        BootstrapTokenRefused = "bootstrap_token_refused",
        SetupPreferencesChosen = "setup_preferences_chosen",
        SetupOidcConfigured = "setup_oidc_configured",
        SetupTrustedProxyConfigured = "setup_trusted_proxy_configured",
        SetupOwnerNamed = "setup_owner_named",
        SetupOwnerRefused = "setup_owner_refused",
        SetupCompleted = "setup_completed",
        OwnerCreated = "owner_created",
        OwnerCreatedAutoLocal = "owner_created_auto_local",
        UserInvited = "user_invited",
        RoleChanged = "role_changed",
        UserDisabled = "user_disabled",
        UserEnabled = "user_enabled",
        UserIdentityForgotten = "user_identity_forgotten",
        UserEmailChanged = "user_email_changed",
        ApiTokenCreated = "api_token_created",
        ApiTokenRevoked = "api_token_revoked",
        LocalLoginSucceeded = "local_login_succeeded",
        LocalLoginRefused = "local_login_refused",
        LocalRecoveryCapabilityMinted = "local_recovery_capability_minted",
        LocalRecoveryLoginSucceeded = "local_recovery_login_succeeded",
        LocalRecoveryLoginFailed = "local_recovery_login_failed",
        FrontendPairingInviteCreated = "frontend_pairing_invite_created",
        FrontendPairingCompleted = "frontend_pairing_completed",
        FrontendPairingRefused = "frontend_pairing_refused",
        TrustedProxyLoginSucceeded = "trusted_proxy_login_succeeded",
        TrustedProxyLoginBlockedUntrustedPeer = "trusted_proxy_login_blocked_untrusted_peer",
        TrustedProxyLoginRefused = "trusted_proxy_login_refused",
        OidcLoginSucceeded = "oidc_login_succeeded",
        OidcLoginRefused = "oidc_login_refused",
        UserActivated = "user_activated",
        LoggedOut = "logged_out",
        SessionRevoked = "session_revoked",
        OtherSessionsRevoked = "other_sessions_revoked",
        InstancePreferencesUpdated = "instance_preferences_updated",
        RuntimeModeChanged = "runtime_mode_changed",
        RemoteAuthModeChanged = "remote_auth_mode_changed",
        ExternalAccessNetworkSettingsUpdated = "external_access_network_settings_updated",
        ExternalAccessTrustedProxySettingsUpdated = "external_access_trusted_proxy_settings_updated",
        ExternalAccessOidcConfigured = "external_access_oidc_configured",
        ExternalAccessEnableBlocked = "external_access_enable_blocked",
        ExternalAccessEnabled = "external_access_enabled",
        DirectMacosRunnerPauseUpdated = "direct_macos_runner_pause_updated",
        IntegrationCreated = "integration_created",
        IntegrationDeleted = "integration_deleted",
        IntegrationAuthorized = "integration_authorized",
        IntegrationCredentialReplaced = "integration_credential_replaced",
        GitlabRepositoryWebhookSecretRotated = "gitlab_repository_webhook_secret_rotated",
        IntegrationSynced = "integration_synced",
        ProjectCreated = "project_created",
        ProjectUpdated = "project_updated",
        ProjectSourceLinkUpdated = "project_source_link_updated",
        ProjectDeleted = "project_deleted",
        ProjectMemberAdded = "project_member_added",
        ProjectMemberRoleUpdated = "project_member_role_updated",
        ProjectMemberRemoved = "project_member_removed",
        PipelineCreated = "pipeline_created",
        PipelineUpdated = "pipeline_updated",
        PipelineDeleted = "pipeline_deleted",
        BuildCreated = "build_created",
        BuildCanceled = "build_canceled",
        BuildRerun = "build_rerun",
        BuildPinned = "build_pinned",
        BuildUnpinned = "build_unpinned",
        UpdateRetentionPolicy = "update_retention_policy",
        UpdateProjectRetention = "update_project_retention",
        DeleteProjectRetention = "delete_project_retention",
        RetentionCleanupCompleted = "retention_cleanup_completed",
        ArtifactExpiryCleanupCompleted = "artifact_expiry_cleanup_completed",
        WebhookReplayed = "webhook_replayed",
        ForkBuildApproved = "fork_build_approved",
        RunnerRegistered = "runner_registered",
        RunnerEnrolmentCreated = "runner_enrolment_created",
        RunnerRenamed = "runner_renamed",
        RunnerTokenRotated = "runner_token_rotated",
        RunnerDeleted = "runner_deleted",
        RunnerDrained = "runner_drained",
        RunnerResumed = "runner_resumed",
        RunnerLabelsUpdated = "runner_labels_updated",
        KeyRotated = "key_rotated",
        SupportBundleDownloaded = "support_bundle_downloaded",
        InstanceRestored = "instance_restored",
        RuntimeUpdateStarted = "runtime_update_started",
        PermissionDenied = "permission_denied",
        RequestRefused = "request_refused",
        TokenRefused = "token_refused",
        RefusalsCounted = "refusals_counted",
        ArtifactDeleted = "artifact_deleted",
        ArtifactDownloadLinkGenerated = "artifact_download_link_generated",
        ScopedDownloadTokenCreated = "scoped_download_token_created",
        ScopedDownloadTokenRevoked = "scoped_download_token_revoked",
        ArtifactStorageUpdated = "artifact_storage_updated",
        ArtifactStorageTested = "artifact_storage_tested",
        VariableSet = "variable_set",
        VariableDeleted = "variable_deleted",
        NotificationChannelCreated = "notification_channel_created",
        NotificationChannelUpdated = "notification_channel_updated",
        NotificationChannelDeleted = "notification_channel_deleted",
        NotificationTargetsUpdated = "notification_targets_updated",
    }
}

words! {
    /// What it was done to.
    AuditResource {
        Setup = "setup",
        ExternalAccess = "external_access",
        Session = "session",
        User = "user",
        ApiToken = "api_token",
        Instance = "instance",
        InstancePreferences = "instance_preferences",
        Integration = "integration",
        Repository = "repository",
        Project = "project",
        ProjectMember = "project_member",
        Pipeline = "pipeline",
        Build = "build",
        RetentionPolicy = "retention_policy",
        Runner = "runner",
        WebhookDelivery = "webhook_delivery",
        EncryptionKey = "encryption_key",
        Backup = "backup",
        Request = "request",
        Variable = "variable",
        NotificationChannel = "notification_channel",
        Artifact = "artifact",
        ArtifactToken = "artifact_token",
        ArtifactStorage = "artifact_storage",
        Runtime = "runtime",
    }
}

/// One act, before it is recorded. Details must not hold secrets.
#[derive(Debug, Clone)]
pub struct Entry {
    pub action: AuditAction,
    pub resource: AuditResource,
    pub resource_id: Option<String>,
    pub actor: Actor,
    /// The address it came from.
    pub peer: Option<String>,
    pub details: Option<serde_json::Value>,
    /// The prefix of the API token that acted for the person.
    pub api_token: Option<String>,
}

/// Who acted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    Person {
        id: UserId,
        email: String,
    },
    /// Somebody at the command line of the machine.
    Operator,
    /// Somebody who has not proved who they are.
    Unknown,
    /// Somebody who did something at a code host, by the name they have there.
    AtCodeHost(String),
    /// The clock.
    Schedule,
}

impl Actor {
    /// How the actor is named in histories; `None` if nobody is known.
    pub fn name(&self) -> Option<&str> {
        match self {
            Actor::Person { email, .. } => Some(email),
            Actor::AtCodeHost(login) => Some(login),
            Actor::Operator | Actor::Unknown | Actor::Schedule => None,
        }
    }
}

impl Entry {
    pub fn new(action: AuditAction, actor: Actor, resource: AuditResource) -> Self {
        Self { action, resource, resource_id: None, actor, peer: None, details: None, api_token: None }
    }

    /// Names the one thing it was done to.
    pub fn id(mut self, id: impl std::fmt::Display) -> Self {
        self.resource_id = Some(id.to_string());
        self
    }

    /// Says where it came from.
    pub fn from(mut self, peer: impl std::fmt::Display) -> Self {
        self.peer = Some(peer.to_string());
        self
    }

    /// Says that a program acted, and with which token.
    pub fn with_token(mut self, prefix: &str) -> Self {
        self.api_token = Some(prefix.to_owned());
        self
    }

    /// Adds what else is worth knowing.
    pub fn details(mut self, details: serde_json::Value) -> Self {
        self.details = Some(details);
        self
    }
}
