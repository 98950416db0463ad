//! The interface, driven by keys and seen as text.

use crate::stage::Stage;

#[test]
fn look() {
    for (w, h) in [(80, 24), (120, 36), (200, 50)] {
        let mut stage = Stage::new(w, h);
        println!("{}", stage.text());
        stage.cast();
        println!("{}", stage.text());
        stage.press("4");
        println!("{}", stage.text());
        stage.press("5");
        println!("{}", stage.text());
        stage.press("2");
        println!("{}", stage.text());
        stage.press("R");
        println!("{}", stage.text());
        stage.press("<esc>y");
        println!("{}", stage.text());
        stage.press("<esc>?");
        println!("{}", stage.text());
    }
}
