//! In which order the services of a member start: one that is given another's address starts when that one is ready.

use super::FleetError;
use crate::manifest::{BuildSpec, CommandSpec, Service, placeholders};
use crate::model::Side;

/// The services by their place in `services`: those of a wave start at once, and each wave when the one before is ready.
pub(super) fn waves(services: &[Service], side: Side) -> Result<Vec<Vec<usize>>, FleetError> {
    let mut left: Vec<usize> = (0..services.len()).collect();
    let mut waves = Vec::new();
    while !left.is_empty() {
        let waits = |index: usize| {
            let needs =
                |other: &usize| *other != index && mentions(services[index].builds.get(side), &services[*other].name);
            left.iter().any(needs)
        };
        let (later, now): (Vec<usize>, Vec<usize>) = left.iter().partition(|index| waits(**index));
        if now.is_empty() {
            let services = later.iter().map(|index| services[*index].name.clone()).collect();
            return Err(FleetError::Cycle { side, services });
        }
        waves.push(now);
        left = later;
    }
    Ok(waves)
}

fn mentions(build: &BuildSpec, service: &str) -> bool {
    let reference = format!("service.{service}.url");
    let of_run = build.run.iter().flat_map(CommandSpec::placeholders);
    let of_env = build.env.values().flat_map(|value| placeholders::names(value));
    of_run.chain(of_env).any(|name| name == reference)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::time::Duration;

    use super::waves;
    use crate::manifest::{BuildSpec, CommandSpec, Service, SourceSpec};
    use crate::model::{Pair, Side};

    fn service((name, run): (&str, &str)) -> Service {
        let build = BuildSpec {
            source: SourceSpec::Path(".".into()),
            label: None,
            build: None,
            run: Some(CommandSpec::Sh(run.to_owned())),
            env: BTreeMap::new(),
            writes: false,
            allow_remote: false,
        };
        Service {
            name: name.to_owned(),
            ready: None,
            ready_timeout: Duration::from_secs(1),
            stop_timeout: Duration::from_secs(1),
            ports: vec!["http".to_owned()],
            builds: Pair::new(build.clone(), build),
        }
    }

    fn check(services: &[(&str, &str)], expected: &[&[usize]]) {
        let services: Vec<Service> = services.iter().copied().map(service).collect();
        assert_eq!(waves(&services, Side::Old).unwrap(), expected);
    }

    #[test]
    fn services_that_know_nothing_of_each_other_start_at_once() {
        check(&[("shop", "shop {port}"), ("cart", "cart {port}")], &[&[0, 1]]);
    }

    #[test]
    fn a_service_waits_for_those_whose_address_it_is_given() {
        check(
            &[("shop", "shop {service.cart.url}"), ("cart", "cart {service.db.url}"), ("db", "db {port}")],
            &[&[2], &[1], &[0]],
        );
    }

    #[test]
    fn a_service_may_be_told_its_own_address() {
        check(&[("shop", "shop --public {service.shop.url}")], &[&[0]]);
    }

    #[test]
    fn services_that_wait_for_each_other_are_named() {
        let services = [service(("a", "{service.b.url}")), service(("b", "{service.a.url}"))];
        let error = waves(&services, Side::New).unwrap_err().to_string();
        assert!(error.contains("`a`, `b`"), "{error}");
    }
}
