//! Filters in the interface on a real terminal.

use crate::{program::Tui, sender::post};

#[test]
fn a_filter_to_begin_with_and_one_that_is_typed() {
    let mut tui = Tui::start(&["--filter", "path:/yes"], (120, 36));
    let to = tui.address();
    for target in ["/yes/1", "/no/2", "/yes/3"] {
        post(to, target, &[], b"{}");
    }
    tui.wait_for("2 of 3 match: path:/yes");
    let screen = tui.wait_for("/yes/3");
    assert!(!screen.contains("/no/2"), "{screen}");
    tui.keys("f\u{15}path:/no\r");
    tui.wait_for("1 of 3 match: path:/no");
    tui.wait_for("#2 POST /no/2");
    post(to, "/no/4", &[], b"{}");
    tui.wait_for("2 of 4 match");
    tui.keys("m");
    tui.wait_for("★");
    tui.keys("\u{1b}");
    tui.wait_for("4 captures");
    tui.keys("q");
    assert_eq!(tui.end().0, 0);
}

#[test]
fn the_interface_ends_when_enough_came() {
    let tui = Tui::start(&["-o", "tui", "--count", "2", "--expect", "path:/a"], (100, 30));
    let to = tui.address();
    post(to, "/a", &[], b"");
    tui.wait_for("1 capture");
    post(to, "/b", &[], b"");
    let (code, bytes, _) = tui.end();
    assert_eq!(code, 1);
    let said = String::from_utf8_lossy(&bytes).into_owned();
    assert!(said.contains("Not as expected (path:/a): 1 of 2: #2."), "{said}");
}
