//! From a request to a capture and its answer. Whatever happens to the connection meanwhile, the
//! request is handed over exactly once.

use std::sync::Arc;

use axum::{
    body::Body,
    extract::{Request, State},
    response::Response,
};
use http::{Method, StatusCode, Version, header, request::Parts};

use crate::{
    domain::{
        capture::{Cut, Incoming},
        headers::Head,
        sink::{Answered, AnsweredBy, BoxFuture, Receipt, Sink},
    },
    server::{
        answer::{self, Answer},
        app::App,
        body::{self, End, Received},
        scan::parse_length,
        wire::{self, Wire},
    },
};

/// Keeps one request and answers it.
pub(crate) async fn capture(State(app): State<Arc<App>>, request: Request) -> Response {
    let (mut parts, mut body) = request.into_parts();
    let mut wire = parts.extensions.remove::<Wire>().unwrap_or_else(Wire::none);
    let head = wire.head.take().unwrap_or_else(|| wire::rebuild(&parts));
    let announced = announced(&parts);
    let mut arrival = Arrival {
        incoming: Some(Incoming {
            received_at: app.now(),
            remote: wire.remote,
            version: wire::version_of(parts.version),
            head,
            body: Vec::new(),
            trailers: Vec::new(),
            cut: None,
            announced,
            refusal: None,
        }),
        received: Received::default(),
        app: Arc::clone(&app),
    };
    let mut share = app.budget.share();
    let refusal = match over_limit(&arrival, &parts) {
        Some(sentence) => Some((Cut::Refused, StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, sentence)),
        // Whoever asks before sending is told at once (RFC 9110 section 10.1.1).
        None if asks_first(&parts) && announced.is_some_and(|length| length > app.limits.max_body) => {
            refusal_of(End::TooLarge, &app)
        }
        None => {
            let beside = arrival.incoming.as_ref().map_or(0, |incoming| incoming.head.len());
            let Arrival { received, .. } = &mut arrival;
            let end = body::read(&mut body, received, announced, beside, &app.limits, &mut share).await;
            refusal_of(end, &app)
        }
    };
    let _answering = wire.gauge.answering();
    // Trailers as sent, where the tap has them.
    if let Some(tap) = wire.tap.as_ref().filter(|_| announced.is_none() && refusal.is_none()) {
        let raw = tap.trailers_of(wire.number);
        if !raw.is_empty() {
            arrival.received.trailers = raw;
        }
    }
    let Some(mut incoming) = arrival.finish() else {
        return answer::plain(StatusCode::INTERNAL_SERVER_ERROR, "");
    };
    let http1 = parts.version < Version::HTTP_2;
    let Some((cut, status, sentence)) = refusal else {
        // The endpoint is looked up before the request is given away, on what was sent.
        let active = app.endpoints.active();
        let line = Head::new(&incoming.head);
        let found = active.find(line.method(), line.target());
        let Some((receipt, mut note)) = Accepting::run(&app, incoming).await else {
            return answer::plain(StatusCode::INTERNAL_SERVER_ERROR, "");
        };
        drop(share);
        let Answer { mut response, by } = answer::decide(&app, found, &receipt).await;
        note.done(response.status().as_u16(), by);
        if parts.method == Method::HEAD {
            *response.body_mut() = Body::empty();
        }
        if wire.ambiguous && http1 {
            close(&mut response);
        }
        return response;
    };
    incoming.cut = Some(cut);
    incoming.refusal = Some(sentence.clone());
    let Some((receipt, mut note)) = Accepting::run(&app, incoming).await else {
        return answer::plain(status, "");
    };
    let sent = if cut == Cut::Aborted { 0 } else { status.as_u16() };
    note.done(sent, AnsweredBy::Refused);
    let mut response = answer::numbered(answer::plain(status, &sentence), receipt.id);
    if http1 {
        close(&mut response);
    }
    response
}

/// The length that the sender gave; a transfer coding overrides it.
fn announced(parts: &Parts) -> Option<u64> {
    if parts.headers.contains_key(header::TRANSFER_ENCODING) {
        return None;
    }
    parts.headers.get(header::CONTENT_LENGTH).and_then(|value| parse_length(value.as_bytes()))
}

fn asks_first(parts: &Parts) -> bool {
    parts
        .headers
        .get(header::EXPECT)
        .is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"100-continue"))
}

/// What hyper lets through and the limits do not: HTTP/2 has no limit on the number of fields.
fn over_limit(arrival: &Arrival, parts: &Parts) -> Option<String> {
    let limits = &arrival.app.limits;
    let length = arrival.incoming.as_ref().map_or(0, |incoming| incoming.head.len());
    if parts.headers.len() > limits.max_headers {
        return Some(format!(
            "The request has {} headers; the limit is {}.",
            parts.headers.len(),
            limits.max_headers
        ));
    }
    // A rebuilt head is a little longer than what was counted on the wire.
    (length > limits.max_head + 1_024)
        .then(|| format!("The head has {length} bytes; the limit is {}.", limits.max_head))
}

fn refusal_of(end: End, app: &App) -> Option<(Cut, StatusCode, String)> {
    let limits = &app.limits;
    Some(match end {
        End::Complete => return None,
        End::TooLarge => (
            Cut::TooLarge,
            StatusCode::PAYLOAD_TOO_LARGE,
            format!("The body is larger than the limit of {} bytes.", limits.max_body),
        ),
        End::Crowded => (
            Cut::Refused,
            StatusCode::SERVICE_UNAVAILABLE,
            format!(
                "The bodies under way take more than the limit of {} bytes together.",
                limits.max_under_way
            ),
        ),
        End::Stalled => (
            Cut::Timeout,
            StatusCode::REQUEST_TIMEOUT,
            format!("The body stalled for {} s before it was complete.", limits.body_idle.as_secs_f64()),
        ),
        End::Aborted => (
            Cut::Aborted,
            StatusCode::BAD_REQUEST,
            "The sender closed the connection before the body was complete.".into(),
        ),
        End::Malformed(what) => {
            (Cut::Refused, StatusCode::BAD_REQUEST, format!("The chunked body is malformed: {what}."))
        }
    })
}

fn close(response: &mut Response) {
    response.headers_mut().insert(header::CONNECTION, header::HeaderValue::from_static("close"));
}

/// A request while its body arrives. Dropped before it is finished, it is kept as aborted.
struct Arrival {
    app: Arc<App>,
    incoming: Option<Incoming>,
    received: Received,
}

impl Arrival {
    fn finish(mut self) -> Option<Incoming> {
        self.join()
    }

    fn join(&mut self) -> Option<Incoming> {
        let received = std::mem::take(&mut self.received);
        self.incoming.take().map(|incoming| Incoming {
            body: received.body,
            trailers: received.trailers,
            ..incoming
        })
    }
}

impl Drop for Arrival {
    fn drop(&mut self) {
        if let Some(incoming) = self.join() {
            let sentence = "The connection was closed before the body was complete.";
            let incoming = Incoming { cut: Some(Cut::Aborted), refusal: Some(sentence.into()), ..incoming };
            self.app.keep_refused(incoming, 0);
        }
    }
}

/// A request while it is being kept. Dropped before that is done, it goes on by itself.
struct Accepting {
    app: Arc<App>,
    receipt: Option<BoxFuture<'static, Receipt>>,
}

impl Accepting {
    async fn run(app: &Arc<App>, incoming: Incoming) -> Option<(Receipt, Note)> {
        let sink = Arc::clone(&app.sink);
        let mut accepting = Self {
            app: Arc::clone(app),
            receipt: Some(Box::pin(async move { sink.accept(incoming).await })),
        };
        let receipt = accepting.receipt.as_mut()?.await;
        accepting.receipt = None;
        let note = Note {
            sink: Arc::clone(&app.sink),
            receipt: receipt.clone(),
            answered: Answered { status: 0, by: AnsweredBy::Default },
        };
        Some((receipt, note))
    }
}

impl Drop for Accepting {
    fn drop(&mut self) {
        let Some(receipt) = self.receipt.take() else { return };
        if tokio::runtime::Handle::try_current().is_ok() {
            let sink = Arc::clone(&self.app.sink);
            self.app.tasks.spawn(async move {
                let receipt = receipt.await;
                sink.answered(receipt.id, Answered { status: 0, by: AnsweredBy::Default });
            });
        }
    }
}

/// Tells the sink what was answered, when it is dropped: status 0 if it never came to an answer.
struct Note {
    sink: Arc<dyn Sink>,
    receipt: Receipt,
    answered: Answered,
}

impl Note {
    fn done(&mut self, status: u16, by: AnsweredBy) {
        self.answered = Answered { status, by };
    }
}

impl Drop for Note {
    fn drop(&mut self) {
        self.sink.answered(self.receipt.id, self.answered);
    }
}
