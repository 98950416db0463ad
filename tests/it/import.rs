//! What we write, we read: our own curl commands and JSON lines come back byte for byte.

use std::sync::Arc;

use hookglass::{
    domain::{
        capture::{Capture, HttpVersion, Incoming},
        export::curl,
        headers::Head,
        import::{Form, Imported, import},
        record::{Deliveries, Record},
        summary::Origin,
        target::Target,
        time::Timestamp,
    },
    engine::output::json::capture_line,
};
use proptest::prelude::{Strategy, any, prop, proptest};

fn capture(target: &str, headers: &[(String, Vec<u8>)], body: &[u8]) -> Capture {
    let mut head = format!("POST {target} HTTP/1.1\r\nHost: localhost:3000\r\n").into_bytes();
    for (name, value) in headers {
        head.extend_from_slice(&[name.as_bytes(), b": ", value, b"\r\n"].concat());
    }
    head.extend_from_slice(b"\r\n");
    let incoming = Incoming {
        received_at: Timestamp::from_micros(1_795_300_000_120_000),
        remote: ([127, 0, 0, 1], 1).into(),
        version: HttpVersion::Http11,
        head,
        body: body.to_vec(),
        trailers: Vec::new(),
        cut: None,
        announced: None,
        refusal: None,
    };
    Capture::new(incoming, None, Origin::default())
}

/// Header names and values but for those that curl and connections make anew, in order.
fn fields(head: Head<'_>) -> Vec<(Vec<u8>, Vec<u8>)> {
    let own =
        |name: &[u8]| ["host", "content-type"].iter().any(|own| name.eq_ignore_ascii_case(own.as_bytes()));
    let fields = head.fields().filter(|field| !own(field.name));
    fields.map(|field| (field.name.to_vec(), field.value.to_vec())).collect()
}

fn same(found: &Imported, capture: &Capture) {
    let head = Head::new(&found.head);
    assert_eq!((head.method(), head.target()), (capture.head().method(), capture.head().target()));
    assert_eq!(fields(head), fields(capture.head()));
    assert_eq!(found.body, capture.body());
}

fn headers() -> impl Strategy<Value = Vec<(String, Vec<u8>)>> {
    // What a header value can hold and stays the same when white space around it is taken off.
    let value = prop::collection::vec(any::<u8>(), 0..40).prop_map(|bytes| {
        let sound = |b: &u8| !matches!(b, b'\r' | b'\n' | 0);
        bytes.into_iter().filter(sound).collect::<Vec<_>>().trim_ascii().to_vec()
    });
    prop::collection::vec(("X-[A-Za-z0-9]{1,8}", value), 0..5)
}

proptest! {
    #[test]
    fn our_curl_commands_come_back(
        path in "/[a-zA-Z0-9/%?&=._~'$!()*;-]{0,20}",
        headers in headers(),
        body: Vec<u8>,
        text: String,
    ) {
        for body in [&body[..], text.as_bytes()] {
            let capture = capture(&path, &headers, body);
            let made = curl::command(&capture, &Target::parse("3000").unwrap()).unwrap();
            let found = import(made.text.as_bytes(), None).unwrap_or_else(|error| panic!("{error}: {}", made.text));
            assert_eq!(found.form, Form::Curl);
            same(&found, &capture);
        }
    }

    #[test]
    fn our_json_lines_come_back(headers in headers(), body: Vec<u8>) {
        let capture = Arc::new(capture("/a?b=1", &headers, &body));
        let record = Record { capture: Arc::clone(&capture), check: None, answered: None, deliveries: Deliveries::default(), remark: None };
        let mut line = Vec::new();
        capture_line(&record, "", &mut line);
        let found = import(&line, None).unwrap();
        assert_eq!((found.form, found.received_at), (Form::Capture, Some(capture.summary.received_at)));
        same(&found, &capture);
    }
}
