//! The events themselves, in blocks that can be read alone; the oldest can be dropped.

use super::super::event::{Change, Event, Happening};
use super::super::ids::JobId;
use super::super::sight::Point;
use super::bytes::{Code, Place, Reader, Writer};
use std::collections::VecDeque;

/// Some thousand events in a row.
#[derive(Debug)]
pub(super) struct Block {
    bytes: Vec<u8>,
    /// The moment before its first event.
    pub(super) before: Point,
    /// The moment after its last.
    pub(super) after: Point,
    jobs: JobSet,
    /// The newest job that was published in this run by the end of the block.
    published: JobId,
    /// Of each event by which jobs went back: its place in the block, and those of the jobs in their queues.
    returns: Vec<(u64, Box<[u8]>)>,
}

/// All events, but for the oldest blocks.
#[derive(Debug)]
pub(super) struct Tape {
    blocks: VecDeque<Block>,
    /// Blocks that were dropped.
    gone: u64,
    /// The moment after the newest event.
    end: Point,
    open: Writer,
    /// Events that fit into a block.
    per_block: u64,
    scale: u32,
    published: JobId,
    /// After how many events a run began again.
    resets: Vec<u64>,
    /// Bytes of all blocks.
    bytes: u64,
}

impl Tape {
    pub(super) fn new(per_block: u64, scale: u32) -> Self {
        Self {
            blocks: VecDeque::new(),
            gone: 0,
            end: Point::default(),
            open: Writer::new(scale),
            per_block,
            scale,
            published: JobId(0),
            resets: Vec::new(),
            bytes: 0,
        }
    }

    /// Whether the next event begins a block.
    pub(super) fn is_at_seam(&self) -> bool {
        let last = self.blocks.back();
        last.is_none_or(|b| b.after.events - b.before.events >= self.per_block || self.open.bytes.len() >= BLOCK_BYTES)
    }

    /// `places`: of jobs that go back by it, where they then stand in their queues.
    pub(super) fn push(&mut self, event: &Event, places: &[u32]) {
        if self.is_at_seam() {
            self.turn();
        }
        event.put(&mut self.open);
        let Some(block) = self.blocks.back_mut() else { return };
        if !places.is_empty() {
            let mut writer = Writer::plain();
            let places: Vec<JobId> = places.iter().copied().map(JobId).collect();
            JobId::put_list(&places, &mut writer);
            let returns = (block.after.events, writer.bytes.into_boxed_slice());
            self.bytes += returns_bytes(&returns);
            block.returns.push(returns);
        }
        self.end = Point {
            events: self.end.events + 1,
            at: event.at,
            lab: event.lab,
        };
        block.after = self.end;
        each_job(&event.what, |job| block.jobs.add(job));
        match &event.what {
            Happening::Changed(Change::Scale(scale)) => self.scale = scale.0,
            Happening::Published(p) => self.published = p.job,
            Happening::Reset(_) => {
                self.resets.push(block.after.events);
                self.published = JobId(0);
            }
            _ => {}
        }
        // Around a new beginning a number says nothing.
        let renumbered = self.resets.last().is_some_and(|at| *at > block.before.events);
        block.published = if renumbered { JobId(u32::MAX) } else { self.published };
    }

    /// Closes the open block and begins one.
    fn turn(&mut self) {
        let full = std::mem::replace(&mut self.open, Writer::new(self.scale));
        let before = self.last();
        if let Some(block) = self.blocks.back_mut() {
            block.bytes = full.bytes;
            block.bytes.shrink_to_fit();
            self.bytes += block.bytes.len() as u64;
        }
        self.bytes += BLOCK_HEAD;
        self.blocks.push_back(Block {
            bytes: Vec::new(),
            before,
            after: before,
            jobs: JobSet::default(),
            published: self.published,
            returns: Vec::new(),
        });
    }

    /// Drops the blocks before that one.
    pub(super) fn drop_before(&mut self, number: u64) {
        while self.gone < number {
            let Some(block) = self.blocks.pop_front() else { return };
            let returns: u64 = block.returns.iter().map(returns_bytes).sum();
            self.bytes -= block.bytes.len() as u64 + BLOCK_HEAD + returns;
            self.gone += 1;
        }
    }

    /// Bytes that it takes.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes + self.open.bytes.len() as u64
    }

    pub(super) fn first(&self) -> Point {
        self.blocks.front().map_or(self.end, |block| block.before)
    }

    pub(super) const fn last(&self) -> Point {
        self.end
    }

    /// The number that the next new block will have.
    pub(super) fn next_block(&self) -> u64 {
        self.gone + self.blocks.len() as u64
    }

    pub(super) fn block(&self, number: u64) -> Option<&Block> {
        self.blocks.get(usize::try_from(number.checked_sub(self.gone)?).ok()?)
    }

    /// The block with the event after that many.
    pub(super) fn block_after(&self, events: u64) -> u64 {
        self.gone + self.blocks.partition_point(|block| block.after.events <= events) as u64
    }

    /// The last moment for which that holds, and for all before it.
    pub(super) fn events_while(&self, holds: impl Fn(&Point) -> bool) -> Point {
        let whole = self.blocks.partition_point(|block| holds(&block.after));
        let Some(block) = self.blocks.get(whole) else {
            return self.last();
        };
        let mut last = block.before;
        let mut reader = self.reader(self.gone + whole as u64, None);
        while let Some(event) = reader.as_mut().and_then(Event::get) {
            let point = Point {
                events: last.events + 1,
                at: event.at,
                lab: event.lab,
            };
            if !holds(&point) {
                break;
            }
            last = point;
        }
        last
    }

    /// Reads on in that block, or from its beginning.
    pub(super) fn reader(&self, number: u64, place: Option<Place>) -> Option<Reader<'_>> {
        let block = self.block(number)?;
        let bytes = if number + 1 == self.next_block() {
            &self.open.bytes
        } else {
            &block.bytes
        };
        match place {
            Some(place) => Some(Reader::resume(bytes, place)),
            None => Reader::new(bytes),
        }
    }

    /// After how many events the run began that goes on after `events`.
    pub(super) fn run_began(&self, events: u64) -> u64 {
        let later = self.resets.partition_point(|reset| *reset <= events);
        later.checked_sub(1).map_or(0, |i| self.resets[i])
    }

    /// The blocks with events after `from` and up to `to` that may tell of a job published in that run.
    pub(super) fn blocks_of(&self, job: JobId, from: u64, to: u64) -> impl Iterator<Item = (u64, &Block)> {
        let numbered = (self.gone..).zip(&self.blocks);
        numbered
            .skip_while(move |(_, block)| block.after.events <= from)
            .take_while(move |(_, block)| block.before.events < to)
            .filter(move |(_, block)| block.published >= job && block.jobs.may_have(job))
    }
}

/// A block ends before it takes more, so that one of long lists of jobs is read about as quickly as others: a full count
/// of common events takes about half of that.
const BLOCK_BYTES: usize = 64 << 10;

impl Block {
    /// Where a job stands that went back by the event after that many.
    pub(super) fn place(&self, events: u64, what: &Happening, job: JobId) -> Option<u32> {
        let Happening::WentBack { jobs, .. } = what else {
            return None;
        };
        let i = self.returns.binary_search_by_key(&events, |(at, _)| *at).ok()?;
        let places = JobId::get_list(&mut Reader::plain(&self.returns[i].1))?;
        places.get(jobs.binary_search(&job).ok()?).map(|place| place.0)
    }
}

fn returns_bytes(returns: &(u64, Box<[u8]>)) -> u64 {
    (size_of_val(returns) + returns.1.len()) as u64
}

/// Which jobs a block tells of; it may say yes where there is none, in a few of a hundred cases. Each eight neighbours
/// share two bits, in which others may have a part.
#[derive(Clone, Debug)]
struct JobSet(Box<[u64; 128]>);

impl JobSet {
    /// Neighbours in one bit, and scattered in the other.
    const fn bits(job: JobId) -> [(usize, u64); 2] {
        let group = job.0 / 8;
        let near = group % 8192;
        let far = group.wrapping_mul(0x9E37_79B1) >> 19;
        [
            ((near / 64) as usize, 1 << (near % 64)),
            ((far / 64) as usize, 1 << (far % 64)),
        ]
    }

    fn add(&mut self, job: JobId) {
        for (word, bit) in Self::bits(job) {
            self.0[word] |= bit;
        }
    }

    fn may_have(&self, job: JobId) -> bool {
        Self::bits(job).into_iter().all(|(word, bit)| self.0[word] & bit != 0)
    }
}

impl Default for JobSet {
    fn default() -> Self {
        Self(Box::new([0; 128]))
    }
}

/// What a block takes besides its events.
const BLOCK_HEAD: u64 = (size_of::<Block>() + size_of::<[u64; 128]>()) as u64;

/// Every job that an event tells of.
fn each_job(what: &Happening, mut f: impl FnMut(JobId)) {
    match what {
        Happening::Published(p) => f(p.job),
        Happening::Delivered(_, d) => f(d.job),
        Happening::Confirmed(job)
        | Happening::Nacked(job)
        | Happening::Returned(job)
        | Happening::Dispatched { job, .. }
        | Happening::Begun(_, job)
        | Happening::Finished(_, job)
        | Happening::Acked(_, job)
        | Happening::Forgot(_, job)
        | Happening::Rejected(_, job, _)
        | Happening::DeadLettered(_, job)
        | Happening::Buried(job, _) => f(*job),
        Happening::WentBack { jobs, .. } | Happening::Lost { jobs, .. } | Happening::StillThere(jobs) => {
            jobs.iter().copied().for_each(f);
        }
        _ => {}
    }
}
