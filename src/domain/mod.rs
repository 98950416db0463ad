//! What a webhook is, and everything that can be computed from its bytes.
//!
//! Pure: nothing here knows a socket, a file, a clock, the environment, a terminal or an async
//! runtime. Time, secrets and random values come in as arguments, results go out as data.

pub mod anomaly;
pub mod capture;
pub mod decode;
pub mod delivery;
pub mod endpoint;
pub mod export;
pub mod filter;
pub mod handshake;
pub mod headers;
pub mod import;
pub mod journal;
mod memory;
mod packed;
pub mod public_url;
pub mod record;
pub mod redact;
pub mod replay;
pub mod rotation;
pub mod samples;
pub mod shell;
pub mod signature;
pub mod sink;
pub mod store;
pub mod summary;
pub mod target;
pub mod text;
pub mod time;
pub mod which;
