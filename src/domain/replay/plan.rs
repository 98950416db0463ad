//! From a capture and a target to the bytes that are sent.

use std::sync::Arc;

use super::{
    Outgoing, PlanError,
    fields::{Line, Removed},
    sendable::{check_sendable, sound_lines},
};
use crate::domain::{
    capture::{Capture, HttpVersion},
    delivery::DeliveryKind,
    target::Target,
};

/// The header of what a person sends again: the number of the capture.
pub const REPLAY_HEADER: &str = "x-hookglass-replay";

/// The header of what is forwarded by itself: how many forwarders it has been through, from 1.
pub const HOP_HEADER: &str = "x-hookglass-hop";

/// Through how many forwarders a request may go. Two allow one behind another; a ring ends before a
/// request comes by for the third time.
pub const MOST_HOPS: u32 = 2;

/// Lays out how a capture is sent to a target; see the [module](super) for what changes on the way.
///
/// `mount` is the fixed part of the endpoint's path ([`Endpoint::mount`]), empty for none.
///
/// # Errors
/// When the capture is not a complete, sound request, or has been forwarded too often.
///
/// [`Endpoint::mount`]: crate::domain::endpoint::Endpoint::mount
pub fn plan(
    capture: &Arc<Capture>,
    target: &Target,
    mount: &str,
    kind: DeliveryKind,
) -> Result<Outgoing, PlanError> {
    check_sendable(capture)?;
    let captured = capture.head();
    let marker = marker(capture, kind)?;
    let path = target.join(captured.target(), mount);

    let mut head = Head::with_capacity(captured.raw().len() + path.len() + 128);
    head.push(&[captured.method(), b" ", &path, b" HTTP/1.1"]);
    let authority = target.authority();
    if captured.get("host").is_none() {
        let name = if capture.summary.version == HttpVersion::Http2 { "host" } else { "Host" };
        head.field(name.as_bytes(), authority.as_bytes());
    }
    let removed = Removed::of(captured);
    let size = capture.body().len();
    let (mut hosted, mut framed, mut marked) = (false, false, marker.is_none());
    for line in sound_lines(capture) {
        if line.is("host") {
            if !std::mem::replace(&mut hosted, true) {
                head.field(line.name, authority.as_bytes());
            }
        } else if line.is("content-length") || line.is("transfer-encoding") {
            if !std::mem::replace(&mut framed, true) {
                head.length(&line, size);
            }
        } else if let Some((_, value)) = marker.as_ref().filter(|(name, _)| line.is(name)) {
            if !std::mem::replace(&mut marked, true) {
                head.field(line.name, value.as_bytes());
            }
        } else if !removed.contains(&line) {
            head.push(&[line.raw]);
        }
    }
    if !framed && size > 0 {
        let lower = capture.summary.version == HttpVersion::Http2;
        let name: &[u8] = if lower { b"content-length" } else { b"Content-Length" };
        head.field(name, size.to_string().as_bytes());
    }
    if let Some((name, value)) = marker.filter(|_| !marked) {
        head.field(name.as_bytes(), value.as_bytes());
    }
    head.push(&[]);

    Ok(Outgoing {
        url: format!("{}{}", target.origin(), String::from_utf8_lossy(&path)),
        target: target.clone(),
        kind,
        head: head.bytes,
        is_head_method: captured.method() == b"HEAD",
        source: Arc::clone(capture),
    })
}

/// The header that says what this sending is.
fn marker(capture: &Capture, kind: DeliveryKind) -> Result<Option<(&'static str, String)>, PlanError> {
    match kind {
        DeliveryKind::Replay => Ok(Some((REPLAY_HEADER, capture.id().to_string()))),
        DeliveryKind::Forward => {
            // Several, or one that is no number, can only come from somebody who plays with it.
            let mut hops = capture.head().get_all(HOP_HEADER).map(|value| {
                std::str::from_utf8(value).ok().and_then(|text| text.parse().ok()).unwrap_or(MOST_HOPS)
            });
            let most = hops.by_ref().max().unwrap_or(0);
            if most >= MOST_HOPS {
                return Err(PlanError::Loop(capture.id()));
            }
            Ok(Some((HOP_HEADER, (most + 1).to_string())))
        }
        DeliveryKind::Test => Ok(None),
    }
}

/// A head that is being written.
struct Head {
    bytes: Vec<u8>,
}

impl Head {
    fn with_capacity(bytes: usize) -> Self {
        Self { bytes: Vec::with_capacity(bytes) }
    }

    /// Adds one line.
    fn push(&mut self, parts: &[&[u8]]) {
        for part in parts {
            self.bytes.extend_from_slice(part);
        }
        self.bytes.extend_from_slice(b"\r\n");
    }

    fn field(&mut self, name: &[u8], value: &[u8]) {
        self.push(&[name, b": ", value]);
    }

    /// Adds the length of the body in the place of a line that framed it. A length that was right stays
    /// as it was sent.
    fn length(&mut self, line: &Line<'_>, size: usize) {
        let stays = line.value.iter().all(u8::is_ascii_digit)
            && std::str::from_utf8(line.value).is_ok_and(|text| text.parse() == Ok(size));
        if line.is("content-length") {
            if stays {
                self.push(&[line.raw]);
            } else {
                self.field(line.name, size.to_string().as_bytes());
            }
            return;
        }
        let lower = line.name.iter().all(|b| !b.is_ascii_uppercase());
        let name: &[u8] = if lower { b"content-length" } else { b"Content-Length" };
        self.field(name, size.to_string().as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        capture::{CaptureId, Cut, Incoming},
        store::{Limits, Store},
        summary::Origin,
        time::Timestamp,
    };

    fn incoming(head: &str, body: &str) -> Incoming {
        let version = if head.contains(" HTTP/2\r\n") { HttpVersion::Http2 } else { HttpVersion::Http11 };
        Incoming {
            received_at: Timestamp::from_micros(0),
            remote: ([127, 0, 0, 1], 1).into(),
            version,
            head: head.as_bytes().to_vec(),
            body: body.as_bytes().to_vec(),
            trailers: Vec::new(),
            cut: None,
            announced: None,
            refusal: None,
        }
    }

    /// The capture under number 1.
    fn captured(incoming: Incoming) -> Arc<Capture> {
        let store = Store::new(Limits { bytes: 1 << 20, count: 10 }, || {});
        store.push(Capture::new(incoming, None, Origin::default()), None)
    }

    fn planned(head: &str, body: &str, kind: DeliveryKind) -> Result<Outgoing, PlanError> {
        let target = Target::parse("http://h.test:3000/hooks").unwrap();
        plan(&captured(incoming(&format!("{head}\r\n"), body)), &target, "/in", kind)
    }

    #[test]
    fn only_what_belongs_to_the_connection_changes() {
        for (name, head, body, expected) in [
            (
                "everything in its place, white space and case included",
                "POST /in/a?b=%2f HTTP/1.1\r\nX-A:  1 \r\nhOST: old\r\nx-a:2\r\nContent-LENGTH: 3\r\nX-Sig: s\r\n",
                "abc",
                "POST /hooks/a?b=%2f HTTP/1.1\r\nX-A:  1 \r\nhOST: h.test:3000\r\nx-a:2\r\nContent-LENGTH: 3\r\nX-Sig: s\r\n",
            ),
            (
                "chunked becomes a length in its place, in its case",
                "POST / HTTP/1.1\r\nHost: x\r\ntransfer-encoding: Chunked\r\nTrailer: t\r\nX: 1\r\n",
                "abc",
                "POST /hooks HTTP/1.1\r\nHost: h.test:3000\r\ncontent-length: 3\r\nX: 1\r\n",
            ),
            (
                "a second host and a second framing go",
                "PUT / HTTP/1.1\r\nHost: x\r\nHost: y\r\nTransfer-Encoding: chunked\r\nContent-Length: 99\r\n",
                "",
                "PUT /hooks HTTP/1.1\r\nHost: h.test:3000\r\nContent-Length: 0\r\n",
            ),
            (
                "a wrong length is put right",
                "PUT / HTTP/1.1\r\nHost: x\r\nContent-Length:+3\r\n",
                "abc",
                "PUT /hooks HTTP/1.1\r\nHost: h.test:3000\r\nContent-Length: 3\r\n",
            ),
            (
                "HTTP/1.0 without a host gets one, first",
                "GET / HTTP/1.0\r\nX: 1\r\n",
                "",
                "GET /hooks HTTP/1.1\r\nHost: h.test:3000\r\nX: 1\r\n",
            ),
            (
                "HTTP/2 keeps its lower case",
                "POST / HTTP/2\r\n:authority: x\r\nx-sig: s\r\n",
                "abc",
                "POST /hooks HTTP/1.1\r\nhost: h.test:3000\r\nx-sig: s\r\ncontent-length: 3\r\n",
            ),
            (
                "hop-by-hop fields go, also those that Connection names",
                "POST / HTTP/1.1\r\nHost: x\r\nConnection: keep-alive, X-Hop, Content-Type\r\nKeep-Alive: 5\r\nX-Hop: 1\r\n\
                 Content-Type: a/b\r\nTE: trailers\r\nUpgrade: h2c\r\nExpect: 100-continue\r\nProxy-Authorization: p\r\n",
                "",
                "POST /hooks HTTP/1.1\r\nHost: h.test:3000\r\nContent-Type: a/b\r\n",
            ),
            (
                "bare line feeds become line ends",
                "POST / HTTP/1.1\nHost: x\nX: 1\n",
                "",
                "POST /hooks HTTP/1.1\r\nHost: h.test:3000\r\nX: 1\r\n",
            ),
        ] {
            let outgoing = planned(head, body, DeliveryKind::Test).unwrap();
            assert_eq!(String::from_utf8_lossy(outgoing.head()), format!("{expected}\r\n"), "{name}");
            assert_eq!(outgoing.body(), body.as_bytes(), "{name}");
        }
    }

    #[test]
    fn a_sending_is_marked_once() {
        let forward = DeliveryKind::Forward;
        for (kind, line, expected) in [
            (DeliveryKind::Replay, "", "A: 1\r\nx-hookglass-replay: 1\r\n"),
            (DeliveryKind::Replay, "X-Hookglass-Replay: 7\r\n", "X-Hookglass-Replay: 1\r\nA: 1\r\n"),
            (
                DeliveryKind::Replay,
                "x-hookglass-hop: 2\r\n",
                "x-hookglass-hop: 2\r\nA: 1\r\nx-hookglass-replay: 1\r\n",
            ),
            (forward, "", "A: 1\r\nx-hookglass-hop: 1\r\n"),
            (forward, "X-HOOKGLASS-hop: 1\r\n", "X-HOOKGLASS-hop: 2\r\nA: 1\r\n"),
            (DeliveryKind::Test, "", "A: 1\r\n"),
        ] {
            let head = format!("GET / HTTP/1.1\r\nHost: x\r\n{line}A: 1\r\n");
            let outgoing = planned(&head, "", kind).unwrap();
            let expected = format!("GET /hooks HTTP/1.1\r\nHost: h.test:3000\r\n{expected}\r\n");
            assert_eq!(String::from_utf8_lossy(outgoing.head()), expected, "{kind:?} {line}");
        }
    }

    #[test]
    fn a_ring_of_forwarders_ends() {
        for line in ["x-hookglass-hop: 2", "X-Hookglass-Hop: 1\r\nx-hookglass-hop: 9", "x-hookglass-hop: -1"]
        {
            let head = format!("GET / HTTP/1.1\r\n{line}\r\n");
            let id = CaptureId(1);
            assert_eq!(planned(&head, "", DeliveryKind::Forward).unwrap_err(), PlanError::Loop(id), "{line}");
            assert!(planned(&head, "", DeliveryKind::Replay).is_ok(), "{line}");
        }
    }

    #[test]
    fn what_would_break_up_the_request_is_not_sent() {
        let id = CaptureId(1);
        for (head, expected) in [
            ("GET / HTTP/1.1\r\nX: a\rY: b\r\n", PlanError::Unsound(id, "header line")),
            ("GET / HTTP/1.1\r\nX: a\0\r\n", PlanError::Unsound(id, "header line")),
            ("GET / HTTP/1.1\r\n folded\r\n", PlanError::Unsound(id, "header line")),
            ("GET / HTTP/1.1\r\nTransfer-Encoding : chunked\r\n", PlanError::Unsound(id, "header line")),
            ("GET /a b HTTP/1.1\r\n", PlanError::Unsound(id, "request target")),
            ("GET /a\rb HTTP/1.1\r\n", PlanError::Unsound(id, "request target")),
            ("G\x01T / HTTP/1.1\r\n", PlanError::Unsound(id, "method")),
            ("", PlanError::Unsound(id, "method")),
            ("CONNECT h:1 HTTP/1.1\r\n", PlanError::Connect(id)),
            ("POST / HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n", PlanError::Coding(id)),
        ] {
            for kind in [DeliveryKind::Forward, DeliveryKind::Replay, DeliveryKind::Test] {
                assert_eq!(planned(head, "", kind).unwrap_err(), expected, "{}", head.escape_debug());
            }
        }
    }

    #[test]
    fn an_incomplete_capture_is_not_sent() {
        for (cut, text) in [
            (
                Cut::Refused,
                "Capture 1 was refused when it came in: only whole, well-formed requests can be sent.",
            ),
            (
                Cut::TooLarge,
                "Capture 1 is not complete: its body is larger than max_body, 3 of 9 bytes are kept. \
                 Raise max_body and have it sent once more.",
            ),
            (
                Cut::Aborted,
                "Capture 1 is not complete: the sender closed the connection within the body, \
                 3 of 9 bytes are kept. Have it sent once more.",
            ),
        ] {
            let mut cut_off = incoming("POST / HTTP/1.1\r\n\r\n", "abc");
            (cut_off.cut, cut_off.announced) = (Some(cut), Some(9));
            let target = Target::parse("3000").unwrap();
            let error = plan(&captured(cut_off), &target, "", DeliveryKind::Replay).unwrap_err();
            assert_eq!(error.to_string(), text);
        }
    }

    #[test]
    fn the_url_is_for_people_and_the_destination_is_the_targets() {
        let outgoing =
            planned("GET http://evil.test/x?y HTTP/1.1\r\nHost: evil.test\r\n", "", DeliveryKind::Test)
                .unwrap();
        assert_eq!(outgoing.url(), "http://h.test:3000/hooks/x?y");
        assert_eq!(outgoing.target().host, "h.test");
        assert!(!format!("{outgoing:?}").contains("evil"));
    }
}
