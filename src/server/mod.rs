//! The listener: takes requests in as they are on the wire, hands them to the [`Sink`], and answers.
//!
//! ```text
//! listen ─► accept ─► registry   a place for the connection; the oldest incomplete one gives way
//!              └────► connection ─► tapped ─► tap ─► follower ─► scan    raw heads, below hyper
//!                        │           └──► hyper (HTTP/1, HTTP/2)
//!                        ├─► router ─► capture ─► wire    the raw head of this very request
//!                        │                ├─► body        exact, bounded, with a deadline
//!                        │                ├─► Sink::accept
//!                        │                └─► answer ─► live    endpoints, sequences, limits
//!                        └─► refusal      what hyper refused, and why
//! ```
//!
//! Nothing here knows the store, the screen or the configuration. Nothing is logged: whatever arrives
//! and is not a request becomes a capture that says so.
//!
//! [`Sink`]: crate::domain::sink::Sink

mod accept;
mod answer;
mod app;
mod body;
mod budget;
mod capture;
mod connection;
mod follower;
pub mod limits;
pub mod listen;
mod live;
mod refusal;
mod registry;
mod router;
mod scan;
mod tap;
mod tapped;
mod wire;

pub use accept::run;
pub use app::App;
pub use limits::Limits;
pub use listen::{ListenError, bind, is_wide};
pub use live::LiveEndpoints;
pub use router::router;
