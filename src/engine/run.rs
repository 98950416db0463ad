//! One run of the program, from settings to exit code.

use std::{
    io::{self, IsTerminal, Write},
    path::PathBuf,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use jiff::tz::TimeZone;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::{
    app::{self, Model, Msg, Notice, Session},
    config::{Output, Script, Settings},
    engine::{
        ears::{Ears, Stopped, now},
        effects::Effects,
        headless,
        lines::{Json, Quiet, Text},
        output::{json, text::Look},
        reload::Watch,
        screen::{self, Wakes},
        script::{
            Watch as Eyes,
            exec::{self, Exec, Streams},
            pass::Pass,
        },
        setup::{self, Inputs, Loaded},
        signals::{Asked, Signals},
        talk::say,
        tui,
    },
    term::guard,
    ui,
};

/// Exit codes, as scripts rely on them.
pub mod code {
    /// Done.
    pub const DONE: u8 = 0;
    /// A check did not hold.
    pub const FAILED: u8 = 1;
    /// Usage or configuration.
    pub const USAGE: u8 = 2;
    /// The listener, session or target could not be used.
    pub const UNUSABLE: u8 = 3;
}

/// How long the program may take to end once it was asked to.
const PATIENCE: Duration = Duration::from_millis(2_500);
/// How long a slow reader may take to read the last lines.
const LAST_LINES: Duration = Duration::from_secs(2);

/// Reads everything anew. Its errors are sentences.
pub type Reload = Box<dyn Fn() -> Result<Inputs, Vec<String>> + Send>;

/// What the command line hands over.
pub struct Start {
    /// What was read.
    pub inputs: Inputs,
    /// The files that it was read from, or would be if they existed.
    pub files: Vec<PathBuf>,
    /// Reads them again.
    pub reload: Reload,
}

/// Listens until somebody ends it. Returns the exit code.
#[must_use]
pub fn run(start: Start) -> u8 {
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            say(&format!("hookglass: the system gives no threads: {error}."));
            return code::UNUSABLE;
        }
    };
    let code = runtime.block_on(listen(start));
    // A reader that never reads must not keep the program alive.
    runtime.shutdown_timeout(Duration::from_millis(100));
    for panic in guard::take_panics() {
        say(&format!("hookglass: internal error, please report it: {panic}"));
    }
    code
}

async fn listen(start: Start) -> u8 {
    let Start { inputs, files, reload } = start;
    let Loaded { rules, secrets, problems } = match setup::load(&inputs) {
        Ok(loaded) => loaded,
        Err(errors) => {
            errors.iter().for_each(|error| say(&format!("hookglass: {error}")));
            return code::USAGE;
        }
    };
    let (settings, dotenv_file) = (inputs.settings, inputs.dotenv_file);
    let (file, mut told) = match setup::session_file(&settings) {
        Ok(opened) => opened,
        Err(error) => {
            say(&format!("hookglass: {error}."));
            return code::UNUSABLE;
        }
    };
    let place = file.as_ref().filter(|file| file.is_written()).map(|file| file.path.clone());
    let ears = match Ears::open(setup::plan(&settings), rules, file).await {
        Ok(ears) => ears,
        Err(error) => {
            say(&format!("hookglass: {error}"));
            return code::UNUSABLE;
        }
    };
    told.extend(problems);
    let mut session = setup::session(&settings, &ears, secrets, told);
    session.zone = TimeZone::system();
    session.file = place.map(|path| path.display().to_string());
    let world =
        World { settings, session: Arc::new(RwLock::new(Arc::new(session))), files, dotenv_file, reload };
    match world.settings.output.unwrap_or_else(usual_output) {
        Output::Tui => interactive(world, ears).await,
        output => unattended(world, ears, output).await,
    }
}

/// What the two ways to run share.
struct World {
    settings: Settings,
    session: Arc<RwLock<Arc<Session>>>,
    files: Vec<PathBuf>,
    dotenv_file: PathBuf,
    reload: Reload,
}

impl World {
    fn session(&self) -> Arc<Session> {
        Arc::clone(&self.session.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Reads configuration and secrets again and puts them in force. What cannot change while the
    /// program runs (the address, the limits) stays.
    fn refresh(&self, ears: &Ears) -> Notice {
        // Commands of password managers may take seconds; the other threads go on meanwhile.
        let read = tokio::task::block_in_place(|| {
            let inputs = (self.reload)()?;
            let loaded = setup::load(&inputs)?;
            Ok((inputs, loaded))
        });
        match read {
            Err(errors) => {
                let errors: Vec<String> = errors;
                Notice::bad(format!("Configuration not taken over: {}", errors.join(" · ")))
            }
            Ok((inputs, Loaded { rules, secrets, problems })) => {
                ears.replace_rules(rules);
                let mut session = setup::session(&inputs.settings, ears, secrets, problems);
                let before = self.session();
                session.zone = before.zone.clone();
                session.file.clone_from(&before.file);
                *self.session.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(session);
                Notice::info("Configuration read again: it counts for requests from now on.")
            }
        }
    }
}

/// The interface where there is a terminal that can show it; else text.
fn usual_output() -> Output {
    let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    if io::stdout().is_terminal() && io::stdin().is_terminal() && !dumb { Output::Tui } else { Output::Text }
}

async fn interactive(world: World, ears: Ears) -> u8 {
    let look = setup::look(&world.settings);
    let keymap = match setup::keymap(&world.settings) {
        Ok(keymap) => Arc::new(keymap),
        Err(errors) => {
            errors.iter().for_each(|error| say(&format!("hookglass: {error}")));
            return code::USAGE;
        }
    };
    if !io::stdout().is_terminal() || !io::stdin().is_terminal() {
        say("hookglass: the interface needs a terminal; use --output text, json or quiet in a pipe.");
        return code::USAGE;
    }
    let (news, received) = mpsc::unbounded_channel();
    let internal = news.clone();
    guard::install_panic_hook(move || {
        let notice = Notice::bad("An internal error was caught and is told at the end; capturing goes on.");
        let _ = internal.send(Msg::Noticed(notice));
    });
    let asked = signals(true);
    let (mut screen, mut face) = match tui::open(world.settings.interface.mouse, setup::is_remote()) {
        Ok(opened) => opened,
        Err(error) => {
            say(&format!("hookglass: the terminal cannot be used: {error}. Try --output text."));
            return code::UNUSABLE;
        }
    };
    let effects = Effects {
        rules: Arc::clone(&ears.rules),
        forwarder: ears.forwarder.clone(),
        fetcher: ears.fetcher.clone(),
        session: Arc::clone(&world.session),
        library: ears.library.clone(),
        newest: Default::default(),
        dotenv_file: world.dotenv_file.clone(),
        dir: std::env::current_dir().unwrap_or_default(),
    };
    let mut model = Model::new(world.session(), ui::panes(), keymap, look);
    model.mouse = world.settings.interface.mouse;
    app::hide(&mut model, world.settings.interface.hide);
    let wakes = Wakes { changed: Arc::clone(&ears.changed), news: received, asked, clock: Box::new(now) };
    // Looks at captures for --count and --expect; without them it has nothing to do.
    let told = news.clone();
    let tell: exec::Tell = Arc::new(move |text| drop(told.send(Msg::Noticed(Notice::bad(text)))));
    let eyes = eyes(&world.settings.script, &ears, Streams::Nowhere, tell);
    let end = CancellationToken::new();
    let watching = world.settings.script.sums_up().then(|| {
        let source = ears.source(&ears.watched);
        tokio::spawn(headless::write(source, Quiet, io::sink(), end.clone(), Arc::clone(&eyes)))
    });
    let Ok(mut pass) = Pass::begin(eyes, &ears.url(), world.session().port) else { return code::UNUSABLE };
    if let Some(wanted) = &world.settings.script.filter {
        let _ = news.send(Msg::Filter(wanted.text.clone()));
    }
    let store = Arc::clone(ears.library.store());
    let mut watch = Watch::new(&world.files);
    let reloading = async {
        loop {
            watch.changed().await;
            let notice = world.refresh(&ears);
            let _ = news.send(Msg::Session(world.session()));
            let _ = news.send(Msg::Noticed(notice));
        }
    };
    let ended = tokio::select! {
        ended = screen::run(&mut screen, &mut face, model, ears.library.store(), wakes, &effects) => ended,
        () = reloading => Ok(()),
        () = pass.over() => Ok(()),
    };
    drop(face);
    let stopped = ears.stop().await;
    pass.settle(&store, true).await;
    close(stopped).await;
    end.cancel();
    if let Some(watching) = watching {
        let _ = tokio::time::timeout(LAST_LINES, watching).await;
    }
    let drawn = match ended {
        Ok(()) => code::DONE,
        Err(error) if terminal_gone(&error) => code::DONE,
        Err(error) => {
            say(&format!("hookglass: the terminal cannot be drawn on: {error}."));
            code::UNUSABLE
        }
    };
    pass.end(drawn).await
}

/// Closes the session file, and says what could not be written.
async fn close(stopped: Stopped) {
    if let Err(why) = stopped.close().await {
        say(&format!("hookglass: {why}."));
    }
}

/// Whether drawing failed because the terminal was closed, which is a way to end a program.
fn terminal_gone(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::BrokenPipe) || error.raw_os_error() == Some(5)
}

async fn unattended(world: World, ears: Ears, output: Output) -> u8 {
    let session = world.session();
    let streams = if output == Output::Quiet { Streams::Shared } else { Streams::Stderr };
    let eyes = eyes(&world.settings.script, &ears, streams, exec::on_stderr());
    // Before anybody is told that we listen, so that no change after that goes unnoticed.
    let mut watch = Watch::new(&world.files);
    // A signal is for the program after --, and we end with it.
    let mut asked = if world.settings.script.command.is_empty() { Some(signals(false)) } else { None };
    let mut out = io::stdout();
    if output == Output::Json {
        let mut line = Vec::new();
        json::listening_line(&ears.url(), &session.version, &mut line);
        if let Err(error) = out.write_all(&line).and_then(|()| out.flush()) {
            return unwritable(&error);
        }
    } else if output == Output::Text {
        setup::greeting(&session).iter().for_each(|line| say(line));
    }
    session.wide_bind.iter().chain(&session.problems).for_each(|line| say(&format!("hookglass: {line}")));
    let end = CancellationToken::new();
    let source = ears.source(&ears.changed);
    let mut pass = match Pass::begin(Arc::clone(&eyes), &ears.url(), session.port) {
        Ok(pass) => pass,
        Err(code) => return code,
    };
    let captures = Arc::clone(ears.library.store());
    let rules = Arc::clone(&ears.rules);
    let ended = end.clone();
    let mut writer = tokio::spawn(async move {
        match output {
            Output::Json => headless::write(source, Json { rules }, out, ended, eyes).await,
            Output::Quiet => headless::write(source, Quiet, io::sink(), ended, eyes).await,
            Output::Text | Output::Tui => {
                let look = Look { colour: setup::colours(&out), ..Look::default() };
                let text = Text { rules, zone: TimeZone::system(), look };
                headless::write(source, text, out, ended, eyes).await
            }
        }
    });
    let mut hurry = false;
    let written = loop {
        tokio::select! {
            () = ending(&mut asked) => {
                hurry = true;
                break None;
            }
            () = pass.over() => break None,
            written = &mut writer => break Some(written),
            () = watch.changed() => {
                let before = world.session();
                say(&format!("hookglass: {}", world.refresh(&ears).text));
                let session = world.session();
                let new = session.problems.iter().filter(|problem| !before.problems.contains(problem));
                new.for_each(|problem| say(&format!("hookglass: {problem}")));
            }
        }
    };
    let stopped = ears.stop().await;
    pass.settle(&captures, hurry || written.is_some()).await;
    close(stopped).await;
    end.cancel();
    let written = match written {
        Some(written) => Some(written),
        None => tokio::time::timeout(LAST_LINES, writer).await.ok(),
    };
    let written = match written {
        Some(Ok(Err(error))) => unwritable(&error),
        _ => code::DONE,
    };
    pass.end(written).await
}

/// Waits until a signal asks to end; forever where signals are not for us.
async fn ending(asked: &mut Option<mpsc::UnboundedReceiver<Asked>>) {
    if let Some(asked) = asked {
        while let Some(signal) = asked.recv().await {
            if signal == Asked::End {
                return;
            }
        }
    }
    std::future::pending().await
}

/// Who looks at captures for the flags of scripts.
fn eyes(script: &Script, ears: &Ears, streams: Streams, tell: exec::Tell) -> Arc<Eyes> {
    let command = script.exec.clone();
    let exec = command.map(|command| Exec::start(command, streams, ears.library.clone(), tell));
    Arc::new(Eyes::new(script.clone(), Arc::clone(&ears.rules), now, exec))
}

/// The end of a run whose output could not be written. A reader that has gone is a quiet one.
fn unwritable(error: &io::Error) -> u8 {
    if error.kind() == io::ErrorKind::BrokenPipe {
        return code::DONE;
    }
    say(&format!("hookglass: standard output cannot be written: {error}."));
    code::UNUSABLE
}

/// The signals of the system. A second one to end, or a terminal or reader that takes nothing any more,
/// ends the program at once.
fn signals(screen: bool) -> mpsc::UnboundedReceiver<Asked> {
    let (told, asked) = mpsc::unbounded_channel();
    // Here and not in the task: from now on a signal must not end the program its own way.
    let Ok(mut signals) = Signals::new(screen) else { return asked };
    tokio::spawn(async move {
        let mut ending = false;
        loop {
            let signal = signals.next().await;
            if signal == Asked::End {
                if ending {
                    guard::restore();
                    std::process::exit(i32::from(code::DONE));
                }
                ending = true;
                std::thread::spawn(|| {
                    std::thread::sleep(PATIENCE);
                    std::process::exit(i32::from(code::DONE));
                });
            }
            if told.send(signal).is_err() {
                return;
            }
        }
    });
    asked
}
