//! `hookglass doctor`: what is odd about clock, port, configuration and secrets, and why do signatures fail?

use std::cell::RefCell;

use clap::Args;

use crate::{
    cli::{
        Flags, Shared, World, load, outside,
        report::{self, fault},
    },
    config::{Problem, Settings},
    domain::{capture::CaptureId, record::Row, text::visible},
    engine::{
        ears,
        lab::{
            autopsy,
            doctor::{self, Item, Level},
            input, kept,
        },
        output::json,
        rules::Rules,
        run::code,
        setup::{self, Inputs},
    },
};

/// The arguments of `doctor`.
#[derive(Args, Clone, Debug)]
#[command(
    after_help = "Examples:\n  hookglass doctor\n  hookglass doctor stripe\n  hookglass -o json > seen.jsonl, and later hookglass doctor --from seen.jsonl\n\nExit code: 0 when everything works, 1 when something does not. Secrets are never shown."
)]
pub struct Doctor {
    /// Tell only what this word occurs in, such as stripe, port or secret
    #[arg(value_name = "FILTER")]
    pub filter: Option<String>,

    /// Captures to look at in place of those of the session file, as --output json writes them; - for
    /// standard input: why their signatures fail, which secret signed which, and whether the clocks agree
    #[arg(long, value_name = "FILE")]
    pub from: Option<String>,

    /// The session file whose captures are looked at [default: the one in the user's state directory]
    #[arg(long, value_name = "FILE")]
    pub session: Option<String>,

    /// Print each finding as one JSON object
    #[arg(long)]
    pub json: bool,

    /// Which configuration counts.
    #[command(flatten)]
    pub shared: Shared,
}

impl Doctor {
    pub(super) fn run(self, before: Flags) -> Result<u8, u8> {
        let mut flags = self.shared.flags(before, None);
        flags.session = self.session.or(flags.session);
        let mut items = examine(&flags, self.from.as_deref())?;
        if let Some(word) = &self.filter {
            items.retain(|item| item.is_about(word));
            if items.is_empty() {
                return Err(fault("FILTER: nothing that is looked at has this word"));
            }
        }
        let count = |level| items.iter().filter(|item| item.level == level).count();
        let (bad, odd) = (count(Level::Bad), count(Level::Odd));
        let mut out = Vec::new();
        for item in &items {
            if self.json {
                json::check_line(item.topic, item.level.as_str(), &item.text, &mut out);
            } else {
                let text = visible(item.text.as_bytes());
                out.extend_from_slice(
                    format!("{:<8} {:<9} {text}\n", item.level.as_str(), item.topic).as_bytes(),
                );
            }
        }
        if !self.json {
            let summary = match (bad, odd) {
                (0, 0) => "Everything is as it should be.".to_owned(),
                (0, odd) => format!("It works; {} to look at.", counted(odd, "warning")),
                (bad, odd) => format!("{} and {}.", counted(bad, "problem"), counted(odd, "warning")),
            };
            out.extend_from_slice(format!("\n{summary}\n").as_bytes());
        }
        report::data(&out)?;
        Ok(if bad == 0 { code::DONE } else { code::FAILED })
    }
}

fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

fn examine(flags: &Flags, from: Option<&str>) -> Result<Vec<Item>, u8> {
    let program = std::env::current_exe().and_then(std::fs::metadata).and_then(|file| file.modified());
    let mut items = vec![doctor::clock(ears::now(), program.ok())];
    let env = |name: &str| std::env::var(name).ok();
    let world = World { env: &env, ..outside() };
    let path = std::env::var_os("PATH");
    let loaded = match load(flags, &world) {
        Ok(loaded) => loaded,
        Err(problems) => {
            let settings = Settings::default();
            items.push(doctor::port(settings.listen.socket()));
            items.extend(problems.iter().map(of_problem));
            return Ok(items);
        }
    };
    let settings = &loaded.settings;
    items.push(doctor::port(settings.listen.socket()));
    items.extend(doctor::configuration(settings, loaded.config_file.as_deref()));
    items.extend(loaded.warnings.iter().map(of_problem));
    let dotenv =
        if loaded.dotenv.is_empty() { "there is no .env with variables here" } else { ".env is read" };
    items.push(Item::new("config", Level::Good, dotenv));
    let tunnel = doctor::tunnel(settings, path.as_deref());
    let inputs = Inputs { warnings: Vec::new(), ..Inputs::from(loaded) };
    match setup::load(&inputs) {
        Ok(found) => {
            let told = found
                .problems
                .iter()
                .map(|text| Item::new("config", Level::Odd, text.strip_prefix("warning: ").unwrap_or(text)));
            items.extend(told);
            items.extend(doctor::secrets(&found.rules));
            match from {
                Some(from) => {
                    let told = |why: String| fault(&format!("--from: {why}"));
                    let text = input::read(Some(from), &inputs.dir).map_err(told)?;
                    let records = autopsy::read(&found.rules, &text).map_err(told)?;
                    items.extend(autopsy::autopsy(&found.rules, records));
                }
                None => items.extend(of_session(&inputs, &found.rules)),
            }
        }
        Err(errors) => items.extend(errors.iter().map(|error| {
            let odd = error.strip_prefix("warning: ");
            let level = if odd.is_some() { Level::Odd } else { Level::Bad };
            Item::new("config", level, odd.unwrap_or(error))
        })),
    }
    items.push(tunnel);
    Ok(items)
}

/// What the newest captures of the session file tell, and the state of the file.
fn of_session(inputs: &Inputs, rules: &Rules) -> Vec<Item> {
    /// So many captures, none of them larger than this, are checked anew: well under a second.
    const NEWEST: usize = 2_000;
    const LARGEST: u64 = 1 << 20;
    let named = inputs.settings.session.file.is_some();
    let reader = match kept::open(&inputs.settings) {
        Ok(reader) => reader,
        Err(why) => return vec![Item::new("session", if named { Level::Bad } else { Level::Good }, why)],
    };
    let rows = match reader.rows() {
        Ok(rows) => rows,
        Err(error) => return vec![Item::new("session", Level::Bad, error.to_string())],
    };
    let signed = |row: &&Row| row.summary.provider.is_some() && row.summary.size <= LARGEST;
    let ids: Vec<CaptureId> =
        rows.iter().rev().filter(signed).take(NEWEST).map(|row| row.summary.id).collect();
    let text = format!(
        "{} in the session file; the newest {} with a known sender are checked anew",
        counted(rows.len(), "capture"),
        ids.len()
    );
    let mut items = vec![Item::new("session", Level::Good, text)];
    items.extend(reader.notices().iter().map(|notice| Item::new("session", Level::Odd, notice)));
    let damaged = RefCell::new(Vec::new());
    if !ids.is_empty() {
        let tell = |why: String| damaged.borrow_mut().push(why);
        items.extend(autopsy::autopsy(rules, kept::records(&reader, &ids, &tell)));
    }
    items.extend(damaged.into_inner().into_iter().map(|why| Item::new("session", Level::Bad, why)));
    items
}

fn of_problem(problem: &Problem) -> Item {
    let level = if problem.is_error() { Level::Bad } else { Level::Odd };
    let text = problem.to_string();
    Item::new("config", level, text.strip_prefix("warning: ").unwrap_or(&text))
}
