//! Credentials in forms: URL-encoded ones and multipart ones.

use std::borrow::Cow;

use memchr::memmem;

use super::spots::{From, Spot, named};

pub(super) use super::target::pairs as urlencoded;

/// The credentials among the named parts of a multipart body. What a file holds has no name.
pub(super) fn multipart(text: &str, content_type: &str, from: From, spots: &mut Vec<Spot>) {
    let Some(boundary) = boundary(content_type) else { return };
    let delimiter = format!("--{boundary}");
    let mut starts = memmem::find_iter(text.as_bytes(), delimiter.as_bytes()).map(|at| at + delimiter.len()).peekable();
    while let Some(start) = starts.next() {
        let end = starts.peek().map_or(text.len(), |next| next - delimiter.len());
        let Some(part) = text.get(start..end) else { continue };
        let Some((head, skip)) =
            part.find("\r\n\r\n").map(|at| (at, 4)).or_else(|| part.find("\n\n").map(|at| (at, 2)))
        else {
            continue;
        };
        let Some(name) = name(&part[..head]) else { continue };
        let value = part[head + skip..].trim_end_matches(['\r', '\n']);
        let value_at = start + head + skip;
        spots.extend(named(text, value_at..value_at + value.len(), name, from, Cow::Borrowed));
    }
}

fn boundary(content_type: &str) -> Option<&str> {
    let at = content_type.to_ascii_lowercase().find("boundary=")? + "boundary=".len();
    let rest = &content_type[at..];
    let boundary = match rest.strip_prefix('"') {
        Some(quoted) => quoted.split('"').next(),
        None => rest.split([';', ' ']).next(),
    };
    boundary.filter(|boundary| !boundary.is_empty())
}

/// What a part is called, unless it is a file.
fn name(head: &str) -> Option<&str> {
    let line = head.lines().find(|line| line.to_ascii_lowercase().starts_with("content-disposition:"))?;
    if line.contains("filename") {
        return None;
    }
    let rest = line.split_once("name=")?.1;
    match rest.strip_prefix('"') {
        Some(quoted) => quoted.split('"').next(),
        None => rest.split(';').next(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn named_parts_are_credentials_and_files_are_none() {
        let body = "--b1\r\nContent-Disposition: form-data; name=\"password\"\r\n\r\nhunter2\r\n\
                    --b1\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\nhello\r\n\
                    --b1\r\nContent-Disposition: form-data; name=\"token\"; filename=\"a\"\r\n\r\nabcd1234\r\n--b1--\r\n";
        let mut spots = Vec::new();
        multipart(body, "multipart/form-data; boundary=b1", From::Call, &mut spots);
        let found: Vec<(&str, &str)> =
            spots.iter().map(|spot| (spot.name.as_str(), &body[spot.range.clone()])).collect();
        assert_eq!(found, [("password", "hunter2")]);
    }
}
