//! How an event is written: its kind, its fields, its times.
//!
//! The byte of the kind carries in its two top bits how the times after the fields are to be read:
//!
//! | bits | real time | lab time |
//! |---|---|---|
//! | 0 | as the event before | as foretold |
//! | 1 | distance from the event before | as foretold |
//! | 2 | distance from the event before | as the event before |
//! | 3 | distance from the event before | signed distance from what was foretold |
//!
//! Foretold is the lab time of the event before and the distance in real time at the clock's present scale.

use super::super::event::{Change, Event, Happening};
use super::super::ids::{DeliveryTag, Elapsed, JobId, LabTime, WorkerId};
use super::super::settings::AckMode;
use super::super::snapshot::Figure;
use super::super::wire::{BrokerSays, Delivered, NoRoom, QueueSays};
use super::bytes::{Code, Context, HANDS, Reader, TO_BROKER, TO_WORKER, Variants, Writer};

const KIND: u8 = 0x3f;
const TIMES: u32 = 6;
/// The number of `Happening::Dispatched`.
const DISPATCHED: u8 = 9;

/// More jobs than these in one event are not believed to whoever wrote it.
const JOBS_MAX: usize = 1 << 26;

impl Code for Event {
    fn put(&self, to: &mut Writer) {
        let start = to.bytes.len();
        to.context.thread = thread(self.what.number());
        self.what.put(to);
        let passed = self.at.0.wrapping_sub(to.context.at);
        let drift = self.lab.0.wrapping_sub(foretold(&to.context, passed)).cast_signed();
        let times = match (passed, drift) {
            (0, 0) => 0,
            (_, 0) => 1,
            _ if self.lab.0 == to.context.lab => 2,
            _ => 3,
        };
        to.bytes[start] |= times << TIMES;
        if times > 0 {
            to.number(passed);
        }
        if times == 3 {
            to.signed(drift);
        }
        follow(&mut to.context, self);
    }

    fn get(from: &mut Reader<'_>) -> Option<Self> {
        let first = from.byte()?;
        from.context.thread = thread(first & KIND);
        let what = Happening::get_fields(first & KIND, from)?;
        let times = first >> TIMES;
        let passed = if times > 0 { from.number()? } else { 0 };
        let foretold = foretold(&from.context, passed);
        let event = Self {
            at: Elapsed(from.context.at.wrapping_add(passed)),
            lab: LabTime(match times {
                2 => from.context.lab,
                3 => foretold.wrapping_add(from.signed()?.cast_unsigned()),
                _ => foretold,
            }),
            what,
        };
        follow(&mut from.context, &event);
        Some(event)
    }
}

/// The thread that the job of an event without a worker in front is near to.
const fn thread(kind: u8) -> usize {
    if kind == DISPATCHED { TO_WORKER } else { TO_BROKER }
}

fn foretold(context: &Context, passed: u64) -> u64 {
    context
        .lab
        .wrapping_add(passed.wrapping_mul(context.scale.into()) / 1000)
}

/// What the next event is told from.
fn follow(context: &mut Context, event: &Event) {
    context.at = event.at.0;
    context.lab = event.lab.0;
    if let Happening::Changed(Change::Scale(scale)) = event.what {
        context.scale = scale.0;
    }
}

impl Context {
    /// What follows is of that worker.
    pub(super) fn of(&mut self, worker: u16) {
        self.worker = worker;
        self.thread = HANDS + usize::from(worker);
    }
}

impl Code for JobId {
    fn put(&self, to: &mut Writer) {
        let last = std::mem::replace(to.context.job(), self.0);
        to.signed(i64::from(self.0) - i64::from(last));
    }

    fn get(from: &mut Reader<'_>) -> Option<Self> {
        let distance = from.signed()?;
        let last = from.context.job();
        *last = u32::try_from(i64::from(*last).checked_add(distance)?).ok()?;
        Some(Self(*last))
    }

    /// As runs of numbers without a gap: how many runs, then for each its start (from the end of the one before) and
    /// its length.
    fn put_list(list: &[Self], to: &mut Writer) {
        let runs = || list.chunk_by(|a, b| a.0.checked_add(1) == Some(b.0));
        to.number(runs().count() as u64);
        let mut end = 0;
        for run in runs() {
            to.signed(i64::from(run[0].0) - end);
            to.number(run.len() as u64);
            end = i64::from(run[0].0) + i64::try_from(run.len()).unwrap_or(i64::MAX);
        }
    }

    fn get_list(from: &mut Reader<'_>) -> Option<Vec<Self>> {
        let mut list = Vec::new();
        let mut end: i64 = 0;
        for _ in 0..from.number()? {
            let start = end.checked_add(from.signed()?)?;
            let len = usize::try_from(from.number()?).ok()?;
            if len == 0 || list.len().checked_add(len)? > JOBS_MAX {
                return None;
            }
            end = start.checked_add(i64::try_from(len).ok()?)?;
            let (low, high) = (u32::try_from(start).ok()?, u32::try_from(end - 1).ok()?);
            list.extend((low..=high).map(Self));
        }
        Some(list)
    }
}

impl Code for Delivered {
    /// The first byte: bit 0 is the flag, bit 1 automatic ack, the rest the dots, 63 of them meaning that they follow.
    fn put(&self, to: &mut Writer) {
        to.context.thread = TO_WORKER;
        let few = u8::try_from(self.dots).map_or(MANY, |dots| dots.min(MANY));
        to.byte(u8::from(self.redelivered) | self.ack.number() << 1 | few << 2);
        if few == MANY {
            self.dots.put(to);
        }
        self.tag.put(to);
        self.job.put(to);
    }

    fn get(from: &mut Reader<'_>) -> Option<Self> {
        from.context.thread = TO_WORKER;
        let first = from.byte()?;
        let few = first >> 2;
        Some(Self {
            dots: if few == MANY { u32::get(from)? } else { few.into() },
            tag: DeliveryTag::get(from)?,
            job: JobId::get(from)?,
            redelivered: first & 1 == 1,
            ack: AckMode::get_fields(first >> 1 & 1, from)?,
        })
    }
}

/// Dots that are written apart.
const MANY: u8 = 63;

impl Code for (WorkerId, NoRoom) {
    fn put(&self, to: &mut Writer) {
        self.0.put(to);
        to.number(match self.1 {
            NoRoom::Unsent => 0,
            NoRoom::Full(unacked) => u64::from(unacked) + 1,
        });
    }

    fn get(from: &mut Reader<'_>) -> Option<Self> {
        let worker = WorkerId::get(from)?;
        let why = match from.number()?.checked_sub(1) {
            None => NoRoom::Unsent,
            Some(unacked) => NoRoom::Full(u16::try_from(unacked).ok()?),
        };
        Some((worker, why))
    }
}

impl Code for Box<BrokerSays> {
    /// A bit for each figure that changed, then these figures: how well known, and the distance from before.
    fn put(&self, to: &mut Writer) {
        let before = figures(&to.context.says);
        let now = figures(self);
        let changed = |i: &usize| before[*i] != now[*i];
        to.byte((0..6).filter(changed).fold(0, |bits, i| bits | 1 << i));
        for i in (0..6).filter(changed) {
            let (kind, value) = parts(now[i]);
            to.byte(kind);
            to.signed(value.wrapping_sub(parts(before[i]).1).cast_signed());
        }
        to.context.says = BrokerSays::clone(self);
    }

    fn get(from: &mut Reader<'_>) -> Option<Self> {
        let mut figures = figures(&from.context.says);
        let changed = from.byte()?;
        for (i, figure) in figures.iter_mut().enumerate() {
            if changed >> i & 1 == 1 {
                let kind = from.byte()?;
                let value = parts(*figure).1.wrapping_add(from.signed()?.cast_unsigned());
                *figure = match kind {
                    0 => Figure::Unknown,
                    1 => Figure::Exact(value),
                    2 => Figure::Estimated(value),
                    _ => return None,
                };
            }
        }
        let queue = |at: usize| QueueSays {
            ready: figures[at],
            unacked: figures[at + 1],
            consumers: figures[at + 2],
        };
        let says = BrokerSays {
            durable: queue(0),
            transient: queue(3),
        };
        from.context.says = says.clone();
        Some(Self::new(says))
    }
}

fn figures(says: &BrokerSays) -> [Figure; 6] {
    let (d, t) = (says.durable, says.transient);
    [d.ready, d.unacked, d.consumers, t.ready, t.unacked, t.consumers]
}

const fn parts(figure: Figure) -> (u8, u64) {
    match figure {
        Figure::Unknown => (0, 0),
        Figure::Exact(n) => (1, n),
        Figure::Estimated(n) => (2, n),
    }
}
