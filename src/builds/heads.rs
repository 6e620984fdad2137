//! What moved in a repository since the last look becomes deliveries, as if its host had told of it: the same rules
//! and verdicts, and nothing is told twice. The first look only learns where everything is.

use std::collections::{BTreeMap, BTreeSet};

use super::deliveries::{self, Packed, Received};
use crate::app::App;
use crate::db;
use crate::db::entity::{repositories, webhook_deliveries};
use crate::domain::delivery::{Arrival, Head, Notice, RemoteRepository, Report, Revision};
use crate::domain::id::{DeliveryId, RepositoryId};
use crate::domain::source::ScmProvider;
use crate::error::{Error, Kind, Result, codes};
use crate::forge::hook;

/// A head that is elsewhere now.
struct Move {
    head: Head,
    before: Option<String>,
}

/// Takes over where the heads of a repository are now; answers how many moves it told of.
///
/// Errors: 502 `implausible_heads` if all branches are gone at once.
pub async fn learn(
    app: &App,
    repository: &repositories::Model,
    provider: ScmProvider,
    heads: Vec<Head>,
) -> Result<usize> {
    let is_first = !db::heads::is_watched(app.db.read(), repository.id).await?;
    let known = db::heads::of_repository(app.db.read(), repository.id).await?;
    let (moves, gone) = compare(&known, heads)?;
    if is_first {
        return begin(app, repository.id, &moves).await.map(|()| 0);
    }
    if moves.is_empty() && gone.is_empty() {
        return Ok(0);
    }
    let mut told = Vec::with_capacity(moves.len());
    for one in moves {
        let name = one.head.name();
        told.push((name, one.before.clone(), row(app, repository, provider, one).await?));
    }
    let count = keep(app, repository.id, told, &gone).await?;
    if count > 0 {
        app.inbox.call();
    }
    Ok(count)
}

/// What is elsewhere, and the names of what is gone.
fn compare(known: &BTreeMap<String, String>, heads: Vec<Head>) -> Result<(Vec<Move>, Vec<String>)> {
    let is_branch = |name: &String| name.starts_with("refs/heads/");
    let is_request = |name: &str| name.starts_with("requests/");
    let there: BTreeSet<String> = heads.iter().map(Head::name).collect();
    // A host that has lost something will find it again; all of it would be new then.
    if known.keys().any(is_branch) && !there.iter().any(is_branch) {
        let why = "the repository has no branches any more";
        return Err(Error::new(Kind::Upstream, "implausible_heads", why));
    }
    // A list of requests that can't be had looks like one without any; where they were is worth knowing until there are some.
    let has_requests = there.iter().any(|name| is_request(name));
    let is_gone = |name: &&String| !there.contains(*name) && (has_requests || !is_request(name));
    let gone = known.keys().filter(is_gone).cloned().collect();
    let moved = heads.into_iter().filter_map(|head| {
        let before = known.get(&head.name()).cloned();
        (before.as_ref() != Some(&head.sha)).then_some(Move { head, before })
    });
    Ok((moved.collect(), gone))
}

async fn begin(app: &App, repository: RepositoryId, all: &[Move]) -> Result<()> {
    let heads: Vec<_> = all.iter().map(|one| (one.head.name(), one.head.sha.clone())).collect();
    let now = app.clock.now();
    app.db
        .write(async |tx| {
            if db::heads::is_watched(tx, repository).await? {
                return Ok(());
            }
            db::heads::watch(tx, repository, now).await?;
            db::heads::put(tx, repository, &heads).await
        })
        .await
}

type Told = (String, Option<String>, webhook_deliveries::Model);

/// Keeps where heads are, and the deliveries that tell of it, together; answers how many of these there are.
async fn keep(app: &App, repository: RepositoryId, told: Vec<Told>, gone: &[String]) -> Result<usize> {
    app.db
        .write(async |tx| {
            let (mut count, mut heads) = (0, Vec::with_capacity(told.len()));
            for (name, before, row) in told {
                // Somebody else may have looked meanwhile.
                if db::heads::sha(tx, repository, &name).await? != before {
                    continue;
                }
                heads.push((name, row.commit_sha.clone().unwrap_or_default()));
                if !db::deliveries::is_told(tx, &row).await? {
                    db::deliveries::insert(tx, row).await?;
                    count += 1;
                }
            }
            db::heads::put(tx, repository, &heads).await?;
            db::heads::remove(tx, repository, gone).await?;
            Ok(count)
        })
        .await
}

async fn row(
    app: &App,
    repository: &repositories::Model,
    provider: ScmProvider,
    moved: Move,
) -> Result<webhook_deliveries::Model> {
    let Move { head, before } = moved;
    let event = hook::event_of(provider, &head.place).to_owned();
    let notice = Notice {
        action: None,
        repository: Some(RemoteRepository {
            id: repository.external_id.clone(),
            full_name: repository.full_name.clone(),
        }),
        sender: head.sender,
        report: Report::Revision(Revision {
            place: head.place,
            sha: head.sha,
            before,
            message: None,
            pushed_at: None,
            changed: None,
            fork: head.fork,
        }),
    };
    let body = serde_json::to_vec(&notice).map_err(|error| {
        Error::internal(codes::DATA_ERROR, "what a look found can't be written down", error)
    })?;
    let received = Received {
        integration: repository.integration_id,
        external_id: format!("poll:{}", DeliveryId::new()),
        event,
        notice,
        packed: Packed::of(&body)?,
        arrived_by: Arrival::Poll,
    };
    deliveries::row(app, received).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::delivery::Place;

    #[test]
    fn a_list_without_any_request_makes_nobody_forget_where_they_were() {
        let known = [("refs/heads/main", "1"), ("requests/7", "2"), ("requests/8", "3")];
        let known: BTreeMap<_, _> = known.map(|(name, sha)| (name.to_owned(), sha.to_owned())).into();
        let head = |place, sha: &str| Head { place, sha: sha.to_owned(), fork: None, sender: None };
        let main = || head(Place::Branch("main".to_owned()), "1");
        let request = Place::Request { number: 7, source: "topic".to_owned(), target: "main".to_owned() };
        assert_eq!(compare(&known, vec![main()]).unwrap().1, Vec::<String>::new());
        let (moves, gone) = compare(&known, vec![main(), head(request, "2")]).unwrap();
        assert!(moves.is_empty());
        assert_eq!(gone, ["requests/8"]);
    }
}
