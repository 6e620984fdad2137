//! The one matrix of who may do what: instance roles × resources × actions, project roles ×
//! project permissions. Handlers name a permission; they never look at a role.

use super::role::{ProjectRole, UserRole};
use crate::words;

words! {
    /// A kind of thing that instance permissions are about.
    Resource {
        InstanceSettings = "instance_settings",
        Users = "users",
        Projects = "projects",
        Pipelines = "pipelines",
        Builds = "builds",
        Artifacts = "artifacts",
        Runners = "runners",
        Integrations = "integrations",
        AuditLogs = "audit_logs",
        ApiTokens = "api_tokens",
    }
}

words! {
    /// What is done to it.
    Action {
        Read = "read",
        Write = "write",
        Delete = "delete",
        Cancel = "cancel",
        Invite = "invite",
        Enable = "enable",
    }
}

words! {
    /// What may be done inside one project.
    ProjectPermission {
        Read = "read",
        Write = "write",
        Delete = "delete",
        ManageMembers = "manage_members",
        ManagePipelines = "manage_pipelines",
        TriggerBuild = "trigger_build",
        CancelBuild = "cancel_build",
        ReadArtifacts = "read_artifacts",
        WriteArtifacts = "write_artifacts",
        DeleteArtifacts = "delete_artifacts",
    }
}

/// Whether an instance role holds an instance permission.
pub fn instance_allows(role: UserRole, resource: Resource, action: Action) -> bool {
    use Action::{Cancel, Delete, Enable, Invite, Read, Write};
    let actions: &[Action] = match (role, resource) {
        (UserRole::Owner | UserRole::Admin, resource) => match resource {
            Resource::InstanceSettings => &[Read, Write],
            Resource::Users => &[Read, Write, Invite, Delete, Enable],
            Resource::Builds => &[Read, Write, Cancel],
            Resource::AuditLogs => &[Read],
            Resource::Projects
            | Resource::Pipelines
            | Resource::Artifacts
            | Resource::Runners
            | Resource::Integrations
            | Resource::ApiTokens => &[Read, Write, Delete],
        },
        (UserRole::Developer, resource) => match resource {
            Resource::Projects | Resource::Runners | Resource::Integrations => &[Read],
            Resource::Pipelines | Resource::Artifacts => &[Read, Write],
            Resource::Builds => &[Read, Write, Cancel],
            Resource::ApiTokens => &[Read, Write, Delete],
            Resource::InstanceSettings | Resource::Users | Resource::AuditLogs => &[],
        },
        (UserRole::QaViewer, resource) => match resource {
            Resource::Projects
            | Resource::Pipelines
            | Resource::Builds
            | Resource::Artifacts
            | Resource::Integrations => &[Read],
            Resource::InstanceSettings
            | Resource::Users
            | Resource::Runners
            | Resource::AuditLogs
            | Resource::ApiTokens => &[],
        },
    };
    actions.contains(&action)
}

/// Whether a project role holds a project permission.
pub fn project_allows(role: ProjectRole, permission: ProjectPermission) -> bool {
    use ProjectPermission as P;
    match role {
        ProjectRole::Maintainer => true,
        ProjectRole::Developer => match permission {
            P::Read
            | P::ManagePipelines
            | P::TriggerBuild
            | P::CancelBuild
            | P::ReadArtifacts
            | P::WriteArtifacts => true,
            P::Write | P::Delete | P::ManageMembers | P::DeleteArtifacts => false,
        },
        ProjectRole::Viewer => match permission {
            P::Read | P::ReadArtifacts => true,
            P::Write
            | P::Delete
            | P::ManageMembers
            | P::ManagePipelines
            | P::TriggerBuild
            | P::CancelBuild
            | P::WriteArtifacts
            | P::DeleteArtifacts => false,
        },
    }
}

/// The instance permissions of a role as the words sent to clients, for instance `builds.cancel`.
pub fn instance_capabilities(role: UserRole) -> Vec<String> {
    let every =
        Resource::ALL.iter().flat_map(|resource| Action::ALL.iter().map(move |action| (*resource, *action)));
    every
        .filter(|(resource, action)| instance_allows(role, *resource, *action))
        .map(|(resource, action)| format!("{resource}.{action}"))
        .collect()
}

/// The project permissions of a project role, as sent to clients.
pub fn project_capabilities(role: ProjectRole) -> Vec<ProjectPermission> {
    let every = ProjectPermission::ALL.iter().copied();
    every.filter(|permission| project_allows(role, *permission)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn owner_and_admin_hold_the_same_rows() {
        assert_eq!(instance_capabilities(UserRole::Owner), instance_capabilities(UserRole::Admin));
    }

    #[test]
    fn a_smaller_role_never_holds_more() {
        let order = [UserRole::Admin, UserRole::Developer, UserRole::QaViewer];
        for pair in order.windows(2) {
            let larger = instance_capabilities(pair[0]);
            for capability in instance_capabilities(pair[1]) {
                assert!(larger.contains(&capability), "{capability}");
            }
        }
    }

    #[test]
    fn a_viewer_reads_and_downloads_only() {
        use ProjectPermission::{Read, ReadArtifacts};
        assert_eq!(project_capabilities(ProjectRole::Viewer), [Read, ReadArtifacts]);
    }
}
