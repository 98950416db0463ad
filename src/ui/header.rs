//! The lines at the top: where it listens, where it sends, what is kept and lost, what is wrong.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::Style,
    text::{Line, Span},
};

use crate::{
    app::{Model, overlay::Overlay},
    config::keymap::{Action, Context},
    ui::{
        list::put,
        widgets::{kit::Kit, number, safe},
    },
};

/// The level at which the header says the least.
const LEAST: u8 = 4;

/// How many lines the header takes on a screen of this height.
pub(super) fn height(model: &Model, screen: u16) -> u16 {
    let lasting = u16::from(model.list.trouble.is_some())
        + u16::from(model.session.wide_bind.is_some())
        + u16::from(!model.session.problems.is_empty());
    match screen {
        0..4 => 0,
        4..8 => 1,
        _ => 1 + lasting,
    }
}

/// Draws it.
pub(super) fn draw(model: &Model, kit: &Kit, area: Rect, buffer: &mut Buffer) {
    if area.is_empty() {
        return;
    }
    bar(model, kit, Rect { height: 1, ..area }, area.height > 1, buffer);
    let mut lines = Vec::new();
    if let Some(trouble) = &model.list.trouble {
        lines.push((format!(" ! NOT SAVED: {trouble}"), kit.style.banner_bad));
    }
    if let Some(warning) = &model.session.wide_bind {
        lines.push((format!(" ! {warning}"), kit.style.banner_warn));
    }
    if let [first, rest @ ..] = &model.session.problems[..] {
        let help = model.key(Context::List, Action::Help);
        let more = if rest.is_empty() { String::new() } else { format!("({} more: {help}) ", rest.len()) };
        let first = first.strip_prefix("warning: ").unwrap_or(first);
        lines.push((format!(" ! {more}{first}"), kit.style.bar_warn));
    }
    for (y, (line, style)) in (area.y + 1..area.bottom()).zip(lines) {
        let row = Rect { y, height: 1, ..area };
        buffer.set_style(row, style);
        let line = safe::text(line.as_bytes(), kit.ascii).into_owned();
        let rest = format!(" {}: all of it ", model.key(Context::List, Action::Help));
        let (long, wide) = (safe::width(&line), usize::from(row.width));
        let told = u16::try_from(rest.len()).unwrap_or(u16::MAX);
        if long > wide && wide >= 60 && !matches!(model.overlay, Some(Overlay::Help { .. })) {
            let begin = Rect { width: row.width - told, ..row };
            put(buffer, begin, 0, &line, style, kit);
            buffer.set_stringn(begin.right(), y, rest, usize::from(told), style);
        } else {
            put(buffer, row, 0, &line, style, kit);
        }
    }
}

fn bar(model: &Model, kit: &Kit, area: Rect, room: bool, buffer: &mut Buffer) {
    buffer.set_style(area, kit.style.bar);
    let right = counters(model, kit, area.width, room);
    let right_width = u16::try_from(right.width()).unwrap_or(u16::MAX);
    let room = usize::from(area.width.saturating_sub(right_width));
    // The address matters most; the product's name and the targets give way to the counters.
    for level in 0..=LEAST {
        let left = place(model, kit, level);
        // A column between the two sides, besides the space at the end of the left one.
        let both = left.width() < room;
        if both || level == LEAST {
            let width = if both { area.width.saturating_sub(right_width) } else { area.width };
            buffer.set_line(area.x, area.y, &left, width);
            if both {
                buffer.set_line(area.right().saturating_sub(right_width), area.y, &right, right_width);
            }
            return;
        }
    }
}

/// Where it listens and sends; each level says less.
fn place<'a>(model: &Model, kit: &Kit, level: u8) -> Line<'a> {
    let session = &model.session;
    let mut spans = Vec::new();
    if level < 3 {
        spans.push(Span::styled(" hookglass ", kit.style.bar_strong));
    }
    let (sign, url, style) = match session.url() {
        Some(url) => (kit.sign.live, safe::text(url.as_bytes(), kit.ascii).into_owned(), kit.style.bar_good),
        None => (kit.sign.pending, "not listening yet".to_owned(), kit.style.bar_warn),
    };
    spans.push(Span::styled(format!(" {sign}"), style));
    spans.push(Span::styled(format!(" {url}"), kit.style.bar));
    if level < 4 {
        match &session.forward_to[..] {
            [] if level < 1 => {
                spans.push(Span::styled("  not forwarding", kit.style.bar_dim));
            }
            [] => {}
            [first, rest @ ..] => {
                let more = if rest.is_empty() { String::new() } else { format!(" +{}", rest.len()) };
                let target = first.to_string();
                let short = if level > 0 { target.strip_prefix("http://") } else { None };
                let short = if level > 1 { short.and_then(|s| s.split('/').next()) } else { short };
                let target = safe::text(short.unwrap_or(&target).as_bytes(), kit.ascii);
                spans.push(Span::styled(format!("  {} ", kit.sign.arrow), kit.style.bar_strong));
                spans.push(Span::styled(format!("{target}{more}"), kit.style.bar));
            }
        }
    }
    spans.push(Span::styled(" ", kit.style.bar));
    Line::from(spans)
}

/// What is kept and lost, and how the list stands.
/// Without room for a line of its own, the warning about a wide bind stands here.
fn counters<'a>(model: &Model, kit: &Kit, width: u16, room: bool) -> Line<'a> {
    let list = &model.list;
    let mut spans: Vec<Span<'a>> = Vec::new();
    let mut add = |text: String, style: Style| {
        if !spans.is_empty() {
            spans.push(Span::styled(format!(" {} ", kit.sign.dot), kit.style.bar));
        }
        spans.push(Span::styled(text, style));
    };
    let all = number::count(list.totals.kept as u64);
    if let Some((text, _)) = &model.sift.active {
        let room = usize::from(width / 4).max(12);
        let text = safe::text(text.as_bytes(), kit.ascii);
        let text = safe::fit(&text, room, kit.ascii);
        let far = if model.sift.scanning { " so far" } else { "" };
        let count = number::count(list.len() as u64);
        add(format!("{count} of {all} match{far}: {text}"), kit.style.bar_strong);
    } else {
        let word = if list.totals.kept == 1 { "capture" } else { "captures" };
        add(format!("{all} {word}"), kit.style.bar);
    }
    if width >= 140 && model.session.memory_limit > 0 {
        let (used, limit) = (number::size(list.totals.bytes), number::size(model.session.memory_limit));
        add(format!("{used} of {limit}"), kit.style.bar_dim);
    }
    if list.totals.evicted > 0 {
        add(format!("{} evicted", number::count(list.totals.evicted)), kit.style.bar_warn);
    }
    if list.totals.pruned > 0 {
        add(format!("{} pruned", number::count(list.totals.pruned)), kit.style.bar_dim);
    }
    if list.totals.unsaved > 0 {
        let text = format!(" {} not saved ", number::count(list.totals.unsaved as u64));
        add(text, kit.style.banner_bad);
    } else if model.session.file.is_none() && width >= 140 {
        add("memory only".to_owned(), kit.style.bar_dim);
    }
    if model.session.wide_bind.is_some() && !room {
        add("open to the network".to_owned(), kit.style.bar_warn);
    }
    if model.hide {
        add(" HIDDEN ".to_owned(), kit.style.banner_warn);
    }
    if model.mouse {
        add("mouse".to_owned(), kit.style.bar);
    }
    match (list.paused(), list.following()) {
        (true, _) => {
            add(format!(" PAUSED {} waiting ", number::count(list.waiting())), kit.style.banner_warn);
        }
        (false, true) => add("following".to_owned(), kit.style.bar_good),
        (false, false) => match list.unseen() {
            0 => add("follow off".to_owned(), kit.style.bar_dim),
            n => add(format!("{} {} new", kit.sign.down, number::count(n)), kit.style.bar_warn),
        },
    }
    spans.push(Span::styled(" ", kit.style.bar));
    Line::from(spans)
}
