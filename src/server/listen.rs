//! Opening the doors: binding the address to listen on.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
};

use thiserror::Error;
use tokio::net::TcpListener;

/// Why an address cannot be listened on, and what to do about it.
#[derive(Debug, Error)]
pub enum ListenError {
    /// Another program listens there.
    #[error("Port {} is in use on {}. Choose another with --port, or let --port 0 pick a free one.", .0.port(), .0.ip())]
    InUse(SocketAddr),
    /// The system reserves the port.
    #[error("Port {} needs more rights than this program has. Choose one above 1023 with --port.", .0.port())]
    Denied(SocketAddr),
    /// No interface of this machine has the address.
    #[error("{} is not an address of this machine. Choose one of its own with --bind, or 127.0.0.1.", .0.ip())]
    NotHere(SocketAddr),
    /// Something else.
    #[error("{address} cannot be listened on: {source}")]
    Other {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
}

/// Listens on an address. With `also_v6_loopback` and `127.0.0.1`, the same port of `::1` is listened
/// on as well where that is possible, because many senders resolve `localhost` to it first. The first
/// listener is always that of the address asked for.
///
/// # Errors
///
/// When the address cannot be bound; that `::1` cannot is no error.
pub async fn bind(address: SocketAddr, also_v6_loopback: bool) -> Result<Vec<TcpListener>, ListenError> {
    let refused = |source: io::Error| match source.kind() {
        io::ErrorKind::AddrInUse => ListenError::InUse(address),
        io::ErrorKind::PermissionDenied => ListenError::Denied(address),
        io::ErrorKind::AddrNotAvailable => ListenError::NotHere(address),
        _ => ListenError::Other { address, source },
    };
    let first = TcpListener::bind(address).await.map_err(refused)?;
    let port = first.local_addr().map_err(refused)?.port();
    let mut listeners = vec![first];
    if also_v6_loopback && address.ip() == IpAddr::V4(Ipv4Addr::LOCALHOST) {
        listeners.extend(TcpListener::bind((Ipv6Addr::LOCALHOST, port)).await.ok());
    }
    Ok(listeners)
}

/// Whether others than this machine can reach an address: such a bind deserves a lasting warning.
#[must_use]
pub fn is_wide(address: SocketAddr) -> bool {
    !address.ip().to_canonical().is_loopback()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_taken_port_is_named() {
        let listeners = bind(([127, 0, 0, 1], 0).into(), true).await.unwrap();
        let address = listeners[0].local_addr().unwrap();
        assert!(listeners.iter().all(|l| l.local_addr().unwrap().port() == address.port()));
        let error = bind(address, true).await.unwrap_err();
        assert!(matches!(error, ListenError::InUse(_)));
        let text = error.to_string();
        assert!(text.contains(&format!("Port {} is in use", address.port())) && text.contains("--port 0"));
    }

    #[tokio::test]
    async fn an_address_of_another_machine_is_refused() {
        // 192.0.2.0/24 is for documentation alone (RFC 5737).
        let error = bind(([192, 0, 2, 1], 0).into(), true).await.unwrap_err();
        assert!(matches!(error, ListenError::NotHere(_)), "{error}");
    }

    #[test]
    fn wide_is_what_others_can_reach() {
        for (address, expected) in [
            ("127.0.0.1:1", false),
            ("127.9.9.9:1", false),
            ("[::1]:1", false),
            ("[::ffff:127.0.0.1]:1", false),
            ("0.0.0.0:1", true),
            ("[::]:1", true),
            ("192.168.0.2:1", true),
        ] {
            assert_eq!(is_wide(address.parse().unwrap()), expected, "{address}");
        }
    }
}
