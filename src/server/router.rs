//! The router: every method and every path is captured.

use std::sync::Arc;

use axum::Router;

use crate::server::{app::App, capture::capture};

/// The router of the listener. It needs no socket: tests call it as a service.
pub fn router(app: App) -> Router {
    Router::new().fallback(capture).with_state(Arc::new(app))
}
