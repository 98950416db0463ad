//! The program as a whole process: start, idleness, memory, and how soon a key shows while requests
//! pour in. Linux, because it reads /proc. `cargo bench -- process`

use std::{
    collections::BTreeMap,
    fs,
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
        mpsc,
    },
    thread,
    time::{Duration, Instant},
};

use crate::load;
use portable_pty::{CommandBuilder, PtySize, native_pty_system};

const EXE: &str = env!("CARGO_BIN_EXE_hookglass");

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn quiet(port: u16, more: &[&str]) -> Child {
    let mut command = Command::new(EXE);
    command.args(["--ephemeral", "--output", "quiet", "--port", &port.to_string()]).args(more);
    command.current_dir(std::env::temp_dir()).stdin(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

fn wait_for(address: SocketAddr) {
    while TcpStream::connect(address).is_err() {
        thread::yield_now();
    }
}

/// A number of a line of /proc/PID/status.
fn status(pid: u32, name: &str) -> u64 {
    let text = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = text.lines().find(|line| line.starts_with(name)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// How often each thread of a process went to sleep so far, by its number and name.
fn sleeps(pid: u32) -> BTreeMap<String, u64> {
    let tasks = fs::read_dir(format!("/proc/{pid}/task")).unwrap().map(|task| task.unwrap());
    tasks
        .filter_map(|task| {
            let text = fs::read_to_string(task.path().join("status")).ok()?;
            let line = text.lines().find(|line| line.starts_with("voluntary_ctxt_switches"))?;
            let name = text.lines().next()?.split_whitespace().nth(1)?;
            let thread = format!("{} {name}", task.file_name().into_string().ok()?);
            Some((thread, line.split_whitespace().nth(1)?.parse().ok()?))
        })
        .collect()
}

/// The program in a pseudo-terminal. Each chunk of output is told with the time of its arrival.
struct Screen {
    child: Box<dyn portable_pty::Child + Send + Sync>,
    keys: Box<dyn Write + Send>,
    output: mpsc::Receiver<(Instant, Vec<u8>)>,
    _master: Box<dyn portable_pty::MasterPty + Send>,
}

fn screen(port: u16) -> Screen {
    let pair = native_pty_system()
        .openpty(PtySize { rows: 60, cols: 200, pixel_width: 0, pixel_height: 0 })
        .unwrap();
    let mut command = CommandBuilder::new(EXE);
    command.cwd(std::env::temp_dir());
    command.env("TERM", "xterm-256color");
    command.args(["--ephemeral", "--port", &port.to_string()]);
    let child = pair.slave.spawn_command(command).unwrap();
    drop(pair.slave);
    let mut reader = pair.master.try_clone_reader().unwrap();
    let (told, output) = mpsc::channel();
    thread::spawn(move || {
        let mut buffer = vec![0; 65_536];
        while let Ok(read) = reader.read(&mut buffer) {
            if read == 0 || told.send((Instant::now(), buffer[..read].to_vec())).is_err() {
                return;
            }
        }
    });
    let keys = pair.master.take_writer().unwrap();
    Screen { child, keys, output, _master: pair.master }
}

impl Screen {
    fn end(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

pub(crate) fn start() {
    let (mut accepted, mut drawn) = (Vec::new(), Vec::new());
    for _ in 0..15 {
        let port = free_port();
        let begun = Instant::now();
        let mut child = quiet(port, &[]);
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        loop {
            if let Ok(mut stream) = TcpStream::connect(address) {
                stream.write_all(b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n").unwrap();
                let read = stream.read(&mut [0; 256]).unwrap();
                assert!(read > 0);
                break;
            }
            thread::yield_now();
        }
        accepted.push(begun.elapsed().as_secs_f64() * 1e3);
        child.kill().unwrap();
        child.wait().unwrap();

        let begun = Instant::now();
        let screen = screen(free_port());
        let mut seen = Vec::new();
        let at = loop {
            let (at, bytes) = screen.output.recv().unwrap();
            seen.extend(bytes);
            if memchr::memmem::find(&seen, b"http://127").is_some() {
                break at;
            }
        };
        drawn.push((at - begun).as_secs_f64() * 1e3);
        screen.end();
    }
    println!("start to first request answered   median {:5.1} ms (goal 20)", load::median(accepted));
    println!("start to first frame              median {:5.1} ms (goal 60)", load::median(drawn));
}

pub(crate) fn idle() {
    let port = free_port();
    let screen = screen(port);
    let address = SocketAddr::from(([127, 0, 0, 1], port));
    wait_for(address);
    load::send_all(address, &load::github_event(8_000, b"x"), 1_000);
    // The connections' tasks end and the last frame is drawn before the count begins.
    thread::sleep(Duration::from_secs(2));
    let pid = screen.child.process_id().unwrap();
    let before = sleeps(pid);
    thread::sleep(Duration::from_secs(10));
    let mut woken: Vec<_> = sleeps(pid)
        .into_iter()
        .map(|(task, count)| (count - before.get(&task).unwrap_or(&0), task))
        .collect();
    let sum: u64 = woken.iter().map(|(count, _)| count).sum();
    println!("idle, with a screen               {:5.1} wakeups a second (goal 1)", sum as f64 / 10.0);
    woken.retain(|(count, _)| *count > 0);
    woken.iter().for_each(|(count, task)| println!("    {count:>4} in 10 s by thread {task}"));
    screen.end();
}

pub(crate) fn memory() {
    for size in [1_500, 8_000] {
        let port = free_port();
        let mut child =
            quiet(port, &["--config", config("[memory]\nkeep = \"4 GiB\"\ncaptures = 1000000\n").as_str()]);
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        wait_for(address);
        let request = load::github_event(size, b"x");
        let empty = status(child.id(), "VmRSS") * 1_024;
        let count = 100_000;
        load::send_all(address, &request, count);
        let grown = status(child.id(), "VmRSS") * 1_024 - empty;
        println!(
            "memory, {count} x {:>5} B          {:.3} of the bytes kept and {:.1} MB when empty: {:.3} with 20 MB off (goal 1.15)",
            request.len(),
            grown as f64 / (count * request.len()) as f64,
            empty as f64 / 1e6,
            (grown + empty).saturating_sub(20_000_000) as f64 / (count * request.len()) as f64,
        );
        child.kill().unwrap();
        child.wait().unwrap();
    }
    capped();
}

/// Sizes that change all the time under a limit: what the limit promises, and what the system sees.
fn capped() {
    let limit = 128 << 20;
    let port = free_port();
    let mut child =
        quiet(port, &["--config", config("[memory]\nkeep = \"128 MiB\"\ncaptures = 10000000\n").as_str()]);
    let address = SocketAddr::from(([127, 0, 0, 1], port));
    wait_for(address);
    for (size, count) in
        [(200, 300_000), (20_000, 10_000), (1_500, 150_000), (1_000_000, 300), (200, 300_000)]
    {
        load::send_all(address, &load::github_event(size, b"x"), count);
        let resident = status(child.id(), "VmRSS") * 1_024;
        println!(
            "memory, 128 MiB full of {size:>7} B   {:.3} of the limit with 20 MB off (goal 1.15)",
            resident.saturating_sub(20_000_000) as f64 / f64::from(limit),
        );
    }
    child.kill().unwrap();
    child.wait().unwrap();
}

fn config(text: &str) -> String {
    let path = std::env::temp_dir().join(format!("hookglass-bench-{}.toml", std::process::id()));
    fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

/// Sends at a steady rate whatever the answers do, and counts them.
fn pour(
    address: SocketAddr,
    rate: u64,
    stop: &Arc<AtomicBool>,
    answered: &Arc<AtomicU64>,
) -> thread::JoinHandle<u64> {
    let (stop, answered) = (Arc::clone(stop), Arc::clone(answered));
    thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async move {
            let request: Arc<[u8]> = load::github_event(8_000, b"x").into();
            let sent = Arc::new(AtomicU64::new(0));
            let begun = Instant::now();
            let tasks: Vec<_> = (0..load::CONNECTIONS)
                .map(|_| {
                    let (request, sent, stop, answered) =
                        (Arc::clone(&request), Arc::clone(&sent), Arc::clone(&stop), Arc::clone(&answered));
                    tokio::spawn(async move {
                        let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
                        stream.set_nodelay(true).unwrap();
                        while !stop.load(Ordering::Relaxed) {
                            let due = (begun.elapsed().as_secs_f64() * rate as f64) as u64;
                            if sent.load(Ordering::Relaxed) >= due {
                                tokio::time::sleep(Duration::from_millis(1)).await;
                                continue;
                            }
                            sent.fetch_add(1, Ordering::Relaxed);
                            load::exchange(&mut stream, &request).await;
                            answered.fetch_add(1, Ordering::Relaxed);
                        }
                    })
                })
                .collect();
            for task in tasks {
                task.await.unwrap();
            }
            sent.load(Ordering::Relaxed)
        })
    })
}

pub(crate) fn keys() {
    for rate in [0, 5_000, 20_000] {
        let port = free_port();
        let mut screen = screen(port);
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        wait_for(address);
        load::send_all(address, &load::github_event(8_000, b"x"), 500);
        thread::sleep(Duration::from_millis(300));
        let mut terminal = vt100::Parser::new(60, 200, 0);
        // Leave following, so that what changes on the screen is what the key changed.
        screen.keys.write_all(b"g").unwrap();
        let (stop, answered) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
        let pouring = (rate > 0).then(|| pour(address, rate, &stop, &answered));
        thread::sleep(Duration::from_millis(500));
        let (mut delays, mut missed, begun) = (Vec::new(), 0, Instant::now());
        for number in 0..200 {
            // The help lies over everything: it is there or it is not, whatever else changes.
            let open = number % 2 == 0;
            let pressed = Instant::now();
            screen.keys.write_all(if open { b"?" } else { b"q" }).unwrap();
            let late = pressed + Duration::from_secs(2);
            let shown = loop {
                let left = late.saturating_duration_since(Instant::now());
                let Ok((at, bytes)) = screen.output.recv_timeout(left) else { break None };
                terminal.process(&bytes);
                if terminal.screen().contents().contains("Help") == open {
                    break Some(at);
                }
            };
            match shown {
                Some(at) => delays.push(at.saturating_duration_since(pressed).as_secs_f64() * 1e3),
                None => missed += 1,
            }
            let pause = Instant::now() + Duration::from_millis(20);
            while let Ok((_, bytes)) =
                screen.output.recv_timeout(pause.saturating_duration_since(Instant::now()))
            {
                terminal.process(&bytes);
            }
        }
        let took = begun.elapsed().as_secs_f64() + 0.5;
        stop.store(true, Ordering::Relaxed);
        let sent = pouring.map_or(0, |pouring| pouring.join().unwrap());
        delays.sort_by(f64::total_cmp);
        let at = |part: usize| delays.get(delays.len() * part / 100).copied().unwrap_or(f64::NAN);
        println!(
            "key to screen at {rate:>6} req/s       p50 {:4.1} ms, p99 {:5.1} ms (goal 40), {missed} not within 2 s; {:.0} req/s came, {} of {sent} not answered",
            at(50),
            at(99),
            sent as f64 / took,
            sent - answered.load(Ordering::Relaxed),
        );
        screen.end();
    }
}
