//! What if this were the secret: the dialog, the checks, and what is written.

use std::{fs, path::PathBuf, sync::Arc};

use data_encoding::HEXLOWER;
use hmac::{Hmac, KeyInit, Mac};
use hookglass::{
    app::{Effect, Msg, effect::Saved, whatif::Tally},
    config::dotenv,
    domain::{
        capture::{Capture, CaptureId, HttpVersion, Incoming},
        endpoint::Endpoints,
        rotation::{Rotation, Used},
        signature::{Catalog, Secret},
        store::{Limits, Store},
        summary::Origin,
        time::Timestamp,
    },
    engine::{
        extra::Extra,
        library::Library,
        rules::Rules,
        secrets::Keyring,
        whatif::{check_again, save},
    },
};
use sha2::Sha256;

use crate::stage::{Sample, Stage};

const CANARY: &str = "CANARY-5e1f";

fn rotation() -> Rotation {
    let at = |secs: i64| Timestamp::from_micros((1_795_300_000 + secs) * 1_000_000);
    let used = |name: &str, count, span| Used { name: name.into(), count, span };
    Rotation {
        provider: "stripe".into(),
        secrets: vec![
            used("typed here", 12, Some((at(0), at(90)))),
            used("STRIPE_WEBHOOK_SECRET", 1, Some((at(-3_000), at(-3_000)))),
            used("STRIPE_WEBHOOK_SECRET_OLD", 0, None),
        ],
        unmatched: 2,
        newest: Some((CaptureId(7), at(5))),
        unsigned: 0,
    }
}

fn tally() -> Tally {
    Tally {
        provider: "stripe".into(),
        valid: 12,
        invalid: 3,
        signed: 1,
        rotation: rotation(),
        elsewhere: None,
        odd: vec!["it begins with `sk_test_`: that is a secret API key of Stripe".into()],
        names: vec!["STRIPE_WEBHOOK_SECRET".into()],
    }
}

#[test]
fn a_secret_is_typed_unseen_tried_and_kept() {
    let mut stage = Stage::new(120, 36);
    stage.cast();
    stage.press("s");
    assert!(stage.text().contains("What if: stripe"), "{}", stage.text());
    assert!(matches!(&stage.asked[..], [Effect::Rotation(provider)] if **provider == *"stripe"));
    stage.asked.clear();
    stage.press("<enter>");
    assert!(stage.asked.is_empty(), "nothing is no secret");
    stage.press("CANARY-");
    stage.tell(Msg::Paste("5e1f\n".into()));
    stage.draw();
    assert!(stage.text().contains("> •••••••••••\n".trim_end()) && !stage.text().contains("CANARY"));
    assert!(!format!("{:?}", stage.model).contains("CANARY"));
    stage.press("<enter>");
    assert!(
        matches!(&stage.asked[..], [Effect::TrySecret { provider, secret }] if **provider == *"stripe" && secret.expose() == CANARY.as_bytes())
    );
    assert!(!format!("{:?} {:?}", stage.asked, stage.model).contains("CANARY"));
    stage.press("<enter>w");
    assert_eq!(stage.asked.len(), 1, "nothing to keep before it is checked");
    stage.tell(Msg::Tried(Tally { provider: "github".into(), ..tally() }));
    stage.tell(Msg::Tried(tally()));
    stage.draw();
    let text = stage.text();
    for needed in [
        "12 valid, 3 not",
        "1 of those is rightly signed",
        "The typed secret signed 12 of 15.",
        "typed here",
        "keep for this run",
    ] {
        assert!(text.contains(needed), "{needed}\n{text}");
    }
    stage.press("<enter>");
    assert!(matches!(stage.asked[..], [_, Effect::KeepSecret]) && stage.model.overlay.is_none());
}

#[test]
fn leaving_takes_a_trial_back() {
    let mut stage = Stage::new(80, 24);
    stage.cast();
    stage.press("sabc<esc>");
    assert!(
        matches!(stage.asked[..], [Effect::Rotation(_)]) && stage.model.overlay.is_none(),
        "nothing was tried"
    );
    for keys in
        ["sabc<enter><esc>", "sabc<enter>T<esc>", "sabc<enter>T<ctrl-u><esc>", "sabc<enter>Tw<esc><esc>"]
    {
        stage.asked.clear();
        let (before, after) = keys.split_once('T').unwrap_or((keys, ""));
        stage.press(before);
        if keys.contains('T') {
            stage.tell(Msg::Tried(tally()));
        }
        stage.press(after);
        assert!(
            matches!(stage.asked[..], [Effect::Rotation(_), Effect::TrySecret { .. }, Effect::DropSecret]),
            "{keys} {:?}",
            stage.asked
        );
        assert!(stage.model.overlay.is_none());
    }
}

#[test]
fn writing_asks_for_a_name_and_overrides_only_when_told() {
    let mut stage = Stage::new(120, 36);
    stage.cast();
    stage.press("sabc<enter>");
    stage.tell(Msg::Tried(tally()));
    stage.press("w");
    assert!(stage.text().contains("> STRIPE_WEBHOOK_SECRET"), "{}", stage.text());
    stage.asked.clear();
    let taken =
        |name: &str| Msg::Saved(Saved::Taken { name: name.into(), why: "it is there already".into() });
    stage.press("<enter>");
    stage.tell(taken("STRIPE_WEBHOOK_SECRET"));
    stage.draw();
    assert!(stage.text().contains("it is there already"), "{}", stage.text());
    stage.press("_2<enter>");
    stage.tell(taken("STRIPE_WEBHOOK_SECRET_2"));
    stage.press("<enter>");
    let asked: Vec<(&str, bool)> = stage
        .asked
        .iter()
        .filter_map(|effect| match effect {
            Effect::SaveSecret { name, replace } => Some((name.as_str(), *replace)),
            _ => None,
        })
        .collect();
    let names = ["STRIPE_WEBHOOK_SECRET", "STRIPE_WEBHOOK_SECRET_2"];
    assert_eq!(asked, [(names[0], false), (names[1], false), (names[1], true)]);
    stage.tell(Msg::Saved(Saved::Done("written".into())));
    stage.draw();
    assert!(stage.model.overlay.is_none() && stage.text().contains("written"));
}

#[test]
fn a_capture_of_nobody_has_nothing_to_try() {
    let mut stage = Stage::new(80, 24);
    stage.capture(Sample::post("/", "{}"), None);
    stage.pull();
    stage.press("s");
    assert!(
        stage.model.overlay.is_none() && stage.text().contains("no provider is known"),
        "{}",
        stage.text()
    );
    for size in 1..40 {
        stage.cast();
        stage.press("s");
        stage.resize(size * 3, size);
        stage.press("<esc>");
    }
}

fn github(secret: &str, number: usize) -> Capture {
    let body = format!("{{\"number\":{number},\"text\":\"{}\"}}", "x".repeat(1_400)).into_bytes();
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(&body);
    let signature = HEXLOWER.encode(&mac.finalize().into_bytes());
    let head = format!(
        "POST /hook HTTP/1.1\r\nHost: h\r\nX-GitHub-Event: push\r\nX-Hub-Signature-256: sha256={signature}\r\n\r\n"
    );
    let incoming = Incoming {
        received_at: Timestamp::from_micros(1_700_000_000_000_000),
        remote: ([127, 0, 0, 1], 1).into(),
        version: HttpVersion::Http11,
        head: head.into_bytes(),
        body,
        trailers: Vec::new(),
        cut: None,
        announced: None,
        refusal: None,
    };
    Capture::new(incoming, None, Origin { provider: Some("github".into()), ..Origin::default() })
}

fn rules(secrets: Vec<Secret>) -> Rules {
    Rules {
        endpoints: Arc::new(Endpoints::default()),
        keyring: Keyring::of_provider("github", secrets),
        catalog: Arc::new(Catalog::builtin().clone()),
        public_url: None,
        trusted: Vec::new(),
        forward_to: Vec::new(),
        fetch_keys: false,
        extra: Extra::default(),
    }
}

#[test]
fn all_captures_are_checked_again_and_a_dropped_trial_leaves_no_trace() {
    let store = Arc::new(Store::new(Limits { bytes: 1 << 30, count: 1 << 20 }, || ()));
    let library = Library::new(Arc::clone(&store), None);
    let rules = rules(vec![Secret::new("OLD", "old")]);
    for number in 0..1_000 {
        let capture = github(["old", "new", "other", "new"][number % 4], number);
        let check = rules.check(&capture, None);
        store.push(capture, Some(check));
    }
    let verdicts = || {
        (1..=1_000)
            .map(|id| (*store.get(hookglass::domain::capture::CaptureId(id)).unwrap().check.unwrap()).clone())
            .collect::<Vec<_>>()
    };
    let before = verdicts();
    let github: Arc<str> = "github".into();
    rules.extra.try_out(&github, Secret::new("typed here", "new"));
    assert_eq!(rules.extra.take_touched().into_iter().collect::<Vec<_>>(), [Arc::clone(&github)]);
    let tally = check_again(&library, &rules, "github");
    assert_eq!((tally.valid, tally.invalid, tally.signed), (750, 250, 0));
    let names = |tally: &Tally| -> Vec<(String, usize)> {
        tally.rotation.secrets.iter().map(|used| (used.name.to_string(), used.count)).collect()
    };
    // All arrived at the same time, so that they stand as they are known.
    assert_eq!(names(&tally), [("OLD".to_owned(), 250), ("typed here".to_owned(), 500)]);
    assert_eq!(tally.rotation.unmatched, 250);
    assert_eq!(tally.names[0], "GITHUB_WEBHOOK_SECRET");
    let stripe: Arc<str> = "stripe".into();
    let kept = rules.extra.trial().unwrap();
    rules.extra.try_out(&stripe, Secret::new("typed here", "new"));
    let wrong = check_again(&library, &rules, "stripe");
    assert_eq!(wrong.elsewhere.as_deref(), Some("github"), "it is the secret of another provider");
    rules.extra.try_out(&stripe, Secret::new("typed here", "nobody's"));
    assert_eq!(check_again(&library, &rules, "stripe").elsewhere, None);
    rules.extra.try_out(&github, kept);
    let _ = rules.extra.take_touched();
    rules.extra.drop_trial();
    assert_eq!(rules.extra.take_touched().len(), 1);
    assert_eq!(check_again(&library, &rules, "github").valid, 250);
    assert_eq!(verdicts(), before);
    assert_eq!(
        check_again(&library, &rules, "stripe"),
        Tally { valid: 0, ..check_again(&library, &rules, "stripe") }
    );
    rules.extra.try_out(&github, Secret::new("typed here", "new"));
    rules.extra.keep_trial(Some("NEW"));
    rules.extra.drop_trial();
    assert_eq!(names(&check_again(&library, &rules, "github"))[1], ("NEW".to_owned(), 500));
    rules.extra.try_out(&github, Secret::new("typed here", CANARY));
    assert!(!format!("{rules:?}").contains(CANARY));
}

/// A folder of its own, removed in the end.
struct Place(PathBuf);

impl Place {
    fn new(name: &str) -> Self {
        let dir = std::env::temp_dir().join(format!("hookglass-whatif-{name}-{}", std::process::id()));
        fs::create_dir_all(&dir).unwrap();
        Self(dir)
    }

    fn file(&self) -> PathBuf {
        self.0.join(".env")
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn a_secret_is_added_to_env_and_nothing_else_changes() {
    let place = Place::new("save");
    let secret = Secret::new("typed here", "it's $HOME \\ #1");
    let written = |saved: Saved| matches!(saved, Saved::Done(text) if text.starts_with("Written") && !text.contains("HOME"));
    assert!(written(save(&place.file(), "A_SECRET", &secret, false)));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(place.file()).unwrap().permissions().mode() & 0o777, 0o600);
    }
    let value = |name: &str| {
        let (read, problems) = dotenv::parse(".env", &fs::read(place.file()).unwrap(), &|_| None);
        assert!(problems.is_empty(), "{problems:?}");
        read.get(name).map(str::to_owned)
    };
    assert_eq!(value("A_SECRET").as_deref(), Some("it's $HOME \\ #1"));

    let before = "# mine\r\nA_SECRET=one\r\nOTHER='x'";
    fs::write(place.file(), before).unwrap();
    assert!(written(save(&place.file(), "B", &secret, false)));
    assert!(fs::read_to_string(place.file()).unwrap().starts_with(&format!("{before}\nB='")));
    let kept = fs::read(place.file()).unwrap();
    assert!(
        matches!(save(&place.file(), "A_SECRET", &secret, false), Saved::Taken { name, .. } if name == "A_SECRET")
    );
    assert!(
        matches!(save(&place.file(), "B", &secret, false), Saved::Done(text) if text.contains("already"))
    );
    assert!(matches!(save(&place.file(), "not a name", &secret, true), Saved::Failed(_)));
    assert!(matches!(save(&place.file(), "C", &Secret::new("x", "${A_SECRET}"), true), Saved::Failed(_)));
    assert_eq!(fs::read(place.file()).unwrap(), kept, "nothing was written meanwhile");
    assert!(written(save(&place.file(), "A_SECRET", &secret, true)));
    assert_eq!(value("A_SECRET").as_deref(), Some("it's $HOME \\ #1"));
    assert_eq!(value("OTHER").as_deref(), Some("x"));

    for open in [&b"A='never closed"[..], b"A=\xff\n"] {
        fs::write(place.file(), open).unwrap();
        assert!(matches!(save(&place.file(), "B", &secret, false), Saved::Failed(_)), "{open:?}");
        assert_eq!(fs::read(place.file()).unwrap(), open);
    }
    fs::remove_file(place.file()).unwrap();
    fs::create_dir(place.file()).unwrap();
    assert!(matches!(save(&place.file(), "B", &secret, false), Saved::Failed(_)));
}
