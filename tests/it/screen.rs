//! The interface as a picture: snapshots, themes, sizes.

use hookglass::{app::Session, domain::store::Limits};

use crate::stage::{Sample, Stage};

const ROOM: Limits = Limits { bytes: 1 << 30, count: 1 << 20 };

/// Compares a screen with the one on file.
pub(crate) fn snapshot(name: &str, screen: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, screen));
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
        seen("export", "<esc>x", &mut stage);
        seen("export_name", "4<enter>", &mut stage);
        seen("hidden", "<esc><esc>1*", &mut stage);
        seen("hidden_signature", "4", &mut stage);
        stage.press("*");
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
    for keys in ["", "1", "2", "3", "4", "5", "6", "y", "<esc>R", "<esc>?", "<esc>x", "<enter>"] {
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
    for keys in ["1", "2", "3", "4", "5", "6", "y", "<esc>R", "<esc>?", "<esc>x", "<enter>"] {
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
    for (keys, step) in [
        ("f", 1),
        ("<f1>", 3),
        ("x:", 3),
        ("<esc>/", 3),
        ("<esc>;", 3),
        ("<esc>X", 3),
        ("<esc>", 1),
        ("4", 3),
        ("y", 3),
        ("<esc>R", 3),
        ("<esc>?", 3),
        ("<esc>x", 3),
        ("<enter>", 3),
        ("<esc><esc><enter>5", 3),
        ("<enter>", 3),
    ] {
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
fn a_long_list_shows_the_right_rows() {
    let mut stage = Stage::new(200, 60);
    stage.fill(20_000);
    stage.press("<pgup><pgup>k");
    let rows = usize::from(stage.model.layout.list.height);
    let place = stage.model.list.place().unwrap_or_default();
    assert_eq!(place, 20_000 - 1 - 2 * (rows - 1) - 1);
    let text = stage.text();
    let shown: Vec<u64> = text
        .lines()
        .skip(2)
        .take(rows)
        .filter_map(|line| line.trim_start_matches(['▌', ' ']).split(' ').next()?.parse().ok())
        .collect();
    assert_eq!(shown, (place as u64 + 1..).take(rows).collect::<Vec<_>>(), "{text}");
}

#[test]
fn of_a_refused_request_the_bytes_are_shown() {
    let mut stage = Stage::new(120, 36);
    stage.cast();
    stage.press("kk");
    let text = stage.text();
    for part in ["beginning of a TLS connection", "What came: 10 B", "16 03 01 02"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(!text.lines().any(|line| line.starts_with('▌') && line.contains("unknown")), "{text}");
}

#[test]
fn a_line_that_goes_on_says_so() {
    let mut stage = Stage::new(100, 30);
    let body = format!("{}end", "x".repeat(200));
    stage.capture(Sample::post("/long", &body), None);
    stage.pull();
    stage.press("3");
    let text = stage.text();
    assert!(text.contains("xxx›") && text.contains(" l right › "), "{text}");
    stage.press(&"l".repeat(20));
    let text = stage.text();
    assert!(text.contains("end") && !text.contains('›'), "{text}");
}

#[test]
fn a_json_response_is_readable() {
    let mut stage = Stage::new(120, 36);
    stage.cast();
    stage.press("g5");
    let text = stage.text();
    assert!(text.contains(" → 200 OK ") && text.lines().any(|line| line.trim() == "\"ok\": true,"), "{text}");
}
