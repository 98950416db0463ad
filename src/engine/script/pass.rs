//! One run in a script: from listening to its end.

use std::{future::pending, sync::Arc, time::Duration};

use tokio::time::{Instant, sleep_until};

use crate::{
    domain::store::Store,
    engine::{
        run::code,
        script::{
            child::{self, Program},
            verdict::{self, Ending},
            watch::Watch,
        },
        talk::say,
    },
};

/// How long forwards that are under way are waited for at the end.
const FORWARDS: Duration = Duration::from_secs(5);
/// The least time that commands get at the end.
const COMMANDS: Duration = Duration::from_secs(10);

/// A run under way.
pub struct Pass {
    watch: Arc<Watch>,
    begun: Instant,
    program: Option<Program>,
    /// The exit code of the program after `--`.
    ended: Option<u8>,
    timed_out: bool,
}

impl Pass {
    /// Begins a run: time counts from now, and the program after `--` is started.
    ///
    /// # Errors
    /// The exit code, when the program cannot be started; it is told why.
    pub fn begin(watch: Arc<Watch>, url: &str, port: u16) -> Result<Self, u8> {
        let words = &watch.script.command;
        let program = match words.first() {
            None => None,
            Some(name) => match Program::start(words, url, port) {
                Ok(program) => Some(program),
                Err(error) => {
                    let name = name.to_string_lossy();
                    say(&format!("hookglass: the command `{name}` cannot be started: {error}."));
                    return Err(code::USAGE);
                }
            },
        };
        Ok(Self { watch, begun: Instant::now(), program, ended: None, timed_out: false })
    }

    /// Waits until the run is over: enough came, the time is up, the program has ended. May be dropped
    /// and called again.
    pub async fn over(&mut self) {
        let deadline = self.watch.script.timeout.map(|timeout| self.begun + timeout);
        let up = async {
            match deadline {
                Some(deadline) => sleep_until(deadline).await,
                None => pending().await,
            }
        };
        tokio::pin!(up);
        if let Some(program) = &mut self.program {
            tokio::select! {
                status = program.ended() => {
                    self.ended = Some(status.map_or(code::UNUSABLE, child::code));
                }
                () = &mut up => {
                    say("hookglass: the time is up: the command is ended.");
                    program.stop().await;
                    (self.ended, self.timed_out) = (Some(code::FAILED), true);
                }
            }
            self.program = None;
            // What it set going may still come.
            if self.timed_out || self.watch.script.count.is_none() || deadline.is_none() {
                return;
            }
        }
        let reached = self.watch.reached.clone();
        tokio::select! {
            () = reached.cancelled() => {}
            () = up => self.timed_out = true,
        }
    }

    /// Waits for what is under way, before the last capture is written. `hurry` after a signal.
    pub async fn settle(&self, store: &Store, hurry: bool) {
        if self.watch.script.watches() && !hurry {
            self.watch.settle(store, FORWARDS).await;
        }
    }

    /// Tells how it ended, and the exit code. `written` is the code of whatever else went wrong.
    pub async fn end(self, written: u8) -> u8 {
        let script = &self.watch.script;
        if !script.sums_up() {
            return written;
        }
        let left = script.timeout.map(|timeout| timeout.saturating_sub(self.begun.elapsed()).max(COMMANDS));
        let took = self.begun.elapsed();
        let commands = self.watch.finish_commands(left).await;
        let ending = Ending { took, commands, timed_out: self.timed_out };
        let held = verdict::tell(&self.watch, &ending);
        match (self.ended, held, written) {
            (Some(code), ..) if code != code::DONE => code,
            (_, held, code::DONE) => held,
            (_, _, written) => written,
        }
    }
}
