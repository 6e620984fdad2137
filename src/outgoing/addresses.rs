//! Which addresses may be asked: rules on numbers alone. Names are resolved elsewhere.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Link-local addresses, among them the metadata services of clouds, which hand out credentials.
pub fn is_forbidden(ip: IpAddr) -> bool {
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

pub fn is_allowed(ip: IpAddr) -> bool {
    !is_forbidden(ip)
}

pub fn is_allowed_elsewhere(ip: IpAddr) -> bool {
    is_allowed(ip) && !is_here(ip)
}

/// Whether an address is one of the open internet, and of no network in between.
pub fn is_public(ip: IpAddr) -> bool {
    let is_internal = match ip.to_canonical() {
        IpAddr::V4(ip) => is_internal_v4(ip),
        IpAddr::V6(ip) => is_internal_v6(ip),
    };
    is_allowed(ip) && !is_internal
}

pub fn is_public_elsewhere(ip: IpAddr) -> bool {
    is_public(ip) && !is_here(ip)
}

fn is_internal_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    let is_reserved = a == 0 || a >= 240 || (a == 100 && b & 0xc0 == 64) || (a == 198 && b & 0xfe == 18);
    let is_special = (a, b, c) == (192, 0, 0) || ip.is_documentation();
    ip.is_private() || ip.is_loopback() || ip.is_multicast() || is_reserved || is_special
}

/// Whatever carries an address of the old kind is judged by that.
fn is_internal_v6(ip: Ipv6Addr) -> bool {
    let embedded = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        is_internal_v4(Ipv4Addr::new(a, b, c, d)) || is_forbidden(IpAddr::from([a, b, c, d]))
    };
    match ip.segments() {
        [0, 0, 0, 0, 0, 0, ..] | [0x0064, 0xff9b, 1, ..] | [0x2001, 0, ..] | [0x2001, 0x0db8, ..] => true,
        [0x0064, 0xff9b, 0, 0, 0, 0, high, low] | [0x2002, high, low, ..] => embedded(high, low),
        [first, ..] => ip.is_multicast() || ip.is_unique_local() || first & 0xffc0 == 0xfec0,
    }
}

/// Whether an address is one of this machine's: only those can be bound.
pub fn is_here(ip: IpAddr) -> bool {
    let ip = ip.to_canonical();
    ip.is_loopback() || std::net::UdpSocket::bind((ip, 0)).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn behind_our_own_port_no_name_leads_to_this_machine() {
        let here = |ip: &str| is_here(ip.parse().unwrap());
        assert!(here("127.0.0.1") && here("127.8.8.8") && here("::1") && here("::ffff:127.0.0.1"));
        assert!(!here("192.0.2.1") && !here("2001:db8::1"));
        assert!(!is_allowed_elsewhere("127.0.0.1".parse().unwrap()));
        assert!(is_allowed_elsewhere("192.0.2.1".parse().unwrap()));
    }
}
