//! The real driver: lapin and tokio against any broker. It carries out what the lab asks for and tells it what it saw.
//!
//! ```text
//!  commands ──▶ hub (owns the lab) ──orders──▶ workers, producer      one connection each, over a link
//!  snapshots ◀──   ▲                           embedded broker or monitor
//!                  └──────── reports ──────────┘
//! ```
//!
//! | file | what |
//! |---|---|
//! | `handle` | [`Engine`]: start, commands, snapshots, shutdown |
//! | `arena` | [`Arena`]: two labs compared on one broker |
//! | `hub`, `pace` | the only owner of the lab; when a snapshot is due |
//! | `teller` | tells whoever keeps the run's history what happened |
//! | `crew`, `report`, `task` | the tasks, the channels between them and the hub, and the rule against deadlock |
//! | `worker`, `deliveries` | a worker's connection, channel and consumer |
//! | `producer`, `confirms` | publishing; confirms and returns |
//! | `guests` | who else consumes at the embedded broker |
//! | `door` | where others come in, and with which password |
//! | `embedded`, `monitor`, `ctl` | the lab's own broker; a broker seen from outside; a command that ends and starts it |
//! | `join` | the client of one person who is a worker |
//! | `topology`, `mark` | queues, and the marks on messages |
//! | `graves` | who reads the dead letters |
//! | `target`, `probe` | which broker, and whether it can be used |
//! | `line`, `link` | a connection, and the socket under it, which can be cut |
//! | `tap` | who listens to the frames that pass the links |

mod arena;
#[cfg(test)]
mod bench;
mod confirms;
mod crew;
mod ctl;
mod deliveries;
mod door;
mod embedded;
mod graves;
mod guests;
mod handle;
mod hub;
mod join;
mod left;
mod line;
mod link;
mod mark;
mod monitor;
mod pace;
mod probe;
mod producer;
mod report;
mod tap;
mod target;
mod task;
mod teller;
mod topology;
mod worker;

pub use arena::Arena;
pub use ctl::{BrokerCtl, NoCommand};
pub use door::{Door, DoorError};
pub use handle::{Engine, Options};
pub use join::{Join, JoinOptions};
pub use left::LeftBehind;
pub use probe::StartError;
pub use target::{BrokerUrl, Target, UrlError};
