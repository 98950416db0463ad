//! The filter in the interface, marks, notes, deleting, and searching within a pane.

use std::time::{Duration, Instant};

use hookglass::{
    app::{Effect, Msg, msg::Ticket},
    domain::{
        capture::CaptureId,
        filter::Filter,
        signature::{Check, Verdict},
        time::Timestamp,
    },
};

use crate::{
    screen::snapshot,
    stage::{Sample, Stage},
};

fn ids(stage: &Stage) -> Vec<u64> {
    let list = &stage.model.list;
    (0..list.len()).filter_map(|index| list.row(index)).map(|row| row.summary.id.0).collect()
}

fn selected(stage: &Stage) -> Option<u64> {
    stage.model.list.selected().map(|id| id.0)
}

/// Ten captures, every third of them to `/three`.
fn ten() -> Stage {
    let mut stage = Stage::new(120, 36);
    more(&mut stage, 10);
    stage
}

fn more(stage: &mut Stage, count: u64) {
    let first = stage.model.list.highest() + 1;
    for number in first..first + count {
        let path = if number % 3 == 0 { "/three" } else { "/other" };
        let body = format!("{{\"n\":{number}}}");
        stage.capture(Sample::post(path, &body), Some(Check::bare(Verdict::Unknown)));
    }
    stage.pull();
}

#[test]
fn only_what_matches_is_shown_and_moved_in() {
    let mut stage = ten();
    stage.press("fpath:/three<enter>");
    assert_eq!((ids(&stage), selected(&stage)), (vec![3, 6, 9], Some(9)));
    assert!(stage.text().contains("3 of 10 match: path:/three"), "{}", stage.text());
    more(&mut stage, 3);
    assert_eq!((ids(&stage), selected(&stage)), (vec![3, 6, 9, 12], Some(12)), "it follows what matches");
    for (keys, id) in [("k", 9), ("g", 3), ("k", 3), ("j", 6), ("<pgdn>", 12), ("k", 9)] {
        stage.press(keys);
        assert_eq!(selected(&stage), Some(id), "{keys}");
    }
    more(&mut stage, 3);
    assert_eq!(selected(&stage), Some(9));
    assert!(stage.text().contains("↓ 1 new"), "{}", stage.text());
    stage.press("<esc>");
    assert_eq!((stage.model.list.len(), selected(&stage)), (16, Some(9)), "esc shows all, and nothing moves");
    assert!(!stage.asked.iter().any(|effect| matches!(effect, Effect::Quit)));
    stage.press("<esc>");
    assert!(stage.asked.iter().any(|effect| matches!(effect, Effect::Quit)));
}

#[test]
fn what_changes_comes_in_or_goes_out() {
    let mut stage = ten();
    stage.press("fstatus:500<enter>");
    assert_eq!((ids(&stage), selected(&stage)), (vec![], None));
    assert!(stage.text().contains("no capture matches the filter"), "{}", stage.text());
    let answer = |stage: &mut Stage, id, status| {
        stage.answer(CaptureId(id), status, hookglass::domain::sink::AnsweredBy::Default);
        stage.pull();
    };
    answer(&mut stage, 4, 500);
    answer(&mut stage, 2, 500);
    assert_eq!(ids(&stage), [2, 4]);
    answer(&mut stage, 4, 200);
    assert_eq!((ids(&stage), selected(&stage)), (vec![2], Some(2)));
}

#[test]
fn a_selected_capture_that_does_not_match_gives_way_to_the_nearest() {
    let mut stage = ten();
    stage.press("kkk");
    assert_eq!(selected(&stage), Some(7));
    stage.press("fpath:/three<enter>");
    assert_eq!(selected(&stage), Some(9));
    stage.press("f<ctrl-u>nothing-like-it<enter>");
    assert_eq!((selected(&stage), stage.model.detail.id()), (None, None));
    stage.press("<esc>");
    assert_eq!(selected(&stage), Some(9), "back where one was");
}

#[test]
fn the_line_tells_what_is_wrong_and_remembers() {
    let mut stage = ten();
    stage.press("fpath:");
    assert!(stage.text().contains("a value must follow"), "{}", stage.text());
    stage.press("<enter>");
    assert!(stage.model.overlay.is_some() && !stage.model.list.sifted(), "a wrong one is not applied");
    stage.press("/three<enter>f<ctrl-u>id:1<enter>f<up>");
    assert!(stage.text().contains("> path:/three"), "{}", stage.text());
    stage.press("<down>");
    assert!(stage.text().contains("> id:1"), "{}", stage.text());
    stage.press("<up><enter>");
    assert_eq!(ids(&stage), [3, 6, 9]);
    stage.press("f<ctrl-u><enter>");
    assert_eq!(stage.model.list.len(), 10, "an empty one shows all");
    stage.press("fid:5<esc>");
    assert_eq!(stage.model.list.len(), 10, "esc leaves all as it was");
}

#[test]
fn answers_of_an_older_filter_are_dropped() {
    let mut stage = ten();
    stage.press("fid:1<enter>");
    stage.tell(Msg::Sifted { ticket: Ticket(0), ids: vec![7], done: true });
    stage.tell(Msg::Examined { ticket: Ticket(0), matching: vec![8], others: vec![1] });
    assert_eq!(ids(&stage), [1]);
}

#[test]
fn a_paused_list_holds_still_under_a_filter() {
    let mut stage = ten();
    stage.press("fpath:/three<enter>p");
    more(&mut stage, 5);
    assert_eq!((ids(&stage), stage.model.list.waiting()), (vec![3, 6, 9], 5));
    stage.press("p");
    assert_eq!((ids(&stage), selected(&stage)), (vec![3, 6, 9, 12, 15], Some(15)));
}

#[test]
fn marks_and_notes_are_kept_and_removed() {
    let mut stage = ten();
    assert!(!stage.model.list.has_signs());
    stage.press("m;look  later <enter>");
    let remark = |stage: &Stage| stage.store.get(CaptureId(10)).unwrap().remark;
    let kept = remark(&stage).unwrap();
    assert_eq!((kept.marked, &*kept.note), (true, "look  later"));
    let text = stage.text();
    assert!(text.contains("★ look  later") && text.contains("▌★  10"), "{text}");
    stage.press("fmark<enter>");
    assert_eq!(ids(&stage), [10]);
    stage.press("m");
    assert_eq!(ids(&stage), [] as [u64; 0], "it no longer matches");
    stage.press("<esc>;<ctrl-u><enter>");
    assert!(remark(&stage).is_none() && !stage.model.list.has_signs());
}

#[test]
fn deleting_asks_once() {
    let mut stage = ten();
    stage.press("kkX");
    assert!(stage.text().contains("Delete #8?"), "{}", stage.text());
    stage.press("n");
    assert!(stage.store.get(CaptureId(8)).is_some(), "any other key keeps it");
    stage.press("XX");
    assert!(stage.store.get(CaptureId(8)).is_none());
    assert_eq!((ids(&stage), selected(&stage)), (vec![1, 2, 3, 4, 5, 6, 7, 9, 10], Some(9)));
    stage.press("Xyj");
    assert_eq!((ids(&stage), selected(&stage)), (vec![1, 2, 3, 4, 5, 6, 7, 10], Some(10)));
    more(&mut stage, 2);
    stage.press("G<pgup>");
    assert_eq!(ids(&stage), [1, 2, 3, 4, 5, 6, 7, 10, 11, 12]);
    stage.press("fid:11<enter>Xy");
    assert_eq!((ids(&stage), selected(&stage)), (vec![], None));
}

#[test]
fn a_pane_is_searched_around_its_ends() {
    let mut stage = Stage::new(100, 24);
    let body = (0..200).map(|n| format!("line {n}")).collect::<Vec<_>>().join("\n");
    stage.capture(Sample::post("/x", &body), Some(Check::bare(Verdict::Unknown)));
    stage.pull();
    stage.press("3/LINE 19<enter>");
    for (keys, told) in [
        ("", "1 of 11: LINE 19"),
        ("n", "2 of 11"),
        ("N", "1 of 11"),
        ("N", "11 of 11: LINE 19; from the bottom again"),
        ("n", "1 of 11: LINE 19; from the top again"),
        ("/nowhere<enter>", "Not in this pane: nowhere"),
    ] {
        stage.press(keys);
        assert!(stage.text().contains(told), "{keys}: {}", stage.text());
    }
    stage.press("/line 150<enter>");
    assert!(stage.text().contains("line 150"), "{}", stage.text());
    stage.press("<esc>");
    assert!(!stage.model.find.active());
}

#[test]
fn a_place_far_to_the_right_is_gone_to() {
    let mut stage = Stage::new(100, 24);
    let body = format!("{}needle{}", "x".repeat(9_000), "y".repeat(9_000));
    stage.capture(Sample::post("/x", &body), Some(Check::bare(Verdict::Unknown)));
    stage.pull();
    stage.press("3/needle<enter>");
    assert!(stage.text().contains("xneedley"), "{}", stage.text());
}

#[test]
fn screens_of_filters_and_remarks() {
    for (width, height) in [(80, 24), (120, 36), (200, 50)] {
        let mut stage = Stage::new(width, height);
        stage.cast();
        for (name, keys) in [
            ("filter_help", "f"),
            ("filter_fields", "<f1>"),
            ("filter_error", "<f1>provider:stripe sig:vaild"),
            ("filtered", "<ctrl-u>!provider:discord (sig:invalid | status:200)<enter>"),
            ("marked", "m;ask the team<enter>gm"),
            ("note", ";"),
            ("delete", "<esc>X"),
            ("found", "<esc>G/stripe<enter>n"),
        ] {
            stage.press(keys);
            snapshot(&format!("{name}_{width}x{height}"), &stage.text());
        }
    }
}

#[test]
fn leaving_the_fields_keeps_the_line() {
    let mut stage = ten();
    stage.press("fpath:/x<f1>");
    assert!(stage.text().contains("provider:stripe"), "{}", stage.text());
    stage.press("<esc>");
    assert!(stage.text().contains("> path:/x"), "one step back: the line is still open\n{}", stage.text());
    stage.press("<esc>");
    assert!(stage.model.overlay.is_none());
}

#[test]
fn a_filter_never_hangs() {
    let mut stage = Stage::new(80, 24);
    let body = "x".repeat(2_000);
    for _ in 0..20 {
        stage.capture(Sample::post("/x", &body), Some(Check::bare(Verdict::Unknown)));
    }
    let records: Vec<_> = {
        let library = stage.library();
        library.ids(|_| true).into_iter().map(|id| library.record(id).unwrap()).collect()
    };
    for text in [
        "body~(a{1000}){1000}",
        "body~(?:){4294967295}",
        "body~(x+x+)+y",
        "body~(x*)*$y",
        "any~(x|x)*y",
        "body~((x{1,9}){1,9}){1,9}z",
        "body~\"(.*)*(.*)*(.*)*=\"",
        "undefined | null | NULL | \"(null)\" | nil",
        "\"1;DROP TABLE users\" | \"<script>alert(0)</script>\" | \"../../etc/passwd\"",
        "\"\u{feff}\" | \"\u{202e}\" | \"\u{2028}\" | \"Z\u{338}\u{34a}algo\" | \"\u{1f469}\u{200d}\u{1f4bb}\"",
    ] {
        let begun = Instant::now();
        let Ok(filter) = Filter::parse(text) else {
            assert!(begun.elapsed() < Duration::from_secs(2), "{text}");
            continue;
        };
        let found = records.iter().filter(|record| filter.matches(record, Timestamp::from_micros(0))).count();
        // A debug build on a busy machine: what hangs takes for ever.
        assert!(begun.elapsed() < Duration::from_secs(60), "{text}: {found} in {:?}", begun.elapsed());
    }
}
