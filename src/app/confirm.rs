//! A question before something leaves the machine: opening the URL that confirms a subscription.

use std::sync::Arc;

use crate::{
    app::{effect::Effect, model::Model, msg::Notice, overlay::Overlay, update::current},
    config::keymap::Action,
    domain::{
        capture::Capture,
        handshake::{Subscription, subscription},
        signature::Verdict,
    },
};

/// Asks whether a subscription is to be confirmed.
#[derive(Debug)]
pub struct Confirm {
    /// The request that asks for it.
    pub capture: Arc<Capture>,
    /// What it asks for.
    pub subscription: Subscription,
    /// What the check of its signature says; `None` while it is under way.
    pub verdict: Option<Verdict>,
    /// Whether the person has been told that the signature is not valid, and is asked once more.
    pub insists: bool,
}

/// Asks, if the selected capture wants something confirmed.
pub(super) fn start(model: &mut Model) {
    let Some(capture) = current(model) else { return };
    let verdict = model.detail.record.as_ref().and_then(|record| record.check.as_ref()).map(|c| c.verdict);
    model.notice = match subscription(capture.head(), capture.body()) {
        None => Some(Notice::info("This capture asks for no confirmation; only those of Amazon SNS do.")),
        Some(subscription) if !subscription.is_sound() => Some(Notice::bad(
            "Not opened: the SubscribeURL of this request does not lead to Amazon SNS over https.",
        )),
        Some(subscription) => {
            model.overlay =
                Some(Overlay::Confirm(Confirm { capture, subscription, verdict, insists: false }));
            None
        }
    };
}

/// A key of the question.
pub(super) fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    let Some(Overlay::Confirm(question)) = &mut model.overlay else { return Vec::new() };
    match action {
        Action::Back | Action::Close => {
            model.overlay = None;
            model.notice = Some(Notice::info("Nothing was opened."));
        }
        Action::Accept if question.verdict != Some(Verdict::Valid) && !question.insists => {
            question.insists = true;
        }
        Action::Accept => {
            let capture = Arc::clone(&question.capture);
            let before = model.detail.record.as_ref().filter(|record| record.capture.id() == capture.id());
            model.sent = before.map(|record| (capture.id(), record.deliveries.len()));
            model.overlay = None;
            model.notice = Some(Notice::info(format!("Confirming #{} ...", capture.id())));
            return vec![Effect::Confirm(capture)];
        }
        _ => {}
    }
    Vec::new()
}
