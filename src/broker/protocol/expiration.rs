//! The `expiration` property: a time to live in milliseconds, written as text.

/// Ten years.
const LONGEST_MS: u64 = 315_360_000_000;

/// Reads it as RabbitMQ does (`string:to_integer`, then `check_expiry`); or tells in its words why it can't.
pub(super) fn parse(text: &str) -> Result<u64, String> {
    let (negative, rest) = match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    };
    let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    let (digits, left_over) = rest.split_at(end);
    if digits.is_empty() {
        return Err("no_integer".to_owned());
    }
    if !left_over.is_empty() {
        return Err(format!("{{leftover_string,{left_over:?}}}"));
    }
    let digits = match digits.trim_start_matches('0') {
        "" => "0",
        digits => digits,
    };
    if negative && digits != "0" {
        return Err(format!("{{value_negative,-{digits}}}"));
    }
    match digits.parse() {
        Ok(millis) if millis <= LONGEST_MS => Ok(millis),
        _ => Err(format!("{{value_too_large,{digits}}}")),
    }
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn expirations() {
        let rows = [
            ("0", Ok(0)),
            ("-0", Ok(0)),
            ("60000", Ok(60_000)),
            ("+007", Ok(7)),
            ("315360000000", Ok(315_360_000_000)),
            ("315360000001", Err("{value_too_large,315360000001}")),
            (
                "99999999999999999999999",
                Err("{value_too_large,99999999999999999999999}"),
            ),
            ("-1", Err("{value_negative,-1}")),
            ("", Err("no_integer")),
            ("abc", Err("no_integer")),
            ("-", Err("no_integer")),
            (" 5", Err("no_integer")),
            ("5 ", Err("{leftover_string,\" \"}")),
            ("1.5", Err("{leftover_string,\".5\"}")),
        ];
        for (text, expected) in rows {
            assert_eq!(parse(text), expected.map_err(str::to_owned), "{text:?}");
        }
    }
}
