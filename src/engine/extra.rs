//! What came while the program runs: secrets that a handshake brought or somebody typed, and tolerances
//! that somebody set. They are in no file, so they outlive a change of the configuration and end with the program.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard},
    time::Duration,
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
    /// How old a provider's signed times may be, as somebody said at the keyboard.
    tolerances: Arc<RwLock<BTreeMap<Arc<str>, Duration>>>,
    /// Why the published key of a provider is not there.
    notes: Arc<RwLock<BTreeMap<Arc<str>, String>>>,
    /// The providers whose captures have to be checked again.
    touched: Arc<RwLock<BTreeSet<Arc<str>>>>,
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
    /// A public key, from where its provider publishes it.
    Fetched,
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
            Way::Trial | Way::Kept | Way::Fetched => true,
        };
        held.iter()
            .rev()
            .filter(|held| *held.provider == *provider)
            .filter(fits)
            .map(|h| h.secret.clone())
            .collect()
    }

    /// The names of all secrets of a provider.
    #[must_use]
    pub fn names(&self, provider: &str) -> Vec<Arc<str>> {
        let held = self.read();
        let ours = held.iter().filter(|held| *held.provider == *provider);
        ours.map(|held| Arc::clone(&held.secret.label)).collect()
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
        self.touch(provider);
        self.add(provider, secret, Way::Trial);
    }

    /// Ends the trial.
    pub fn drop_trial(&self) {
        for held in self.write().extract_if(.., |held| held.way == Way::Trial) {
            self.touch(&held.provider);
        }
    }

    /// The secret that is tried.
    #[must_use]
    pub fn trial(&self) -> Option<Secret> {
        self.read().iter().find(|held| held.way == Way::Trial).map(|held| held.secret.clone())
    }

    /// Keeps the secret that is tried until the program ends, perhaps under another name.
    pub fn keep_trial(&self, name: Option<&str>) {
        for held in self.write().iter_mut().filter(|held| held.way == Way::Trial) {
            held.way = Way::Kept;
            if let Some(name) = name {
                held.secret.label = name.into();
                self.touch(&held.provider);
            }
        }
    }

    /// How old signed times of a provider may be, if somebody said so for this run.
    #[must_use]
    pub fn tolerance(&self, provider: &str) -> Option<Duration> {
        self.tolerances.read().unwrap_or_else(PoisonError::into_inner).get(provider).copied()
    }

    /// Sets how old signed times of a provider may be, or leaves it to configuration and provider again.
    pub fn set_tolerance(&self, provider: &Arc<str>, tolerance: Option<Duration>) {
        let mut set = self.tolerances.write().unwrap_or_else(PoisonError::into_inner);
        match tolerance {
            Some(tolerance) => set.insert(Arc::clone(provider), tolerance),
            None => set.remove(provider),
        };
        drop(set);
        self.touch(provider);
    }

    /// The providers whose captures have to be checked again. Tells each change once.
    #[must_use]
    pub fn take_touched(&self) -> BTreeSet<Arc<str>> {
        std::mem::take(&mut *self.touched.write().unwrap_or_else(PoisonError::into_inner))
    }

    /// Keeps a key that was fetched.
    pub fn fetched(&self, provider: &Arc<str>, key: Secret) {
        self.notes.write().unwrap_or_else(PoisonError::into_inner).remove(provider);
        self.touch(provider);
        self.add(provider, key, Way::Fetched);
    }

    /// Notes why the key of a provider is not there.
    pub fn note_key(&self, provider: &Arc<str>, why: String) {
        self.notes.write().unwrap_or_else(PoisonError::into_inner).insert(Arc::clone(provider), why);
    }

    /// Why the key of a provider is not there, in a sentence.
    #[must_use]
    pub fn key_note(&self, provider: &str) -> Option<String> {
        self.notes.read().unwrap_or_else(PoisonError::into_inner).get(provider).cloned()
    }

    pub(in crate::engine) fn touch(&self, provider: &Arc<str>) {
        self.touched.write().unwrap_or_else(PoisonError::into_inner).insert(Arc::clone(provider));
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
