//! The accept loop: takes connections until it is told to stop.

use std::{future::poll_fn, io, net::SocketAddr, sync::Arc, task::Poll, time::Duration};

use tokio::{
    net::{TcpListener, TcpStream},
    time::{sleep, timeout},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::server::{
    app::App,
    connection::{Shared, serve},
    registry::{Order, Place, Registry},
    router::router,
};

/// How long the loop waits when the system has no more descriptors: long enough not to spin, short
/// enough to recover at once.
const OUT_OF_DESCRIPTORS: Duration = Duration::from_millis(100);
/// How long it waits for a place before it looks again whether one can be taken.
const NO_PLACE: Duration = Duration::from_millis(20);
/// How long what was cut off at the end may take to be kept.
const LAST_CAPTURES: Duration = Duration::from_millis(300);

/// Serves connections from these listeners until `shutdown`. Then no new ones are accepted, requests
/// under way are answered within [`Limits::drain`](crate::server::limits::Limits::drain), what is
/// still not complete after that is kept as aborted, and this returns.
pub async fn run(listeners: Vec<TcpListener>, app: App, shutdown: CancellationToken) {
    let registry = Registry::new(app.limits.max_connections);
    let connections = TaskTracker::new();
    let shared = Shared { router: router(app.clone()), app: app.clone() };
    tokio::select! {
        () = accept(&listeners, &registry, &connections, &shared) => {}
        () = shutdown.cancelled() => {}
    }
    drop(listeners);
    connections.close();
    registry.tell_all(Order::Finish);
    if timeout(app.limits.drain, connections.wait()).await.is_err() {
        registry.tell_all(Order::Abort);
        timeout(LAST_CAPTURES, connections.wait()).await.ok();
    }
    // The sink may outlive this: its last captures are waited for, not its own tasks.
    app.tasks.close();
    timeout(LAST_CAPTURES, app.tasks.wait()).await.ok();
    app.tasks.reopen();
}

async fn accept(
    listeners: &[TcpListener],
    registry: &Arc<Registry>,
    connections: &TaskTracker,
    shared: &Shared,
) {
    let mut turn = 0;
    loop {
        match next(listeners, &mut turn).await {
            Ok((stream, remote)) => {
                let place = place(registry).await;
                connections.spawn(serve(stream, remote, shared.clone(), place));
            }
            // The sender hung up while it waited: nothing is wrong here.
            Err(error) if is_of_the_sender(&error) => {}
            // No descriptors or no memory. A connection that is not complete gives way.
            Err(_) => {
                registry.evict();
                sleep(OUT_OF_DESCRIPTORS).await;
            }
        }
    }
}

/// The next connection of any listener, each getting its turn.
async fn next(listeners: &[TcpListener], turn: &mut usize) -> io::Result<(TcpStream, SocketAddr)> {
    poll_fn(|cx| {
        for step in 0..listeners.len() {
            let index = (*turn + step) % listeners.len();
            if let Poll::Ready(accepted) = listeners[index].poll_accept(cx) {
                *turn = index + 1;
                return Poll::Ready(accepted);
            }
        }
        Poll::Pending
    })
    .await
}

/// A place for a new connection; waits while all connections are being answered.
async fn place(registry: &Arc<Registry>) -> Place {
    loop {
        if let Some(place) = registry.enter() {
            return place;
        }
        timeout(NO_PLACE, registry.freed()).await.ok();
    }
}

fn is_of_the_sender(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionRefused | io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset
    )
}
