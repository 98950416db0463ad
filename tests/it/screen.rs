//! The interface, driven by keys and seen as text.

use hookglass::{
    app::{
        CopyWhat, Effect, Msg, Notice, Session,
        msg::{Mouse, MouseKind},
    },
    domain::{
        capture::CaptureId,
        delivery::DeliveryKind,
        signature::{Check, Verdict},
        store::Limits,
    },
};

use crate::stage::{Sample, Stage};

const ROOM: Limits = Limits { bytes: 1 << 30, count: 1 << 20 };

/// Compares a screen with the one on file.
fn snapshot(name: &str, screen: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, screen));
}

fn selected(stage: &Stage) -> Option<u64> {
    stage.model.list.selected().map(|id| id.0)
}

#[test]
fn screens_of_three_sizes() {
    for (width, height) in [(80, 24), (120, 36), (200, 50)] {
        let mut stage = Stage::new(width, height);
        let seen = |name: &str, keys: &str, stage: &mut Stage| {
            stage.press(keys);
            snapshot(&format!("{name}_{width}x{height}"), &stage.text());
        };
        seen("empty", "", &mut stage);
        stage.cast();
        seen("overview", "", &mut stage);
        seen("headers", "2", &mut stage);
        seen("body", "3", &mut stage);
        seen("signature", "4", &mut stage);
        seen("deliveries", "5", &mut stage);
        seen("raw", "6", &mut stage);
        seen("send", "R", &mut stage);
        seen("copy", "<esc>y", &mut stage);
        seen("help", "<esc>?", &mut stage);
        seen("unchecked", "<esc>4kkk", &mut stage);
        seen("full_size", "<enter><enter>", &mut stage);
    }
}

#[test]
fn styles_of_the_themes() {
    for theme in ["dark", "light", "mono"] {
        let mut stage = Stage::with(100, 20, theme, theme == "mono", ROOM);
        stage.cast();
        stage.press("4");
        snapshot(&format!("styles_{theme}"), &format!("{}\n{}", stage.text(), stage.styles()));
    }
}

#[test]
fn ascii_means_ascii() {
    let mut stage = Stage::with(120, 36, "mono", true, ROOM);
    for keys in ["", "1", "2", "3", "4", "5", "6", "y", "<esc>R", "<esc>?"] {
        if keys == "1" {
            stage.cast();
        }
        stage.press(keys);
        let text = stage.text();
        assert!(text.is_ascii(), "{keys}:\n{text}");
    }
}

#[test]
fn mono_draws_no_colour() {
    let mut stage = Stage::with(120, 36, "mono", false, ROOM);
    stage.cast();
    for keys in ["1", "2", "3", "4", "5", "6", "y", "<esc>R", "<esc>?"] {
        stage.press(keys);
        let styles = stage.styles();
        assert!(styles.lines().all(|l| l.split(", ").all(|run| run.contains("-/-"))), "{keys}: {styles}");
    }
}

#[test]
fn every_size_can_be_drawn() {
    let mut stage = Stage::new(80, 24);
    stage.cast();
    stage.model.session = std::sync::Arc::new(Session {
        wide_bind: Some("anybody can reach this".into()),
        problems: vec!["a".into(), "b".into()],
        ..(*stage.model.session).clone()
    });
    for (keys, step) in
        [("", 1), ("4", 3), ("y", 3), ("<esc>R", 3), ("<esc>?", 3), ("<esc><enter>5", 3), ("<enter>", 3)]
    {
        stage.press(keys);
        for width in (1..=40).chain([60, 99, 100, 160]) {
            for height in (1..=20).step_by(step) {
                stage.resize(width, height);
            }
        }
    }
    let mut stage = Stage::new(1, 1);
    for size in 1..=40 {
        stage.resize(size, size.min(20));
    }
}

#[test]
fn a_storm_of_sizes_ends_well() {
    let mut stage = Stage::new(120, 36);
    stage.cast();
    let before = stage.text();
    let mut seed = 7_u32;
    for _ in 0..300 {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        stage.resize((seed >> 8) as u16 % 220 + 1, (seed >> 20) as u16 % 70 + 1);
        stage.press(["j", "k", "<tab>", "-", "-", "-"][seed as usize % 6]);
    }
    let mut fresh = Stage::new(120, 36);
    fresh.cast();
    stage.model.chosen = None;
    stage.resize(120, 36);
    stage.press("1G");
    assert_eq!(stage.text(), before);
}

#[test]
fn following_and_leaving_it() {
    let mut stage = Stage::new(80, 24);
    stage.fill(50);
    assert_eq!((selected(&stage), stage.model.list.following()), (Some(50), true));
    stage.press("k");
    assert_eq!((selected(&stage), stage.model.list.following()), (Some(49), false));
    let before: Vec<String> = stage.text().lines().skip(1).map(str::to_owned).collect();
    stage.fill(20);
    assert_eq!(selected(&stage), Some(49), "rows that arrive do not move the selection");
    let after: Vec<String> = stage.text().lines().skip(1).map(str::to_owned).collect();
    assert_eq!(before[..6], after[..6], "nor the rows on the screen");
    assert!(stage.text().contains("↓ 20 new"), "{}", stage.text());
    stage.press("G");
    assert_eq!((selected(&stage), stage.model.list.following()), (Some(70), true));
    stage.fill(1);
    assert_eq!(selected(&stage), Some(71));
    stage.press("F");
    stage.fill(1);
    assert_eq!(selected(&stage), Some(71));
    stage.press("F");
    assert_eq!(selected(&stage), Some(72));
    stage.press("<enter>");
    stage.fill(1);
    assert_eq!(selected(&stage), Some(72), "who reads is left alone");
}

#[test]
fn moving_keeps_to_the_list() {
    let mut stage = Stage::new(80, 24);
    stage.press("jkgG<ctrl-f><pgup>");
    assert_eq!(selected(&stage), None);
    stage.fill(100);
    for (keys, id) in [
        ("g", 1),
        ("k", 1),
        ("j", 2),
        ("G", 100),
        ("j", 100),
        ("<pgup>", 94),
        ("<home>", 1),
        ("<ctrl-f>", 7),
        ("<end>", 100),
        ("<ctrl-b>k<down>", 94),
    ] {
        stage.press(keys);
        assert_eq!(selected(&stage), Some(id), "{keys}\n{}", stage.text());
        let row = stage.text().lines().find(|line| line.starts_with('▌')).map(str::to_owned);
        let shown = row.is_some_and(|row| row.trim_start_matches(['▌', ' ']).starts_with(&format!("{id} ")));
        assert!(shown, "{id} is on the screen\n{}", stage.text());
    }
}

#[test]
fn an_evicted_capture_stays_readable() {
    let mut stage = Stage::with(120, 36, "dark", false, Limits { bytes: 1 << 30, count: 10 });
    stage.fill(10);
    stage.press("gjj");
    assert_eq!(selected(&stage), Some(3));
    stage.fill(5);
    assert_eq!(selected(&stage), Some(3), "the selection does not jump");
    let text = stage.text();
    assert!(text.contains("#3 POST /hook/2") && text.contains("evicted from memory"), "{text}");
    assert!(text.contains("5 evicted"), "what is lost is said: {text}");
    stage.press("r");
    assert!(matches!(&stage.asked[..], [Effect::Send { captures, .. }] if captures[0].id() == CaptureId(3)));
    stage.press("j");
    assert_eq!(selected(&stage), Some(6), "the nearest one that is left");
    assert!(!stage.text().contains("evicted from memory"));
}

#[test]
fn eviction_above_does_not_move_the_screen() {
    let mut stage = Stage::with(80, 24, "dark", false, Limits { bytes: 1 << 30, count: 100 });
    stage.fill(100);
    stage.press("<pgup><pgup><pgup>");
    let rows = |stage: &Stage| stage.text().lines().skip(2).take(8).map(str::to_owned).collect::<Vec<_>>();
    let before = rows(&stage);
    stage.fill(30);
    assert_eq!(rows(&stage), before);
}

#[test]
fn pause_holds_the_list_and_counts() {
    let mut stage = Stage::new(80, 24);
    stage.fill(3);
    stage.press("p");
    stage.fill(4);
    assert_eq!(selected(&stage), Some(3));
    let text = stage.text();
    assert!(text.contains("PAUSED 4 waiting") && !text.contains("/hook/3"), "{text}");
    stage.press("p");
    assert_eq!(selected(&stage), Some(7), "it follows again");
}

#[test]
fn panes_are_reached_in_every_way() {
    let mut stage = Stage::new(120, 36);
    stage.cast();
    for (keys, pane) in [
        ("<tab>", 1),
        ("<tab><tab>", 3),
        ("<shift-tab>", 2),
        ("6", 5),
        ("<tab>", 0),
        ("<shift-tab>", 5),
        ("9", 5),
        ("1", 0),
    ] {
        stage.press(keys);
        assert_eq!(stage.model.detail.pane, pane, "{keys}");
    }
}

#[test]
fn back_leads_to_the_top_and_out() {
    let mut stage = Stage::new(120, 36);
    stage.cast();
    stage.press("<enter><enter>");
    assert!(stage.model.zoom);
    stage.press("q<esc><esc>");
    assert!(stage.asked.is_empty(), "esc never quits");
    stage.press("q");
    assert!(matches!(stage.asked[..], [Effect::Quit]));
    for keys in ["", "<enter>", "?", "y", "R"] {
        let mut stage = Stage::new(120, 36);
        stage.cast();
        stage.press(keys);
        stage.press("<ctrl-c>");
        assert!(matches!(stage.asked[..], [Effect::Quit]), "ctrl-c quits after {keys}");
    }
}

#[test]
fn replay_asks_only_when_it_must() {
    let mut stage = Stage::new(120, 36);
    stage.cast();
    stage.press("r");
    assert!(
        matches!(&stage.asked[..], [Effect::Send { target, .. }] if target.to_string() == "http://localhost:3000/webhooks")
    );
    stage.asked.clear();
    stage.press("R<ctrl-u>4");
    assert!(stage.text().contains("POST http://localhost:4/stripe/webhooks"), "{}", stage.text());
    stage.press("<backspace>ftp://x<enter>");
    assert!(stage.asked.is_empty());
    assert!(stage.text().contains("begins with http:// or https://"), "{}", stage.text());
    stage.press("<ctrl-u>");
    stage.tell(Msg::Paste("https://example.com/a\n".into()));
    stage.press("<enter>");
    assert!(
        matches!(&stage.asked[..], [Effect::Send { target, .. }] if target.to_string() == "https://example.com/a")
    );
    stage.asked.clear();
    stage.press("r");
    assert!(
        matches!(&stage.asked[..], [Effect::Send { target, .. }] if target.to_string() == "https://example.com/a")
    );
    stage.press("R<up>");
    assert!(stage.text().contains("> http://localhost:3000/webhooks"), "{}", stage.text());
    stage.press("<down>");
    assert!(stage.text().contains("> https://example.com/a"), "{}", stage.text());
}

#[test]
fn copying_by_letter_and_by_choice() {
    for (keys, what) in [
        ("yb", CopyWhat::Body),
        ("yh", CopyWhat::Headers),
        ("yc", CopyWhat::Curl),
        ("yu", CopyWhat::Url),
        ("yi", CopyWhat::Id),
        ("yjj<enter>", CopyWhat::Curl),
        ("yk<enter>", CopyWhat::Id),
    ] {
        let mut stage = Stage::new(80, 24);
        stage.cast();
        stage.press(keys);
        assert!(
            matches!(&stage.asked[..], [Effect::Copy { what: asked, capture }] if *asked == what && capture.id() == CaptureId(6)),
            "{keys}"
        );
        assert!(stage.model.overlay.is_none());
    }
    let mut stage = Stage::new(80, 24);
    stage.press("y");
    assert!(
        matches!(&stage.asked[..], [Effect::CopyText { text, .. }] if text == "curl -d hello=world http://127.0.0.1:7878/try")
    );
}

#[test]
fn the_mouse_selects_and_scrolls() {
    let mut stage = Stage::new(120, 36);
    stage.cast();
    stage.press("M");
    assert!(matches!(stage.asked[..], [Effect::Mouse(true)]));
    let list = stage.model.layout.list;
    stage.tell(Msg::Mouse(Mouse { kind: MouseKind::Press, column: list.x + 4, row: list.y + 2 }));
    assert_eq!(selected(&stage), Some(3));
    stage.tell(Msg::Mouse(Mouse { kind: MouseKind::ScrollUp, column: list.x, row: list.y }));
    assert_eq!(selected(&stage), Some(1));
    let tab = stage.model.layout.tabs[3];
    stage.tell(Msg::Mouse(Mouse { kind: MouseKind::Press, column: tab.x, row: tab.y }));
    assert_eq!(stage.model.detail.pane, 3);
    stage.tell(Msg::Mouse(Mouse { kind: MouseKind::Press, column: 999, row: 999 }));
}

#[test]
fn a_pane_scrolls_no_further_than_its_end() {
    let mut stage = Stage::new(80, 24);
    stage.cast();
    stage.press("<enter>3G");
    let end = stage.model.detail.scroll().line;
    assert_eq!(end + usize::from(stage.model.layout.detail.height), stage.model.layout.detail_lines);
    stage.press("jjj<ctrl-f>");
    assert_eq!(stage.model.detail.scroll().line, end);
    stage.press("kg");
    assert_eq!(stage.model.detail.scroll().line, 0);
    stage.press("lll");
    assert!(stage.model.detail.scroll().column > 0);
    stage.press("hhhh");
    assert_eq!(stage.model.detail.scroll().column, 0);
}

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
    assert!(text.contains("! secret ‹U+202E›X: not set (and 1 more)"), "{text}");
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
    for (width, height) in [(80, 24), (120, 36), (121, 36), (200, 50)] {
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

#[test]
fn a_frame_costs_the_same_with_many_rows() {
    let time = |rows: usize| {
        let mut stage = Stage::new(200, 60);
        stage.fill(rows);
        stage.press("k");
        let start = std::time::Instant::now();
        for _ in 0..20 {
            stage.terminal.clear().unwrap();
            stage.press("k");
        }
        start.elapsed() / 20
    };
    let (few, many) = (time(200), time(50_000));
    println!("200 rows: {few:?}, 50,000 rows: {many:?}");
    assert!(many < few * 3 + std::time::Duration::from_millis(5), "{few:?} {many:?}");
}
