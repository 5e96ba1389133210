//! Text as the inside of a JSON string, in one pass: what stands as it is goes over eight bytes at a time.

/// As much is written before room is made for more.
const BLOCK: usize = 4 << 10;
/// A byte of this in each of a word's.
const ONES: u64 = 0x0101_0101_0101_0101;
/// The highest bit of each.
const HIGH: u64 = 0x8080_8080_8080_8080;
/// A word's longest writing of pairs, and as much again that is overwritten or cut off.
const SLOT: usize = 32;
/// Room for a word: JSON in JSON takes as much.
const ROOM: usize = 10;
/// Longer than all eight bytes of a word in pairs: one of them takes six.
const LONG: u8 = 64;

/// How each byte is written where that takes two at most, and above these how many it takes; [`LONG`] for those that take six.
const PAIRS: [u32; 256] = pairs();

const fn pairs() -> [u32; 256] {
    let mut pairs = [0; 256];
    let mut byte: u8 = 0;
    loop {
        let [first, second, length] = match byte {
            b'"' | b'\\' => [b'\\', byte, 2],
            b'\n' => [b'\\', b'n', 2],
            b'\r' => [b'\\', b'r', 2],
            b'\t' => [b'\\', b't', 2],
            0x08 => [b'\\', b'b', 2],
            0x0c => [b'\\', b'f', 2],
            0..0x20 => [0, 0, LONG],
            _ => [byte, 0, 1],
        };
        pairs[byte as usize] = u32::from_le_bytes([first, second, length, 0]);
        if byte == u8::MAX {
            return pairs;
        }
        byte += 1;
    }
}

/// Adds `text` to `out`, for as long as that is no longer than `longest`.
pub(super) fn escape(text: &str, out: &mut Vec<u8>, longest: usize) {
    for block in text.as_bytes().chunks(BLOCK) {
        if out.len() > longest {
            return;
        }
        let (words, rest) = block.as_chunks::<8>();
        push_words(words, out);
        for byte in rest {
            push(*byte, out);
        }
    }
}

/// How long a text is in JSON, without its quotes.
pub(super) fn escaped(text: &str) -> usize {
    let length = |byte: u8| match PAIRS[usize::from(byte)].to_le_bytes() {
        [_, _, LONG, _] => 6,
        [_, _, length, _] => usize::from(length),
    };
    text.bytes().map(length).sum()
}

fn push_words(mut words: &[[u8; 8]], out: &mut Vec<u8>) {
    while !words.is_empty() {
        let mut at = out.len();
        out.resize(at + words.len() * ROOM + SLOT, 0);
        let mut taken = 0;
        let mut is_long = false;
        for word in words {
            let Some(slot) = out[at..].first_chunk_mut() else { break };
            let length = put(*word, slot);
            is_long = length > 16;
            if is_long {
                break;
            }
            at += length;
            taken += 1;
        }
        out.truncate(at);
        let (_, rest) = words.split_at(taken);
        words = rest;
        // A control character that has no short writing: nobody has many.
        if is_long && let [word, rest @ ..] = words {
            for byte in word {
                push(*byte, out);
            }
            words = rest;
        }
    }
}

/// Writes a word, and gives how many bytes that are; more than sixteen where that can't be done.
fn put(word: [u8; 8], slot: &mut [u8; SLOT]) -> usize {
    if !has_special(u64::from_ne_bytes(word)) {
        slot[..8].copy_from_slice(&word);
        return 8;
    }
    let mut at = 0;
    for byte in word {
        let pair = PAIRS[usize::from(byte)];
        let [first, second, ..] = pair.to_le_bytes();
        // It is never more where that counts; so the compiler need not look.
        let here = at & 15;
        slot[here..here + 2].copy_from_slice(&[first, second]);
        at += (pair >> 16) as usize;
    }
    at
}

/// Whether a byte of the word is a quote, a backslash or a control character.
fn has_special(word: u64) -> bool {
    let less = |word: u64, than: u8| word.wrapping_sub(ONES * u64::from(than)) & !word & HIGH;
    let equal = |byte: u8| less(word ^ (ONES * u64::from(byte)), 1);
    less(word, 0x20) | equal(b'"') | equal(b'\\') != 0
}

fn push(byte: u8, out: &mut Vec<u8>) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let [first, second, length, _] = PAIRS[usize::from(byte)].to_le_bytes();
    match length {
        1 => out.push(first),
        2 => out.extend_from_slice(&[first, second]),
        _ => {
            out.extend_from_slice(b"\\u00");
            out.extend([byte >> 4, byte & 15].map(|digit| DIGITS[usize::from(digit)]));
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(text: &str) {
        let mut out = b"\"".to_vec();
        escape(text, &mut out, usize::MAX);
        assert_eq!(escaped(text) + 1, out.len(), "{text:?}");
        out.push(b'"');
        assert_eq!(String::from_utf8_lossy(&out), serde_json::Value::from(text).to_string());
    }

    #[test]
    fn every_character_is_written_as_json_has_it_wherever_it_stands() {
        let all: String = (0..0x180_u32).filter_map(char::from_u32).collect();
        for from in (0..all.len()).filter(|from| all.is_char_boundary(*from)) {
            check(&all[from..]);
        }
        for character in ['"', '\\', '\n', '\u{1}', '\u{1f}', '\u{7f}', 'é', '😀'] {
            for before in 0..9 {
                check(&format!("{}{character}{}", "x".repeat(before), "y".repeat(9 - before)));
                check(&format!("{}{character}", "\"".repeat(before)));
            }
        }
    }

    #[test]
    fn what_is_too_long_is_not_held() {
        let mut out = Vec::new();
        escape(&"\u{1}".repeat(1 << 20), &mut out, 1_000);
        assert!((1_001..1_000 + 6 * BLOCK).contains(&out.len()), "{}", out.len());
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

        #[test]
        fn any_text_is_written_as_json_has_it(text in "(?s:.){0,40}|[\"\\\\a-z\u{0}-\u{20}]{0,200}") {
            check(&text);
        }
    }
}
