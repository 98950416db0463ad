//! Addresses that nothing is ever sent to: our own listener and the metadata services of clouds.
//!
//! What is checked is the address that will be dialled, after the name was resolved, so that neither a
//! name nor an odd spelling (`127.1`, `0x7f000001`, `::ffff:127.0.0.1`) leads around it.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};

/// Addresses at which a cloud gives its machines' credentials to whoever asks from within: AWS (also
/// for containers and pods), Azure, Google, Oracle, and most others at the first; Alibaba; Oracle's old
/// one; and the IPv6 ones of AWS and Google.
const METADATA: [IpAddr; 8] = [
    IpAddr::V4(Ipv4Addr::new(169, 254, 169, 254)),
    IpAddr::V4(Ipv4Addr::new(169, 254, 170, 2)),
    IpAddr::V4(Ipv4Addr::new(169, 254, 170, 23)),
    IpAddr::V4(Ipv4Addr::new(100, 100, 100, 200)),
    IpAddr::V4(Ipv4Addr::new(192, 0, 0, 192)),
    IpAddr::V6(Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254)),
    IpAddr::V6(Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x23)),
    IpAddr::V6(Ipv6Addr::new(0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254)),
];

/// Whether an address is a cloud's metadata service, in whichever form it is written.
pub(super) fn is_metadata(ip: IpAddr) -> bool {
    METADATA.contains(&plain(ip))
}

/// Whether a connection to `to` would reach one of our own listeners.
///
/// On one port all loopback addresses and the unspecified one (which dials loopback) count as the same:
/// `localhost` resolves to any of them. `is_local` says whether an address belongs to this machine; it
/// is asked only where a listener is bound to all of them.
pub(super) fn is_own(to: SocketAddr, own: &[SocketAddr], is_local: impl Fn(IpAddr) -> bool) -> bool {
    let ip = plain(to.ip());
    let reaches_loopback = ip.is_loopback() || ip.is_unspecified();
    own.iter().filter(|listener| listener.port() == to.port()).any(|listener| {
        let bound = plain(listener.ip());
        ip == bound
            || (bound.is_loopback() && reaches_loopback)
            || (bound.is_unspecified() && (reaches_loopback || is_local(ip)))
    })
}

/// Whether an address belongs to an interface of this machine: only then can a socket be bound to it.
/// Nothing is sent.
pub(super) fn is_local(ip: IpAddr) -> bool {
    UdpSocket::bind((ip, 0)).is_ok()
}

/// The IPv4 address that an IPv6 one stands for: mapped, compatible, NAT64 (RFC 6052) or 6to4 (RFC 3056).
fn plain(ip: IpAddr) -> IpAddr {
    let IpAddr::V6(v6) = ip else { return ip };
    if v6.is_loopback() || v6.is_unspecified() {
        return ip;
    }
    let [a, b, c, d, e, f, g, h] = v6.segments();
    let (high, low) = match [a, b, c, d, e, f] {
        [0, 0, 0, 0, 0, 0 | 0xffff] | [0x64, 0xff9b, 0, 0, 0, 0] => (g, h),
        [0x2002, high, low, ..] => (high, low),
        _ => return ip,
    };
    let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
    IpAddr::V4(Ipv4Addr::new(a, b, c, d))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metadata_services_are_known_in_every_form() {
        for (text, expected) in [
            ("169.254.169.254", true),
            ("::ffff:169.254.169.254", true),
            ("::ffff:a9fe:a9fe", true),
            ("::169.254.169.254", true),
            ("64:ff9b::a9fe:a9fe", true),
            ("2002:a9fe:a9fe::1", true),
            ("fd00:ec2::254", true),
            ("fd20:ce::254", true),
            ("100.100.100.200", true),
            ("192.0.0.192", true),
            ("169.254.1.1", false),
            ("127.0.0.1", false),
            ("::1", false),
            ("fd00::254", false),
        ] {
            assert_eq!(is_metadata(text.parse().unwrap()), expected, "{text}");
        }
    }

    #[test]
    fn our_own_listener_is_known_in_every_form() {
        // The machine has the address 192.168.1.5.
        let local = |ip: IpAddr| ip == IpAddr::from([192, 168, 1, 5]);
        for (to, bound, expected) in [
            ("127.0.0.1:1", "127.0.0.1:1", true),
            ("127.0.0.1:2", "127.0.0.1:1", false),
            ("[::1]:1", "127.0.0.1:1", true),
            ("0.0.0.0:1", "127.0.0.1:1", true),
            ("[::]:1", "127.0.0.1:1", true),
            ("[::ffff:127.0.0.1]:1", "127.0.0.1:1", true),
            ("127.9.9.9:1", "127.0.0.1:1", true),
            ("192.168.1.5:1", "127.0.0.1:1", false),
            ("192.168.1.5:1", "0.0.0.0:1", true),
            ("192.168.1.5:1", "[::]:1", true),
            ("[::ffff:192.168.1.5]:1", "[::]:1", true),
            ("192.168.1.6:1", "0.0.0.0:1", false),
            ("127.0.0.1:1", "0.0.0.0:1", true),
            ("[::1]:1", "[::]:1", true),
            ("192.168.1.5:1", "192.168.1.5:1", true),
            ("127.0.0.1:1", "192.168.1.5:1", false),
        ] {
            let (to, bound): (SocketAddr, SocketAddr) = (to.parse().unwrap(), bound.parse().unwrap());
            assert_eq!(is_own(to, &[bound], local), expected, "{to} with a listener on {bound}");
        }
        assert!(!is_own("127.0.0.1:1".parse().unwrap(), &[], local));
    }

    #[test]
    fn this_machine_has_loopback_and_not_a_documentation_address() {
        assert!(is_local(IpAddr::from([127, 0, 0, 1])));
        assert!(!is_local(IpAddr::from([192, 0, 2, 1])));
    }
}
