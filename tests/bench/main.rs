//! What users feel, measured: `cargo bench`, or one of them by name: `cargo bench -- ingest`.
//!
//! Each prints figures and judges nothing: machines differ, so compare the ratios within one run.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a program that measures and prints"
)]

mod archive;
mod diagnose;
mod filter;
mod frame;
mod ingest;
mod load;
#[cfg(target_os = "linux")]
mod process;
mod session;
mod verify;
mod whatif;

fn main() {
    let chosen: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let all: &[(&str, fn())] = &[
        // First, because starting a process takes longer the more memory this one has.
        #[cfg(target_os = "linux")]
        ("start", process::start),
        #[cfg(target_os = "linux")]
        ("idle", process::idle),
        #[cfg(target_os = "linux")]
        ("memory", process::memory),
        #[cfg(target_os = "linux")]
        ("keys", process::keys),
        ("archive", archive::run),
        ("diagnose", diagnose::run),
        ("filter", filter::run),
        ("frame", frame::run),
        ("ingest", ingest::run),
        ("session", session::run),
        ("verify", verify::run),
        ("whatif", whatif::run),
    ];
    // Only by its name: it measures nothing that the others do not.
    if chosen == ["hot"] {
        ingest::hot();
    }
    for (name, run) in all {
        if chosen.is_empty() || chosen.iter().any(|word| word == name) {
            println!("\n== {name}");
            run();
        }
    }
}
