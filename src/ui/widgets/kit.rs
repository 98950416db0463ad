//! Styles and symbols: the many that derive from a theme of few roles.

use ratatui::style::{Color, Modifier, Style};

use crate::{
    app::{Look, content::Role},
    config::theme::{Colour, Theme},
    domain::signature::Verdict,
};

/// What every drawing function is handed.
#[derive(Clone, Debug)]
pub(in crate::ui) struct Kit {
    /// The styles.
    pub style: Styles,
    /// The symbols.
    pub sign: &'static Signs,
    /// Whether only ASCII may be drawn.
    pub ascii: bool,
}

/// The styles.
#[derive(Clone, Debug)]
pub(in crate::ui) struct Styles {
    pub ground: Style,
    pub heading: Style,
    pub text: Style,
    pub strong: Style,
    pub dim: Style,
    pub accent: Style,
    pub good: Style,
    pub bad: Style,
    pub warn: Style,
    pub border: Style,
    pub bar: Style,
    pub bar_strong: Style,
    pub bar_warn: Style,
    pub bar_good: Style,
    pub bar_dim: Style,
    pub title: Style,
    pub selected: Style,
    pub selected_idle: Style,
    pub tab: Style,
    pub tab_active: Style,
    pub banner_good: Style,
    pub banner_bad: Style,
    pub banner_warn: Style,
    pub key: Style,
    pub string: Style,
    pub number: Style,
    pub word: Style,
    pub mark: Style,
    pub differs: Style,
    pub found: Style,
}

/// The symbols. Each is one column wide.
#[derive(Debug)]
pub(in crate::ui) struct Signs {
    pub vertical: &'static str,
    pub horizontal: &'static str,
    pub corners: [&'static str; 4],
    pub selected: &'static str,
    pub valid: &'static str,
    pub invalid: &'static str,
    pub unsigned: &'static str,
    pub unchecked: &'static str,
    pub unknown: &'static str,
    pub pending: &'static str,
    pub arrow: &'static str,
    pub times: &'static str,
    pub dot: &'static str,
    pub thumb: &'static str,
    pub live: &'static str,
    pub caret: &'static str,
    pub ellipsis: &'static str,
    pub down: &'static str,
    pub more: &'static str,
    pub marked: &'static str,
    pub noted: &'static str,
}

const UNICODE: Signs = Signs {
    vertical: "│",
    horizontal: "─",
    corners: ["╭", "╮", "╰", "╯"],
    selected: "▌",
    valid: "✓",
    invalid: "✗",
    unsigned: "○",
    unchecked: "?",
    unknown: "·",
    pending: "…",
    arrow: "→",
    times: "×",
    dot: "·",
    thumb: "┃",
    live: "●",
    caret: "▲",
    ellipsis: "…",
    down: "↓",
    more: "›",
    marked: "★",
    noted: "✎",
};

const ASCII: Signs = Signs {
    vertical: "|",
    horizontal: "-",
    corners: ["+", "+", "+", "+"],
    selected: ">",
    valid: "+",
    invalid: "x",
    unsigned: "o",
    unchecked: "?",
    unknown: ".",
    pending: "~",
    arrow: ">",
    times: "x",
    dot: "-",
    thumb: "#",
    live: "*",
    caret: "^",
    ellipsis: "~",
    down: "v",
    more: ">",
    marked: "*",
    noted: "\"",
};

impl Kit {
    /// The kit for a look.
    pub(in crate::ui) fn of(look: &Look) -> Self {
        let sign = if look.ascii { &ASCII } else { &UNICODE };
        Self { style: Styles::of(&look.theme), sign, ascii: look.ascii }
    }

    /// The symbol and the style of a verdict; `None` stands for a check under way. The word always
    /// stands beside it: colour alone says nothing.
    pub(in crate::ui) fn verdict(&self, verdict: Option<Verdict>) -> (&'static str, &'static str, Style) {
        let (sign, style) = match verdict {
            Some(Verdict::Valid) => (self.sign.valid, self.style.good),
            Some(Verdict::Invalid(_)) => (self.sign.invalid, self.style.bad),
            Some(Verdict::Unsigned) => (self.sign.unsigned, self.style.warn),
            Some(Verdict::Unchecked) => (self.sign.unchecked, self.style.warn),
            Some(Verdict::Unknown) => (self.sign.unknown, self.style.dim),
            None => (self.sign.pending, self.style.dim),
        };
        (sign, verdict.map_or("checking", Verdict::as_str), style)
    }

    /// The style of a status code: 2xx good, 3xx plain, 4xx a warning, all else bad.
    pub(in crate::ui) fn status(&self, status: u16) -> Style {
        match status {
            200..300 => self.style.good,
            100..400 => self.style.text,
            400..500 => self.style.warn,
            _ => self.style.bad,
        }
    }

    /// The style of a piece of a document.
    pub(in crate::ui) fn role(&self, role: Role) -> Style {
        match role {
            Role::Text => self.style.text,
            Role::Key | Role::Label => self.style.key,
            Role::Str => self.style.string,
            Role::Number => self.style.number,
            Role::Bool | Role::Null => self.style.word,
            Role::Punct | Role::Offset | Role::Ascii => self.style.dim,
            Role::Mark => self.style.mark,
            Role::Error => self.style.bad,
        }
    }
}

impl Styles {
    fn of(theme: &Theme) -> Self {
        if theme.colours { Self::coloured(theme) } else { Self::mono() }
    }

    fn coloured(theme: &Theme) -> Self {
        let fg = |c: Colour| Style::new().fg(colour(c));
        let bar = fg(theme.text).bg(colour(theme.bar));
        let banner = |c: Colour| fg(theme.on_banner).bg(colour(c)).add_modifier(Modifier::BOLD);
        Self {
            ground: fg(theme.text).bg(colour(theme.background)),
            heading: fg(theme.dim),
            text: fg(theme.text),
            strong: fg(theme.text).add_modifier(Modifier::BOLD),
            dim: fg(theme.dim),
            accent: fg(theme.accent).add_modifier(Modifier::BOLD),
            good: fg(theme.good),
            bad: fg(theme.bad).add_modifier(Modifier::BOLD),
            warn: fg(theme.warn),
            border: fg(theme.border),
            bar,
            bar_strong: bar.fg(colour(theme.accent)).add_modifier(Modifier::BOLD),
            bar_warn: bar.fg(colour(theme.warn)).add_modifier(Modifier::BOLD),
            bar_good: bar.fg(colour(theme.good)).add_modifier(Modifier::BOLD),
            bar_dim: bar.fg(colour(theme.dim)),
            title: bar.add_modifier(Modifier::BOLD),
            selected: Style::new().bg(colour(theme.selection)).add_modifier(Modifier::BOLD),
            selected_idle: Style::new().bg(colour(theme.bar)),
            tab: fg(theme.dim),
            tab_active: fg(theme.on_banner).bg(colour(theme.accent)).add_modifier(Modifier::BOLD),
            banner_good: banner(theme.good),
            banner_bad: banner(theme.bad),
            banner_warn: banner(theme.warn),
            key: fg(theme.key),
            string: fg(theme.string),
            number: fg(theme.number),
            word: fg(theme.word),
            mark: fg(theme.mark).add_modifier(Modifier::BOLD),
            differs: banner(theme.bad),
            found: Style::new()
                .bg(colour(theme.selection))
                .add_modifier(Modifier::BOLD | Modifier::UNDERLINED),
        }
    }

    /// Without colours, bold, underline and reverse carry the differences.
    fn mono() -> Self {
        let plain = Style::new();
        let bold = plain.add_modifier(Modifier::BOLD);
        let reverse = plain.add_modifier(Modifier::REVERSED);
        let under = plain.add_modifier(Modifier::UNDERLINED);
        Self {
            ground: plain,
            heading: bold.add_modifier(Modifier::UNDERLINED),
            text: plain,
            strong: bold,
            dim: plain,
            accent: bold,
            good: plain,
            bad: bold,
            warn: plain,
            border: plain,
            bar: reverse,
            bar_strong: reverse.add_modifier(Modifier::BOLD),
            bar_warn: reverse.add_modifier(Modifier::BOLD | Modifier::UNDERLINED),
            bar_good: reverse.add_modifier(Modifier::BOLD),
            bar_dim: reverse,
            title: under.add_modifier(Modifier::BOLD),
            selected: reverse,
            selected_idle: under,
            tab: plain,
            tab_active: reverse.add_modifier(Modifier::BOLD),
            banner_good: reverse,
            banner_bad: reverse.add_modifier(Modifier::BOLD),
            banner_warn: reverse,
            key: bold,
            string: plain,
            number: plain,
            word: plain,
            mark: reverse,
            differs: reverse.add_modifier(Modifier::BOLD),
            found: under.add_modifier(Modifier::BOLD),
        }
    }
}

const fn colour(colour: Colour) -> Color {
    match colour {
        Colour::Default => Color::Reset,
        Colour::Palette(index) => Color::Indexed(index),
        Colour::Rgb(red, green, blue) => Color::Rgb(red, green, blue),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_verdict_has_a_symbol_and_a_word_of_its_own() {
        use crate::domain::signature::Code;
        for ascii in [false, true] {
            let kit = Kit::of(&Look { theme: Theme::mono(), ascii });
            let all = [
                Some(Verdict::Valid),
                Some(Verdict::Invalid(Code::Mismatch)),
                Some(Verdict::Unsigned),
                Some(Verdict::Unchecked),
                Some(Verdict::Unknown),
                None,
            ];
            let signs: std::collections::BTreeSet<_> = all.iter().map(|v| kit.verdict(*v).0).collect();
            let words: std::collections::BTreeSet<_> = all.iter().map(|v| kit.verdict(*v).1).collect();
            assert_eq!((signs.len(), words.len()), (6, 6));
        }
    }

    #[test]
    fn mono_uses_no_colour_at_all() {
        let styles = format!("{:?}", Styles::mono());
        assert!(!styles.contains("fg: Some") && !styles.contains("Color"), "{styles}");
    }
}
