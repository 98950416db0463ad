//! The export dialog: which captures, in which form, with or without secrets, and where to.

use crate::{
    app::{
        effect::{Effect, Export, Exported},
        input::Input,
        model::Model,
        msg::Notice,
        overlay::Overlay,
        update::{current, current_shown},
    },
    config::keymap::Action,
    domain::{
        capture::CaptureId,
        export::{FORMATS, Format, name},
        record::Record,
    },
};

/// Which captures are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// The one that is selected.
    This(CaptureId),
    /// Those that a person marked.
    Marked,
    /// Those that the list shows.
    Shown,
    /// All that are kept.
    All,
}

/// The dialog.
#[derive(Debug)]
pub struct ExportDialog {
    /// The place of the chosen format.
    pub format: usize,
    /// What may be chosen, with how many each has.
    pub choices: Vec<(What, usize)>,
    /// The place of the choice.
    pub chosen: usize,
    /// Whether secrets stay in.
    pub raw: bool,
    /// How far it is.
    pub step: Step,
}

/// How far the dialog is.
#[derive(Debug)]
pub enum Step {
    /// Something is being chosen.
    Choosing,
    /// The file is being named.
    Naming {
        /// The field.
        name: Input,
        /// What is wrong with the name.
        warning: Option<String>,
        /// The name that is taken: the same once more writes over the file.
        taken: Option<String>,
    },
}

impl ExportDialog {
    /// The chosen format.
    #[must_use]
    pub fn format(&self) -> &'static Format {
        FORMATS.get(self.format).unwrap_or(&FORMATS[0])
    }

    /// Which captures are chosen, and how many these are.
    #[must_use]
    pub fn what(&self) -> (What, usize) {
        self.choices.get(self.chosen).copied().unwrap_or((What::All, 0))
    }

    /// Whether it can go to the clipboard: one capture can.
    #[must_use]
    pub fn can_copy(&self) -> bool {
        matches!(self.what().0, What::This(_))
    }

    /// The field that text goes into.
    pub(super) fn field(&mut self) -> Option<&mut Input> {
        match &mut self.step {
            Step::Naming { name, .. } => Some(name),
            Step::Choosing => None,
        }
    }
}

/// Opens the dialog.
pub(super) fn start(model: &mut Model) {
    let rows = || (0..model.list.len()).filter_map(|index| model.list.row(index));
    let (shown, kept) = (model.list.len(), model.list.totals.kept);
    let marked = rows().filter(|row| row.is_marked()).count();
    let this = model.list.selected().filter(|_| model.detail.record.is_some());
    let mut choices: Vec<(What, usize)> = this.map(|id| (What::This(id), 1)).into_iter().collect();
    choices.extend((marked > 0).then_some((What::Marked, marked)));
    choices.extend((shown > 0 && shown != kept).then_some((What::Shown, shown)));
    choices.extend((kept > 0).then_some((What::All, kept)));
    if choices.is_empty() {
        model.notice = Some(Notice::info("There is no capture to export."));
        return;
    }
    let format = model.export_format.min(FORMATS.len() - 1);
    model.overlay =
        Some(Overlay::Export(ExportDialog { format, choices, chosen: 0, raw: false, step: Step::Choosing }));
}

/// A key of the dialog.
pub(super) fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    let summary = model.detail.record.as_ref().map(|record| record.capture.summary.clone());
    let Some(Overlay::Export(dialog)) = &mut model.overlay else { return Vec::new() };
    if let Step::Naming { name, .. } = &mut dialog.step {
        match action {
            Action::Accept => return write(model),
            Action::Back => dialog.step = Step::Choosing,
            Action::Clear => name.wipe(),
            _ => {}
        }
        return Vec::new();
    }
    if let Some(number) = action.pane().filter(|&number| number < FORMATS.len()) {
        dialog.format = number;
    }
    match action {
        Action::Down => dialog.format = (dialog.format + 1) % FORMATS.len(),
        Action::Up => dialog.format = (dialog.format + FORMATS.len() - 1) % FORMATS.len(),
        Action::ExportWhat => dialog.chosen = (dialog.chosen + 1) % dialog.choices.len(),
        Action::ExportRaw => dialog.raw = !dialog.raw,
        Action::ExportCopy if dialog.can_copy() => return copy(model),
        Action::Back => model.overlay = None,
        Action::Accept => {
            let words = match dialog.what() {
                (What::This(id), _) => {
                    let event = summary.as_ref().and_then(|summary| summary.event()).unwrap_or_default();
                    let gap = if event.is_empty() { "" } else { "-" };
                    format!("{id}{gap}{event}")
                }
                (What::Marked, count) => format!("{count}-marked"),
                (What::Shown, count) => format!("{count}-shown"),
                (What::All, count) => format!("all-{count}"),
            };
            let name = Input::new(name::proposed(&words, dialog.format()));
            dialog.step = Step::Naming { name, warning: None, taken: None };
        }
        _ => {}
    }
    model.export_format = match &model.overlay {
        Some(Overlay::Export(dialog)) => dialog.format,
        _ => model.export_format,
    };
    Vec::new()
}

/// Writes the file.
fn write(model: &mut Model) -> Vec<Effect> {
    let marked = || {
        let rows = (0..model.list.len()).filter_map(|index| model.list.row(index));
        rows.filter(|row| row.is_marked()).map(|row| row.summary.id).collect::<Vec<_>>()
    };
    let shown = || {
        let rows = (0..model.list.len()).filter_map(|index| model.list.row(index));
        rows.map(|row| row.summary.id).collect::<Vec<_>>()
    };
    let Some(Overlay::Export(dialog)) = &model.overlay else { return Vec::new() };
    let Step::Naming { name, taken, .. } = &dialog.step else { return Vec::new() };
    let path = name.text().trim().to_owned();
    if path.is_empty() {
        return Vec::new();
    }
    let ids = match dialog.what().0 {
        What::This(id) => Some(vec![id]),
        What::Marked => Some(marked()),
        What::Shown => Some(shown()),
        What::All => None,
    };
    let replace = taken.as_ref() == Some(&path);
    let export = Export { format: dialog.format(), ids, raw: dialog.raw, path, replace };
    // One that was evicted meanwhile is still at hand.
    let kept = match dialog.what().0 {
        What::This(id) => model.detail.record.clone().filter(|record| record.capture.id() == id),
        _ => None,
    };
    vec![Effect::Export { export, kept }]
}

fn copy(model: &mut Model) -> Vec<Effect> {
    let Some(Overlay::Export(dialog)) = &model.overlay else { return Vec::new() };
    let (format, raw) = (dialog.format(), dialog.raw);
    let record: Option<Record> = if model.hide && !raw {
        current_shown(model)
    } else {
        current(model).and(model.detail.record.clone())
    };
    model.overlay = None;
    record.map(|record| Effect::CopyAs { format, record, redacted: !raw }).into_iter().collect()
}

/// Takes in what became of the file.
pub(super) fn exported(model: &mut Model, exported: Exported) {
    let step = match &mut model.overlay {
        Some(Overlay::Export(dialog)) => Some(&mut dialog.step),
        _ => None,
    };
    match (exported, step) {
        (Exported::Done(text), step) => {
            if step.is_some() {
                model.overlay = None;
            }
            model.notice = Some(Notice::info(text));
        }
        (Exported::Taken, Some(Step::Naming { name, warning, taken })) => {
            *warning = Some("A file of this name is there already: once more writes over it.".to_owned());
            *taken = Some(name.text().trim().to_owned());
        }
        (Exported::Failed(why), Some(Step::Naming { warning, taken, .. })) => {
            (*warning, *taken) = (Some(why), None);
        }
        (Exported::Taken, _) => {
            model.notice = Some(Notice::bad("Nothing exported: a file of this name is there already."));
        }
        (Exported::Failed(why), _) => model.notice = Some(Notice::bad(format!("Nothing exported: {why}."))),
    }
}
