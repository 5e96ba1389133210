//! The operations of a service, as straddle names them: a method and a path in which `{}` stands for what was made. The main
//! type is [`Route`].

use std::fmt;

use super::shape;

/// An operation.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Route {
    method: String,
    segments: Vec<String>,
}

impl Route {
    /// The operation of one call, with `{}` in the segments of which `is_bound` says that an earlier reply gave them.
    pub fn of(method: &str, target: &str, is_bound: impl Fn(usize) -> bool) -> Self {
        let path = target.split(['?', '#']).next().unwrap_or_default();
        let name = |(index, segment): (usize, &str)| {
            if shape::is_generated(segment) || is_bound(index) { "{}".to_owned() } else { segment.to_owned() }
        };
        Self { method: method.to_owned(), segments: path.split('/').skip(1).enumerate().map(name).collect() }
    }

    /// Reads what `Display` writes.
    pub fn read(text: &str) -> Self {
        let (method, path) = text.split_once(' ').unwrap_or((text, ""));
        Self { method: method.to_owned(), segments: path.split('/').skip(1).map(str::to_owned).collect() }
    }

    /// How well a call fits: the more of its segments are named here the better; none where it does not.
    pub fn fits(&self, method: &str, target: &str) -> Option<usize> {
        let path = target.split(['?', '#']).next().unwrap_or_default();
        let segments: Vec<&str> = path.split('/').skip(1).collect();
        if method != self.method || segments.len() != self.segments.len() {
            return None;
        }
        let same = |(own, other): (&String, &&str)| own == "{}" || own == other;
        let named = self.segments.iter().filter(|segment| *segment != "{}").count();
        self.segments.iter().zip(&segments).all(same).then_some(named)
    }
}

impl fmt::Display for Route {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} ", self.method)?;
        self.segments.iter().try_for_each(|segment| write!(out, "/{segment}"))
    }
}

/// The route that a call is of.
pub fn find<'r>(routes: &'r [Route], method: &str, target: &str) -> Option<&'r Route> {
    let fitting = routes.iter().filter_map(|route| Some((route.fits(method, target)?, route)));
    fitting.max_by_key(|(named, _)| *named).map(|(_, route)| route)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_find_their_operation() {
        let routes: Vec<Route> =
            ["GET /", "GET /orders/{}", "GET /orders/latest", "POST /orders/{}/pay"].map(Route::read).into();
        for (method, target, expected) in [
            ("GET", "/", Some("GET /")),
            ("GET", "/orders/VykzkWP?x=/y", Some("GET /orders/{}")),
            ("GET", "/orders/latest", Some("GET /orders/latest")),
            ("POST", "/orders/7/pay", Some("POST /orders/{}/pay")),
            ("POST", "/orders/7", None),
        ] {
            assert_eq!(find(&routes, method, target).map(Route::to_string).as_deref(), expected, "{method} {target}");
        }
    }

    #[test]
    fn what_was_made_has_no_name() {
        let route = Route::of("GET", "/posts/VykzkWP/7?page=1", |index| index == 1);
        assert_eq!(route.to_string(), "GET /posts/{}/{}");
        assert_eq!(Route::read("GET /posts/{}/{}"), route);
        assert_eq!(Route::of("GET", "/", |_| false).to_string(), "GET /");
    }
}
