//! What is known of a provider, in words.

use std::fmt::Write as _;

use crate::domain::signature::{Catalog, Provider, Scheme};

/// All providers, one a line: id, name, how it signs, where, and where secrets are looked for.
#[must_use]
pub fn table(catalog: &Catalog) -> String {
    let mut rows: Vec<[String; 5]> = catalog.providers().map(row).collect();
    rows.sort_unstable();
    rows.insert(0, ["ID", "NAME", "SIGNATURE", "WHERE", "SECRET"].map(str::to_owned));
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default();
    let widths: Vec<usize> = (0..4).map(width).collect();
    let mut out = String::new();
    for row in &rows {
        for (cell, width) in row.iter().zip(&widths) {
            let _ = write!(out, "{cell:<width$}  ");
        }
        let _ = writeln!(out, "{}", row[4]);
    }
    out
}

/// The table of the README.
#[must_use]
pub fn markdown() -> String {
    let mut rows: Vec<[String; 5]> = Catalog::builtin().providers().map(row).collect();
    rows.sort_unstable();
    let mut out =
        String::from("| id | provider | signature | where | secret is found in |\n|---|---|---|---|---|\n");
    for [id, name, algorithm, place, env] in rows {
        let name = match Catalog::builtin().provider(&id).and_then(Provider::docs) {
            Some(docs) => format!("[{name}]({docs})"),
            None => name,
        };
        let env: Vec<String> = env.split(' ').map(|name| format!("`{name}`")).collect();
        let _ = writeln!(out, "| `{id}` | {name} | {algorithm} | {place} | {} |", env.join(", "));
    }
    out
}

fn row(provider: &Provider) -> [String; 5] {
    let each = |tell: &dyn Fn(&Scheme) -> String| {
        let mut found: Vec<String> = Vec::new();
        for scheme in provider.schemes() {
            let text = tell(scheme);
            if !found.contains(&text) {
                found.push(text);
            }
        }
        found.join(", ")
    };
    [
        provider.id().to_owned(),
        provider.name().to_owned(),
        each(&|scheme| scheme.algorithm().as_str().to_owned()),
        each(&|scheme| {
            let place = scheme.place();
            place.strip_prefix("header ").map_or_else(|| place.clone(), str::to_owned)
        }),
        provider.env().collect::<Vec<_>>().join(" "),
    ]
}

/// Everything about one provider, without a line end at its end.
#[must_use]
pub fn describe(provider: &Provider) -> String {
    let mut lines = vec![format!("{} ({})", provider.name(), provider.id())];
    lines.extend(provider.docs().map(str::to_owned));
    for scheme in provider.schemes() {
        lines.push(String::new());
        lines.push(format!("Scheme {}", scheme.id()));
        let mut fact = |name: &str, value: String| lines.push(format!("  {name:<10} {value}"));
        fact("signature", scheme.algorithm().as_str().to_owned());
        fact("stands in", format!("{}, written as {}", scheme.place(), scheme.encoding().as_str()));
        if !scheme.content().is_empty() {
            fact("signed is", scheme.content().to_owned());
            let beside = scheme.companion_headers();
            if !beside.is_empty() {
                fact("needs", format!("the headers {}", beside.join(", ")));
            }
        }
        fact("the key is", scheme.key().as_str().to_owned());
        fact(
            "age",
            match (scheme.has_time(), scheme.tolerance()) {
                (_, Some(most)) => format!("at most {} s", most.as_secs()),
                (true, None) => "a time is signed, but the provider names no limit".to_owned(),
                (false, None) => "no time is signed: an old request can be sent again".to_owned(),
            },
        );
        if let Some(form) = scheme.time_form() {
            fact("the time is", form.to_owned());
        }
        let refusals: Vec<_> = scheme.refusals().collect();
        if let Some((last, others)) = refusals.split_last() {
            let others = if others.is_empty() { String::new() } else { others.join(", ") + " or " };
            fact("refused is", others + last);
        }
        for difference in scheme.differences() {
            fact("differs", difference.to_owned());
        }
        if let Some(weak) = scheme.weak() {
            fact("weak", weak.to_owned());
        }
    }
    lines.push(String::new());
    let names: Vec<&str> = provider.env().collect();
    lines.push(format!("The secret is looked for in {}.", names.join(", ")));
    if let Some(shape) = provider.secret_shape() {
        lines.push(format!("It looks like this: {shape}."));
    }
    if let Some(deadline) = provider.deadline() {
        let by = provider.timing_by().map_or_else(String::new, |who| format!(" (by {who}; not confirmed)"));
        lines.push(format!("The provider waits {} s for an answer{by}.", deadline.as_secs()));
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_provider_is_told_in_both_tables() {
        let (table, markdown) = (table(Catalog::builtin()), markdown());
        for provider in Catalog::builtin().providers() {
            assert!(table.lines().any(|line| line.starts_with(&format!("{} ", provider.id()))));
            assert!(markdown.contains(&format!("| `{}` |", provider.id())));
            let text = describe(provider);
            assert!(text.contains(provider.docs().unwrap_or_default()), "{text}");
            for scheme in provider.schemes() {
                assert!(text.contains(&format!("Scheme {}", scheme.id())), "{text}");
            }
        }
        let paddle = describe(Catalog::builtin().provider("paddle").unwrap());
        assert!(paddle.contains("waits 5 s for an answer (by "), "{paddle}");
        assert!(markdown.lines().all(|line| line.matches(" | ").count() == 4 || line.starts_with("|---")));
    }

    #[test]
    fn stripe_in_words() {
        let text = describe(Catalog::builtin().provider("stripe").unwrap());
        for line in [
            "Stripe (stripe)",
            "  signature  HMAC-SHA256",
            "  stands in  header Stripe-Signature, written as hex",
            "  signed is  {sig:t}.{body}",
            "  the key is the secret's text as it is",
            "  age        at most 300 s",
            "  the time is a whole number; the number is signed, not its text",
            "  refused is an empty body or a body that is not UTF-8",
            "  differs    the Python package counts parts of a second, the JavaScript one does not",
            "It looks like this: `whsec_` and letters and digits, used as it is.",
        ] {
            assert!(text.lines().any(|found| found == line), "{line}\n{text}");
        }
    }
}
