//! Where a request comes from. A loopback peer that carries any forwarding header stands behind a
//! proxy: it is not local, whatever the header says.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

/// Headers that only a proxy adds.
const FORWARDING_HEADERS: [&str; 10] = [
    "forwarded",
    "forwarded-for",
    "via",
    "x-real-ip",
    "x-client-ip",
    "x-cluster-client-ip",
    "true-client-ip",
    "fastly-client-ip",
    "fly-client-ip",
    "x-azure-clientip",
];
/// How headers of proxies and of their makers begin.
const FORWARDING_PREFIXES: [&str; 6] =
    ["x-forwarded", "x-original-forwarded", "cf-", "x-envoy-", "tailscale-", "x-amzn-"];

/// Headers in which a proxy names the client, the most usual one first: a proxy that sets one of them may
/// pass on the others as the client sent them.
pub const CLIENT_HEADERS: [&str; 4] = ["x-forwarded-for", "forwarded", "x-real-ip", "cf-connecting-ip"];

/// Whether a header, in lower case, is one that only a proxy adds.
pub fn is_forwarding(header: &str) -> bool {
    FORWARDING_HEADERS.contains(&header)
        || FORWARDING_PREFIXES.iter().any(|prefix| header.starts_with(prefix))
}

/// Both ends of the connection a request came over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Peer {
    pub remote: SocketAddr,
    pub local: SocketAddr,
}

/// A request's origin as far as access rules care.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Origin {
    pub peer: Peer,
    /// Whether a forwarding header was present.
    pub forwarded: bool,
    /// The client that a proxy on this machine names; for counting and for the log, never for access.
    pub client: Option<IpAddr>,
}

impl Origin {
    /// The address that stands for the client.
    pub fn source(&self) -> IpAddr {
        self.client.unwrap_or(self.peer.remote.ip()).to_canonical()
    }

    /// On this machine, and not through a proxy.
    pub fn is_local(&self) -> bool {
        is_loopback(self.peer.remote.ip()) && !self.forwarded
    }
}

/// Longest name of a program that is kept, in characters.
const MAX_USER_AGENT: usize = 200;

/// Somebody who signs in: from where, and with which program.
#[derive(Debug, Clone)]
pub struct Visitor {
    pub origin: Origin,
    pub user_agent: Option<String>,
}

impl Visitor {
    /// What a program says of itself is anybody's text: it is cut, and can't steer a terminal.
    pub fn new(origin: Origin, user_agent: &[u8]) -> Self {
        let text = String::from_utf8_lossy(user_agent);
        let kept: String = text.chars().filter(|c| !c.is_control()).take(MAX_USER_AGENT).collect();
        let kept = kept.trim();
        Self { origin, user_agent: (!kept.is_empty()).then(|| kept.to_owned()) }
    }
}

impl std::fmt::Display for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let through = if self.forwarded { " (behind a proxy)" } else { "" };
        write!(f, "{}{through}", self.source())
    }
}

/// The client that the proxy next to us names: the last address in its header. What stands before it
/// was sent by the client itself.
pub fn named_client(value: &str) -> Option<IpAddr> {
    let last = value.rsplit(',').next()?.trim();
    let named = last.split(';').find_map(|part| part.trim().strip_prefix("for="));
    let address = named.unwrap_or(last).trim_matches('"');
    let bare = address.trim_start_matches('[').split(']').next()?;
    bare.parse().ok().or_else(|| address.parse::<SocketAddr>().ok().map(|address| address.ip()))
}

/// Loopback in either family, also as an IPv4 address inside IPv6.
pub fn is_loopback(ip: IpAddr) -> bool {
    ip.to_canonical().is_loopback()
}

/// What is counted as one client: in IPv6 each has a whole network of 64 bits to send from.
pub fn network(source: IpAddr) -> IpAddr {
    match source.to_canonical() {
        IpAddr::V4(ip) => ip.into(),
        IpAddr::V6(ip) => Ipv6Addr::from_bits(ip.to_bits() & !u128::from(u64::MAX)).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(remote: &str, forwarded: bool) -> Origin {
        let local = "127.0.0.1:8787".parse().unwrap();
        Origin { peer: Peer { remote: remote.parse().unwrap(), local }, forwarded, client: None }
    }

    #[test]
    fn only_an_unforwarded_loopback_peer_is_local() {
        assert!(origin("127.0.0.1:5", false).is_local());
        assert!(origin("[::1]:5", false).is_local());
        assert!(origin("[::ffff:127.0.0.1]:5", false).is_local());
        assert!(!origin("127.0.0.1:5", true).is_local());
        assert!(!origin("192.168.1.9:5", false).is_local());
    }

    #[test]
    fn the_name_of_a_program_is_cut_and_cannot_steer_a_terminal() {
        let named = |text: &[u8]| Visitor::new(origin("127.0.0.1:5", false), text).user_agent;
        assert_eq!(named(b"curl/8.5\x1b[2J\r\n\x7f\t").as_deref(), Some("curl/8.5[2J"));
        assert_eq!(named("é".repeat(500).as_bytes()).map(|name| name.chars().count()), Some(200));
        assert_eq!(named(b"\xff x").as_deref(), Some("\u{fffd} x"));
        assert_eq!((named(b""), named(b" \x00 ")), (None, None));
    }

    #[test]
    fn the_proxy_next_to_us_names_the_client_last() {
        let named = |value: &str| named_client(value).map(|ip| ip.to_string()).unwrap_or_default();
        assert_eq!(named("198.51.100.1, 203.0.113.5"), "203.0.113.5");
        assert_eq!(named("203.0.113.5:1234"), "203.0.113.5");
        assert_eq!(named("for=1.1.1.1, for=\"[2001:db8::1]:99\";proto=https"), "2001:db8::1");
        assert_eq!(named("unknown"), "");
    }
}
