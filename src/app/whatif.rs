//! What if this were the secret: a dialog that tries one on all captures of a provider.
//!
//! The text that is typed leaves it once, as a [`Secret`], and is wiped then. No message, notice or
//! `Debug` output has it.

use std::{fmt, sync::Arc};

use crate::{
    app::{
        effect::{Effect, Saved},
        input::Input,
        model::Model,
        msg::Notice,
        overlay::Overlay,
        update::current,
    },
    config::keymap::Action,
    domain::{rotation::Rotation, signature::Secret},
};

/// The name that a typed secret goes by.
pub const TYPED: &str = "typed here";

/// Asks for a secret, shows what it does, and asks what is to become of it.
pub struct WhatIf {
    /// Whose secret it is.
    pub provider: Arc<str>,
    /// How far it has come.
    pub step: Step,
    /// Which secret signed what, before anything is tried; `None` until it is known.
    pub rotation: Option<Rotation>,
    /// What was left out of what was typed.
    pub cleaned: Option<&'static str>,
    /// The secret while it is typed.
    secret: Input,
    /// Whether a secret is being tried, so that leaving has to take it back.
    tried: bool,
}

/// How far a what-if has come.
#[derive(Debug)]
pub enum Step {
    /// The secret is typed.
    Typing,
    /// The captures are being checked.
    Trying,
    /// They are checked.
    Tried(Tally),
    /// The name of the variable in `.env` is typed.
    Naming {
        /// What the check said.
        tally: Tally,
        /// The name.
        name: Input,
        /// What stands in the way, in a sentence: with it, the next try overrides.
        warning: Option<String>,
        /// The name that the warning is about.
        warned: Option<String>,
    },
}

/// What a check of all captures of a provider said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// The provider's id.
    pub provider: Arc<str>,
    /// Captures that are valid now.
    pub valid: usize,
    /// Captures that are not.
    pub invalid: usize,
    /// Of those, how many a secret signed although they are not valid: too old, mostly.
    pub signed: usize,
    /// Which secret signed what.
    pub rotation: Rotation,
    /// What is odd about the secret that is tried, sentences without a full stop and without the secret.
    pub odd: Vec<String>,
    /// Another provider whose captures the secret signed, where it signed none of this one's.
    pub elsewhere: Option<Arc<str>>,
    /// The environment variables that usually hold a secret of this provider, the likeliest first.
    pub names: Vec<String>,
}

impl WhatIf {
    /// How many characters are typed, and how many of them stand before the cursor.
    #[must_use]
    pub fn typed(&self) -> (usize, usize) {
        let (before, after) = self.secret.halves();
        let before = before.chars().count();
        (before + after.chars().count(), before)
    }

    /// The field that text goes into, if one is open.
    pub(super) fn field(&mut self) -> Option<&mut Input> {
        match &mut self.step {
            Step::Typing => Some(&mut self.secret),
            Step::Naming { name, .. } => Some(name),
            Step::Trying | Step::Tried(_) => None,
        }
    }
}

impl fmt::Debug for WhatIf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WhatIf")
            .field("provider", &self.provider)
            .field("step", &self.step)
            .field("tried", &self.tried)
            .finish_non_exhaustive()
    }
}

impl Drop for WhatIf {
    fn drop(&mut self) {
        self.secret.wipe();
    }
}

/// Asks for a secret of the provider of the selected capture.
pub(super) fn start(model: &mut Model) -> Vec<Effect> {
    let Some(capture) = current(model) else { return Vec::new() };
    match &capture.summary.provider {
        Some(provider) => {
            model.overlay = Some(Overlay::WhatIf(WhatIf {
                provider: Arc::clone(provider),
                step: Step::Typing,
                rotation: None,
                cleaned: None,
                secret: Input::default(),
                tried: false,
            }));
            vec![Effect::Rotation(Arc::clone(provider))]
        }
        None => {
            let text = "no provider is known for this capture, so there is no signature to check";
            model.notice = Some(Notice::info(text));
            Vec::new()
        }
    }
}

/// Takes in which secret signed what.
pub(super) fn rotated(model: &mut Model, rotation: Rotation) {
    if let Some(Overlay::WhatIf(dialog)) = &mut model.overlay
        && dialog.provider == rotation.provider
    {
        dialog.rotation = Some(rotation);
    }
}

/// What is meant by what was typed: without blanks around it, and without the quotation marks of a line
/// of `.env`.
fn meant(text: &str) -> (&str, Option<&'static str>) {
    let trimmed = text.trim();
    let mark = trimmed.chars().next().filter(|c| matches!(c, '"' | '\''));
    let bare = mark.and_then(|mark| trimmed.strip_prefix(mark)?.strip_suffix(mark));
    match bare.filter(|bare| !bare.is_empty()) {
        Some(bare) => (bare, Some("The quotation marks around it were left out.")),
        None if trimmed.len() != text.len() && !trimmed.is_empty() => {
            (trimmed, Some("The blanks around it were left out."))
        }
        None => (text, None),
    }
}

/// A key of the dialog.
pub(super) fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    let Some(Overlay::WhatIf(dialog)) = &mut model.overlay else { return Vec::new() };
    match (action, &mut dialog.step) {
        (Action::Accept, Step::Typing) if !dialog.secret.text().is_empty() => {
            let (text, cleaned) = meant(dialog.secret.text());
            let secret = Secret::new(TYPED, text.as_bytes());
            dialog.cleaned = cleaned;
            dialog.secret.wipe();
            dialog.tried = true;
            dialog.step = Step::Trying;
            return vec![Effect::TrySecret { provider: Arc::clone(&dialog.provider), secret }];
        }
        (Action::Accept, Step::Tried(_)) => {
            let text = format!("The secret counts for {} until the program ends.", dialog.provider);
            model.notice = Some(Notice::info(text));
            model.overlay = None;
            return vec![Effect::KeepSecret];
        }
        (Action::WriteEnv, Step::Tried(tally)) => {
            let tally = std::mem::take(tally);
            let name = Input::new(tally.names.first().cloned().unwrap_or_default());
            dialog.step = Step::Naming { tally, name, warning: None, warned: None };
        }
        (Action::Accept, Step::Naming { name, warned, .. }) => {
            let name = name.text().trim().to_owned();
            let replace = warned.as_ref() == Some(&name);
            return vec![Effect::SaveSecret { name, replace }];
        }
        (Action::Back, Step::Naming { tally, .. }) => dialog.step = Step::Tried(std::mem::take(tally)),
        (Action::Back, _) => {
            let tried = dialog.tried;
            model.overlay = None;
            if tried {
                model.notice = Some(Notice::info("The trial is over: the checks are what they were."));
                return vec![Effect::DropSecret];
            }
        }
        (Action::Clear, Step::Tried(_)) => dialog.step = Step::Typing,
        (Action::Clear, _) => dialog.field().into_iter().for_each(Input::wipe),
        _ => {}
    }
    Vec::new()
}

/// Takes in what the captures say.
pub(super) fn tried(model: &mut Model, tally: Tally) {
    model.detail.forget_report();
    if let Some(Overlay::WhatIf(dialog)) = &mut model.overlay
        && matches!(dialog.step, Step::Trying)
        && dialog.provider == tally.provider
    {
        dialog.step = Step::Tried(tally);
    }
}

/// Takes in what became of writing to `.env`.
pub(super) fn saved(model: &mut Model, saved: Saved) {
    let Some(Overlay::WhatIf(WhatIf { step: Step::Naming { warning, warned, .. }, .. })) = &mut model.overlay
    else {
        return;
    };
    match saved {
        Saved::Done(text) => {
            model.overlay = None;
            model.notice = Some(Notice::info(text));
        }
        Saved::Taken { name, why } => (*warning, *warned) = (Some(why), Some(name)),
        Saved::Failed(why) => (*warning, *warned) = (Some(why), None),
    }
}
