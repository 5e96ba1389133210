//! Changes to pages and plain texts.

use super::super::reply::Reply;
use super::super::shape::another;
use super::{Change, Kind};

/// The text with something else in it, with a line less, or with nothing.
pub fn text(text: &str, reply: &Reply, change: &Change) -> Option<String> {
    let is_page = reply.media() == "text/html";
    match change.kind {
        Kind::Emptied if !text.is_empty() => Some(String::new()),
        Kind::RowLost if !is_page && text.trim_end().lines().count() > 2 => {
            let lines: Vec<&str> = text.split_inclusive('\n').collect();
            let lost = 1 + usize::try_from(change.salt).unwrap_or(0) % (lines.len() - 2);
            Some(lines.iter().enumerate().filter(|(index, _)| *index != lost).map(|(_, line)| *line).collect())
        }
        Kind::Value => {
            // Between two tags, so that it stays a page; the first such text is its title.
            let start = if is_page { text.find("<body").and_then(|at| words(text, at))? } else { text.len() / 2 };
            let start = (start..text.len()).find(|at| {
                text.is_char_boundary(*at) && text[*at..].starts_with(|c: char| c.is_ascii_alphanumeric())
            })?;
            let other = another(&text[start..=start], 0)?;
            Some(format!("{}{other}{}", &text[..start], &text[start + 1..]))
        }
        _ => None,
    }
}

/// Where the first text between two tags begins.
fn words(page: &str, from: usize) -> Option<usize> {
    let mut at = from;
    loop {
        let open = at + page[at..].find('>')? + 1;
        let inner = page[open..].split('<').next().unwrap_or_default();
        if inner.contains(|c: char| c.is_ascii_alphanumeric()) {
            return Some(open);
        }
        at = open;
    }
}

/// A form's field dropped, or under another name.
pub fn form(reply: &mut Reply, name: &str, kind: Kind) -> bool {
    let Some(page) = reply.text().map(str::to_owned) else { return false };
    let Some(at) = [format!("name=\"{name}\""), format!("name='{name}'"), format!("name={name}")]
        .iter()
        .find_map(|wanted| page.find(wanted.as_str()))
    else {
        return false;
    };
    let changed = if kind == Kind::Renamed {
        page[..at].to_owned() + &page[at..].replacen(name, &format!("{name}_v2"), 1)
    } else {
        let Some(start) = page[..at].rfind('<') else { return false };
        let Some(end) = page[at..].find('>') else { return false };
        format!("{}{}", &page[..start], &page[at + end + 1..])
    };
    reply.body = changed.into_bytes();
    true
}

/// All links that fit a target dropped.
pub fn link(reply: &mut Reply, target: &str) -> bool {
    let Some(page) = reply.text() else { return false };
    let mut changed = String::new();
    let mut rest = page;
    let mut any = false;
    while let Some(at) = rest.find("href=\"") {
        let value = rest[at + 6..].split('"').next().unwrap_or_default();
        changed.push_str(&rest[..at]);
        if fits(target, value) {
            changed.push_str("data-");
            any = true;
        }
        changed.push_str(&rest[at..at + 6]);
        rest = &rest[at + 6..];
    }
    changed.push_str(rest);
    if any {
        reply.body = changed.into_bytes();
    }
    any
}

/// Whether a link is one that a recording names by this target, with `{}` and `{*}` for what was made anew.
fn fits(target: &str, link: &str) -> bool {
    let path = link.split_once("://").map_or(link, |(_, rest)| rest.find('/').map_or("/", |at| &rest[at..]));
    let mut parts = target.split("{}").flat_map(|part| part.split("{*}"));
    let Some(mut rest) = parts.next().and_then(|first| path.strip_prefix(first)) else { return false };
    for part in parts {
        if part.is_empty() {
            return !rest.is_empty() && !rest.contains(['/', '?', '&']);
        }
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.is_empty()
}
