//! The virtual world: the lab, its broker, and what lies between, on one clock that jumps from one thing to the next.

use super::agenda::{Agenda, Item};
use super::broker::Broker;
use super::disk::Reader;
use super::line::{Line, Order};
use super::mark::Envelope;
use super::pipe::Pipe;
use super::run::{Run, Telling};
use crate::broker::dispatch::{Effect, LastStop, Tracing};
use crate::lab::{
    Ask, Command, Confirms, Detail, Elapsed, Event, Happening, Heartbeat, Input, Lab, LineQuality, Output, Room,
    Script, Seen, Snapshot, WorkerId,
};
use std::collections::VecDeque;
use std::mem;
use std::sync::Arc;

/// Nothing but memory limits a simulated lab.
const ROOM: Room = Room {
    workers: 10_000,
    jobs: 10_000_000,
};

#[derive(Debug)]
pub(super) struct World {
    pub(super) lab: Lab,
    pub(super) now: Elapsed,
    pub(super) agenda: Agenda,
    /// By worker number, from `W1`.
    pub(super) lines: Vec<Line>,
    pub(super) to_producer: Pipe<Seen>,
    pub(super) broker: Broker,
    pub(super) last_stop: LastStop,
    pub(super) envelope: Envelope,
    pub(super) confirms: Confirms,
    pub(super) quality: LineQuality,
    pub(super) heartbeat: Heartbeat,
    pub(super) tells: Telling,
    pub(super) figures_at: Option<Elapsed>,
    pub(super) figures_told: Elapsed,
    /// What is seen now, and the lab has not been told yet.
    pub(super) told: VecDeque<Seen>,
    /// Buffers, kept for the next use.
    pub(super) spare: Vec<Effect>,
    out: Vec<Output>,
    /// The script has ended.
    over: bool,
}

impl World {
    pub(super) fn new(run: &Run) -> Self {
        let settings = &run.settings;
        let (tracing, detail) = match run.telling {
            Telling::All => (Tracing::On, Detail::Everything),
            Telling::Needed => (Tracing::Off, Detail::Books),
        };
        let script = Arc::new(run.script.without_holds());
        Self {
            lab: Lab::with_script(settings.clone(), run.broker(), Some(script))
                .with_detail(detail)
                .with_room(ROOM),
            now: Elapsed(0),
            agenda: Agenda::default(),
            lines: Vec::new(),
            to_producer: Pipe::default(),
            broker: Broker::new(run.version, settings, tracing, reader(&run.script)),
            last_stop: LastStop::Orderly,
            envelope: Envelope::default(),
            confirms: settings.confirms,
            quality: settings.line,
            heartbeat: settings.heartbeat,
            tells: run.telling,
            figures_at: None,
            figures_told: Elapsed(0),
            told: VecDeque::new(),
            spare: Vec::new(),
            out: Vec::new(),
            over: false,
        }
    }

    pub(super) fn start(&mut self, hear: &mut dyn FnMut(&Event)) {
        self.flush();
        self.connect_producer();
        let mut out = mem::take(&mut self.out);
        self.lab.start(self.now, &mut out);
        self.hand_out(&mut out, hear);
        self.out = out;
        self.listen(hear);
    }

    /// The next thing happens; false: nothing will ever happen by itself again.
    pub(super) fn step(&mut self, hear: &mut dyn FnMut(&Event)) -> bool {
        let due = self.lab.next_due();
        match (self.agenda.next(), due) {
            (None, None) => return false,
            (Some(at), due) if due.is_none_or(|due| at <= due) => {
                self.now = self.now.max(at);
                if let Some((at, item)) = self.agenda.pop() {
                    self.act(at, item, hear);
                }
            }
            (_, due) => {
                self.now = self.now.max(due.unwrap_or(self.now));
                let before = self.lab.version();
                self.feed(Input::Tick, hear);
                // A wish for a tick that leads to nothing must not stop the clock.
                if self.lab.version() == before && self.lab.next_due().is_some_and(|due| due <= self.now) {
                    self.now.0 += 1;
                }
            }
        }
        self.listen(hear);
        true
    }

    fn act(&mut self, at: Elapsed, item: Item, hear: &mut dyn FnMut(&Event)) {
        match item {
            Item::AtBroker(id) => self.at_broker(id, at),
            Item::AtWorker(id) => self.at_worker(id, at, hear),
            Item::AtProducer => self.at_producer(at, hear),
            Item::Lost(connection) => self.lost(connection),
            Item::GaveUp(id, connection) => self.gave_up(id, connection),
            Item::Missed(id, connection) => self.missed(id, connection),
            Item::Synced(life, seq) if self.is_present(life) => self.synced(seq),
            Item::Tick(life) if self.is_present(life) && self.broker.tick_at == Some(at) => self.tick(),
            Item::Credit(life) if self.is_present(life) => self.credit_turn(at),
            Item::ProducerUp(life) if self.is_present(life) => self.told.push_back(Seen::ProducerUp),
            Item::Started(life) if self.is_present(life) => self.started(),
            Item::ResetDone => self.reset_done(),
            Item::Figures => self.tell_figures(),
            Item::Synced(..) | Item::Tick(_) | Item::Credit(_) | Item::ProducerUp(_) | Item::Started(_) => {}
        }
    }

    fn at_producer(&mut self, at: Elapsed, hear: &mut dyn FnMut(&Event)) {
        if !self.to_producer.wakes(at) {
            return;
        }
        while let Some(seen) = self.to_producer.pop(at) {
            self.see(seen, hear);
            self.listen(hear);
        }
        if let Some(next) = self.to_producer.schedule() {
            self.agenda.enter(next, Item::AtProducer);
        }
    }

    /// Tells the lab what was seen meanwhile.
    pub(super) fn listen(&mut self, hear: &mut dyn FnMut(&Event)) {
        while let Some(seen) = self.told.pop_front() {
            self.see(seen, hear);
        }
    }

    pub(super) fn see(&mut self, seen: Seen, hear: &mut dyn FnMut(&Event)) {
        self.feed(Input::Seen(seen), hear);
    }

    pub(super) fn feed(&mut self, input: Input, hear: &mut dyn FnMut(&Event)) {
        let mut out = mem::take(&mut self.out);
        self.lab.handle(self.now, input, &mut out);
        self.hand_out(&mut out, hear);
        self.out = out;
    }

    fn hand_out(&mut self, out: &mut Vec<Output>, hear: &mut dyn FnMut(&Event)) {
        for output in out.drain(..) {
            match output {
                Output::Ask(ask) => self.carry_out(ask),
                Output::Event(event) => {
                    hear(&event);
                    match event.what {
                        Happening::Removed(id) => self.dismiss(id),
                        Happening::Over(_) => self.over = true,
                        _ => {}
                    }
                }
            }
        }
    }

    fn carry_out(&mut self, ask: Ask) {
        match ask {
            Ask::Publish { job, queue, delivery } => self.publish(&job, queue, delivery),
            Ask::SetConfirms(confirms) => self.confirms = confirms,
            Ask::Subscribe(id, epoch, subscription) => self.order(id, Order::Subscribe(epoch, subscription)),
            Ask::Unsubscribe(id, epoch) => self.order(id, Order::Unsubscribe(epoch)),
            Ask::Qos(id, epoch, prefetch) => self.order(id, Order::Qos(epoch, prefetch)),
            Ask::Ack(id, epoch, tag) => self.order(id, Order::Ack(epoch, tag)),
            Ask::Reject(id, epoch, tag, requeue) => self.order(id, Order::Reject(epoch, tag, requeue)),
            Ask::Silence(id, epoch) => self.order(id, Order::Silence(epoch)),
            Ask::SetLine(quality) => self.set_line(quality),
            Ask::Cut(id, epoch, cut) => self.order(id, Order::Cut(epoch, cut)),
            Ask::Broker(command) => self.command_broker(command),
            Ask::SetVersion(version) => self.broker.version = version,
            Ask::Reset => self.reset(),
        }
    }

    fn set_line(&mut self, quality: LineQuality) {
        self.quality = quality;
        for (id, line) in (1..).map(WorkerId).zip(&mut self.lines) {
            if let Some(at) = line.to_broker.hurry(self.now, quality) {
                self.agenda.enter(at, Item::AtBroker(id));
            }
            if let Some(at) = line.to_worker.hurry(self.now, quality) {
                self.agenda.enter(at, Item::AtWorker(id));
            }
        }
    }

    /// Whether the script is at its end.
    pub(super) fn is_over(&self) -> bool {
        self.over
    }

    pub(super) fn snapshot(&self) -> Snapshot {
        self.lab.snapshot(self.now)
    }

    /// A worker's line, made when it is first named.
    pub(super) fn line(&mut self, id: WorkerId) -> &mut Line {
        let place = usize::from(id.0.saturating_sub(1));
        if place >= self.lines.len() {
            self.lines.resize_with(place + 1, Line::default);
        }
        &mut self.lines[place]
    }
}

/// Who ends the broker reads its disk afterwards.
fn reader(script: &Script) -> Reader {
    let ends = |command: &Command| {
        matches!(
            command,
            Command::Broker(_) | Command::CrashTest(_) | Command::SetVersion(_)
        )
    };
    if script.cues.iter().flat_map(|cue| &cue.does).any(ends) {
        Reader::Expected
    } else {
        Reader::Never
    }
}
