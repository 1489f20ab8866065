//! The lines of the table, in the order in which footer and help show them.

use super::{Binding, Context, Footer, Group, Key, broker_letter, kill_letter};
use crate::lab::{BrokerCommand, KillKind};
use crate::tui::action::Action;
use crossterm::event::KeyCode;

/// Jobs that `b` publishes at once.
const BURST: u32 = 10;

const WORKER: Context = Context::Lab(Group::Worker);
const SETTINGS: Context = Context::Lab(Group::Settings);
const WORK: Context = Context::Lab(Group::Work);
const TIME: Context = Context::Lab(Group::Time);
const LAB: Context = Context::Lab(Group::Lab);

/// Every key there is.
pub(in crate::tui) const BINDINGS: &[Binding] = &[
    lab(
        WORKER,
        &[Key::char('k')],
        Action::OpenKillMenu,
        "k",
        "choose how to end it",
    )
    .foot(0, "kill"),
    lab(
        WORKER,
        &[Key::char('K')],
        Action::KillAgain,
        "K",
        "end it the same way as the last one",
    ),
    lab(WORKER, &[Key::char('r')], Action::Revive, "r", "bring it back").foot(1, "revive"),
    lab(
        SETTINGS,
        &[Key::char('p')],
        Action::PrefetchUp,
        "p",
        "prefetch up; every worker re-subscribes",
    )
    .foot(2, "prefetch"),
    lab(
        SETTINGS,
        &[Key::char('P')],
        Action::PrefetchDown,
        "P",
        "prefetch down; 0 is no limit",
    ),
    lab(
        SETTINGS,
        &[Key::char('a')],
        Action::ToggleAck,
        "a",
        "ack by hand or automatic; every worker re-subscribes",
    )
    .foot(3, "ack"),
    lab(
        SETTINGS,
        &[Key::char('m')],
        Action::ToggleMessages,
        "m",
        "persistent or transient messages, from the next on",
    )
    .foot(4, "messages"),
    lab(
        SETTINGS,
        &[Key::char('d')],
        Action::ToggleQueue,
        "d",
        "durable or transient queue: the other of the two",
    )
    .foot(8, "durable"),
    lab(
        SETTINGS,
        &[Key::char('c')],
        Action::ToggleConfirms,
        "c",
        "publisher confirms on or off",
    )
    .foot(9, "confirms"),
    lab(
        WORKER,
        &[Key::char('+'), Key::char('=')],
        Action::Faster,
        "+",
        "faster, also for the job in hand",
    )
    .foot(7, "faster"),
    lab(WORKER, &[Key::char('-'), Key::char('_')], Action::Slower, "-", "slower").foot(10, "slower"),
    lab(
        WORKER,
        &[Key::plain(KeyCode::Up)],
        Action::SelectPrevious,
        "↑",
        "select the worker above",
    ),
    lab(
        WORKER,
        &[Key::plain(KeyCode::Down), Key::char('j')],
        Action::SelectNext,
        "↓",
        "select the worker below",
    ),
    lab(
        WORKER,
        &[Key::char('1')],
        Action::SelectRow(0),
        "1…9",
        "select that row",
    ),
    lab(WORKER, &[Key::char('2')], Action::SelectRow(1), "", ""),
    lab(WORKER, &[Key::char('3')], Action::SelectRow(2), "", ""),
    lab(WORKER, &[Key::char('4')], Action::SelectRow(3), "", ""),
    lab(WORKER, &[Key::char('5')], Action::SelectRow(4), "", ""),
    lab(WORKER, &[Key::char('6')], Action::SelectRow(5), "", ""),
    lab(WORKER, &[Key::char('7')], Action::SelectRow(6), "", ""),
    lab(WORKER, &[Key::char('8')], Action::SelectRow(7), "", ""),
    lab(WORKER, &[Key::char('9')], Action::SelectRow(8), "", ""),
    lab(
        WORKER,
        &[Key::char('n')],
        Action::AddWorker,
        "n",
        "add a worker at speed ×1",
    )
    .foot(12, "new"),
    lab(
        WORKER,
        &[Key::char('x'), Key::plain(KeyCode::Delete)],
        Action::OpenRemove,
        "x",
        "remove it; asks first",
    ),
    lab(
        WORK,
        &[Key::char('g')],
        Action::ToggleProducer,
        "g",
        "publish at the rate, or hold",
    )
    .foot(11, "go/hold"),
    lab(WORK, &[Key::char('s')], Action::Publish(1), "s", "publish one job").foot(13, "one job"),
    lab(
        WORK,
        &[Key::char('b')],
        Action::Publish(BURST),
        "b",
        "publish ten jobs at once",
    )
    .foot(6, "burst"),
    lab(WORK, &[Key::char(']')], Action::RateUp, "]", "more jobs a second").foot(14, "rate"),
    lab(WORK, &[Key::char('[')], Action::RateDown, "[", "fewer jobs a second"),
    lab(
        WORK,
        &[Key::char('w')],
        Action::NextSizes,
        "w",
        "how much work a job is: the next kind",
    )
    .foot(15, "work"),
    lab(
        WORK,
        &[Key::char('W')],
        Action::NextArrivals,
        "W",
        "when jobs come: the next kind",
    ),
    lab(
        TIME,
        &[Key::char(' ')],
        Action::TogglePause,
        "space",
        "pause the lab clock, or let it run",
    )
    .foot(5, "pause"),
    lab(
        TIME,
        &[Key::char('.')],
        Action::Step,
        ".",
        "while paused: the next thing that is due, and just that",
    )
    .foot(16, "step"),
    lab(
        TIME,
        &[Key::char('<'), Key::char(',')],
        Action::ScaleDown,
        "<",
        "the clock runs slower",
    ),
    lab(TIME, &[Key::char('>')], Action::ScaleUp, ">", "the clock runs faster").foot(17, "clock"),
    lab(
        TIME,
        &[Key::char('z')],
        Action::NextZoom,
        "z",
        "the width of a timeline column: the next one",
    )
    .foot(18, "zoom"),
    lab(
        LAB,
        &[Key::char('B')],
        Action::OpenBrokerMenu,
        "B",
        "kill, stop or start the broker",
    )
    .foot(19, "broker"),
    lab(
        LAB,
        &[Key::char('R')],
        Action::Reset,
        "R",
        "back to zero: the same seed, the settings as they are",
    )
    .foot(20, "reset"),
    lab(
        LAB,
        &[Key::plain(KeyCode::PageUp)],
        Action::ScrollUp,
        "PgUp",
        "older lines of the log",
    ),
    lab(
        LAB,
        &[Key::plain(KeyCode::PageDown)],
        Action::ScrollDown,
        "PgDn",
        "newer lines of the log",
    ),
    lab(
        LAB,
        &[Key::plain(KeyCode::Esc)],
        Action::Close,
        "Esc",
        "close what is open; follow the log again",
    ),
    lab(
        LAB,
        &[Key::char('?'), Key::plain(KeyCode::F(1))],
        Action::OpenHelp,
        "?",
        "all keys and signs",
    )
    .foot(0, "all keys"),
    lab(LAB, &[Key::char('q')], Action::Quit, "q", "leave").foot(21, "quit"),
    row(Context::Anywhere, &[Key::ctrl('c')], Action::Quit, "^C"),
    row(Context::KillMenu, MENU_UP, Action::MenuPrevious, "↑").foot(3, "up"),
    row(Context::KillMenu, MENU_DOWN, Action::MenuNext, "↓").foot(2, "down"),
    row(
        Context::KillMenu,
        &[Key::plain(KeyCode::Enter), Key::char('k')],
        Action::MenuPick,
        "Enter",
    )
    .foot(0, "do it"),
    row(Context::KillMenu, MENU_CLOSE, Action::Close, "Esc").foot(1, "close"),
    kill(KillKind::Cancel, &[Key::char(kill_letter(KillKind::Cancel))]),
    kill(
        KillKind::CloseChannel,
        &[Key::char(kill_letter(KillKind::CloseChannel))],
    ),
    kill(
        KillKind::CloseConnection,
        &[Key::char(kill_letter(KillKind::CloseConnection))],
    ),
    kill(KillKind::Reset, &[Key::char(kill_letter(KillKind::Reset))]),
    kill(KillKind::Freeze, &[Key::char(kill_letter(KillKind::Freeze))]),
    kill(
        KillKind::CrashBeforeAck,
        &[Key::char(kill_letter(KillKind::CrashBeforeAck))],
    ),
    row(Context::BrokerMenu, MENU_UP, Action::MenuPrevious, "↑").foot(3, "up"),
    row(Context::BrokerMenu, MENU_DOWN, Action::MenuNext, "↓").foot(2, "down"),
    row(
        Context::BrokerMenu,
        &[Key::plain(KeyCode::Enter)],
        Action::MenuPick,
        "Enter",
    )
    .foot(0, "do it"),
    row(Context::BrokerMenu, BROKER_CLOSE, Action::Close, "Esc").foot(1, "close"),
    order(BrokerCommand::Kill, &[Key::char(broker_letter(BrokerCommand::Kill))]),
    order(BrokerCommand::Stop, &[Key::char(broker_letter(BrokerCommand::Stop))]),
    order(BrokerCommand::Start, &[Key::char(broker_letter(BrokerCommand::Start))]),
    row(
        Context::Remove,
        &[Key::char('x'), Key::char('y'), Key::plain(KeyCode::Enter)],
        Action::Remove,
        "x",
    )
    .foot(0, "remove it"),
    row(
        Context::Remove,
        &[Key::plain(KeyCode::Esc), Key::char('n'), Key::char('q')],
        Action::Close,
        "Esc",
    )
    .foot(1, "keep it"),
    row(
        Context::Help,
        &[Key::plain(KeyCode::Up), Key::plain(KeyCode::PageUp)],
        Action::ScrollUp,
        "↑",
    )
    .foot(1, "up"),
    row(
        Context::Help,
        &[
            Key::plain(KeyCode::Down),
            Key::plain(KeyCode::PageDown),
            Key::char(' '),
            Key::char('j'),
        ],
        Action::ScrollDown,
        "↓",
    )
    .foot(0, "down"),
    row(
        Context::Help,
        &[
            Key::plain(KeyCode::Esc),
            Key::char('?'),
            Key::char('q'),
            Key::plain(KeyCode::F(1)),
            Key::plain(KeyCode::Enter),
        ],
        Action::Close,
        "Esc",
    )
    .foot(0, "close"),
];

const MENU_UP: &[Key] = &[Key::plain(KeyCode::Up)];
const MENU_DOWN: &[Key] = &[Key::plain(KeyCode::Down), Key::char('j')];
const MENU_CLOSE: &[Key] = &[Key::plain(KeyCode::Esc), Key::char('q')];
const BROKER_CLOSE: &[Key] = &[Key::plain(KeyCode::Esc), Key::char('q'), Key::char('B')];

const fn lab(
    context: Context,
    keys: &'static [Key],
    action: Action,
    shown: &'static str,
    help: &'static str,
) -> Binding {
    Binding {
        context,
        keys,
        action,
        shown,
        help,
        footer: None,
    }
}

const fn row(context: Context, keys: &'static [Key], action: Action, shown: &'static str) -> Binding {
    lab(context, keys, action, shown, "")
}

const fn kill(kind: KillKind, keys: &'static [Key]) -> Binding {
    row(Context::KillMenu, keys, Action::Kill(kind), "")
}

const fn order(command: BrokerCommand, keys: &'static [Key]) -> Binding {
    row(Context::BrokerMenu, keys, Action::Broker(command), "")
}

impl Binding {
    /// Also in the footer, by this rank and under this label.
    const fn foot(mut self, rank: u8, label: &'static str) -> Self {
        self.footer = Some(Footer { rank, label });
        self
    }
}
