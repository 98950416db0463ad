//! Text of others on the screen: visible, and within its place.

use hookglass::{
    app::{Msg, Notice, Session},
    domain::{
        delivery::DeliveryKind,
        signature::{Check, Verdict},
    },
};

use crate::stage::{Sample, Stage};

#[test]
fn news_shows_until_the_next_key() {
    let mut stage = Stage::new(80, 24);
    stage.tell(Msg::Noticed(Notice::bad("no \u{1b}[31m clipboard")));
    stage.draw();
    assert!(stage.text().contains("no ␛[31m clipboard"));
    stage.press("j");
    assert!(!stage.text().contains("clipboard"));
}

#[test]
fn a_wide_bind_and_problems_stay_on_the_screen() {
    let mut stage = Stage::new(80, 24);
    let session = Session {
        wide_bind: Some("listening on 0.0.0.0: every machine on this network can send here".into()),
        problems: vec!["secret \u{202e}X: not set".into(), "other".into()],
        ..(*stage.model.session).clone()
    };
    stage.tell(Msg::Session(std::sync::Arc::new(session)));
    stage.cast();
    let text = stage.text();
    assert!(text.contains("! listening on 0.0.0.0"), "{text}");
    stage.resize(100, 5);
    assert!(stage.text().contains("open to the network"), "{}", stage.text());
    stage.resize(80, 24);
    assert!(text.contains("! (1 more: ?) secret ‹U+202E›X: not set"), "{text}");
}

/// Texts that try to leave their cell.
const HOSTILE: &[&str] = &[
    "\u{1b}[2J\u{1b}[H",
    "\u{1b}]0;owned\u{7}",
    "\r\n\r\n",
    "\t\t\t",
    "\u{9b}31m",
    "\u{202e}txet",
    "\u{200b}\u{200d}\u{feff}",
    "👩\u{200d}👩\u{200d}👧\u{200d}👦👩\u{200d}👩\u{200d}👧\u{200d}👦",
    "日本語日本語日本語日本語日本語日本語",
    "e\u{301}\u{301}\u{301}\u{301}\u{301}",
    "\u{0}\u{7f}",
    "🇩🇪🇩🇪🇩🇪🇩🇪🇩🇪🇩🇪🇩🇪",
    "\u{2028}\u{2029}",
    "\u{e0041}\u{e0042}",
    "﷽﷽﷽",
    "ｗｉｄｅｗｉｄｅｗｉｄｅｗｉｄｅ",
    "█│─╭",
    "",
];

#[test]
fn hostile_text_stays_in_its_place() {
    for (width, height) in [(80, 24), (121, 36)] {
        let mut stage = Stage::new(width, height);
        for text in HOSTILE {
            let mut sample = Sample::post(&format!("/{text}"), text).by("github", text);
            sample.delivery_id = Some((*text).to_owned());
            sample.head = format!("P{text}T /{text} HTTP/1.1\r\nHost: {text}\r\nX-{text}: {text}\r\n\r\n");
            let id = stage.capture(sample, Some(Check::bare(Verdict::Unknown)));
            stage.deliver(id, DeliveryKind::Replay, Err(text), 1);
            stage.deliver(id, DeliveryKind::Replay, Ok((200, text)), 1);
        }
        stage.pull();
        let divider = stage.text().lines().nth(1).and_then(|line| line.chars().position(|c| c == '│'));
        for pane in ["1", "2", "3", "4", "5", "6", "y", "<esc>R", "<esc>?"] {
            stage.press(pane);
            for _ in 0..if pane.len() == 1 && pane != "y" { HOSTILE.len() } else { 1 } {
                let buffer = stage.buffer();
                for cell in &buffer.content {
                    let bad = |c: char| {
                        c.is_control()
                            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{feff}' | '\u{e0000}'..)
                    };
                    assert!(!cell.symbol().chars().any(bad), "{pane}: {:?}", cell.symbol());
                }
                if let (Some(_), true) = (divider, width >= 100 && stage.model.overlay.is_none()) {
                    let x = stage.model.layout.list.width + 1;
                    for y in 1..height - 1 {
                        assert_eq!(
                            buffer[(x, y)].symbol(),
                            "│",
                            "{pane}, row {y} of {width}\n{}",
                            stage.text()
                        );
                    }
                }
                stage.press("k");
            }
            stage.press("G");
        }
    }
}
