//! The small values of a manifest: durations, percentages, dates, directions, refs, URLs. Text in, value or reason out.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use crate::model::Direction;

/// Longer than any start or stop may take, and short enough that adding it to a clock can't overflow.
const LONGEST: Duration = Duration::from_hours(7 * 24);

/// `30s`, `0ms`, `10m`, `1h`
pub fn duration(text: &str) -> Result<Duration, String> {
    let unit_at = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (digits, unit) = text.split_at(unit_at);
    let factor: u64 = match unit {
        "ms" => 1,
        "s" => 1000,
        "m" => 60 * 1000,
        "h" => 3600 * 1000,
        "" => return Err("it has no unit: `ms`, `s`, `m` or `h`".to_owned()),
        _ => return Err("it must be a whole number and `ms`, `s`, `m` or `h`".to_owned()),
    };
    if digits.is_empty() {
        return Err("it has no number".to_owned());
    }
    let milliseconds = digits.parse::<u64>().ok().and_then(|number| number.checked_mul(factor));
    let duration = milliseconds.map(Duration::from_millis).filter(|duration| *duration <= LONGEST);
    duration.ok_or_else(|| "it is longer than a week".to_owned())
}

/// `10%` → 0.1
pub(super) fn percent(text: &str) -> Result<f64, String> {
    let number = text.strip_suffix('%').ok_or("it has no `%` at its end")?.trim_end();
    let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
    let plain = [whole, fraction].iter().all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()));
    let share = number.parse::<f64>().ok().filter(|share| plain && share.is_finite());
    share.map(|share| share / 100.0).ok_or_else(|| "it must be a number, not below 0, and `%`".to_owned())
}

/// `2026-12-31`, of a day that exists.
pub(super) fn date(text: &str) -> Result<String, String> {
    let wrong = || "it must be a day as `YYYY-MM-DD`".to_owned();
    let form = text.bytes().enumerate().all(|(at, b)| if at == 4 || at == 7 { b == b'-' } else { b.is_ascii_digit() });
    if !form || text.len() != 10 {
        return Err(wrong());
    }
    let number = |range: std::ops::Range<usize>| text[range].parse::<u16>().map_err(|_| wrong());
    let (year, month, day) = (number(0..4)?, number(5..7)?, number(8..10)?);
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match month {
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        1..=12 => 31,
        _ => return Err("there is no such month".to_owned()),
    };
    if (1..=days).contains(&day) { Ok(text.to_owned()) } else { Err("there is no such day".to_owned()) }
}

/// `old->new` or `new->old`
pub(super) fn direction(text: &str) -> Result<Direction, String> {
    match text {
        "old->new" => Ok(Direction::OLD_TO_NEW),
        "new->old" => Ok(Direction::NEW_TO_OLD),
        _ => Err("it must be `old->new` or `new->old`".to_owned()),
    }
}

/// `/healthz`
pub(super) fn target(text: &str) -> Result<(), String> {
    if !text.starts_with('/') {
        return Err("it must begin with `/`".to_owned());
    }
    match text.chars().find(|c| c.is_whitespace() || c.is_control()) {
        Some(_) => Err("it holds a blank or a control character; write `%20` for a blank".to_owned()),
        None => Ok(()),
    }
}

/// A ref that git can't take for an option.
pub(super) fn git_ref(text: &str) -> Result<(), String> {
    if text.starts_with('-') {
        return Err("it begins with a dash, which git would take for an option".to_owned());
    }
    match text.chars().find(|c| c.is_whitespace() || c.is_control()) {
        Some(_) => Err("it holds a blank or a control character, which no ref does".to_owned()),
        None => Ok(()),
    }
}

/// The base URL of a running build, without a `/` at its end, and whether it is on this machine.
pub(super) fn base_url(text: &str) -> Result<(String, bool), String> {
    let (scheme, rest) = text.split_once("://").ok_or("it must begin with `http://` or `https://`")?;
    if !matches!(scheme, "http" | "https") {
        return Err("it must begin with `http://` or `https://`".to_owned());
    }
    let authority = rest.strip_suffix('/').unwrap_or(rest);
    if authority.contains(['/', '?', '#']) {
        return Err("it must end after host and port; paths come from the recording".to_owned());
    }
    if authority.contains('@') {
        return Err("it holds a user or password; credentials come from the recording".to_owned());
    }
    let (host, port) = match authority.rfind(':').filter(|&at| !authority[at..].contains(']')) {
        Some(at) => (&authority[..at], Some(&authority[at + 1..])),
        None => (authority, None),
    };
    if port
        .is_some_and(|port| !port.bytes().all(|b| b.is_ascii_digit()) || !port.parse().is_ok_and(|port: u16| port > 0))
    {
        return Err("its port must be a number from 1 to 65535".to_owned());
    }
    let bracketed = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    let local = match bracketed {
        Some(address) => address.parse::<Ipv6Addr>().map_err(|_| "its host is no IPv6 address")?.is_loopback(),
        None if host.is_empty() => return Err("it has no host".to_owned()),
        None if !host.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_')) => {
            return Err("its host holds a character that no host name has".to_owned());
        }
        None => host.eq_ignore_ascii_case("localhost") || host.parse::<Ipv4Addr>().is_ok_and(|ip| ip.is_loopback()),
    };
    Ok((format!("{scheme}://{authority}"), local))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_a_whole_number_and_a_unit() {
        for (text, milliseconds) in
            [("0ms", 0), ("30s", 30_000), ("10m", 600_000), ("1h", 3_600_000), ("168h", 604_800_000)]
        {
            assert_eq!(duration(text), Ok(Duration::from_millis(milliseconds)), "{text}");
        }
        for text in
            ["", "30", "s", "1.5s", "-1s", " 1s", "1 s", "1d", "169h", "99999999999999999999s", "18446744073709551615h"]
        {
            assert!(duration(text).is_err(), "{text}");
        }
    }

    #[test]
    fn percentages_become_shares() {
        for (text, share) in [("10%", 0.1), ("0%", 0.0), ("12.5%", 0.125), ("150 %", 1.5)] {
            assert_eq!(percent(text), Ok(share), "{text}");
        }
        for text in ["", "10", "%", "-1%", "inf%", "NaN%", "1e3%", "1.2.3%", "1.%", ".5%"] {
            assert!(percent(text).is_err(), "{text}");
        }
    }

    #[test]
    fn dates_are_days_that_exist() {
        for text in ["2026-12-31", "2024-02-29", "2000-02-29", "2026-04-30"] {
            assert_eq!(date(text).as_deref(), Ok(text));
        }
        for text in [
            "",
            "2026-13-01",
            "2026-00-01",
            "2026-01-00",
            "2026-02-29",
            "1900-02-29",
            "2026-04-31",
            "2026-1-1",
            "éé26-12-31",
            "2026-12-311",
        ] {
            assert!(date(text).is_err(), "{text}");
        }
    }

    #[test]
    fn refs_are_no_options_and_hold_no_blanks() {
        for text in ["v1.4.2", "HEAD~1", "feature/x", "latest-tag", "9f0c1d2"] {
            assert_eq!(git_ref(text), Ok(()), "{text}");
        }
        for text in ["-x", "--upload-pack=x", "a b", "a\nb", "a\u{0}", "a\u{2003}b"] {
            assert!(git_ref(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn base_urls_say_whether_they_are_local() {
        for (text, expected, local) in [
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080", true),
            ("http://127.9.9.9/", "http://127.9.9.9", true),
            ("http://LocalHost:1", "http://LocalHost:1", true),
            ("https://[::1]:8443/", "https://[::1]:8443", true),
            ("http://staging.example.com", "http://staging.example.com", false),
            ("http://10.0.0.1:80", "http://10.0.0.1:80", false),
            ("http://localhost.example.com", "http://localhost.example.com", false),
        ] {
            assert_eq!(base_url(text), Ok((expected.to_owned(), local)), "{text}");
        }
        for text in [
            "",
            "localhost:80",
            "ftp://x",
            "http://",
            "http://:80",
            "http://a:0",
            "http://a:70000",
            "http://a:+1",
            "http://a:",
            "http://a/b",
            "http://a?b",
            "http://u@a",
            "http://a b",
            "http://[::1",
            "http://[x]",
            "http://a\r\nb",
            "http:///",
        ] {
            assert!(base_url(text).is_err(), "{text}");
        }
    }
}
