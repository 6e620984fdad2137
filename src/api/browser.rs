//! Which browser began a way to a code host and back: a cookie for some minutes, which nothing else is ever asked for. Who
//! comes back without it is somebody else, and what they bring must not become part of this instance.

use axum::http::HeaderMap;
use axum::http::header::{COOKIE, HOST, ORIGIN};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::guard;
use crate::app::App;
use crate::error::Result;
use crate::seal::random;

/// What a browser is known by, in base64url.
const LENGTH: usize = 43;

/// A cookie: what it is called, to which addresses it goes, and for how many seconds.
#[derive(Debug, Clone, Copy)]
pub struct Cookie {
    pub name: &'static str,
    pub path: &'static str,
    pub seconds: i64,
}

impl Cookie {
    /// Its value, if the browser sent it.
    pub fn of<'a>(&self, headers: &'a HeaderMap) -> Option<&'a str> {
        let cookies = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
        let mut pairs =
            cookies.flat_map(|cookies| cookies.split(';')).filter_map(|pair| pair.trim().split_once('='));
        pairs.find(|(name, _)| *name == self.name).map(|(_, value)| value)
    }

    /// The header that makes a browser keep it.
    pub fn kept(&self, app: &App, value: &str) -> String {
        let Self { name, path, seconds } = self;
        let by_scheme = || guard::base_url(app).starts_with("https://");
        let secure = if app.config.cookie_secure.unwrap_or_else(by_scheme) { "; Secure" } else { "" };
        format!("{name}={value}; Max-Age={seconds}; Path={path}; HttpOnly; SameSite=Lax{secure}")
    }

    /// What the browser is known by: what it was known by before, so that two ways at once don't end each other.
    pub fn known_by(&self, headers: &HeaderMap) -> Result<String> {
        let is_ours = |value: &&str| {
            value.len() == LENGTH && URL_SAFE_NO_PAD.decode(value).is_ok_and(|bytes| bytes.len() == 32)
        };
        if let Some(value) = self.of(headers).filter(is_ours) {
            return Ok(value.to_owned());
        }
        let mut bytes = [0; 32];
        random(&mut bytes)?;
        Ok(URL_SAFE_NO_PAD.encode(bytes))
    }
}

/// Whether a page of `origin` calls that is at the same origin as what it calls: only there its browser keeps a cookie
/// of ours. Browsers say so themselves, but for those that come over plain http from another machine.
pub fn is_of_same_origin(headers: &HeaderMap, origin: &str) -> bool {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    if text(ORIGIN) != Some(origin) {
        return false;
    }
    match headers.get("sec-fetch-site") {
        Some(site) => site == "same-origin",
        None => text(HOST).is_some_and(|host| origin.split_once("://").is_some_and(|(_, own)| own == host)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect()
    }

    #[test]
    fn a_browser_stays_who_it_is_and_takes_no_other_value() {
        let cookie = Cookie { name: "a", path: "/", seconds: 1 };
        let value = cookie.known_by(&headers(&[])).unwrap();
        let again = cookie.known_by(&headers(&[("cookie", &format!("b=c; a={value}"))])).unwrap();
        assert_eq!(again, value);
        for other in ["a=", "a=x", "aa=x", &format!("a={value}A"), &format!("a={}", "!".repeat(43))] {
            assert_ne!(cookie.known_by(&headers(&[("cookie", other)])).unwrap(), value, "{other}");
        }
    }

    #[test]
    fn only_a_page_of_the_same_origin_can_keep_a_cookie() {
        let (own, host) = (("origin", "https://ci.example.com"), ("host", "ci.example.com"));
        let same =
            |pairs: &[(&'static str, &str)]| is_of_same_origin(&headers(pairs), "https://ci.example.com");
        assert!(same(&[own, host]));
        assert!(same(&[own, ("host", "daemon:8787"), ("sec-fetch-site", "same-origin")]), "through a proxy");
        assert!(!same(&[own, host, ("sec-fetch-site", "cross-site")]));
        assert!(!same(&[own, ("host", "daemon:8787")]));
        assert!(!same(&[("origin", "https://ui.example.com"), host]));
        assert!(!same(&[host]), "no browser");
    }
}
