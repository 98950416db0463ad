//! An entry of an HTTP archive, as browsers and proxies export them (HAR 1.2,
//! <http://www.softwareishard.com/blog/har-12-spec/>).

use data_encoding::BASE64;
use serde_json::Value;

use crate::domain::{
    capture::HttpVersion,
    import::{
        Entry, Form, ImportError, Imported,
        capture::{bytes, set_version},
        facts,
        request::{HeadText, split_url},
    },
    time::Timestamp,
};

/// Whether a value is an entry, or the request of one.
pub(super) fn is_entry(value: &Value) -> bool {
    let request = value.get("request").unwrap_or(value);
    request.get("method").is_some() && request.get("url").is_some()
}

/// The entry with all that it tells, that of our own export with what stands in `_hookglass`.
pub(super) fn entry(value: &Value, now: Timestamp) -> Result<Entry, ImportError> {
    let mut entry = Entry::of(read(value)?, now);
    match value.get("_hookglass").filter(|facts| facts.is_object()) {
        Some(own) => {
            facts::take(own, &mut entry);
            let version = own.get("http").and_then(Value::as_str).unwrap_or("1.1");
            set_version(&mut entry.incoming.head, version);
        }
        None => {
            let version = value.get("request").unwrap_or(value).get("httpVersion").and_then(Value::as_str);
            let version = version.unwrap_or_default().to_ascii_lowercase();
            if version == "http/1.0" {
                set_version(&mut entry.incoming.head, "1.0");
                entry.incoming.version = HttpVersion::Http10;
            } else if version.starts_with("http/2") || version.starts_with("h2") || version.starts_with("h3")
            {
                set_version(&mut entry.incoming.head, "2");
                entry.incoming.version = HttpVersion::Http2;
            }
            let remote = value.get("_clientIPAddress").and_then(Value::as_str);
            if let Some(ip) = remote.and_then(|text| text.parse().ok()) {
                entry.incoming.remote = std::net::SocketAddr::new(ip, 0);
            }
        }
    }
    Ok(entry)
}

/// Reads it. The body is `postData.text`; without it, a form is made from `postData.params`.
pub(super) fn read(entry: &Value) -> Result<Imported, ImportError> {
    let request = entry.get("request").unwrap_or(entry);
    let text = |value: &Value, name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
    let (Some(method), Some(url)) = (text(request, "method"), text(request, "url")) else {
        return Err(ImportError::Json("method and url of the request are not texts"));
    };
    let own = entry.get("_hookglass");
    let exact = own.and_then(|own| own.get("target")).and_then(bytes);
    let (host, target) = split_url(&url)?;
    let mut head = HeadText::new(method.as_bytes(), exact.as_deref().unwrap_or(target.as_bytes()))?;
    for header in request.get("headers").and_then(Value::as_array).into_iter().flatten() {
        let (Some(name), Some(value)) = (text(header, "name"), text(header, "value")) else {
            return Err(ImportError::Json("a header of the request has no name or no value"));
        };
        let exact = text(header, "_base64").and_then(|text| BASE64.decode(text.as_bytes()).ok());
        // Other white space belongs to the value (RFC 9110 section 5.5).
        let value = value.trim_matches([' ', '\t', '\r', '\n']);
        head.push(name.as_bytes(), exact.as_deref().unwrap_or(value.as_bytes()))?;
    }
    let data = request.get("postData");
    let mut notes = Vec::new();
    let body = match data.map(|data| (data, text(data, "text"))) {
        Some((data, Some(body))) => {
            let coded = ["encoding", "_encoding"].iter().find_map(|name| text(data, name));
            if coded.as_deref() == Some("base64") {
                BASE64.decode(body.as_bytes()).map_err(|_| ImportError::Json("the body is not Base64"))?
            } else {
                body.into_bytes()
            }
        }
        Some((data, None)) => match data.get("params").and_then(Value::as_array) {
            Some(params) if !params.is_empty() => {
                notes.push(
                    "The archive has the fields of the form and not its text, so its bytes may differ from those sent.",
                );
                let mut form = form_urlencoded::Serializer::new(String::new());
                for field in params {
                    let name = text(field, "name").unwrap_or_default();
                    form.append_pair(&name, &text(field, "value").unwrap_or_default());
                }
                form.finish().into_bytes()
            }
            _ => Vec::new(),
        },
        None => Vec::new(),
    };
    let announced = request.get("bodySize").and_then(Value::as_u64);
    let missing = announced.is_some_and(|size| size > 0 && body.is_empty());
    if missing {
        notes.push("The archive was exported without the body of this request.");
    }
    let received_at = text(entry, "startedDateTime")
        .and_then(|text| text.parse::<jiff::Timestamp>().ok())
        .map(|moment| Timestamp::from_micros(moment.as_microsecond()));
    let head = head.end(Some(host).filter(|_| own.is_none()));
    Ok(Imported {
        form: Form::Har,
        head,
        body,
        trailers: Vec::new(),
        url: Some(url.split('#').next().unwrap_or_default().to_owned()),
        received_at,
        provider: None,
        complete: !missing,
        notes,
    })
}

#[cfg(test)]
mod tests {
    use crate::domain::import::{Form, ImportError, import};

    #[test]
    fn an_entry_is_read_with_its_time_and_url() {
        let text = r#"{"log":{"version":"1.2","entries":[
            {"startedDateTime":"2026-11-21T22:26:09.123Z","request":{"method":"POST","url":"https://h.test/a?b=1#c",
             "httpVersion":"HTTP/2","headers":[{"name":":authority","value":"h.test"},{"name":"X-A","value":" 1 "}],
             "postData":{"mimeType":"application/json","text":"{\"n\":1.10,\n \"n\":2}"}}},
            {"request":{"method":"POST","url":"http://h/","headers":[],"postData":{"params":[{"name":"a b","value":"c&d"}]}}}
        ]}}"#;
        assert_eq!(import(text.as_bytes(), None).unwrap_err(), ImportError::Several(2));
        assert_eq!(import(text.as_bytes(), Some(3)).unwrap_err(), ImportError::Entry(2));
        let found = import(text.as_bytes(), Some(1)).unwrap();
        assert_eq!(found.form, Form::Har);
        assert_eq!(found.head, b"POST /a?b=1 HTTP/1.1\r\nX-A: 1\r\nHost: h.test\r\n\r\n");
        assert_eq!(found.body, b"{\"n\":1.10,\n \"n\":2}");
        assert_eq!(found.url.as_deref(), Some("https://h.test/a?b=1"));
        assert_eq!(found.received_at.unwrap().to_string(), "2026-11-21T22:26:09.123000Z");
        let found = import(text.as_bytes(), Some(2)).unwrap();
        assert_eq!((&found.body[..], found.notes.len()), (&b"a+b=c%26d"[..], 1));
    }

    #[test]
    fn only_the_white_space_of_http_goes_from_the_ends_of_a_value() {
        let text =
            r#"{"method":"GET","url":"http://h","headers":[{"name":"X","value":" \t\u000b1\u00a0 "}]}"#;
        let found = import(text.as_bytes(), None).unwrap();
        assert_eq!(found.head, "GET / HTTP/1.1\r\nX: \u{b}1\u{a0}\r\nHost: h\r\n\r\n".as_bytes());
    }

    #[test]
    fn bodies_may_be_base64_and_headers_must_be_sound() {
        let text = r#"{"method":"PUT","url":"http://h","headers":[],"postData":{"text":"AP8=","encoding":"base64"}}"#;
        assert_eq!(import(text.as_bytes(), None).unwrap().body, [0, 255]);
        for text in [
            r#"{"method":"PUT","url":"http://h","headers":[{"name":"A","value":"1\r\nB: 2"}]}"#,
            r#"{"method":"PUT","url":"http://h","headers":[{"name":"A B","value":"1"}]}"#,
            r#"{"method":"PUT x","url":"http://h"}"#,
            r#"{"method":"PUT","url":"file:///etc/passwd"}"#,
            r#"{"method":"PUT","url":"http://h/a b"}"#,
            r#"{"method":1,"url":"http://h/"}"#,
        ] {
            assert!(import(text.as_bytes(), None).is_err(), "{text}");
        }
    }
}
