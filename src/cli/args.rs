//! The flags and their help.
//!
//! Values are texts here and are checked later, together with everything else: so all problems are
//! told at once, and none of them repeats a value, as the messages of the argument parser would.

use std::ffi::OsString;

use clap::{Args, CommandFactory, Parser, Subcommand};

use crate::cli::{
    doctor::Doctor, generate::Completions, providers::Providers, send::Send, sign::Sign, variable,
    verify::Verify,
};

/// A terminal webhook inspector: captures webhooks, says whether their signatures are right, shows
/// them live and sends them again.
#[derive(Clone, Debug, Parser)]
#[command(
    name = "hookglass",
    version,
    max_term_width = 110,
    override_usage = "hookglass [listen] [OPTIONS] [TARGET] [-- COMMAND …]\n       hookglass COMMAND [OPTIONS] …",
    after_help = EXAMPLES
)]
pub struct Cli {
    /// What to do; `listen` when nothing is said.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// The flags of `listen`, which may stand before its name or without it.
    #[command(flatten)]
    pub flags: Flags,
}

/// What to do.
#[derive(Clone, Debug, Subcommand)]
pub enum Command {
    /// Capture and show (the default)
    #[command(after_help = EXAMPLES)]
    Listen(Flags),
    /// Check the signature of one request: raw HTTP, a curl command, HAR, or a line of --output json
    Verify(Verify),
    /// Print the headers that a correct sender would send
    Sign(Sign),
    /// Send a signed sample event to a handler, or a wrong one on purpose
    Send(Send),
    /// List the providers that are known, or explain one
    Providers(Providers),
    /// Look at clock, port, configuration and secrets
    Doctor(Doctor),
    /// Print the completions of a shell
    Completions(Completions),
    /// Print the manual page
    Man,
}

/// The flags of `listen`.
#[derive(Args, Clone, Debug, Default)]
pub struct Flags {
    /// Where to send each capture on to: a port or a URL, such as 3000 or http://localhost:3000/hooks
    #[arg(value_name = "TARGET")]
    pub target: Option<String>,

    /// The port to listen on; 0 picks a free one [default: 7878]
    #[arg(short, long, value_name = "N")]
    pub port: Option<String>,

    /// The address to listen on, such as 0.0.0.0 for all networks [default: 127.0.0.1]
    #[arg(long, value_name = "ADDR")]
    pub bind: Option<String>,

    /// Where to send each capture on to, like TARGET; repeatable
    #[arg(short, long, value_name = "URL")]
    pub forward_to: Vec<String>,

    /// Where a provider's secret is, such as stripe=env:MY_SECRET, github=file:secret.txt or
    /// slack="command:pass show slack"; repeatable. Never the secret itself
    #[arg(short, long, value_name = "PROVIDER=SOURCE")]
    pub secret: Vec<String>,

    /// The configuration [default: ./hookglass.toml, then hookglass/hookglass.toml in the user's
    /// configuration directory]
    #[arg(short, long, value_name = "FILE")]
    pub config: Option<String>,

    /// Keep nothing after the end: no session file
    #[arg(long)]
    pub ephemeral: bool,

    /// What to write: tui, text, json or quiet [default: tui on a terminal, else text]
    #[arg(short, long, value_name = "FORMAT")]
    pub output: Option<String>,

    /// Show, print and count only what matches, such as provider:stripe or "sig:invalid path:/hooks"
    #[arg(long, value_name = "EXPR")]
    pub filter: Option<String>,

    /// End after N matching captures; exit code 1 if they did not come
    #[arg(long, value_name = "N")]
    pub count: Option<String>,

    /// End after this time, such as 30s; exit code 1 if what --count or --expect wait for did not come
    #[arg(long, value_name = "TIME")]
    pub timeout: Option<String>,

    /// What every matching capture must fulfil, such as sig:valid; exit code 1 if one does not, or none
    /// came; repeatable
    #[arg(long, value_name = "EXPR")]
    pub expect: Vec<String>,

    /// Write a JUnit report: one test case for each matching capture and expectation
    #[arg(long, value_name = "FILE")]
    pub junit: Option<String>,

    /// Run a shell command for each matching capture: the body on its stdin, the facts in its
    /// environment (HOOKGLASS_ID, HOOKGLASS_METHOD, HOOKGLASS_TARGET, HOOKGLASS_EVENT, ...)
    #[arg(long, value_name = "COMMAND")]
    pub exec: Option<String>,

    /// The theme of the interface, such as dark, light or mono
    #[arg(long, value_name = "NAME")]
    pub theme: Option<String>,

    /// Draw with ASCII characters alone
    #[arg(long)]
    pub ascii: bool,

    /// Use the mouse in the interface
    #[arg(long)]
    pub mouse: bool,

    /// Use no colours, as NO_COLOR does
    #[arg(long)]
    pub no_color: bool,

    /// A program to run while hookglass listens, with HOOKGLASS_URL and HOOKGLASS_PORT in its
    /// environment: hookglass ends with it and with its exit code
    #[arg(last = true, value_name = "COMMAND")]
    pub command: Vec<OsString>,
}

const EXAMPLES: &str = "\
Examples:
  hookglass                          capture on http://127.0.0.1:7878
  hookglass 3000                     ... and send everything on to localhost:3000
  hookglass -p 9000 -f http://localhost:3000/hooks
  hookglass -s stripe=env:STRIPE_WEBHOOK_SECRET
  hookglass -o json | jq .signature.verdict
  hookglass --count 1 --timeout 30s --expect sig:valid --junit webhooks.xml
  hookglass -p 0 --expect sig:valid -- npm test

Secrets under their usual names (STRIPE_WEBHOOK_SECRET, ...) in the environment or in .env are found
without being asked for. Flags come before variables, and variables before the configuration file.
Several values in one variable are separated by commas.";

impl Cli {
    /// The flags, wherever they stand.
    #[must_use]
    pub fn flags(self) -> Flags {
        match self.command {
            Some(Command::Listen(after)) => self.flags.joined(after),
            _ => self.flags,
        }
    }
}

impl Flags {
    /// The flags before and after a command together; the later one wins.
    pub(super) fn joined(mut self, after: Self) -> Self {
        self.forward_to.extend(after.forward_to);
        self.secret.extend(after.secret);
        self.expect.extend(after.expect);
        Self {
            target: after.target.or(self.target),
            port: after.port.or(self.port),
            bind: after.bind.or(self.bind),
            forward_to: self.forward_to,
            secret: self.secret,
            config: after.config.or(self.config),
            ephemeral: self.ephemeral || after.ephemeral,
            output: after.output.or(self.output),
            theme: after.theme.or(self.theme),
            ascii: self.ascii || after.ascii,
            mouse: self.mouse || after.mouse,
            no_color: self.no_color || after.no_color,
            filter: after.filter.or(self.filter),
            count: after.count.or(self.count),
            timeout: after.timeout.or(self.timeout),
            expect: self.expect,
            junit: after.junit.or(self.junit),
            exec: after.exec.or(self.exec),
            command: if after.command.is_empty() { self.command } else { after.command },
        }
    }
}

/// The command line with the variable of each flag in its help.
#[must_use]
pub fn command() -> clap::Command {
    let named = |command: clap::Command| {
        command.mut_args(|arg| match arg.get_long() {
            Some(long) if !matches!(long, "help" | "version") => {
                let help =
                    format!("{} [env:{}]", arg.get_help().cloned().unwrap_or_default(), variable(long));
                arg.help(help)
            }
            _ => arg,
        })
    };
    // The other commands share two flags with `listen`; their own are about one request.
    let shared = |command: clap::Command| {
        command.mut_args(|arg| match arg.get_long() {
            Some(long @ ("secret" | "config")) => {
                let help = arg.get_help().cloned().unwrap_or_default();
                let help = format!("{help} [env:{}]", variable(long));
                arg.help(help)
            }
            _ => arg,
        })
    };
    let mut whole = named(Cli::command()).mut_subcommand("listen", named);
    for name in ["verify", "sign", "send", "providers", "doctor"] {
        whole = whole.mut_subcommand(name, shared);
    }
    whole
}

#[cfg(test)]
mod tests {
    use clap::FromArgMatches;

    use super::*;

    fn flags(words: &[&str]) -> Flags {
        let words = std::iter::once("hookglass").chain(words.iter().copied());
        Cli::from_arg_matches(&command().try_get_matches_from(words).unwrap()).unwrap().flags()
    }

    #[test]
    fn the_definition_is_sound() {
        command().debug_assert();
    }

    #[test]
    fn listen_may_be_said_or_not() {
        for words in [
            &["3000", "-p", "1", "-f", "a", "-f", "b", "--ascii"][..],
            &["listen", "3000", "-p", "1", "-f", "a", "-f", "b", "--ascii"],
            &["-p", "1", "-f", "a", "listen", "3000", "-f", "b", "--ascii"],
            &["-p", "9", "--ascii", "listen", "-p", "1", "-fa", "-fb", "3000"],
        ] {
            let flags = flags(words);
            assert_eq!(flags.target.as_deref(), Some("3000"), "{words:?}");
            assert_eq!(flags.port.as_deref(), Some("1"), "{words:?}");
            assert_eq!(flags.forward_to, ["a", "b"], "{words:?}");
            assert!(flags.ascii && !flags.mouse, "{words:?}");
        }
    }

    #[test]
    fn flags_of_later_versions_are_refused() {
        assert!(command().try_get_matches_from(["hookglass", "--session=x"]).is_err());
    }
}
