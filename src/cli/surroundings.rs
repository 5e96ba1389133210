//! What only the command line may ask the world: the environment, the date, the terminal.

use std::env;
use std::io::{IsTerminal, Read};
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use super::failure::Failure;
use super::output;
use crate::manifest::{DatabaseUrl, Manifest, ServerUrl, StateKind};
use crate::model::secret::Secrets;
use crate::report::Style;
use crate::store;

/// The folder where builds are kept: `$STRADDLE_CACHE`, or `straddle` in the user's cache folder.
pub(super) fn cache() -> Result<PathBuf, Failure> {
    let set = |name| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    // A relative XDG_CACHE_HOME is invalid, says its specification, and is to be passed over.
    let folder = set("STRADDLE_CACHE")
        .or_else(|| set("XDG_CACHE_HOME").filter(|path| path.is_absolute()).map(|path| path.join("straddle")))
        .or_else(|| set("HOME").map(|home| home.join(".cache/straddle")))
        .ok_or_else(|| Failure::environment("there is no folder for builds: set HOME or STRADDLE_CACHE"))?;
    std::path::absolute(&folder).map_err(Failure::environment)
}

/// The secrets that the environment has, of those that a manifest names, and the passwords of its database servers; from here on nothing that is printed or written
/// shows them. One whose variable is not set is not there: the sessions that need it say so.
pub(super) fn secrets(manifest: &Manifest) -> Result<Secrets, Failure> {
    let mut read = Vec::new();
    for (name, secret) in &manifest.secrets {
        let whose = "which `[secrets]` names";
        read.extend(
            variable(&secret.env, whose, "set it to the text that is to be sent")?.map(|it| (name.clone(), it)),
        );
    }
    for state in manifest.states.iter().filter(|state| state.kind == StateKind::Postgres) {
        let Some(server) = &state.server else {
            if !read.iter().any(|(name, _)| name == store::PASSWORD) {
                read.push((store::PASSWORD.to_owned(), random()?));
            }
            continue;
        };
        let url = match &server.url {
            ServerUrl::Text(text) => Some(text.clone()),
            ServerUrl::Env(name) => variable(name, "which a `[state]` names", "set it to the URL of the server")?,
        };
        let Some(url) = url else { continue };
        let password = DatabaseUrl::parse(&url).ok().and_then(|url| url.password());
        read.extend(password.map(|password| (store::password_of(&state.name), password)));
        if matches!(server.url, ServerUrl::Env(_)) {
            read.push((store::url_of(&state.name), url));
        }
    }
    let secrets = Secrets::new(read);
    output::hide(&secrets);
    Ok(secrets)
}

/// What a variable of the environment holds; none where it is not set, or empty.
fn variable(name: &str, whose: &str, next: &str) -> Result<Option<String>, Failure> {
    match env::var(name) {
        Ok(value) => Ok(Some(value).filter(|value| !value.is_empty())),
        Err(env::VarError::NotPresent) => Ok(None),
        Err(env::VarError::NotUnicode(_)) => {
            Err(Failure::environment(format!("the variable {name}, {whose}, is no UTF-8; {next}")))
        }
    }
}

/// What nobody can guess: the password of a server that only this run uses.
fn random() -> Result<String, Failure> {
    let mut bytes = [0; 16];
    std::fs::File::open("/dev/urandom")
        .and_then(|mut source| source.read_exact(&mut bytes))
        .map_err(|error| Failure::environment(format!("can't draw a password for the database server: {error}")))?;
    Ok(bytes.iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}")))
}

/// Today in UTC, `YYYY-MM-DD`.
pub(super) fn today() -> String {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    date(seconds / (24 * 60 * 60))
}

/// The date so many days after 1970-01-01: the proleptic Gregorian calendar, in years that begin in March, so that the
/// leap day is the last of one and a month's place in it is linear.
fn date(days: u64) -> String {
    // Days from 0000-03-01 to 1970-01-01, and in 400, 100, 4 years and one.
    const EPOCH: u64 = 719_468;
    let days = days + EPOCH;
    let (era, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = era * 400 + year + u64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

/// What standard output shows: colours and its own width on a terminal, else neither.
pub(super) fn stdout_style() -> Style {
    let out = std::io::stdout();
    let colour = out.is_terminal() && anstream::AutoStream::choice(&out) != anstream::ColorChoice::Never;
    Style { colour, width: columns(&out).unwrap_or(PAPER).min(WIDEST) }
}

/// What a file shows.
pub(super) const FILE_STYLE: Style = Style { colour: false, width: PAPER };

/// Where nobody says how wide it is.
const PAPER: usize = 100;
/// Longer lines are hard to read, however wide the screen.
const WIDEST: usize = 120;

fn columns(out: &std::io::Stdout) -> Option<usize> {
    if !out.is_terminal() {
        return None;
    }
    let size = rustix::termios::tcgetwinsize(out).ok()?;
    (size.ws_col > 0).then_some(usize::from(size.ws_col))
}

#[cfg(test)]
mod tests {
    use super::date;

    #[test]
    fn days_are_dates() {
        let check = |days, expected| assert_eq!(date(days), expected);
        check(0, "1970-01-01");
        check(11_016, "2000-02-29");
        check(11_017, "2000-03-01");
        check(20_818, "2026-12-31");
        check(20_819, "2027-01-01");
        check(47_541, "2100-03-01");
    }
}
