//! The lines in which a filter or a search is typed, above the footer.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
};

use crate::{
    app::{input::Input, sift::FilterLine},
    domain::filter::{FIELDS, FieldInfo, FilterError},
    ui::{
        overlays,
        widgets::{kit::Kit, safe, wrap},
    },
};

/// Columns from which a field has its sentence beside it.
const WIDE: usize = 110;
/// Most lines of an error.
const MOST: usize = 4;

/// Draws the filter line with what is wrong with it, or with the fields.
pub(super) fn filter(line: &FilterLine, kit: &Kit, area: Rect, buffer: &mut Buffer) -> (usize, usize) {
    let columns = usize::from(area.width.saturating_sub(2));
    let below = match &line.error {
        Some(error) => wrong(error, line.input.text(), kit, columns),
        None => vec![Line::styled(hint(columns), kit.style.dim)],
    };
    let above = if line.fields { fields(kit, columns) } else { Vec::new() };
    bar("Filter", &line.input, (above, below), kit, area, buffer)
}

/// What is wrong, under the place where it is.
fn wrong<'a>(error: &FilterError, text: &str, kit: &Kit, columns: usize) -> Vec<Line<'a>> {
    let style = kit.style.warn;
    let message = safe::text(error.message.as_bytes(), kit.ascii).into_owned();
    let caret = format!("  {}", error.caret(text));
    let (at, long) = (safe::width(&caret), safe::width(&message));
    if at + 1 + long <= columns {
        return vec![Line::styled(format!("{caret} {message}"), style)];
    }
    if long + 1 < at && at < columns {
        return vec![Line::styled(format!("{}{message} ^", " ".repeat(at - long - 2)), style)];
    }
    let caret = Some(Line::styled(caret, style)).filter(|_| at < columns);
    let words = wrap::words(&message, columns).into_iter().take(MOST);
    caret.into_iter().chain(words.map(|line| Line::styled(line, style))).collect()
}

fn hint(columns: usize) -> String {
    let names: Vec<String> = FIELDS.iter().map(|row| row.title()).collect();
    let all = format!("{}   space and, | or, ! not, ( )", names.join(" "));
    let short = "provider:stripe sig:invalid header(x-y):a json(.a)>1 body~re a | b !c";
    if safe::width(&all) <= columns { all } else { short.to_owned() }
}

/// The table of fields: with their sentences where there is room.
fn fields<'a>(kit: &Kit, columns: usize) -> Vec<Line<'a>> {
    let cell = |row: &FieldInfo, room: usize| {
        let example = safe::fit(row.example, room.saturating_sub(15), kit.ascii).into_owned();
        let gap = " ".repeat(room.saturating_sub(15 + safe::width(&example)));
        [
            Span::styled(format!("{:<15}", row.title()), kit.style.key),
            Span::styled(example, kit.style.text),
            Span::raw(gap),
        ]
    };
    if columns >= WIDE {
        let with_help = |row: &FieldInfo| {
            let help = Span::styled(safe::fit(row.help, columns - 48, kit.ascii).into_owned(), kit.style.dim);
            Line::from_iter(cell(row, 48).into_iter().chain([help]))
        };
        return FIELDS.iter().map(with_help).collect();
    }
    let pairs = FIELDS.chunks(2);
    pairs.map(|pair| Line::from_iter(pair.iter().flat_map(|row| cell(row, columns / 2)))).collect()
}

/// Draws the search line.
pub(super) fn find(input: &Input, kit: &Kit, area: Rect, buffer: &mut Buffer) -> (usize, usize) {
    bar("Search in the pane", input, (Vec::new(), Vec::new()), kit, area, buffer)
}

fn bar(
    title: &str,
    input: &Input,
    (mut above, below): (Vec<Line<'_>>, Vec<Line<'_>>),
    kit: &Kit,
    area: Rect,
    buffer: &mut Buffer,
) -> (usize, usize) {
    let total = above.len() + 2 + below.len();
    let room = usize::from(area.height);
    // The field matters most, then what is wrong with it.
    let kept = room.saturating_sub(2);
    let below: Vec<Line<'_>> = below.into_iter().take(room.saturating_sub(1)).collect();
    above.truncate(kept.saturating_sub(below.len()));
    let columns = usize::from(area.width.saturating_sub(2));
    let rule = kit.sign.horizontal.repeat(columns.saturating_sub(title.len() + 4));
    let title = Line::from(vec![
        Span::styled(kit.sign.horizontal, kit.style.border),
        Span::styled(format!(" {title} "), kit.style.accent),
        Span::styled(rule, kit.style.border),
    ]);
    let title = Some(title).filter(|_| room >= 2 + below.len());
    let field = overlays::send::field(input, kit, columns);
    let lines: Vec<Line<'_>> = title.into_iter().chain(above).chain([field]).chain(below).collect();
    let height = u16::try_from(lines.len()).unwrap_or(area.height).min(area.height);
    let area = Rect { y: area.bottom() - height, height, ..area };
    overlays::clear(area, buffer);
    buffer.set_style(area, kit.style.ground);
    let inner =
        Rect { x: area.x.saturating_add(1).min(area.right()), width: area.width.saturating_sub(2), ..area };
    overlays::lines(lines, inner, buffer);
    (total, usize::from(height))
}
