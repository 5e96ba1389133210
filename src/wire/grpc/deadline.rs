//! How long a call may take: `grpc-timeout`, at most eight digits and a unit.

use std::time::Duration;

use crate::model::Call;

/// What a server has beyond the deadline to say that it has passed: its clock began when the call came.
const GRACE: Duration = Duration::from_secs(1);

/// How long the answer to a call is waited for, where the call says so.
pub(in crate::wire) fn deadline(call: &Call) -> Option<Duration> {
    call.procedure()?;
    let text = call.metadata.get("grpc-timeout")?.trim();
    let (digits, unit) = text.char_indices().next_back()?;
    let number: u64 = text[..digits].parse().ok().filter(|_| digits <= 8)?;
    let deadline = match unit {
        'H' => Duration::from_secs(number * 3600),
        'M' => Duration::from_secs(number * 60),
        'S' => Duration::from_secs(number),
        'm' => Duration::from_millis(number),
        'u' => Duration::from_micros(number),
        'n' => Duration::from_nanos(number),
        _ => return None,
    };
    Some(deadline + GRACE)
}

/// A time as a call says it: in the finest unit in which it has eight digits.
pub(super) fn written(deadline: Duration) -> String {
    const MOST: u128 = 100_000_000;
    let units = [(deadline.as_nanos(), 'n'), (deadline.as_micros(), 'u'), (deadline.as_millis(), 'm')];
    match units.into_iter().find(|(number, _)| *number < MOST) {
        Some((number, unit)) => format!("{number}{unit}"),
        None => format!("{}S", deadline.as_secs().min(99_999_999)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Option<u64>) {
        let metadata = [("content-type", "application/grpc"), ("grpc-timeout", text)].into_iter().collect();
        let call = Call { method: "POST".to_owned(), target: "/a.B/C".to_owned(), metadata, ..Call::default() };
        assert_eq!(deadline(&call), expected.map(|millis| Duration::from_millis(millis) + GRACE), "{text}");
    }

    #[test]
    fn a_deadline_is_a_number_and_a_unit() {
        for (text, millis) in
            [("1H", 3_600_000), ("2M", 120_000), ("3S", 3000), ("250m", 250), ("5000u", 5), ("9000000n", 9)]
        {
            check(text, Some(millis));
        }
        for text in ["", "S", "1", "1x", "-1S", "123456789S", "é"] {
            check(text, None);
        }
    }

    #[test]
    fn a_deadline_is_said_as_finely_as_it_can_be() {
        for (millis, text) in
            [(50, "50000000n"), (30_000, "30000000u"), (7_200_000, "7200000m"), (200_000_000, "200000S")]
        {
            assert_eq!(written(Duration::from_millis(millis)), text);
        }
    }
}
