//! The account as a table: for the terminal, and as the page `docs/trust.md`.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::change::Kind;
use super::tally::{Count, Tally};

/// One table, a kind a line.
pub fn table(tally: &Tally) -> String {
    let mut text = String::from(
        "| change | found | missed | inside a mask found | inside a mask missed |\n|---|---|---|---|---|\n",
    );
    let mut line = |name: &str, count: Count| {
        let Count { found, missed, masked_found, masked_missed } = count;
        let _ = writeln!(text, "| {name} | {found} | {missed} | {masked_found} | {masked_missed} |");
    };
    for kind in Kind::ALL {
        if let Some(count) = tally.kinds.get(&kind) {
            line(&kind.to_string(), *count);
        }
    }
    line("all", tally.total());
    text
}

/// What stands above a pair's table.
pub fn summary(tally: &Tally) -> String {
    let total = tally.total();
    let masked = total.masked_found + total.masked_missed;
    let severities: Vec<String> =
        tally.severities.iter().rev().map(|(severity, count)| format!("{count} {severity}")).collect();
    format!(
        "{:.1} % of {} changes outside masks are found; of {masked} inside masks {} are found, and {} of the missed are structural. \
         Of {} leaves {:.1} % are noise, and {:.0} % are masked: compared neither by value nor by form. Found as: {}; {} of \
         them told at another place that they reach.",
        tally.share(),
        total.found + total.missed,
        total.masked_found,
        tally.structural_missed,
        tally.leaves.0,
        tally.noise(),
        tally.masked(),
        severities.join(", "),
        tally.elsewhere,
    )
}

/// The page with these pairs on it, and of `before` what it says of others.
pub fn page(before: &str, tallies: &[Tally], seed: u64) -> String {
    let of_others = before.split("\n## ").skip(1).filter_map(|section| section.split_once('\n'));
    let mut sections: BTreeMap<String, String> =
        of_others.map(|(pair, text)| (pair.to_owned(), text.trim_end().to_owned())).collect();
    for tally in tallies {
        sections.insert(tally.pair.clone(), section(tally, seed).trim().to_owned());
    }
    let mut text = String::from(HEAD);
    for (pair, section) in sections {
        let _ = write!(text, "\n## {pair}\n\n{}\n", section.trim_start());
    }
    text
}

fn section(tally: &Tally, seed: u64) -> String {
    let total = tally.total();
    let mut text = format!("{}\n\n{}\n", summary(tally), table(tally));
    let _ = writeln!(
        text,
        "{} changes of {} that are possible, drawn with seed {seed}, in {} runs, {} of which are of one change alone. Of {} \
         changes that were found together with others and made again alone, {} were found again.",
        total.found + total.missed + total.masked_found + total.masked_missed,
        tally.possible,
        tally.runs.0,
        tally.runs.1,
        tally.verified.0 + tally.verified.1,
        tally.verified.0,
    );
    list(&mut text, "Missed", &tally.missed);
    let dead: Vec<String> = tally.dead.iter().map(|name| format!("`{name}`")).collect();
    list(&mut text, "Dead places, of which no change is found, whatever its kind", &dead);
    let equal: Vec<String> = tally.equal.iter().map(|(why, count)| format!("{count}: {why}")).collect();
    list(&mut text, "Not made, since equal by definition", &equal);
    text
}

fn list(text: &mut String, name: &str, items: &[String]) {
    if items.is_empty() {
        let _ = writeln!(text, "\n{name}: none.");
        return;
    }
    let _ = writeln!(text, "\n{name}:\n");
    for item in items {
        let _ = writeln!(text, "- {item}");
    }
}

const HEAD: &str = "\
# Whether silence means something

straddle says *compatible* where it finds nothing. This page is how often it finds something where something is: real
services are run against themselves, and replies of the one that stands for the new build are changed on their way, one
change at a time. `cargo xtask mutate --write` writes this page.

- A **change** is made to every reply of one operation that has the place, in both instances of the new build and in every
  further run, as a changed build would. Changes are drawn by a seed and spread over kinds, operations and depths; one in
  four is to a value that later calls use, as long as there are others.
- **Found**: a finding of any severity, from old clients to the new server, at that operation. A change to a value that a
  later call uses may be told where that call fails; that counts where the change was made alone.
- **Inside a mask**: at a place that is noise. Two clean runs with two instances each, and the recording, say which
  places differ where nothing was changed; straddle is not asked. Of noise the form is still compared, so only another
  value of the same form and another order may be missed there: all else is *structural*.
- **Masked** are leaves of which straddle itself says that it compares neither value nor form. That is less than what is
  noise: of the demo, which makes tokens, times and trace headers on purpose, nearly a quarter of the leaves are noise, and
  of those only the form is compared, so that another value of the same form passes there unseen.
- Changes share a run where they can't be taken for each other and can't reach each other: of one operation only such as
  stand at places of which none lies in another, and none where a value leads that another changes. What is missed, or is
  told at another place than its own, is made again alone before it is counted; and so is a sample of what is found.
- **Dead places**: where none of the drawn changes is found, up to three of other kinds are made; if nothing tells those
  either, straddle does not see the place at all.
- **Equal by definition** are changes that the rules say make no difference; they are not made, and counted apart.
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pair_that_was_not_run_keeps_what_is_known_of_it() {
        let of = |pair: &str, possible: usize| Tally { pair: pair.to_owned(), possible, ..Tally::default() };
        let first = page("", &[of("a", 1), of("b", 2)], 0);
        assert_eq!(page(&first, &[of("a", 1)], 0), first);
        let second = page(&first, &[of("b", 3)], 0);
        assert!(second.contains("changes of 1 that") && second.contains("changes of 3 that"), "{second}");
        assert!(!second.contains("changes of 2 that"), "{second}");
    }
}
