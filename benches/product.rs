//! `make bench`: the product's figures on this machine, each beside a floor taken in the same run.
//! It only prints. Loopback only; everything it starts it ends, and its folders vanish.
//! Words on the command line choose groups of figures: `cargo bench --bench product -- claim logs`.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "printing is what it is for")]

mod product {
    pub mod api;
    pub mod backup;
    pub mod bare;
    pub mod claim;
    pub mod commits;
    pub mod fleet;
    pub mod job;
    pub mod large;
    pub mod load;
    pub mod logs;
    pub mod memory;
    pub mod page;
    pub mod program;
    pub mod provider;
    pub mod queue;
    pub mod repository;
    pub mod requests;
    pub mod rows;
    pub mod samples;
    pub mod scene;
    pub mod sign_in;
    pub mod start;
    pub mod store;
    pub mod table;
    pub mod ticks;
    pub mod webhooks;
    pub mod work;
}

use std::future::Future;
use std::process::ExitCode;
use std::time::Duration;

use product::table::Table;
use product::{
    backup, bare, claim, large, logs, memory, page, queue, requests, sign_in, start, store, ticks, webhooks,
    work,
};

/// Longest run; what has been measured until then is printed.
const LONGEST: Duration = Duration::from_secs(1800);

fn main() -> anyhow::Result<ExitCode> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [bare::COMMAND, body] => return bare::serve(body).map(|()| ExitCode::SUCCESS),
        [ticks::COMMAND, count, pause] => return ticks::print(count, pause).map(|()| ExitCode::SUCCESS),
        _ => {}
    }
    // The one TLS provider of the process, which the HTTP client asks for even without TLS.
    let _already_installed = rustls::crypto::ring::default_provider().install_default();
    let wanted = arguments.into_iter().filter(|word| !word.starts_with("--")).collect();
    let mut run = Run { wanted, table: Table::default(), failed: Vec::new() };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        tokio::select! {
            () = run.everything() => {}
            () = tokio::time::sleep(LONGEST) => run.failed.push("the time was over".to_owned()),
            _ = tokio::signal::ctrl_c() => run.failed.push("interrupted".to_owned()),
        }
    });
    Ok(run.report())
}

struct Run {
    /// Groups asked for; empty means all.
    wanted: Vec<String>,
    table: Table,
    failed: Vec<String>,
}

impl Run {
    async fn everything(&mut self) {
        self.group("start", start::measure).await;
        self.group("memory", memory::measure).await;
        self.group("page", page::measure).await;
        self.group("claim", claim::measure).await;
        self.group("queue", queue::measure).await;
        self.group("work", work::measure).await;
        self.group("requests", requests::measure).await;
        self.group("webhooks", webhooks::measure).await;
        self.group("sign-in", sign_in::measure).await;
        self.group("logs", logs::measure).await;
        self.group("store", store::measure).await;
        self.group("large", large::measure).await;
        self.group("backup", backup::measure).await;
    }

    /// One group; when it fails, the others are measured all the same.
    async fn group<F: Future<Output = anyhow::Result<Table>>>(&mut self, name: &str, measure: fn() -> F) {
        if !self.wanted.is_empty() && !self.wanted.iter().any(|word| word == name) {
            return;
        }
        eprintln!("measuring: {name}");
        match measure().await {
            Ok(table) => self.table.append(table),
            Err(error) => self.failed.push(format!("{name}: {error:#}")),
        }
    }

    fn report(&self) -> ExitCode {
        if cfg!(debug_assertions) {
            println!("\nThis is not the shipping profile: only figures of `make bench` count.");
        }
        println!("\n{}", self.table);
        for failure in &self.failed {
            println!("not measured: {failure}");
        }
        if self.failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}
