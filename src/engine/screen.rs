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
    domain::{
        store::{Store, Version},
        time::Timestamp,
    },
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

/// The shortest time before a frame that answers somebody at the keyboard: they feel it, and keys do not
/// come as fast as requests do.
const PROMPT: Duration = Duration::from_millis(4);

/// The longest sleep until something changes by itself: signed times are the sender's to choose.
const LONGEST_SLEEP: Duration = Duration::from_secs(7 * 86_400);

/// What the terminal itself is asked to do, apart from drawing.
pub trait Face {
    /// The input that this face reports, anew after each suspension.
    type Inputs: Stream<Item = Input> + Unpin;
    /// Starts reading.
    fn inputs(&mut self) -> Self::Inputs;
    /// A stream that never tells anything, for the time in which nothing may be read.
    fn no_inputs(&mut self) -> Self::Inputs;
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
    /// The time. Read when something on the screen is to change by itself, and not otherwise.
    pub clock: Box<dyn Fn() -> Timestamp + Send>,
}

/// Runs the interface until somebody quits, a signal ends it, or the terminal is gone.
///
/// # Errors
/// When the terminal cannot be drawn on.
pub async fn run<B: Backend, F: Face>(
    terminal: &mut Terminal<B>,
    face: &mut F,
    model: Model,
    store: &Store,
    mut wakes: Wakes,
    effects: &Effects,
) -> Result<(), B::Error> {
    let (told, mut results) = mpsc::unbounded_channel();
    let inputs = face.inputs();
    let size = terminal.size()?;
    let first = Msg::Resize { width: size.width, height: size.height };
    let (jobs, queue) = (Jobs::new(told), VecDeque::from([first]));
    let mut screen =
        Loop { terminal, face, inputs, model, store, effects, jobs, queue, seen: Version(0), again: false };
    let (mut dirty, mut stale) = (true, true);
    let (mut drawn, mut pause): (Option<Instant>, _) = (None, FRAME);
    loop {
        if dirty && drawn.is_none_or(|at| at.elapsed() >= pause) {
            if std::mem::take(&mut stale) {
                screen.pull();
            }
            // A computer that slept comes back late.
            if let Some(at) = screen.model.wake() {
                let now = (wakes.clock)();
                if at <= now {
                    screen.queue.push_back(Msg::Clock(now));
                }
            }
            if screen.work()? {
                return Ok(());
            }
            screen.draw()?;
            (drawn, pause) = (Some(Instant::now()), FRAME);
            if screen.work()? {
                return Ok(());
            }
            dirty = std::mem::take(&mut screen.again);
        }
        let due = drawn.map_or_else(Instant::now, |at| at + pause);
        let turn = screen.model.wake().map(|at| Instant::now() + until(at, (wakes.clock)()));
        tokio::select! {
            biased;
            Some(asked) = wakes.asked.recv() => {
                match asked {
                    Asked::End => return Ok(()),
                    Asked::Suspend => screen.suspend()?,
                    Asked::Continue => screen.redraw()?,
                }
                dirty = true;
            }
            input = screen.inputs.next() => {
                let Some(input) = input else { return Ok(()) };
                screen.queue.push_back(message(input));
                (dirty, pause) = (true, PROMPT);
            }
            Some(result) = results.recv() => {
                match result {
                    Told::Msg(msg) => screen.queue.push_back(msg),
                    Told::Done(kind) => screen.jobs.done(kind),
                }
                dirty = true;
            }
            Some(msg) = wakes.news.recv() => {
                screen.queue.push_back(msg);
                dirty = true;
            }
            () = wakes.changed.notified(), if !stale => (stale, dirty) = (true, true),
            () = sleep_until(due), if dirty => {}
            () = sleep_until(turn.unwrap_or(due)), if turn.is_some() && !dirty => {
                screen.queue.push_back(Msg::Clock((wakes.clock)()));
                dirty = true;
            }
        }
        if screen.work()? {
            return Ok(());
        }
    }
}

/// What the loop works on.
struct Loop<'a, B: Backend, F: Face> {
    terminal: &'a mut Terminal<B>,
    face: &'a mut F,
    inputs: F::Inputs,
    model: Model,
    store: &'a Store,
    effects: &'a Effects,
    jobs: Jobs,
    queue: VecDeque<Msg>,
    /// The version of the store that the model has seen.
    seen: Version,
    /// Whether the last frame has led to something that the next one shows.
    again: bool,
}

impl<B: Backend, F: Face> Loop<'_, B, F> {
    /// Takes in what changed in the store.
    fn pull(&mut self) {
        loop {
            let delta = self.store.delta(self.seen);
            self.seen = delta.version;
            let more = delta.more;
            self.queue.push_back(Msg::Delta(delta));
            if !more {
                return;
            }
        }
    }

    /// Works off the queue; whether the program is to end.
    fn work(&mut self) -> Result<bool, B::Error> {
        while let Some(msg) = self.queue.pop_front() {
            for effect in app::update(&mut self.model, msg) {
                match effect {
                    Effect::Quit => return Ok(true),
                    Effect::Again => self.again = true,
                    Effect::Suspend => self.suspend()?,
                    Effect::Redraw => self.redraw()?,
                    Effect::Mouse(on) => self.face.mouse(on),
                    other => self.queue.extend(self.effects.perform(other, &mut self.jobs, self.face)),
                }
            }
        }
        Ok(false)
    }

    fn draw(&mut self) -> Result<(), B::Error> {
        let mut layout = app::Layout::default();
        self.terminal.draw(|frame| layout = ui::view(&self.model, frame))?;
        self.queue.push_back(Msg::Drawn(layout));
        Ok(())
    }

    fn suspend(&mut self) -> Result<(), B::Error> {
        // The inputs are read in a thread of their own: it must be gone before the shell reads.
        self.inputs = self.face.no_inputs();
        self.face.suspend();
        self.inputs = self.face.inputs();
        self.redraw()
    }

    /// Lets the next frame draw every cell. `Terminal::clear` would ask the terminal where its cursor is,
    /// and wait for an answer that the input stream takes.
    fn redraw(&mut self) -> Result<(), B::Error> {
        let area = self.terminal.size()?.into();
        self.terminal.resize(area)
    }
}

/// How long it is until a moment, at most [`LONGEST_SLEEP`].
fn until(at: Timestamp, now: Timestamp) -> Duration {
    let micros = u64::try_from(at.as_micros().saturating_sub(now.as_micros())).unwrap_or(0);
    Duration::from_micros(micros).clamp(FRAME, LONGEST_SLEEP)
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
