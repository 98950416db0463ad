//! Searching within a pane: what for, where it was found, which place one is at.
//!
//! Rows are few and are searched as they are drawn. A document is searched once, elsewhere.

use std::sync::Arc;

use crate::{
    app::{
        content::Lines,
        effect::Effect,
        input::Input,
        model::{Focus, Model, Need},
        msg::{Notice, Ticket},
        overlay::Overlay,
    },
    config::keymap::{Action, Context},
    domain::text::width,
};

/// Most places that are told; a text that stands in more of them is none to look for.
pub const MOST: usize = 10_000;
/// How many columns of a place are seen before it.
const BEFORE: usize = 8;

/// A place: a line and the first column of the text in it.
pub type Place = (usize, usize);

/// The places in a document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// In order, at most [`MOST`].
    pub places: Vec<Place>,
    /// Whether there are more.
    pub more: bool,
}

/// A search in force.
#[derive(Debug, Default)]
pub struct Find {
    /// What is looked for; empty where nothing is.
    pub text: String,
    /// The text that was looked for before.
    pub last: String,
    /// The place that was gone to last.
    pub at: Option<Place>,
    /// The document that was searched or is being searched, and what came of it.
    document: Option<Searched>,
    ticket: Ticket,
    /// Whether to go to the first place once all are known.
    go: bool,
}

/// A document that is searched, or was.
#[derive(Debug)]
struct Searched {
    document: Arc<dyn Lines>,
    /// What came of it, once it is known.
    found: Option<Arc<Found>>,
}

impl Find {
    /// Whether something is looked for.
    #[must_use]
    pub fn active(&self) -> bool {
        !self.text.is_empty()
    }

    /// The places in a document, as far as they are known.
    #[must_use]
    pub fn found(&self, document: &dyn Lines) -> Option<&Arc<Found>> {
        self.search_of(document).and_then(|searched| searched.found.as_ref())
    }

    /// The search of a document, under way or not, if it is the one that was searched.
    fn search_of(&self, document: &dyn Lines) -> Option<&Searched> {
        let same = |searched: &Arc<dyn Lines>| std::ptr::addr_eq(Arc::as_ptr(searched), document);
        self.document.as_ref().filter(|searched| same(&searched.document))
    }
}

/// The columns at which a text stands in a line, without regard to case.
#[must_use]
pub fn columns(line: &str, text: &str) -> Vec<usize> {
    let lower = |c: char| c.to_lowercase().next().unwrap_or(c);
    let wanted: Vec<char> = text.chars().map(lower).collect();
    let Some(&first) = wanted.first() else { return Vec::new() };
    let mut found = Vec::new();
    let (mut column, mut free) = (0, 0);
    for (at, c) in line.char_indices() {
        if column >= free && lower(c) == first {
            let mut rest = line[at..].chars().map(lower);
            if wanted.iter().all(|&wanted| rest.next() == Some(wanted)) {
                found.push(column);
                let whole: String = line[at..].chars().take(wanted.len()).collect();
                free = column + width(&whole);
            }
        }
        column += width(c.encode_utf8(&mut [0; 4]));
    }
    found
}

/// Asks what to look for.
pub(super) fn start(model: &mut Model) {
    if model.detail.record.is_some() {
        model.overlay = Some(Overlay::Find(Input::default()));
    } else {
        model.notice = Some(Notice::info("No capture is selected."));
    }
}

/// A key of the line.
pub(super) fn act(model: &mut Model, action: Action) {
    let Some(Overlay::Find(input)) = &mut model.overlay else { return };
    match action {
        Action::Back => model.overlay = None,
        Action::Clear => *input = Input::default(),
        Action::Older => *input = Input::new(model.find.last.as_str()),
        Action::Accept => {
            let text = input.text().to_owned();
            model.overlay = None;
            let ticket = Ticket(model.find.ticket.0 + 1);
            let last = if text.is_empty() { std::mem::take(&mut model.find.last) } else { text.clone() };
            model.find = Find { go: !text.is_empty(), text, last, ticket, ..Find::default() };
            if model.find.active() {
                model.list.leave();
                model.focus = Focus::Detail;
            }
        }
        _ => {}
    }
}

/// Looks for nothing any more.
pub(super) fn clear(model: &mut Model) {
    model.find.text.clear();
    model.find.document = None;
}

/// The documents of the pane that nobody has searched yet.
pub(super) fn wants(model: &mut Model) -> Option<Effect> {
    if !model.find.active() {
        return None;
    }
    let needs = model.pane().map_or(&[][..], |pane| pane.needs);
    let view = needs.iter().find_map(|need| match need {
        Need::Document(view) => Some(*view),
        Need::Report | Need::Clock => None,
    })?;
    let document = Arc::clone(model.detail.document(view)?);
    if model.find.search_of(&*document).is_some() {
        return None;
    }
    model.find.ticket.0 += 1;
    model.find.document = Some(Searched { document: Arc::clone(&document), found: None });
    let (ticket, text) = (model.find.ticket, model.find.text.clone());
    Some(Effect::Find { ticket, document, text, ascii: model.look.ascii })
}

/// Takes in what was found in a document.
pub(super) fn found(model: &mut Model, ticket: Ticket, found: Arc<Found>) {
    if let Some(searched) = model.find.document.as_mut().filter(|_| ticket == model.find.ticket) {
        searched.found = Some(found);
    }
}

/// Goes to the first place once the frame has shown where they are. Whether the screen changes by it.
pub(super) fn drawn(model: &mut Model) -> bool {
    if !model.find.go || !model.layout.found_all {
        return false;
    }
    model.find.go = false;
    step(model, true);
    true
}

/// Goes to the next place, or the one before; around the ends.
pub(super) fn step(model: &mut Model, forward: bool) {
    if !model.find.active() {
        model.notice = Some(Notice::info("Nothing is looked for yet: / asks for a text."));
        return;
    }
    let places = &model.layout.found;
    if places.is_empty() {
        let text = if model.layout.found_all { "Not in this pane: " } else { "Still looking for " };
        model.notice = Some(Notice::bad(format!("{text}{}", model.find.text)));
        return;
    }
    let top = (model.detail.scroll().line, 0);
    let here = model.find.at.filter(|at| places.contains(at));
    let next = match (here, forward) {
        (Some(here), true) => places.iter().position(|place| *place > here),
        (None, true) => places.iter().position(|place| *place >= top),
        (here, false) => places.iter().rposition(|place| *place < here.unwrap_or(top)),
    };
    let (index, around) = match next {
        Some(index) => (index, ""),
        None if forward => (0, "; from the top again"),
        None => (places.len() - 1, "; from the bottom again"),
    };
    let at = places[index];
    let more = if places.len() >= MOST { "+" } else { "" };
    let key = |action| model.key(Context::Detail, action);
    let keys = format!("{} next, {} before", key(Action::NextMatch), key(Action::PreviousMatch));
    let text = format!("{} of {}{more}: {}{around}   ({keys})", index + 1, places.len(), model.find.text);
    model.find.at = Some(at);
    model.notice = Some(Notice::info(text));
    let area = model.layout.detail;
    let (height, width) = (usize::from(area.height), usize::from(area.width));
    let wide = model.find.text.chars().count();
    let scroll = model.detail.scroll_mut();
    if at.0 < scroll.line || at.0 >= scroll.line + height {
        scroll.line = at.0.saturating_sub(height / 3);
    }
    if at.1 < scroll.column || at.1 + wide > scroll.column + width {
        scroll.column = if at.1 + wide <= width { 0 } else { at.1.saturating_sub(BEFORE) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_those_of_the_screen() {
        for (line, text, expected) in [
            ("a b A", "a", &[0, 4][..]),
            ("aaaa", "aa", &[0, 2]),
            ("\u{65e5}\u{672c} x \u{65e5}", "x", &[5]),
            ("\u{65e5}\u{672c} x \u{65e5}", "\u{65e5}", &[0, 7]),
            ("\u{c9}t\u{e9}", "\u{e9}T\u{c9}", &[0]),
            ("abc", "", &[]),
            ("", "a", &[]),
            ("ab", "abc", &[]),
        ] {
            assert_eq!(columns(line, text), expected, "{line} {text}");
        }
    }
}
