//! `hookglass providers`: what is known of a provider.

use clap::Args;

use crate::{
    cli::{
        Flags, Shared,
        report::{self, fault},
        shared,
    },
    domain::text::visible,
    engine::{
        lab::{provider, providers},
        run::code,
    },
};

/// The arguments of `providers`.
#[derive(Args, Clone, Debug)]
pub struct Providers {
    /// Explain this one: how it signs, where, and where its secret is looked for
    #[arg(value_name = "NAME")]
    pub name: Option<String>,

    /// Which configuration counts.
    #[command(flatten)]
    pub shared: Shared,
}

impl Providers {
    pub(super) fn run(self, before: Flags) -> Result<u8, u8> {
        let (_, loaded) = shared::open(&self.shared.flags(before, None))?;
        let catalog = &loaded.rules.catalog;
        let text = match &self.name {
            None => providers::table(catalog),
            Some(name) => {
                let found = provider(catalog, name).map_err(|why| fault(&format!("NAME: {why}")))?;
                format!("{}\n", providers::describe(found))
            }
        };
        // A name of the user's own configuration could hold anything.
        let lines: Vec<String> = text.lines().map(|line| visible(line.as_bytes()).into_owned()).collect();
        report::data(format!("{}\n", lines.join("\n")).as_bytes())?;
        Ok(code::DONE)
    }
}
