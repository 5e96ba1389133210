//! Takes exchanges while they go on and hands them to the threads that redact and write. The main type is [`Recorder`].

use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread::JoinHandle;
use std::time::Instant;

use tokio::sync::{Notify, Semaphore, watch};

use super::kept::{Budget, Kept};
use super::redacting::{self, Ahead, Job};
use super::take::{self, CallHalf, Ended, ReplyHalf};
use super::tally::Tally;
use super::writer;
use crate::model::{Call, Reply, Via};
use crate::proxy::{Limits, ProxyError};
use crate::traffic::Part;

/// Takes credentials out of an exchange.
pub type Redact = Box<dyn FnMut(&mut Call, Option<&mut Reply>) + Send>;

/// All heads that are held, in KiB.
const HEADS: usize = 64 << 10;

/// Records into one file. Clones are the same recorder.
#[derive(Debug, Clone)]
pub struct Recorder {
    inner: Arc<Inner>,
    threads: Arc<Mutex<Option<Threads>>>,
}

/// The two ways of an exchange into the file, one behind the other.
#[derive(Debug)]
struct Threads {
    redacting: JoinHandle<()>,
    writing: JoinHandle<Part>,
}

#[derive(Debug)]
pub(super) struct Inner {
    next: AtomicU64,
    begun: OnceLock<Instant>,
    pub(super) budget: Arc<Budget>,
    heads: Arc<Semaphore>,
    jobs: Sender<Job>,
    /// Exchanges that have begun and not ended.
    pub(super) open: AtomicUsize,
    /// Exchanges that have ended and are not written.
    pub(super) unwritten: AtomicUsize,
    most_unwritten: usize,
    /// Told whenever one of the two falls, and at a failure.
    pub(super) changed: Notify,
    stopping: watch::Sender<bool>,
    failed: watch::Sender<bool>,
    failure: Mutex<Option<ProxyError>>,
    pub(super) tally: Tally,
}

impl Recorder {
    /// Records into `part`; `redact` takes credentials out of each exchange before it is written.
    pub fn start(part: Part, redact: Redact, limits: &Limits) -> Result<Self, ProxyError> {
        let folder = part.path().parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let (jobs, todo) = channel();
        let inner = Arc::new(Inner {
            next: AtomicU64::new(0),
            begun: OnceLock::new(),
            budget: Arc::new(Budget::new(limits, folder.to_owned())),
            heads: Arc::new(Semaphore::new(HEADS)),
            jobs,
            open: AtomicUsize::new(0),
            unwritten: AtomicUsize::new(0),
            most_unwritten: limits.unwritten,
            changed: Notify::new(),
            stopping: watch::Sender::new(false),
            failed: watch::Sender::new(false),
            failure: Mutex::new(None),
            tally: Tally::default(),
        });
        let (ready, to_write) = channel();
        let (written, told) = channel();
        let named = |name: &str| std::thread::Builder::new().name(name.to_owned());
        let at = Arc::clone(&inner);
        let writing = named("writer").spawn(move || writer::write(part, &to_write, &written, &at));
        let writing = writing.map_err(ProxyError::Thread)?;
        let at = Arc::clone(&inner);
        let redacting =
            named("redactor").spawn(move || redacting::redact(redact, &todo, &ready, Ahead::new(told), &at));
        let redacting = redacting.map_err(ProxyError::Thread)?;
        Ok(Self { inner, threads: Arc::new(Mutex::new(Some(Threads { redacting, writing }))) })
    }

    /// What was recorded so far and what was not.
    pub fn tally(&self) -> &Tally {
        &self.inner.tally
    }

    /// Begins an exchange, its call's head as long as `head` bytes. Waits where too much is held already; none where the
    /// recorder is being stopped.
    pub(in crate::proxy) async fn begin(&self, via: Via, call: Call, head: usize) -> Option<(CallHalf, ReplyHalf)> {
        let inner = &self.inner;
        // The reply's head is held too, and nobody knows yet how long it is.
        let kib = u32::try_from(head / 512 + 1).unwrap_or(u32::MAX);
        let room = Arc::clone(&inner.heads).acquire_many_owned(kib).await.ok()?;
        loop {
            let changed = inner.changed.notified();
            let unwritten = inner.unwritten.load(Ordering::Acquire);
            // What waits to be written would go to a file and come back from it, which makes the writer no faster.
            let is_behind = unwritten > 0 && inner.budget.is_short();
            if (unwritten < inner.most_unwritten && !is_behind) || inner.has_failed() {
                break;
            }
            changed.await;
        }
        inner.open.fetch_add(1, Ordering::AcqRel);
        if *inner.stopping.borrow() || inner.has_failed() {
            inner.open.fetch_sub(1, Ordering::AcqRel);
            inner.changed.notify_waiters();
            return None;
        }
        let begun = inner.begun.get_or_init(Instant::now);
        let ended = Ended {
            index: inner.next.fetch_add(1, Ordering::Relaxed),
            offset_ms: u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX),
            via,
            call,
            call_body: Kept::new(&inner.budget),
            reply: Err(None),
            room: Some(room),
        };
        Some(take::begin(inner, ended))
    }

    /// Begins no more exchanges, and waits until those that are open have ended.
    pub(in crate::proxy) async fn wind_down(&self) {
        self.inner.stopping.send_replace(true);
        loop {
            let changed = self.inner.changed.notified();
            if self.inner.open.load(Ordering::Acquire) == 0 {
                return;
            }
            changed.await;
        }
    }

    /// Waits until no exchange is open, and all that have ended are written: whatever they give away is known then.
    pub async fn written(&self) {
        loop {
            let changed = self.inner.changed.notified();
            if self.inner.open.load(Ordering::Acquire) == 0 && self.inner.unwritten.load(Ordering::Acquire) == 0 {
                return;
            }
            changed.await;
        }
    }

    /// Waits until it is being stopped.
    pub(in crate::proxy) async fn stopped(&self) {
        until(&self.inner.stopping).await;
    }

    /// Waits until something can't be written.
    pub(in crate::proxy) async fn failed(&self) {
        until(&self.inner.failed).await;
    }

    /// Waits until all that has ended is written, and gives the file back; or why something is missing in it.
    pub fn finish(self) -> Result<Part, ProxyError> {
        // They are gone where they can't be told.
        let _ = self.inner.jobs.send(Job::End);
        let threads = self.threads.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(Threads { redacting, writing }) = threads else { return Err(ProxyError::Finished) };
        let part = match (redacting.join(), writing.join()) {
            (Ok(()), Ok(part)) => part,
            // A bug stays a bug: it is told where it happened.
            (Err(panic), _) | (_, Err(panic)) => std::panic::resume_unwind(panic),
        };
        match self.inner.failure.lock().unwrap_or_else(PoisonError::into_inner).take() {
            Some(error) => Err(error),
            None => Ok(part),
        }
    }
}

impl Inner {
    pub(super) fn submit(&self, ended: Ended) {
        self.unwritten.fetch_add(1, Ordering::AcqRel);
        if self.jobs.send(Job::Exchange(Box::new(ended))).is_err() {
            self.fail(ProxyError::Finished);
        }
    }

    /// An exchange is in the file, or will never be.
    pub(super) fn one_less_unwritten(&self) {
        self.unwritten.fetch_sub(1, Ordering::AcqRel);
        self.changed.notify_waiters();
    }

    pub(super) fn has_failed(&self) -> bool {
        *self.failed.borrow()
    }

    pub(super) fn fail_to_hold(&self, error: io::Error) {
        self.fail(ProxyError::Hold(error));
    }

    pub(super) fn fail(&self, error: ProxyError) {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
        self.failed.send_replace(true);
        self.changed.notify_waiters();
    }
}

async fn until(flag: &watch::Sender<bool>) {
    // Its sender is there for as long as anybody can wait for it.
    let _ = flag.subscribe().wait_for(|set| *set).await;
}
