//! The one HTTP client for servers that people name: bounded in time and size, without redirects,
//! and never to where only this machine or its cloud should be asked.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::redirect::Policy;
use reqwest::{RequestBuilder, Response, StatusCode, Url};

use super::peer::is_loopback;
use crate::error::{Error, Result};

const TIMEOUT: Duration = Duration::from_secs(10);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Largest answer that is read, in bytes.
const MAX_BODY: usize = 1024 * 1024;

/// Asks other servers.
#[derive(Debug, Clone)]
pub struct Outgoing {
    client: reqwest::Client,
    /// The port we listen on ourselves.
    own_port: u16,
}

/// What another server said.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub body: Vec<u8>,
}

/// Why nothing usable came back; for people, without secrets.
pub type Failure = String;

impl Outgoing {
    pub fn new(own_port: u16) -> Result<Self> {
        // The one TLS provider of the process; a second installation is a no-op.
        let _already_installed = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder()
            .redirect(Policy::none())
            .timeout(TIMEOUT)
            .connect_timeout(CONNECT_TIMEOUT)
            .dns_resolver(std::sync::Arc::new(Careful))
            .user_agent(concat!("oored/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| {
                Error::internal("http_client_error", "the HTTP client could not start", error)
            })?;
        Ok(Self { client, own_port })
    }

    pub async fn get(&self, url: &str) -> Result<Answer, Failure> {
        let url = self.checked(url)?;
        self.send(self.client.get(url).header("accept", "application/json")).await
    }

    /// Posts a form; `basic` are user and password of HTTP basic authentication.
    pub async fn post_form(
        &self,
        url: &str,
        form: &[(&str, &str)],
        basic: Option<(&str, &str)>,
    ) -> Result<Answer, Failure> {
        let body = form_urlencoded(form);
        let request = self.client.post(self.checked(url)?).header("accept", "application/json");
        let request = request.header("content-type", "application/x-www-form-urlencoded").body(body);
        let request = match basic {
            Some((user, password)) => request.basic_auth(user, Some(password)),
            None => request,
        };
        self.send(request).await
    }

    async fn send(&self, request: RequestBuilder) -> Result<Answer, Failure> {
        let response = request.send().await.map_err(|error| reason(&error))?;
        let status = response.status();
        let body = read(response).await?;
        Ok(Answer { status, body })
    }

    fn checked(&self, url: &str) -> Result<Url, Failure> {
        let url = Url::parse(url).map_err(|_| "the address is not a URL".to_owned())?;
        let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
        let ip = host.parse::<IpAddr>().ok();
        if ip.is_some_and(is_forbidden) {
            return Err("the address is not for others to ask".to_owned());
        }
        let here = host == "localhost" || ip.is_some_and(is_loopback);
        if here && url.port_or_known_default() == Some(self.own_port) {
            return Err("the address is this daemon itself".to_owned());
        }
        Ok(url)
    }
}

async fn read(mut response: Response) -> Result<Vec<u8>, Failure> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| reason(&error))? {
        if body.len() + chunk.len() > MAX_BODY {
            return Err("the answer is too large".to_owned());
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

fn reason(error: &reqwest::Error) -> Failure {
    if error.is_timeout() {
        return "there was no answer in time".to_owned();
    }
    if error.is_connect() {
        return "no connection could be made".to_owned();
    }
    "the answer was cut off".to_owned()
}

/// `application/x-www-form-urlencoded`.
pub fn form_urlencoded(pairs: &[(&str, &str)]) -> String {
    // The URL type has the one encoder of forms that is at hand.
    let mut url = match Url::parse("http://form") {
        Ok(url) => url,
        Err(_) => return String::new(),
    };
    url.query_pairs_mut().extend_pairs(pairs);
    url.query().unwrap_or_default().to_owned()
}

/// Link-local addresses, among them the metadata services of clouds, which hand out credentials.
fn is_forbidden(ip: IpAddr) -> bool {
    match ip.to_canonical() {
        IpAddr::V4(ip) => {
            ip.is_link_local()
                || ip.is_unspecified()
                || ip.is_broadcast()
                || METADATA_V4.contains(&ip.octets())
        }
        IpAddr::V6(ip) => ip.is_unspecified() || ip.is_unicast_link_local() || ip.segments() == METADATA_V6,
    }
}

/// Alibaba's and Oracle's; the others are link-local.
const METADATA_V4: [[u8; 4]; 2] = [[100, 100, 100, 200], [192, 0, 0, 192]];
const METADATA_V6: [u16; 8] = [0xfd00, 0x0ec2, 0, 0, 0, 0, 0, 0x0254];

/// Resolves names, and drops addresses that must not be asked, however they are named.
struct Careful;

impl Resolve for Careful {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let allowed: Vec<SocketAddr> = found.filter(|address| !is_forbidden(address.ip())).collect();
            Ok(Box::new(allowed.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metadata_services_and_ourselves_are_never_asked() {
        let outgoing = Outgoing::new(8787).unwrap();
        for url in [
            "http://169.254.169.254/latest",
            "http://[fd00:ec2::254]/",
            "http://[::ffff:169.254.169.254]/",
            "http://2852039166/",
            "http://0xa9fea9fe/",
            "http://100.100.100.200/",
            "http://0.0.0.0/",
            "http://localhost:8787/",
            "http://127.0.0.1:8787/",
            "http://[::1]:8787/",
        ] {
            assert!(outgoing.checked(url).is_err(), "{url}");
        }
        for url in ["http://127.0.0.1:9000/", "https://accounts.example.com/", "http://10.0.0.5/"] {
            assert!(outgoing.checked(url).is_ok(), "{url}");
        }
    }

    #[test]
    fn forms_are_encoded() {
        assert_eq!(form_urlencoded(&[("a", "1 2&3"), ("b", "ü")]), "a=1+2%263&b=%C3%BC");
    }
}
