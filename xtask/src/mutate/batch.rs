//! Which changes share a run. Only such as can't be taken for each other, and can't touch each other: no two of one operation,
//! and none whose value a later call uses.

use std::collections::BTreeSet;

use super::survey::{Candidate, Survey};

/// Runs, each with the changes in it.
pub fn batches<'c>(survey: &Survey, chosen: &'c [Candidate]) -> Vec<Vec<&'c Candidate>> {
    let (alone, together): (Vec<_>, Vec<_>) = chosen.iter().partition(|candidate| candidate.used);
    let mut batches: Vec<(BTreeSet<&str>, Vec<&Candidate>)> = Vec::new();
    for candidate in together {
        let names: BTreeSet<&str> = survey.names[&candidate.change.route].iter().map(String::as_str).collect();
        match batches.iter_mut().find(|(taken, _)| taken.is_disjoint(&names)) {
            Some((taken, batch)) => {
                taken.extend(names);
                batch.push(candidate);
            }
            None => batches.push((names, vec![candidate])),
        }
    }
    batches.into_iter().map(|(_, batch)| batch).chain(alone.into_iter().map(|one| vec![one])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mutate::change::{Change, Kind};
    use crate::mutate::place::Place;
    use crate::mutate::route::Route;

    #[test]
    fn what_could_be_mixed_up_runs_apart() {
        let mut survey = Survey::default();
        let of = |route: &str, used: bool| {
            let change = Change {
                route: Route::read(route),
                fails: false,
                place: Place::Status,
                kind: Kind::Status,
                salt: 0,
                one_row: false,
            };
            Candidate { change, variant: 1, masked: false, used }
        };
        let chosen =
            [of("GET /a", false), of("GET /a", false), of("GET /b", false), of("GET /b/{}", false), of("GET /c", true)];
        for (route, names) in [
            ("GET /a", vec!["GET /a"]),
            ("GET /b", vec!["GET /b"]),
            ("GET /b/{}", vec!["GET /b"]),
            ("GET /c", vec!["GET /c"]),
        ] {
            survey.names.insert(Route::read(route), names.into_iter().map(str::to_owned).collect());
        }
        let sizes: Vec<Vec<String>> = batches(&survey, &chosen)
            .iter()
            .map(|batch| batch.iter().map(|candidate| candidate.change.route.to_string()).collect())
            .collect();
        assert_eq!(sizes, [vec!["GET /a", "GET /b"], vec!["GET /a", "GET /b/{}"], vec!["GET /c"]]);
    }
}
