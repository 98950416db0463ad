//! The model as cells: ratatui only. Drawing reads the model, changes nothing, and returns where
//! things stand.

use ratatui::Frame;

use crate::app::{Layout, Model, model::PaneInfo};

/// The panes in the order of their tabs.
#[must_use]
pub fn panes() -> Vec<PaneInfo> {
    Vec::new()
}

/// Draws one frame.
#[must_use]
pub fn view(_model: &Model, _frame: &mut Frame<'_>) -> Layout {
    Layout::default()
}
