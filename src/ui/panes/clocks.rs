//! The two clocks of a signature: the one at which it arrived, and the one of a handler that gets it now.
//!
//! Nothing here counts seconds: each line stays true until the moment that
//! [`Model::wake`](crate::app::Model::wake) names, and is drawn anew then.

use crate::{
    app::{
        Model,
        content::{LimitFrom, SignatureView},
    },
    config::keymap::{Action, Context},
    domain::{
        handshake::subscription,
        signature::{Code, Freshness, NO_LIMIT, State, Verdict},
        time::Timestamp,
    },
    ui::{
        panes::Scene,
        widgets::{number, page::Page},
    },
};

/// Adds both lines, for a signature with a time that is right but for its age, or may be.
pub(super) fn build<'a>(scene: &Scene<'a>, page: &mut Page<'a>, view: &SignatureView) {
    let style = &scene.kit.style;
    let report = &view.report;
    let check = &report.check;
    if (report.timestamp.is_none() && report.freshness.is_none()) || !is_judged(view) {
        return;
    }
    page.heading("When it is valid");
    signed_at(scene, page, view);
    let age = check.age_s.unwrap_or(0);
    let span = number::span(age.unsigned_abs());
    let limit = report.freshness.as_ref().map_or_else(String::new, limited);
    let words = match check.verdict {
        Verdict::Invalid(Code::TimestampTooOld) => format!("too old ({span} old{limit})"),
        Verdict::Invalid(Code::TimestampInFuture) => {
            format!("too early ({span} in the future{limit})")
        }
        // Another fault than the time.
        Verdict::Invalid(_) => format!("not valid ({})", aged(age, &span)),
        Verdict::Unchecked => aged(age, &span),
        _ if check.age_s.is_none() => "valid".to_owned(),
        _ => format!("valid ({})", aged(age, &span)),
    };
    let colour = match check.verdict {
        Verdict::Unchecked => style.text,
        Verdict::Valid => style.good,
        _ => style.bad,
    };
    page.said("on arrival", &words, colour);
    match now(scene.model) {
        Some((good, words)) => page.said("now", &words, if good { style.good } else { style.bad }),
        None => page.said("now", "the same: its age is not checked", style.dim),
    }
    if let Some(words) = limit_words(view) {
        page.said("limit", &words, style.warn);
    }
}

/// Adds when it was signed, where the signature is wrong and nothing else about the time matters.
pub(super) fn bare<'a>(scene: &Scene<'a>, page: &mut Page<'a>, view: &SignatureView) {
    if !is_judged(view) {
        signed_at(scene, page, view);
    }
}

fn is_judged(view: &SignatureView) -> bool {
    view.report.check.signed_ok || view.report.check.verdict == Verdict::Unchecked
}

fn signed_at<'a>(scene: &Scene<'a>, page: &mut Page<'a>, view: &SignatureView) {
    let style = &scene.kit.style;
    let Some(signed) = view.report.timestamp else { return };
    let at = signed.format(&scene.model.session.zone, "%Y-%m-%d %H:%M:%S %Z");
    let mut facts = vec![(style.text, at)];
    if let Some(age) = view.report.check.age_s.filter(|_| !is_judged(view)) {
        let words = format!("  {} on arrival", aged(age, &number::span(age.unsigned_abs())));
        facts.push((style.dim, words));
    }
    page.facts("signed at", &facts);
}

/// The limit, where the age is what is limited.
fn limited(fresh: &Freshness) -> String {
    fresh
        .limit
        .map_or_else(|| ", as it says itself".to_owned(), |limit| format!(", limit {}", number::limit(limit)))
}

fn aged(age: i64, span: &str) -> String {
    if age < 0 { format!("{span} in the future") } else { format!("{span} old") }
}

/// Where the limit comes from, when it is not the documented one.
fn limit_words(view: &SignatureView) -> Option<String> {
    let whose = match view.limit_from {
        LimitFrom::Provider => return None,
        LimitFrom::Endpoint => "as the endpoint's configuration says",
        LimitFrom::Run => "as you set it for this run",
    };
    let span = |limit: Option<std::time::Duration>| match limit {
        None | Some(NO_LIMIT) => "none".to_owned(),
        Some(limit) => number::limit(limit),
    };
    Some(format!("{}, {whose} (documented: {})", span(view.report.tolerance), span(view.report.documented)))
}

/// What a handler that gets the request now says of its signed time; whether that is good.
pub(in crate::ui) fn now(model: &Model) -> Option<(bool, String)> {
    let fresh = model.freshness()?;
    let limit = limited(fresh);
    let time = |at: Timestamp| {
        let day = |at: Timestamp| at.format(&model.session.zone, "%Y-%m-%d");
        let form = if day(at) == day(model.clock) { "%H:%M:%S" } else { "%Y-%m-%d %H:%M:%S" };
        at.format(&model.session.zone, form)
    };
    let unchecked = model.detail.report.get().is_some_and(|v| v.report.check.verdict == Verdict::Unchecked);
    let valid = if unchecked { "young enough" } else { "valid" };
    Some(match fresh.at(model.clock) {
        State::Fresh => (true, format!("{valid} until {}{limit}", time(fresh.until))),
        State::Stale(age) => {
            let age = age.map_or_else(String::new, |age| format!(": more than {} old", number::limit(age)));
            (false, format!("no longer {valid} since {}{age}{limit}", time(fresh.until)))
        }
        State::NotYet => {
            let from = fresh.from.map_or_else(String::new, time);
            (false, format!("not {valid} before {from}: signed in the future{limit}"))
        }
    })
}

/// What to press where a person has to confirm a subscription.
pub(super) fn confirmation<'a>(scene: &Scene<'a>, page: &mut Page<'a>) {
    let capture = &scene.record.capture;
    if subscription(capture.head(), capture.body()).is_none() {
        return;
    }
    let key = scene.model.key(Context::Detail, Action::Confirm);
    let text =
        format!("press {key} to confirm the subscription: it shows the address first, and then opens it");
    page.said("to do", &text, scene.kit.style.accent);
}

/// What sending the capture as it is comes to, where a handler will refuse it for its age.
pub(in crate::ui) fn refusal(model: &Model) -> Option<String> {
    let fresh = model.freshness()?;
    match fresh.at(model.clock) {
        State::Fresh => None,
        State::Stale(age) => {
            let why = match (age, fresh.limit) {
                (Some(age), Some(limit)) => {
                    let (age, limit) = (number::limit(age), number::limit(limit));
                    format!("it was signed more than {age} ago, and the limit is {limit}")
                }
                _ => "it has expired by its own word".to_owned(),
            };
            Some(format!("A handler that checks the signature will refuse it: {why}."))
        }
        State::NotYet => Some(
            "A handler that checks the signature will refuse it: it is signed for a time in the future."
                .to_owned(),
        ),
    }
}
