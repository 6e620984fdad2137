//! Requests per second of the list of builds, with few and many builds, and of the signed-in person,
//! beside bare axum that answers the same bytes.

use std::path::Path;

use serde_json::json;

use super::api::Client;
use super::bare::Bare;
use super::load::{Target, compare};
use super::program::{Builds, Daemon};
use super::rows;
use super::scene::Scene;
use super::table::{Amount::RequestsPerSecond, Row, Table};

const SIZES: [(i64, &str); 3] = [(1_000, "1 000"), (10_000, "10 000"), (100_000, "100 000")];
const LIST: &str = "/v1/builds?limit=50";

pub async fn measure() -> anyhow::Result<Table> {
    let scene = Scene::open(Builds::ByNobody, "true").await?;
    let build = scene.trigger().await?;
    scene.client.post(&format!("/v1/builds/{build}/cancel"), json!({})).await?;
    let Scene { daemon, client, folder, .. } = scene;
    drop(daemon);
    let data = folder.path().join("data");
    let mut table = Table::default();
    let mut rates = Vec::new();
    for (size, name) in SIZES {
        rows::grow(&data.join("oore.db"), build.parse()?, size).await?;
        let row = beside_bare(&data, &client, LIST, format!("50 of {name} builds")).await?;
        rates.push(row.1);
        table.add(row.0.ratio_at_least(0.03));
    }
    if let [few, .., many] = rates[..] {
        let row = Row::new("50 of 100 000 builds", RequestsPerSecond(many));
        table.add(row.floor("50 of 1 000 builds", RequestsPerSecond(few)).ratio_at_least(0.9));
    }
    table.add(beside_bare(&data, &client, "/v1/users/me", "the signed-in person".to_owned()).await?.0);
    Ok(table)
}

/// Starts the daemon and a bare server with the same answer; sessions outlive a restart.
async fn beside_bare(data: &Path, client: &Client, path: &str, name: String) -> anyhow::Result<(Row, f64)> {
    let daemon = Daemon::start(data, Builds::ByNobody)?;
    let product = Target::new(daemon.address, path, &client.token);
    let bare = Bare::start(data, &product.body().await?)?;
    let (measured, floor) = compare(&product, &product.at(bare.address)).await?;
    let row = Row::new(format!("{name}, 8 connections"), RequestsPerSecond(measured));
    Ok((row.floor("bare axum, same bytes", RequestsPerSecond(floor)), measured))
}
