//! What stands in place of the list before anything was captured: how to get a first webhook here.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
};

use crate::{
    app::{Model, detail::Scroll},
    config::keymap::{Action, Context},
    ui::widgets::{kit::Kit, page::Page, safe},
};

/// Draws it.
pub(super) fn draw(model: &Model, kit: &Kit, area: Rect, buffer: &mut Buffer) {
    if area.width < 4 || area.height == 0 {
        return;
    }
    let width = area.width.saturating_sub(4).min(92);
    let indent = if area.width > 100 { (area.width - width) / 2 } else { 2 };
    let page = content(model, kit, usize::from(width));
    let lines = u16::try_from(page.lines()).unwrap_or(u16::MAX);
    let above = area.height.saturating_sub(lines) / 3;
    let inner = Rect { x: area.x + indent, y: area.y + above, width, height: area.height - above };
    let _ = page.draw(inner, buffer, Scroll::default());
}

fn content<'a>(model: &Model, kit: &'a Kit, columns: usize) -> Page<'a> {
    let session = &model.session;
    let style = &kit.style;
    let mut page = Page::new(kit, columns);
    let Some(url) = session.url() else {
        page.sentence("Opening the listener.", style.text);
        return page;
    };
    page.line(Span::styled("Waiting for the first webhook", style.accent));
    page.gap();
    page.field("listening", url, style.strong);
    for other in session.listening.iter().skip(1) {
        page.field("", other, style.text);
    }
    match &session.forward_to[..] {
        [] => {
            let send = model.key(Context::List, Action::Send);
            let text = format!(
                "nowhere; start with a port or a URL to send each one on, or press {send} on a capture"
            );
            page.said("forwarding", &text, style.dim);
        }
        targets => targets.iter().for_each(|target| page.field("forwarding", target.to_string(), style.text)),
    }
    match &session.secrets[..] {
        [] => page.said(
            "secrets",
            "none found, so signatures are shown but not checked. Put one into .env or the environment (STRIPE_WEBHOOK_SECRET=...), or start with --secret stripe=env:NAME.",
            style.warn,
        ),
        found => {
            let last = found.len() - 1;
            let facts = found.iter().enumerate().map(|(index, name)| {
                let gap = if index == 0 { "" } else { " " };
                let comma = if index == last { "" } else { "," };
                (style.good, format!("{gap}{}{comma}", safe::text(name.as_bytes(), kit.ascii)))
            });
            page.facts("secrets", &facts.collect::<Vec<_>>());
        }
    }
    match &session.file {
        Some(file) => page.field("saving to", file, style.text),
        None => {
            page.said("saving", "nothing: captures are in memory alone, and gone when it ends", style.warn)
        }
    }
    page.heading("Try it from another terminal");
    if let Some(curl) = session.try_curl() {
        page.hanging(Span::raw("  "), 2, &page.pieces(curl.as_bytes(), style.string));
    }
    if let Some(key) = model.keymap.shown(Context::List, Action::Copy) {
        page.line(Line::from(vec![
            Span::styled("  press ", style.dim),
            Span::styled(key, style.accent),
            Span::styled(" to copy this command", style.dim),
        ]));
    }
    page.heading("Let a provider on the internet reach it through a tunnel");
    for (name, command) in [
        ("cloudflared", format!("cloudflared tunnel --url http://localhost:{}", session.port)),
        ("ngrok", format!("ngrok http {}", session.port)),
        ("tailscale", format!("tailscale funnel {}", session.port)),
    ] {
        page.hanging(Span::styled(format!("  {name:<13}"), style.dim), 15, &[(style.string, command)]);
    }
    page.sentence("  Give the address that it prints to the provider, with any path you like.", style.dim);
    page
}
