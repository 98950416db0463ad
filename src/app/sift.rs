//! The filter of the list: what is typed, what is in force, and which captures still have to be looked at.
//!
//! Nothing is searched here. A new filter is handed out once for all captures, whose answer comes in
//! parts; whatever arrives or changes meanwhile and later is handed out by number, a bounded lot at a time.

use std::{collections::BTreeSet, mem};

use crate::{
    app::{effect::Effect, input::Input, model::Model, msg::Ticket, overlay::Overlay, update::open},
    config::keymap::Action,
    domain::{
        filter::{Filter, FilterError},
        store::Delta,
    },
};

/// How many filters are remembered.
const HISTORY: usize = 100;
/// How many captures are looked at in one lot.
const LOT: usize = 1_024;

/// The filter in force and where its work stands.
#[derive(Debug, Default)]
pub struct Sift {
    /// The filter, with what was typed.
    pub active: Option<(String, Filter)>,
    /// Whether all captures are still being looked through.
    pub scanning: bool,
    /// The filters used so far, the newest last.
    pub history: Vec<String>,
    ticket: Ticket,
    /// What changed while all are looked through: the answers about it come by number.
    touched: BTreeSet<u64>,
    /// What has to be looked at.
    pending: BTreeSet<u64>,
    /// Whether a lot is being looked at.
    examining: bool,
}

/// The line in which a filter is typed.
#[derive(Debug, Default)]
pub struct FilterLine {
    /// The field.
    pub input: Input,
    /// Which of the former filters is in the field, counted from the newest.
    pub older: Option<usize>,
    /// Whether the fields are shown above it.
    pub fields: bool,
    /// What is wrong with it.
    pub error: Option<FilterError>,
    /// The text that was read last.
    read: String,
}

impl FilterLine {
    /// A line with a text.
    fn new(text: &str) -> Self {
        Self { input: Input::new(text), ..Self::default() }
    }

    /// Reads the field again if it is another one.
    pub(super) fn check(&mut self) {
        if self.input.text() != self.read {
            self.input.text().clone_into(&mut self.read);
            self.error = Filter::parse(&self.read).err();
        }
    }
}

/// Asks for a filter.
pub(super) fn start(model: &mut Model) {
    let text = model.sift.active.as_ref().map_or("", |(text, _)| text);
    let mut line = FilterLine::new(text);
    line.check();
    model.overlay = Some(Overlay::Filter(line));
}

/// A key of the line.
pub(super) fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    let Some(Overlay::Filter(line)) = &mut model.overlay else { return Vec::new() };
    match action {
        Action::Back if line.fields => line.fields = false,
        Action::Back => model.overlay = None,
        Action::Clear => line.input = Input::default(),
        Action::Fields => line.fields = !line.fields,
        Action::Older | Action::Newer => {
            let older = match (line.older, action) {
                (None, Action::Older) => Some(0),
                (Some(n), Action::Older) => Some(n + 1),
                (Some(n), _) => n.checked_sub(1),
                (None, _) => None,
            };
            let history = &model.sift.history;
            // The newest is in the field from the start, as long as it is in force.
            let same = |n: &usize| {
                line.older.is_none()
                    && history.iter().rev().nth(*n).is_some_and(|text| text == line.input.text())
            };
            let older = older.map(|n| if same(&n) { n + 1 } else { n });
            match older.map(|n| history.iter().rev().nth(n)) {
                Some(Some(text)) => (line.input, line.older) = (Input::new(text.as_str()), older),
                Some(None) => {}
                None if line.older.is_some() => (line.input, line.older) = (Input::default(), None),
                None => {}
            }
        }
        // A filter that is none stays in the field; the line says what is wrong with it.
        Action::Accept => {
            let text = line.input.text().trim().to_owned();
            if let Ok(filter) = Filter::parse(&text) {
                model.overlay = None;
                return put_in_force(model, text, filter);
            }
        }
        _ => {}
    }
    Vec::new()
}

/// Puts a filter in force by its text; one that is wrong changes nothing.
pub(super) fn begin(model: &mut Model, text: &str) -> Vec<Effect> {
    match Filter::parse(text) {
        Ok(filter) => put_in_force(model, text.trim().to_owned(), filter),
        Err(_) => Vec::new(),
    }
}

/// Shows everything again.
pub(super) fn clear(model: &mut Model) -> Vec<Effect> {
    put_in_force(model, String::new(), Filter::default())
}

fn put_in_force(model: &mut Model, text: String, filter: Filter) -> Vec<Effect> {
    let sift = &mut model.sift;
    sift.ticket.0 += 1;
    sift.touched.clear();
    sift.pending.clear();
    sift.examining = false;
    if filter.is_all() {
        (sift.active, sift.scanning) = (None, false);
        let before = model.list.selected();
        model.list.show_all();
        return if model.list.selected() == before { Vec::new() } else { open(model) };
    }
    sift.history.retain(|known| *known != text);
    sift.history.push(text.clone());
    if sift.history.len() > HISTORY {
        sift.history.remove(0);
    }
    sift.scanning = true;
    sift.active = Some((text, filter.clone()));
    model.list.sift();
    vec![Effect::Sift { ticket: sift.ticket, filter }]
}

/// Takes in what changed in the store.
pub(super) fn changed(model: &mut Model, delta: Delta) -> Vec<Effect> {
    let sift = &mut model.sift;
    if sift.active.is_some() {
        for row in &delta.rows {
            sift.pending.insert(row.summary.id.0);
            if sift.scanning {
                sift.touched.insert(row.summary.id.0);
            }
        }
    }
    let changed = model.list.apply(delta);
    model.detail.gone = model.detail.id().is_some_and(|id| model.list.evicted(id));
    let mut effects = if changed { opened(model) } else { Vec::new() };
    effects.extend(lot(&mut model.sift));
    effects
}

/// Takes in a part of the captures that match.
pub(super) fn sifted(model: &mut Model, ticket: Ticket, ids: Vec<u64>, done: bool) -> Vec<Effect> {
    if ticket != model.sift.ticket {
        return Vec::new();
    }
    let before = model.list.selected();
    let touched = &model.sift.touched;
    let ids = ids.into_iter().filter(|id| !touched.contains(id)).collect();
    model.list.let_through(ids, &[]);
    if done {
        model.sift.scanning = false;
        model.sift.touched.clear();
        model.list.nearest();
    }
    if model.list.selected() == before { Vec::new() } else { opened(model) }
}

/// Takes in whether some captures match.
pub(super) fn examined(model: &mut Model, ticket: Ticket, matching: Vec<u64>, others: &[u64]) -> Vec<Effect> {
    if ticket != model.sift.ticket {
        return Vec::new();
    }
    let before = model.list.selected();
    model.list.let_through(matching, others);
    if !model.sift.scanning {
        model.list.nearest();
    }
    model.sift.examining = false;
    let mut effects = if model.list.selected() == before { Vec::new() } else { opened(model) };
    effects.extend(lot(&mut model.sift));
    effects
}

/// The next lot, if none is being looked at.
fn lot(sift: &mut Sift) -> Option<Effect> {
    let (_, filter) = sift.active.as_ref()?;
    if sift.examining || sift.pending.is_empty() {
        return None;
    }
    let rest = match sift.pending.iter().nth(LOT) {
        Some(&next) => sift.pending.split_off(&next),
        None => BTreeSet::new(),
    };
    let ids = mem::replace(&mut sift.pending, rest).into_iter().collect();
    sift.examining = true;
    Some(Effect::Examine { ticket: sift.ticket, filter: filter.clone(), ids })
}

/// Asks for the selected capture; where none is, none is shown.
fn opened(model: &mut Model) -> Vec<Effect> {
    if model.list.selected().is_none() {
        model.detail.close(None);
    }
    open(model)
}
