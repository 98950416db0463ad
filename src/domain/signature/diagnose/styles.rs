//! The styles in which frameworks print JSON, and who prints so.

use crate::domain::signature::diagnose::json::{Html, Layout, Numbers, Strings, Style, Unicode};

/// A style with what to say about it.
pub(super) struct Habit {
    /// Follows "the signed body is ".
    pub(super) how: &'static str,
    pub(super) style: Style,
}

const KEPT: Style =
    Style { layout: Layout::Compact, sorted: false, strings: Strings::Kept, numbers: Numbers::Kept };

const fn written(layout: Layout, unicode: Unicode, slash: bool, html: Html) -> Style {
    Style {
        layout,
        sorted: false,
        strings: Strings::Written { unicode, slash, html },
        numbers: Numbers::Kept,
    }
}

const fn sorted(style: Style) -> Style {
    Style { sorted: true, ..style }
}

const fn numbers(style: Style, numbers: Numbers) -> Style {
    Style { numbers, ..style }
}

const SCRIPT: Style = written(Layout::Compact, Unicode::Literal, false, Html::Plain);
const ASCII: Style = written(Layout::Compact, Unicode::Lower, false, Html::Plain);
const PHP: Style = written(Layout::Compact, Unicode::Lower, true, Html::Plain);
const GO: Style = written(Layout::Compact, Unicode::Literal, false, Html::Lower);

const fn lay(style: Style, layout: Layout) -> Style {
    Style { layout, ..style }
}

/// All styles, the likeliest first. Two may print the same; the first one counts.
pub(super) const HABITS: &[Habit] = &[
    Habit { how: "the same JSON without white space between its parts", style: KEPT },
    Habit { how: "the same JSON, compact, its strings written as JSON.stringify does", style: SCRIPT },
    Habit {
        how: "the same JSON with a blank after each comma and colon, as Python's json.dumps writes it",
        style: lay(KEPT, Layout::Spaced),
    },
    Habit {
        how: "the same JSON with blanks and \\u escapes, as Python's json.dumps writes it",
        style: lay(ASCII, Layout::Spaced),
    },
    Habit {
        how: "the same JSON with blanks and without \\u escapes, as Python writes it with ensure_ascii=False",
        style: lay(SCRIPT, Layout::Spaced),
    },
    Habit { how: "the same JSON, indented by 2 blanks", style: lay(KEPT, Layout::Lines(2)) },
    Habit { how: "the same JSON, indented by 4 blanks", style: lay(KEPT, Layout::Lines(4)) },
    Habit { how: "the same JSON, indented by tabs", style: lay(KEPT, Layout::Tabs) },
    Habit { how: "the same JSON, compact, with characters beyond ASCII as \\u escapes", style: ASCII },
    Habit {
        how: "the same JSON, compact, with \\/ and \\u escapes, as PHP's json_encode writes it",
        style: PHP,
    },
    Habit {
        how: "the same JSON, compact, with \\/ for each slash",
        style: written(Layout::Compact, Unicode::Literal, true, Html::Plain),
    },
    Habit {
        how: "the same JSON, compact, with \\u escapes in capitals",
        style: written(Layout::Compact, Unicode::Upper, false, Html::Plain),
    },
    Habit { how: "the same JSON with <, > and & escaped, as Go and Rails write it", style: GO },
    Habit { how: "the same JSON with its names sorted, compact", style: sorted(KEPT) },
    Habit {
        how: "the same JSON with its names sorted, and <, > and & escaped, as Go writes maps",
        style: sorted(GO),
    },
    Habit {
        how: "the same JSON with its names sorted, compact, its strings written anew",
        style: sorted(SCRIPT),
    },
    Habit {
        how: "the same JSON with its names sorted and blanks, as Python writes it with sort_keys=True",
        style: sorted(lay(ASCII, Layout::Spaced)),
    },
    Habit {
        how: "the same JSON with its names sorted and blanks, without \\u escapes",
        style: sorted(lay(SCRIPT, Layout::Spaced)),
    },
    Habit {
        how: "the same JSON with its numbers written as JavaScript does (1.0 becomes 1)",
        style: numbers(SCRIPT, Numbers::Script),
    },
    Habit {
        how: "the same JSON with its numbers and blanks as Python writes them",
        style: numbers(lay(ASCII, Layout::Spaced), Numbers::Python),
    },
    Habit {
        how: "the same JSON with <, >, &, ' and characters beyond ASCII escaped in capitals, as System.Text.Json writes it",
        style: written(Layout::Compact, Unicode::Upper, false, Html::Upper),
    },
    Habit {
        how: "the same JSON with <, >, &, ' and = escaped, as Gson writes it",
        style: written(Layout::Compact, Unicode::Literal, false, Html::Gson),
    },
    Habit {
        how: "the same JSON, indented by 2 blanks, its strings written anew",
        style: lay(SCRIPT, Layout::Lines(2)),
    },
    Habit {
        how: "the same JSON, indented by 4 blanks, its strings written anew",
        style: lay(SCRIPT, Layout::Lines(4)),
    },
    Habit {
        how: "the same JSON, indented by 2 blanks with \\u escapes",
        style: lay(ASCII, Layout::Lines(2)),
    },
    Habit {
        how: "the same JSON, indented by 4 blanks with \\u escapes",
        style: lay(ASCII, Layout::Lines(4)),
    },
    Habit {
        how: "the same JSON, indented by 4 blanks with \\/ and \\u escapes, as PHP pretty-prints it",
        style: lay(PHP, Layout::Lines(4)),
    },
    Habit {
        how: "the same JSON with its names sorted, indented by 2 blanks",
        style: sorted(lay(KEPT, Layout::Lines(2))),
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::signature::diagnose::json::{parse, print};

    #[test]
    fn every_style_prints_what_its_program_prints() {
        let text = "{\"b\": \"\u{e9}/<\u{1f600}\", \"a\" : [1.0, {}, []]}";
        let value = parse(text).unwrap();
        let printed: Vec<String> =
            HABITS.iter().map(|habit| print(&value, habit.style, text.len()).unwrap()).collect();
        for expected in [
            "{\"b\":\"\u{e9}/<\u{1f600}\",\"a\":[1.0,{},[]]}",
            "{\"b\": \"\\u00e9/<\\ud83d\\ude00\", \"a\": [1.0, {}, []]}",
            "{\n  \"b\": \"\u{e9}/<\u{1f600}\",\n  \"a\": [\n    1.0,\n    {},\n    []\n  ]\n}",
            "{\"b\":\"\\u00e9\\/<\\ud83d\\ude00\",\"a\":[1.0,{},[]]}",
            "{\"b\":\"\u{e9}/\\u003c\u{1f600}\",\"a\":[1.0,{},[]]}",
            "{\"a\":[1.0,{},[]],\"b\":\"\u{e9}/<\u{1f600}\"}",
            "{\"b\":\"\u{e9}/<\u{1f600}\",\"a\":[1,{},[]]}",
            "{\"b\":\"\\u00E9/\\u003C\\uD83D\\uDE00\",\"a\":[1.0,{},[]]}",
        ] {
            assert!(printed.iter().any(|text| text == expected), "{expected}\n{printed:#?}");
        }
    }

    #[test]
    fn what_is_not_json_is_left_alone() {
        for text in ["", "{", "{\"a\":1,}", "[1 2]", "\"\\x\" x", "nul", "{\"a\":1}x", "--1", "\"a\nb\""] {
            assert!(parse(text).is_none(), "{text}");
        }
        assert!(parse(&format!("{}{}", "[".repeat(500), "]".repeat(500))).is_none());
        // A lone surrogate is JSON, and no style writes it.
        let value = parse("\"\\ud800\"").unwrap();
        assert!(print(&value, HABITS[1].style, 10).is_none());
    }
}
