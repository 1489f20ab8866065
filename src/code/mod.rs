//! The client programs for what is on the screen: settings in, text out. Pure; nothing is written or run here.
//!
//! | file | what |
//! |---|---|
//! | `python`, `rust`, `methods` | the programs in each language |
//! | `declare` | their queues |
//! | `marks` | which lines a change made |
//!
//! Each program is complete: saved to a file, it runs. Tests run the Python and compile the Rust.

mod declare;
mod marks;
mod methods;
mod python;
mod rust;

#[cfg(test)]
mod tests;

pub use marks::{Mark, Marked, marked};

use crate::lab::{
    AckMode, Arrivals, Confirms, Delivery, Habit, Prefetch, QueueKind, QueueType, Rate, Settings, Sharing, Sizes,
    Snapshot, Speed, WorkerId,
};
use std::sync::Arc;

/// What the programs depend on.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// Where the broker is, as it may be shown: no password but `guest`.
    pub url: Arc<str>,
    /// Durable or not.
    pub queue: QueueKind,
    /// Of what kind, if it is durable.
    pub queue_type: QueueType,
    /// Whether each worker has a queue of its own.
    pub sharing: Sharing,
    /// The worker's name; its own queue has it too.
    pub worker: WorkerId,
    /// `delivery_mode`.
    pub messages: Delivery,
    /// Whether the producer asks for confirms.
    pub confirms: Confirms,
    /// `basic.qos`.
    pub prefetch: Prefetch,
    /// Who acks.
    pub ack: AckMode,
    /// What the worker does when a job is done.
    pub habit: Habit,
    /// How fast the worker is.
    pub speed: Speed,
    /// How fast the producer is.
    pub rate: Rate,
    /// How large its jobs are.
    pub sizes: Sizes,
    /// When they come.
    pub arrivals: Arrivals,
}

/// In which words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Language {
    /// Python, with pika.
    #[default]
    Python,
    /// Rust, with lapin.
    Rust,
    /// The AMQP methods alone.
    Methods,
}

/// Which program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// It publishes.
    Producer,
    /// It consumes.
    Worker,
}

/// A file to be written.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct File {
    /// Its name.
    pub name: &'static str,
    /// All of it.
    pub text: String,
}

/// The queue for what is rejected.
const DEAD: &str = "task_queue_dead";
/// The exchange that gives each worker a copy.
const FANOUT: &str = "tasks";

/// Where RabbitMQ is, if nobody says otherwise.
const SOMEWHERE: &str = "amqp://guest:guest@localhost:5672/%2F";

impl Case {
    /// What is on the screen: the settings, and the worker that is looked at.
    pub fn of(snapshot: &Snapshot, worker: WorkerId, url: Option<&Arc<str>>) -> Self {
        let row = snapshot
            .workers
            .iter()
            .find(|row| row.id == worker)
            .or(snapshot.workers.first());
        let mut case = Self::with(&snapshot.settings);
        if let Some(url) = url {
            case.url = Arc::clone(url);
        }
        if let Some(row) = row {
            (case.habit, case.speed, case.worker) = (row.habit, row.speed, row.id);
        }
        case
    }

    /// With these settings: a worker at full speed that acks, on this machine.
    pub fn with(settings: &Settings) -> Self {
        Self {
            url: SOMEWHERE.into(),
            queue: settings.queue,
            queue_type: settings.queue_type,
            sharing: settings.sharing,
            worker: WorkerId(1),
            messages: settings.messages,
            confirms: settings.confirms,
            prefetch: settings.prefetch,
            ack: settings.ack,
            habit: Habit::default(),
            speed: Speed(1000),
            rate: settings.rate,
            sizes: settings.workload.sizes,
            arrivals: settings.workload.arrivals,
        }
    }

    /// The queue's name. Each kind needs a name of its own: a queue can't be declared again with other qualities.
    fn queue_name(&self) -> String {
        let mut name = match (self.sharing, self.is_quorum(), self.keeps_dead()) {
            (Sharing::OneQueue, true, _) => "task_quorum".to_owned(),
            (Sharing::OneQueue, false, true) => "task_dlx".to_owned(),
            (Sharing::OneQueue, false, false) => "task_queue".to_owned(),
            (Sharing::QueueEach, true, _) => format!("tasks_w{}_quorum", self.worker.0),
            (Sharing::QueueEach, false, true) => format!("tasks_w{}_dlx", self.worker.0),
            (Sharing::QueueEach, false, false) => format!("tasks_w{}", self.worker.0),
        };
        match (self.queue, self.queue_type) {
            (QueueKind::Transient, _) => name.push_str("_transient"),
            (QueueKind::Durable, QueueType::Quorum(limit)) if limit.0 > 0 => {
                name.push('_');
                name.push_str(&limit.0.to_string());
            }
            (QueueKind::Durable, _) => {}
        }
        name
    }

    /// Exchange and routing key that the producer publishes with.
    fn address(&self) -> (&'static str, String) {
        match self.sharing {
            Sharing::OneQueue => ("", self.queue_name()),
            Sharing::QueueEach => (FANOUT, String::new()),
        }
    }

    const fn is_quorum(&self) -> bool {
        matches!(
            (self.queue, self.queue_type),
            (QueueKind::Durable, QueueType::Quorum(_))
        )
    }

    /// Whether the queue names another for what is rejected, as the lab's do, or comes back too often. Else that is dropped.
    const fn keeps_dead(&self) -> bool {
        self.is_quorum() || matches!((self.ack, self.habit), (AckMode::Manual, Habit::Rejects))
    }
}

impl Language {
    /// All of them, in the order of the key.
    pub const ALL: [Self; 3] = [Self::Python, Self::Rust, Self::Methods];

    /// Its name.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Python => "Python, pika",
            Self::Rust => "Rust, lapin",
            Self::Methods => "AMQP methods",
        }
    }

    /// What a comment begins with.
    pub const fn comment(self) -> &'static str {
        match self {
            Self::Python | Self::Methods => "#",
            Self::Rust => "//",
        }
    }
}

impl Role {
    /// Its name.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Producer => "producer",
            Self::Worker => "worker",
        }
    }
}

/// The whole program.
pub fn program(language: Language, role: Role, case: &Case) -> String {
    match (language, role) {
        (Language::Python, Role::Producer) => python::producer(case),
        (Language::Python, Role::Worker) => python::worker(case),
        (Language::Rust, Role::Producer) => rust::producer(case),
        (Language::Rust, Role::Worker) => rust::worker(case),
        (Language::Methods, Role::Producer) => methods::producer(case),
        (Language::Methods, Role::Worker) => methods::worker(case),
    }
}

/// All programs as files that belong into one folder.
pub fn files(case: &Case) -> Vec<File> {
    let file = |name, text| File { name, text };
    vec![
        file("producer.py", python::producer(case)),
        file("worker.py", python::worker(case)),
        file("producer.rs", rust::producer(case)),
        file("worker.rs", rust::worker(case)),
        file("Cargo.toml", rust::MANIFEST.to_owned()),
    ]
}

/// `1.5`, `0.01`, `20`: jobs a second.
fn per_second(rate: Rate) -> String {
    thousandths(u64::from(rate.0) * 10)
}

/// `2`, `0.5`: how many times as fast.
fn times(speed: Speed) -> String {
    thousandths(u64::from(speed.0))
}

fn thousandths(value: u64) -> String {
    let text = format!("{}.{:03}", value / 1000, value % 1000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
