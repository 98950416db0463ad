//! Compiles where a timestamp stands and how old it may be.

use std::time::Duration;

use crate::domain::signature::{
    TimeSpec,
    compile::errors::Errors,
    moment::{Bounds, Unit},
    numeral::Form,
    provider::{Count, TimeRule},
    source::Source,
};

/// Compiles the rule about a scheme's timestamp.
pub(super) fn time(spec: &TimeSpec, described: bool, errors: &mut Errors) -> Option<TimeRule> {
    if spec.from.is_none() && !described {
        errors.add("ts.from", "is missing");
    }
    let own = described.then_some("sig:created");
    let from = errors.optional("ts.from", spec.from.as_deref().or(own), Source::parse);
    let unit = errors.word("ts.unit", spec.unit.as_deref().unwrap_or("s"), &Unit::WORDS);
    let ahead = spec.ahead.map(Duration::from_secs);
    Some(TimeRule {
        from: from?,
        unit: unit?,
        tolerance: spec.tol.map(Duration::from_secs),
        bounds: Bounds { past_only: spec.past_only, ahead, below: spec.below },
        form: errors.default("ts.form", spec.form.as_deref(), &Form::WORDS),
        least: spec.least.and_then(|number| unit?.parse(number.to_string().as_bytes())),
        count: errors.default("ts.count", spec.count.as_deref(), &Count::WORDS),
        must: spec.must,
    })
}
