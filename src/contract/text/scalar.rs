//! What a plain scalar of YAML means by the core schema of YAML 1.2, which is what OpenAPI asks for: `yes`, `no` and `on` are strings.

use serde_json::Value;

use super::json::number;

/// What a plain scalar means; an error says why there is no such value.
pub(super) fn plain(text: &str) -> Result<Value, String> {
    Ok(match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => Value::Bool(true),
        "false" | "False" | "FALSE" => Value::Bool(false),
        _ => return numeric(text).unwrap_or_else(|| Ok(Value::String(text.to_owned()))),
    })
}

/// A number, if the text is one: none where it is a string after all.
pub(super) fn numeric(text: &str) -> Option<Result<Value, String>> {
    let beyond = || format!("`{text}` is beyond what a number can hold: quote it if it is text");
    if let Some((digits, radix)) =
        text.strip_prefix("0o").map(|digits| (digits, 8)).or_else(|| text.strip_prefix("0x").map(|digits| (digits, 16)))
    {
        let is_number = !digits.is_empty() && digits.chars().all(|digit| digit.is_digit(radix));
        return is_number.then(|| u64::from_str_radix(digits, radix).map(Value::from).map_err(|_| beyond()));
    }
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    if matches!(unsigned, ".inf" | ".Inf" | ".INF") || matches!(text, ".nan" | ".NaN" | ".NAN") {
        return Some(Err(format!(
            "`{text}` is a number that JSON doesn't have: leave it out, or quote it if it is text"
        )));
    }
    // Digits, then perhaps a fraction, of which one must have a digit, then perhaps an exponent: `012` is twelve, `.5` and `5.` are floats.
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent.strip_prefix(['-', '+']).unwrap_or(exponent))),
        None => (unsigned, None),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let is_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let is_number = is_digits(whole)
        && is_digits(fraction)
        && !(whole.is_empty() && fraction.is_empty())
        && exponent.is_none_or(|exponent| !exponent.is_empty() && is_digits(exponent));
    is_number.then(|| number(text.strip_prefix('+').unwrap_or(text)).map(Value::Number).ok_or_else(beyond))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::plain;

    #[test]
    fn plain_scalars_mean_what_the_core_schema_says() {
        for (text, expected) in [
            ("yes", json!("yes")),
            ("no", json!("no")),
            ("on", json!("on")),
            ("y", json!("y")),
            ("true", json!(true)),
            ("True", json!(true)),
            ("tRue", json!("tRue")),
            ("", json!(null)),
            ("~", json!(null)),
            ("NULL", json!(null)),
            ("nul", json!("nul")),
            ("012", json!(12)),
            ("0o17", json!(15)),
            ("017e", json!("017e")),
            ("0x1F", json!(31)),
            ("-0x1F", json!("-0x1F")),
            ("0b1", json!("0b1")),
            ("+7", json!(7)),
            ("-7", json!(-7)),
            ("--7", json!("--7")),
            ("1e3", json!(1000.0)),
            ("1.5e-1", json!(0.15)),
            ("1e", json!("1e")),
            (".5", json!(0.5)),
            ("5.", json!(5.0)),
            (".", json!(".")),
            ("-", json!("-")),
            ("1_000", json!("1_000")),
            ("1:30", json!("1:30")),
            ("2020-01-01", json!("2020-01-01")),
            ("1.2.3", json!("1.2.3")),
            ("18446744073709551615", json!(18_446_744_073_709_551_615_u64)),
            ("e3", json!("e3")),
            ("infinity", json!("infinity")),
            ("nan", json!("nan")),
        ] {
            assert_eq!(plain(text), Ok(expected), "{text}");
        }
        for (text, expected) in [
            (".inf", "`.inf` is a number that JSON doesn't have: leave it out, or quote it if it is text"),
            ("-.INF", "`-.INF` is a number that JSON doesn't have: leave it out, or quote it if it is text"),
            ("1e999", "`1e999` is beyond what a number can hold: quote it if it is text"),
        ] {
            assert_eq!(plain(text), Err(expected.to_owned()), "{text}");
        }
    }
}
