//! Where an identity provider may send people back to: the callback page of an allowed origin,
//! compared as text, so that nothing is lost or gained by parsing it twice.

use reqwest::Url;

use super::network::{Reach, is_loopback_name, origin_of};
use crate::error::{Error, Result};

const CALLBACK: &str = "/auth/callback";
const MAX_URI: usize = 2048;

/// The checked redirect URI: `given`, or the default one.
///
/// Errors: 400 `invalid_redirect_uri`.
pub fn redirect_uri(reach: &Reach, port: u16, given: Option<&str>) -> Result<String> {
    let Some(uri) = given.filter(|uri| !uri.is_empty()) else {
        let base = reach.public_url.clone().unwrap_or_else(|| format!("http://localhost:{port}"));
        return Ok(format!("{base}{CALLBACK}"));
    };
    let origin = uri.strip_suffix(CALLBACK).filter(|_| uri.len() <= MAX_URI);
    if origin.is_some_and(|origin| is_allowed(reach, origin)) {
        return Ok(uri.to_owned());
    }
    Err(Error::invalid("invalid_redirect_uri", "people cannot be sent back to this address")
        .hint("It must be an allowed origin of this instance, followed by /auth/callback."))
}

/// A page of the web UI that people may be sent to: any path at an allowed origin.
///
/// Errors: 400 `invalid_redirect_url`.
pub fn page(reach: &Reach, url: &str) -> Result<String> {
    let origin = origin(url);
    let is_odd = |c: char| matches!(c, '#' | '\\') || c.is_control();
    let rest = url.strip_prefix(&origin).filter(|_| url.len() <= MAX_URI && !url.contains(is_odd));
    let is_page = rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?']));
    if is_page && is_allowed(reach, &origin) {
        return Ok(url.to_owned());
    }
    Err(Error::invalid("invalid_redirect_url", "people cannot be sent back to this address")
        .hint("It must be a page of this instance, or of another allowed origin."))
}

/// Scheme, host and port of an address; empty if it has none.
pub fn origin(url: &str) -> String {
    origin_of(url).unwrap_or_default()
}

fn is_allowed(reach: &Reach, origin: &str) -> bool {
    if origin_of(origin).as_deref() != Some(origin) {
        return false;
    }
    let own = reach.public_url.as_deref().and_then(origin_of);
    reach.allows(origin) || own.as_deref() == Some(origin) || is_loopback(origin)
}

fn is_loopback(origin: &str) -> bool {
    let Ok(url) = Url::parse(origin) else {
        return false;
    };
    url.scheme() == "http" && url.port() != Some(0) && url.host_str().is_some_and(is_loopback_name)
}

#[cfg(test)]
mod tests {
    use super::super::network::NetworkSource;
    use super::*;

    fn reach() -> Reach {
        Reach {
            public_url: Some("https://ci.example.com".to_owned()),
            artifact_delivery_url: None,
            allowed_origins: vec!["https://ui.example.com".to_owned()],
            source: NetworkSource::Database,
            updated_at: None,
        }
    }

    #[test]
    fn callbacks_of_allowed_origins_and_of_this_machine_are_accepted() {
        for uri in [
            "https://ui.example.com/auth/callback",
            "https://ci.example.com/auth/callback",
            "http://localhost:4174/auth/callback",
            "http://127.0.0.1:8787/auth/callback",
            "http://[::1]:5/auth/callback",
        ] {
            assert_eq!(redirect_uri(&reach(), 1, Some(uri)).unwrap(), uri);
        }
        assert_eq!(redirect_uri(&reach(), 1, None).unwrap(), "https://ci.example.com/auth/callback");
        let local = Reach { public_url: None, ..reach() };
        assert_eq!(redirect_uri(&local, 8787, Some("")).unwrap(), "http://localhost:8787/auth/callback");
    }

    #[test]
    fn pages_of_allowed_origins_are_accepted_with_any_path() {
        for url in [
            "https://ui.example.com",
            "https://ci.example.com/settings/integrations?a=1",
            "http://localhost:4174/settings",
        ] {
            assert_eq!(page(&reach(), url).unwrap(), url);
        }
        for url in [
            "",
            "https://evil.example/",
            "https://ui.example.com@evil.example/",
            "https://ui.example.com.evil.example/",
            "https://ui.example.com:444/",
            "https://ui.example.com/a#b",
            "https://ui.example.com\\\\evil.example/",
            "//ui.example.com/",
            "/settings",
            "javascript:alert(1)",
        ] {
            assert_eq!(page(&reach(), url).unwrap_err().code, "invalid_redirect_url", "{url}");
        }
    }

    #[test]
    fn everything_else_is_refused() {
        for uri in [
            "https://evil.example/auth/callback",
            "http://ui.example.com/auth/callback",
            "https://ui.example.com:444/auth/callback",
            "https://ui.example.com:443/auth/callback",
            "https://user@ui.example.com/auth/callback",
            "https://ui.example.com@evil.example/auth/callback",
            "https://ui.example.com/auth/callback#x",
            "https://ui.example.com/auth/callback?x=1",
            "https://ui.example.com/auth/callback/",
            "https://ui.example.com/auth/callback/../x",
            "https://ui.example.com/auth/callback%2f..",
            "https://ui.example.com/x/auth/callback",
            "https://ui.example.com//evil.example/auth/callback",
            "https://ui.example.com\\\\evil.example/auth/callback",
            "https://ui.example.com%2f%2fevil.example/auth/callback",
            "https://ui.example.com./auth/callback",
            "https://UI.example.com/auth/callback",
            "https://\u{440}i.example.com/auth/callback",
            "//evil.example/auth/callback",
            "https://localhost/auth/callback",
            "http://localhost:0/auth/callback",
            "http://localhost.evil.example/auth/callback",
            "http://127.0.0.1.evil.example/auth/callback",
            "javascript:alert(1)/auth/callback",
            "data:text/html,x/auth/callback",
            "file:///auth/callback",
            "myapp://x/auth/callback",
            " https://ui.example.com/auth/callback",
            "/auth/callback",
        ] {
            assert!(redirect_uri(&reach(), 1, Some(uri)).is_err(), "{uri}");
        }
    }
}
