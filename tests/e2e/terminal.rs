//! The terminal is given back as it was, however the program ends, and nothing of a request acts on it.

use std::process::Command;

use crate::{
    program::{Ended, Tui},
    sender::post,
};

#[test]
fn quitting_gives_the_terminal_back() {
    for keys in ["q", "\x03"] {
        let mut tui = Tui::start(&[], (80, 24));
        tui.keys(keys);
        let (code, _, ended) = tui.end();
        assert_eq!((code, ended), (0, Ended::CLEAN), "{keys:?}");
    }
}

#[test]
fn signals_give_the_terminal_back() {
    for signal in ["INT", "TERM", "HUP", "QUIT"] {
        let tui = Tui::start(&[], (80, 24));
        tui.signal(signal);
        let (code, _, ended) = tui.end();
        assert_eq!((code, ended), (0, Ended::CLEAN), "SIG{signal}");
    }
}

#[test]
fn ctrl_z_gives_the_terminal_back_until_it_is_continued() {
    let mut tui = Tui::start(&[], (80, 24));
    tui.keys("\x1a");
    tui.wait_until("the normal screen", |screen| !screen.alternate_screen());
    while !is_stopped(tui.pid()) {
        std::thread::yield_now();
    }
    tui.signal("CONT");
    tui.wait_until("the screen again", |screen| {
        screen.alternate_screen() && screen.contents().contains("http://127.0.0.1:")
    });
    tui.keys("q");
    let (code, _, ended) = tui.end();
    assert_eq!((code, ended), (0, Ended::CLEAN));
}

/// Whether a process is stopped: by /proc where there is one, else by `ps`.
fn is_stopped(pid: u32) -> bool {
    if let Ok(stat) = std::fs::read_to_string(format!("/proc/{pid}/stat")) {
        // The state stands after the name, which ends at the last parenthesis.
        return stat.rsplit(')').next().is_some_and(|rest| rest.trim_start().starts_with('T'));
    }
    let output = Command::new("ps").args(["-o", "stat=", "-p", &pid.to_string()]).output().unwrap();
    String::from_utf8_lossy(&output.stdout).starts_with('T')
}

/// Every control sequence that the program itself may write, by its final byte after `ESC [`.
const OWN_FINALS: &[u8] = b"mHJKhlABCDGdqu";

/// Looks through what was written for sequences that are not the program's own.
fn foreign(bytes: &[u8]) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = bytes;
    while let [first, after @ ..] = rest {
        rest = after;
        match first {
            0x1b => match rest {
                [b'[', sequence @ ..] => {
                    let end = sequence.iter().position(|b| (0x40..=0x7e).contains(b)).unwrap_or(0);
                    if !OWN_FINALS.contains(&sequence[end]) {
                        found.push(format!("CSI {:?}", String::from_utf8_lossy(&sequence[..=end])));
                    }
                    rest = &sequence[end + 1..];
                }
                // The title of the window, and nothing else, is set by OSC 0.
                [b']', b'0', b';', text @ ..] if text.starts_with(b"hookglass\x07") => rest = &text[10..],
                [b'(', b'B', text @ ..] | [b'7' | b'8' | b'=' | b'>', text @ ..] => rest = text,
                _ => found.push(format!("ESC {:?}", &rest[..rest.len().min(12)])),
            },
            b'\r' | b'\n' | 0x20..=0x7e | 0x80.. => {}
            other => found.push(format!("control {other:#x}")),
        }
    }
    let text = String::from_utf8_lossy(bytes);
    found.extend(
        text.chars()
            .filter(|c| {
                matches!(c, '\u{80}'..='\u{9f}' | '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
                    | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
            })
            .map(|c| format!("U+{:04X}", c as u32)),
    );
    found
}

#[test]
fn nothing_of_a_request_acts_on_the_terminal() {
    let cases = include_str!("../fixtures/terminal_hostile.jsonl");
    let mut tui = Tui::start(&[], (120, 36));
    let address = tui.address();
    let mut sent = 0;
    for line in cases.lines() {
        let case: serde_json::Value = serde_json::from_str(line).unwrap();
        let bytes = data_encoding::BASE64.decode(case["bytes_b64"].as_str().unwrap().as_bytes()).unwrap();
        let json = serde_json::json!({ "type": String::from_utf8_lossy(&bytes), "id": String::from_utf8_lossy(&bytes) });
        // Bytes that a header or a target can carry; the rest stands in the body.
        let printable: Vec<u8> =
            bytes.iter().copied().filter(|b| *b >= 0x80 || (0x21..0x7f).contains(b)).collect();
        let head =
            [b"POST /".as_slice(), &printable, b" HTTP/1.1\r\nHost: h\r\nStripe-Signature: ", &printable]
                .concat();
        let body = if sent % 2 == 0 { bytes } else { json.to_string().into_bytes() };
        let rest = format!("\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
        crate::sender::send(address, &[&head, rest.as_bytes(), &body].concat());
        sent += 1;
    }
    post(address, "/the-last-one", &[], b"");
    tui.wait_for("the-last-one");
    // Every pane of a good part of the captures, and the list past all of them.
    for _ in 0..sent {
        tui.keys("k123456");
    }
    tui.keys("?");
    tui.wait_for("Help");
    // Escape and a key in one read would be Alt and that key.
    tui.keys("\x1b");
    tui.wait_until("the list again", |screen| !screen.contents().contains("Help"));
    tui.keys("\x03");
    let (code, bytes, ended) = tui.end();
    let foreign = foreign(&bytes);
    assert!(
        foreign.is_empty(),
        "{} foreign sequences: {:?}",
        foreign.len(),
        &foreign[..foreign.len().min(10)]
    );
    assert_eq!((code, ended), (0, Ended::CLEAN));
}
