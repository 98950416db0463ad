//! Body: readable, and still every byte of it.

use crate::{
    app::View,
    ui::{
        panes::{Scene, document},
        widgets::page::Page,
    },
};

/// Fills the page.
pub(super) fn build<'a>(scene: &Scene<'a>, page: &mut Page<'a>) {
    document(scene, page, View::Decoded);
}
