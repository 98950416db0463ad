//! What the commands beside `listen` have in common: where secrets are, and which configuration counts.

use clap::Args;

use crate::{
    cli::{Flags, World, load, outside, report},
    engine::{
        run::code,
        setup::{self, Inputs},
    },
};

/// The flags that these commands share with `listen`.
#[derive(Args, Clone, Debug, Default)]
pub struct Shared {
    /// Where a provider's secret is, such as stripe=env:MY_SECRET or github=file:secret.txt; the provider
    /// may be left out where the command names it; repeatable. Never the secret itself
    #[arg(short, long, value_name = "[PROVIDER=]SOURCE")]
    pub secret: Vec<String>,

    /// The configuration [default: ./hookglass.toml, then hookglass/hookglass.toml in the user's
    /// configuration directory]
    #[arg(short, long, value_name = "FILE")]
    pub config: Option<String>,
}

impl Shared {
    /// These flags with those before the command. `provider` is who a secret without a name belongs to.
    pub(super) fn flags(self, before: Flags, provider: Option<&str>) -> Flags {
        let kinds = ["env:", "file:", "command:", "keyring:"];
        let named = |text: String| match provider {
            Some(id) if kinds.iter().any(|kind| text.starts_with(kind)) => format!("{id}={text}"),
            _ => text,
        };
        let secret = self.secret.into_iter().map(named).collect();
        // These commands write in their own way, whatever the terminal is.
        let output = Some("quiet".to_owned());
        before.joined(Flags { secret, config: self.config, output, ..Flags::default() })
    }
}

/// Reads the configuration and all secrets. What stops that is told, and comes back as an exit code;
/// what is worth a warning is told.
pub(super) fn open(flags: &Flags) -> Result<(Inputs, setup::Loaded), u8> {
    let env = |name: &str| std::env::var(name).ok();
    let world = World { env: &env, ..outside() };
    let inputs = Inputs::from(load(flags, &world).map_err(|problems| {
        report::problems(&problems);
        code::USAGE
    })?);
    let loaded = setup::load(&inputs).map_err(|problems| {
        problems.iter().for_each(|problem| {
            report::fault(problem);
        });
        code::USAGE
    })?;
    loaded.problems.iter().for_each(|problem| report::line(problem));
    Ok((inputs, loaded))
}
