//! What was under way when an earlier run ended, told as ended: nobody works on it any more.

use std::{sync::Arc, time::Duration};

use crate::domain::{
    delivery::{Delivery, Outcome},
    record::{Record, Row},
    signature::Check,
    time::Timestamp,
};

/// What became of a delivery that was under way.
const INTERRUPTED: &str = "hookglass ended before an answer came; send it again to know.";

/// A line of an earlier run.
pub(super) fn row(row: &mut Row) {
    settle(&mut row.check);
    if let Some(latest) = &mut row.latest {
        latest.status = latest.status.or(Some(Err(())));
    }
}

/// A record: `earlier` where its capture is of an earlier run. Its deliveries may be of this one.
pub(super) fn record(record: &mut Record, earlier: bool, since: Timestamp) {
    if earlier {
        settle(&mut record.check);
    }
    let open = |delivery: &Delivery| delivery.outcome.is_none() && delivery.started_at < since;
    if record.deliveries.iter().any(|delivery| open(delivery)) {
        record.deliveries = record
            .deliveries
            .iter()
            .map(|delivery| match open(delivery) {
                true => {
                    let result = Err(INTERRUPTED.to_owned());
                    let outcome = Some(Outcome { took: Duration::ZERO, result });
                    Arc::new(Delivery { outcome, ..Delivery::clone(delivery) })
                }
                false => Arc::clone(delivery),
            })
            .collect();
    }
}

fn settle(check: &mut Option<Arc<Check>>) {
    if let Some(check) = check.as_mut().filter(|check| check.searching) {
        Arc::make_mut(check).searching = false;
    }
}
