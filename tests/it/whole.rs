//! The real loop of the interface on a fake terminal: real requests in, keys in, the screen out.

use std::{
    sync::{Arc, Mutex, RwLock},
    time::Duration,
};

use data_encoding::HEXLOWER;
use futures_util::{Stream, StreamExt, stream};
use hmac::{Hmac, KeyInit, Mac};
use hookglass::{
    app::{Look, Model},
    config::{Settings, dotenv::Dotenv, key::Key, keymap::Keymap},
    engine::{
        ears::{Ears, now},
        effects::Effects,
        screen::{self, Face, Wakes},
        setup::{self, Inputs},
        signals::Asked,
    },
    term::input::Input,
    ui,
};
use ratatui::{
    Terminal,
    backend::{Backend, TestBackend},
};
use sha2::Sha256;
use tokio::sync::mpsc;

/// A terminal whose keys come from a test and whose clipboard it can read.
struct FakeFace {
    inputs: Arc<tokio::sync::Mutex<mpsc::UnboundedReceiver<Input>>>,
    copied: Arc<Mutex<Vec<Vec<u8>>>>,
    suspended: Arc<Mutex<u32>>,
}

impl Face for FakeFace {
    type Inputs = std::pin::Pin<Box<dyn Stream<Item = Input>>>;

    fn inputs(&mut self) -> Self::Inputs {
        let inputs = Arc::clone(&self.inputs);
        stream::unfold(inputs, |inputs| async move {
            let input = inputs.lock().await.recv().await?;
            Some((input, inputs))
        })
        .boxed_local()
    }

    fn no_inputs(&mut self) -> Self::Inputs {
        stream::pending().boxed_local()
    }

    fn suspend(&mut self) {
        *self.suspended.lock().unwrap() += 1;
    }

    fn mouse(&mut self, _: bool) {}

    fn copy(&mut self, text: &[u8]) -> Result<String, String> {
        self.copied.lock().unwrap().push(text.to_vec());
        Ok("test clipboard".to_owned())
    }
}

/// A backend whose cells can be read while the loop owns it.
#[derive(Clone)]
struct Shared(Arc<Mutex<TestBackend>>);

impl Backend for Shared {
    type Error = core::convert::Infallible;

    fn draw<'a, I: Iterator<Item = (u16, u16, &'a ratatui::buffer::Cell)>>(
        &mut self,
        content: I,
    ) -> Result<(), Self::Error> {
        self.0.lock().unwrap().draw(content)
    }
    fn hide_cursor(&mut self) -> Result<(), Self::Error> {
        self.0.lock().unwrap().hide_cursor()
    }
    fn show_cursor(&mut self) -> Result<(), Self::Error> {
        self.0.lock().unwrap().show_cursor()
    }
    fn get_cursor_position(&mut self) -> Result<ratatui::layout::Position, Self::Error> {
        self.0.lock().unwrap().get_cursor_position()
    }
    fn set_cursor_position<P: Into<ratatui::layout::Position>>(
        &mut self,
        position: P,
    ) -> Result<(), Self::Error> {
        self.0.lock().unwrap().set_cursor_position(position)
    }
    fn clear(&mut self) -> Result<(), Self::Error> {
        self.0.lock().unwrap().clear()
    }
    fn clear_region(&mut self, kind: ratatui::backend::ClearType) -> Result<(), Self::Error> {
        self.0.lock().unwrap().clear_region(kind)
    }
    fn size(&self) -> Result<ratatui::layout::Size, Self::Error> {
        self.0.lock().unwrap().size()
    }
    fn window_size(&mut self) -> Result<ratatui::backend::WindowSize, Self::Error> {
        self.0.lock().unwrap().window_size()
    }
    fn flush(&mut self) -> Result<(), Self::Error> {
        self.0.lock().unwrap().flush()
    }
}

/// The program but for its terminal.
struct Whole {
    address: std::net::SocketAddr,
    keys: mpsc::UnboundedSender<Input>,
    asked: mpsc::UnboundedSender<Asked>,
    cells: Shared,
    copied: Arc<Mutex<Vec<Vec<u8>>>>,
    suspended: Arc<Mutex<u32>>,
}

impl Whole {
    fn press(&self, keys: &str) {
        for key in Key::sequence(keys).unwrap() {
            self.keys.send(Input::Key(key)).unwrap();
        }
    }

    fn text(&self) -> String {
        self.cells.0.lock().unwrap().to_string()
    }

    async fn wait_for(&self, text: &str) -> String {
        let seen = async {
            loop {
                let screen = self.text();
                if screen.contains(text) {
                    return screen;
                }
                tokio::task::yield_now().await;
            }
        };
        match tokio::time::timeout(Duration::from_secs(10), seen).await {
            Ok(screen) => screen,
            Err(_) => panic!("{text:?} never came; the screen:\n{}", self.text()),
        }
    }

    async fn post(&self, target: &str, body: &str) {
        self.post_with(target, "", body).await;
    }

    async fn post_with(&self, target: &str, headers: &str, body: &str) {
        let request = format!(
            "POST {target} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n{headers}Content-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let address = self.address;
        tokio::task::spawn_blocking(move || {
            use std::io::{Read, Write};
            let mut stream = std::net::TcpStream::connect(address).unwrap();
            stream.write_all(request.as_bytes()).unwrap();
            stream.read_to_end(&mut Vec::new()).unwrap();
        })
        .await
        .unwrap();
    }
}

/// Runs a test against the real loop; the loop must end by itself when the test is over.
fn with_program<T: Future<Output = ()>>(test: impl FnOnce(Arc<Whole>) -> T) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let mut settings = Settings::default();
        settings.listen.port = 0;
        let inputs = Inputs {
            settings: settings.clone(),
            dotenv: Dotenv::default(),
            dotenv_file: ".env".into(),
            dir: ".".into(),
            warnings: Vec::new(),
        };
        let loaded = setup::load(&inputs).unwrap();
        let ears = Ears::open(setup::plan(&settings), loaded.rules, None).await.unwrap();
        let session = Arc::new(setup::session(&settings, &ears, Vec::new(), Vec::new()));
        let (keys, received) = mpsc::unbounded_channel();
        let (asked, asking) = mpsc::unbounded_channel();
        let (_news, news) = mpsc::unbounded_channel();
        let mut face = FakeFace {
            inputs: Arc::new(tokio::sync::Mutex::new(received)),
            copied: Arc::default(),
            suspended: Arc::default(),
        };
        let cells = Shared(Arc::new(Mutex::new(TestBackend::new(140, 40))));
        let whole = Arc::new(Whole {
            address: ears.addresses[0],
            keys,
            asked,
            cells: cells.clone(),
            copied: Arc::clone(&face.copied),
            suspended: Arc::clone(&face.suspended),
        });
        let mut terminal = Terminal::new(cells).unwrap();
        let effects = Effects {
            rules: Arc::clone(&ears.rules),
            forwarder: ears.forwarder.clone(),
            fetcher: ears.fetcher.clone(),
            session: Arc::new(RwLock::new(Arc::clone(&session))),
            library: ears.library.clone(),
            newest: Default::default(),
            dotenv_file: std::env::temp_dir().join("hookglass-no-such-folder/.env"),
            dir: std::path::PathBuf::from(env!("CARGO_TARGET_TMPDIR")),
        };
        let model = Model::new(session, ui::panes(), Arc::new(Keymap::builtin()), Look::default());
        let wakes = Wakes { changed: Arc::clone(&ears.changed), news, asked: asking, clock: Box::new(now) };
        let run = screen::run(&mut terminal, &mut face, model, ears.library.store(), wakes, &effects);
        let (ended, ()) = tokio::join!(run, test(whole));
        ended.unwrap();
        ears.close().await.unwrap();
    });
}

#[test]
fn requests_show_live_and_keys_walk_through_them() {
    with_program(|program| async move {
        program.wait_for("http://127.0.0.1:").await;
        program.post("/first", "{\"n\":1.10}").await;
        program.wait_for("/first").await;
        program.post("/second", "two").await;
        program.wait_for("/second").await;
        // Following shows the newest; going up leaves it, and a third request does not move the selection.
        program.press("k3");
        program.wait_for("1.10").await;
        program.post("/third", "three").await;
        program.wait_for("/third").await;
        assert!(program.text().contains("1.10"));
        program.press("q<esc>q");
        program.press("q");
    });
}

#[test]
fn a_signature_goes_stale_on_the_screen_by_itself() {
    with_program(|program| async move {
        program.wait_for("http://127.0.0.1:").await;
        // Two seconds before it is too old, so that the check on arrival is not too late on a busy machine.
        let signed = now().as_secs() - 298;
        let body = "{\"type\":\"invoice.paid\"}";
        let mut mac = Hmac::<Sha256>::new_from_slice(b"whsec_whole").unwrap();
        mac.update(format!("{signed}.{body}").as_bytes());
        let signature = HEXLOWER.encode(&mac.finalize().into_bytes());
        program.post_with("/stripe", &format!("Stripe-Signature: t={signed},v1={signature}\r\n"), body).await;
        program.press("4");
        // Nobody presses a key and nothing arrives: the loop wakes at that moment.
        program.wait_for("no longer young enough").await;
        program.press("<ctrl-c>");
    });
}

#[test]
fn copies_are_exact() {
    with_program(|program| async move {
        program.post("/copy?x=1", "b\u{1b}dy").await;
        program.wait_for("/copy?x=1").await;
        program.press("yb");
        program.wait_for("test clipboard").await;
        program.press("yu");
        let both = || program.copied.lock().unwrap().len() == 2;
        while !both() {
            tokio::task::yield_now().await;
        }
        let copied = program.copied.lock().unwrap().clone();
        assert_eq!(copied[0], "b\u{1b}dy".as_bytes());
        assert_eq!(copied[1], format!("http://{}/copy?x=1", program.address).as_bytes());
        program.press("<ctrl-c>");
    });
}

#[test]
fn ctrl_z_and_signals_reach_the_terminal() {
    with_program(|program| async move {
        program.wait_for("http://127.0.0.1:").await;
        program.press("<ctrl-z>");
        while *program.suspended.lock().unwrap() == 0 {
            tokio::task::yield_now().await;
        }
        program.post("/after", "").await;
        program.wait_for("/after").await;
        program.asked.send(Asked::End).unwrap();
    });
}

#[test]
fn an_export_is_a_private_file_that_is_never_written_over_unasked() {
    with_program(|program| async move {
        let name = "whole-export.jsonl";
        let path = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        let _ = std::fs::remove_file(&path);
        program.post("/a?token=canary", "{\"password\":\"canary\",\"n\":1.10}").await;
        program.wait_for("/a?token").await;
        program.press("x5");
        program.wait_for("JSON lines").await;
        program.press(&format!("<enter><ctrl-u>{name}<enter>"));
        program.wait_for("Exported 1 capture (secrets redacted)").await;
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(!text.contains("canary") && text.contains("\\\"n\\\":1.10}"), "{text}");
        assert!(text.starts_with("{\"type\":\"capture\"") && text.contains("\"redacted\":true"), "{text}");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
        program.press("xr");
        program.wait_for("passwords, tokens and signatures are in it").await;
        program.press(&format!("<enter><ctrl-u>{name}<enter>"));
        program.wait_for("once more writes over it").await;
        assert!(!std::fs::read_to_string(&path).unwrap().contains("canary"));
        program.press("<enter>");
        program.wait_for("(secrets included)").await;
        assert!(std::fs::read_to_string(&path).unwrap().contains("canary"));
        program.press("*");
        program.wait_for("HIDDEN").await;
        program.press("yb");
        program.wait_for("Secrets in it are redacted").await;
        assert!(!String::from_utf8(program.copied.lock().unwrap().remove(0)).unwrap().contains("canary"));
        program.press("<ctrl-c>");
    });
}
