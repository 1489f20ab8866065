//! A worker's client: orders of the lab in, requests out; what the broker says comes back as seen.

use super::agenda::Item;
use super::line::{Channel, ChannelNumber, Ears, HANDSHAKE, Order, Reply, Request, Talk, Then, connection_of};
use super::pipe::HOP;
use super::world::World;
use crate::lab::{
    AckMode, Cut, Delivered, DownCause, Elapsed, Epoch, Event, LineQuality, Prefetch, Seen, Subscription, WorkerId,
};
use std::collections::VecDeque;

impl World {
    /// After all orders before it.
    pub(super) fn order(&mut self, id: WorkerId, order: Order) {
        let line = self.line(id);
        if line.talk.is_some() {
            line.orders.push_back(order);
        } else {
            self.obey(id, order);
        }
    }

    fn obey(&mut self, id: WorkerId, order: Order) {
        match order {
            Order::Subscribe(epoch, subscription) => self.subscribe(id, epoch, subscription),
            Order::Unsubscribe(epoch) => self.unsubscribe(id, epoch),
            Order::Qos(epoch, prefetch) => self.qos(id, epoch, prefetch),
            Order::Ack(epoch, tag) => self.say_on(id, epoch, |number| Request::Ack(number, tag)),
            Order::Reject(epoch, tag, requeue) => {
                self.say_on(id, epoch, |number| Request::Reject(number, tag, requeue));
            }
            Order::Silence(epoch) => self.silence(id, epoch),
            Order::Cut(epoch, cut) => self.cut(id, epoch, cut),
        }
    }

    fn say_on(&mut self, id: WorkerId, epoch: Epoch, request: impl FnOnce(ChannelNumber) -> Request) {
        let line = self.line(id);
        if let Some(channel) = line.channel.filter(|channel| channel.epoch == epoch)
            && line.silent.is_none()
        {
            self.say(id, request(channel.number));
        }
    }

    fn say(&mut self, id: WorkerId, request: Request) {
        let (now, quality) = (self.now, self.quality);
        let pipe = &mut self.line(id).to_broker;
        if let Some(at) = pipe.push(now, (request, request.bytes()), quality) {
            self.agenda.enter(at, Item::AtBroker(id));
        }
    }

    /// Says these one after another, each when the one before is answered.
    fn talk(&mut self, id: WorkerId, steps: VecDeque<Request>, then: Then) {
        self.line(id).talk = Some(Talk { steps, then });
        self.go_on_talking(id);
    }

    /// The next step; or what follows, and then the orders that waited.
    fn go_on_talking(&mut self, id: WorkerId) {
        let line = self.line(id);
        let Some(talk) = &mut line.talk else { return };
        if let Some(request) = talk.steps.pop_front() {
            self.say(id, request);
            return;
        }
        let then = talk.then;
        line.talk = None;
        match then {
            Then::Nothing => {}
            Then::Down(epoch, cut) => self.went_down(id, epoch, cut),
            Then::Silence(epoch) => self.go_silent(id, epoch),
        }
        while self.line(id).talk.is_none()
            && let Some(order) = self.line(id).orders.pop_front()
        {
            self.obey(id, order);
        }
    }

    /// An epoch that is down stays down.
    fn subscribe(&mut self, id: WorkerId, epoch: Epoch, subscription: Subscription) {
        let Subscription { prefetch, ack, .. } = subscription;
        if self.broker.dispatch.is_none() || epoch <= self.line(id).ended {
            return;
        }
        let mut steps = VecDeque::new();
        if self.line(id).connection.is_none() {
            let n = self.broker.next_connection();
            self.line(id).connection = Some(connection_of(n, id));
            steps.extend(HANDSHAKE);
        }
        let line = self.line(id);
        let generation = line.next_generation();
        let old = line.channel;
        let number = match old {
            Some(channel) if channel.epoch == epoch => channel.number,
            other => {
                let number = line.next_channel();
                steps.extend(other.map(|old| Request::CloseChannel(old.number)));
                steps.push_back(Request::OpenChannel(number));
                number
            }
        };
        if let Some((old, _)) = old.filter(|old| old.epoch == epoch).and_then(|old| old.consumer) {
            steps.push_back(Request::Cancel(number, old));
        }
        line.channel = Some(Channel {
            number,
            epoch,
            prefetch,
            consumer: Some((generation, ack)),
            ears: Ears::Open,
        });
        steps.push_back(Request::Qos(number, prefetch));
        steps.push_back(Request::Consume(number, generation, subscription));
        self.talk(id, steps, Then::Nothing);
    }

    fn unsubscribe(&mut self, id: WorkerId, epoch: Epoch) {
        let line = self.line(id);
        let Some(channel) = line.channel.as_mut().filter(|channel| channel.epoch == epoch) else {
            return;
        };
        if let Some((generation, _)) = channel.consumer.take() {
            let steps = [Request::Cancel(channel.number, generation)].into();
            self.talk(id, steps, Then::Nothing);
        }
    }

    fn qos(&mut self, id: WorkerId, epoch: Epoch, prefetch: Prefetch) {
        let line = self.line(id);
        if let Some(channel) = line.channel.as_mut().filter(|channel| channel.epoch == epoch) {
            channel.prefetch = prefetch;
            let steps = [Request::Qos(channel.number, prefetch)].into();
            self.talk(id, steps, Then::Nothing);
        }
    }

    /// A last word, so that the broker counts from there.
    fn silence(&mut self, id: WorkerId, epoch: Epoch) {
        if let Some(channel) = self.line(id).channel.filter(|channel| channel.epoch == epoch) {
            let steps = [Request::Qos(channel.number, channel.prefetch)].into();
            self.talk(id, steps, Then::Silence(epoch));
        }
    }

    /// Closing waits for the broker; what counts as acked once it is sent is gathered first, by a cancel.
    fn cut(&mut self, id: WorkerId, epoch: Epoch, cut: Cut) {
        let line = self.line(id);
        if line.silent.is_some() || cut == Cut::Reset {
            self.reset_line(id);
            self.went_down(id, epoch, cut);
            return;
        }
        let mut steps = VecDeque::new();
        if let Some(channel) = &mut line.channel {
            match channel.consumer.take() {
                Some((generation, AckMode::Automatic)) => steps.push_back(Request::Cancel(channel.number, generation)),
                _ => channel.ears = Ears::Shut,
            }
            if cut == Cut::Channel {
                steps.push_back(Request::CloseChannel(channel.number));
            }
        }
        if cut == Cut::Connection && line.connection.is_some() {
            steps.push_back(Request::Close);
        }
        self.talk(id, steps, Then::Down(epoch, cut));
    }

    fn went_down(&mut self, id: WorkerId, epoch: Epoch, cut: Cut) {
        let line = self.line(id);
        line.channel = None;
        line.ended = line.ended.max(epoch);
        if cut == Cut::Connection {
            line.clear();
        }
        self.told.push_back(Seen::Down(id, epoch, DownCause::Asked(cut)));
    }

    /// The socket is reset, and the broker hears of it. What was written to the socket before arrives; on a slow line
    /// what is on its way is not there yet, and lost.
    pub(super) fn reset_line(&mut self, id: WorkerId) {
        if self.quality == LineQuality::default() {
            while let Some(request) = self.line(id).to_broker.take() {
                self.request(id, request);
            }
        }
        if let Some(connection) = self.line(id).clear() {
            let at = Elapsed(self.now.0 + HOP.0);
            self.agenda.enter(at, Item::Lost(connection));
        }
    }

    /// What the broker has sent is there.
    pub(super) fn at_worker(&mut self, id: WorkerId, at: Elapsed, hear: &mut dyn FnMut(&Event)) {
        if !self.line(id).to_worker.wakes(at) {
            return;
        }
        while let Some(reply) = self.line(id).to_worker.pop(at) {
            match reply {
                Reply::Done => self.go_on_talking(id),
                Reply::Consuming(number) => self.consuming(id, number),
                Reply::Delivery(number, delivered) => self.delivered(id, number, delivered, hear),
                Reply::Cancelled(number) => self.cancelled_by_broker(id, number),
                Reply::Closed(number, code, text) => self.closed(id, number, DownCause::Refused(code, text.into())),
            }
            self.listen(hear);
        }
        if let Some(next) = self.line(id).to_worker.schedule() {
            self.agenda.enter(next, Item::AtWorker(id));
        }
    }

    /// The epoch of a channel that is looked at still.
    fn heard(&mut self, id: WorkerId, number: ChannelNumber) -> Option<Epoch> {
        let channel = self.line(id).channel?;
        (channel.number == number && channel.ears == Ears::Open).then_some(channel.epoch)
    }

    fn consuming(&mut self, id: WorkerId, number: ChannelNumber) {
        if let Some(epoch) = self.heard(id, number) {
            self.told.push_back(Seen::Subscribed(id, epoch));
        }
        self.go_on_talking(id);
    }

    fn delivered(&mut self, id: WorkerId, number: ChannelNumber, d: Delivered, hear: &mut dyn FnMut(&Event)) {
        if let Some(epoch) = self.heard(id, number) {
            self.see(Seen::Delivered(id, epoch, d), hear);
        }
    }

    fn cancelled_by_broker(&mut self, id: WorkerId, number: ChannelNumber) {
        if let Some(epoch) = self.heard(id, number) {
            if let Some(channel) = &mut self.line(id).channel {
                channel.consumer = None;
            }
            self.told.push_back(Seen::CancelledByBroker(id, epoch));
        }
    }

    fn closed(&mut self, id: WorkerId, number: ChannelNumber, why: DownCause) {
        let line = self.line(id);
        if let Some(channel) = line.channel.filter(|channel| channel.number == number) {
            line.channel = None;
            line.ended = line.ended.max(channel.epoch);
            self.told.push_back(Seen::Down(id, channel.epoch, why));
        }
    }
}
