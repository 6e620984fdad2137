//! The one HTTP client for servers that people name: bounded in time and size, without redirects,
//! and never to where only this machine or its cloud should be asked.

mod addresses;

use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::HeaderMap;
use reqwest::redirect::Policy;
use reqwest::{Method, RequestBuilder, Response, StatusCode, Url};

use self::addresses::{
    is_allowed, is_allowed_elsewhere, is_forbidden, is_here, is_public, is_public_elsewhere,
};

/// How long an answer may take.
pub const TIMEOUT: Duration = Duration::from_secs(10);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Largest answer that is read unless the caller says otherwise, in bytes.
pub const MAX_BODY: usize = 1024 * 1024;

/// Asks other servers.
#[derive(Debug, Clone)]
pub struct Outgoing {
    named: Asker,
    /// For addresses with the port we listen on ourselves: it finds no host on this machine.
    elsewhere: Asker,
    /// For addresses that nobody of this instance has named.
    public: Asker,
    /// The same for those with the port we listen on ourselves.
    public_elsewhere: Asker,
    own_port: u16,
}

/// A client that is made when it is first needed: it reads every certificate the machine trusts, and many instances ask
/// nobody.
#[derive(Debug, Clone)]
struct Asker {
    allows: fn(IpAddr) -> bool,
    made: Arc<OnceLock<reqwest::Client>>,
}

impl Asker {
    fn new(allows: fn(IpAddr) -> bool) -> Self {
        Self { allows, made: Arc::default() }
    }

    fn request(&self, method: Method, url: Url) -> Result<RequestBuilder, Failure> {
        let client = match self.made.get() {
            Some(client) => client,
            None => {
                let made = client(self.allows).map_err(|error| Failure::unusable(error.to_string()))?;
                self.made.get_or_init(|| made)
            }
        };
        Ok(client.request(method, url))
    }
}

/// What another server said.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

/// Why nothing usable came back; for people, without secrets.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// Nothing came back, or word of a fault over there: it may be better in a while.
    #[error("{0}")]
    Away(String),
    /// What came back is of no use, or the address must not be asked.
    #[error("{0}")]
    Unusable(String),
    #[error("the answer is too large")]
    TooLarge,
}

impl Failure {
    pub fn away(why: impl Into<String>) -> Self {
        Self::Away(why.into())
    }

    pub fn unusable(why: impl Into<String>) -> Self {
        Self::Unusable(why.into())
    }

    /// An answer with another status than was hoped for.
    pub fn status(what: &str, status: StatusCode) -> Self {
        let why = format!("{what} answered {}", status.as_u16());
        let passing = status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS;
        if passing { Self::Away(why) } else { Self::Unusable(why) }
    }
}

impl Outgoing {
    pub fn new(own_port: u16) -> Self {
        crate::tls::install();
        Self {
            named: Asker::new(is_allowed),
            elsewhere: Asker::new(is_allowed_elsewhere),
            public: Asker::new(is_public),
            public_elsewhere: Asker::new(is_public_elsewhere),
            own_port,
        }
    }

    pub async fn get(&self, url: &str) -> Result<Answer, Failure> {
        let request = self.request(Method::GET, url)?.header("accept", "application/json");
        self.send(request, MAX_BODY).await
    }

    /// Whether an address is one that may be asked, as far as it tells by itself.
    pub fn may_ask(&self, url: &str) -> Result<(), Failure> {
        self.checked(url).map(|_| ())
    }

    /// For clients other than ours: which addresses may be connected to when this URL is asked.
    pub fn allowed(&self, url: &str) -> Result<Allowed, Failure> {
        let url = self.checked(url)?;
        Ok(Allowed(if self.is_own_port(&url) { is_allowed_elsewhere } else { is_allowed }))
    }

    /// A request to where may be asked; `send` sends it.
    pub fn request(&self, method: Method, url: &str) -> Result<RequestBuilder, Failure> {
        let url = self.checked(url)?;
        let asker = if self.is_own_port(&url) { &self.elsewhere } else { &self.named };
        asker.request(method, url)
    }

    /// A request to an address that some other server has told us: https, and in the open internet.
    pub fn request_in_public(&self, method: Method, url: &str) -> Result<RequestBuilder, Failure> {
        let url = self.checked(url)?;
        let ip = url.host_str().and_then(|host| host.trim_matches(['[', ']']).parse::<IpAddr>().ok());
        if url.scheme() != "https" || ip.is_some_and(|ip| !is_public(ip)) {
            return Err(Failure::unusable("the address is neither public nor https"));
        }
        self.public.request(method, url)
    }

    /// Whether an address is one that may be told something, as far as it tells by itself: one in the open internet, or of
    /// a host that is `listed`.
    pub fn may_tell(&self, url: &str, listed: &[String]) -> Result<(), Failure> {
        self.told(url, listed).map(|_| ())
    }

    /// A request to where may be told something; `send` sends it.
    pub fn request_to_tell(
        &self,
        method: Method,
        url: &str,
        listed: &[String],
    ) -> Result<RequestBuilder, Failure> {
        let (url, is_listed) = self.told(url, listed)?;
        let asker = match (is_listed, self.is_own_port(&url)) {
            (true, false) => &self.named,
            (true, true) => &self.elsewhere,
            (false, false) => &self.public,
            (false, true) => &self.public_elsewhere,
        };
        asker.request(method, url)
    }

    /// The addresses of a host that somebody of this instance has named, for what is not HTTP: resolved once.
    pub async fn resolve(&self, host: &str, port: u16) -> Result<Vec<SocketAddr>, Failure> {
        let host = host.trim_matches(['[', ']']);
        let allowed = Allowed(if port == self.own_port { is_allowed_elsewhere } else { is_allowed });
        let found = tokio::time::timeout(CONNECT_TIMEOUT, allowed.resolve(host)).await;
        let found = found.map_err(|_| Failure::away("the name was not resolved in time"))?;
        let found = found.map_err(|_| Failure::away("the name could not be resolved"))?;
        if found.is_empty() {
            return Err(Failure::unusable(KEPT_OUT));
        }
        Ok(found.into_iter().map(|ip| SocketAddr::new(ip, port)).collect())
    }

    fn told(&self, url: &str, listed: &[String]) -> Result<(Url, bool), Failure> {
        let url = self.checked(url)?;
        let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
        let is_listed = listed.iter().any(|name| name == host);
        if !is_listed && host.parse::<IpAddr>().is_ok_and(|ip| !is_public(ip)) {
            return Err(Failure::unusable(KEPT_OUT));
        }
        Ok((url, is_listed))
    }

    /// Posts a form; `basic` are user and password of HTTP basic authentication.
    pub async fn post_form(
        &self,
        url: &str,
        form: &[(&str, &str)],
        basic: Option<(&str, &str)>,
    ) -> Result<Answer, Failure> {
        let body = form_urlencoded(form);
        let request = self.request(Method::POST, url)?.header("accept", "application/json");
        let request = request.header("content-type", "application/x-www-form-urlencoded").body(body);
        let request = match basic {
            Some((user, password)) => request.basic_auth(user, Some(password)),
            None => request,
        };
        self.send(request, MAX_BODY).await
    }

    /// Sends a request and reads at most `limit` bytes of the answer.
    pub async fn send(&self, request: RequestBuilder, limit: usize) -> Result<Answer, Failure> {
        let response = request.send().await.map_err(|error| reason(&error))?;
        let (status, headers) = (response.status(), response.headers().clone());
        let body = read(response, limit).await?;
        Ok(Answer { status, headers, body })
    }

    /// Sends a request of which only the status counts; the body is read as far as it is short and comes at once, and only
    /// when it may say what is wrong.
    pub async fn send_for_status(&self, request: RequestBuilder) -> Result<Answer, Failure> {
        let mut response = request.send().await.map_err(|error| reason(&error))?;
        let (status, headers) = (response.status(), response.headers().clone());
        let mut body = Vec::new();
        if !status.is_success() {
            body = response.chunk().await.ok().flatten().map(|chunk| chunk.to_vec()).unwrap_or_default();
        }
        Ok(Answer { status, headers, body })
    }

    fn checked(&self, url: &str) -> Result<Url, Failure> {
        let url = Url::parse(url).map_err(|_| Failure::unusable("the address is not a URL"))?;
        let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
        // Names are looked at where they are resolved.
        let ip = host.parse::<IpAddr>().ok();
        if ip.is_some_and(is_forbidden) {
            return Err(Failure::unusable("the address is not for others to ask"));
        }
        let here = host == "localhost" || ip.is_some_and(is_here);
        if here && self.is_own_port(&url) {
            return Err(Failure::unusable("the address is this daemon itself"));
        }
        Ok(url)
    }

    fn is_own_port(&self, url: &Url) -> bool {
        url.port_or_known_default() == Some(self.own_port)
    }
}

/// Which addresses may be connected to.
#[derive(Debug, Clone, Copy)]
pub struct Allowed(fn(IpAddr) -> bool);

impl Allowed {
    /// The addresses of a name that may be.
    pub async fn resolve(self, name: &str) -> std::io::Result<Vec<IpAddr>> {
        let found = tokio::net::lookup_host((name, 0)).await?;
        Ok(found.map(|address| address.ip()).filter(|ip| (self.0)(*ip)).collect())
    }
}

fn client(allows: fn(IpAddr) -> bool) -> reqwest::Result<reqwest::Client> {
    reqwest::Client::builder()
        .redirect(Policy::none())
        .timeout(TIMEOUT)
        .connect_timeout(CONNECT_TIMEOUT)
        .dns_resolver(Arc::new(Careful { allows }))
        .user_agent(concat!("oored/", env!("CARGO_PKG_VERSION")))
        // A proxy would resolve names itself, unchecked.
        .no_proxy()
        .build()
}

async fn read(mut response: Response, limit: usize) -> Result<Vec<u8>, Failure> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| reason(&error))? {
        if body.len() + chunk.len() > limit {
            return Err(Failure::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// Why nothing is sent to where a name leads.
const KEPT_OUT: &str = "the address is private or otherwise not for others to ask";

/// A name leads to addresses that must not be asked, and to no other.
#[derive(Debug, thiserror::Error)]
#[error("{}", KEPT_OUT)]
struct KeptOut;

fn is_kept_out(error: &reqwest::Error) -> bool {
    let mut source = std::error::Error::source(error);
    while let Some(error) = source {
        if error.is::<KeptOut>() {
            return true;
        }
        source = error.source();
    }
    false
}

fn reason(error: &reqwest::Error) -> Failure {
    if is_kept_out(error) {
        return Failure::unusable(KEPT_OUT);
    }
    if error.is_timeout() {
        return Failure::away("there was no answer in time");
    }
    if error.is_connect() {
        return Failure::away("no connection could be made");
    }
    Failure::away("the answer was cut off")
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

/// Resolves names, and drops addresses that must not be asked, however they are named.
struct Careful {
    allows: fn(IpAddr) -> bool,
}

impl Resolve for Careful {
    fn resolve(&self, name: Name) -> Resolving {
        let allowed = Allowed(self.allows);
        Box::pin(async move {
            let found = allowed.resolve(name.as_str()).await?;
            if found.is_empty() {
                return Err(KeptOut.into());
            }
            Ok(Box::new(found.into_iter().map(|ip| SocketAddr::new(ip, 0))) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_others_tell_must_be_public() {
        let outgoing = Outgoing::new(8787);
        let may = |url: &str| outgoing.request_in_public(Method::GET, url).is_ok();
        assert!(may("https://avatars.example.com/1.png") && may("https://93.184.216.34/1.png"));
        for url in [
            "http://avatars.example.com/1.png",
            "https://10.0.0.5/1.png",
            "https://192.168.1.1/",
            "https://127.0.0.1/",
            "https://100.64.0.1/",
            "https://[fd12::1]/",
            "https://[::ffff:10.0.0.5]/",
        ] {
            assert!(!may(url), "{url}");
        }
    }

    #[test]
    fn metadata_services_and_ourselves_are_never_asked() {
        let outgoing = Outgoing::new(8787);
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
    fn what_is_told_goes_to_the_open_internet_or_to_hosts_that_are_listed() {
        let outgoing = Outgoing::new(8787);
        let listed =
            ["10.0.0.5".to_owned(), "chat.lan".to_owned(), "127.0.0.1".to_owned(), "fd12::1".to_owned()];
        let may = |url: &str| outgoing.may_tell(url, &listed).is_ok();
        for url in [
            "http://93.184.216.34/hook",
            "https://hooks.example.com/x",
            "http://chat.lan/x",
            "http://10.0.0.5:8065/x",
            "http://127.0.0.1:8065/x",
            "http://[fd12::1]/x",
            "https://[2606:2800:220:1::1]/x",
        ] {
            assert!(may(url), "{url}");
        }
        for url in [
            "http://127.0.0.1:8787/v1/builds",
            "http://127.0.0.2/",
            "http://0177.2/",
            "http://2130706434/",
            "http://0.0.0.0/",
            "http://[::]/",
            "http://[::ffff:127.0.0.2]/",
            "http://[64:ff9b::10.0.0.6]/",
            "http://[2002:a9fe:a9fe::1]/",
            "http://[fec0::1]/",
            "http://10.0.0.6/",
            "http://198.18.0.1/",
            "http://169.254.169.254/",
            "http://240.0.0.1/",
        ] {
            assert!(!may(url), "{url}");
        }
        let metadata = ["169.254.169.254".to_owned()];
        assert!(outgoing.may_tell("http://169.254.169.254/latest", &metadata).is_err(), "listed or not");
    }

    #[tokio::test]
    async fn names_that_lead_to_private_addresses_only_are_not_asked_and_it_says_so() {
        let outgoing = Outgoing::new(8787);
        let told = async |listed: &[String]| {
            let request = outgoing.request_to_tell(Method::GET, "http://localhost:1/", listed).unwrap();
            outgoing.send(request, MAX_BODY).await.unwrap_err()
        };
        assert_eq!(told(&[]).await, Failure::unusable(KEPT_OUT));
        assert_eq!(told(&["localhost".to_owned()]).await, Failure::away("no connection could be made"));
        assert!(outgoing.resolve("localhost", 25).await.is_ok());
        assert_eq!(outgoing.resolve("localhost", 8787).await, Err(Failure::unusable(KEPT_OUT)));
        assert_eq!(outgoing.resolve("169.254.169.254", 25).await, Err(Failure::unusable(KEPT_OUT)));
    }

    #[test]
    fn forms_are_encoded() {
        assert_eq!(form_urlencoded(&[("a", "1 2&3"), ("b", "ü")]), "a=1+2%263&b=%C3%BC");
    }
}
