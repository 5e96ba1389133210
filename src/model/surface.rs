//! Names of surfaces: `GET /orders/{}`.

/// Whether a recorded surface is one of those that a contract's name stands for: `GET /models/first` is one of `GET /models/{}`.
pub fn stands_for(name: &str, recorded: &str) -> bool {
    if name == recorded {
        return true;
    }
    let (Some((method, path)), Some((its_method, its_path))) = (name.split_once(' '), recorded.split_once(' ')) else {
        return false;
    };
    let (mut parts, mut its_parts) = (path.split('/'), its_path.split('/'));
    method == its_method
        && loop {
            match (parts.next(), its_parts.next()) {
                (None, None) => break true,
                (Some(part), Some(its)) if part == its || part == "{}" && !its.is_empty() => {}
                _ => break false,
            }
        }
}

#[cfg(test)]
mod tests {
    use super::stands_for;

    #[test]
    fn a_name_with_a_place_for_a_value_stands_for_all_values() {
        for (name, recorded, expected) in [
            ("GET /a/{}", "GET /a/{}", true),
            ("GET /a/{}", "GET /a/first", true),
            ("GET /a/{}", "POST /a/first", false),
            ("GET /a/{}", "GET /a/", false),
            ("GET /a/{}", "GET /a/first/more", false),
            ("GET /a/first", "GET /a/{}", false),
            ("shop.v1.Shop/Get", "shop.v1.Shop/Get", true),
        ] {
            assert_eq!(stands_for(name, recorded), expected, "{name} {recorded}");
        }
    }
}
