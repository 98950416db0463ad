//! Sends what [`plan`](crate::domain::replay::plan) laid out, byte for byte, and returns what came of it.
//!
//! ```text
//! Outgoing ─► connect ─► guard ─► (tls) ─► swap ─► exchange ─► Outcome
//!             resolve,   never to           exact    framing, response, limits:
//!             dial       ourselves or       head     hyper
//!                        cloud metadata
//! ```
//!
//! Every sending has a connection of its own, so that nothing of one delivery can reach another. No
//! redirect is followed, no proxy of the environment is used, no cookie is kept, certificates are always
//! verified. Nothing a request says decides where it goes. Everything that a target can do ends within
//! [`Options`]' limits of time and bytes.

mod connect;
mod error;
mod exchange;
mod guard;
mod send;
mod swap;
mod tls;

pub use error::SendError;
pub use send::{Client, Options};
