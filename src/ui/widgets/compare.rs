//! Two texts under each other, the first difference marked.

use ratatui::{
    style::Style,
    text::{Line, Span},
};
use unicode_segmentation::UnicodeSegmentation;

use crate::ui::widgets::{
    kit::Kit,
    page::{LABEL, Page},
    safe, wrap,
};

/// Characters from which on a common beginning is no chance: it then matters where it ends.
const ALIKE: usize = 5;
/// Most lines that each text may take.
const MOST: usize = 20;

/// Draws both, line by line in turn, with their labels.
pub(in crate::ui) fn draw(page: &mut Page<'_>, kit: &Kit, labels: [&str; 2], texts: [&[u8]; 2]) {
    let style = &kit.style;
    let indent = LABEL.min(page.columns() / 3);
    let room = page.columns().saturating_sub(indent).max(1);
    let [first, second] = texts.map(|text| safe::text(text, kit.ascii));
    let differs = common(&first, &second);
    // Lines of the same length are easier to compare than a full one and a rest.
    let longest = safe::width(&first).max(safe::width(&second)).max(1);
    let room = longest.div_ceil(longest.div_ceil(room)).max(1);
    let unlike = differs < ALIKE && longest > 2 * ALIKE && !first.is_empty();
    let chunks = [chunks(&first, room), chunks(&second, room)];
    let lines = chunks[0].len().max(chunks[1].len());
    let mut offset = 0;
    for line in 0..lines {
        let parts = [chunks[0].get(line), chunks[1].get(line)];
        let long = parts.iter().flatten().map(|text| text.graphemes(true).count()).max().unwrap_or(0);
        for (label, text) in labels.iter().zip(parts) {
            let mut spans =
                vec![Span::styled(format!("{:<indent$}", safe::fit(label, indent, kit.ascii)), style.dim)];
            if let Some(text) = text {
                let (same, rest) = split(text, differs.saturating_sub(offset));
                let (here, after) = split(rest, usize::from(differs >= offset && !unlike));
                spans.push(Span::styled(same.to_owned(), style.text));
                spans.push(Span::styled(here.to_owned(), style.differs));
                spans.push(Span::styled(after.to_owned(), style.text));
            }
            page.line(Line::from(spans));
        }
        if !unlike && (offset..offset + long).contains(&differs) {
            page.line(Span::styled(
                pointer(differs, differs - offset, indent, page.columns(), kit),
                style.warn,
            ));
        }
        offset += long;
    }
    if unlike {
        let text = "nothing in common, as after any change of secret or content";
        page.said("", text, style.dim);
    }
}

/// How many graphemes two texts share from their beginning.
pub(in crate::ui) fn common(a: &str, b: &str) -> usize {
    a.graphemes(true).zip(b.graphemes(true)).take_while(|(a, b)| a == b).count()
}

/// The line that points at the difference, its words on the side where there is room.
fn pointer(differs: usize, column: usize, indent: usize, columns: usize, kit: &Kit) -> String {
    let words = format!("first difference: character {}", differs + 1);
    let before = indent + column;
    if before + 2 + words.len() <= columns {
        format!("{}{} {words}", " ".repeat(before), kit.sign.caret)
    } else {
        format!("{words:>width$} {}", kit.sign.caret, width = before.saturating_sub(1))
    }
}

fn split(text: &str, graphemes: usize) -> (&str, &str) {
    let at = text.grapheme_indices(true).nth(graphemes).map_or(text.len(), |(at, _)| at);
    text.split_at(at)
}

fn chunks(text: &str, columns: usize) -> Vec<String> {
    let (lines, _) = wrap::hard(&[(Style::new(), text.to_owned())], columns, MOST);
    lines.iter().map(ToString::to_string).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::Look;

    fn drawn(columns: usize, first: &str, second: &str) -> Vec<String> {
        let kit = Kit::of(&Look::default());
        let mut page = Page::new(&kit, columns);
        draw(&mut page, &kit, ["received", "expected"], [first.as_bytes(), second.as_bytes()]);
        page.texts()
    }

    #[test]
    fn the_first_difference_is_pointed_at() {
        assert_eq!(
            drawn(60, "abcdef", "abxdef"),
            ["received    abcdef", "expected    abxdef", "              ▲ first difference: character 3"]
        );
        assert_eq!(drawn(60, "abc", "abc"), ["received    abc", "expected    abc"]);
        assert_eq!(drawn(60, "", "ab")[2], "            ▲ first difference: character 1");
        assert_eq!(drawn(60, "ab", "abc")[2], "              ▲ first difference: character 3");
    }

    #[test]
    fn long_texts_stand_under_each_other_line_by_line() {
        let lines = drawn(50, &"a".repeat(60), &format!("{}b", "a".repeat(59)));
        assert_eq!(lines.len(), 5);
        assert_eq!(lines[2], format!("received    {}", "a".repeat(30)));
        assert_eq!(lines[4].trim_start(), "first difference: character 60 ▲");
        assert_eq!(lines[4].chars().position(|c| c == '▲'), Some(12 + 29));
    }

    #[test]
    fn texts_with_nothing_in_common_are_not_pointed_at() {
        let lines = drawn(80, &"a1".repeat(16), &"b2".repeat(16));
        assert_eq!(lines.len(), 3);
        assert!(lines[2].contains("nothing in common") && !lines.join("").contains('▲'), "{lines:?}");
        assert!(drawn(80, "abc", "xyz")[2].contains('▲'), "short ones are");
    }
}
