//! The model as cells: ratatui only. Drawing reads the model, changes nothing, and returns where
//! things stand.
//!
//! ```text
//! header    hookglass ● http://127.0.0.1:7878 → http://localhost:3000   12 captures · following
//! list      #   time      path            signature    ans  fwd
//!         ▌ 12  14:03:22  /stripe         ✗ invalid    200  →500
//! detail   #12 POST /stripe                             ✗ invalid       title
//!           1 Overview  2 Headers …                                     tabs
//!          ───────────────────────────────────────── 1-20 of 48 ─
//!          signature  ✗ invalid                                         pane
//! footer    enter open  tab pane  r replay  y copy                       ? help
//!
//! From 140 columns on the detail stands beside the list.
//! ```
//!
//! A new pane is one file in `panes` and one row in its table.

mod detail;
mod empty;
mod footer;
mod header;
mod list;
mod overlays;
mod panes;
mod screen;
mod widgets;

use ratatui::Frame;

use crate::app::{Layout, Model, model::PaneInfo};

/// The panes in the order of their tabs, for [`Model::new`].
#[must_use]
pub fn panes() -> Vec<PaneInfo> {
    panes::TABLE.iter().map(|pane| pane.info).collect()
}

/// Draws one frame. What it returns goes back by [`crate::app::Msg::Drawn`].
#[must_use]
pub fn view(model: &Model, frame: &mut Frame<'_>) -> Layout {
    let area = frame.area();
    screen::draw(model, area, frame.buffer_mut())
}
