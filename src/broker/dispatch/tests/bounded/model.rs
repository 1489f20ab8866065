//! A slow model of queues whose messages expire, overflow and have priorities: a list each, searched from the start.

/// What a queue does with one message too many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Overflow {
    DropHead,
    Reject,
    RejectToDead,
    RejectLate,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    Publish,
    Capped(u8),
    TwoClasses,
    Strict,
}

/// What makes a queue special.
#[derive(Clone, Copy, Debug)]
pub(super) struct Traits {
    pub(super) name: &'static str,
    pub(super) quorum: bool,
    pub(super) ttl: Option<u64>,
    pub(super) max_length: Option<usize>,
    pub(super) max_bytes: Option<usize>,
    pub(super) overflow: Overflow,
    pub(super) order: Order,
}

/// A message that is to be published.
#[derive(Clone, Copy, Debug)]
pub(super) struct Job {
    pub(super) number: u32,
    pub(super) priority: Option<u8>,
    pub(super) size: usize,
    pub(super) ttl: Option<u64>,
}

#[derive(Clone, Copy, Debug)]
struct Waiting {
    job: Job,
    expires: Option<u64>,
    /// The number of its return, at a quorum queue.
    back: Option<u64>,
    redelivered: bool,
}

/// Handed out: by which queue, and whether to its consumer of that number.
#[derive(Clone, Copy, Debug)]
struct Held {
    queue: usize,
    consumer: Option<u32>,
    message: Waiting,
}

/// Queue, job, redelivered.
pub(super) type Seen = (usize, u32, bool);

#[derive(Clone, Debug)]
struct Queue {
    traits: Traits,
    /// In the order of their numbers, which is that of publishing.
    ready: Vec<Waiting>,
    closed: bool,
    turn: u8,
    returns: u64,
    /// Number and prefetch.
    consumer: Option<(u32, usize)>,
    dead: Vec<(u32, &'static str)>,
}

#[derive(Clone, Debug)]
pub(super) struct Model {
    now: u64,
    queues: Vec<Queue>,
    held: Vec<Held>,
    seen: Vec<Seen>,
}

impl Model {
    pub(super) fn new(all: &[Traits]) -> Self {
        let queue = |traits: &Traits| Queue {
            traits: *traits,
            ready: Vec::new(),
            closed: false,
            turn: 0,
            returns: 0,
            consumer: None,
            dead: Vec::new(),
        };
        Self {
            now: 0,
            queues: all.iter().map(queue).collect(),
            held: Vec::new(),
            seen: Vec::new(),
        }
    }

    pub(super) fn take_seen(&mut self) -> Vec<Seen> {
        std::mem::take(&mut self.seen)
    }

    pub(super) fn ready(&self, queue: usize) -> usize {
        self.queues[queue].ready.len()
    }

    /// Held messages: queue and job.
    pub(super) fn held(&self) -> Vec<(usize, u32)> {
        self.held
            .iter()
            .map(|held| (held.queue, held.message.job.number))
            .collect()
    }

    pub(super) fn dead(&self, queue: usize) -> &[(u32, &'static str)] {
        &self.queues[queue].dead
    }

    /// When the first message expires that can.
    pub(super) fn next_expiry(&self) -> Option<u64> {
        let heads = self
            .queues
            .iter()
            .flat_map(|queue| queue.heads().into_iter().map(|at| queue.ready[at]));
        heads.filter_map(|message| message.expires).min()
    }

    /// Whether the queue refuses.
    pub(super) fn publish(&mut self, id: usize, job: Job) -> bool {
        let now = self.now;
        let queue = &mut self.queues[id];
        if queue.refuses(job) {
            if queue.traits.overflow == Overflow::RejectToDead {
                queue.dead.push((job.number, "maxlen"));
            }
            return true;
        }
        let shortest = u64::from(queue.traits.quorum);
        let ttl = [queue.traits.ttl, job.ttl].into_iter().flatten().min();
        let message = Waiting {
            job,
            expires: ttl.map(|ttl| now + ttl.max(shortest)),
            back: None,
            redelivered: false,
        };
        if queue.ready.is_empty() && self.has_room(id) {
            self.hand_over(id, message);
        } else {
            self.queues[id].ready.push(message);
            self.shed(id);
        }
        self.queues[id].review();
        false
    }

    pub(super) fn consume(&mut self, id: usize, number: u32, prefetch: usize) {
        self.queues[id].consumer = Some((number, prefetch));
        self.run(id);
    }

    /// The consumer's number, if there is one.
    pub(super) fn cancel(&mut self, id: usize) -> Option<u32> {
        self.queues[id].consumer.take().map(|(number, _)| number)
    }

    pub(super) fn get(&mut self, id: usize, keeps: bool) -> Option<Seen> {
        let queue = &mut self.queues[id];
        let first = queue.first()?;
        let message = queue.take(first);
        self.shed(id);
        if keeps {
            self.held.push(Held {
                queue: id,
                consumer: None,
                message,
            });
        }
        Some((id, message.job.number, message.redelivered))
    }

    pub(super) fn ack(&mut self, which: usize) {
        let held = self.held.remove(which);
        self.run(held.queue);
    }

    pub(super) fn drop(&mut self, which: usize) {
        let held = self.held.remove(which);
        self.run(held.queue);
        self.queues[held.queue].dead.push((held.message.job.number, "rejected"));
    }

    pub(super) fn requeue(&mut self, which: usize) {
        let held = self.held.remove(which);
        self.queues[held.queue].put_back(held.message);
        self.run(held.queue);
    }

    pub(super) fn purge(&mut self, id: usize) {
        let queue = &mut self.queues[id];
        while let Some(first) = queue.first() {
            queue.take(first);
        }
        queue.turn = 0;
    }

    /// Time passes, and everything due is done.
    pub(super) fn advance(&mut self, by: u64) {
        self.now += by;
        for id in 0..self.queues.len() {
            self.shed(id);
        }
    }

    /// The broker stops, and starts later.
    pub(super) fn restart(&mut self, after: u64) {
        self.now += after;
        for held in std::mem::take(&mut self.held) {
            self.queues[held.queue].put_back(held.message);
        }
        for id in 0..self.queues.len() {
            self.queues[id].turn = 0;
            self.queues[id].consumer = None;
            self.shed(id);
        }
    }

    fn run(&mut self, id: usize) {
        self.shed(id);
        while self.has_room(id)
            && let Some(first) = self.queues[id].first()
        {
            let message = self.queues[id].take(first);
            self.hand_over(id, message);
            self.shed(id);
        }
        self.queues[id].review();
    }

    fn has_room(&self, id: usize) -> bool {
        self.queues[id].consumer.is_some_and(|(number, prefetch)| {
            let mine = |held: &&Held| held.queue == id && held.consumer == Some(number);
            self.held.iter().filter(mine).count() < prefetch
        })
    }

    fn hand_over(&mut self, id: usize, message: Waiting) {
        self.seen.push((id, message.job.number, message.redelivered));
        self.held.push(Held {
            queue: id,
            consumer: self.queues[id].consumer.map(|(number, _)| number),
            message,
        });
    }

    fn shed(&mut self, id: usize) {
        let (now, queue) = (self.now, &mut self.queues[id]);
        while queue.traits.overflow == Overflow::DropHead && queue.is_exceeded() {
            let first = queue.first().expect("an empty queue is not too long");
            let dropped = queue.take(first);
            queue.dead.push((dropped.job.number, "maxlen"));
        }
        let is_over = |message: &Waiting| message.expires.is_some_and(|at| at <= now);
        while let Some(at) = queue.heads().into_iter().find(|at| is_over(&queue.ready[*at])) {
            let dropped = queue.take(at);
            queue.dead.push((dropped.job.number, "expired"));
        }
    }
}

impl Queue {
    fn level(&self, message: &Waiting) -> u8 {
        match self.traits.order {
            Order::Publish => 0,
            Order::Capped(max) => message.job.priority.unwrap_or(0).min(max),
            Order::TwoClasses => u8::from(message.job.priority.is_some_and(|priority| priority > 4)),
            Order::Strict => message.job.priority.unwrap_or(4).min(31),
        }
    }

    /// The eldest of a level, among those that did not come back to a quorum queue.
    fn first_of(&self, level: u8) -> Option<usize> {
        let here = |message: &Waiting| message.back.is_none() && self.level(message) == level;
        self.ready.iter().position(here)
    }

    fn first(&self) -> Option<usize> {
        let returned = (0..self.ready.len()).filter(|at| self.ready[*at].back.is_some());
        let returned = returned.min_by_key(|at| self.ready[*at].back);
        returned.or_else(|| match (self.traits.order, self.first_of(1), self.first_of(0)) {
            (Order::TwoClasses, Some(upper), Some(lower)) if self.turn == 2 => Some(upper.min(lower)),
            _ => (0..=255).rev().find_map(|level| self.first_of(level)),
        })
    }

    /// Those that can expire.
    fn heads(&self) -> Vec<usize> {
        let each = self.traits.order == Order::Strict;
        let levels = (0..=255)
            .rev()
            .filter(|_| each)
            .filter_map(|level| self.first_of(level));
        self.first().into_iter().chain(levels).collect()
    }

    fn take(&mut self, at: usize) -> Waiting {
        if self.ready[at].back.is_none() {
            self.turn = (self.turn + 1) % 3;
        }
        let taken = self.ready.remove(at);
        if self.is_within(4, 5) {
            self.closed = false;
        }
        taken
    }

    fn put_back(&mut self, mut message: Waiting) {
        message.redelivered = true;
        if self.traits.quorum {
            self.returns += 1;
            message.back = Some(self.returns);
        }
        self.ready.push(message);
        self.ready.sort_by_key(|message| message.job.number);
    }

    fn bytes(&self) -> usize {
        self.ready.iter().map(|message| message.job.size).sum()
    }

    /// Whether it holds no more than that part of its limits.
    fn is_within(&self, part: usize, of: usize) -> bool {
        let within = |max: Option<usize>, now: usize| max.is_none_or(|max| now <= max * part / of);
        within(self.traits.max_length, self.ready.len()) && within(self.traits.max_bytes, self.bytes())
    }

    fn is_exceeded(&self) -> bool {
        !self.is_within(1, 1)
    }

    fn refuses(&self, job: Job) -> bool {
        let exceeds = |max: Option<usize>, then: usize| max.is_some_and(|max| then > max);
        match self.traits.overflow {
            Overflow::DropHead => false,
            Overflow::RejectLate => self.closed,
            Overflow::Reject | Overflow::RejectToDead => {
                exceeds(self.traits.max_length, self.ready.len() + 1)
                    || exceeds(self.traits.max_bytes, self.bytes() + job.size)
            }
        }
    }

    fn review(&mut self) {
        self.closed |= self.is_exceeded();
    }
}
