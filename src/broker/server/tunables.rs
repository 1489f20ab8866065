//! What can be changed while the server runs, and the file that says so.

use crate::broker::core::Tuning;
use crate::broker::dispatch::{Like, Millis};
use std::path::Path;
use std::time::Duration;

/// What can be changed while the server runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tunables {
    /// How long a delivery may wait for its ack before its channel is closed; `None`: for ever.
    pub consumer_timeout: Option<Duration>,
    /// How often the broker looks for deliveries that have waited too long.
    pub tick: Duration,
    /// Bytes that the broker may hold before it reads no more from whoever publishes.
    pub memory_limit: u64,
}

/// Why a file of tunables was not taken.
#[derive(Debug, thiserror::Error)]
pub enum TunablesError {
    /// It can't be read.
    #[error("cannot read {path}: {why}")]
    Read {
        /// The file.
        path: String,
        /// Why.
        why: std::io::Error,
    },
    /// A line says nothing that is known.
    #[error("{path}, line {line}: {text:?} is none of consumer-timeout-ms = N, tick-ms = N, memory-limit = N")]
    Line {
        /// The file.
        path: String,
        /// Which line, from 1.
        line: usize,
        /// What it says.
        text: String,
    },
}

/// The memory of a machine that does not tell.
const UNKNOWN_MEMORY: u64 = 1 << 30;

impl Tunables {
    /// The defaults of a version of RabbitMQ, for this machine: 30 minutes, looked at each minute; and 40 % of the
    /// memory, 60 % from 4.0 on (`vm_memory_high_watermark`).
    pub fn of(like: Like) -> Self {
        let tenths = match like {
            Like::V3_10 => 4,
            Like::V4_0 | Like::V4_3 => 6,
        };
        Self {
            consumer_timeout: Some(Duration::from_secs(30 * 60)),
            tick: Duration::from_secs(60),
            memory_limit: machine_memory() / 10 * tenths,
        }
    }

    /// These, changed by what a file says: lines `consumer-timeout-ms = N`, `tick-ms = N` and `memory-limit = N` (in
    /// bytes). A timeout of 0 is none. Empty lines and those that begin with `#` say nothing.
    pub fn changed_by(self, path: &Path) -> Result<Self, TunablesError> {
        let shown = || path.display().to_string();
        let text = std::fs::read_to_string(path).map_err(|why| TunablesError::Read { path: shown(), why })?;
        self.changed_by_text(&text).map_err(|(line, text)| TunablesError::Line {
            path: shown(),
            line,
            text,
        })
    }

    /// Or the number and the text of the first line that makes no sense.
    fn changed_by_text(mut self, text: &str) -> Result<Self, (usize, String)> {
        for (i, line) in text.lines().enumerate() {
            let line = line.trim();
            if !line.is_empty() && !line.starts_with('#') {
                self.take(line).ok_or_else(|| (i + 1, line.to_owned()))?;
            }
        }
        Ok(self)
    }

    fn take(&mut self, line: &str) -> Option<()> {
        let (name, value) = line.split_once('=')?;
        let value: u64 = value.trim().parse().ok()?;
        let millis = Duration::from_millis(value);
        match name.trim() {
            "consumer-timeout-ms" => self.consumer_timeout = Some(millis).filter(|timeout| !timeout.is_zero()),
            "tick-ms" => self.tick = millis,
            "memory-limit" => self.memory_limit = value,
            _ => return None,
        }
        Some(())
    }
}

/// Those of the default version.
impl Default for Tunables {
    fn default() -> Self {
        Self::of(Like::default())
    }
}

impl From<Tunables> for Tuning {
    fn from(tunables: Tunables) -> Self {
        let millis = |duration: Duration| Millis(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX));
        Self {
            consumer_timeout: tunables.consumer_timeout.map(millis),
            tick: millis(tunables.tick),
            memory_limit: tunables.memory_limit,
        }
    }
}

/// In bytes, as Linux tells it.
fn machine_memory() -> u64 {
    let told = std::fs::read_to_string("/proc/meminfo").ok();
    let kilobytes = told.as_deref().and_then(|text| {
        let total = text.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
        total.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()
    });
    kilobytes.map_or(UNKNOWN_MEMORY, |kilobytes| kilobytes.saturating_mul(1024))
}

#[cfg(test)]
mod tests {
    use super::Tunables;
    use crate::broker::dispatch::Like;
    use std::path::Path;
    use std::time::Duration;

    const BEFORE: Tunables = Tunables {
        consumer_timeout: Some(Duration::from_secs(30 * 60)),
        tick: Duration::from_secs(60),
        memory_limit: 1000,
    };

    #[test]
    fn a_file_changes_what_it_names_and_nothing_else() {
        let text = "# a note\n\n consumer-timeout-ms = 2000\ntick-ms=500\n";
        let expected = Tunables {
            consumer_timeout: Some(Duration::from_secs(2)),
            tick: Duration::from_millis(500),
            ..BEFORE
        };
        assert_eq!(BEFORE.changed_by_text(text), Ok(expected));
        assert_eq!(
            BEFORE.changed_by_text("consumer-timeout-ms = 0\nmemory-limit = 7"),
            Ok(Tunables {
                consumer_timeout: None,
                memory_limit: 7,
                ..BEFORE
            })
        );
    }

    #[test]
    fn a_line_that_makes_no_sense_is_named() {
        for line in ["memory-limit = much", "memory-limit", "speed = 3"] {
            assert_eq!(
                BEFORE.changed_by_text(&format!("tick-ms = 1\n{line}\n")),
                Err((2, line.to_owned()))
            );
        }
    }

    #[test]
    fn file_that_is_not_there_is_told_once() {
        let error = BEFORE
            .changed_by(Path::new("/no/such/file"))
            .expect_err("it is not there");
        assert!(error.to_string().contains("/no/such/file"), "{error}");
        assert!(
            std::error::Error::source(&error).is_none(),
            "its text has the cause already"
        );
    }

    #[test]
    fn later_versions_take_a_larger_share_of_the_memory() {
        let share = |like| Tunables::of(like).memory_limit;
        assert!(share(Like::V3_10) > 0);
        assert!(share(Like::V4_0) > share(Like::V3_10));
    }
}
