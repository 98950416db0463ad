//! From a target to an open connection.

use std::{
    io,
    net::{IpAddr, SocketAddr},
};

use tokio::{
    net::{TcpStream, lookup_host},
    time::{Instant, timeout_at},
};

use super::{
    error::SendError,
    guard::{is_local, is_metadata, is_own},
};
use crate::domain::target::Target;

/// Resolves a target's name, checks where it leads, and dials. The addresses that were checked are the
/// ones that are dialled: an answer of DNS that changes in between changes nothing.
///
/// `None` is a connection that was not made by the deadline.
pub(super) async fn connect(
    target: &Target,
    own: &[SocketAddr],
    deadline: Instant,
) -> Result<Option<TcpStream>, SendError> {
    let Ok(addresses) = timeout_at(deadline, resolve(target)).await else { return Ok(None) };
    let addresses = addresses?;
    for address in &addresses {
        if is_metadata(address.ip()) {
            return Err(SendError::Metadata { host: target.host.clone(), ip: address.ip() });
        }
        if is_own(*address, own, is_local) {
            return Err(SendError::Own(target.authority()));
        }
    }
    dial(target, &addresses, deadline).await
}

async fn resolve(target: &Target) -> Result<Vec<SocketAddr>, SendError> {
    if let Some(ip) = target.ip() {
        return Ok(vec![SocketAddr::new(ip, target.port)]);
    }
    let found = lookup_host((target.host.as_str(), target.port)).await;
    let addresses: Vec<_> = found.into_iter().flatten().collect();
    if addresses.is_empty() { Err(SendError::Resolve(target.host.clone())) } else { Ok(addresses) }
}

/// Tries the addresses in turn. Each gets its share of the time that is left, so that an address that
/// swallows packets does not keep the next one from being tried.
async fn dial(
    target: &Target,
    addresses: &[SocketAddr],
    deadline: Instant,
) -> Result<Option<TcpStream>, SendError> {
    let mut failed: Option<io::Error> = None;
    let mut late = false;
    for (tried, address) in addresses.iter().enumerate() {
        let left = deadline.saturating_duration_since(Instant::now());
        let share = left / u32::try_from(addresses.len() - tried).unwrap_or(u32::MAX);
        match timeout_at(Instant::now() + share, TcpStream::connect(address)).await {
            Ok(Ok(stream)) if is_connected_to_itself(&stream) => {
                failed = Some(io::ErrorKind::ConnectionRefused.into());
            }
            Ok(Ok(stream)) => {
                // Without it the last piece of a request may wait for the target's acknowledgement. A
                // socket that refuses is still usable.
                let _ = stream.set_nodelay(true);
                return Ok(Some(stream));
            }
            Ok(Err(error)) => failed = Some(error),
            Err(_) => late = true,
        }
    }
    match failed {
        _ if late => Ok(None),
        Some(error) if error.kind() != io::ErrorKind::ConnectionRefused => {
            Err(SendError::Unreachable { authority: name(target), kind: error.kind() })
        }
        _ => Err(SendError::Refused(name(target))),
    }
}

/// Host and port as a sentence names them; the port always, as it is what is mostly wrong.
pub(super) fn name(target: &Target) -> String {
    match target.ip() {
        Some(IpAddr::V6(ip)) => format!("[{ip}]:{}", target.port),
        _ => format!("{}:{}", target.host, target.port),
    }
}

/// On loopback the kernel may give a connection the very port that it is dialling when nothing listens
/// there: it then talks to itself.
fn is_connected_to_itself(stream: &TcpStream) -> bool {
    matches!((stream.local_addr(), stream.peer_addr()), (Ok(local), Ok(peer)) if local == peer)
}
