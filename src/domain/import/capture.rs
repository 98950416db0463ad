//! A capture as `--output json` writes it.

use data_encoding::BASE64;
use serde_json::Value;

use crate::domain::{
    import::{Entry, Form, ImportError, Imported, facts, request::HeadText},
    time::Timestamp,
};

/// Whether a value is a capture.
pub(super) fn is_capture(value: &Value) -> bool {
    value.get("type").and_then(Value::as_str) == Some("capture")
}

/// Reads it.
pub(super) fn read(line: &Value) -> Result<Imported, ImportError> {
    let method = line.get("method").and_then(bytes);
    let target = line.get("target").and_then(bytes);
    let (Some(method), Some(target)) = (method, target) else {
        return Err(ImportError::Json("method or target of the capture is missing"));
    };
    let mut head = HeadText::new(&method, &target)?;
    for pair in line.get("headers").and_then(Value::as_array).into_iter().flatten() {
        let at = |index: usize| pair.get(index).and_then(bytes);
        let (Some(name), Some(value)) = (at(0), at(1)) else {
            return Err(ImportError::Json("a header of the capture is not a name and a value"));
        };
        head.push(&name, &value)?;
    }
    let body = match line.get("body") {
        None | Some(Value::Null) => Vec::new(),
        Some(body) => body
            .get("text")
            .and_then(bytes)
            .or_else(|| bytes(body))
            .ok_or(ImportError::Json("the body of the capture is neither text nor base64"))?,
    };
    let text = |name: &str| line.get(name).and_then(Value::as_str);
    let received_at = text("received_at")
        .and_then(|text| text.parse::<jiff::Timestamp>().ok())
        .map(|moment| Timestamp::from_micros(moment.as_microsecond()));
    Ok(Imported {
        form: Form::Capture,
        head: head.end(None),
        body,
        trailers: Vec::new(),
        url: None,
        received_at,
        provider: text("provider").map(str::to_owned),
        complete: line.get("complete").and_then(Value::as_bool).unwrap_or(true),
        notes: Vec::new(),
    })
}

/// The capture with all that its line tells.
pub(super) fn entry(line: &Value, now: Timestamp) -> Result<Entry, ImportError> {
    let refused = line.get("cut").and_then(Value::as_str) == Some("refused");
    let mut entry = if refused { self::refused(line, now)? } else { Entry::of(read(line)?, now) };
    facts::take(line, &mut entry);
    let version = line.get("http").and_then(Value::as_str).unwrap_or("1.1");
    if !refused && version != "1.1" {
        set_version(&mut entry.incoming.head, version);
    }
    Ok(entry)
}

/// A request that was refused is whatever came: it only has to stay within its lines.
fn refused(line: &Value, now: Timestamp) -> Result<Entry, ImportError> {
    const FAULT: ImportError = ImportError::Json("a line of a refused request has a line end in it");
    let part = |value: Option<&Value>| value.and_then(bytes).unwrap_or_default();
    let mut head = [part(line.get("method")), b" ".to_vec(), part(line.get("target"))].concat();
    if head.contains(&b'\n') {
        return Err(FAULT);
    }
    head.extend_from_slice(b" HTTP/1.1\r\n");
    for pair in line.get("headers").and_then(Value::as_array).into_iter().flatten() {
        let (name, value) = (part(pair.get(0)), part(pair.get(1)));
        if name.contains(&b'\n') || value.contains(&b'\n') {
            return Err(FAULT);
        }
        if !name.is_empty() {
            head.extend_from_slice(&[&name[..], b": "].concat());
        }
        head.extend_from_slice(&value);
        head.extend_from_slice(b"\r\n");
    }
    head.extend_from_slice(b"\r\n");
    let body = line.get("body").map(|body| part(body.get("text").or(Some(body))));
    let received_at = line
        .get("received_at")
        .and_then(Value::as_str)
        .and_then(|text| text.parse::<jiff::Timestamp>().ok())
        .map(|moment| Timestamp::from_micros(moment.as_microsecond()));
    let found = Imported {
        form: Form::Capture,
        head,
        body: body.unwrap_or_default(),
        trailers: Vec::new(),
        url: None,
        received_at,
        provider: None,
        complete: false,
        notes: Vec::new(),
    };
    Ok(Entry::of(found, now))
}

/// Writes a version into a request line of HTTP/1.1.
pub(super) fn set_version(head: &mut Vec<u8>, version: &str) {
    let Some(end) = memchr::memmem::find(head, b" HTTP/1.1\r\n") else { return };
    let new = if version == "0.9" { String::new() } else { format!(" HTTP/{version}") };
    head.splice(end..end + b" HTTP/1.1".len(), new.into_bytes());
}

/// A text, or `{"base64":"…"}`.
pub(super) fn bytes(value: &Value) -> Option<Vec<u8>> {
    match value {
        Value::String(text) => Some(text.clone().into_bytes()),
        _ => BASE64.decode(value.get("base64")?.as_str()?.as_bytes()).ok(),
    }
}

#[cfg(test)]
mod tests {
    use crate::domain::import::{Form, ImportError, import};

    const LINE: &str = concat!(
        r#"{"type":"capture","id":1,"received_at":"2026-11-21T22:26:09.123456Z","remote":"127.0.0.1:1","http":"1.1","#,
        r#""method":"POST","target":"/stripe?x=1","headers":[["Host","h"],["X-Dup","1"],["x-dup",{"base64":"/w=="}]],"#,
        r#""body":{"size":3,"text":"{}\n"},"complete":true,"endpoint":null,"provider":"stripe"}"#
    );

    #[test]
    fn every_byte_comes_back() {
        let text = format!("{{\"type\":\"listening\",\"url\":\"x\"}}\n{LINE}\n{{\"type\":\"delivery\"}}\n");
        let found = import(text.as_bytes(), None).unwrap();
        assert_eq!(found.form, Form::Capture);
        assert_eq!(found.head, b"POST /stripe?x=1 HTTP/1.1\r\nHost: h\r\nX-Dup: 1\r\nx-dup: \xff\r\n\r\n");
        assert_eq!(found.body, b"{}\n");
        assert_eq!(found.received_at.unwrap().to_string(), "2026-11-21T22:26:09.123456Z");
        assert_eq!((found.provider.as_deref(), found.complete), (Some("stripe"), true));
        assert_eq!(import(format!("{LINE}\n{LINE}").as_bytes(), None).unwrap_err(), ImportError::Several(2));
    }

    #[test]
    fn cut_and_binary_bodies_are_told() {
        let line = LINE
            .replace(r#""text":"{}\n""#, r#""base64":"AP8=""#)
            .replace("\"complete\":true", "\"complete\":false");
        let found = import(line.as_bytes(), None).unwrap();
        assert_eq!((&found.body[..], found.complete), (&[0, 255][..], false));
        for (from, to) in
            [("\"POST\"", "7"), ("[\"Host\",\"h\"]", "[\"Host\"]"), ("\"text\":\"{}\\n\"", "\"x\":1")]
        {
            assert!(import(LINE.replace(from, to).as_bytes(), None).is_err(), "{from}");
        }
    }
}
