//! A broker with a few clients, a clock and a disk: the driver's part is played here, with all the delays that a real
//! one may have.

use super::client::Client;
use super::disk::Disk;
use super::script::{Action, CLIENTS, Script, Step, bit, pick};
use super::start::{FRAME_MAX, TUNING, broker, handshake};
use super::wishes;
use crate::broker::codec::fuzzing::check_reply;
use crate::broker::core::{Broker, Input, Sent, Tuning};
use crate::broker::dispatch::{ConnectionId, Image, LastStop, Millis, QueueImage, UnixMillis, VhostId};
use crate::broker::protocol::{Frame, Incoming, Output, Peer, Reading, Reply};
use amq_protocol::protocol::{AMQPClass, basic, channel, connection, queue};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// The session.
#[derive(Debug)]
pub(super) struct World {
    script: Script,
    broker: Broker,
    now: Millis,
    started: UnixMillis,
    seed: u64,
    /// Who sits at each place, if anyone.
    places: [Option<ConnectionId>; CLIENTS],
    clients: BTreeMap<ConnectionId, Client>,
    connections: u64,
    /// Frames that were sent and not yet read.
    held: BTreeMap<ConnectionId, Vec<Incoming>>,
    /// Whom the broker does not want to read.
    paused: BTreeSet<ConnectionId>,
    /// Deliveries that were not yet written.
    unsent: BTreeMap<ConnectionId, VecDeque<Sent>>,
    disks: BTreeMap<VhostId, Disk>,
}

/// A time of day far from 0, so that differences don't hide as times.
const BEGAN: UnixMillis = UnixMillis(1_700_000_000_000);

/// How much later it is.
const WAITS: [u64; 8] = [0, 1, 9, 10, 100, 1000, 60_000, 1_900_000];

/// Turns in which what is due must have been done.
const PATIENCE: usize = 64;

impl World {
    /// Plays a session from its bytes to its end, at which nothing may be left over.
    pub(super) fn play(data: &[u8]) {
        let Some(mut script) = Script::read(data) else { return };
        let steps = std::mem::take(&mut script.steps);
        let mut world = Self::new(script);
        world.connect(0, 0);
        for step in steps {
            world.step(&step);
        }
        world.finish();
    }

    fn new(script: Script) -> Self {
        Self {
            broker: broker(&script, BEGAN, 0, &mut [], LastStop::Orderly),
            script,
            now: Millis(0),
            started: BEGAN,
            seed: 0,
            places: [None; CLIENTS],
            clients: BTreeMap::new(),
            connections: 0,
            held: BTreeMap::new(),
            paused: BTreeSet::new(),
            unsent: BTreeMap::new(),
            disks: BTreeMap::new(),
        }
    }

    fn step(&mut self, step: &Step) {
        let [a, b, ..] = step.args;
        match step.action {
            Action::Connect => self.connect(step.client, a),
            Action::Lose => self.lose(step.client),
            Action::Sent => self.written(step.client, usize::from(a)),
            Action::Stored => self.stored(usize::from(a)),
            Action::Wait => self.wait(pick(&WAITS, a)),
            Action::Restart => self.restart(if bit(a, 0) { LastStop::Orderly } else { LastStop::Crash }),
            Action::Administer => self.administer(a, b),
            _ => self.say(step),
        }
        self.keep_up();
    }

    /// A client comes to a place that is free; `how` may stop its handshake halfway or spoil it.
    fn connect(&mut self, place: usize, how: u8) {
        if self.places[place].is_some_and(|id| !self.clients[&id].is_gone()) {
            return;
        }
        self.lose(place);
        self.connections += 1;
        let id = ConnectionId(self.connections);
        self.places[place] = Some(id);
        self.clients.insert(id, Client::new());
        let peer = if how == 0xff { Peer::Remote } else { Peer::Loopback };
        self.tell(Input::Opened(id, peer));
        let frames = handshake(how);
        let until = if how >> 4 == 1 {
            usize::from(how & 7)
        } else {
            frames.len()
        };
        for (number, frame) in frames.into_iter().take(until) {
            self.send(id, number, vec![frame]);
        }
    }

    fn lose(&mut self, place: usize) {
        if let Some(id) = self.places[place].take() {
            self.tell(Input::Lost(id));
            self.clients.remove(&id);
            self.held.remove(&id);
            self.paused.remove(&id);
            self.unsent.remove(&id);
        }
    }

    fn say(&mut self, step: &Step) {
        let Some(id) = self.places[step.client] else { return };
        let frames = wishes::frames(step);
        self.note(id, step.channel, &frames);
        let frames = frames.into_iter().map(|frame| Incoming {
            channel: step.channel,
            frame,
        });
        self.held.entry(id).or_default().extend(frames);
        if !step.hold {
            self.read(id);
        }
    }

    /// What the client will rely on.
    fn note(&mut self, id: ConnectionId, number: u16, frames: &[Frame]) {
        let Some(client) = self.clients.get_mut(&id) else {
            return;
        };
        for frame in frames {
            match frame {
                Frame::Publish(_) => client.publishes(number),
                Frame::Method(method) => {
                    if let AMQPClass::Basic(basic::AMQPMethod::Consume(consume)) = &**method
                        && consume.nowait
                    {
                        client.consumes_silently(number, consume.consumer_tag.as_str());
                    }
                }
                _ => {}
            }
        }
    }

    /// One read brings all that was sent so far. A driver that is not prompt had read it before it was told to stop.
    fn read(&mut self, id: ConnectionId) {
        if self.script.polite && self.paused.contains(&id) {
            return;
        }
        if let Some(frames) = self.held.remove(&id) {
            self.tell(Input::Frames(id, frames));
        }
    }

    fn send(&mut self, id: ConnectionId, channel: u16, frames: Vec<Frame>) {
        let frames = frames.into_iter().map(|frame| Incoming { channel, frame }).collect();
        self.tell(Input::Frames(id, frames));
    }

    /// The socket of a client took that many deliveries.
    fn written(&mut self, place: usize, count: usize) {
        let Some(id) = self.places[place] else { return };
        let Some(unsent) = self.unsent.get_mut(&id) else { return };
        let sent: Vec<Sent> = unsent.drain(..count.min(unsent.len())).collect();
        if !sent.is_empty() {
            self.tell(Input::Sent(sent));
        }
    }

    fn stored(&mut self, count: usize) {
        let hosts: Vec<VhostId> = self.disks.keys().copied().collect();
        for host in hosts {
            let stored = self.disks.get_mut(&host).and_then(|disk| disk.catch_up(count));
            if let Some(seq) = stored {
                self.tell(Input::Stored(host, seq));
            }
        }
    }

    /// Time passes, and the broker does what is due; it may not ask again and again for the same time.
    fn wait(&mut self, ms: u64) {
        self.now.0 += ms;
        for _ in 0..PATIENCE {
            if self.broker.next_deadline().is_none_or(|due| due > self.now) {
                return;
            }
            self.tell(Input::Tick);
        }
        panic!("{:?} is still due at {:?}", self.broker.next_deadline(), self.now);
    }

    fn restart(&mut self, how: LastStop) {
        if how == LastStop::Orderly {
            self.tell(Input::ShutDown);
            self.stored(usize::MAX);
        }
        let before = &self.broker;
        let images = self.disks.iter_mut();
        let images = images.map(|(id, disk)| (before.vhost_name(*id).to_owned(), disk.image()));
        let mut images: Vec<(String, Image)> = images.collect();
        let kept = kept(&images);
        self.places = [None; CLIENTS];
        self.clients.clear();
        self.held.clear();
        self.paused.clear();
        self.unsent.clear();
        self.started = UnixMillis(self.started.0 + self.now.0);
        self.now = Millis(0);
        self.seed += 1;
        self.broker = broker(&self.script, self.started, self.seed, &mut images, how);
        self.broker.check();
        for (queue, count) in kept {
            let totals = self.broker.totals().find(|totals| *totals.name == *queue);
            assert_eq!(
                totals.map(|totals| totals.ready),
                Some(count),
                "{queue}: what was stored is there again"
            );
        }
        self.wait(0);
    }

    /// Someone turns the knobs.
    fn administer(&mut self, what: u8, value: u8) {
        self.tell(Input::Tuned(Tuning {
            consumer_timeout: pick(&[Some(Millis(60_000)), Some(Millis(1)), None], what),
            memory_limit: pick(&[u64::MAX, 1, 400_000, 0], value),
            ..TUNING
        }));
    }

    /// What well-meaning clients, disks and sockets do at once.
    fn keep_up(&mut self) {
        if self.script.prompt_sockets {
            (0..CLIENTS).for_each(|place| self.written(place, usize::MAX));
        }
        if self.script.prompt_disk {
            self.stored(usize::MAX);
        }
        if self.script.polite {
            (0..CLIENTS).for_each(|place| self.answer(place));
        }
        if self.broker.next_deadline().is_some_and(|due| due <= self.now) {
            self.wait(0);
        }
    }

    /// Answers the broker's closes, and opens anew what was closed.
    fn answer(&mut self, place: usize) {
        let Some(id) = self.places[place] else { return };
        self.read(id);
        let unanswered = std::mem::take(&mut self.client(id).unanswered);
        for number in unanswered {
            let close_ok = if number == 0 {
                AMQPClass::Connection(connection::AMQPMethod::CloseOk(connection::CloseOk {}))
            } else {
                AMQPClass::Channel(channel::AMQPMethod::CloseOk(channel::CloseOk {}))
            };
            self.send(id, number, vec![close_ok.into()]);
        }
        if self.client(id).is_open() && !self.client(id).has_channel(1) {
            let open = AMQPClass::Channel(channel::AMQPMethod::Open(channel::Open {}));
            self.send(id, 1, vec![open.into()]);
        }
        if self.client(id).is_gone() {
            self.lose(place);
            self.connect(place, 0);
        }
    }

    fn client(&mut self, id: ConnectionId) -> &mut Client {
        self.clients.get_mut(&id).expect("whoever sits somewhere is known")
    }

    fn tell(&mut self, input: Input) {
        let mut out = Vec::new();
        self.broker.handle(self.now, input, &mut out);
        let mut behind = Vec::new();
        for output in out {
            if let Output::Reading(id, Reading::WhenWritten) = output {
                behind.push(id);
            }
            self.output(output);
        }
        for id in behind {
            self.tell(Input::Drained(id));
        }
    }

    fn output(&mut self, output: Output) {
        match output {
            Output::Send(id, reply) => {
                let Some(client) = self.clients.get_mut(&id) else {
                    panic!("{reply:?} to {id:?}, who is gone");
                };
                client.hears(&reply);
                if let Reply::Deliver(delivery) = &reply {
                    self.unsent.entry(id).or_default().push_back(Sent {
                        channel: delivery.channel,
                        queue: delivery.queue,
                        count: 1,
                    });
                }
                check_reply(reply, FRAME_MAX);
            }
            Output::FrameMax(_, bytes) => assert_eq!(bytes, FRAME_MAX),
            Output::Reading(id, reading) => {
                let changed = match reading {
                    Reading::Off => self.paused.insert(id),
                    // Also from the memory limit to here.
                    Reading::WhenWritten => {
                        self.paused.insert(id);
                        true
                    }
                    Reading::On => self.paused.remove(&id),
                };
                assert!(changed, "{id:?} is told what it does already");
            }
            Output::Close(id, _) => self.client(id).ended(),
            Output::Store(host, seq, op) => self.disks.entry(host).or_default().record(seq, op),
            Output::Trace(_) => assert!(self.script.tracing, "nobody asked"),
        }
    }

    /// All go, all is stored: then nobody holds anything.
    fn finish(&mut self) {
        (0..CLIENTS).for_each(|place| self.lose(place));
        self.stored(usize::MAX);
        self.wait(0);
        for queue in self.broker.totals() {
            assert_eq!((queue.unacked, queue.consumers), (0, 0), "{queue:?}");
        }
        self.restart(LastStop::Orderly);
        self.empty();
    }

    /// Without queues and clients nothing takes any memory. What is in the other virtual host is not known by name.
    fn empty(&mut self) {
        self.connect(0, 0);
        let Some(id) = self.places[0] else { return };
        let queues: Vec<_> = self.broker.totals().map(|queue| queue.name).collect();
        for queue in queues {
            let delete = queue::AMQPMethod::Delete(queue::Delete {
                queue: (&*queue).into(),
                nowait: true,
                ..queue::Delete::default()
            });
            self.send(id, 1, vec![AMQPClass::Queue(delete).into()]);
        }
        assert_eq!(self.broker.totals().count(), 0, "all queues were deleted");
        self.lose(0);
        if self.disks.keys().all(|host| *host == VhostId::default()) {
            // What is to be stored was shared with the disk.
            self.disks.clear();
            assert_eq!(self.broker.gauge().held(), 0, "all memory was given back");
        }
    }
}

/// Queues of the first virtual host and how many messages each has, unless some may go by arguments or by their time.
fn kept(images: &[(String, Image)]) -> Vec<(String, u64)> {
    let own = images.iter().filter(|(name, _)| name == "/");
    let queues: Vec<_> = own.flat_map(|(_, image)| &image.queues).collect();
    let may_lose = |queue: &&QueueImage| {
        !queue.spec.args.is_empty() || queue.messages.iter().any(|message| message.expires.is_some())
    };
    if queues.iter().any(may_lose) {
        return Vec::new();
    }
    let counted = queues
        .iter()
        .map(|queue| (queue.spec.name.clone(), queue.messages.len() as u64));
    counted.collect()
}
