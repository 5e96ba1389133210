//! One request on its way: who was chosen for it, and what becomes of it. The main type is [`Passing`].

use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::affinity::{carried, given};
use super::instances::Instance;
use super::log::{Line, Outcome};
use super::mixer::Mix;
use super::plan::{Plan, by_weight};
use crate::model::Metadata;
use crate::proxy::http1::Refusal;

/// The longest text of a line that a peer has chosen, in characters.
const LONGEST: usize = 120;

/// A request, until it has ended. The first that is said of it goes into the log.
#[derive(Debug)]
pub(in crate::proxy) struct Passing {
    mix: Arc<Mix>,
    instance: Option<Arc<Instance>>,
    begun: Mutex<Option<Begun>>,
    /// The status code, 0 until there is one.
    status: AtomicU16,
}

/// What a line begins with.
#[derive(Debug)]
struct Begun {
    connection: u64,
    number: u64,
    call: String,
    reused: bool,
}

impl Passing {
    /// Chooses who answers it. `cookies` are its `Cookie` headers.
    pub fn begin<'a>(
        mix: &Arc<Mix>,
        connection: u64,
        (method, target): (&str, &str),
        cookies: impl Iterator<Item = &'a str>,
    ) -> Self {
        let number = mix.next_request();
        let instance = choose(mix, number, cookies);
        Self::of(mix, connection, number, instance, shortened(method, target))
    }

    /// One that can't be read, so that nobody is chosen.
    pub fn bad_call(mix: &Arc<Mix>, connection: u64, call: &str, refusal: &Refusal) {
        let passing = Self::of(mix, connection, mix.next_request(), None, call.to_owned());
        passing.ends(Outcome::BadCall(refusal.why.clone()));
    }

    fn of(mix: &Arc<Mix>, connection: u64, number: u64, instance: Option<Arc<Instance>>, call: String) -> Self {
        mix.enter();
        let begun = Mutex::new(Some(Begun { connection, number, call, reused: false }));
        Self { mix: Arc::clone(mix), instance, begun, status: AtomicU16::new(0) }
    }

    /// Who answers; none where there is nobody.
    pub(super) fn instance(&self) -> Option<&Arc<Instance>> {
        self.instance.as_ref()
    }

    /// It goes over a connection that earlier requests used, or over a new one.
    pub fn over(&self, used: bool) {
        if let Some(begun) = self.begun.lock().unwrap_or_else(PoisonError::into_inner).as_mut() {
            begun.reused = used;
        }
    }

    /// The reply's head has come.
    pub fn head(&self, status: u16, metadata: &Metadata) {
        self.status.store(status, Ordering::Relaxed);
        if let (Plan::Affine { cookie, .. }, Some(instance)) = (&self.mix.plan, &self.instance) {
            for value in metadata.all("set-cookie").filter_map(|header| given(header, cookie)) {
                self.mix.affinity.learn(value, &instance.name);
            }
        }
    }

    /// The status code, where a head has come.
    pub fn status(&self) -> Option<u16> {
        Some(self.status.load(Ordering::Relaxed)).filter(|status| *status > 0)
    }

    /// The whole reply has come. To be said before its last byte goes to the client.
    pub fn answered(&self) {
        let status = self.status.load(Ordering::Relaxed);
        self.ends(Outcome::Answered { status });
    }

    /// The connection has become a tunnel.
    pub fn switched(&self, status: u16) {
        self.ends(Outcome::Switched { status });
    }

    /// There is nobody.
    pub fn nobody(&self) {
        self.ends(Outcome::Nobody);
    }

    /// The instance takes no connection.
    pub fn refused(&self, refusal: &Refusal) {
        self.ends(Outcome::Refused(refusal.why.clone()));
    }

    /// The instance ended the connection or the stream before its reply was whole.
    pub fn broke_off(&self) {
        self.ends(self.status().map_or(Outcome::Dropped, |status| Outcome::Cut { status }));
    }

    /// The instance was silent for too long.
    pub fn timed_out(&self) {
        self.ends(Outcome::TimedOut { status: self.status() });
    }

    /// What the instance sends can't be passed on.
    pub fn unreadable(&self, why: &str) {
        self.ends(Outcome::Unreadable(why.to_owned()));
    }

    /// What the client sends can't be.
    pub fn bad_body(&self, refusal: &Refusal) {
        self.ends(Outcome::BadCall(refusal.why.clone()));
    }

    /// The client went away.
    pub fn abandoned(&self) {
        self.ends(Outcome::Abandoned { status: self.status() });
    }

    fn ends(&self, outcome: Outcome) {
        let begun = self.begun.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(Begun { connection, number, call, reused }) = begun {
            let instance = self.instance.as_ref().map(|instance| Arc::clone(&instance.name));
            self.mix.log.push(Line { connection, number, call, instance, reused, outcome });
        }
    }
}

impl Drop for Passing {
    fn drop(&mut self) {
        self.abandoned();
        if let Some(instance) = &self.instance {
            instance.leave();
        }
        self.mix.leave();
    }
}

/// Who answers the request of that number.
fn choose<'a>(mix: &Mix, number: u64, cookies: impl Iterator<Item = &'a str>) -> Option<Arc<Instance>> {
    let named = |name: &Arc<str>| mix.instances.enter(|all| all.iter().position(|instance| instance.name == *name));
    let weighted =
        |seed| mix.instances.enter(|all| by_weight(seed, number, all.iter().map(|instance| instance.weight)));
    match &mix.plan {
        Plan::Told(told) => named(&told.now()),
        Plan::Weighted { seed } => weighted(*seed),
        Plan::Affine { cookie, seed } => {
            let mut homeless = None;
            for value in carried(cookies, cookie) {
                if let Some(home) = mix.affinity.of(value) {
                    if let Some(instance) = named(&home) {
                        return Some(instance);
                    }
                    homeless.get_or_insert(value);
                }
            }
            let instance = weighted(*seed)?;
            // Whose instance is gone finds another, once.
            if let Some(value) = homeless {
                mix.affinity.learn(value, &instance.name);
            }
            Some(instance)
        }
    }
}

fn shortened(method: &str, target: &str) -> String {
    let mut call = format!("{method} {target}");
    if let Some((end, _)) = call.char_indices().nth(LONGEST) {
        call.truncate(end);
        call.push('…');
    }
    call
}
