//! The question whether a subscription is to be confirmed, with the address that would be opened.

use ratatui::{buffer::Buffer, layout::Rect, text::Line};

use crate::{
    app::{Model, confirm::Confirm},
    config::keymap::{Action, Context},
    domain::signature::Verdict,
    ui::{
        overlays,
        widgets::{kit::Kit, page::Page, wrap},
    },
};

/// Draws it; returns how many lines there are and how many are seen.
pub(super) fn draw(
    model: &Model,
    question: &Confirm,
    kit: &Kit,
    area: Rect,
    buffer: &mut Buffer,
) -> (usize, usize) {
    let columns = usize::from(area.width.saturating_sub(8).clamp(1, 76));
    let style = &kit.style;
    let page = Page::new(kit, columns);
    let mut lines: Vec<Line<'_>> = Vec::new();
    let say = |text: &str, colour, lines: &mut Vec<Line<'_>>| {
        lines.extend(wrap::words(text, columns).into_iter().map(|line| Line::styled(line, colour)));
    };
    say("Confirm that this topic may send here? One GET goes to this address:", style.text, &mut lines);
    lines.push(Line::default());
    for (text, colour) in
        [(&question.subscription.topic, style.strong), (&question.subscription.url, style.string)]
    {
        lines.extend(wrap::hard(&page.pieces(text.as_bytes(), colour), columns, 6).0);
    }
    lines.push(Line::default());
    let (text, colour) = match question.verdict {
        Some(Verdict::Valid) => ("The signature of the request is valid.", style.good),
        Some(Verdict::Unchecked) => (
            "The signature was not checked, as the certificate is not known here: anybody may have sent this.",
            style.warn,
        ),
        Some(_) => ("The signature of the request is not valid: anybody may have sent this.", style.bad),
        None => ("The signature is still being checked.", style.warn),
    };
    say(text, colour, &mut lines);
    if question.insists {
        say(
            "Press the key once more if you expect this topic and want it all the same.",
            style.bad,
            &mut lines,
        );
    }
    lines.push(Line::default());
    let accept = if question.insists { "open it all the same" } else { "open it" };
    let hints = [(Action::Accept, accept), (Action::Back, "leave it")];
    lines.push(overlays::hints(model, Context::Question, &hints, kit));
    let size = (u16::try_from(columns).unwrap_or(u16::MAX), u16::try_from(lines.len()).unwrap_or(u16::MAX));
    let title = format!("Confirm the subscription of #{}", question.capture.id());
    let inner = overlays::frame(&title, size, kit, area, buffer);
    let total = lines.len();
    overlays::lines(lines, inner, buffer);
    (total, usize::from(inner.height))
}
