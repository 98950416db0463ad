//! The detail: title, tabs, and the pane.

use ratatui::{buffer::Buffer, layout::Rect};

use crate::{
    app::{
        Model, find,
        layout::{Area, Layout},
        model::Focus,
    },
    config::keymap::{Action, Context},
    domain::{capture::Cut, record::Record, redact},
    ui::{
        list::put,
        panes::{self, Scene},
        widgets::{kit::Kit, number, page::Page, safe},
    },
};

/// Draws it and notes where things stand.
pub(super) fn draw(model: &Model, kit: &Kit, area: Rect, buffer: &mut Buffer, layout: &mut Layout) {
    if area.is_empty() {
        return;
    }
    let Some(record) = &model.detail.record else {
        buffer.set_style(Rect { height: 1, ..area }, kit.style.bar);
        let text = model.detail.unreadable.as_deref().unwrap_or("no capture is selected");
        put(buffer, area, 1, &safe::text(text.as_bytes(), kit.ascii), kit.style.bar_dim, kit);
        return;
    };
    let summary = &record.capture.summary;
    let style = if model.focus == Focus::Detail { kit.style.bar_strong } else { kit.style.title };
    let most = summary.target().len().min(usize::from(area.width) * 4);
    let target = model.seen_url(&summary.target()[..most]);
    let refused = summary.cut == Some(Cut::Refused);
    let title = if model.hide && refused && !redact::is_request(summary.method(), summary.target()) {
        format!("#{} {}", summary.id, redact::MARKER)
    } else {
        let method = safe::text(summary.method(), kit.ascii);
        format!("#{} {method} {}", summary.id, safe::text(&target, kit.ascii))
    };
    let row = Rect { height: 1, ..area };
    buffer.set_style(row, style);
    let verdict = verdict(record, kit, row, buffer);
    put(buffer, Rect { width: area.width - verdict, ..row }, 1, &title, style, kit);
    let mut y = area.y + 1;
    if model.detail.gone && y < area.bottom() {
        let row = Rect { y, height: 1, ..area };
        let text = "evicted from memory; shown here until another one is selected";
        buffer.set_style(row, kit.style.banner_warn);
        put(buffer, row, 1, text, kit.style.banner_warn, kit);
        y += 1;
    }
    if y < area.bottom() {
        layout.tabs = tabs(model, kit, Rect { y, height: 1, ..area }, buffer);
        y += 1;
    }
    if y < area.bottom() && area.height > 6 {
        let rule = kit.sign.horizontal.repeat(usize::from(area.width));
        buffer.set_stringn(area.x, y, rule, usize::from(area.width), kit.style.border);
        y += 1;
    }
    let inner = Rect {
        x: area.x.saturating_add(1).min(area.right()),
        y,
        // Text does not touch the thumb at the right edge.
        width: area.width.saturating_sub(if area.width < 40 { 2 } else { 3 }),
        height: area.bottom().saturating_sub(y),
    };
    let Some(record) = model.detail.shown() else {
        put(buffer, inner, 0, "hiding what is in it ...", kit.style.dim, kit);
        return;
    };
    let scene = Scene { model, kit, record };
    let mut page = Page::new(kit, usize::from(inner.width));
    if let Some(pane) = panes::TABLE.get(model.detail.pane) {
        (pane.build)(&scene, &mut page);
    }
    let cut = page.draw(inner, buffer, model.detail.scroll());
    layout.detail = Area { x: inner.x, y: inner.y, width: inner.width, height: inner.height };
    layout.detail_lines = page.lines();
    if model.find.active() {
        (layout.found, layout.found_all) = page.find(&model.find);
        let top = model.detail.scroll().line.min(page.lines().saturating_sub(usize::from(inner.height)));
        highlight(model, kit, inner, top, buffer);
    }
    position(model, kit, area, inner, (page.lines(), cut), buffer);
}

/// Shows where the text that is looked for stands among what is seen.
fn highlight(model: &Model, kit: &Kit, area: Rect, top: usize, buffer: &mut Buffer) {
    let at = model.find.at.unwrap_or((usize::MAX, 0));
    let text = safe::text(model.find.text.as_bytes(), kit.ascii);
    let wide = u16::try_from(safe::width(&text)).unwrap_or(u16::MAX);
    for (index, y) in (area.y..area.bottom()).enumerate() {
        let mut line = String::new();
        let mut skip = 0;
        for x in area.x..area.right() {
            let symbol = buffer[(x, y)].symbol();
            if skip == 0 {
                line.push_str(symbol);
                skip = safe::width(symbol).max(1);
            }
            skip -= 1;
        }
        for column in find::columns(&line, &text) {
            let column16 = u16::try_from(column).unwrap_or(u16::MAX);
            let seen = at.1.checked_sub(model.detail.scroll().column);
            let here = at.0 == top + index && (seen == Some(column) || at.1 == column);
            let style = if here { kit.style.banner_warn } else { kit.style.found };
            let width = wide.min(area.width.saturating_sub(column16));
            buffer.set_style(Rect { x: area.x + column16, y, width, height: 1 }, style);
        }
    }
}

/// What the check says, at the right of the title; returns its columns. It gives way to the title on
/// a narrow screen.
fn verdict(record: &Record, kit: &Kit, row: Rect, buffer: &mut Buffer) -> u16 {
    let check = record.check.as_ref().map(|check| check.verdict);
    let (sign, word, style) = kit.verdict(check);
    let text = format!(" {sign} {word} ");
    let width = u16::try_from(safe::width(&text)).unwrap_or(u16::MAX);
    if row.width < 50 || record.capture.summary.cut == Some(Cut::Refused) {
        return 0;
    }
    // The colour alone: the background is that of the title.
    buffer.set_stringn(row.right() - width, row.y, text, usize::from(width), style);
    width
}

/// The tabs. Where they do not fit, badges, then numbers give way, then the titles of those not shown.
fn tabs(model: &Model, kit: &Kit, area: Rect, buffer: &mut Buffer) -> Vec<Area> {
    let titles: Vec<[String; 5]> = panes::TABLE
        .iter()
        .enumerate()
        .map(|(index, pane)| {
            let badge = model.detail.record.as_ref().and_then(|record| (pane.badge)(record, kit));
            let (number, title) = (index + 1, pane.info.title);
            let badge = badge.map(|badge| format!(" {badge}")).unwrap_or_default();
            let active = index == model.detail.pane;
            let short = if active { title } else { pane.short };
            let last = if active { pane.short.to_owned() } else { number.to_string() };
            [
                format!(" {number} {title}{badge} "),
                format!(" {number} {title} "),
                format!(" {title} "),
                format!(" {short} "),
                format!(" {last} "),
            ]
        })
        .collect();
    let width = |level: usize| titles.iter().map(|title| safe::width(&title[level])).sum::<usize>();
    let level = (0..5).find(|&level| width(level) <= usize::from(area.width)).unwrap_or(4);
    let mut x = area.x;
    let mut places = Vec::new();
    for (index, title) in titles.iter().enumerate() {
        let active = index == model.detail.pane;
        let style = if active { kit.style.tab_active } else { kit.style.tab };
        let text = &title[level];
        let room = area.right().saturating_sub(x);
        let width = u16::try_from(safe::width(text)).unwrap_or(room).min(room);
        if width > 0 {
            buffer.set_stringn(x, area.y, text, usize::from(width), style);
        }
        places.push(Area { x, y: area.y, width, height: 1 });
        x += width;
    }
    places
}

/// How far down and to the right one is: a thumb at the right edge, and numbers on the rule.
fn position(
    model: &Model,
    kit: &Kit,
    area: Rect,
    inner: Rect,
    (lines, cut): (usize, bool),
    buffer: &mut Buffer,
) {
    let height = usize::from(inner.height);
    if height == 0 || area.width < 4 {
        return;
    }
    let scroll = model.detail.scroll();
    let mut text = String::new();
    if scroll.column > 0 {
        text.push_str(&format!(" from column {} ", scroll.column + 1));
    }
    if cut {
        text.push_str(&format!(" {} right {} ", model.key(Context::Detail, Action::Right), kit.sign.more));
    }
    if lines > height {
        let above = scroll.line.min(lines - height);
        let size = (height * height / lines).clamp(1, height);
        let at = (height - size) * above / (lines - height);
        for row in at..at + size {
            let y = inner.y + u16::try_from(row).unwrap_or(0);
            buffer.set_stringn(area.right() - 1, y, kit.sign.thumb, 1, kit.style.dim);
        }
        let [first, last, all] = [above + 1, above + height, lines].map(|n| number::count(n as u64));
        text.push_str(&format!(" {first}-{last} of {all} "));
    }
    let room = usize::from(area.width.saturating_sub(2));
    let width = safe::width(&text);
    if inner.y > area.y + 2 && width <= room {
        let x = area.right() - 1 - u16::try_from(width).unwrap_or(0);
        buffer.set_stringn(x, inner.y - 1, &text, room, kit.style.dim);
    }
}
