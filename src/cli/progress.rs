//! What is happening, on stderr: a bar where that is a terminal, else a few plain lines.

use std::io::IsTerminal;
use std::sync::Arc;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::output;
use crate::model::{Event, Events, Severity};
use crate::report::visible;

/// Shows events until it is finished.
pub(super) struct Progress(Arc<Show>);

enum Show {
    Bar(ProgressBar),
    Lines,
}

impl Progress {
    /// Looks at stderr and begins.
    pub fn start() -> Self {
        // A terminal that can't move its cursor gets lines.
        let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        if !std::io::stderr().is_terminal() || dumb {
            return Self(Arc::new(Show::Lines));
        }
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        bar.set_style(stage());
        bar.enable_steady_tick(Duration::from_millis(120));
        Self(Arc::new(Show::Bar(bar)))
    }

    /// Where events go.
    pub fn events(&self) -> Events {
        let show = Arc::clone(&self.0);
        Arc::new(move |event| match &*show {
            Show::Bar(bar) => on_bar(bar, &event),
            Show::Lines => {
                if let Some(line) = line(&event) {
                    output::say(&line);
                }
            }
        })
    }

    /// A line that stays, with nothing going on above or below it that could be counted.
    pub fn say(&self, text: &str) {
        self.finish();
        output::say(&visible(text));
    }

    /// Leaves nothing behind.
    pub fn finish(&self) {
        if let Show::Bar(bar) = &*self.0 {
            bar.finish_and_clear();
        }
    }
}

/// Something that nobody can count.
fn stage() -> ProgressStyle {
    ProgressStyle::with_template("{spinner} {msg}").unwrap_or_else(|_| ProgressStyle::default_spinner())
}

/// Something that has an end.
fn counted() -> ProgressStyle {
    ProgressStyle::with_template("{spinner} {msg} {bar:24} {pos}/{len}")
        .map_or_else(|_| ProgressStyle::default_bar(), |style| style.progress_chars("━━╌"))
}

fn on_bar(bar: &ProgressBar, event: &Event) {
    match event {
        Event::Exchanged => bar.inc(1),
        Event::Replaying { exchanges, .. }
        | Event::Splicing { splices: exchanges, .. }
        | Event::RollingOut { stages: exchanges, .. } => {
            bar.set_style(counted());
            bar.set_length(*exchanges);
            bar.set_position(0);
            bar.set_message(line(event).unwrap_or_default());
        }
        Event::Warning(_) | Event::Found { .. } => {
            if let Some(line) = line(event) {
                bar.suspend(|| output::say(&line));
            }
        }
        Event::Ready { .. } | Event::Checked { .. } => {}
        Event::Building { .. } | Event::Built { .. } | Event::Booting { .. } | Event::Confirming { .. } => {
            bar.set_style(stage());
            bar.set_message(line(event).unwrap_or_default());
        }
    }
}

/// The line for an event, where it is worth one.
fn line(event: &Event) -> Option<String> {
    let text = match event {
        Event::Building { build, command } => format!("building {build}: {command}"),
        Event::Built { build, cached: true } => format!("{build} was built before"),
        Event::Built { build, cached: false } => format!("{build} is built"),
        Event::Booting { instances } => format!("starting {}", instances.join(", ")),
        Event::Replaying { recording, direction, exchanges } => {
            format!("replaying {recording} ({direction}, {exchanges} exchanges)")
        }
        Event::Splicing { recording, session, splices } => {
            format!("splicing session {session} of {recording} ({splices} splices)")
        }
        Event::RollingOut { replicas, stages } => format!("rolling out {replicas} replicas ({stages} checkpoints)"),
        Event::Confirming { candidates: 1 } => "trying 1 candidate again".to_owned(),
        Event::Confirming { candidates } => format!("trying {candidates} candidates again"),
        Event::Warning(text) => format!("warning: {text}"),
        Event::Found { severity, rule, subject, direction, at } if *severity == Severity::Breaking => {
            format!("found {rule} ({severity}) at {at} of {subject}, {direction}")
        }
        Event::Ready { .. } | Event::Exchanged | Event::Found { .. } | Event::Checked { .. } => return None,
    };
    Some(visible(&text).into_owned())
}

#[cfg(test)]
mod tests {
    use super::line;
    use crate::model::{Direction, Event, Severity};

    #[track_caller]
    fn check(event: &Event, expected: Option<&str>) {
        assert_eq!(line(event).as_deref(), expected);
    }

    #[test]
    fn builds_boots_and_warnings_have_a_line_and_exchanges_have_none() {
        let building = Event::Building { build: "new".to_owned(), command: "cargo build".to_owned() };
        check(&building, Some("building new: cargo build"));
        check(&Event::Built { build: "old".to_owned(), cached: true }, Some("old was built before"));
        let booting = Event::Booting { instances: vec!["old".to_owned(), "old twin".to_owned()] };
        check(&booting, Some("starting old, old twin"));
        let replaying =
            Event::Replaying { recording: "a.har".to_owned(), direction: Direction::OLD_TO_NEW, exchanges: 12 };
        check(&replaying, Some("replaying a.har (old->new, 12 exchanges)"));
        check(&Event::Exchanged, None);
    }

    #[test]
    fn what_stands_is_told_at_once_unless_it_is_only_worth_knowing() {
        let found = |severity| Event::Found {
            severity,
            rule: "http/fault".to_owned(),
            subject: "GET /a".to_owned(),
            direction: Direction::OLD_TO_NEW,
            at: "reply".to_owned(),
        };
        check(&found(Severity::Breaking), Some("found http/fault (breaking) at reply of GET /a, old->new"));
        check(&found(Severity::Info), None);
    }

    #[test]
    fn a_warning_can_not_move_the_cursor() {
        check(&Event::Warning("log: \u{1b}[2J".to_owned()), Some("warning: log: \\u{1b}[2J"));
    }
}
