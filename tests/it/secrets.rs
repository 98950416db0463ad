//! Secrets: from the environment, `.env`, files and commands into the keyring, and nowhere else.

use std::{collections::BTreeMap, fs, path::Path};

use hookglass::{
    config::{Problem, dotenv, parse},
    engine::secrets::{Keyring, Outside, resolve},
};

const CANARY: &str = "CANARY-7f3a9b";

/// A directory of its own that is removed in the end.
struct Dir(std::path::PathBuf);

impl Dir {
    fn new(name: &str) -> Self {
        let dir = std::env::temp_dir().join(format!("hookglass-{name}-{}", std::process::id()));
        fs::create_dir_all(&dir).unwrap();
        Self(dir)
    }

    fn write(&self, name: &str, text: &str, mode: u32) {
        fs::write(self.0.join(name), text).unwrap();
        #[cfg(unix)]
        fs::set_permissions(self.0.join(name), std::os::unix::fs::PermissionsExt::from_mode(mode)).unwrap();
    }
}

impl Drop for Dir {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// The keyring for a configuration, with `IN_ENV=env-value` in the environment.
fn ring(config: &str, dir: &Path) -> (Keyring, Vec<Problem>) {
    let env = |name: &str| match name {
        "IN_ENV" => Some("env-value".to_owned()),
        "EMPTY" | "GITLAB_TOKEN" => Some(String::new()),
        _ => None,
    };
    let text = fs::read(dir.join(".env")).unwrap_or_default();
    let (dotenv, problems) = dotenv::parse(".env", &text, &env);
    assert!(problems.is_empty());
    let well_known: BTreeMap<String, Vec<String>> = [
        ("stripe", vec!["STRIPE_WEBHOOK_SECRET"]),
        ("github", vec!["GITHUB_WEBHOOK_SECRET", "WEBHOOK_SECRET"]),
        ("gitlab", vec!["GITLAB_TOKEN"]),
    ]
    .into_iter()
    .map(|(id, names)| (id.to_owned(), names.into_iter().map(str::to_owned).collect()))
    .collect();
    let (settings, problems) = parse("hookglass.toml", dir, config.as_bytes());
    assert!(problems.is_empty(), "{problems:?}");
    let file = dir.join(".env");
    resolve(
        &settings,
        &Outside { env: &env, dotenv: &dotenv, dotenv_file: &file, dir, well_known: &well_known },
    )
}

fn values(keyring: &Keyring, endpoint: Option<usize>, provider: Option<&str>) -> Vec<String> {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let secrets = keyring.secrets(endpoint, provider);
    secrets.iter().map(|secret| format!("{}={}", secret.label, text(secret.expose()))).collect()
}

#[test]
fn the_endpoints_own_come_first_then_the_providers_then_the_usual_names() {
    let dir = Dir::new("order");
    dir.write(
        ".env",
        "IN_ENV=dotenv-value\nIN_DOTENV=d\nSTRIPE_WEBHOOK_SECRET=s\nWEBHOOK_SECRET='w # x'\n",
        0o600,
    );
    let config = "[secrets]\nstripe = 'env:IN_DOTENV'\n\
                  [[endpoint]]\npath = '/a'\nsecrets = ['env:IN_ENV', 'env:IN_DOTENV']\n\
                  [[endpoint]]\npath = '/b'\n";
    let (keyring, problems) = ring(config, &dir.0);
    assert_eq!(problems, []);
    for (endpoint, provider, expected) in [
        (Some(0), Some("stripe"), vec!["IN_ENV=env-value", "IN_DOTENV=d"]),
        (Some(0), None, vec!["IN_ENV=env-value", "IN_DOTENV=d"]),
        (Some(1), Some("stripe"), vec!["IN_DOTENV=d"]),
        (None, Some("stripe"), vec!["IN_DOTENV=d"]),
        (None, Some("github"), vec!["WEBHOOK_SECRET=w # x"]),
        (None, Some("gitlab"), vec![]),
        (Some(1), None, vec![]),
        (None, None, vec![]),
        (Some(99), Some("nobody"), vec![]),
    ] {
        assert_eq!(values(&keyring, endpoint, provider), expected, "{endpoint:?} {provider:?}");
    }
}

#[cfg(unix)]
#[test]
fn files_and_commands_lose_one_line_end() {
    let dir = Dir::new("sources");
    dir.write("one", "a\n", 0o600);
    dir.write("two", "a\n\n", 0o600);
    dir.write("open", "a", 0o644);
    dir.write("count", "", 0o600);
    let config = format!(
        "[secrets]\n\
         a = 'file:one'\nb = 'file:two'\nc = 'file:{dir}/open'\n\
         d = 'command:printf \"x y\\r\\n\"'\ne = ['command:echo x >> count; wc -l < count', \"command:echo x >> count; wc -l < count\"]\n\
         [[endpoint]]\npath = '/'\npublic_keys = ['abcd', 'file:one']\n",
        dir = dir.0.display()
    );
    let (keyring, problems) = ring(&config, &dir.0);
    let problems: Vec<String> = problems.iter().map(ToString::to_string).collect();
    assert_eq!(
        problems,
        [
            "warning: hookglass.toml:3:5: secrets.b: the secret begins or ends with white space, which counts as a part of it",
            "warning: hookglass.toml:4:5: secrets.c: every user of this machine can read this file with a secret: chmod 600 helps",
        ]
    );
    let path = |name: &str| dir.0.join(name).display().to_string();
    assert_eq!(values(&keyring, None, Some("a")), [format!("{}=a", path("one"))]);
    assert_eq!(values(&keyring, None, Some("b")), [format!("{}=a\n", path("two"))]);
    assert_eq!(values(&keyring, None, Some("c")), [format!("{}=a", path("open"))]);
    assert_eq!(values(&keyring, None, Some("d")), ["command=x y"]);
    // The same command runs once.
    let counted: Vec<String> =
        values(&keyring, None, Some("e")).iter().map(|value| value.replace(' ', "")).collect();
    assert_eq!(counted, ["command=1", "command=1"]);
    assert_eq!(keyring.public_keys(Some(0)).len(), 2);
    assert_eq!(keyring.public_keys(None).len(), 0);
}

#[cfg(unix)]
#[test]
fn what_cannot_be_read_is_told_without_its_text() {
    let dir = Dir::new("missing");
    dir.write("long", &"x".repeat(100_000), 0o600);
    dir.write("empty", "\n", 0o600);
    let config = format!(
        "[secrets]\n\
         a = 'env:NOT_SET'\nb = 'env:EMPTY'\nc = 'file:nowhere'\nd = 'file:.'\ne = 'file:long'\nf = 'file:empty'\n\
         g = 'command:echo {CANARY}; exit 7'\nh = 'command:'\n"
    )
    .replace("h = 'command:'\n", &format!("h = 'command:true {CANARY}'\n"));
    let (keyring, problems) = ring(&config, &dir.0);
    let told: Vec<String> = problems
        .iter()
        .map(|problem| problem.to_string().replace(&dir.0.display().to_string(), "DIR"))
        .collect();
    assert_eq!(
        told,
        [
            "warning: hookglass.toml:2:5: secrets.a: the variable NOT_SET is set neither in the environment nor in .env",
            "warning: hookglass.toml:3:5: secrets.b: the secret is empty",
            "warning: hookglass.toml:4:5: secrets.c: there is no file \"DIR/nowhere\"",
            "warning: hookglass.toml:5:5: secrets.d: \"DIR/.\" is a directory",
            "warning: hookglass.toml:6:5: secrets.e: the file \"DIR/long\" is longer than 64 KiB: no secret is",
            "warning: hookglass.toml:7:5: secrets.f: the secret is empty",
            "warning: hookglass.toml:8:5: secrets.g: the command failed with exit status 7; run it in a shell to see why",
            "warning: hookglass.toml:9:5: secrets.h: the secret is empty",
        ]
    );
    for id in ["a", "b", "c", "d", "e", "f", "g", "h"] {
        assert!(keyring.is_unavailable(None, Some(id)), "{id}");
    }
    assert!(!keyring.is_unavailable(None, Some("stripe")) && !keyring.is_unavailable(None, None));
}

#[cfg(unix)]
#[test]
fn an_env_file_that_everybody_reads_is_warned_of_once_it_gives_a_secret() {
    let dir = Dir::new("open");
    dir.write(".env", "STRIPE_WEBHOOK_SECRET=s\n", 0o644);
    let (_, problems) = ring("", &dir.0);
    assert_eq!(problems.len(), 1);
    assert!(problems[0].to_string().contains(".env: every user of this machine"), "{problems:?}");
    dir.write(".env", "OTHER=s\n", 0o644);
    assert_eq!(ring("", &dir.0).1, []);
}

#[test]
fn a_keyring_shows_no_secret() {
    let dir = Dir::new("debug");
    dir.write(".env", &format!("STRIPE_WEBHOOK_SECRET={CANARY}\n"), 0o600);
    let (keyring, _) = ring(&format!("[[endpoint]]\npath = '/'\npublic_keys = '{CANARY}'\n"), &dir.0);
    assert_eq!(values(&keyring, None, Some("stripe")), [format!("STRIPE_WEBHOOK_SECRET={CANARY}")]);
    assert!(!format!("{keyring:?}").contains(CANARY));
}
