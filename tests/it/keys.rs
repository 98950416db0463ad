//! The interface driven by keys and by the mouse.

use hookglass::{
    app::{
        CopyWhat, Effect, Msg,
        msg::{Mouse, MouseKind},
    },
    config::keymap::{Context, Keymap},
    domain::{capture::CaptureId, delivery::DeliveryKind, store::Limits},
};

use crate::stage::Stage;

fn selected(stage: &Stage) -> Option<u64> {
    stage.model.list.selected().map(|id| id.0)
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
    stage.press("q<esc>");
    assert!(stage.asked.is_empty(), "one step back at a time");
    stage.press("<esc>");
    assert!(matches!(stage.asked[..], [Effect::Quit]), "at the top it quits");
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
            matches!(&stage.asked[..], [Effect::Copy { what: asked, capture, redacted: false }] if *asked == what && capture.id() == CaptureId(6)),
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
    assert!(stage.text().contains("from column 25"), "{}", stage.text());
    stage.press("hhhh");
    assert_eq!(stage.model.detail.scroll().column, 0);
}

#[test]
fn no_row_of_keys_leads_astray() {
    let keys: Vec<String> = Context::ALL
        .iter()
        .flat_map(|context| {
            Keymap::builtin().in_context(*context).flat_map(|row| row.keys.clone()).collect::<Vec<_>>()
        })
        .map(|key| if key.to_string().len() == 1 { key.to_string() } else { format!("<{key}>") })
        .collect();
    let mut stage = Stage::with(120, 30, "dark", false, Limits { bytes: 1 << 30, count: 40 });
    let mut seed = 11_u64;
    let mut next = |below: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) as usize % below
    };
    for _ in 0..600 {
        match next(12) {
            0 => stage.fill(1 + next(30)),
            1 => stage.resize(1 + next(200) as u16, 1 + next(60) as u16),
            _ => stage.press(&keys[next(keys.len())]),
        }
        let list = &stage.model.list;
        let height = usize::from(stage.model.layout.list.height);
        if let (Some(place), true) = (list.place(), height > 0) {
            assert!(list.window(height).contains(&place), "the selected row is on the screen");
            assert_eq!(list.row(place).map(|row| row.summary.id), list.selected());
        }
        if list.following() && !list.paused() {
            assert_eq!(list.selected(), list.newest());
        }
        let shown = stage.model.detail.id();
        assert!(shown == list.selected() || list.selected().is_some_and(|id| list.evicted(id)), "{shown:?}");
    }
}

#[test]
fn the_terminal_is_asked_for_what_keys_cannot_do() {
    let mut stage = Stage::new(80, 24);
    stage.press("<ctrl-l><ctrl-z>M<ctrl-L>");
    assert!(matches!(
        stage.asked[..],
        [Effect::Redraw, Effect::Suspend, Effect::Mouse(true), Effect::Redraw]
    ));
}

#[test]
fn a_new_forward_target_can_be_replayed_to() {
    let mut stage = Stage::new(80, 24);
    stage.model.targets.clear();
    stage.cast();
    stage.press("r");
    assert!(stage.asked.is_empty());
    assert!(stage.text().contains("Send #6 to"), "without a target it asks: {}", stage.text());
    stage.press("<esc>");
    let session = stage.model.session.clone();
    stage.tell(Msg::Session(session));
    stage.press("r");
    assert!(matches!(&stage.asked[..], [Effect::Send { .. }]));
}

#[test]
fn how_a_replay_ended_is_news_until_the_next_key() {
    for (result, news) in [
        (Ok((200, "")), "#6 sent: 200 OK in 7 ms from http://localhost:3000/webhooks"),
        (Err("nothing listens there"), "#6 not sent: nothing listens there"),
    ] {
        let mut stage = Stage::new(120, 36);
        stage.cast();
        stage.press("r");
        assert!(stage.text().contains("Sending #6 to http://localhost:3000/webhooks"), "{}", stage.text());
        stage.deliver(CaptureId(6), DeliveryKind::Forward, Ok((200, "")), 3);
        stage.pull();
        assert!(stage.text().contains("Sending #6"), "what was forwarded meanwhile is another matter");
        stage.deliver(CaptureId(6), DeliveryKind::Replay, result, 7);
        stage.pull();
        assert!(stage.text().contains(news), "{}", stage.text());
        stage.press("1");
        assert!(!stage.text().contains(news), "{}", stage.text());
    }
}

#[test]
fn a_target_that_is_this_program_is_refused_before_it_is_sent_to() {
    let mut stage = Stage::new(120, 36);
    stage.cast();
    for target in ["7878", "http://127.0.0.1:7878/x", "[::1]:7878"] {
        stage.press(&format!("R<ctrl-u>{target}"));
        assert!(stage.text().contains("hookglass itself listens"), "{target}: {}", stage.text());
        stage.press("<enter>");
        assert!(stage.asked.is_empty() && stage.model.overlay.is_some(), "{target}");
        stage.press("<esc>");
    }
    for target in ["7879", "https://example.com:7878"] {
        stage.press(&format!("R<ctrl-u>{target}"));
        assert!(!stage.text().contains("hookglass itself listens"), "{target}");
        stage.press("<esc>");
    }
}
