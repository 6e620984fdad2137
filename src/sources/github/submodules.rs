//! Which repositories a checkout needs besides its own: those that its `.gitmodules` name, as far as the same account has
//! them and the app may see them. Others are public, or have to be reachable otherwise.

use std::collections::{HashMap, VecDeque};

use crate::app::App;
use crate::db;
use crate::db::entity::{integrations, repositories};
use crate::error::Result;
use crate::forge::{Access, Repository};

use super::access;

const FILE: &str = ".gitmodules";
const MAX_BYTES: usize = 64 * 1024;
/// Most submodules that are found, and most files that are read for them.
const MAX_FOUND: usize = 64;
const MAX_READ: usize = 16;
/// What a submodule's own submodules are read at: its commit is known to git only.
const HEAD: &str = "HEAD";

/// The repository at a commit and what it needs, by GitHub's numbers; its own is the first.
///
/// Errors: those of reading the repository.
pub async fn needed(
    app: &App,
    integration: &integrations::Model,
    repository: &repositories::Model,
    sha: &str,
) -> Result<Vec<u64>> {
    let api = access::of_installation(app, integration, repository.installation_id).await?;
    let known = db::repositories::of_installation(app.db.read(), repository.installation_id).await?;
    let mut known: HashMap<String, repositories::Model> =
        known.into_iter().map(|row| (row.full_name.to_ascii_lowercase(), row)).collect();
    known.remove(&repository.full_name.to_ascii_lowercase());
    let mut needed = vec![repository.clone()];
    let mut unread = VecDeque::from([(repository.clone(), sha)]);
    for _ in 0..MAX_READ {
        let Some((row, commit)) = unread.pop_front().filter(|_| !known.is_empty()) else { break };
        let source = db::repositories::source_of(row.clone(), integration.clone());
        let read = Repository { source, access: Access::Github(api.clone()) };
        let text = match read.read_file(commit, FILE, MAX_BYTES).await {
            Ok(text) => text.unwrap_or_default(),
            Err(error) if row.id == repository.id && error.kind.is_passing() => return Err(error),
            Err(error) => {
                tracing::warn!(repository = %row.full_name, "its submodules could not be read: {error}");
                continue;
            }
        };
        for name in named(&String::from_utf8_lossy(&text), &integration.host_url, &row.full_name) {
            let Some(found) = known.remove(&name.to_ascii_lowercase()) else { continue };
            if needed.len() > MAX_FOUND {
                break;
            }
            unread.push_back((found.clone(), HEAD));
            needed.push(found);
        }
    }
    Ok(needed.iter().filter_map(number_of).collect())
}

/// GitHub's number of a repository.
pub fn number_of(repository: &repositories::Model) -> Option<u64> {
    repository.external_id.parse().ok()
}

/// The full names of the repositories at this host that a `.gitmodules` of `parent` names.
fn named(text: &str, host_url: &str, parent: &str) -> Vec<String> {
    let lines = text.lines().filter_map(|line| line.trim().split_once('='));
    let urls = lines.filter(|(key, _)| key.trim() == "url").map(|(_, url)| url.trim().trim_matches('"'));
    urls.filter_map(|url| full_name(url, host_url, parent)).collect()
}

fn full_name(url: &str, host_url: &str, parent: &str) -> Option<String> {
    let host = host_url.split_once("://").map_or(host_url, |(_, host)| host);
    let path = match url {
        relative if relative.starts_with("./") || relative.starts_with("../") => joined(parent, relative)?,
        _ => [format!("{host_url}/"), format!("ssh://git@{host}/"), format!("git@{host}:")]
            .iter()
            .find_map(|start| url.strip_prefix(start.as_str()))?
            .to_owned(),
    };
    let path = path.trim_end_matches('/');
    let path = path.strip_suffix(".git").unwrap_or(path);
    (path.split('/').count() == 2).then(|| path.to_owned())
}

/// A relative address, from where its repository is.
fn joined(parent: &str, relative: &str) -> Option<String> {
    let mut parts: Vec<&str> = parent.split('/').collect();
    for part in relative.split('/') {
        match part {
            "." | "" => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn submodules_at_the_same_host_are_found_however_they_are_addressed() {
        let text = "[submodule \"a\"]\n\tpath = a\n\turl = https://github.com/acme/a.git\n\
            [submodule \"b\"]\n  url = git@github.com:acme/b.git\n\
            [submodule \"c\"]\n url=ssh://git@github.com/acme/c\n\
            [submodule \"d\"]\n\turl = ../d.git\n[submodule \"e\"]\n\turl = ../../other/e.git\n\
            [submodule \"f\"]\n\turl = https://github.com.evil.example/acme/f.git\n\
            [submodule \"g\"]\n\turl = https://gitlab.com/acme/g.git\n\
            [submodule \"h\"]\n\turl = ../../../../x\n[submodule \"i\"]\n\turl = https://github.com/acme\n\
            [submodule \"j\"]\n\turl = /etc\n\turls = ../k.git\n";
        let found = named(text, "https://github.com", "acme/shop");
        assert_eq!(found, ["acme/a", "acme/b", "acme/c", "acme/d", "other/e"]);
    }
}
