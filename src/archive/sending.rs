//! The tables `delivery` and `reply`: how a sending is written and read back.

use std::{sync::Arc, time::Duration};

use rusqlite::{Connection, Row, params};

use crate::{
    archive::{
        fields,
        line::{Fault, bytes, narrow, signed, text, unsigned},
        sum, words,
    },
    domain::{
        capture::CaptureId,
        delivery::{Delivery, Outcome, Reply},
        record::{Deliveries, LatestDelivery},
        time::Timestamp,
    },
};

const COLUMNS: &str = "d.capture, d.attempt, d.kind, d.url, d.started_at, d.took_ns, d.status, d.error, \
     d.reason, d.cut_from, d.sum";

/// Writes a sending, or writes it in place of the one with its attempt; nothing where its capture is not
/// in the file.
pub(super) fn write(conn: &Connection, delivery: &Delivery) -> rusqlite::Result<()> {
    let id = delivery.capture;
    let outcome = delivery.outcome.as_ref();
    let reply = outcome.and_then(|outcome| outcome.result.as_ref().ok());
    let written = conn
        .prepare_cached(
            "INSERT OR REPLACE INTO delivery SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11 \
             WHERE EXISTS (SELECT 1 FROM capture WHERE id = ?1)",
        )?
        .execute(params![
            id.0.cast_signed(),
            delivery.attempt,
            delivery.kind.as_str(),
            &*delivery.url,
            delivery.started_at.as_micros(),
            outcome.map(|outcome| words::nanoseconds(outcome.took)),
            reply.map(|reply| reply.status),
            outcome.and_then(|outcome| outcome.result.as_ref().err()),
            reply.map(|reply| &*reply.reason),
            reply.and_then(|reply| reply.cut_from).map(u64::cast_signed),
            sum::of_delivery(delivery),
        ])?;
    match reply {
        Some(reply) if written > 0 => {
            let headers = fields::pack(&reply.headers);
            let sum = sum::of_reply(id, delivery.attempt, &headers, &reply.body);
            conn.prepare_cached("INSERT OR REPLACE INTO reply VALUES (?1, ?2, ?3, ?4, ?5)")?
                .execute(params![id.0.cast_signed(), delivery.attempt, headers, &reply.body[..], sum])
                .map(|_| ())
        }
        Some(_) => Ok(()),
        None => conn
            .prepare_cached("DELETE FROM reply WHERE capture = ?1 AND attempt = ?2")?
            .execute(params![id.0.cast_signed(), delivery.attempt])
            .map(|_| ()),
    }
}

/// All sendings of a capture with their responses, by rising attempt.
pub(super) fn read_all(conn: &Connection, id: CaptureId) -> Result<Deliveries, Fault> {
    let mut statement = conn.prepare_cached(&format!(
        "SELECT {COLUMNS}, r.headers, r.body, r.sum FROM delivery AS d \
         LEFT JOIN reply AS r ON r.capture = d.capture AND r.attempt = d.attempt \
         WHERE d.capture = ?1 ORDER BY d.attempt"
    ))?;
    let mut rows = statement.query([id.0.cast_signed()])?;
    let mut deliveries = Vec::new();
    while let Some(row) = rows.next()? {
        let mut delivery = read(row)?;
        if let Some(Outcome { result: Ok(reply), .. }) = &mut delivery.outcome {
            let headers = bytes(row, 11)?.ok_or(Fault::Damaged)?;
            let body = bytes(row, 12)?.ok_or(Fault::Damaged)?;
            if signed(row, 13)? != Some(sum::of_reply(id, delivery.attempt, headers, body)) {
                return Err(Fault::Damaged);
            }
            reply.headers = fields::unpack(headers).ok_or(Fault::Damaged)?;
            reply.body = body.into();
        }
        deliveries.push(Arc::new(delivery));
    }
    Ok(deliveries.into_iter().collect())
}

/// The latest sending of each capture that has one, by rising number, and how many sendings are damaged.
pub(super) fn read_latest(conn: &Connection) -> rusqlite::Result<(Vec<(CaptureId, LatestDelivery)>, u64)> {
    let mut statement =
        conn.prepare(&format!("SELECT {COLUMNS} FROM delivery AS d ORDER BY d.capture, d.attempt"))?;
    let mut rows = statement.query([])?;
    let mut latest: Vec<(CaptureId, LatestDelivery)> = Vec::new();
    let mut damaged = 0;
    while let Some(row) = rows.next()? {
        let delivery = match read(row) {
            Ok(delivery) => delivery,
            Err(Fault::Sql(error)) => return Err(error),
            Err(Fault::Damaged) => {
                damaged += 1;
                continue;
            }
        };
        let before = latest.pop_if(|(id, _)| *id == delivery.capture);
        let count = before.map_or(0, |(_, latest)| latest.count) + 1;
        let outcome = delivery.outcome.as_ref();
        let latest_one = LatestDelivery {
            count,
            kind: delivery.kind,
            status: outcome.map(|o| o.result.as_ref().map(|reply| reply.status).map_err(|_| ())),
            took: outcome.map_or(Duration::ZERO, |outcome| outcome.took),
        };
        latest.push((delivery.capture, latest_one));
    }
    Ok((latest, damaged))
}

/// A sending without the fields and the body of its response.
fn read(row: &Row<'_>) -> Result<Delivery, Fault> {
    let result = match (unsigned(row, 6)?, text(row, 7)?) {
        (Some(status), None) => Some(Ok(Reply {
            status: narrow(status)?,
            reason: text(row, 8)?.ok_or(Fault::Damaged)?.into(),
            headers: Vec::new(),
            body: Arc::new([]),
            cut_from: unsigned(row, 9)?,
        })),
        (None, Some(error)) => Some(Err(error.to_owned())),
        (None, None) => None,
        (Some(_), Some(_)) => return Err(Fault::Damaged),
    };
    let outcome = match (unsigned(row, 5)?, result) {
        (Some(took), Some(result)) => Some(Outcome { took: Duration::from_nanos(took), result }),
        (None, None) => None,
        _ => return Err(Fault::Damaged),
    };
    let delivery = Delivery {
        capture: CaptureId(unsigned(row, 0)?.ok_or(Fault::Damaged)?),
        attempt: unsigned(row, 1)?.map(narrow).transpose()?.ok_or(Fault::Damaged)?,
        kind: text(row, 2)?.and_then(words::kind).ok_or(Fault::Damaged)?,
        url: text(row, 3)?.ok_or(Fault::Damaged)?.into(),
        started_at: Timestamp::from_micros(signed(row, 4)?.ok_or(Fault::Damaged)?),
        outcome,
    };
    let same = signed(row, 10)? == Some(sum::of_delivery(&delivery));
    same.then_some(delivery).ok_or(Fault::Damaged)
}
