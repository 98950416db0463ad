//! The lines in which a filter or a search is typed, above the footer.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
};

use crate::{
    app::{input::Input, sift::FilterLine},
    domain::filter::FIELDS,
    ui::{
        overlays,
        widgets::{kit::Kit, safe},
    },
};

/// Draws the filter line with what is wrong with it.
pub(super) fn filter(line: &FilterLine, kit: &Kit, area: Rect, buffer: &mut Buffer) -> (usize, usize) {
    let columns = usize::from(area.width.saturating_sub(2));
    let below = match &line.error {
        Some(error) => {
            let caret = error.caret(line.input.text());
            let (message, at) = (safe::text(error.message.as_bytes(), kit.ascii), safe::width(&caret) + 2);
            let long = safe::width(&message);
            let text = if at + 2 + long <= columns {
                format!("  {caret} {message}")
            } else if long < at && at < columns {
                format!("{}{message} ^", " ".repeat(at - long - 1))
            } else {
                format!("column {}: {message}", error.column)
            };
            Line::styled(text, kit.style.warn)
        }
        None => {
            let fields: Vec<String> = FIELDS.iter().map(|row| row.title()).collect();
            let text = format!("{}   space and, | or, ! not, ( )", fields.join(" "));
            let example = "provider:stripe sig:invalid header(x-y):a json(.a)>1 status:5xx body~re a | b !c";
            let text = if safe::width(&text) <= columns { text } else { example.to_owned() };
            Line::styled(text, kit.style.dim)
        }
    };
    bar("Filter", &line.input, Some(below), kit, area, buffer)
}

/// Draws the search line.
pub(super) fn find(input: &Input, kit: &Kit, area: Rect, buffer: &mut Buffer) -> (usize, usize) {
    bar("Search in the pane", input, None, kit, area, buffer)
}

fn bar(
    title: &str,
    input: &Input,
    below: Option<Line<'_>>,
    kit: &Kit,
    area: Rect,
    buffer: &mut Buffer,
) -> (usize, usize) {
    let wanted = 2 + u16::from(below.is_some());
    let height = wanted.min(area.height);
    let area = Rect { y: area.bottom() - height, height, ..area };
    overlays::clear(area, buffer);
    buffer.set_style(area, kit.style.ground);
    let columns = usize::from(area.width.saturating_sub(2));
    let field = overlays::send::field(input, kit, columns);
    let rule = kit.sign.horizontal.repeat(columns.saturating_sub(title.len() + 4));
    let title = Line::from(vec![
        Span::styled(kit.sign.horizontal, kit.style.border),
        Span::styled(format!(" {title} "), kit.style.accent),
        Span::styled(rule, kit.style.border),
    ]);
    let lines = match height {
        0 | 1 => vec![field],
        2 if below.is_some() => vec![field, below.unwrap_or_default()],
        _ => [title, field].into_iter().chain(below).collect(),
    };
    let inner =
        Rect { x: area.x.saturating_add(1).min(area.right()), width: area.width.saturating_sub(2), ..area };
    overlays::lines(lines, inner, buffer);
    (usize::from(wanted), usize::from(height))
}
