//! The executable. Everything that can be tested is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    hookglass::cli::run()
}
