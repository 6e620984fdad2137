//! Builds the web UI with bun into the build folder, from where it is compiled into the binary.
//! `OORE_UI_DIST` hands in a UI that is built already. It installs nothing outside `frontend/`.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs, io};

const HOW_TO_GET_BUN: &str = "bun is missing: run `make tools` once (it fetches the pinned bun through npm), or set OORE_BUN to its path";

fn main() {
    if let Err(error) = build_ui() {
        println!("cargo::error={error}");
        std::process::exit(1);
    }
}

fn build_ui() -> Result<(), String> {
    let root = PathBuf::from(variable("CARGO_MANIFEST_DIR")?);
    let out = PathBuf::from(variable("OUT_DIR")?).join("ui");
    for key in ["OORE_UI_DIST", "OORE_BUN"] {
        println!("cargo::rerun-if-env-changed={key}");
    }
    println!("cargo::rerun-if-changed=build.rs");
    if let Ok(prebuilt) = env::var("OORE_UI_DIST") {
        println!("cargo::rerun-if-changed={prebuilt}");
        return replace_folder(Path::new(&prebuilt), &out)
            .map_err(|e| format!("OORE_UI_DIST={prebuilt}: {e}"));
    }
    let frontend = root.join("frontend");
    for input in
        ["src", "public", "index.html", "build.ts", "build", "package.json", "bun.lock", "tsr.config.json"]
    {
        println!("cargo::rerun-if-changed=frontend/{input}");
    }
    let bun = find_bun(&root).ok_or(HOW_TO_GET_BUN)?;
    run(&bun, &frontend, &["install", "--frozen-lockfile"])?;
    clear(&out).map_err(|error| format!("{}: {error}", out.display()))?;
    run(&bun, &frontend, &["run", "build.ts", "--outdir", &out.display().to_string()])
}

/// The bun named by OORE_BUN, the one `make tools` fetched, or the one on PATH.
fn find_bun(root: &Path) -> Option<PathBuf> {
    let named = env::var_os("OORE_BUN").map(PathBuf::from);
    let fetched = root.join(".tools/node_modules/.bin/bun");
    let on_path = env::var_os("PATH")
        .map(|path| env::split_paths(&path).map(|folder| folder.join("bun")).collect::<Vec<_>>())
        .unwrap_or_default();
    named.into_iter().chain([fetched]).chain(on_path).find(|candidate| candidate.is_file())
}

fn run(bun: &Path, folder: &Path, arguments: &[&str]) -> Result<(), String> {
    let done = Command::new(bun).args(arguments).current_dir(folder).output();
    let done = done.map_err(|error| format!("{} could not be started: {error}", bun.display()))?;
    if done.status.success() {
        return Ok(());
    }
    let said = [done.stdout, done.stderr].concat();
    let said = String::from_utf8_lossy(&said).trim().replace('\n', " | ");
    Err(format!("bun {} failed: {said}", arguments.join(" ")))
}

fn replace_folder(from: &Path, to: &Path) -> io::Result<()> {
    clear(to)?;
    copy_folder(from, to)
}

fn clear(folder: &Path) -> io::Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    fs::create_dir_all(folder)
}

fn copy_folder(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

fn variable(key: &str) -> Result<String, String> {
    env::var(key).map_err(|_| format!("{key} is not set; this file is run by cargo"))
}
