//! The lines of the table, in the order in which footer and help show them.

use super::{Binding, BrokerLine, Context, Group, Key, at, ch, kill_letter, line};
use crate::lab::{BrokerCommand, KillKind};
use crate::tui::action::Action;
use crate::tui::model::View;
use crossterm::event::KeyCode;

/// Jobs that `b` publishes at once.
const BURST: u32 = 10;

const WORKER: Context = Context::Lab(Group::Worker);
const SETTINGS: Context = Context::Lab(Group::Settings);
const WORK: Context = Context::Lab(Group::Work);
const TIME: Context = Context::Lab(Group::Time);
const VIEWS: Context = Context::Lab(Group::Views);
const LAB: Context = Context::Lab(Group::Lab);

/// Every key there is.
#[rustfmt::skip]
pub(super) const BINDINGS: &[Binding] = &[
    line(WORKER, &[ch('k')], Action::OpenKillMenu, "k", "choose how to end it").foot(0, "kill"),
    line(WORKER, &[ch('K')], Action::KillAgain, "K", "end it the same way as the last one"),
    line(WORKER, &[ch('r')], Action::Revive, "r", "bring it back").foot(1, "revive"),
    line(SETTINGS, &[ch('p')], Action::PrefetchUp, "p", "prefetch up; every worker re-subscribes").foot(2, "prefetch"),
    line(SETTINGS, &[ch('P')], Action::PrefetchDown, "P", "prefetch down; 0 is no limit"),
    line(SETTINGS, &[ch('Q')], Action::NextQos, "Q", "basic.qos alone: the next prefetch, for consumers that start after it"),
    line(SETTINGS, &[ch('a')], Action::ToggleAck, "a", "manual ack or auto-ack; every worker re-subscribes").foot(3, "ack"),
    line(SETTINGS, &[ch('m')], Action::ToggleMessages, "m", "persistent or transient messages, from the next job on").foot(6, "messages"),
    line(SETTINGS, &[ch('d')], Action::ToggleQueue, "d", "durable or transient queue: the other of the two").foot(8, "durable"),
    line(SETTINGS, &[ch('c')], Action::ToggleConfirms, "c", "publisher confirms on or off").foot(9, "confirms"),
    line(SETTINGS, &[ch('l')], Action::LatencyUp, "l", "more latency between each worker and the broker"),
    line(SETTINGS, &[ch('L')], Action::LatencyDown, "L", "less latency"),
    line(SETTINGS, &[ch('u')], Action::NextBandwidth, "u", "bandwidth between each worker and the broker: the next limit"),
    line(WORKER, &[ch('h')], Action::NextHabit, "h", "what its program does after the work: ack, forget, requeue, reject, ack twice"),
    line(WORKER, &[ch('+'), ch('=')], Action::Faster, "+", "faster, also for the job in hand").foot(7, "faster"),
    line(WORKER, &[ch('-'), ch('_')], Action::Slower, "-", "slower").foot(22, "slower"),
    line(WORKER, &[at(KeyCode::Up)], Action::SelectPrevious, "↑", "select the worker above"),
    line(WORKER, &[at(KeyCode::Down)], Action::SelectNext, "↓", "select the worker below"),
    line(WORKER, &[ch('1')], Action::SelectRow(0), "1…9", "select that row"),
    line(WORKER, &[ch('2')], Action::SelectRow(1), "", ""),
    line(WORKER, &[ch('3')], Action::SelectRow(2), "", ""),
    line(WORKER, &[ch('4')], Action::SelectRow(3), "", ""),
    line(WORKER, &[ch('5')], Action::SelectRow(4), "", ""),
    line(WORKER, &[ch('6')], Action::SelectRow(5), "", ""),
    line(WORKER, &[ch('7')], Action::SelectRow(6), "", ""),
    line(WORKER, &[ch('8')], Action::SelectRow(7), "", ""),
    line(WORKER, &[ch('9')], Action::SelectRow(8), "", ""),
    line(WORKER, &[ch('n')], Action::AddWorker, "n", "add a worker at speed ×1").foot(12, "new"),
    line(WORKER, &[ch('x'), at(KeyCode::Delete)], Action::OpenRemove, "x", "remove it; asks first"),
    line(WORK, &[ch('g')], Action::ToggleProducer, "g", "publish at the rate, or hold").foot(11, "go/hold"),
    line(WORK, &[ch('j')], Action::Publish(1), "j", "publish one job").foot(13, "one job"),
    line(WORK, &[ch('b')], Action::Publish(BURST), "b", "publish ten jobs at once").foot(7, "burst"),
    line(WORK, &[ch('e')], Action::PublishSample, "e", "publish five jobs of each kind: queue durable or not, message persistent or not"),
    line(WORK, &[ch(']')], Action::RateUp, "]", "more jobs a second").foot(14, "rate"),
    line(WORK, &[ch('[')], Action::RateDown, "[", "fewer jobs a second"),
    line(WORK, &[ch('w')], Action::NextSizes, "w", "how much work a job is: the next kind").foot(15, "work"),
    line(WORK, &[ch('W')], Action::NextArrivals, "W", "when jobs come: the next kind"),
    line(TIME, &[ch(' ')], Action::TogglePause, "space", "pause the lab clock, or let it run").foot(4, "pause"),
    line(TIME, &[ch('.')], Action::Step, ".", "while paused: the next thing that is due, and just that").foot(16, "step"),
    line(TIME, &[ch('<')], Action::ScaleDown, "<", "the clock runs slower"),
    line(TIME, &[ch('>')], Action::ScaleUp, ">", "the clock runs faster").foot(17, "clock"),
    line(TIME, &[ch('f')], Action::Foresee, "f", "the forecast: a simulation with the present settings, beside what really happens").foot(16, "forecast"),
    line(TIME, &[ch('z')], Action::NextZoom, "z", "the width of a timeline column: the next one").foot(18, "zoom"),
    line(VIEWS, &[at(KeyCode::Tab)], Action::NextView, "Tab", "the next view: Lab, Messages, Compare, Wire, Code, Why, Lesson").foot(5, "view"),
    line(VIEWS, &[at(KeyCode::BackTab)], Action::PreviousView, "⇧Tab", "the view before"),
    line(VIEWS, &[at(KeyCode::F(2))], Action::Show(View::Lab), "F2…F8", "that view"),
    line(VIEWS, &[at(KeyCode::F(3))], Action::Show(View::Messages), "", ""),
    line(VIEWS, &[at(KeyCode::F(4))], Action::Show(View::Compare), "", ""),
    line(VIEWS, &[at(KeyCode::F(5))], Action::Show(View::Wire), "", ""),
    line(VIEWS, &[at(KeyCode::F(6))], Action::Show(View::Code), "", ""),
    line(VIEWS, &[at(KeyCode::F(7))], Action::Show(View::Why), "", ""),
    line(VIEWS, &[at(KeyCode::F(8))], Action::Show(View::Lesson), "", ""),
    line(LAB, &[ch('B')], Action::OpenBrokerMenu, "B", "kill, stop or start the broker, or make it another version").foot(10, "broker"),
    line(LAB, &[ch('t')], Action::OpenMatrix, "t", "the table of what survived the broker's end").foot(19, "table"),
    line(LAB, &[ch('J')], Action::OpenDoor, "J", "how others join this lab, and who did"),
    line(LAB, &[ch('R')], Action::Reset, "R", "back to zero: the same seed, the settings as they are").foot(20, "reset"),
    line(LAB, &[at(KeyCode::PageUp)], Action::ScrollUp, "PgUp", "older lines of the log"),
    line(LAB, &[at(KeyCode::PageDown)], Action::ScrollDown, "PgDn", "newer lines of the log"),
    line(LAB, &[at(KeyCode::Esc)], Action::Close, "Esc", "close what is open; follow the log again"),
    line(LAB, &[ch('?'), at(KeyCode::F(1))], Action::OpenHelp, "?", "all keys and signs").foot(0, "all keys"),
    line(LAB, &[ch('q')], Action::Quit, "q", "leave; so does Ctrl-C, from anywhere").foot(21, "quit"),
    row(Context::Anywhere, &[Key::ctrl('c')], Action::Quit, "^C"),
    row(Context::KillMenu, MENU_UP, Action::MenuPrevious, "↑").foot(3, "up"),
    row(Context::KillMenu, MENU_DOWN, Action::MenuNext, "↓").foot(2, "down"),
    row(Context::KillMenu, &[at(KeyCode::Enter), ch('k')], Action::MenuPick, "Enter").foot(0, "do it"),
    row(Context::KillMenu, MENU_CLOSE, Action::Close, "Esc").foot(1, "close"),
    kill(KillKind::Cancel, &[ch(kill_letter(KillKind::Cancel))]),
    kill(KillKind::CloseChannel, &[ch(kill_letter(KillKind::CloseChannel))]),
    kill(KillKind::CloseConnection, &[ch(kill_letter(KillKind::CloseConnection))]),
    kill(KillKind::Reset, &[ch(kill_letter(KillKind::Reset))]),
    kill(KillKind::HalfOpen, &[ch(kill_letter(KillKind::HalfOpen))]),
    kill(KillKind::Freeze, &[ch(kill_letter(KillKind::Freeze))]),
    kill(KillKind::CrashBeforeAck, &[ch(kill_letter(KillKind::CrashBeforeAck))]),
    row(Context::BrokerMenu, MENU_UP, Action::MenuPrevious, "↑").foot(3, "up"),
    row(Context::BrokerMenu, MENU_DOWN, Action::MenuNext, "↓").foot(2, "down"),
    row(Context::BrokerMenu, &[at(KeyCode::Enter)], Action::MenuPick, "Enter").foot(0, "do it"),
    row(Context::BrokerMenu, BROKER_CLOSE, Action::Close, "Esc").foot(1, "close"),
    order(BrokerLine::Do(BrokerCommand::Kill), &[ch(BrokerLine::Do(BrokerCommand::Kill).letter())]),
    order(BrokerLine::Do(BrokerCommand::Stop), &[ch(BrokerLine::Do(BrokerCommand::Stop).letter())]),
    order(BrokerLine::Do(BrokerCommand::Start), &[ch(BrokerLine::Do(BrokerCommand::Start).letter())]),
    order(BrokerLine::CrashTest, &[ch(BrokerLine::CrashTest.letter())]),
    order(BrokerLine::NextVersion, &[ch(BrokerLine::NextVersion.letter())]),
    row(Context::Remove, &[ch('x'), ch('y'), at(KeyCode::Enter)], Action::Remove, "x").foot(0, "remove it"),
    row(Context::Remove, &[at(KeyCode::Esc), ch('n'), ch('q')], Action::Close, "Esc").foot(1, "keep it"),
    row(Context::Help, &[at(KeyCode::Up), at(KeyCode::PageUp)], Action::ScrollUp, "↑").foot(1, "up"),
    row(Context::Help, HELP_DOWN, Action::ScrollDown, "↓").foot(0, "down"),
    row(Context::Help, HELP_CLOSE, Action::Close, "Esc").foot(0, "close"),
    row(Context::Matrix, &[ch('e')], Action::PublishSample, "e").foot(2, "five of each kind"),
    row(Context::Matrix, &[ch('B')], Action::OpenBrokerMenu, "B").foot(1, "broker"),
    row(Context::Palette, MENU_UP, Action::MenuPrevious, "↑").foot(3, "up"),
    row(Context::Palette, &[at(KeyCode::Down)], Action::MenuNext, "↓").foot(2, "down"),
    row(Context::Palette, &[at(KeyCode::Enter)], Action::MenuPick, "Enter").foot(0, "do it"),
    row(Context::Palette, &[at(KeyCode::Esc)], Action::Close, "Esc").foot(1, "close"),
    row(Context::Find, &[at(KeyCode::Enter)], Action::MenuPick, "Enter").foot(0, "find it"),
    row(Context::Find, &[at(KeyCode::Esc)], Action::Close, "Esc").foot(1, "close"),
    row(Context::Door, &[at(KeyCode::Esc), ch('J'), ch('q'), at(KeyCode::Enter)], Action::Close, "Esc").foot(0, "close"),
    row(Context::Matrix, MATRIX_CLOSE, Action::Close, "Esc").foot(0, "close"),
];

const MENU_UP: &[Key] = &[at(KeyCode::Up)];
const MENU_DOWN: &[Key] = &[at(KeyCode::Down), ch('j')];
const MENU_CLOSE: &[Key] = &[at(KeyCode::Esc), ch('q')];
const BROKER_CLOSE: &[Key] = &[at(KeyCode::Esc), ch('q'), ch('B')];

const HELP_DOWN: &[Key] = &[at(KeyCode::Down), at(KeyCode::PageDown), ch(' '), ch('j')];
const HELP_CLOSE: &[Key] = &[
    at(KeyCode::Esc),
    ch('?'),
    ch('q'),
    at(KeyCode::F(1)),
    at(KeyCode::Enter),
];

const MATRIX_CLOSE: &[Key] = &[at(KeyCode::Esc), ch('t'), ch('q'), at(KeyCode::Enter)];

const fn row(context: Context, keys: &'static [Key], action: Action, shown: &'static str) -> Binding {
    line(context, keys, action, shown, "")
}

const fn kill(kind: KillKind, keys: &'static [Key]) -> Binding {
    row(Context::KillMenu, keys, Action::Kill(kind), "")
}

const fn order(line: BrokerLine, keys: &'static [Key]) -> Binding {
    row(Context::BrokerMenu, keys, line.action(), "")
}
