//! What we mean: the lab's vocabulary and its accounting. It knows no terminal, no AMQP client, no clock and no file.

mod clock;
mod command;
mod contest;
mod crew;
mod desk;
mod draws;
mod event;
mod forecast;
mod frame;
mod guest;
mod history;
mod ids;
mod insight;
mod job;
#[expect(clippy::module_inception, reason = "the lab itself, in the module of its vocabulary")]
mod lab;
mod ledger;
mod matrix;
mod measure;
mod objection;
mod place;
mod script;
mod settings;
mod sight;
mod snapshot;
mod travel;
mod wire;
mod words;

pub use command::{BrokerCommand, Command, KillKind, Producing, SAMPLE_MAX};
pub use contest::{
    Blow, BlowKind, Contest, ContestOrder, Contestant, Decider, Feed, Phase, Plan, Preset, Side, Verdict,
};
pub use desk::{
    Again, Desk, DeskAsk, DeskCounts, DeskJob, DeskLine, DeskOwner, DeskSeen, DeskWish, Hands, PASSED, Passed,
};
pub use draws::HEAVY_TAIL;
pub use event::{Breakage, Burial, Cause, Change, Entry, Event, Happening, PassedOver, Published, Requeue};
pub use forecast::{FORESEEN_JOBS, Forecast, Foresight, Prospect};
pub use frame::{Frame, Frames, Party, Tap, TapState, Way};
pub use guest::{GuestEnd, GuestKey, GuestSeen};
pub use history::{History, Playback, Recorder, RecordingError};
pub use ids::{DeliveryTag, Elapsed, Epoch, JobId, LabTime, WorkerId};
#[cfg(test)]
pub(crate) use insight::examples;
pub use insight::{Earlier, Insight, Lesson, Present, Remedy, Severity};
pub use job::Job;
pub use lab::{Input, Lab, Output, Room};
pub use ledger::Detail;
pub use matrix::{Ending, Knowledge, Matrix, MatrixCell, Moment};
pub use measure::{LabSpan, MEASURED_JOBS, Measures, Meter, Percentiles, Thousandths, WorkerShare};
pub use objection::{Wish, broker_objection, objection, silence_objection, version_objection};
pub use place::Place;
pub use script::{Compare, Condition, Count, Cue, CueWhen, End, Hold, Over, Play, Script, WorkerCount};
pub use settings::{
    AckMode, Arrivals, Bandwidth, Confirms, Delivery, DeliveryLimit, Habit, Heartbeat, Latency, LineQuality,
    MAX_WORKERS, Prefetch, QueueKind, QueueType, Rate, Seed, Settings, Sharing, Sizes, Speed, TimeScale, Version,
    Workload,
};
pub use sight::{
    Extent, Filter, Gaze, Journey, Page, PageQuery, PageRow, Point, Sight, Sort, Step, StepKind, When, Whereabouts,
};
pub use snapshot::{
    BUSY_WINDOW_S, Balance, Books, BrokerRow, BrokerState, Cell, Clock, Control, Figure, GoneHow, Hand, LOG_LINES,
    Mark, Pace, ProducerRow, QueueRow, Release, Snapshot, TIMELINE_CELLS, Toll, WorkerRow, WorkerState,
};
pub use travel::{Flows, Leg, MOVES, Move, Travel};
pub use wire::{
    Ask, BrokerSays, Cut, Delivered, Dispatched, DownCause, NoRoom, QueueSays, RefusedSetting, Seen, Subscription,
    Survivors,
};

#[cfg(test)]
mod tests;
