//! A capture as a curl command line that sends the same bytes and can do nothing else.
//!
//! Exact as far as curl goes: method, request target, names with their case, values, order, duplicates
//! and body are those of the capture; what curl would add by itself is taken off. Three things are
//! curl's own: `Host` stands first and names the base URL, `Content-Length` stands last, and white space
//! around a value is one space before it. What belongs to the sender's connection only is left out, as
//! in [`replay`](crate::domain::replay).
//!
//! Inert: no option ever names a file of the capture's choosing. `--data-binary` reads a file where its
//! value begins with `@`, so such a body goes through a pipe, like one that is no plain text; `@-` is the
//! only one there is. See [`shell`] for the quotation.

use crate::domain::{
    capture::{Capture, HttpVersion},
    export::{Format, One, nothing, script},
    replay::{PlanError, Removed, check_sendable, sound_lines},
    shell,
    target::Target,
};

/// The row of the table.
pub(super) const FORMAT: Format = Format {
    name: "curl",
    ending: "sh",
    about: "curl commands in a shell script",
    begin: script::begin,
    one,
    end: nothing,
};

/// A command line for a POSIX shell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CurlText {
    /// One line without a line end, plain text throughout: safe to paste and to print.
    pub text: String,
    /// What the command cannot do, a sentence each; mostly empty.
    pub notes: Vec<&'static str>,
}

/// Writes the command for a capture and a base URL, to whose path the captured target is joined.
///
/// Without a path in the base URL, the target is sent as it was captured, in whichever form. The
/// connection goes to the base URL in any case.
///
/// # Errors
/// When the capture is not a complete, sound request.
pub fn command(capture: &Capture, base: &Target) -> Result<CurlText, PlanError> {
    check_sendable(capture)?;
    let head = capture.head();
    let body = capture.body();
    let mut notes = Vec::new();
    let mut out = String::new();

    // curl reads a file where a value begins with an at sign.
    let argument = shell::argument(body).filter(|_| !body.starts_with(b"@"));
    if argument.is_none() {
        out.push_str(&shell::print(body));
        out.push_str(" | ");
    }
    out.push_str("curl");

    let announced = head.get("content-length").is_some() || head.get("transfer-encoding").is_some();
    let is_head = head.method() == b"HEAD";
    let has_data = !body.is_empty() || (announced && !is_head);
    match head.method() {
        b"HEAD" if !has_data => out.push_str(" -I"),
        b"GET" if !has_data => {}
        method => push(&mut out, " -X ", method),
    }
    if is_head && has_data {
        notes.push("curl waits for a body after this HEAD request; end it with Ctrl-C.");
    }
    if base.tls {
        out.push_str(" --http1.1");
    }
    push_url(&mut out, head.target(), base);
    push_fields(&mut out, capture, has_data, announced && !has_data);
    if has_data {
        out.push_str(" --data-binary ");
        out.push_str(argument.as_deref().unwrap_or("@-"));
    }

    if capture.summary.version == HttpVersion::Http2 {
        notes.push("It came over HTTP/2 and is sent as HTTP/1.1.");
    }
    if !capture.trailers().is_empty() {
        notes.push("Its trailer fields are not sent: curl has no option for them.");
    }
    Ok(CurlText { text: out, notes })
}

fn one(one: &One<'_>, out: &mut Vec<u8>) -> Result<Vec<String>, String> {
    let CurlText { text, notes } =
        command(&one.record.capture, one.base).map_err(|error| error.to_string())?;
    let notes: Vec<String> = notes.into_iter().map(str::to_owned).collect();
    script::before(one, &notes, out);
    out.extend_from_slice(text.as_bytes());
    if !one.options.bare {
        out.push(b'\n');
    }
    Ok(notes)
}

fn push(out: &mut String, option: &str, value: &[u8]) {
    out.push_str(option);
    out.push_str(&shell::word(value));
}

/// The URL, and what keeps curl from changing the target: it resolves dot segments, expands `[1-3]` and
/// `{a,b}`, cuts at `#`, and encodes.
fn push_url(out: &mut String, captured: &[u8], base: &Target) {
    let target = if base.path.is_empty() { captured.to_vec() } else { base.join(captured, "") };
    if !is_left_alone(&target) {
        push(out, " --request-target ", &target);
        push(out, " ", base.origin().as_bytes());
        return;
    }
    if target.windows(2).any(|pair| pair == b"/.") {
        out.push_str(" --path-as-is");
    }
    if target.iter().any(|b| b"[]{}".contains(b)) {
        out.push_str(" --globoff");
    }
    push(out, " ", &[base.origin().as_bytes(), &target].concat());
}

/// Whether curl sends a target as it stands in a URL. Percent signs only in capitals and never for a
/// dot: some versions of curl decode or rewrite them.
fn is_left_alone(target: &[u8]) -> bool {
    let escapes = target.iter().enumerate().filter(|&(_, &b)| b == b'%');
    target.starts_with(b"/")
        && !target.starts_with(b"//")
        && target.iter().all(|b| b.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@/?%[]{}".contains(b))
        && escapes.map(|(at, _)| target.get(at + 1..at + 3)).all(|digits| {
            digits.is_some_and(|digits| {
                digits.iter().all(|&b| b.is_ascii_digit() || (b'A'..=b'F').contains(&b)) && digits != b"2E"
            })
        })
}

/// The header lines, and the empty ones that take off what curl adds by itself.
fn push_fields(out: &mut String, capture: &Capture, has_data: bool, announce: bool) {
    let removed = Removed::of(capture.head());
    let (mut agent, mut accept, mut kind) = (false, false, false);
    for line in sound_lines(capture) {
        let rebuilt = ["host", "content-length", "transfer-encoding"].iter().any(|name| line.is(name));
        if rebuilt || removed.contains(&line) {
            continue;
        }
        agent |= line.is("user-agent");
        accept |= line.is("accept");
        kind |= line.is("content-type");
        // `Name:` would take a header off; `Name;` sends an empty one.
        let text = if line.value.is_empty() {
            [line.name, b";"].concat()
        } else {
            [line.name, b": ", line.value].concat()
        };
        push(out, " -H ", &text);
    }
    if announce {
        out.push_str(" -H 'Content-Length: 0'");
    }
    for (present, text) in [
        (agent, " -H 'User-Agent:'"),
        (accept, " -H 'Accept:'"),
        (kind || !has_data, " -H 'Content-Type:'"),
        // curl asks before it sends a long body, from 1 KiB on in older versions.
        (capture.body().len() < 1024, " -H 'Expect:'"),
    ] {
        if !present {
            out.push_str(text);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        capture::{Cut, Incoming},
        summary::Origin,
        time::Timestamp,
    };

    fn capture(head: &[u8], body: &[u8], cut: Option<Cut>) -> Capture {
        let incoming = Incoming {
            received_at: Timestamp::from_micros(0),
            remote: ([127, 0, 0, 1], 1).into(),
            version: HttpVersion::Http11,
            head: head.to_vec(),
            body: body.to_vec(),
            trailers: Vec::new(),
            cut,
            announced: None,
            refusal: None,
        };
        Capture::new(incoming, None, Origin::default())
    }

    fn text(head: &str, body: &str, base: &str) -> String {
        let capture = capture(format!("{head}\r\n\r\n").as_bytes(), body.as_bytes(), None);
        command(&capture, &Target::parse(base).unwrap()).unwrap().text
    }

    #[test]
    fn commands_are_short_and_keep_what_was_sent() {
        for (head, body, base, expected) in [
            (
                "GET /a HTTP/1.1\r\nuser-agent: x\r\nAccept: */*",
                "",
                "3000",
                "curl http://localhost:3000/a -H 'user-agent: x' -H 'Accept: */*'",
            ),
            (
                "POST /a?b=1 HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nX-Empty:\r\nContent-Length: 8",
                "{\"a\": 1}",
                "https://h.test/hooks",
                "curl -X POST --http1.1 'https://h.test/hooks/a?b=1' -H 'Content-Type: application/json' -H 'X-Empty;' \
                 -H 'User-Agent:' -H 'Accept:' --data-binary '{\"a\": 1}'",
            ),
            (
                "POST / HTTP/1.1\r\nContent-Length: 2",
                "@x",
                "3000",
                "printf %s '@x' | curl -X POST http://localhost:3000/ -H 'User-Agent:' -H 'Accept:' \
                 -H 'Content-Type:' --data-binary @-",
            ),
        ] {
            assert_eq!(text(head, body, base), expected);
        }
    }

    #[test]
    fn targets_that_curl_would_change_are_kept() {
        for (target, expected) in [
            ("/a/../b", "curl --path-as-is http://localhost:3000/a/../b "),
            ("/x[1-3]", "curl --globoff 'http://localhost:3000/x[1-3]' "),
            ("//evil.test/x", "curl --request-target //evil.test/x http://localhost:3000 "),
            ("http://evil.test/x", "curl --request-target http://evil.test/x http://localhost:3000 "),
            ("/a%2fb", "curl --request-target '/a%2fb' http://localhost:3000 "),
            ("/a#b", "curl --request-target '/a#b' http://localhost:3000 "),
        ] {
            let text = text(&format!("GET {target} HTTP/1.1"), "", "3000");
            assert!(text.starts_with(expected), "{text}");
        }
    }

    #[test]
    fn incomplete_and_malformed_captures_have_no_command() {
        let base = Target::parse("3000").unwrap();
        for (head, cut) in [
            (&b"POST / HTTP/1.1\r\n\r\n"[..], Some(Cut::Aborted)),
            (b"POST / HTTP/1.1\r\n\r\n", Some(Cut::Refused)),
            (b"PO;ST / HTTP/1.1\r\n\r\n", None),
            (b"POST / HTTP/1.1\r\nno colon\r\n\r\n", None),
            (b"POST / HTTP/1.1\r\nX: a\0b\r\n\r\n", None),
            (b"POST /a\0b HTTP/1.1\r\n\r\n", None),
        ] {
            assert!(command(&capture(head, b"", cut), &base).is_err(), "{}", head.escape_ascii());
        }
    }
}
