//! The interface on a real pseudo-terminal with real requests.

use std::io::{Read, Write};

use crate::{
    program::{Folder, Tui},
    sender::{Handler, answer, post},
};

#[test]
fn the_first_screen_says_what_to_do() {
    let tui = Tui::start(&[], (100, 30));
    // The footer is drawn last.
    let screen = tui.wait_for("? help");
    for needed in ["hookglass", "http://127.0.0.1:", "cloudflared", "ngrok"] {
        assert!(screen.contains(needed), "{needed} is missing:\n{screen}");
    }
}

#[test]
fn requests_show_while_they_arrive_and_can_be_sent_again() {
    let handler = Handler::start(|_| answer("201 Created", "made"));
    let mut tui = Tui::start(&[], (140, 40));
    assert_eq!(
        post(tui.address(), "/orders?x=1", &[("Content-Type", "application/json")], b"{\"n\":1.10}"),
        200
    );
    tui.wait_for("/orders?x=1");
    tui.keys("R");
    tui.keys(&format!("\x15{}\r", handler.address.port()));
    tui.wait_for("201");
    assert_eq!(handler.got().len(), 1);
    tui.keys("r");
    while handler.got().len() < 2 {
        std::thread::yield_now();
    }
    let requests = handler.got();
    assert!(requests[1].starts_with(b"POST /orders?x=1 HTTP/1.1\r\n"));
    assert!(requests[1].ends_with(b"\r\n\r\n{\"n\":1.10}"));
}

#[test]
fn forwarded_answers_show() {
    let handler = Handler::start(|_| answer("403 Forbidden", "no"));
    let target = format!("http://{}", handler.address);
    let mut tui = Tui::start(&["-f", &target], (140, 40));
    post(tui.address(), "/hook", &[], b"x");
    tui.wait_for("403");
    tui.keys("5");
    tui.wait_for("Forbidden");
}

#[test]
fn a_verdict_shows_with_its_explanation() {
    let tui_folder = Folder::new();
    let mut tui =
        Tui::start_in(tui_folder, &[], (140, 40), &[("GITHUB_WEBHOOK_SECRET", "It's a Secret to Everybody")]);
    let signature = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
    let headers = [("X-GitHub-Event", "push"), ("X-Hub-Signature-256", signature)];
    post(tui.address(), "/", &headers, b"Hello, World!");
    tui.wait_for("valid");
    tui.keys("4");
    tui.wait_for("GITHUB_WEBHOOK_SECRET");
    post(tui.address(), "/", &headers, b"Hello, World?");
    tui.wait_for("invalid");
    assert!(!tui.screen().contains("It's a Secret to Everybody"));
}

#[test]
fn any_size_works() {
    let mut tui = Tui::start(&[], (80, 24));
    post(tui.address(), "/sized", &[], b"{}");
    tui.wait_for("/sized");
    for (columns, rows) in [(1, 1), (5, 2), (20, 5), (40, 10), (300, 100), (80, 24)] {
        tui.resize(columns, rows);
        tui.keys("12345");
    }
    // What was drawn for another size may still have been on its way when the screen changed its own.
    tui.keys("\x0c");
    tui.wait_for("/sized");
}

#[test]
fn a_terminal_that_nobody_reads_stops_no_capture() {
    // A pseudo-terminal whose other side is never read fills up after some kilobytes.
    let folder = Folder::new();
    let system = portable_pty::native_pty_system();
    let pair = system
        .openpty(portable_pty::PtySize { rows: 50, cols: 200, pixel_width: 0, pixel_height: 0 })
        .unwrap();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let mut command = portable_pty::CommandBuilder::new(env!("CARGO_BIN_EXE_hookglass"));
    command.cwd(&folder.0);
    command.env("TERM", "xterm-256color");
    command.args(["--port", &port.to_string()]);
    let mut child = pair.slave.spawn_command(command).unwrap();
    let address = std::net::SocketAddr::from(([127, 0, 0, 1], port));
    while std::net::TcpStream::connect(address).is_err() {
        std::thread::yield_now();
    }
    let mut stream = std::net::TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(crate::program::PATIENCE)).unwrap();
    let mut answered = 0;
    let mut buffer = [0; 4_096];
    for number in 0..2_000 {
        let request = format!("POST /{number} HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n");
        stream.write_all(request.as_bytes()).unwrap();
        let read = stream.read(&mut buffer).unwrap();
        answered += usize::from(buffer[..read].starts_with(b"HTTP/1.1 200"));
    }
    assert_eq!(answered, 2_000);
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn a_secret_can_be_tried_dropped_kept_and_written() {
    let folder = Folder::new();
    let env = folder.0.join(".env");
    let mut tui = Tui::start_in(folder, &[], (140, 40), &[]);
    let signature = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
    let headers = [("X-GitHub-Event", "push"), ("X-Hub-Signature-256", signature)];
    post(tui.address(), "/", &headers, b"Hello, World!");
    post(tui.address(), "/", &headers, b"Hello, World?");
    tui.wait_for("unchecked");
    tui.keys("s");
    tui.wait_for("What if: github");
    tui.keys("It's a Secret to Everybody\r");
    tui.wait_for("1 valid, 1 not");
    tui.wait_for("✓ valid");
    tui.keys("\x1b");
    tui.wait_until("the checks are what they were", |screen| {
        let text = screen.contents();
        text.contains("unchecked") && !text.contains("✓ valid")
    });
    tui.keys("s");
    tui.wait_for("What if: github");
    tui.keys("It's a Secret to Everybody\r");
    tui.wait_for("1 valid, 1 not");
    tui.keys("w");
    tui.wait_for("GITHUB_WEBHOOK_SECRET");
    tui.keys("\r");
    tui.wait_until("it is written", |_| std::fs::read_to_string(&env).is_ok_and(|text| !text.is_empty()));
    assert_eq!(
        std::fs::read_to_string(&env).unwrap(),
        "GITHUB_WEBHOOK_SECRET='It\\'s a Secret to Everybody'\n"
    );
    post(tui.address(), "/third", &headers, b"Hello, World!");
    tui.wait_for("/third");
    tui.wait_until("it counts from now on", |screen| screen.contents().matches("✓ valid").count() >= 2);
    assert!(!tui.screen().contains("to Everybody"));
}
