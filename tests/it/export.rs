//! The export dialog by its keys, and what it writes.

use hookglass::{
    app::{
        Effect, Msg,
        effect::Exported,
        export::{Step, What},
        overlay::Overlay,
    },
    domain::{capture::CaptureId, record::Remark},
};

use crate::stage::{Sample, Stage};

fn stage() -> Stage {
    let mut stage = Stage::new(120, 36);
    for number in 0..5 {
        stage.capture(Sample::post(&format!("/hook/{number}"), "{}").by("github", "pull/../request"), None);
    }
    stage.store.remark(CaptureId(2), Remark { marked: true, note: "".into() });
    stage.store.remark(CaptureId(4), Remark { marked: true, note: "".into() });
    stage.pull();
    stage
}

fn dialog(stage: &Stage) -> &hookglass::app::export::ExportDialog {
    match &stage.model.overlay {
        Some(Overlay::Export(dialog)) => dialog,
        other => panic!("{other:?}"),
    }
}

#[test]
fn format_choice_and_secrets_are_chosen_by_keys() {
    let mut stage = stage();
    stage.press("x");
    assert_eq!(dialog(&stage).choices, [(What::This(CaptureId(5)), 1), (What::Marked, 2), (What::All, 5)]);
    for (keys, format, chosen, raw) in [
        ("", "curl", 0, false),
        ("4", "har", 0, false),
        ("w", "har", 1, false),
        ("r", "har", 1, true),
        ("j", "jsonl", 1, true),
        ("kk", "http", 1, true),
        ("r<tab>", "http", 2, false),
    ] {
        stage.press(keys);
        let dialog = dialog(&stage);
        assert_eq!((dialog.format().name, dialog.chosen, dialog.raw), (format, chosen, raw), "{keys}");
    }
    stage.press("<esc>x");
    assert_eq!(dialog(&stage).format().name, "http", "the last format is proposed again");
}

#[test]
fn names_are_proposed_safe_and_a_taken_one_is_asked_about() {
    let mut stage = stage();
    stage.press("x4<enter>");
    let Step::Naming { name, .. } = &dialog(&stage).step else { panic!() };
    assert_eq!(name.text(), "hookglass-5-pull_.._request.har");
    stage.press("<enter>");
    let Some(Effect::Export { export, kept }) = stage.asked.pop() else { panic!() };
    assert_eq!((export.ids, export.raw, export.replace), (Some(vec![CaptureId(5)]), false, false));
    assert!(kept.is_some());
    stage.tell(Msg::Exported(Exported::Taken));
    stage.draw();
    assert!(stage.text().contains("once more writes over it"), "{}", stage.text());
    stage.press("<enter>");
    let Some(Effect::Export { export, .. }) = stage.asked.pop() else { panic!() };
    assert!(export.replace);
    // Another name is another question.
    stage.press("x<enter>");
    let Some(Effect::Export { export, .. }) = stage.asked.pop() else { panic!() };
    assert!(!export.replace);
    stage.tell(Msg::Exported(Exported::Failed("the folder may not be written".into())));
    stage.draw();
    assert!(stage.text().contains("may not be written"));
    stage.tell(Msg::Exported(Exported::Done("Exported 1 capture to x.".into())));
    stage.draw();
    assert!(stage.model.overlay.is_none() && stage.text().contains("Exported 1 capture"));
}

#[test]
fn marked_shown_and_all_are_the_ids_that_they_say() {
    let mut stage = stage();
    stage.press("xw<enter><enter>");
    let Some(Effect::Export { export, .. }) = stage.asked.pop() else { panic!() };
    assert_eq!(export.ids, Some(vec![CaptureId(2), CaptureId(4)]));
    stage.press("<esc><esc>p");
    stage.fill(1);
    stage.press("xww");
    assert_eq!(dialog(&stage).what(), (What::Shown, 5));
    stage.press("<enter><enter>");
    let Some(Effect::Export { export, .. }) = stage.asked.pop() else { panic!() };
    assert_eq!(export.ids.unwrap().len(), 5);
    stage.press("<esc>w<enter><enter>");
    let Some(Effect::Export { export, .. }) = stage.asked.pop() else { panic!() };
    assert_eq!((export.ids, &*export.path), (None, "hookglass-all-6.sh"));
}

#[test]
fn one_capture_can_go_to_the_clipboard() {
    let mut stage = stage();
    stage.press("x4y");
    let Some(Effect::CopyAs { format, redacted, .. }) = stage.asked.pop() else { panic!() };
    assert_eq!((format.name, redacted), ("har", true));
    stage.press("xwy");
    assert!(stage.asked.is_empty() && stage.model.overlay.is_some(), "several go to a file");
}

#[test]
fn without_a_capture_there_is_nothing_to_export() {
    let mut stage = Stage::new(80, 24);
    stage.press("x");
    assert!(stage.model.overlay.is_none() && stage.text().contains("no capture to export"));
}
