//! How old may a signed time be: a dialog that sets it for a provider until the program ends.

use std::{sync::Arc, time::Duration};

use crate::{
    app::{
        effect::Effect, input::Input, model::Model, msg::Notice, overlay::Overlay, update::current,
        whatif::Tally,
    },
    config::{keymap::Action, quantity},
    domain::signature::NO_LIMIT,
};

/// What is known about the tolerance of a provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tolerances {
    /// The provider's id.
    pub provider: Arc<str>,
    /// Its name.
    pub name: String,
    /// What it documents; `None` where it names no limit.
    pub documented: Option<Duration>,
    /// What the endpoint of the capture says in the configuration.
    pub endpoint: Option<Duration>,
    /// What was set for this run.
    pub run: Option<Duration>,
    /// Whether it signs a time at all.
    pub signs_time: bool,
}

/// Asks for a tolerance and shows what it does.
#[derive(Debug)]
pub struct ToleranceDialog {
    /// What is in force.
    pub known: Tolerances,
    /// The field.
    pub input: Input,
    /// How far it has come.
    pub step: Step,
}

/// How far the dialog has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// It is typed.
    Typing,
    /// What is typed is none, for this reason.
    Fault(&'static str),
    /// The captures are being checked.
    Checking,
    /// They are checked.
    Checked(Tally),
}

impl Tolerances {
    /// The one in force; `None` where nothing limits the age.
    #[must_use]
    pub fn in_force(&self) -> Option<Duration> {
        self.run.or(self.endpoint).or(self.documented).filter(|limit| *limit != NO_LIMIT)
    }
}

/// Asks what is known, for the provider of the selected capture.
pub(super) fn start(model: &mut Model) -> Vec<Effect> {
    let Some(capture) = current(model) else { return Vec::new() };
    if capture.summary.provider.is_none() {
        let text = "no provider is known for this capture, so no signed time is checked";
        model.notice = Some(Notice::info(text));
        return Vec::new();
    }
    vec![Effect::AskTolerance { capture }]
}

/// Opens the dialog with what is known.
pub(super) fn open(model: &mut Model, known: Tolerances) {
    if !known.signs_time {
        model.notice = Some(Notice::info(format!("{} signs no time: nothing can be too old.", known.name)));
        return;
    }
    let text = known.run.map(written).unwrap_or_default();
    model.overlay =
        Some(Overlay::Tolerance(ToleranceDialog { known, input: Input::new(text), step: Step::Typing }));
}

/// A key of the dialog.
pub(super) fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    let Some(Overlay::Tolerance(dialog)) = &mut model.overlay else { return Vec::new() };
    match action {
        Action::Back => model.overlay = None,
        Action::Clear => {
            dialog.input = Input::default();
            dialog.step = Step::Typing;
        }
        Action::Accept => {
            let text = dialog.input.text().trim();
            let run = match text {
                "" => None,
                text => match quantity::tolerance(text) {
                    Ok(limit) => Some(limit),
                    Err(why) => {
                        dialog.step = Step::Fault(why);
                        return Vec::new();
                    }
                },
            };
            if matches!(dialog.step, Step::Checked(_)) && run == dialog.known.run {
                model.overlay = None;
                return Vec::new();
            }
            dialog.known.run = run;
            dialog.step = Step::Checking;
            return vec![Effect::SetTolerance {
                provider: Arc::clone(&dialog.known.provider),
                tolerance: run,
            }];
        }
        _ => {}
    }
    Vec::new()
}

/// Takes in what the captures say.
pub(super) fn checked(model: &mut Model, tally: &Tally) {
    if let Some(Overlay::Tolerance(dialog)) = &mut model.overlay
        && dialog.step == Step::Checking
        && dialog.known.provider == tally.provider
    {
        dialog.step = Step::Checked(tally.clone());
    }
}

/// A tolerance as it is typed.
fn written(limit: Duration) -> String {
    if limit == NO_LIMIT {
        return "off".to_owned();
    }
    let millis = limit.as_millis();
    match (millis % 1_000, millis / 1_000) {
        (0, secs) if secs > 0 && secs % 3_600 == 0 => format!("{}h", secs / 3_600),
        (0, secs) if secs > 0 && secs % 60 == 0 => format!("{}m", secs / 60),
        (0, secs) => format!("{secs}s"),
        _ => format!("{millis}ms"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        for limit in [NO_LIMIT, Duration::from_millis(1_500), Duration::from_secs(30)]
            .into_iter()
            .chain([60, 90, 300, 3_600, 86_400].map(Duration::from_secs))
        {
            assert_eq!(quantity::tolerance(&written(limit)), Ok(limit));
        }
    }
}
