//! Fetching is authorising: projects and what belongs to them are only reached through here. Who
//! isn't a member gets 404, as if it weren't there; a member without the permission gets 403.

use std::collections::HashSet;

use super::caller::Caller;
use crate::app::App;
use crate::db::{self, entity};
use crate::domain::credential::Credential;
use crate::domain::id::{BuildId, PipelineId, ProjectId};
use crate::domain::permission::{ProjectPermission, project_allows};
use crate::domain::role::{ProjectRole, UserRole};
use crate::error::{Error, Result};

/// A project the caller may see, with what they are in it.
#[derive(Debug, Clone)]
pub struct ProjectAccess {
    pub project: entity::projects::Model,
    pub role: ProjectRole,
}

/// Which projects a caller sees in lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Visible {
    All,
    Only(HashSet<ProjectId>),
}

impl Visible {
    pub fn contains(&self, project: ProjectId) -> bool {
        match self {
            Visible::All => true,
            Visible::Only(projects) => projects.contains(&project),
        }
    }
}

impl Caller {
    /// The project, if the caller may do `permission` in it.
    pub async fn project(
        &self,
        app: &App,
        id: ProjectId,
        permission: ProjectPermission,
    ) -> Result<ProjectAccess> {
        let project = db::projects::find(app.db.read(), id).await?;
        let role = self.project_role(app, id).await?;
        let (Some(project), Some(role)) = (project, role) else {
            return Err(Error::not_found("project"));
        };
        require(role, permission)?;
        Ok(ProjectAccess { project, role })
    }

    /// The pipeline and its project.
    pub async fn pipeline(
        &self,
        app: &App,
        id: PipelineId,
        permission: ProjectPermission,
    ) -> Result<(entity::pipelines::Model, ProjectAccess)> {
        let missing = || Error::not_found("pipeline");
        let pipeline = db::pipelines::find(app.db.read(), id).await?.ok_or_else(missing)?;
        let access =
            self.project(app, pipeline.project_id, permission).await.map_err(|e| hide(e, missing))?;
        Ok((pipeline, access))
    }

    /// The build and its project.
    pub async fn build(
        &self,
        app: &App,
        id: BuildId,
        permission: ProjectPermission,
    ) -> Result<(entity::builds::Model, ProjectAccess)> {
        let missing = || Error::not_found("build");
        let build = db::builds::find(app.db.read(), id).await?.ok_or_else(missing)?;
        let access = self.project(app, build.project_id, permission).await.map_err(|e| hide(e, missing))?;
        Ok((build, access))
    }

    /// The caller's role in a project: owners and admins are maintainers everywhere, a QA viewer is
    /// never more than a viewer, everybody else is what their membership says.
    pub async fn project_role(&self, app: &App, id: ProjectId) -> Result<Option<ProjectRole>> {
        if self.role().is_operator() {
            return Ok(Some(ProjectRole::Maintainer));
        }
        let member = db::members::find(app.db.read(), id, self.user.id).await?;
        Ok(member.map(|member| self.capped(member.role)))
    }

    fn capped(&self, member: ProjectRole) -> ProjectRole {
        match (self.role(), &self.credential) {
            (UserRole::QaViewer, _) => ProjectRole::Viewer,
            (UserRole::Developer, Credential::ApiToken { .. }) => member.at_most(ProjectRole::Developer),
            (UserRole::Owner | UserRole::Admin | UserRole::Developer, _) => member,
        }
    }

    /// Which projects the caller sees in lists.
    pub async fn visible(&self, app: &App) -> Result<Visible> {
        if self.role().is_operator() {
            return Ok(Visible::All);
        }
        let projects = db::projects::of_member(app.db.read(), self.user.id).await?;
        Ok(Visible::Only(projects.into_iter().collect()))
    }
}

fn require(role: ProjectRole, permission: ProjectPermission) -> Result<()> {
    if project_allows(role, permission) {
        return Ok(());
    }
    Err(Error::forbidden(
        "permission_denied",
        format!("your role in this project does not include {permission}"),
    )
    .hint("Ask a maintainer of the project."))
}

/// A hidden project must not be told from an absent pipeline or build.
fn hide(error: Error, missing: impl FnOnce() -> Error) -> Error {
    if error.kind == crate::error::Kind::NotFound { missing() } else { error }
}
