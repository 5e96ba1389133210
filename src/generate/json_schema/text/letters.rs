//! Texts of which nothing is known but how long they are.

use crate::generate::json_schema::chance::Chance;

const PLAIN: &str = "abcdefghijklmnopqrstuvwxyz";
const MIXED: &str = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_ ";
/// What has to be quoted somewhere, and what is more than a byte, or two units of UTF-16.
const ODD: &str = "aZ9 '\"\\/<>&%;=?#+:@{}[]$\t\néßøЖ中日本語\u{301}\u{200f}😀𝒳";

/// A text of that many characters.
pub(super) fn drawn(length: usize, chance: &mut Chance) -> String {
    let letters = match chance.below(10) {
        0..5 => PLAIN,
        5..9 => MIXED,
        _ => return odd(length, chance),
    };
    let letters = letters.as_bytes();
    (0..length).filter_map(|_| chance.of(letters)).map(|byte| char::from(*byte)).collect()
}

fn odd(length: usize, chance: &mut Chance) -> String {
    let letters: Vec<char> = ODD.chars().collect();
    (0..length).filter_map(|_| chance.of(&letters)).collect()
}

/// Texts that are known for the trouble they make, cut or filled up to lengths.
pub(super) fn edges(shortest: usize, longest: Option<usize>) -> Vec<String> {
    ["é", "日本語", "😀", "e\u{301}", " ", " a ", "0", "null", "a\nb", "\"'\\<&>%", "A"]
        .into_iter()
        .map(|text| {
            let mut text: String = text.chars().take(longest.unwrap_or(usize::MAX)).collect();
            let missing = shortest.saturating_sub(text.chars().count());
            text.extend(std::iter::repeat_n('a', missing));
            text
        })
        .collect()
}
