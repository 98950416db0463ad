//! How a capture is sent again: which bytes go out, computed without sending anything.
//!
//! What was captured is what is sent. Only what belongs to a single connection is made anew, because
//! it would be wrong on another one (RFC 9110 section 7.6.1, RFC 9112 sections 3.2 and 6):
//!
//! | part | what becomes of it |
//! |---|---|
//! | method | as captured |
//! | request target | joined to the target's path by [`Target::join`](crate::domain::target::Target::join) |
//! | version | always `HTTP/1.1`, for HTTP/1.0 and HTTP/2 captures too |
//! | `Host` | the target's authority, where it stood, or first; further ones go |
//! | `Content-Length`, `Transfer-Encoding` | one `Content-Length` where the first of them stood; at the end when there was none and there is a body |
//! | `Connection` and the fields it names, `Keep-Alive`, `Proxy-*`, `TE`, `Trailer`, `Upgrade`, `HTTP2-Settings` | removed |
//! | `Expect` | removed: the body is sent at once |
//! | trailer fields | removed with the chunked coding that carried them |
//! | every other header line | the same bytes: order, case, duplicates, white space |
//! | body | the same bytes, with its chunked coding removed |
//! | [`REPLAY_HEADER`] | added to what a person sends again, so that a handler can tell it from an original |
//! | [`HOP_HEADER`] | added to what is forwarded by itself, so that a ring of forwarders ends |
//!
//! A signature covers none of what is made anew (except a URL with its host, which has to be signed
//! again for another host in any case), so a replay stays validly signed. A `Connection` header
//! cannot take away what describes the body or says who may send it ([`is_end_to_end`]).
//!
//! A capture that is not complete is never sent: a handler would see a body that nobody sent.

mod fields;
mod outgoing;
mod plan;
mod sendable;

pub(super) use fields::Removed;
pub use fields::is_end_to_end;
pub(super) use fields::is_token;
pub use outgoing::Outgoing;
pub use plan::{HOP_HEADER, MOST_HOPS, REPLAY_HEADER, plan};
pub use sendable::PlanError;
pub(super) use sendable::{check_sendable, sound_lines};
