//! Ends and returns: silent lines, the broker's end and its start, and all from the beginning.

use super::agenda::{Item, Life};
use super::pipe::HOP;
use super::world::World;
use crate::broker::dispatch::{ConnectionId, Effect, LastStop, StoreSeq};
use crate::lab::{BrokerCommand, DownCause, Elapsed, Epoch, Seen, Survivors, WorkerId};

/// What starting the broker takes.
const START: Elapsed = Elapsed(20_000);
/// What ending all connections and emptying the queues takes.
const RESET: Elapsed = Elapsed(5_000);
/// Opening a connection and a channel: five questions.
const CONNECT: Elapsed = Elapsed(HOP.0 * 10);

impl World {
    /// From now on nothing passes. The client misses the broker's heartbeats after two and a half of them, when it
    /// next looks; the broker looks once in each, and takes its peer for dead when it has found nothing twice.
    pub(super) fn go_silent(&mut self, id: WorkerId, epoch: Epoch) {
        let heartbeat = u64::from(self.heartbeat.0) * 1_000_000;
        let now = self.now.0;
        let line = self.line(id);
        let Some(connection) = line.connection else { return };
        line.silent = Some(epoch);
        line.to_broker.cut();
        line.to_worker.cut();
        if heartbeat == 0 {
            return;
        }
        let (tuned, heard) = (line.served.tuned.0, line.served.heard.0);
        let look = tuned + heard.saturating_sub(tuned).div_ceil(heartbeat) * heartbeat;
        let missed = Elapsed(look + 2 * heartbeat);
        self.agenda.enter(missed, Item::Missed(id, connection));
        let gave_up = Elapsed(now + heartbeat * 5 / 2);
        self.agenda.enter(gave_up, Item::GaveUp(id, connection));
    }

    pub(super) fn gave_up(&mut self, id: WorkerId, connection: ConnectionId) {
        let line = self.line(id);
        if let Some(epoch) = line.silent.filter(|_| line.connection == Some(connection)) {
            line.channel = None;
            self.told.push_back(Seen::GaveUp(id, epoch));
        }
    }

    pub(super) fn missed(&mut self, id: WorkerId, connection: ConnectionId) {
        let line = self.line(id);
        if line.connection != Some(connection) {
            return;
        }
        let Some(epoch) = line.silent else { return };
        line.clear();
        line.ended = line.ended.max(epoch);
        self.lost(connection);
        let why = DownCause::Lost("heartbeats stayed away".to_owned());
        self.told.push_back(Seen::Down(id, epoch, why));
    }

    /// The broker hears that a socket is gone.
    pub(super) fn lost(&mut self, connection: ConnectionId) {
        self.close_connection(connection);
        self.flush();
    }

    /// The worker was removed: nothing of it is kept.
    pub(super) fn dismiss(&mut self, id: WorkerId) {
        self.reset_line(id);
        self.line(id).orders.clear();
    }

    pub(super) fn command_broker(&mut self, command: BrokerCommand) {
        match (command, &self.broker.dispatch) {
            (BrokerCommand::Kill, Some(_)) => self.end_broker(LastStop::Crash, "killed by the lab"),
            (BrokerCommand::Stop, Some(_)) => self.end_broker(LastStop::Orderly, "stopped by the lab"),
            (BrokerCommand::Start, None) => {
                let life = self.broker.life;
                self.agenda.enter(Elapsed(self.now.0 + START.0), Item::Started(life));
            }
            _ => {}
        }
    }

    /// All lines break. A broker that stops in good order has written all before.
    fn end_broker(&mut self, how: LastStop, why: &str) {
        if let (LastStop::Orderly, Some(all)) = (how, self.broker.disk.unsynced()) {
            self.broker.disk.sync(all);
        }
        self.last_stop = how;
        self.broker.end();
        self.to_producer.cut();
        for line in &mut self.lines {
            line.ended = line.channel.map_or(line.ended, |channel| line.ended.max(channel.epoch));
            line.clear();
            line.orders.clear();
        }
        self.told.push_back(Seen::BrokerDown(why.to_owned()));
        self.told.push_back(Seen::ProducerDown(why.to_owned()));
    }

    pub(super) fn started(&mut self) {
        if self.broker.dispatch.is_some() {
            return;
        }
        let survivors = self.broker.start(self.now, self.last_stop);
        self.flush();
        self.told.push_back(Seen::BrokerUp(Survivors::Known(survivors)));
        self.connect_producer();
    }

    pub(super) fn connect_producer(&mut self) {
        let at = Elapsed(self.now.0 + CONNECT.0);
        self.agenda.enter(at, Item::ProducerUp(self.broker.life));
    }

    pub(super) fn synced(&mut self, seq: StoreSeq) {
        self.broker.writes = super::broker::Writes::Nothing;
        self.broker.disk.sync(seq);
        self.flush();
    }

    pub(super) fn is_present(&self, life: Life) -> bool {
        self.broker.life == life
    }

    /// Every connection ends, and the queues are emptied; what was on its way is of the old round.
    pub(super) fn reset(&mut self) {
        self.to_producer.cut();
        self.broker.awaited.clear();
        for i in 0..self.lines.len() {
            let line = &mut self.lines[i];
            line.orders.clear();
            if let Some(connection) = line.clear() {
                self.close_connection(connection);
            }
        }
        self.keep_records_only();
        self.broker.empty();
        self.flush();
        self.agenda.enter(Elapsed(self.now.0 + RESET.0), Item::ResetDone);
    }

    /// What the broker wanted done for those who are gone is not done any more.
    fn keep_records_only(&mut self) {
        self.broker.effects.retain(|effect| matches!(effect, Effect::Store(..)));
    }

    pub(super) fn reset_done(&mut self) {
        self.told.push_back(Seen::ResetDone);
        if self.broker.dispatch.is_some() {
            self.connect_producer();
        }
    }
}
