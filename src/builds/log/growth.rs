//! Which logs have grown since it was last told. Appends are far more frequent than anybody wants to
//! hear of them: growth is noted here, and told at a steady pace by a task.

use std::collections::HashMap;

use parking_lot::{Mutex, MutexGuard};
use tokio::sync::Notify;

use crate::domain::id::{BuildId, ProjectId};
use crate::events::Change;

#[derive(Debug, Default)]
pub struct Growth {
    grown: Mutex<HashMap<BuildId, (ProjectId, i64)>>,
    news: Notify,
}

impl Growth {
    /// Notes that the log of a build holds the frame `sequence` now.
    pub fn note(&self, build: BuildId, project: ProjectId, sequence: i64) {
        self.grown().insert(build, (project, sequence));
        self.news.notify_one();
    }

    /// Waits until something has been noted; then what there is to tell, one signal a log.
    pub async fn told(&self) -> Vec<Change> {
        self.news.notified().await;
        let grown = std::mem::take(&mut *self.grown());
        let told = grown.into_iter();
        told.map(|(build_id, (project_id, sequence))| Change::Log { build_id, project_id, sequence })
            .collect()
    }

    fn grown(&self) -> MutexGuard<'_, HashMap<BuildId, (ProjectId, i64)>> {
        self.grown.lock()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn however_often_a_log_grows_it_is_told_once_and_up_to_its_end() {
        let growth = Growth::default();
        let (build_id, project_id) = (BuildId::new(), ProjectId::new());
        (0..1000).for_each(|sequence| growth.note(build_id, project_id, sequence));
        assert_eq!(growth.told().await, [Change::Log { build_id, project_id, sequence: 999 }]);
        growth.note(build_id, project_id, 1000);
        assert_eq!(growth.told().await, [Change::Log { build_id, project_id, sequence: 1000 }]);
    }
}
