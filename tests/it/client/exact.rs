//! What arrives is what was captured, byte for byte, except what is documented to be made anew.

use hookglass::{
    client::{Client, Options},
    domain::{delivery::DeliveryKind, replay::plan, target::Target},
};

use super::{
    capture,
    dice::Dice,
    recorder::{Recorder, split},
};

/// A captured head and what has to arrive of it.
struct Case {
    head: Vec<u8>,
    body: Vec<u8>,
    expected: Vec<u8>,
}

/// Builds a request line by line and beside it, independently of the rules under test, what each line
/// must become.
fn case(seed: u64, authority: &str) -> Case {
    let dice = &mut Dice(seed);
    let value: Vec<u8> = (0x20..=0x7e).chain(0x80..=0xff).chain([b'\t']).collect();
    let token = b"abcdefXYZ0123456789-_.!#$%&'*+^`|~";
    let mut all: Vec<u8> = (0..=255).collect();
    all.extend(b"\r\n\r\n\r\n");
    let longest = [0, 10, 1_000, 70_000, 300_000][dice.below(5)];
    let body = dice.bytes(&all, longest);

    let method =
        dice.one(&["POST", "GET", "PUT", "DELETE", "PATCH", "post", "PURGE", "M-SEARCH", "!#$%&'*+"]);
    let mut target = b"/".to_vec();
    target.extend(dice.bytes(b"abc/%2fF.?&=;[]{}'\"\\^|<>#@:\xc3\xa9\xff", 60));
    let start = [method.as_bytes(), b" ", &target, b" HTTP/1."].concat();
    let (mut head, mut expected) = (start.clone(), start);
    head.extend_from_slice(dice.one(&["0\r\n", "1\r\n"]).as_bytes());
    expected.extend_from_slice(b"1\r\n");

    let mut lines: Vec<(Vec<u8>, Option<Vec<u8>>)> = Vec::new();
    for _ in 0..dice.below(30) {
        let mut line = b"x".to_vec();
        line.extend(dice.bytes(token, 20));
        line.push(b':');
        line.extend(dice.bytes(b" \t", 3));
        line.extend(dice.bytes(&value, 80));
        lines.push((line.clone(), Some(line)));
    }
    let place = |dice: &mut Dice, lines: &Vec<_>| dice.below(lines.len() + 1);
    for name in
        ["keep-alive", "proxy-connection", "te", "trailer", "upgrade", "expect", "proxy-authorization"]
    {
        if dice.below(3) == 0 {
            let at = place(dice, &lines);
            lines.insert(at, (format!("{}: a, b", dice.case(name)).into(), None));
        }
    }
    if dice.below(3) == 0 {
        let at = place(dice, &lines);
        lines.insert(at, (b"Y-Private: 1".to_vec(), None));
        let at = place(dice, &lines);
        lines.insert(at, (format!("{}: close , y-private", dice.case("connection")).into(), None));
    }
    let framing = dice.below(3);
    if framing > 0 || !body.is_empty() {
        let at = place(dice, &lines);
        let length = body.len();
        if framing == 2 {
            lines.insert(
                at,
                (b"Transfer-Encoding: chunked".to_vec(), Some(format!("Content-Length: {length}").into())),
            );
        } else {
            let line = format!("{}:{length}", dice.case("content-length"));
            lines.insert(at, (line.clone().into(), Some(line.into())));
        }
    }
    let host = dice.case("host");
    let at = place(dice, &lines);
    lines.insert(at, (format!("{host}:captured.test").into(), Some(format!("{host}: {authority}").into())));

    for (line, becomes) in lines {
        head.extend_from_slice(&[&line[..], b"\r\n"].concat());
        if let Some(line) = becomes {
            expected.extend_from_slice(&[&line[..], b"\r\n"].concat());
        }
    }
    head.extend_from_slice(b"\r\n");
    expected.extend_from_slice(b"\r\n");
    Case { head, body, expected }
}

#[tokio::test]
async fn hundreds_of_varied_requests_arrive_byte_for_byte() {
    let mut recorder = Recorder::start().await;
    let authority = recorder.address.to_string();
    let target = Target::parse(&authority).unwrap();
    let client = Client::new(Options::default());
    for seed in 0..500 {
        let case = case(seed, &authority);
        let planned = plan(&capture(&case.head, &case.body), &target, "", DeliveryKind::Test).unwrap();
        let outcome = client.send(planned).await;
        let reply = outcome.result.expect("an answer");
        assert_eq!((reply.status, &reply.body[..]), (200, &b"ok"[..]), "seed {seed}");
        let arrived = recorder.next().await;
        let (head, body) = split(&arrived).unwrap();
        assert_eq!(head.escape_ascii().to_string(), case.expected.escape_ascii().to_string(), "seed {seed}");
        assert!(body == case.body, "seed {seed}: the body of {} bytes differs", case.body.len());
    }
}

#[tokio::test]
async fn a_large_body_arrives_whole() {
    let mut recorder = Recorder::start().await;
    let body: Vec<u8> = (0..9_000_000_u32).flat_map(u32::to_le_bytes).collect();
    let head = format!("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n", body.len());
    let target = Target::parse(&recorder.address.to_string()).unwrap();
    let planned = plan(&capture(head.as_bytes(), &body), &target, "", DeliveryKind::Replay).unwrap();
    assert_eq!(Client::new(Options::default()).send(planned).await.result.unwrap().status, 200);
    let arrived = recorder.next().await;
    let (head, arrived) = split(&arrived).unwrap();
    assert!(head.ends_with(b"\r\nx-hookglass-replay: 0\r\n\r\n"));
    assert!(arrived == body);
}

/// The same again in a process whose environment names a proxy that is not there.
#[test]
fn proxies_of_the_environment_are_not_used() {
    let mut child = std::process::Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", "client::exact::a_large_body_arrives_whole"]);
    for name in ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"] {
        child.env(name, "http://127.0.0.1:9");
    }
    let output = child.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && text.contains("1 passed"), "{text}");
}
