//! The instances behind a balancer, while they come and go. The main type is [`Instances`].

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use tokio::sync::Notify;

use super::link::Link;
use crate::wire::Endpoint;
use crate::wire::http::Speakers;

/// An instance as a plan knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upstream {
    /// Its name, which lines of the log have.
    pub name: String,
    /// Where it listens.
    pub endpoint: Endpoint,
    /// How many requests it gets against the others; with 0 only those that name it.
    pub weight: u32,
}

impl Upstream {
    /// One of weight 1.
    pub fn new(name: impl Into<String>, endpoint: Endpoint) -> Self {
        Self { name: name.into(), endpoint, weight: 1 }
    }

    /// With another weight.
    pub fn weighing(self, weight: u32) -> Self {
        Self { weight, ..self }
    }
}

/// The instances that requests can go to, in an order that stays. Clones are the same, and several balancers may have the same.
#[derive(Debug, Clone, Default)]
pub struct Instances(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    all: RwLock<Vec<Arc<Instance>>>,
    speakers: Speakers,
    balancers: AtomicUsize,
}

/// One of them.
#[derive(Debug)]
pub(super) struct Instance {
    pub name: Arc<str>,
    pub endpoint: Endpoint,
    pub weight: u32,
    out: AtomicBool,
    /// Requests that were sent to it and have not ended, tunnels too.
    open: AtomicUsize,
    changed: Notify,
    /// What clients' connections have with it.
    links: Mutex<HashMap<Client, Arc<Link>>>,
}

/// A client's connection: whose balancer's, and its number there.
pub(super) type Client = (usize, u64);

/// An instance that gets no more requests.
#[derive(Debug)]
pub struct Draining(Arc<Instance>);

impl From<Vec<Upstream>> for Instances {
    fn from(upstreams: Vec<Upstream>) -> Self {
        let instances = Self::default();
        for upstream in upstreams {
            instances.add(upstream);
        }
        instances
    }
}

impl Instances {
    /// One more, at the end; or in the place of the one that has its name, which drains.
    pub fn add(&self, upstream: Upstream) -> Option<Draining> {
        let instance = self.new_instance(upstream);
        let mut all = self.0.all.write().unwrap_or_else(PoisonError::into_inner);
        let Some(there) = all.iter_mut().find(|there| there.name == instance.name) else {
            all.push(instance);
            return None;
        };
        let before = std::mem::replace(there, instance);
        drop(all);
        Some(before.drain())
    }

    /// Another in the place of the one of that name, which drains. None, and nothing happens, where there is no such one.
    pub fn swap(&self, name: &str, with: Upstream) -> Option<Draining> {
        let instance = self.new_instance(with);
        let mut all = self.0.all.write().unwrap_or_else(PoisonError::into_inner);
        let there = all.iter_mut().find(|there| *there.name == *name)?;
        let before = std::mem::replace(there, instance);
        drop(all);
        Some(before.drain())
    }

    /// Takes one out: requests that it has finish, and it gets no more. None where there is no such one.
    pub fn take_out(&self, name: &str) -> Option<Draining> {
        let mut all = self.0.all.write().unwrap_or_else(PoisonError::into_inner);
        let at = all.iter().position(|instance| *instance.name == *name)?;
        let instance = all.remove(at);
        drop(all);
        Some(instance.drain())
    }

    /// Their names, in their order.
    pub fn names(&self) -> Vec<Arc<str>> {
        let all = self.0.all.read().unwrap_or_else(PoisonError::into_inner);
        all.iter().map(|instance| Arc::clone(&instance.name)).collect()
    }

    /// How many requests, and tunnels, one of them has that have not ended.
    pub fn open(&self, name: &str) -> usize {
        let all = self.0.all.read().unwrap_or_else(PoisonError::into_inner);
        all.iter()
            .filter(|instance| *instance.name == *name)
            .map(|instance| instance.open.load(Ordering::Acquire))
            .sum()
    }

    fn new_instance(&self, upstream: Upstream) -> Arc<Instance> {
        // Whoever listened there before is another.
        self.0.speakers.forget(&upstream.endpoint);
        Arc::new(Instance::new(upstream))
    }

    /// The one that `choice` names by its place; it has one request more then.
    pub(super) fn enter(&self, choice: impl FnOnce(&[Arc<Instance>]) -> Option<usize>) -> Option<Arc<Instance>> {
        let all = self.0.all.read().unwrap_or_else(PoisonError::into_inner);
        let instance = Arc::clone(all.get(choice(&all)?)?);
        // Within the lock: whoever takes it out sees that there is one more.
        instance.open.fetch_add(1, Ordering::AcqRel);
        Some(instance)
    }

    /// Tells balancers apart.
    pub(super) fn next_balancer(&self) -> usize {
        self.0.balancers.fetch_add(1, Ordering::Relaxed)
    }

    /// A client's connection is over.
    pub(super) fn forget(&self, client: Client) {
        let all = self.0.all.read().unwrap_or_else(PoisonError::into_inner);
        for instance in all.iter() {
            instance.links().remove(&client);
        }
    }

    /// Whether an instance speaks HTTP/2 by prior knowledge.
    pub(super) async fn speaks_http2(&self, instance: &Instance, most: Duration) -> bool {
        self.0.speakers.speaks(&instance.endpoint, most).await
    }
}

impl Instance {
    fn new(upstream: Upstream) -> Self {
        let Upstream { name, endpoint, weight } = upstream;
        let (out, open) = (AtomicBool::new(false), AtomicUsize::new(0));
        Self { name: name.into(), endpoint, weight, out, open, changed: Notify::new(), links: Mutex::default() }
    }

    /// What that client's connection has with it.
    pub fn link(&self, client: Client) -> Arc<Link> {
        let mut links = self.links();
        // Nobody would close what is kept there.
        if self.is_out() { Arc::default() } else { Arc::clone(links.entry(client).or_default()) }
    }

    /// Whether it gets no more requests.
    pub fn is_out(&self) -> bool {
        self.out.load(Ordering::Acquire)
    }

    /// A request that it had has ended.
    pub fn leave(&self) {
        self.open.fetch_sub(1, Ordering::AcqRel);
        self.changed.notify_waiters();
    }

    fn drain(self: Arc<Self>) -> Draining {
        let links = {
            let mut links = self.links();
            self.out.store(true, Ordering::Release);
            std::mem::take(&mut *links)
        };
        for link in links.into_values() {
            link.close();
        }
        Draining(self)
    }

    fn links(&self) -> std::sync::MutexGuard<'_, HashMap<Client, Arc<Link>>> {
        self.links.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Draining {
    /// How many requests, and tunnels, it has that have not ended.
    pub fn open(&self) -> usize {
        self.0.open.load(Ordering::Acquire)
    }

    /// Waits until it has none, for so long at most; how many it has then.
    pub async fn drained(&self, most: Duration) -> usize {
        let drained = async {
            loop {
                let changed = self.0.changed.notified();
                if self.open() == 0 {
                    return;
                }
                changed.await;
            }
        };
        // Those that are still open then are counted.
        let _ = tokio::time::timeout(most, drained).await;
        self.open()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn upstream(name: &str) -> Upstream {
        Upstream::new(name, Endpoint::new("127.0.0.1", 1))
    }

    #[track_caller]
    fn check(instances: &Instances, expected: &[&str]) {
        assert_eq!(instances.names().iter().map(|name| &**name).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn another_takes_the_place_of_the_one_before_it() {
        let instances = Instances::from(vec![upstream("a"), upstream("b"), upstream("c")]);
        assert!(instances.swap("b", upstream("b2")).is_some() && instances.swap("b", upstream("x")).is_none());
        check(&instances, &["a", "b2", "c"]);
        assert!(instances.add(upstream("a")).is_some() && instances.add(upstream("d")).is_none());
        check(&instances, &["a", "b2", "c", "d"]);
        assert!(instances.take_out("c").is_some() && instances.take_out("c").is_none());
        check(&instances, &["a", "b2", "d"]);
    }

    #[test]
    fn one_that_is_taken_out_still_knows_what_it_has() {
        let instances = Instances::from(vec![upstream("a")]);
        let instance = instances.enter(|_| Some(0)).unwrap();
        assert!(instances.enter(|_| Some(1)).is_none());
        let draining = instances.take_out("a").unwrap();
        assert_eq!((draining.open(), instances.open("a"), instance.is_out()), (1, 0, true));
        instance.leave();
        assert_eq!(draining.open(), 0);
    }
}
