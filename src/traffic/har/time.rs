//! RFC 3339 timestamps with any offset and any number of fraction digits.

/// Nanoseconds since 1970 UTC; `None` for what is no timestamp. Digits beyond the nanosecond are cut off.
pub(super) fn nanoseconds(text: &str) -> Option<i128> {
    let text = text.trim();
    let (date, rest) = (text.get(..10)?, text.get(10..)?);
    let mut parts = date.split('-').map(number);
    let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
    let rest = rest.strip_prefix(['T', 't', ' '])?;
    let clock_end = rest.find(['Z', 'z', '+', '-']).unwrap_or(rest.len());
    let (clock, zone) = rest.split_at(clock_end);
    let (clock, fraction) = clock.split_once(['.', ',']).unwrap_or((clock, ""));
    let mut parts = clock.split(':').map(number);
    let (hour, minute) = (parts.next()??, parts.next()??);
    let second = parts.next().unwrap_or(Some(0))?;
    let in_range = (1..=12).contains(&month)
        && (1..=31).contains(&day)
        && hour <= 24
        && minute <= 59
        && second <= 60
        && fraction.bytes().all(|b| b.is_ascii_digit());
    if !in_range {
        return None;
    }
    let nanos = number(&format!("{fraction:0<9.9}"))?;
    let seconds = days(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second - offset(zone)?;
    Some(i128::from(seconds) * 1_000_000_000 + i128::from(nanos))
}

/// A time so many milliseconds after 1970 began, in UTC.
pub(super) fn text(milliseconds: u64) -> String {
    let (seconds, fraction) = (milliseconds / 1_000, milliseconds % 1_000);
    let (mut day, clock) = (i64::try_from(seconds / 86_400).unwrap_or(i64::MAX).min(LAST), seconds % 86_400);
    let mut year = 1970 + day / 366;
    while days(year + 1, 1, 1) <= day {
        year += 1;
    }
    day -= days(year, 1, 1);
    let month = (2..=12).take_while(|month| days(year, *month, 1) - days(year, 1, 1) <= day).last().unwrap_or(1);
    day -= days(year, month, 1) - days(year, 1, 1);
    let (hour, minute, second) = (clock / 3_600, clock / 60 % 60, clock % 60);
    format!("{year:04}-{month:02}-{:02}T{hour:02}:{minute:02}:{second:02}.{fraction:03}Z", day + 1)
}

/// The last day of the year 9999: four digits are all that a year has.
const LAST: i64 = 2_932_896;

fn number(digits: &str) -> Option<i64> {
    (!digits.is_empty() && digits.len() <= 9 && digits.bytes().all(|b| b.is_ascii_digit()))
        .then(|| digits.parse().ok())?
}

/// The offset from UTC in seconds. No zone at all counts as UTC.
fn offset(zone: &str) -> Option<i64> {
    let (sign, rest) = match zone.as_bytes().first() {
        None | Some(b'Z' | b'z') => return (zone.len() <= 1).then_some(0),
        Some(b'-') => (-1, &zone[1..]),
        Some(_) => (1, &zone[1..]),
    };
    let digits: String = rest.chars().filter(|c| *c != ':').collect();
    let (hours, minutes) = match digits.len() {
        2 => (number(&digits)?, 0),
        4 => (number(&digits[..2])?, number(&digits[2..])?),
        _ => return None,
    };
    Some(sign * (hours * 3_600 + minutes * 60))
}

/// Days since 1970 of a date in the Gregorian calendar, counted in eras of 400 years that begin with March.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Option<i128>) {
        assert_eq!(nanoseconds(text), expected, "{text}");
    }

    #[test]
    fn timestamps_are_read_with_any_offset_and_precision() {
        check("1970-01-01T00:00:00Z", Some(0));
        check("1970-01-01T00:00:00.000000001Z", Some(1));
        check("1970-01-01T01:00:00.5+01:00", Some(500_000_000));
        check("1969-12-31T19:00:00-0500", Some(0));
        check("2026-11-23T14:27:35.309915+00:00", Some(1_795_444_055_309_915_000));
        check("2000-02-29T12:00:00.1234567891234Z", Some(951_825_600_123_456_789));
        check("1970-01-01 00:00", Some(0));
    }

    #[test]
    fn a_time_that_is_written_is_read_again() {
        for milliseconds in [0, 1, 86_399_999, 951_825_600_123, 1_795_444_055_309, 253_402_300_799_999] {
            check(&text(milliseconds), Some(i128::from(milliseconds) * 1_000_000));
        }
        assert_eq!(text(1_709_164_800_000), "2024-02-29T00:00:00.000Z");
        assert!(text(u64::MAX).starts_with("9999-12-31T"));
    }

    #[test]
    fn what_is_no_timestamp_is_none() {
        for text in [
            "",
            "yesterday",
            "2026-13-01T00:00:00Z",
            "2026-11-23",
            "2026-11-23T1:2:3é",
            "2026-11-23T00:00:00+1",
            "ü026-11-23T",
        ] {
            check(text, None);
        }
    }
}
