//! A stage for the interface: a real store and a real model, drawn on a fake terminal. The engine's
//! part (loading, decoding, reporting) is played in the simplest way.

#![expect(clippy::unwrap_used, reason = "a stage that cannot be set up fails its test")]

use std::{sync::Arc, time::Duration};

use hookglass::{
    app::{
        self, Effect, Look, Model, Msg, Session,
        content::{Lines, Role},
    },
    config::{key::Key, keymap::Keymap, theme::Theme},
    domain::{
        capture::{Capture, CaptureId, Cut, HttpVersion, Incoming},
        delivery::{Delivery, DeliveryKind, Outcome, Reply},
        redact,
        signature::{Check, Verdict},
        sink::{Answered, AnsweredBy},
        store::{Limits, Store, Version},
        summary::Origin,
        target::Target,
        time::Timestamp,
    },
    engine::{library::Library, sieve},
    ui,
};
use ratatui::{Terminal, backend::TestBackend, buffer::Buffer, style::Modifier};

use crate::cast;

/// 2026-11-21T22:26:40Z.
const START: i64 = 1_795_300_000_000_000;

/// Store, model and terminal.
pub(crate) struct Stage {
    pub(crate) store: Arc<Store>,
    pub(crate) model: Model,
    pub(crate) terminal: Terminal<TestBackend>,
    /// What the model asked for and the stage did not do.
    pub(crate) asked: Vec<Effect>,
    version: Version,
    /// Captures, answers and deliveries so far: the clock of the stage.
    steps: i64,
}

/// One request to be captured.
#[derive(Clone)]
pub(crate) struct Sample {
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
    pub(crate) cut: Option<Cut>,
    pub(crate) refusal: Option<String>,
    pub(crate) provider: Option<&'static str>,
    pub(crate) event: Option<String>,
    pub(crate) delivery_id: Option<String>,
}

impl Sample {
    /// A POST.
    pub(crate) fn post(target: &str, body: &str) -> Self {
        Self {
            head: format!(
                "POST {target} HTTP/1.1\r\nHost: hooks.example.com\r\nUser-Agent: tests/1.0\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
                body.len()
            ),
            body: body.as_bytes().to_vec(),
            cut: None,
            refusal: None,
            provider: None,
            event: None,
            delivery_id: None,
        }
    }

    /// With one more header.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        let end = self.head.len() - 2;
        self.head.insert_str(end, &format!("{name}: {value}\r\n"));
        self
    }

    /// By a provider.
    pub(crate) fn by(mut self, provider: &'static str, event: &str) -> Self {
        self.provider = Some(provider);
        self.event = Some(event.to_owned());
        self
    }
}

impl Stage {
    /// A stage of some size without captures.
    pub(crate) fn new(width: u16, height: u16) -> Self {
        Self::with(width, height, "dark", false, Limits { bytes: 1 << 30, count: 1 << 20 })
    }

    /// A stage with a theme, signs and limits.
    pub(crate) fn with(width: u16, height: u16, theme: &str, ascii: bool, limits: Limits) -> Self {
        let session = Session {
            version: "0.1.0".into(),
            listening: vec!["http://127.0.0.1:7878".into()],
            port: 7878,
            forward_to: vec![Target::parse("http://localhost:3000/webhooks").unwrap()],
            secrets: vec!["STRIPE_WEBHOOK_SECRET (stripe)".into()],
            clipboard: "the system clipboard".into(),
            memory_limit: 256 << 20,
            ..Session::default()
        };
        let look = Look { theme: Theme::named(theme).unwrap(), ascii };
        let model = Model::new(Arc::new(session), ui::panes(), Arc::new(Keymap::builtin()), look);
        let terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
        let store = Arc::new(Store::new(limits, || ()));
        let mut stage =
            Self { store, model, terminal, asked: Vec::new(), version: Version::default(), steps: 0 };
        stage.tell(Msg::Resize { width, height });
        stage.draw();
        stage
    }

    /// Captures a request.
    pub(crate) fn capture(&mut self, sample: Sample, check: Option<Check>) -> CaptureId {
        let number = self.steps;
        self.steps += 1;
        let incoming = Incoming {
            received_at: Timestamp::from_micros(START + number * 1_234_567),
            remote: ([127, 0, 0, 1], 50_512).into(),
            version: HttpVersion::Http11,
            head: sample.head.into_bytes(),
            body: sample.body,
            trailers: Vec::new(),
            cut: sample.cut,
            announced: None,
            refusal: sample.refusal,
        };
        let origin = Origin {
            provider: sample.provider.map(Arc::from),
            event: sample.event.map(String::into_boxed_str),
            delivery_id: sample.delivery_id.map(String::into_boxed_str),
            attempt: None,
        };
        self.store.push(Capture::new(incoming, None, origin), check).id()
    }

    /// Lets time pass, in seconds.
    pub(crate) fn skip(&mut self, secs: i64) {
        self.steps += secs * 1_000_000 / 1_234_567;
    }

    /// Captures a request and checks its signature, as the engine does.
    pub(crate) fn checked(&mut self, sample: Sample) -> CaptureId {
        let id = self.capture(sample, None);
        let record = self.store.get(id).unwrap();
        self.store.checked(id, cast::report(&record.capture).report.check);
        id
    }

    /// Notes an answer.
    pub(crate) fn answer(&mut self, id: CaptureId, status: u16, by: AnsweredBy) {
        self.steps += 1;
        self.store.answered(id, Answered { status, by });
    }

    /// Captures plain requests and takes them in.
    pub(crate) fn fill(&mut self, count: usize) {
        for index in 0..count {
            let id = self
                .capture(Sample::post(&format!("/hook/{index}"), "{}"), Some(Check::bare(Verdict::Unknown)));
            self.answer(id, 200, AnsweredBy::Default);
        }
        self.pull();
    }

    /// Notes a delivery.
    pub(crate) fn deliver(
        &mut self,
        id: CaptureId,
        kind: DeliveryKind,
        result: Result<(u16, &str), &str>,
        ms: u64,
    ) {
        let result = result.map_err(str::to_owned).map(|(status, body)| Reply {
            status,
            reason: if status == 200 { "OK".into() } else { "Internal Server Error".into() },
            headers: vec![(Box::from(&b"Server"[..]), Box::from(&b"Werkzeug/3.0"[..]))],
            body: Arc::from(body.as_bytes()),
            cut_from: None,
        });
        self.steps += 1;
        self.store.deliver(Delivery {
            capture: id,
            attempt: 0,
            kind,
            url: Arc::from("http://localhost:3000/webhooks"),
            started_at: Timestamp::from_micros(START + 5_000_000),
            outcome: Some(Outcome { took: Duration::from_millis(ms), result }),
        });
    }

    /// The captures with their bytes.
    pub(crate) fn library(&self) -> Library {
        Library::new(Arc::clone(&self.store), None)
    }

    /// Takes in what the store has.
    pub(crate) fn pull(&mut self) {
        loop {
            let delta = self.store.delta(self.version);
            self.version = delta.version;
            let more = delta.more;
            self.tell(Msg::Delta(delta));
            if !more {
                break;
            }
        }
        self.draw();
    }

    /// Presses keys, drawing after each as the engine does.
    pub(crate) fn press(&mut self, keys: &str) {
        for key in Key::sequence(keys).unwrap() {
            self.tell(Msg::Key(key));
            self.draw();
        }
    }

    /// Hands over a message and does what the model asks for, as far as a stage can.
    pub(crate) fn tell(&mut self, msg: Msg) {
        for effect in app::update(&mut self.model, msg) {
            match effect {
                Effect::Open(id) => {
                    let record = self.store.get(id);
                    self.tell(Msg::Opened { id, record });
                }
                Effect::Decode { ticket, capture, .. } => {
                    let document = Arc::new(Plain(String::from_utf8_lossy(capture.body()).into_owned()));
                    self.tell(Msg::Decoded { ticket, document });
                }
                Effect::Hide { ticket, record, rules } => {
                    let hidden = redact::record(&record, &rules);
                    self.tell(Msg::Hidden { ticket, of: record, record: hidden });
                }
                Effect::Report { ticket, capture } => {
                    self.tell(Msg::Reported { ticket, report: Arc::new(cast::report(&capture)) });
                }
                Effect::Again => self.draw(),
                Effect::Remark { id, remark } => {
                    self.store.remark(id, remark);
                    self.pull();
                }
                Effect::Remove(id) => {
                    self.store.delete(&[id]);
                    self.pull();
                }
                Effect::Sift { ticket, filter } => {
                    let parts = std::cell::RefCell::new(Vec::new());
                    sieve::sift(&self.library(), &filter, self.now(), &|| false, |ids, done| {
                        parts.borrow_mut().push((ids, done));
                    });
                    for (ids, done) in parts.into_inner() {
                        self.tell(Msg::Sifted { ticket, ids, done });
                    }
                }
                Effect::Examine { ticket, filter, ids } => {
                    let (matching, others) = sieve::examine(&self.library(), &filter, self.now(), ids);
                    self.tell(Msg::Examined { ticket, matching, others });
                }
                Effect::Find { ticket, document, text, ascii } => {
                    let found = sieve::find(&*document, &text, ascii, &|| false).unwrap();
                    self.tell(Msg::Found { ticket, found: Arc::new(found) });
                }
                other => self.asked.push(other),
            }
        }
    }

    /// The clock of the stage.
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(START + self.steps * 1_234_567)
    }

    /// Gives the terminal another size.
    pub(crate) fn resize(&mut self, width: u16, height: u16) {
        self.terminal.backend_mut().resize(width, height);
        self.tell(Msg::Resize { width, height });
        self.draw();
    }

    /// Draws a frame.
    pub(crate) fn draw(&mut self) {
        let mut layout = None;
        let model = &self.model;
        self.terminal.draw(|frame| layout = Some(ui::view(model, frame))).unwrap();
        self.tell(Msg::Drawn(layout.unwrap()));
    }

    /// The screen.
    pub(crate) fn buffer(&self) -> &Buffer {
        self.terminal.backend().buffer()
    }

    /// The text of the screen, a line each.
    pub(crate) fn text(&self) -> String {
        let buffer = self.buffer();
        let mut out = String::new();
        for y in 0..buffer.area.height {
            let mut line = String::new();
            let mut skip = 0;
            for x in 0..buffer.area.width {
                let symbol = buffer[(x, y)].symbol();
                if skip == 0 {
                    line.push_str(symbol);
                    skip = unicode_width::UnicodeWidthStr::width(symbol).max(1);
                }
                skip -= 1;
            }
            out.push_str(line.trim_end());
            out.push('\n');
        }
        out
    }

    /// The styles of the screen in runs, for the lines that have any.
    pub(crate) fn styles(&self) -> String {
        let buffer = self.buffer();
        let mut out = String::new();
        for y in 0..buffer.area.height {
            let mut runs: Vec<(u16, u16, String)> = Vec::new();
            for x in 0..buffer.area.width {
                let cell = &buffer[(x, y)];
                let mut style = format!("{}/{}", cell.fg, cell.bg).replace("Reset", "-");
                for (name, flag) in [
                    ("bold", Modifier::BOLD),
                    ("underline", Modifier::UNDERLINED),
                    ("reverse", Modifier::REVERSED),
                ] {
                    if cell.modifier.contains(flag) {
                        style.push(' ');
                        style.push_str(name);
                    }
                }
                match runs.last_mut() {
                    Some((_, end, last)) if *last == style => *end = x,
                    _ => runs.push((x, x, style)),
                }
            }
            let runs: Vec<String> = runs
                .into_iter()
                .filter(|(_, _, style)| style != "-/-")
                .map(|(from, to, style)| format!("{from}-{to} {style}"))
                .collect();
            if !runs.is_empty() {
                out.push_str(&format!("{y:>3}: {}\n", runs.join(", ")));
            }
        }
        out
    }
}

/// A document of plain lines.
#[derive(Debug)]
struct Plain(String);

impl Lines for Plain {
    fn kind(&self) -> &str {
        "text"
    }
    fn note(&self) -> Option<&str> {
        None
    }
    fn complete(&self) -> bool {
        true
    }
    fn count(&self) -> usize {
        self.0.lines().count()
    }
    fn line(&self, index: usize, skip: usize, columns: usize, _ascii: bool) -> Vec<(Role, String)> {
        let text = self.0.lines().nth(index).unwrap_or("").chars().filter(|c| !c.is_control());
        vec![(Role::Text, text.skip(skip).take(columns).collect())]
    }
}
