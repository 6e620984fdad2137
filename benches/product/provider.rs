//! The certified identity provider of the journeys as a process, and a person's browser there: it
//! keeps cookies, signs in on the provider's pages once, and is sent back with a code from then on.

use std::collections::HashMap;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, bail, ensure};
use reqwest::Url;
use reqwest::header::{COOKIE, LOCATION, SET_COOKIE};
use serde_json::json;

pub const CLIENT: &str = "oore";
pub const SECRET: &str = "secret of the bench";
pub const EMAIL: &str = "ana@example.com";
const PASSWORD: &str = "correct horse";
/// More pages than this lead nowhere.
const MOST_PAGES: usize = 12;

/// A running provider.
pub struct Provider {
    child: Child,
    pub issuer: String,
}

impl Provider {
    /// Starts one that sends people back to `redirect_uri`.
    pub fn start(redirect_uri: &str) -> anyhow::Result<Self> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("frontend/e2e/provider");
        ensure!(folder.join("node_modules").exists(), "its packages are missing: run `make bench`");
        let settings = json!({
            "clientId": CLIENT, "clientSecret": SECRET, "redirectUris": [redirect_uri], "password": PASSWORD,
            "people": {"ana": {"sub": "sub-ana", "email": EMAIL, "email_verified": true}},
        });
        let mut child = Command::new("node")
            .arg(folder.join("serve.mjs"))
            .arg(settings.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .context("node")?;
        let mut line = String::new();
        BufReader::new(child.stdout.take().context("no output")?).read_line(&mut line)?;
        let issuer = line.trim().to_owned();
        ensure!(issuer.starts_with("http://"), "the identity provider did not start");
        Ok(Self { child, issuer })
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        let _ended_already = self.child.kill();
        let _reaped = self.child.wait();
    }
}

/// A person's browser.
pub struct Browser {
    http: reqwest::Client,
    cookies: HashMap<String, String>,
}

impl Browser {
    pub fn new() -> anyhow::Result<Self> {
        let http = reqwest::Client::builder()
            .no_proxy()
            .tcp_nodelay(true)
            .redirect(reqwest::redirect::Policy::none())
            .build()?;
        Ok(Self { http, cookies: HashMap::new() })
    }

    /// Goes to the provider, proves who it is if asked, and answers the code it comes back with.
    pub async fn code(&mut self, authorization_url: &str, redirect_uri: &str) -> anyhow::Result<String> {
        let mut url = Url::parse(authorization_url)?;
        for _ in 0..MOST_PAGES {
            if url.as_str().starts_with(redirect_uri) {
                let code = url.query_pairs().find(|(name, _)| name == "code");
                return Ok(code.with_context(|| format!("no code in {url}"))?.1.into_owned());
            }
            url = self.next(url).await?;
        }
        bail!("the provider's pages do not end: {url}")
    }

    /// Where a page leads; its form is filled in.
    async fn next(&mut self, url: Url) -> anyhow::Result<Url> {
        let request = if url.path().starts_with("/interaction/") {
            self.http.post(url.clone()).body(format!("login=ana&password={}", PASSWORD.replace(' ', "+")))
        } else {
            self.http.get(url.clone())
        };
        let cookies: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let response = request.header(COOKIE, cookies.join("; ")).send().await?;
        for cookie in response.headers().get_all(SET_COOKIE) {
            let cookie = cookie.to_str()?.split(';').next().unwrap_or_default();
            let (name, value) = cookie.split_once('=').context("a cookie without value")?;
            if value.is_empty() {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        let status = response.status();
        let location =
            response.headers().get(LOCATION).with_context(|| format!("{url} answered {status}"))?;
        Ok(url.join(location.to_str()?)?)
    }
}
