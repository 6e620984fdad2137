//! How the instance is reached from elsewhere: what its own check before a switch says, whether its public address
//! leads to it, and whether its proxy proves that it is the proxy.

use serde_json::Value;

use super::instance::{allowed, text};
use crate::auth::network::NO_PUBLIC_URL;
use crate::cli::failure::Failure;
use crate::cli::http::Daemon;
use crate::cli::terminal::plain;
use crate::domain::doctor::{DoctorCheck, good, missing, warning};

const SETTINGS: &str = "Change it in the web UI under Settings, Access.";

pub async fn look(daemon: &Daemon, setup: &Value, bootstrap: &Value) -> Vec<DoctorCheck> {
    let public = bootstrap["instance"]["public_url"].as_str();
    let is_remote = setup["runtime_mode"] == "remote";
    let mut checks = Vec::new();
    match public {
        Some(url) => checks.push(public_url(url, setup).await),
        None if is_remote => checks.push(warning("public_url", NO_PUBLIC_URL.to_owned(), SETTINGS)),
        None => {}
    }
    if is_remote {
        checks.extend(allowed("access", preflight(daemon, public.is_some()).await));
    }
    if is_remote && setup["remote_auth_mode"] == "trusted_proxy" {
        checks.extend(allowed("trusted_proxy", proxy(daemon).await));
    }
    checks
}

/// Whether the address that people use leads here.
async fn public_url(url: &str, setup: &Value) -> DoctorCheck {
    let shown = plain(url);
    let found = match Daemon::at(url.to_owned()) {
        Ok(daemon) => daemon.get("/v1/public/setup-status").await,
        Err(error) => Err(Failure::failed(error.to_string())),
    };
    match found {
        Ok(there) if there["instance_id"] == setup["instance_id"] => {
            good("public_url", format!("the public URL {shown} leads to this instance"))
        }
        Ok(_) => {
            missing("public_url", &format!("the public URL {shown} leads to another instance"), SETTINGS)
        }
        Err(failure) => warning(
            "public_url",
            format!(
                "the public URL {shown} does not lead here from this machine, so webhooks may not arrive: {failure}"
            ),
            "Check its DNS name, its certificate, and the proxy in front of the daemon.",
        ),
    }
}

/// That there is no public URL is said already.
async fn preflight(daemon: &Daemon, has_url: bool) -> Result<Vec<DoctorCheck>, Failure> {
    let answer = daemon.get("/v1/settings/external-access/preflight").await?;
    let checks = answer["checks"].as_array().into_iter().flatten();
    let failed =
        checks.filter(|check| check["ok"] == false && (has_url || check["id"] != "public_url_https"));
    Ok(failed.map(|check| warning(&text(&check["id"]), text(&check["message"]), SETTINGS)).collect())
}

async fn proxy(daemon: &Daemon) -> Result<Vec<DoctorCheck>, Failure> {
    let answer = daemon.get("/v1/settings/external-access/trusted-proxy").await?;
    let warnings: Vec<&str> =
        answer["settings"]["warnings"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    if warnings.is_empty() {
        return Ok(vec![good("trusted_proxy", "the trusted proxy proves who it is".to_owned())]);
    }
    let fix = "Set a shared secret under Settings, Access, and let the proxy send it.";
    Ok(warnings.into_iter().map(|warned| warning("trusted_proxy", plain(warned), fix)).collect())
}
