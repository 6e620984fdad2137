//! What a browser loads of JavaScript for the first page: the scripts and preloads that the served
//! index.html names, as gzip.

use anyhow::{Context, ensure};

use super::program::{Builds, Daemon, scratch};
use super::table::{Amount, Row, Table};

pub async fn measure() -> anyhow::Result<Table> {
    let folder = scratch()?;
    let daemon = Daemon::start(&folder.path().join("data"), Builds::ByNobody)?;
    let http = reqwest::Client::builder().no_proxy().build()?;
    let get = async |path: &str| {
        let url = format!("http://{}{path}", daemon.address);
        let response = http.get(url).header("accept-encoding", "gzip").send().await?.error_for_status()?;
        anyhow::Ok(response.bytes().await?)
    };
    let page =
        http.get(format!("http://{}/", daemon.address)).send().await?.error_for_status()?.text().await?;
    let scripts = scripts(&page);
    ensure!(!scripts.is_empty(), "the page has no scripts: is this binary built with the real UI?");
    let mut bytes = 0;
    for script in &scripts {
        bytes += get(script).await.with_context(|| script.clone())?.len();
    }
    let mut table = Table::default();
    let weight = Row::new("JavaScript of the first page, gzip", Amount::Bytes(bytes as f64));
    table.add(weight.at_most(Amount::Bytes(150e3)));
    let count = Row::new("JavaScript of the first page, requests", Amount::Files(scripts.len() as f64));
    table.add(count.at_most(Amount::Files(8.0)));
    Ok(table)
}

fn scripts(page: &str) -> Vec<String> {
    let tags = page.split('<').filter(|tag| tag.starts_with("script") || tag.contains("\"modulepreload\""));
    let address = |tag: &str| {
        let (_, rest) = tag.split_once("src=\"").or_else(|| tag.split_once("href=\""))?;
        rest.split('"').next().map(str::to_owned)
    };
    tags.filter_map(address).collect()
}
