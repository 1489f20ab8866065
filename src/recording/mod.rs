//! The past of a run: who keeps it, looks back into it, and writes it to a file.
//!
//! ```text
//!  engine's hub ──batches of events──▶ historian ──▶ lab::History
//!  screen ──────gaze (watch)─────────▶    │    └────▶ file, for `--record`
//!         ◀─────sights (watch)────────────┘
//! ```
//!
//! The historian has a thread of its own, because looking back may compute for a while. It waits for nobody but its
//! disk, so the hub may wait for it. A recording that is replayed has a historian too, and no engine.
//!
//! | file | what |
//! |---|---|
//! | `historian` | takes events in, answers gazes |
//! | `past` | the whole run on request, for a report |
//! | `file` | the file that is written, and the one that is read |

mod file;
mod historian;
mod past;

pub use file::{OpenError, RecordError, Recording, RecordingFile};
pub use historian::{Historian, Run, told};
pub use past::{Inquirer, Past};
