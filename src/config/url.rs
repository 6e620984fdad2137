//! Addresses that people enter: what makes one usable, and whether it leads to this machine. It asks nobody.

use std::net::IpAddr;

use reqwest::Url;

/// An absolute http or https URL without credentials, query or fragment, its trailing slash removed;
/// or what is wrong with it.
pub fn base_url(url: &str) -> Result<String, &'static str> {
    let parsed = Url::parse(url).map_err(|_| "is not a URL")?;
    if !matches!(parsed.scheme(), "http" | "https") || parsed.host_str().is_none() {
        return Err("must start with http:// or https:// and name a host");
    }
    if !parsed.username().is_empty() || parsed.password().is_some() {
        return Err("must not contain credentials");
    }
    if parsed.query().is_some() || parsed.fragment().is_some() {
        return Err("must not have a query or fragment");
    }
    Ok(parsed.as_str().trim_end_matches('/').to_owned())
}

/// A `base_url` without a path: the daemon's pages and operations are at the root of a host, wherever that is.
pub fn bare_url(url: &str) -> Result<String, &'static str> {
    let bare = base_url(url)?;
    let parsed = Url::parse(&bare).map_err(|_| "is not a URL")?;
    if parsed.path() == "/" { Ok(bare) } else { Err("must not have a path") }
}

/// How a URL leads to this machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Here {
    /// By a loopback address, which leads nowhere else.
    ByAddress,
    /// By the name that systems keep for one, as long as nobody has set it otherwise.
    ByName,
}

/// How an http or https URL leads to this machine, where nobody reads along; `None` if it does not.
pub fn here(url: &str) -> Option<Here> {
    let url = Url::parse(url).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    let host = url.host_str()?.trim_matches(['[', ']']);
    if host == "localhost" {
        return Some(Here::ByName);
    }
    host.parse().is_ok_and(|ip: IpAddr| ip.to_canonical().is_loopback()).then_some(Here::ByAddress)
}

/// Whether what lasts may be sent there and still be secret: encrypted, or to this machine by an address.
pub fn is_private_way(url: &str) -> bool {
    url.starts_with("https://") || here(url) == Some(Here::ByAddress)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_machine_is_named_by_loopback_addresses_and_by_its_own_name() {
        for url in [
            "http://127.0.0.1:8787",
            "http://127.8.8.8/x",
            "https://[::1]:8787",
            "http://[::ffff:127.0.0.1]/",
        ] {
            assert_eq!((here(url), is_private_way(url)), (Some(Here::ByAddress), true), "{url}");
        }
        for url in ["http://localhost", "http://LOCALHOST:1/"] {
            assert_eq!((here(url), is_private_way(url)), (Some(Here::ByName), false), "{url}");
        }
        for url in [
            "",
            "localhost",
            "ftp://127.0.0.1",
            "http://10.0.0.1:8787",
            "http://localhost.evil:8787",
            "http://127.0.0.1.evil",
            "http://0.0.0.0",
            "http://[::]",
        ] {
            assert_eq!((here(url), is_private_way(url)), (None, false), "{url}");
        }
        assert!(is_private_way("https://ci.example.com") && here("https://ci.example.com").is_none());
    }
}
