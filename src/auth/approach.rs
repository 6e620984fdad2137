//! By which name a request addresses the instance, and which web page sends it: the one rule of what is
//! ours, for the doorkeeper and for whoever is about to change it. It reads no headers.

use std::net::IpAddr;

use super::modes::would_lock_out;
use super::network::{Reach, host_of, is_loopback_name, origin_of};
use crate::app::App;
use crate::error::Result;

/// How a request comes to us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approach {
    /// Host and port that it names; `None` if it names none, or two.
    pub authority: Option<String>,
    /// The origin of the page that sends it, if a page does.
    pub page: Option<String>,
    /// The address of ours that the connection ends at.
    pub local: Option<IpAddr>,
}

impl Approach {
    /// The host without its port, in lower case.
    pub fn host(&self) -> Option<String> {
        let authority = self.authority.as_deref()?;
        let port = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let host =
            authority.rsplit_once(':').filter(|(_, rest)| port(rest)).map_or(authority, |(host, _)| host);
        Some(host.to_ascii_lowercase())
    }

    /// Whether the name is one of ours: of this machine, of the addresses in force, or of the configuration.
    pub fn names_us(&self, reach: &Reach, allowed_hosts: &[String]) -> bool {
        let Some(host) = self.host() else {
            return false;
        };
        let ip = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>().ok();
        let here = ip.zip(self.local).is_some_and(|(ip, local)| ip.to_canonical() == local.to_canonical());
        here || is_loopback_name(&host) || reach.names(&host) || allowed_hosts.contains(&host)
    }

    /// Whether the page, if there is one, may change anything: it is our own, or listed.
    pub fn may_write(&self, reach: &Reach) -> bool {
        self.page.as_deref().is_none_or(|page| self.is_own(reach, page) || reach.allows(page))
    }

    /// A page at the public address is ours whatever name the request has: proxies may have changed that. Under a name of
    /// an address in force it is ours only at exactly that address. Other names, those of this machine among them, say
    /// nothing of the scheme.
    fn is_own(&self, reach: &Reach, page: &str) -> bool {
        if reach.public_url.as_deref().and_then(origin_of).as_deref() == Some(page) {
            return true;
        }
        let (Some(host), Some(authority)) = (self.host(), self.authority.as_deref()) else {
            return false;
        };
        let urls = [&reach.public_url, &reach.artifact_delivery_url].into_iter().flatten();
        let mut own = urls.filter(|url| host_of(url).as_ref() == Some(&host)).peekable();
        if own.peek().is_some() && !is_loopback_name(&host) {
            return own.any(|url| origin_of(url).as_deref() == Some(page));
        }
        let served = page.strip_prefix("http://").or_else(|| page.strip_prefix("https://"));
        served.is_some_and(|served| served.eq_ignore_ascii_case(authority))
    }

    /// Refuses other addresses under which this very request would not be let in again.
    ///
    /// Errors: 409 `external_access_would_lock_out`.
    pub fn require_let_in(&self, app: &App, reach: &Reach) -> Result<()> {
        if !self.names_us(reach, &app.config.allowed_hosts) {
            let host = self.host().unwrap_or_default();
            return Err(would_lock_out(
                app,
                format!("you use the instance as {host}, a name it would no longer answer to"),
            ));
        }
        if !self.may_write(reach) {
            let page = self.page.as_deref().unwrap_or_default();
            return Err(would_lock_out(
                app,
                format!("you use a page of {page}, which would no longer be allowed"),
            ));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::network::NetworkSource;
    use super::*;

    fn approach(authority: &str, page: &str) -> Approach {
        let local = "192.0.2.7".parse().ok();
        Approach { authority: Some(authority.to_owned()), page: Some(page.to_owned()), local }
    }

    fn reach(public_url: &str) -> Reach {
        Reach {
            public_url: Some(public_url.to_owned()),
            artifact_delivery_url: Some("https://files.example.com".to_owned()),
            allowed_origins: vec!["https://ui.example.com".to_owned()],
            source: NetworkSource::Database,
            updated_at: None,
        }
    }

    #[test]
    fn at_the_public_host_only_the_public_origin_is_our_own() {
        let may =
            |authority, page| approach(authority, page).may_write(&reach("https://ci.example.com:8443"));
        assert!(may("ci.example.com:8443", "https://ci.example.com:8443"));
        assert!(may("CI.example.com", "https://ci.example.com:8443"), "a proxy may leave the port out");
        assert!(may("ci.example.com:8443", "https://ui.example.com"), "it is listed");
        assert!(may("files.example.com", "https://files.example.com"));
        for page in [
            "http://ci.example.com:8443",
            "https://ci.example.com",
            "http://ci.example.com",
            "https://CI.example.com:8443",
            "https://files.example.com",
            "null",
        ] {
            assert!(!may("ci.example.com:8443", page), "{page}");
        }
        assert!(!may("files.example.com", "http://files.example.com"));
    }

    #[test]
    fn a_page_at_the_public_address_is_our_own_behind_a_proxy_that_names_another_host() {
        let may = |page| approach("127.0.0.1:8787", page).may_write(&reach("https://ci.example.com"));
        assert!(may("https://ci.example.com"));
        assert!(!may("http://ci.example.com") && !may("https://ci.example.com:8443"));
        assert!(!may("https://files.example.com"), "what people upload is served there");
    }

    #[test]
    fn this_machine_is_our_own_without_being_named() {
        for public_url in ["https://ci.example.com", "https://localhost:8443"] {
            let may = |authority, page| approach(authority, page).may_write(&reach(public_url));
            assert!(may("127.0.0.1:8787", "http://127.0.0.1:8787") && may("[::1]:5", "http://[::1]:5"));
            assert!(may("localhost:8787", "http://localhost:8787"));
            assert!(
                !may("localhost:8787", "http://localhost:3000")
                    && !may("localhost:8787", "http://127.0.0.1:8787")
            );
        }
    }

    #[test]
    fn a_host_is_read_without_its_port() {
        for (authority, host) in [
            ("CI.lan:80", "ci.lan"),
            ("ci.lan", "ci.lan"),
            ("[::1]", "[::1]"),
            ("[::1]:5", "[::1]"),
            ("x:", "x"),
        ] {
            assert_eq!(approach(authority, "null").host().as_deref(), Some(host));
        }
    }
}
