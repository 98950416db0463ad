//! Checksums: each record is stored with one for each part of it that is written by itself.
//!
//! The CRC-32 (of IEEE 802.3) of the capture's number and then each value in the order of its columns, as
//! eight bytes with the least first for a number, and as length and bytes for a text; a value that is not
//! there is a length of all ones. It finds damage, not forgery.

use crc32fast::Hasher;

use crate::domain::{
    capture::CaptureId, delivery::Delivery, record::Remark, signature::Check, sink::Answered,
};

use super::words;

/// A checksum in the making.
pub(super) struct Sum {
    crc: Hasher,
    /// Small values are gathered first.
    few: Vec<u8>,
}

impl Sum {
    /// Of something that belongs to a capture.
    pub(super) fn of(id: CaptureId) -> Self {
        let mut sum = Self { crc: Hasher::new(), few: Vec::with_capacity(512) };
        sum.number(id.0);
        sum
    }

    pub(super) fn number(&mut self, number: u64) {
        self.few.extend_from_slice(&number.to_le_bytes());
    }

    pub(super) fn maybe(&mut self, number: Option<u64>) {
        match number {
            Some(number) => {
                self.number(8);
                self.number(number);
            }
            None => self.number(u64::MAX),
        }
    }

    pub(super) fn text(&mut self, text: Option<&[u8]>) {
        let Some(text) = text else { return self.number(u64::MAX) };
        self.number(text.len() as u64);
        if text.len() <= 1_024 {
            self.few.extend_from_slice(text);
        } else {
            self.crc.update(&self.few);
            self.few.clear();
            self.crc.update(text);
        }
    }

    pub(super) fn str(&mut self, text: Option<&str>) {
        self.text(text.map(str::as_bytes));
    }

    /// The checksum as it is stored.
    pub(super) fn end(mut self) -> i64 {
        self.crc.update(&self.few);
        i64::from(self.crc.finalize())
    }
}

/// Of what a check said, or of there being none.
pub(super) fn of_check(id: CaptureId, check: Option<&Check>) -> i64 {
    let mut sum = Sum::of(id);
    if let Some(check) = check {
        sum.str(Some(check.verdict.as_str()));
        sum.str(check.verdict.code().map(|code| code.as_str()));
        sum.str(check.scheme.as_deref());
        sum.str(check.secret.as_deref());
        sum.maybe(check.age_s.map(i64::cast_unsigned));
        sum.number(u64::from(check.signed_ok));
        sum.str(check.weak.as_deref());
        sum.str(check.cause.as_deref());
        sum.number(u64::from(check.searching));
    }
    sum.end()
}

/// Of what was answered, or of there being nothing yet.
pub(super) fn of_answer(id: CaptureId, answered: Option<Answered>) -> i64 {
    let mut sum = Sum::of(id);
    if let Some(answered) = answered {
        sum.number(u64::from(answered.status));
        sum.str(Some(answered.by.as_str()));
        sum.str(words::handshake(answered.by));
    }
    sum.end()
}

/// Of what was noted, or of there being nothing.
pub(super) fn of_remark(id: CaptureId, remark: Option<&Remark>) -> i64 {
    let mut sum = Sum::of(id);
    if let Some(remark) = remark {
        sum.number(u64::from(remark.marked));
        sum.str(Some(&remark.note));
    }
    sum.end()
}

/// Of the bytes of a request.
pub(super) fn of_bytes(id: CaptureId, head: &[u8], trailers: &[u8], refusal: &str, body: &[u8]) -> i64 {
    let mut sum = Sum::of(id);
    sum.text(Some(head));
    sum.text(Some(trailers));
    sum.str(Some(refusal));
    sum.text(Some(body));
    sum.end()
}

/// Of a sending, without the fields and the body of its response.
pub(super) fn of_delivery(delivery: &Delivery) -> i64 {
    let mut sum = Sum::of(delivery.capture);
    sum.number(u64::from(delivery.attempt));
    sum.str(Some(delivery.kind.as_str()));
    sum.str(Some(&delivery.url));
    sum.number(delivery.started_at.as_micros().cast_unsigned());
    if let Some(outcome) = &delivery.outcome {
        sum.number(words::nanoseconds(outcome.took).cast_unsigned());
        match &outcome.result {
            Ok(reply) => {
                sum.number(u64::from(reply.status));
                sum.str(Some(&reply.reason));
                sum.maybe(reply.cut_from);
            }
            Err(error) => sum.str(Some(error)),
        }
    }
    sum.end()
}

/// Of the fields and the body of a response.
pub(super) fn of_reply(id: CaptureId, attempt: u32, headers: &[u8], body: &[u8]) -> i64 {
    let mut sum = Sum::of(id);
    sum.number(u64::from(attempt));
    sum.text(Some(headers));
    sum.text(Some(body));
    sum.end()
}
