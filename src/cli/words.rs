//! Words that arguments are made of: names of checks, durations, shards; and the word that somebody meant.

use std::time::Duration;

use crate::checks::NAMES;

/// A check that `--only` and `--skip` take, whether or not this release has it.
pub(super) fn check(text: &str) -> Result<String, String> {
    if NAMES.contains(&text) {
        Ok(text.to_owned())
    } else {
        Err(format!("there is no such check; the checks are {}", NAMES.join(", ")))
    }
}

/// `90s`, `10m`, `1h30m`, `500ms`.
pub(super) fn duration(text: &str) -> Result<Duration, String> {
    let bad = || "a duration is a number and a unit, as in 90s, 10m or 1h30m".to_owned();
    let (mut rest, mut total) = (text, Duration::ZERO);
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit()).ok_or_else(bad)?;
        let number: u64 = rest[..digits].parse().map_err(|_| bad())?;
        rest = &rest[digits..];
        let unit = rest.find(|c: char| c.is_ascii_digit()).unwrap_or(rest.len());
        let milliseconds = match &rest[..unit] {
            "ms" => 1,
            "s" => 1_000,
            "m" => 60_000,
            "h" => 3_600_000,
            _ => return Err(bad()),
        };
        let part = number.checked_mul(milliseconds).ok_or_else(bad)?;
        total = total.checked_add(Duration::from_millis(part)).ok_or_else(bad)?;
        rest = &rest[unit..];
    }
    if total.is_zero() { Err(bad()) } else { Ok(total) }
}

/// `I/N`, from 1.
pub(super) fn shard(text: &str) -> Result<(u32, u32), String> {
    let parts = text.split_once('/').and_then(|(part, of)| Some((part.parse().ok()?, of.parse().ok()?)));
    match parts {
        Some((part, of)) if part >= 1 && part <= of => Ok((part, of)),
        _ => Err("a shard is I/N with I from 1 to N, as in 2/5".to_owned()),
    }
}

/// A number from 1.
pub(super) fn jobs(text: &str) -> Result<usize, String> {
    text.parse().ok().filter(|jobs| *jobs > 0).ok_or_else(|| "it is a whole number from 1".to_owned())
}

/// Any number of 64 bits.
pub(super) fn seed(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| format!("a seed is a whole number from 0 to {}", u64::MAX))
}

/// The nearest of `known`, where it is near enough to be what was meant.
pub(super) fn meant<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let near = known.into_iter().map(|candidate| (distance(word, candidate), candidate)).min()?;
    (near.0 <= 1 + near.1.chars().count() / 4).then_some(near.1)
}

/// How many letters must be put in, left out or exchanged to get from one to the other (Levenshtein).
fn distance(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (i, a) in from.chars().take(200).enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, b) in to.iter().enumerate() {
            let best = (diagonal + usize::from(a != *b)).min(row[j] + 1).min(row[j + 1] + 1);
            diagonal = std::mem::replace(&mut row[j + 1], best);
        }
    }
    row[to.len()]
}

#[cfg(test)]
mod tests {
    use super::{check, duration, meant, shard};

    #[test]
    fn durations_have_units_and_are_longer_than_nothing() {
        let of = |text| duration(text).ok().map(|duration| duration.as_millis());
        assert_eq!(of("10m"), Some(600_000));
        assert_eq!(of("1h30m"), Some(5_400_000));
        assert_eq!(of("500ms"), Some(500));
        for bad in ["", "10", "m", "10 m", "-1s", "1d", "0s", "99999999999999999999s", "18446744073709551615h", "1.5h"]
        {
            assert_eq!(of(bad), None, "{bad}");
        }
    }

    #[test]
    fn shards_count_from_one() {
        assert_eq!(shard("2/5"), Ok((2, 5)));
        for bad in ["0/5", "6/5", "1", "a/b", "1/0", "-1/2", ""] {
            assert!(shard(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_check_of_a_later_release_has_its_name_already() {
        assert_eq!(check("canary"), Ok("canary".to_owned()));
        assert!(check("Replay").is_err());
    }

    #[test]
    fn what_was_meant_is_near_and_not_anything() {
        let known = ["http/field-removed", "http/fault", "process/died"];
        assert_eq!(meant("http/feild-removed", known), Some("http/field-removed"));
        assert_eq!(meant("field-removed", known), Some("http/field-removed"));
        assert_eq!(meant("grpc/missing", known), None);
    }
}
