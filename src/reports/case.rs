//! One report that is owed, with everything it is about as it is now.

use sha2::{Digest, Sha256};

use crate::app::App;
use crate::builds::failure;
use crate::db;
use crate::db::builds::latest;
use crate::db::entity::{builds, integrations, projects, reports, repositories};
use crate::db::reports::Shown;
use crate::domain::report::ReportKind;
use crate::error::Result;
use crate::forge::github::Api as Github;
use crate::forge::gitlab::Api as Gitlab;
use crate::sources::{github, gitlab};

use super::Told;
use super::comment::{Comment, File, Line, MOST_BUILDS};
use super::view::{self, View};

/// The report and what it is about.
pub struct Case<'a> {
    pub app: &'a App,
    pub integration: &'a integrations::Model,
    pub repository: &'a repositories::Model,
    pub report: &'a reports::Model,
    pub subject: Subject,
}

/// What is shown.
pub enum Subject {
    Build(Box<builds::Model>),
    Request { number: i64, project: Box<projects::Model>, sha: String },
}

impl<'a> Case<'a> {
    /// None if there is nothing to show any more, or the project does not want it shown.
    pub async fn read(
        app: &'a App,
        integration: &'a integrations::Model,
        repository: &'a repositories::Model,
        report: &'a reports::Model,
    ) -> Result<Option<Self>> {
        let db = app.db.read();
        let Some(project) = db::projects::find(db, report.project_id).await? else { return Ok(None) };
        let subject = match (report.kind, report.build_id, report.number) {
            (ReportKind::Build, Some(build), _) if project.report_statuses => {
                db::builds::find(db, build).await?.map(|build| Subject::Build(Box::new(build)))
            }
            (ReportKind::Request, _, Some(number)) if project.report_comment => {
                let sha = latest::head_of_request(db, project.id, number).await?;
                sha.map(|sha| Subject::Request { number, project: Box::new(project), sha })
            }
            (ReportKind::Build | ReportKind::Request, _, _) => None,
        };
        Ok(subject.map(|subject| Self { app, integration, repository, report, subject }))
    }

    pub async fn view(&self, build: &builds::Model) -> Result<View> {
        view::of(self.app, build).await
    }

    /// Whether a status with the name of this build is the build's to set.
    pub async fn is_newest(&self, build: &builds::Model) -> Result<bool> {
        latest::is_newest(self.app.db.read(), build).await
    }

    /// What the host shows at the moment, as far as is known.
    pub fn shown(&self) -> Shown {
        Shown {
            external_id: self.report.external_id.clone(),
            digest: self.report.shown.clone(),
            annotations: self.report.annotations,
        }
    }

    pub async fn keep(&self, shown: &Shown) -> Result<()> {
        self.app.db.write(async |tx| db::reports::keep(tx, self.report.id, shown).await).await
    }

    /// Whether an earlier attempt may have been cut off between telling the host and keeping what came of it.
    pub fn was_tried(&self) -> bool {
        self.report.attempts > 1
    }

    pub async fn github(&self) -> Told<Github> {
        Ok(github::access::of_installation(self.app, self.integration, self.repository.installation_id)
            .await?)
    }

    pub async fn gitlab(&self) -> Told<Gitlab> {
        Ok(gitlab::access::api(self.app, self.integration).await?)
    }

    /// The comment on a pull or merge request.
    pub async fn comment(&self, project: &projects::Model, sha: &str) -> Result<Comment> {
        let db = self.app.db.read();
        let most = MOST_BUILDS as u64;
        let mut builds = latest::of_commit(db, project.id, sha, most + 1).await?;
        let is_cut = builds.len() > MOST_BUILDS;
        builds.truncate(MOST_BUILDS);
        let ids: Vec<_> = builds.iter().map(|build| build.id).collect();
        let artifacts = db::artifacts::list_available(db, &ids).await?;
        let (mut lines, mut files) = (Vec::new(), Vec::new());
        for build in &builds {
            let label = view::label(self.app, build).await?;
            for file in artifacts.iter().filter(|file| file.build_id == build.id) {
                files.push(File { name: file.name.clone(), bytes: file.file_size, label: label.clone() });
            }
            lines.push(self.line(build, label).await?);
        }
        lines.sort_by(|one, other| (&one.label, one.number).cmp(&(&other.label, other.number)));
        let project_name = project.name.clone();
        Ok(Comment { project: project.id, project_name, sha: sha.to_owned(), lines, is_cut, files })
    }

    async fn line(&self, build: &builds::Model, label: String) -> Result<Line> {
        let failed_step = match build.status.is_failure() {
            true => failure::of(self.app, build).await?.step,
            false => None,
        };
        Ok(Line {
            label,
            number: build.build_number,
            status: build.status,
            failed_step,
            run_ms: view::run_ms(build),
            url: view::page(self.app, build.id),
        })
    }
}

/// Says whether two things are the same, without keeping them.
pub fn digest(text: &str) -> String {
    hex::encode(Sha256::digest(text))
}
