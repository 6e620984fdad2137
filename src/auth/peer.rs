//! Where a request comes from. A loopback peer that carries any forwarding header stands behind a
//! proxy: it is not local, whatever the header says.

use std::net::{IpAddr, SocketAddr};

/// Headers that only a proxy adds.
pub const FORWARDING_HEADERS: [&str; 8] = [
    "forwarded",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-proto",
    "x-real-ip",
    "cf-connecting-ip",
    "true-client-ip",
    "via",
];

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
}

impl Origin {
    /// On this machine, and not through a proxy.
    pub fn is_local(&self) -> bool {
        is_loopback(self.peer.remote.ip()) && !self.forwarded
    }
}

impl std::fmt::Display for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let through = if self.forwarded { " (behind a proxy)" } else { "" };
        write!(f, "{}{through}", self.peer.remote.ip().to_canonical())
    }
}

/// Loopback in either family, also as an IPv4 address inside IPv6.
pub fn is_loopback(ip: IpAddr) -> bool {
    ip.to_canonical().is_loopback()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(remote: &str, forwarded: bool) -> Origin {
        let local = "127.0.0.1:8787".parse().unwrap();
        Origin { peer: Peer { remote: remote.parse().unwrap(), local }, forwarded }
    }

    #[test]
    fn only_an_unforwarded_loopback_peer_is_local() {
        assert!(origin("127.0.0.1:5", false).is_local());
        assert!(origin("[::1]:5", false).is_local());
        assert!(origin("[::ffff:127.0.0.1]:5", false).is_local());
        assert!(!origin("127.0.0.1:5", true).is_local());
        assert!(!origin("192.168.1.9:5", false).is_local());
    }
}
