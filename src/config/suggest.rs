//! What was probably meant: the nearest of the names that exist.

/// The known name that is nearest to a word, if one is near enough to be meant.
///
/// Near is at most a third of the longer name's letters changed, added, left out or swapped with
/// their neighbour (the optimal string alignment distance); `-` and `_` count as the same.
#[must_use]
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // A name is a few letters; a longer word is not a slip, and the distance costs its square.
    if word.is_empty() || word.len() > 64 {
        return None;
    }
    let plain = |text: &str| -> Vec<char> {
        text.chars().map(|c| if c == '-' { '_' } else { c.to_ascii_lowercase() }).collect()
    };
    let word = plain(word);
    known
        .into_iter()
        .map(|name| (name, plain(name)))
        .map(|(name, letters)| (distance(&word, &letters), word.len().max(letters.len()), name))
        .filter(|&(distance, length, _)| distance <= (length / 3).max(1))
        .min_by_key(|&(distance, ..)| distance)
        .map(|(_, _, name)| name)
}

fn distance(a: &[char], b: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for (i, &x) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, &y) in b.iter().enumerate() {
            let mut cost = (last[j] + usize::from(x != y)).min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && x == b[j - 1] && a[i - 1] == y {
                cost = cost.min(before[j - 1] + 1);
            }
            row.push(cost);
        }
        before = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_understood_and_other_words_are_not() {
        let known = ["path", "methods", "provider", "secrets", "respond_sequence", "on_invalid"];
        for (word, expected) in [
            ("secret", Some("secrets")),
            ("on-invalid", Some("on_invalid")),
            ("respond_sequnece", Some("respond_sequence")),
            ("Provider", Some("provider")),
            ("paht", Some("path")),
            ("timeout", None),
            ("x", None),
            ("", None),
        ] {
            assert_eq!(nearest(word, known), expected, "{word}");
        }
    }
}
