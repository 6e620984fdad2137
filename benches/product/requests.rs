//! Requests per second of the list of builds, with few and many builds, and of the signed-in person,
//! beside bare axum that answers the same bytes.

use std::path::Path;
use std::process::Command;

use anyhow::ensure;
use serde_json::json;

use super::api::Client;
use super::bare::Bare;
use super::load::{Target, compare};
use super::program::{Builds, Daemon};
use super::rows;
use super::scene::Scene;
use super::table::{Amount::RequestsPerSecond, Row, Table};

const FEW: i64 = 1_000;
const SIZES: [(i64, &str); 3] = [(FEW, "1 000"), (10_000, "10 000"), (100_000, "100 000")];
const LIST: &str = "/v1/builds?limit=50";

pub async fn measure() -> anyhow::Result<Table> {
    let scene = Scene::open(Builds::ByNobody, "true").await?;
    let build = scene.trigger().await?;
    scene.client.post(&format!("/v1/builds/{build}/cancel"), json!({})).await?;
    let Scene { daemon, client, folder, .. } = scene;
    drop(daemon);
    let (data, few) = (folder.path().join("data"), folder.path().join("few"));
    let mut table = Table::default();
    for (size, name) in SIZES {
        rows::grow(&data.join("oore.db"), build.parse()?, size).await?;
        let row = beside_bare(&data, &client, LIST, format!("50 of {name} builds, 8 connections")).await?;
        table.add(row.ratio_at_least(0.03));
        if size == FEW {
            copy_folder(&data, &few)?;
        }
    }
    table.add(many_beside_few(&data, &few, &client).await?.ratio_at_least(0.9));
    let person = beside_bare(&data, &client, "/v1/users/me", "the signed-in person".to_owned()).await?;
    table.add(person.ratio_at_least(0.5));
    Ok(table)
}

/// Starts the daemon and a bare server with the same answer; sessions outlive a restart.
async fn beside_bare(data: &Path, client: &Client, path: &str, figure: String) -> anyhow::Result<Row> {
    let daemon = Daemon::start(data, Builds::ByNobody)?;
    let product = Target::new(daemon.address, path, &client.token);
    let body = product.body().await?;
    let bare = Bare::start(data, &body)?;
    let floor = product.at(bare.address);
    ensure!(floor.body().await? == body, "the bare server answers something else");
    let (measured, floor) = compare(&product, &floor).await?;
    let name = format!("bare axum, the same {:.1} KB", body.len() as f64 / 1e3);
    Ok(Row::new(figure, RequestsPerSecond(measured)).floor(name, RequestsPerSecond(floor)))
}

/// Both in the same seconds, because a machine is not equally fast at all times.
async fn many_beside_few(many: &Path, few: &Path, client: &Client) -> anyhow::Result<Row> {
    let (many, few) = (Daemon::start(many, Builds::ByNobody)?, Daemon::start(few, Builds::ByNobody)?);
    let target = Target::new(many.address, LIST, &client.token);
    let (measured, floor) = compare(&target, &target.at(few.address)).await?;
    let row = Row::new("50 of 100 000 builds", RequestsPerSecond(measured));
    Ok(row.floor("50 of 1 000 builds", RequestsPerSecond(floor)))
}

fn copy_folder(from: &Path, to: &Path) -> anyhow::Result<()> {
    let done = Command::new("cp").arg("-R").args([from, to]).status()?;
    ensure!(done.success(), "cp failed");
    Ok(())
}
