//! The loop of the interface: input, changes and results in, effects out, frames when something changed.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use futures_util::{Stream, StreamExt};
use ratatui::{Terminal, backend::Backend};
use tokio::{
    sync::{Notify, mpsc},
    time::{Instant, sleep_until},
};

use crate::{
    app::{self, Effect, Model, Msg},
    domain::store::{Store, Version},
    engine::{
        effects::Effects,
        jobs::{Jobs, Told},
        signals::Asked,
    },
    term::input::Input,
    ui,
};

/// The shortest time between two frames while things keep changing. A change after a pause is drawn at
/// once.
const FRAME: Duration = Duration::from_millis(16);

/// What the terminal itself is asked to do, apart from drawing.
pub trait Face {
    /// The input that this face reports, anew after each suspension.
    type Inputs: Stream<Item = Input> + Unpin;
    /// Starts reading.
    fn inputs(&mut self) -> Self::Inputs;
    /// Gives the terminal back, stops the process until it is continued, takes the terminal again.
    fn suspend(&mut self);
    /// Switches mouse reports.
    fn mouse(&mut self, on: bool);
    /// Copies text and says which way it went, or why not.
    fn copy(&mut self, text: &[u8]) -> Result<String, String>;
}

/// What wakes the loop beside the terminal.
pub struct Wakes {
    /// The store changed.
    pub changed: Arc<Notify>,
    /// Messages of the rest of the engine: the configuration was read again, something failed.
    pub news: mpsc::UnboundedReceiver<Msg>,
    /// Signals of the system.
    pub asked: mpsc::UnboundedReceiver<Asked>,
}

/// Runs the interface until somebody quits, a signal ends it, or the terminal is gone.
///
/// # Errors
/// When the terminal cannot be drawn on.
pub async fn run<B: Backend, F: Face>(
    terminal: &mut Terminal<B>,
    face: &mut F,
    mut model: Model,
    store: &Store,
    mut wakes: Wakes,
    effects: &Effects,
) -> Result<(), B::Error> {
    let (told, mut results) = mpsc::unbounded_channel();
    let mut jobs = Jobs::new(told);
    let mut inputs = Some(face.inputs());
    let mut queue: VecDeque<Msg> = VecDeque::new();
    let mut seen = Version(0);
    let (mut dirty, mut stale) = (true, true);
    let mut drawn: Option<Instant> = None;
    loop {
        if dirty && drawn.is_none_or(|at| at.elapsed() >= FRAME) {
            if std::mem::take(&mut stale) {
                pull(store, &mut seen, &mut queue);
            }
            if work(&mut model, &mut queue, face, &mut inputs, terminal, store, effects, &mut jobs)? {
                return Ok(());
            }
            let mut layout = app::Layout::default();
            terminal.draw(|frame| layout = ui::view(&model, frame))?;
            queue.push_back(Msg::Drawn(layout));
            (dirty, drawn) = (false, Some(Instant::now()));
        }
        let Some(stream) = &mut inputs else { return Ok(()) };
        let due = drawn.map_or_else(Instant::now, |at| at + FRAME);
        tokio::select! {
            biased;
            Some(asked) = wakes.asked.recv() => {
                match asked {
                    Asked::End => return Ok(()),
                    Asked::Suspend => suspend(face, &mut inputs, terminal)?,
                    Asked::Continue => redraw(terminal)?,
                }
                dirty = true;
            }
            input = stream.next() => {
                let Some(input) = input else { return Ok(()) };
                queue.push_back(message(input));
                dirty = true;
            }
            Some(result) = results.recv() => {
                match result {
                    Told::Msg(msg) => queue.push_back(msg),
                    Told::Done(kind) => jobs.done(kind),
                }
                dirty = true;
            }
            Some(msg) = wakes.news.recv() => {
                queue.push_back(msg);
                dirty = true;
            }
            () = wakes.changed.notified(), if !stale => (stale, dirty) = (true, true),
            () = sleep_until(due), if dirty => {}
        }
        if work(&mut model, &mut queue, face, &mut inputs, terminal, store, effects, &mut jobs)? {
            return Ok(());
        }
    }
}

/// Takes in what changed in the store.
fn pull(store: &Store, seen: &mut Version, queue: &mut VecDeque<Msg>) {
    loop {
        let delta = store.delta(*seen);
        *seen = delta.version;
        let more = delta.more;
        queue.push_back(Msg::Delta(delta));
        if !more {
            return;
        }
    }
}

/// Works off the queue; whether the program is to end.
#[expect(clippy::too_many_arguments, reason = "these are the loop's own variables")]
fn work<B: Backend, F: Face>(
    model: &mut Model,
    queue: &mut VecDeque<Msg>,
    face: &mut F,
    inputs: &mut Option<F::Inputs>,
    terminal: &mut Terminal<B>,
    store: &Store,
    effects: &Effects,
    jobs: &mut Jobs,
) -> Result<bool, B::Error> {
    while let Some(msg) = queue.pop_front() {
        for effect in app::update(model, msg) {
            match effect {
                Effect::Quit => return Ok(true),
                Effect::Suspend => suspend(face, inputs, terminal)?,
                Effect::Redraw => redraw(terminal)?,
                Effect::Mouse(on) => face.mouse(on),
                Effect::Open(id) => queue.push_back(Msg::Opened { id, record: store.get(id) }),
                other => queue.extend(effects.perform(other, jobs, face)),
            }
        }
    }
    Ok(false)
}

fn suspend<B: Backend, F: Face>(
    face: &mut F,
    inputs: &mut Option<F::Inputs>,
    terminal: &mut Terminal<B>,
) -> Result<(), B::Error> {
    // The stream reads from the terminal in a thread of its own: it must be gone before the shell reads.
    *inputs = None;
    face.suspend();
    *inputs = Some(face.inputs());
    redraw(terminal)
}

/// Lets the next frame draw every cell. `Terminal::clear` would ask the terminal where its cursor is, and
/// wait for an answer that the input stream takes.
fn redraw<B: Backend>(terminal: &mut Terminal<B>) -> Result<(), B::Error> {
    let area = terminal.size()?.into();
    terminal.resize(area)
}

fn message(input: Input) -> Msg {
    use crate::app::msg::{Mouse, MouseKind};
    match input {
        Input::Key(key) => Msg::Key(key),
        Input::Paste(text) => Msg::Paste(text),
        Input::Resize(width, height) => Msg::Resize { width, height },
        Input::Focus(on) => Msg::Focus(on),
        Input::Press(column, row) => Msg::Mouse(Mouse { kind: MouseKind::Press, column, row }),
        Input::Wheel(column, row, up) => {
            let kind = if up { MouseKind::ScrollUp } else { MouseKind::ScrollDown };
            Msg::Mouse(Mouse { kind, column, row })
        }
    }
}
