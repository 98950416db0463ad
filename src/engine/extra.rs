//! Secrets that came while the program runs: brought by a handshake, or typed. They are in no file, so
//! they outlive a change of the configuration and end with the program.

use std::{
    fmt,
    sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard},
};

use crate::domain::{
    capture::CaptureId,
    handshake::{LEARNED, Learned},
    signature::Secret,
};

/// How many secrets of one kind a provider has; the oldest goes.
const MOST: usize = 16;
/// The longest path that a brought secret is kept for, in bytes.
const LONGEST_PATH: usize = 1 << 10;

/// The secrets, shared by all versions of the rules. Cheap to clone.
#[derive(Clone, Default)]
pub struct Extra {
    held: Arc<RwLock<Vec<Held>>>,
}

struct Held {
    provider: Arc<str>,
    secret: Secret,
    way: Way,
}

/// How a secret came.
#[derive(PartialEq, Eq)]
enum Way {
    /// By a handshake at this path. It counts there alone: who sends handshakes to one path must not
    /// have a say in others.
    Brought(Box<[u8]>),
    /// Typed, to see what it would do.
    Trial,
    /// Typed, and kept.
    Kept,
}

impl Extra {
    /// The secrets for requests of a provider to a target, a trial first.
    #[must_use]
    pub fn secrets(&self, provider: &str, target: &[u8]) -> Vec<Secret> {
        let held = self.read();
        if held.is_empty() {
            return Vec::new();
        }
        let fits = |held: &&Held| match &held.way {
            Way::Brought(at) => **at == *path(target),
            Way::Trial | Way::Kept => true,
        };
        held.iter()
            .rev()
            .filter(|held| *held.provider == *provider)
            .filter(fits)
            .map(|h| h.secret.clone())
            .collect()
    }

    /// Keeps what a handshake brought.
    pub fn learn(&self, learned: &Learned, capture: CaptureId, target: &[u8]) {
        if path(target).len() > LONGEST_PATH {
            return;
        }
        let secret = Secret::new(format!("{LEARNED}#{capture}"), learned.secret.clone());
        self.add(&learned.provider, secret, Way::Brought(path(target).into()));
    }

    /// Tries a secret: it counts for all captures of the provider until it is dropped or kept.
    pub fn try_out(&self, provider: &Arc<str>, secret: Secret) {
        self.drop_trial();
        self.add(provider, secret, Way::Trial);
    }

    /// Ends the trial. Returns whether there was one.
    pub fn drop_trial(&self) -> bool {
        let mut held = self.write();
        let before = held.len();
        held.retain(|held| held.way != Way::Trial);
        held.len() < before
    }

    /// Keeps the secret that is tried until the program ends. Returns its name.
    pub fn keep_trial(&self) -> Option<Arc<str>> {
        let mut held = self.write();
        let trial = held.iter_mut().find(|held| held.way == Way::Trial)?;
        trial.way = Way::Kept;
        Some(Arc::clone(&trial.secret.label))
    }

    fn add(&self, provider: &Arc<str>, secret: Secret, way: Way) {
        let mut held = self.write();
        let same = |other: &Held| *other.provider == **provider && other.way == way;
        held.retain(|other| !(same(other) && other.secret.expose() == secret.expose()));
        if held.iter().filter(|other| same(other)).count() >= MOST
            && let Some(oldest) = held.iter().position(same)
        {
            held.remove(oldest);
        }
        held.push(Held { provider: Arc::clone(provider), secret, way });
        // Paths are the sender's to choose: without a bound it could fill memory.
        while held.len() > MOST * MOST {
            held.remove(0);
        }
    }

    fn read(&self) -> RwLockReadGuard<'_, Vec<Held>> {
        self.held.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Vec<Held>> {
        self.held.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Extra {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Extra({} secrets)", self.read().len())
    }
}

/// The path of a target, which stays the same whatever a sender appends as a query.
fn path(target: &[u8]) -> &[u8] {
    target.split(|&b| b == b'?').next().unwrap_or(target)
}
