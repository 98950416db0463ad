//! One frame of 200x60 with everything on it changing, with few and with many captures, through the
//! real backend into memory: what is drawn, compared and written. `cargo bench -- frame`

use std::{
    io::{BufWriter, Write},
    sync::{Arc, atomic::AtomicU64},
    time::Instant,
};

use hookglass::{
    app::{Look, Model, Msg, Session, update},
    config::{keymap::Keymap, theme::Theme},
    domain::{
        capture::{Capture, HttpVersion, Incoming},
        signature::Catalog,
        signature::{Check, Verdict},
        sink::{Answered, AnsweredBy},
        store::{Limits, Store, Version},
        time::Timestamp,
    },
    ui,
};
use ratatui::{Terminal, TerminalOptions, Viewport, backend::CrosstermBackend, layout::Rect};

use crate::load;

/// Output that is counted and thrown away.
struct Counter(Arc<AtomicU64>);

impl Write for Counter {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.fetch_add(bytes.len() as u64, std::sync::atomic::Ordering::Relaxed);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn store(count: usize) -> Store {
    let store = Store::new(Limits { bytes: u64::MAX, count: usize::MAX }, || ());
    // The first page and the last one have no cell in common.
    let heads = [
        &b"POST /github HTTP/1.1\r\nHost: localhost\r\nX-GitHub-Event: push\r\n\r\n"[..],
        b"DELETE /webhooks/gitlab?x=1 HTTP/1.1\r\nX-Gitlab-Event: Merge Request Hook\r\n\r\n",
    ];
    for number in 0..count {
        let late = usize::from(number > count / 2);
        let head = heads[late];
        let key = ["number", "the other key"][late];
        let body = (0..60).map(|line| format!("\"{key}{line}\":{number}")).collect::<Vec<_>>().join(",");
        let body = format!("{{{body}}}");
        let origin =
            Catalog::builtin().recognise(hookglass::domain::headers::Head::new(head), body.as_bytes(), None);
        let incoming = Incoming {
            received_at: Timestamp::from_micros(number as i64 * 1_234_567),
            remote: ([127, 0, 0, 1], 1).into(),
            version: HttpVersion::Http11,
            head: head.to_vec(),
            body: body.into_bytes(),
            trailers: Vec::new(),
            cut: None,
            announced: None,
            refusal: None,
        };
        let verdict = if number % 2 == late { Verdict::Valid } else { Verdict::Unsigned };
        let capture = store.push(Capture::new(incoming, None, origin), Some(Check::bare(verdict)));
        store.answered(capture.id(), Answered { status: 200, by: AnsweredBy::Default });
    }
    store
}

pub(crate) fn run() {
    for count in [1_000, 10_000, 1_000_000] {
        let store = store(count);
        let session =
            Arc::new(Session { listening: vec!["http://127.0.0.1:7878".into()], ..Session::default() });
        let look = Look { theme: Theme::named("dark").unwrap(), ascii: false };
        let mut model = Model::new(session, ui::panes(), Arc::new(Keymap::builtin()), look);
        update(&mut model, Msg::Resize { width: 200, height: 60 });
        let mut seen = Version(0);
        loop {
            let delta = store.delta(seen);
            seen = delta.version;
            let more = delta.more;
            update(&mut model, Msg::Delta(delta));
            if !more {
                break;
            }
        }
        let written = Arc::new(AtomicU64::new(0));
        let backend =
            CrosstermBackend::new(BufWriter::with_capacity(64 * 1024, Counter(Arc::clone(&written))));
        let area = Rect::new(0, 0, 200, 60);
        let mut terminal =
            Terminal::with_options(backend, TerminalOptions { viewport: Viewport::Fixed(area) }).unwrap();
        let mut times = Vec::new();
        for round in 0..300 {
            // From one end to the other: every row of the list and the whole detail are others.
            let keys = if round % 2 == 0 { "g" } else { "G" };
            for key in hookglass::config::key::Key::sequence(keys).unwrap() {
                for effect in update(&mut model, Msg::Key(key)) {
                    if let hookglass::app::Effect::Open(id) = effect {
                        update(&mut model, Msg::Opened { id, record: store.get(id) });
                    }
                }
            }
            let begun = Instant::now();
            let mut layout = hookglass::app::Layout::default();
            terminal.draw(|frame| layout = ui::view(&model, frame)).unwrap();
            times.push(begun.elapsed().as_secs_f64() * 1e3);
            update(&mut model, Msg::Drawn(layout));
        }
        let bytes = written.load(std::sync::atomic::Ordering::Relaxed) / 300;
        times.sort_by(f64::total_cmp);
        println!(
            "{count:>9} captures   median {:.2} ms (goal 2.50), p99 {:.2} ms (goal 8.00), {bytes} bytes a frame",
            load::median(times.clone()),
            times[times.len() * 99 / 100],
        );
    }
}
