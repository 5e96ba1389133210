//! The sheet that the report for people is written on: lines of inked parts, wrapped and cut to its width.
//!
//! **Invariant:** all text gets onto the page through [`visible`], so that nothing a build answered reaches a terminal raw.

use owo_colors::{OwoColorize, Style as Paint};
use unicode_width::UnicodeWidthStr;

use crate::report::layout::{clip, wrap};
use crate::report::{Style, visible};

/// What a part of a line says by its colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ink {
    /// Text.
    Plain,
    /// What matters less.
    Dim,
    /// A heading.
    Bold,
    /// Looked at, and fine.
    Good,
    /// A break.
    Bad,
    /// A risk, or something that isn't shown.
    Warn,
    /// Something to type or to look up.
    Cue,
}

impl Ink {
    fn paint(self) -> Paint {
        let paint = Paint::new();
        match self {
            Self::Plain => paint,
            Self::Dim => paint.dimmed(),
            Self::Bold => paint.bold(),
            Self::Good => paint.green(),
            Self::Bad => paint.red().bold(),
            Self::Warn => paint.yellow(),
            Self::Cue => paint.cyan(),
        }
    }
}

/// The text so far, and what it is written for.
pub(super) struct Page {
    text: String,
    style: Style,
}

/// Narrower than this nothing can be laid out: long lines are then the terminal's to break.
const NARROWEST: usize = 40;

impl Page {
    pub fn new(style: Style) -> Self {
        Self { text: String::new(), style: Style { width: style.width.max(NARROWEST), ..style } }
    }

    /// How many columns there are.
    pub fn width(&self) -> usize {
        self.style.width
    }

    /// An empty line, unless the page begins here.
    pub fn gap(&mut self) {
        if !self.text.is_empty() {
            self.text.push('\n');
        }
    }

    /// One line of parts, never broken.
    pub fn line(&mut self, parts: &[(Ink, &str)]) {
        let last = parts.iter().rposition(|(_, text)| !text.trim_end().is_empty());
        for (index, (ink, text)) in parts.iter().enumerate().take(last.map_or(0, |last| last + 1)) {
            let text = if Some(index) == last { text.trim_end() } else { text };
            self.put(*ink, text);
        }
        self.text.push('\n');
    }

    /// `text` after `lead`, broken between words; further lines begin under the text's first word.
    pub fn paragraph(&mut self, lead: &[(Ink, &str)], ink: Ink, text: &str) {
        let indent: usize = lead.iter().map(|(_, text)| visible(text).width()).sum();
        let room = self.width().saturating_sub(indent).max(NARROWEST / 2);
        for (index, row) in wrap(&visible(text), room).iter().enumerate() {
            if index == 0 {
                let mut parts = lead.to_vec();
                parts.push((ink, row));
                self.line(&parts);
            } else {
                self.line(&[(Ink::Plain, &" ".repeat(indent)), (ink, row)]);
            }
        }
    }

    /// `text` after `lead` on one line, cut where the page ends.
    pub fn clipped(&mut self, lead: &[(Ink, &str)], ink: Ink, text: &str) {
        let indent: usize = lead.iter().map(|(_, text)| visible(text).width()).sum();
        let text = clip(&visible(text), self.width().saturating_sub(indent));
        let mut parts = lead.to_vec();
        parts.push((ink, &text));
        self.line(&parts);
    }

    /// What was written.
    pub fn finish(self) -> String {
        self.text
    }

    fn put(&mut self, ink: Ink, text: &str) {
        let text = visible(text);
        if self.style.colour && ink != Ink::Plain && !text.is_empty() {
            self.text.push_str(&text.style(ink.paint()).to_string());
        } else {
            self.text.push_str(&text);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Ink, Page};
    use crate::report::Style;

    #[test]
    fn only_a_page_with_colour_holds_escapes_and_never_those_of_its_text() {
        let line = |colour| {
            let mut page = Page::new(Style { colour, width: 80 });
            page.line(&[(Ink::Bad, "\u{1b}[0mx"), (Ink::Plain, "  ")]);
            page.finish()
        };
        assert_eq!(line(false), "\\u{1b}[0mx\n");
        assert_eq!(line(true), "\u{1b}[31;1m\\u{1b}[0mx\u{1b}[0m\n");
    }
}
