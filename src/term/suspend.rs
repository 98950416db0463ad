//! Ctrl-Z and back.

/// Stops this process and its group until it is continued, as a shell's job control expects it. The
/// terminal has to be given back before. Does nothing where there is no job control.
#[cfg(unix)]
pub fn stop() {
    // The whole group, so that a parent such as `cargo run` stops with us and the shell sees it.
    let _ = rustix::process::kill_current_process_group(rustix::process::Signal::STOP);
}

/// Does nothing: this system has no job control.
#[cfg(not(unix))]
pub fn stop() {}
