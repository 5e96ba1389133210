//! Credentials in a request's target: parameters by name and look, segments by look and by what they are for.

use super::shapes::{anywhere, is_drawn, is_long_token, is_uuid};
use super::spots::{From, Spot, form, named, percent};

/// What stands before a segment that lets its bearer in.
const DOORS: [&str; 12] = [
    "reset",
    "reset-password",
    "password-reset",
    "verify",
    "confirm",
    "activate",
    "invite",
    "invitation",
    "invitations",
    "magic",
    "token",
    "unsubscribe",
];

/// The credentials of a target.
pub(super) fn spots(target: &str) -> Vec<Spot> {
    let mut spots = Vec::new();
    let (path, query) = target.split_once('?').map_or((target, None), |(path, query)| (path, Some(query)));
    segments(path, &mut spots);
    if let Some(query) = query {
        pairs(query, path.len() + 1, From::Call, &mut spots);
    }
    anywhere(target.as_bytes(), From::Call, &mut spots);
    spots
}

/// The credentials among `a=1&b=2`, which stands so far into a text.
pub(super) fn pairs(text: &str, offset: usize, from: From, spots: &mut Vec<Spot>) {
    let mut at = 0;
    for pair in text.split('&') {
        if let Some((name, value)) = pair.split_once('=') {
            let start = at + name.len() + 1;
            if let Some(mut spot) = named(text, start..start + value.len(), &form(name), from, form) {
                spot.range = spot.range.start + offset..spot.range.end + offset;
                spots.push(spot);
            }
        }
        at += pair.len() + 1;
    }
}

fn segments(path: &str, spots: &mut Vec<Spot>) {
    let mut at = 0;
    let mut before = "";
    for segment in path.split('/') {
        let value = percent(segment);
        let opens = DOORS.iter().any(|door| before.eq_ignore_ascii_case(door));
        let look = is_long_token(&value) && value.len() >= 32;
        if look || (opens && value.len() >= 16 && (is_drawn(&value) || is_uuid(&value))) {
            let name = if before.is_empty() { "token" } else { before };
            spots.push(Spot::plain(at..at + segment.len(), value, name));
        }
        before = segment;
        at += segment.len() + 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::traffic::redaction::spots::settled;

    fn check(target: &str, expected: &[(&str, &str)]) {
        let spots = settled(spots(target));
        let found: Vec<(&str, &str)> = spots.iter().map(|spot| (spot.name.as_str(), spot.value.as_str())).collect();
        assert_eq!(found, expected, "{target}");
    }

    #[test]
    fn credentials_of_a_target_are_found() {
        check("/login?user=anna&password=p%40ss+w{0", &[("password", "p@ss w{0")]);
        check("/reset/a1b2c3d4e5f6a7b8", &[("reset", "a1b2c3d4e5f6a7b8")]);
        check("/invite/0b5e6f0e-8a0f-4d7e-9c58-0f6a7f0b8a11", &[("invite", "0b5e6f0e-8a0f-4d7e-9c58-0f6a7f0b8a11")]);
        check("/cb?code=SplxlOBeZQQYbYS6WxSbIA&state=af0ifjsldkj", &[("code", "SplxlOBeZQQYbYS6WxSbIA")]);
    }

    #[test]
    fn what_is_no_credential_stays() {
        for target in [
            "/assets/main.3f9c1a20.js",
            "/orders/0b5e6f0e-8a0f-4d7e-9c58-0f6a7f0b8a11",
            "/posts?page=2&limit=10&sort=-created_at&state=open&code=DE",
            "/posts?cursor=eyJpZCI6NywiYWZ0ZXIiOiIyMDI2In0",
            "/login?password={secret:password#1}&password=",
        ] {
            check(target, &[]);
        }
    }
}
