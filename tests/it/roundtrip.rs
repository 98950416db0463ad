//! Captured, saved, loaded and sent again: every byte is the one that was sent.
//!
//! `HOOKGLASS_INPUTS=folder` adds every file below a folder as a body.

use std::{
    net::SocketAddr,
    ops::ControlFlow,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

use hookglass::{
    archive::Reader,
    client::{Client, Options},
    config::{Settings, dotenv::Dotenv},
    domain::{capture::CaptureId, delivery::DeliveryKind, replay::plan, target::Target},
    engine::{
        ears::Ears,
        keeper,
        setup::{self, Inputs},
    },
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::client::{Dice, Recorder, split};

/// How many inputs there are at least.
const INPUTS: usize = 5_200;

/// What was sent, with the number it got.
type Sent = Arc<Mutex<Vec<(u64, Vec<u8>)>>>;

/// A folder that is removed at the end.
struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// The bodies and odd values of the fixtures.
fn odd() -> Vec<Vec<u8>> {
    let fixtures = [
        include_str!("../fixtures/terminal_hostile.jsonl"),
        include_str!("../fixtures/export_hostile.jsonl"),
    ];
    let lines = fixtures.into_iter().flat_map(str::lines).filter(|line| !line.is_empty());
    lines
        .map(|line| {
            let case: serde_json::Value = serde_json::from_str(line).unwrap();
            let bytes = case["bytes_b64"].as_str().or(case["body_b64"].as_str()).unwrap_or_default();
            data_encoding::BASE64.decode(bytes.as_bytes()).unwrap()
        })
        .collect()
}

/// The files below a folder that somebody names.
fn given() -> Vec<Vec<u8>> {
    fn walk(folder: &Path, found: &mut Vec<Vec<u8>>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, found);
            } else {
                found.push(std::fs::read(path).unwrap());
            }
        }
    }
    let mut found = Vec::new();
    if let Some(folder) = std::env::var_os("HOOKGLASS_INPUTS") {
        walk(Path::new(&folder), &mut found);
    }
    found
}

/// A request with a body, and with values in its head that look like the body where a head may have them.
fn request(body: &[u8], authority: &str, dice: &mut Dice) -> Vec<u8> {
    let method = dice.one(&["POST", "PUT", "PATCH", "GET", "DELETE", "post", "PURGE"]);
    let path: String = dice
        .bytes(if body.is_empty() { b"-" } else { body }, 40)
        .iter()
        .map(|byte| format!("%{byte:02X}"))
        .collect();
    let mut head = format!("{method} /in/{path}?q={path} HTTP/1.1\r\n").into_bytes();
    let mut lines = vec![
        format!("Host: {authority}").into_bytes(),
        format!("{}:{}", dice.case("content-length"), body.len()).into_bytes(),
    ];
    for _ in 0..dice.below(6) {
        let name = dice.one(&["X-Odd", "x-dup", "Content-Type", "X-Hub-Signature-256", "Accept"]);
        let name = dice.case(name);
        let legal = |byte: &u8| *byte == b'\t' || (*byte >= 0x20 && *byte != 0x7f);
        let value: Vec<u8> = body.iter().copied().filter(legal).take(60).collect();
        lines.push([name.as_bytes(), dice.one(&[":", ": ", ":\t "]).as_bytes(), &value].concat());
    }
    while !lines.is_empty() {
        let line = lines.swap_remove(dice.below(lines.len()));
        head.extend_from_slice(&line);
        head.extend_from_slice(b"\r\n");
    }
    [&head, &b"\r\n"[..], body].concat()
}

async fn ears(file: &Path) -> Ears {
    let mut settings = Settings::default();
    settings.listen.port = 0;
    // Little memory, so that the file has what is looked at.
    settings.memory.bytes = 1 << 20;
    let inputs = Inputs {
        settings: settings.clone(),
        dotenv: Dotenv::default(),
        dotenv_file: ".env".into(),
        dir: ".".into(),
        warnings: Vec::new(),
    };
    let loaded = setup::load(&inputs).unwrap();
    let file = keeper::open(file, &settings.session).unwrap();
    Ears::open(setup::plan(&settings), loaded.rules, Some(file)).await.unwrap()
}

async fn send(to: SocketAddr, request: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(to).await.unwrap();
    let sent = [request, b"GET /end HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"].concat();
    let (mut read, mut write) = stream.split();
    let mut answer = Vec::new();
    let (wrote, got) = tokio::join!(write.write_all(&sent), read.read_to_end(&mut answer));
    let _ = (wrote, got.unwrap());
    answer
}

/// A request as it must arrive when it is sent again: what is added says so by its name.
fn without_ours(request: &[u8]) -> Vec<u8> {
    let (head, body) = split(request).unwrap();
    let lines = head.split_inclusive(|&byte| byte == b'\n');
    let kept = lines.filter(|line| !line.to_ascii_lowercase().starts_with(b"x-hookglass-"));
    [&kept.collect::<Vec<_>>().concat(), body].concat()
}

#[tokio::test(flavor = "multi_thread")]
async fn thousands_of_inputs_come_back_and_go_out_byte_for_byte() {
    let folder = Folder(std::env::temp_dir().join(format!("hookglass-roundtrip-{}", std::process::id())));
    std::fs::create_dir_all(&folder.0).unwrap();
    let file = folder.0.join("kept.sqlite");
    let mut recorder = Recorder::start().await;
    let target = format!("http://{}", recorder.address);
    let mut dice = Dice(5);
    let all: Vec<u8> = (0..=255).collect();
    let mut bodies = [odd(), given()].concat();
    while bodies.len() < INPUTS {
        let alphabets = [&all[..], b"{}[]\":,.0123456789eE+-nulltrfase \\u\r\n", b"a=b&c%20+%\x00\xff", b"x"];
        let alphabet = alphabets[dice.below(alphabets.len())];
        let longest = [0, 12, 300, 3_000][dice.below(4)];
        bodies.push(dice.bytes(alphabet, longest));
    }

    let ears = ears(&file).await;
    let to = ears.addresses[0];
    let sent: Sent = Arc::default();
    let authority = recorder.address.to_string();
    let requests: Vec<Vec<u8>> = bodies.iter().map(|body| request(body, &authority, &mut dice)).collect();
    let mut tasks = tokio::task::JoinSet::new();
    let requests = Arc::new(requests);
    for part in 0..8 {
        let (requests, sent) = (Arc::clone(&requests), Arc::clone(&sent));
        tasks.spawn(async move {
            for request in requests.iter().skip(part).step_by(8) {
                let answer = send(to, request).await;
                let text = String::from_utf8_lossy(&answer).to_ascii_lowercase();
                assert!(text.starts_with("http/1.1 200"), "{text} {}", request.escape_ascii());
                let id = text.lines().find_map(|line| line.strip_prefix("x-hookglass-capture: ")).unwrap();
                sent.lock().unwrap().push((id.trim().parse().unwrap(), request.clone()));
            }
        });
    }
    while let Some(done) = tasks.join_next().await {
        done.unwrap();
    }
    ears.close().await.unwrap();

    let reader = Reader::open(&file).unwrap();
    let client = Client::new(Options::default());
    let target = Target::parse(&target).unwrap();
    let sent = std::mem::take(&mut *sent.lock().unwrap());
    assert!(sent.len() >= INPUTS);
    for (id, request) in &sent {
        let record = reader.record(CaptureId(*id)).unwrap().unwrap();
        let capture = &record.capture;
        let kept = [capture.head().raw(), capture.body()].concat();
        assert!(kept == *request, "kept: {}", kept.escape_ascii());
        let outgoing = plan(capture, &target, "", DeliveryKind::Replay).unwrap();
        client.send(outgoing).await.result.unwrap();
        let arrived = without_ours(&recorder.next().await);
        assert!(arrived == *request, "arrived: {}\nsent: {}", arrived.escape_ascii(), request.escape_ascii());
    }
    // In one pass too, as an export reads them.
    let mut count = 0;
    let damaged = reader.each(CaptureId(1)..=CaptureId(u64::MAX >> 1), &mut |_| {
        count += 1;
        ControlFlow::Continue(())
    });
    assert_eq!((damaged.unwrap(), count), (0, 2 * sent.len()), "and those that end each connection");
}
