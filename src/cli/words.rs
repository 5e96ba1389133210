//! Words that arguments are made of: names of checks, durations, shards.

use std::time::Duration;

use crate::checks::NAMES;
use crate::manifest;

/// A check that `--only` and `--skip` take, whether or not this release has it.
pub(super) fn check(text: &str) -> Result<String, String> {
    if NAMES.contains(&text) {
        Ok(text.to_owned())
    } else {
        Err(format!("there is no such check; the checks are {}", NAMES.join(", ")))
    }
}

/// A duration as the manifest has it, `90s` or `10m`, and longer than nothing.
pub(super) fn duration(text: &str) -> Result<Duration, String> {
    match manifest::duration(text) {
        Ok(Duration::ZERO) => Err("it is no time at all".to_owned()),
        other => other,
    }
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

/// `NAME=VARIABLE`: what a secret is called, and the environment variable that holds it.
pub(super) fn secret(text: &str) -> Result<(String, String), String> {
    match text.rsplit_once('=') {
        Some((name, variable)) if !name.is_empty() && !variable.is_empty() => {
            Ok((name.to_owned(), variable.to_owned()))
        }
        _ => Err("a secret is NAME=VARIABLE, as in password=SHOP_PASSWORD".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{check, duration, secret, shard};

    #[test]
    fn a_secret_is_a_name_and_a_variable() {
        assert_eq!(secret("password#2=PW"), Ok(("password#2".to_owned(), "PW".to_owned())));
        for bad in ["", "password", "=PW", "password="] {
            assert!(secret(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_duration_is_longer_than_nothing() {
        assert_eq!(duration("10m"), Ok(Duration::from_mins(10)));
        for bad in ["", "10", "0s", "1.5h"] {
            assert!(duration(bad).is_err(), "{bad}");
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
}
