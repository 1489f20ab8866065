//! What a key, a click or a menu line means, before it is known whether it can be done.

use super::model::View;
use super::{code, compare, lesson, messages, rewind, room, why, wire};
use crate::lab::{BrokerCommand, KillKind};
use crate::report::Form;

/// Everything a person can do on the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Action {
    /// The worker above.
    SelectPrevious,
    /// The worker below.
    SelectNext,
    /// The nth worker of the list, from 0.
    SelectRow(u16),
    /// Choose how to end the selected worker.
    OpenKillMenu,
    /// End it as the last one was ended.
    KillAgain,
    /// End it like this.
    Kill(KillKind),
    /// Bring it back.
    Revive,
    /// One step up.
    PrefetchUp,
    /// One step down.
    PrefetchDown,
    /// `basic.qos` alone: the next step, round and round.
    NextQos,
    /// Manual or automatic.
    ToggleAck,
    /// Persistent or transient messages.
    ToggleMessages,
    /// The durable or the transient queue.
    ToggleQueue,
    /// Confirms on or off.
    ToggleConfirms,
    /// More latency between workers and broker.
    LatencyUp,
    /// Less.
    LatencyDown,
    /// The next limit of what passes between workers and broker.
    NextBandwidth,
    /// What the selected worker does after the work: the next habit.
    NextHabit,
    /// The selected worker, one step.
    Faster,
    /// The selected worker, one step.
    Slower,
    /// More jobs a second.
    RateUp,
    /// Fewer.
    RateDown,
    /// The next kind of job sizes.
    NextSizes,
    /// The next kind of arrivals.
    NextArrivals,
    /// That many jobs at once.
    Publish(u32),
    /// A few jobs of each kind: durable and transient queue, persistent and transient messages.
    PublishSample,
    /// Publish at the rate, or hold.
    ToggleProducer,
    /// At speed ×1.
    AddWorker,
    /// Ask whether to remove the selected worker.
    OpenRemove,
    /// Remove it.
    Remove,
    /// Stop the clock, or let it run.
    TogglePause,
    /// The next thing that is due.
    Step,
    /// The lab clock, one step faster.
    ScaleUp,
    /// One step slower.
    ScaleDown,
    /// Choose what to do to the broker.
    OpenBrokerMenu,
    /// Do it.
    Broker(BrokerCommand),
    /// A sample, then a kill of the broker and its start.
    CrashTest,
    /// The broker as the next version.
    NextVersion,
    /// The table of what survived the broker's end.
    OpenMatrix,
    /// Show how others join.
    OpenDoor,
    /// The same seed from zero.
    Reset,
    /// The next width of a timeline column.
    NextZoom,
    /// Show the forecast, or hide it.
    Foresee,
    /// Older lines of the log, or of the help.
    ScrollUp,
    /// Newer ones.
    ScrollDown,
    /// All keys and signs.
    OpenHelp,
    /// The line above in a menu.
    MenuPrevious,
    /// The line below.
    MenuNext,
    /// The line marked.
    MenuPick,
    /// Close what is open.
    Close,
    /// The next view, round and round.
    NextView,
    /// The one before.
    PreviousView,
    /// That view.
    Show(View),
    /// In the list of jobs.
    Messages(messages::Deed),
    /// In the comparison.
    Compare(compare::Deed),
    /// Among the frames.
    Wire(wire::Deed),
    /// In the client code.
    Code(code::Deed),
    /// Among the insights.
    Why(why::Deed),
    /// In the lesson.
    Lesson(lesson::Deed),
    /// In the past.
    Rewind(rewind::Deed),
    /// Write a report of that kind.
    Report(Form),
    /// For the room.
    Room(room::Deed),
    /// A character, where text is asked for.
    Type(char),
    /// The last character goes.
    Erase,
    /// Leave.
    Quit,
}
