//! The panes: one file and one row of the table each.

mod body;
pub(super) mod clocks;
mod deliveries;
mod headers;
mod overview;
mod raw;
mod refused;
mod signature;
mod signed;

use crate::{
    app::{
        Model, View,
        model::{Need, PaneInfo},
    },
    domain::record::Record,
    ui::widgets::{kit::Kit, page::Page},
};

/// What a pane is built from.
pub(super) struct Scene<'a> {
    /// Everything.
    pub model: &'a Model,
    /// Styles and symbols.
    pub kit: &'a Kit,
    /// The capture that is looked at.
    pub record: &'a Record,
}

/// A pane.
pub(super) struct Pane {
    /// What `app` knows of it.
    pub info: PaneInfo,
    /// What its tab says where there is no room for the title.
    pub short: &'static str,
    /// What its tab says beside the title.
    pub badge: fn(&Record, &Kit) -> Option<String>,
    /// Fills the page.
    pub build: for<'a> fn(&Scene<'a>, &mut Page<'a>),
}

/// The panes in the order of their tabs.
pub(super) const TABLE: &[Pane] = &[
    Pane {
        info: PaneInfo {
            id: "overview",
            title: "Overview",
            needs: &[Need::Document(View::Decoded), Need::Report, Need::Clock],
        },
        short: "Over",
        badge: |_, _| None,
        build: overview::build,
    },
    Pane {
        info: PaneInfo { id: "headers", title: "Headers", needs: &[Need::Report] },
        short: "Head",
        badge: headers::badge,
        build: headers::build,
    },
    Pane {
        info: PaneInfo { id: "body", title: "Body", needs: &[Need::Document(View::Decoded)] },
        short: "Body",
        badge: |_, _| None,
        build: body::build,
    },
    Pane {
        info: PaneInfo { id: "signature", title: "Signature", needs: &[Need::Report, Need::Clock] },
        short: "Sign",
        badge: |record, kit| Some(kit.verdict(record.check.as_ref().map(|check| check.verdict)).0.to_owned()),
        build: signature::build,
    },
    Pane {
        info: PaneInfo { id: "deliveries", title: "Deliveries", needs: &[] },
        short: "Sent",
        badge: deliveries::badge,
        build: deliveries::build,
    },
    Pane {
        info: PaneInfo { id: "raw", title: "Raw", needs: &[Need::Document(View::Raw)] },
        short: "Raw",
        badge: |_, _| None,
        build: raw::build,
    },
];

/// Adds a body, or says why there is none to see.
fn document<'a>(scene: &Scene<'a>, page: &mut Page<'a>, view: View) {
    let style = &scene.kit.style;
    if scene.record.capture.body().is_empty() {
        page.sentence("The body is empty.", style.dim);
        return;
    }
    match scene.model.detail.document(view) {
        Some(document) => {
            if let Some(note) = document.note() {
                page.sentence(note, style.warn);
            }
            page.document(&**document);
            if !document.complete() {
                page.sentence("reading on ...", style.dim);
            }
        }
        None => page.sentence("reading the body ...", style.dim),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pane_has_its_own_name_and_a_key() {
        let names: std::collections::BTreeSet<_> = TABLE.iter().map(|pane| pane.info.id).collect();
        assert_eq!(names.len(), TABLE.len());
        assert!(TABLE.len() <= 9, "there are nine pane keys");
    }
}
