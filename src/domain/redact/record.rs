//! A capture with all that belongs to it, without what is hidden.

use std::sync::Arc;

use crate::domain::{
    capture::{Capture, Cut, Incoming},
    delivery::{Delivery, Outcome, Reply},
    headers::{Fields, Head},
    record::{Deliveries, Record},
    redact::{MARKER, Redaction},
    replay::is_token,
    summary::Origin,
};

/// A record without what is hidden. Number, times and results stay what they are.
#[must_use]
pub fn record(record: &Record, rules: &Redaction) -> Record {
    if !rules.is_on() {
        return record.clone();
    }
    let mut deliveries = Deliveries::default();
    for delivery in record.deliveries.iter() {
        deliveries.push(Arc::new(self::delivery(delivery, rules)));
    }
    Record { capture: Arc::new(capture(&record.capture, rules)), deliveries, ..record.clone() }
}

/// The same for a record of which an earlier state was redacted: only what came since is looked at.
/// `before` is that state and what became of it.
#[must_use]
pub fn renewed(record: &Record, before: (&Record, &Record), rules: &Redaction) -> Record {
    let (known, redacted) = before;
    let mut deliveries = Deliveries::default();
    for (index, delivery) in record.deliveries.iter().enumerate() {
        let same = known.deliveries.get(index).is_some_and(|known| Arc::ptr_eq(known, delivery));
        let ready = redacted.deliveries.get(index).filter(|_| same).map(Arc::clone);
        deliveries.push(ready.unwrap_or_else(|| Arc::new(self::delivery(delivery, rules))));
    }
    Record { capture: Arc::clone(&redacted.capture), deliveries, ..record.clone() }
}

/// A capture without what is hidden, under the same number.
#[must_use]
pub fn capture(capture: &Capture, rules: &Redaction) -> Capture {
    let summary = &capture.summary;
    let content_type = capture.head().get("content-type");
    let body = rules.body(content_type, capture.body());
    let length = (body.len() != capture.body().len()).then_some(body.len());
    let incoming = Incoming {
        received_at: summary.received_at,
        remote: summary.remote,
        version: summary.version,
        head: head(capture, length.filter(|_| summary.cut.is_none()), rules),
        body: body.into_owned(),
        trailers: trailers(capture.trailers(), rules),
        cut: summary.cut,
        announced: summary.announced(),
        refusal: capture.refusal().map(str::to_owned),
    };
    let origin = Origin {
        provider: summary.provider.clone(),
        event: summary.event().map(Into::into),
        delivery_id: summary.delivery_id().map(Into::into),
        attempt: summary.attempt(),
    };
    Capture::new(incoming, summary.endpoint.clone(), origin).numbered(summary.id)
}

/// The head line by line; `length` is that of the body where it has changed.
fn head(capture: &Capture, length: Option<usize>, rules: &Redaction) -> Vec<u8> {
    let raw = capture.head().raw();
    let mut out = Vec::with_capacity(raw.len());
    let mut first = true;
    for line in raw.split_inclusive(|&b| b == b'\n') {
        let bare = line.strip_suffix(b"\n").unwrap_or(line);
        let bare = bare.strip_suffix(b"\r").unwrap_or(bare);
        let end = &line[bare.len()..];
        if bare.is_empty() {
            out.extend_from_slice(line);
            continue;
        }
        if std::mem::take(&mut first) {
            request_line(bare, capture.summary.cut == Some(Cut::Refused), rules, &mut out);
        } else {
            field(bare, length, rules, &mut out);
        }
        out.extend_from_slice(end);
    }
    out
}

/// Whether method and target are those of a request. What was refused may be anything, with secrets in
/// any place.
#[must_use]
pub fn is_request(method: &[u8], target: &[u8]) -> bool {
    let starts = |start: &[u8]| target.starts_with(start);
    is_token(method) && (starts(b"/") || starts(b"http://") || starts(b"https://") || target == b"*")
}

fn request_line(line: &[u8], refused: bool, rules: &Redaction, out: &mut Vec<u8>) {
    let head = Head::new(line);
    let (method, target) = (head.method(), head.target());
    // What is no request line could be anything.
    if refused && !is_request(method, target) {
        out.extend_from_slice(MARKER.as_bytes());
        return;
    }
    let start = method.len() + 1;
    if line.len() < start + target.len() || line[start..start + target.len()] != *target {
        out.extend_from_slice(line);
        return;
    }
    out.extend_from_slice(&line[..start]);
    out.extend_from_slice(&rules.url(target));
    out.extend_from_slice(&line[start + target.len()..]);
}

fn field(line: &[u8], length: Option<usize>, rules: &Redaction, out: &mut Vec<u8>) {
    let Some(field) = Fields::of_block(line).next() else { return };
    let new = match length {
        Some(length) if field.name.eq_ignore_ascii_case(b"content-length") => {
            length.to_string().into_bytes().into()
        }
        _ => rules.header(field.name, field.value),
    };
    if *new == *field.value {
        out.extend_from_slice(line);
        return;
    }
    // White space around the value stays where it is.
    let colon = memchr::memchr(b':', line).map_or(0, |at| at + 1);
    let space = line[colon..].iter().take_while(|b| matches!(b, b' ' | b'\t')).count();
    out.extend_from_slice(&line[..colon + space]);
    out.extend_from_slice(&new);
    out.extend_from_slice(&line[colon + space + field.value.len()..]);
}

fn trailers(raw: &[u8], rules: &Redaction) -> Vec<u8> {
    let mut out = Vec::with_capacity(raw.len());
    for line in raw.split_inclusive(|&b| b == b'\n') {
        let bare = line.trim_ascii_end();
        field(bare, None, rules, &mut out);
        out.extend_from_slice(&line[bare.len()..]);
    }
    out
}

fn delivery(delivery: &Delivery, rules: &Redaction) -> Delivery {
    let result = |result: &Result<Reply, String>| match result {
        Ok(reply) => Ok(self::reply(reply, rules)),
        Err(error) => Err(rules.sentence(error)),
    };
    Delivery {
        url: String::from_utf8_lossy(&rules.url(delivery.url.as_bytes())).as_ref().into(),
        outcome: delivery
            .outcome
            .as_ref()
            .map(|outcome| Outcome { took: outcome.took, result: result(&outcome.result) }),
        ..delivery.clone()
    }
}

fn reply(reply: &Reply, rules: &Redaction) -> Reply {
    let kind = reply.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case(b"content-type"));
    let body = rules.body(kind.map(|(_, value)| &**value), &reply.body);
    let same = body.len() == reply.body.len();
    let headers = reply.headers.iter().map(|(name, value)| {
        let length = !same && reply.cut_from.is_none() && name.eq_ignore_ascii_case(b"content-length");
        let value =
            if length { body.len().to_string().into_bytes().into() } else { rules.header(name, value) };
        (name.clone(), value.into_owned().into_boxed_slice())
    });
    Reply {
        status: reply.status,
        reason: reply.reason.clone(),
        headers: headers.collect(),
        body: Arc::from(&*body),
        cut_from: reply.cut_from,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{capture::HttpVersion, time::Timestamp};

    fn redacted(head: &str, body: &str, cut: Option<Cut>) -> (String, String) {
        let incoming = Incoming {
            received_at: Timestamp::from_micros(0),
            remote: ([127, 0, 0, 1], 1).into(),
            version: HttpVersion::Http11,
            head: head.into(),
            body: body.into(),
            trailers: b"X-Token: a\r\n".to_vec(),
            cut,
            announced: None,
            refusal: None,
        };
        let new = capture(&Capture::new(incoming, None, Origin::default()), &Redaction::secrets());
        assert_eq!(new.trailers(), b"X-Token: [redacted]\r\n");
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        (text(new.head().raw()), text(new.body()))
    }

    #[test]
    fn a_redacted_request_is_sound() {
        let (head, body) = redacted(
            "POST /a?token=x HTTP/1.1\r\nContent-Length: 17\r\nauthorization:  Basic abc \r\nA: 1\r\n\r\n",
            "{\"password\":\"abc\"}",
            None,
        );
        assert_eq!(
            head,
            "POST /a?token=[redacted] HTTP/1.1\r\nContent-Length: 25\r\nauthorization:  Basic [redacted] \r\nA: 1\r\n\r\n"
        );
        assert_eq!(body, "{\"password\":\"[redacted]\"}");
    }

    #[test]
    fn what_is_no_request_is_hidden_as_a_whole() {
        let (head, _) = redacted(
            "\u{16}canary canary\r\nno colon canary\r\n fold: canary\r\n\r\n",
            "",
            Some(Cut::Refused),
        );
        assert_eq!(head, "[redacted]\r\n[redacted]\r\n fold: [redacted]\r\n\r\n");
    }
}
