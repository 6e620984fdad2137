//! The one matrix of who may do what: instance roles × resources × actions, project roles ×
//! project permissions. Handlers name a permission; they never look at a role.

use super::role::{ProjectRole, UserRole};
use crate::words;

words! {
    /// A kind of thing that instance permissions are about.
    Resource {
        InstanceSettings = "instance_settings",
        ExternalAccess = "external_access",
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
        // How people reach and sign in to the instance decides who can become what.
        (UserRole::Owner, Resource::ExternalAccess) => &[Write],
        (UserRole::Owner | UserRole::Admin, resource) => match resource {
            Resource::ExternalAccess => &[],
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
            Resource::InstanceSettings | Resource::ExternalAccess | Resource::Users | Resource::AuditLogs => {
                &[]
            }
        },
        (UserRole::QaViewer, resource) => match resource {
            Resource::Projects
            | Resource::Pipelines
            | Resource::Builds
            | Resource::Artifacts
            | Resource::Integrations => &[Read],
            Resource::InstanceSettings
            | Resource::ExternalAccess
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
    fn an_admin_holds_what_the_owner_holds_but_for_access() {
        let mut owner = instance_capabilities(UserRole::Owner);
        owner.retain(|capability| capability != "external_access.write");
        assert_eq!(owner, instance_capabilities(UserRole::Admin));
        assert!(instance_allows(UserRole::Owner, Resource::ExternalAccess, Action::Write));
    }

    #[test]
    fn a_smaller_role_never_holds_more() {
        let order = [UserRole::Owner, UserRole::Admin, UserRole::Developer, UserRole::QaViewer];
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

    fn tick(allowed: bool) -> &'static str {
        if allowed { " yes |" } else { " – |" }
    }

    fn row(text: &mut String, name: &str, allowed: impl Iterator<Item = bool>) {
        let cells: String = allowed.map(tick).collect();
        text.push_str(&format!("| {name} |{cells}\n"));
    }

    fn head(text: &mut String, title: &str, columns: impl Iterator<Item = &'static str>) {
        let columns: Vec<_> = columns.collect();
        text.push_str(&format!("\n## {title}\n\n| | {} |\n|---|", columns.join(" | ")));
        text.push_str(&"---|".repeat(columns.len()));
        text.push('\n');
    }

    /// Renders both matrices; `make docs` writes the file.
    #[test]
    fn the_document_of_permissions_is_current() {
        let mut text = String::from(
            "# Permissions\n\nGenerated from `src/domain/permission.rs` by its tests; do not edit.\n\n\
             Beyond the first table: there is one owner, who stays it; only the owner raises people to admin,\n\
             changes admins or shuts them out. Nobody disables their own account.\n",
        );
        head(&mut text, "On the instance", UserRole::ALL.iter().map(|role| role.as_str()));
        for resource in Resource::ALL {
            for action in Action::ALL {
                let allowed = UserRole::ALL.iter().map(|role| instance_allows(*role, *resource, *action));
                if allowed.clone().any(|allowed| allowed) {
                    row(&mut text, &format!("{resource}.{action}"), allowed);
                }
            }
        }
        head(&mut text, "In a project", ProjectRole::ALL.iter().map(|role| role.as_str()));
        for permission in ProjectPermission::ALL {
            let allowed = ProjectRole::ALL.iter().map(|role| project_allows(*role, *permission));
            row(&mut text, permission.as_str(), allowed);
        }
        text.push_str(
            "\nOwner and admin are maintainers of every project. A qa_viewer is never more than a viewer. Who is not a\n\
             member is told that the project does not exist.\n",
        );
        crate::domain::tests::is_current("permissions.md", &text);
    }
}
