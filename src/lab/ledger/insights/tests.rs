//! Each insight: a history in which it holds, and one in which only its condition fails.

use super::super::super::command::KillKind;
use super::super::super::event::{Breakage, Burial, Cause, Change, Event, Happening, Published, Requeue};
use super::super::super::ids::{DeliveryTag, Elapsed, JobId, LabTime, WorkerId};
use super::super::super::insight::{Insight, examples};
use super::super::super::settings::{
    AckMode, Confirms, Delivery, DeliveryLimit, Heartbeat, Latency, LineQuality, Prefetch, QueueKind, QueueType, Rate,
    Settings, Sharing, Sizes, Speed, Workload,
};
use super::super::super::snapshot::{BrokerRow, BrokerState, Control, Figure, WorkerState};
use super::super::super::wire::{BrokerSays, Delivered, QueueSays, Subscription};
use super::super::Ledger;

mod rows;

const W1: WorkerId = WorkerId(1);
const W2: WorkerId = WorkerId(2);

/// A run of two workers at speed ×1, whose lab clock shows real time.
struct Run {
    ledger: Ledger,
    now_ms: u64,
    published: u32,
}

impl Run {
    /// Nothing is remarkable about these settings, but for what `with` changes.
    fn new(with: impl FnOnce(&mut Settings)) -> Self {
        let mut settings = Settings {
            speeds: vec![Speed(1000); 2],
            confirms: Confirms::On,
            ..Settings::default()
        };
        with(&mut settings);
        Self::on("RabbitMQ 4.0.5 at localhost:5672", settings)
    }

    fn on(broker: &str, settings: Settings) -> Self {
        let subscription = Subscription {
            queue: settings.queue,
            prefetch: settings.prefetch,
            ack: settings.ack,
        };
        let broker = BrokerRow {
            name: broker.into(),
            state: BrokerState::Up,
            control: Control::NotOurs("it is another's"),
            version: None,
        };
        let run = Self {
            ledger: Ledger::new(settings, broker),
            now_ms: 0,
            published: 0,
        };
        run.does(Happening::Started)
            .does(Happening::Subscribed(W1, subscription))
            .does(Happening::Subscribed(W2, subscription))
    }

    fn usual() -> Self {
        Self::new(|_| {})
    }

    fn does(mut self, what: Happening) -> Self {
        let at = Elapsed(self.now_ms * 1000);
        let lab = LabTime(at.0);
        self.ledger.apply(&Event { at, lab, what });
        self
    }

    fn after(mut self, ms: u64) -> Self {
        self.now_ms += ms;
        self
    }

    fn publish(mut self, jobs: u32) -> Self {
        for _ in 0..jobs {
            self.published += 1;
            let settings = self.ledger.settings().clone();
            let published = Published {
                job: JobId(self.published),
                queue: settings.queue,
                delivery: settings.messages,
                confirms: settings.confirms,
            };
            self = self.does(Happening::Published(published));
        }
        self
    }

    fn hand(self, job: u32, to: WorkerId, dots: u32, redelivered: bool) -> Self {
        let missing = job.saturating_sub(self.published);
        let ack = self.ledger.settings().ack;
        let delivered = Delivered {
            job: JobId(job),
            dots,
            tag: DeliveryTag(job.into()),
            redelivered,
            ack,
        };
        self.publish(missing).does(Happening::Delivered(to, delivered))
    }

    /// Published and delivered, two dots each.
    fn deal(self, jobs: std::ops::RangeInclusive<u32>, to: WorkerId) -> Self {
        jobs.fold(self, |run, job| run.hand(job, to, 2, false))
    }

    fn begin(self, job: u32, by: WorkerId) -> Self {
        self.does(Happening::Begun(by, JobId(job)))
    }

    fn finish(self, job: u32, by: WorkerId) -> Self {
        self.does(Happening::Finished(by, JobId(job)))
    }

    fn work(self, job: u32, by: WorkerId, ms: u64) -> Self {
        self.begin(job, by).after(ms).finish(job, by)
    }

    fn ack(self, job: u32, by: WorkerId) -> Self {
        self.does(Happening::Acked(by, JobId(job)))
    }

    fn kill(self, worker: WorkerId, kind: KillKind) -> Self {
        self.does(Happening::Killed(worker, kind))
    }

    fn back(self, jobs: std::ops::RangeInclusive<u32>, from: WorkerId, why: Cause) -> Self {
        let jobs = jobs.map(JobId).collect();
        self.does(Happening::WentBack { jobs, from, why })
    }

    fn change(self, change: Change) -> Self {
        self.does(Happening::Changed(change))
    }

    fn subscribe(self, worker: WorkerId, prefetch: u16) -> Self {
        let subscription = Subscription {
            queue: self.ledger.settings().queue,
            prefetch: Prefetch(prefetch),
            ack: self.ledger.settings().ack,
        };
        self.does(Happening::Subscribed(worker, subscription))
    }

    fn is(mut self, worker: WorkerId, state: WorkerState) -> Self {
        self.ledger.workers[usize::from(worker.0) - 1].state = state;
        self
    }

    fn now(&self) -> Elapsed {
        Elapsed(self.now_ms * 1000)
    }

    fn told(&self) -> Vec<Insight> {
        self.ledger
            .insights(self.now())
            .0
            .into_iter()
            .map(|p| p.insight)
            .collect()
    }

    fn titles(&self) -> Vec<&'static str> {
        self.told().iter().map(|i| i.lesson().title).collect()
    }
}

#[test]
fn each_insight_holds_when_its_condition_does_and_only_then() {
    for (title, holds, fails) in rows::ROWS {
        let (holds, fails) = (holds().titles(), fails().titles());
        assert!(holds.contains(title), "{title} in {holds:?}");
        assert!(!fails.contains(title), "{title} not in {fails:?}");
    }
}

#[test]
fn each_insight_has_its_row() {
    for insight in examples() {
        let title = insight.lesson().title;
        assert!(rows::ROWS.iter().any(|(row, ..)| *row == title), "{title}");
    }
}

#[test]
fn a_case_is_told_with_its_own_names_and_numbers() {
    let run = rows::behind_a_heavy_job();
    assert!(run.told().contains(&Insight::HeadOfLine {
        worker: W1,
        tray: 2,
        seconds: 8,
        job: JobId(1),
        dots: 10,
    }));
    let run = rows::too_much_work();
    assert!(run.told().contains(&Insight::Overload { work: 600, speed: 200 }));
    let run = rows::fair();
    assert!(run.told().contains(&Insight::Fair {
        worker: W1,
        share: 50,
        speed: 50,
    }));
}

#[test]
fn what_a_worker_took_with_it_is_summed_until_it_has_a_new_channel() {
    let told = |run: &Run, jobs| run.told().contains(&Insight::LostWithWorker { worker: W1, jobs });
    let run = rows::loses(rows::lost(), &[4]);
    assert!(told(&run, 4), "{:?}", run.told());
    let run = run.does(Happening::Starting(W1)).deal(5..=6, W1);
    let run = rows::loses(run.kill(W1, KillKind::Reset), &[5, 6]);
    assert!(told(&run, 2), "{:?}", run.told());
}

#[test]
fn finished_jobs_without_an_ack_are_a_forgotten_ack_even_if_nobody_says_so() {
    let work = |run: Run, job| run.work(job, W1, 100);
    let run = (1..=3).fold(Run::usual().deal(1..=3, W1), work);
    let told = |run: &Run| run.told().contains(&Insight::ForgottenAck { worker: W1, jobs: 3 });
    let soon = run.after(4_000);
    assert!(!told(&soon), "{:?}", soon.told());
    let late = soon.after(2_000);
    assert!(told(&late), "{:?}", late.told());
}

#[test]
fn what_comes_and_goes_with_the_traffic_lingers_and_is_then_kept_as_earlier() {
    let hoards = |run: &Run| run.titles().contains(&"A worker hoards");
    let run = Run::usual().deal(1..=3, W1).begin(1, W1).after(3_000);
    assert!(hoards(&run));
    let run = run.publish(1).after(1_500);
    assert!(hoards(&run), "for a moment more: {:?}", run.titles());
    let run = run.after(3_000).publish(1);
    assert!(!hoards(&run), "{:?}", run.titles());
    let (_, earlier) = run.ledger.insights(run.now());
    let past = earlier.iter().find(|e| matches!(e.insight, Insight::Hoarding { .. }));
    let past = past.expect("it is kept");
    assert_eq!(
        (past.since, past.until, past.times),
        (LabTime(3_000_000), LabTime(3_000_000), 1)
    );
}

#[test]
fn the_worker_that_was_named_stays_while_its_case_holds() {
    let named = |run: &Run| {
        run.told()
            .iter()
            .find_map(|i| matches!(i, Insight::CancelledHolds { .. }).then(|| i.worker())?)
    };
    let run = Run::usual()
        .deal(1..=2, W1)
        .kill(W1, KillKind::Cancel)
        .after(500)
        .publish(1);
    let run = run
        .hand(3, W2, 1, false)
        .hand(4, W2, 1, false)
        .hand(5, W2, 1, false)
        .kill(W2, KillKind::Cancel);
    let run = run.after(500).publish(1);
    assert_eq!(named(&run), Some(W1), "W2 holds more now");
    let done = run.work(1, W1, 100).ack(1, W1).work(2, W1, 100).ack(2, W1);
    assert_eq!(named(&done), Some(W2));
}

#[test]
fn a_guest_whose_speed_nobody_knows_makes_no_work_unequal() {
    let guest = WorkerId(3);
    let run = Run::usual().does(Happening::GuestCame(guest, "ALICE".into()));
    let run = run
        .subscribe(guest, 0)
        .deal(1..=6, W1)
        .deal(7..=12, W2)
        .deal(13..=18, guest);
    assert!(
        !run.titles().contains(&"Equal counts, unequal work"),
        "{:?}",
        run.told()
    );
}

#[test]
fn a_new_run_begins_with_a_clean_slate() {
    let run = rows::done_twice().does(Happening::Reset([Speed(1000)].into()));
    let (present, earlier) = run.ledger.insights(run.now());
    let titles: Vec<&str> = present.iter().map(|p| p.insight.lesson().title).collect();
    assert_eq!(titles, ["Not enough data"]);
    assert_eq!(earlier, []);
}

#[test]
fn the_gravest_comes_first_and_of_equals_the_newest() {
    let run = rows::lost().change(Change::Prefetch(Prefetch(5)));
    let severities: Vec<_> = run.told().iter().map(Insight::severity).collect();
    assert!(severities.is_sorted(), "{severities:?}");
    assert_eq!(run.titles()[0], "Lost with its worker");
}
