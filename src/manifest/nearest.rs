//! The word that somebody meant: by edit distance.

/// The nearest of `words`, where one is near enough to be meant: a third of its letters may be wrong.
pub fn nearest<'w>(word: &str, words: impl IntoIterator<Item = &'w str>) -> Option<&'w str> {
    // Longer than any word of a manifest: not worth the time.
    if word.len() > 64 {
        return None;
    }
    let with_distance = words.into_iter().map(|known| (distance(word, known), known));
    let (distance, known) = with_distance.min_by_key(|(distance, _)| *distance)?;
    (distance <= known.chars().count().div_ceil(3).max(1) && distance < word.chars().count().max(1)).then_some(known)
}

/// Insertions, removals, replacements and swaps of neighbours that lead from one to the other.
fn distance(left: &str, right: &str) -> usize {
    let (left, right): (Vec<char>, Vec<char>) = (left.chars().collect(), right.chars().collect());
    let mut rows = vec![vec![0; right.len() + 1]; left.len() + 1];
    for (row, cells) in rows.iter_mut().enumerate() {
        cells[0] = row;
    }
    for (column, cell) in rows[0].iter_mut().enumerate() {
        *cell = column;
    }
    for row in 1..=left.len() {
        for column in 1..=right.len() {
            let same = left[row - 1].eq_ignore_ascii_case(&right[column - 1]);
            let mut best = (rows[row - 1][column] + 1).min(rows[row][column - 1] + 1);
            best = best.min(rows[row - 1][column - 1] + usize::from(!same));
            let swapped =
                row > 1 && column > 1 && left[row - 1] == right[column - 2] && left[row - 2] == right[column - 1];
            if swapped {
                best = best.min(rows[row - 2][column - 2] + 1);
            }
            rows[row][column] = best;
        }
    }
    rows[left.len()][right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(word: &str, expected: Option<&str>) {
        assert_eq!(nearest(word, ["ready", "ready_timeout", "ports", "env", "old", "new"]), expected, "{word}");
    }

    #[test]
    fn a_slip_is_recognised_and_nonsense_is_not() {
        check("redy", Some("ready"));
        check("raedy", Some("ready"));
        check("ready-timeout", Some("ready_timeout"));
        check("READY", Some("ready"));
        check("port", Some("ports"));
        check("enviroment", None);
        check("x", None);
        check("", None);
    }

    #[test]
    fn a_rule_is_recognised_without_its_family() {
        let rules = ["http/field-removed", "http/fault", "process/died"];
        assert_eq!(nearest("field-removed", rules), Some("http/field-removed"));
        assert_eq!(nearest("http/feild-removed", rules), Some("http/field-removed"));
        assert_eq!(nearest("grpc/missing", rules), None);
    }
}
