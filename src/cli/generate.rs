//! `hookglass completions` and `hookglass man`: texts made from the table of flags.

use clap::Args;
use clap_complete::Shell;

use crate::{
    cli::{
        command,
        report::{self, fault},
    },
    engine::run::code,
};

/// The arguments of `completions`.
#[derive(Args, Clone, Debug)]
#[command(after_help = "\
Examples:
  hookglass completions bash > ~/.local/share/bash-completion/completions/hookglass
  hookglass completions zsh  > ~/.zfunc/_hookglass
  hookglass completions fish > ~/.config/fish/completions/hookglass.fish")]
pub struct Completions {
    /// bash, zsh, fish, powershell or elvish
    #[arg(value_name = "SHELL")]
    pub shell: String,
}

impl Completions {
    pub(super) fn run(&self) -> Result<u8, u8> {
        let shell: Shell = self
            .shell
            .parse()
            .map_err(|_| fault("SHELL: this must be one of bash, zsh, fish, powershell, elvish"))?;
        let mut out = Vec::new();
        clap_complete::generate(shell, &mut command(), "hookglass", &mut out);
        report::data(&out)?;
        Ok(code::DONE)
    }
}

/// Prints the manual page in roff, for `man -l -` or a folder `man1`.
pub(super) fn man() -> Result<u8, u8> {
    let mut out = Vec::new();
    clap_mangen::Man::new(command()).render(&mut out).map_err(|_| fault("the manual page cannot be made"))?;
    report::data(&out)?;
    Ok(code::DONE)
}
