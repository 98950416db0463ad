//! Text over several lines.

use ratatui::{
    style::Style,
    text::{Line, Span},
};
use unicode_segmentation::UnicodeSegmentation;

use crate::ui::widgets::safe;

/// Breaks styled pieces at a width, anywhere: for values, where every character counts. At most
/// `most` lines come out; the flag says whether there was more.
pub(in crate::ui) fn hard(
    pieces: &[(Style, String)],
    columns: usize,
    most: usize,
) -> (Vec<Line<'static>>, bool) {
    let columns = columns.max(1);
    let mut lines: Vec<Vec<Span<'static>>> = vec![Vec::new()];
    let mut used = 0;
    for (style, text) in pieces {
        let mut run = String::new();
        for grapheme in text.graphemes(true) {
            let wide = safe::width(grapheme);
            if used + wide > columns && used > 0 {
                if lines.len() == most {
                    push(&mut lines, &mut run, *style);
                    return (finish(lines), true);
                }
                push(&mut lines, &mut run, *style);
                lines.push(Vec::new());
                used = 0;
            }
            run.push_str(grapheme);
            used += wide;
        }
        push(&mut lines, &mut run, *style);
    }
    (finish(lines), false)
}

/// The first line of styled pieces, and what is left of them.
pub(in crate::ui) fn head(
    pieces: &[(Style, String)],
    columns: usize,
) -> (Line<'static>, Vec<(Style, String)>) {
    let (mut line, mut used) = (Vec::new(), 0);
    for (index, (style, text)) in pieces.iter().enumerate() {
        for (at, grapheme) in text.grapheme_indices(true) {
            let wide = safe::width(grapheme);
            if used + wide > columns.max(1) && used > 0 {
                line.push(Span::styled(text[..at].to_owned(), *style));
                let first = (*style, text[at..].to_owned());
                let rest = std::iter::once(first).chain(pieces[index + 1..].iter().cloned());
                return (Line::from(line), rest.collect());
            }
            used += wide;
        }
        line.push(Span::styled(text.clone(), *style));
    }
    (Line::from(line), Vec::new())
}

/// Breaks sentences between words; a word longer than a line is broken anywhere.
pub(in crate::ui) fn words(text: &str, columns: usize) -> Vec<String> {
    let columns = columns.max(1);
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split(' ') {
        let room = columns.saturating_sub(safe::width(&line));
        if !line.is_empty() && safe::width(word) + 1 > room {
            lines.push(std::mem::take(&mut line));
        } else if !line.is_empty() {
            line.push(' ');
        }
        for grapheme in word.graphemes(true) {
            if safe::width(&line) + safe::width(grapheme) > columns && !line.is_empty() {
                lines.push(std::mem::take(&mut line));
            }
            line.push_str(grapheme);
        }
    }
    lines.push(line);
    lines
}

fn push(lines: &mut [Vec<Span<'static>>], run: &mut String, style: Style) {
    if let Some(line) = lines.last_mut().filter(|_| !run.is_empty()) {
        line.push(Span::styled(std::mem::take(run), style));
    }
}

fn finish(lines: Vec<Vec<Span<'static>>>) -> Vec<Line<'static>> {
    lines.into_iter().map(Line::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_stay_whole_where_they_can() {
        assert_eq!(words("one two three", 7), ["one two", "three"]);
        assert_eq!(words("abcdefghij k", 4), ["abcd", "efgh", "ij k"]);
        assert_eq!(words("", 4), [""]);
        assert_eq!(words("日本語", 1), ["日", "本", "語"]);
    }

    #[test]
    fn values_are_cut_anywhere_and_bounded() {
        let text = |lines: &[Line<'_>]| lines.iter().map(ToString::to_string).collect::<Vec<_>>();
        let (lines, more) = hard(&[(Style::new(), "abcdef".into()), (Style::new(), "gh".into())], 3, 9);
        assert_eq!((text(&lines), more), (vec!["abc".into(), "def".into(), "gh".to_string()], false));
        let (lines, more) = hard(&[(Style::new(), "x".repeat(100))], 10, 3);
        assert_eq!((lines.len(), more), (3, true));
    }
}
