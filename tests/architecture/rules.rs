//! The table of the house rules.

/// A rule on what files under a folder may not name.
pub(crate) struct Rule {
    /// Files whose path begins so are bound by it …
    pub(crate) within: &'static str,
    /// … but for those whose path begins with one of these.
    pub(crate) except: &'static [&'static str],
    /// Words that may not occur in their code.
    pub(crate) never: &'static [&'static str],
    /// Why.
    pub(crate) because: &'static str,
}

pub(crate) const CRATES: &[&str] = &[
    "amq_protocol",
    "anyhow",
    "async_compat",
    "async_rs",
    "clap",
    "clap_complete",
    "crossterm",
    "csv",
    "etcetera",
    "futures_util",
    "indicatif",
    "lapin",
    "maud",
    "rand",
    "ratatui",
    "rayon",
    "redb",
    "schemars",
    "serde",
    "serde_json",
    "strsim",
    "thiserror",
    "tokio",
    "tokio_util",
    "toml",
    "tracing",
    "tracing_subscriber",
    "unicode_width",
];

pub(crate) const RULES: &[Rule] = &[
    Rule {
        within: "src/lab",
        except: &[],
        never: &[
            "crate::broker",
            "crate::engine",
            "crate::tui",
            "crate::cli",
            "crate::run",
        ],
        because: "the lab's vocabulary and accounting stand alone",
    },
    Rule {
        within: "src/code",
        except: &[],
        never: &[
            "crate::broker",
            "crate::engine",
            "crate::tui",
            "crate::cli",
            "crate::run",
            "std::fs",
            "std::net",
            "std::io",
            "std::process",
        ],
        because: "programs are written from settings alone, and what writes them does nothing else",
    },
    Rule {
        within: "src/broker",
        except: &[],
        never: &["crate::lab", "crate::engine", "crate::tui", "crate::cli", "crate::run"],
        because: "the broker knows nothing of the lab",
    },
    Rule {
        within: "src/broker/dispatch",
        except: &[],
        never: &[
            "crate::broker::protocol",
            "crate::broker::codec",
            "crate::broker::server",
            "crate::broker::store",
        ],
        because: "dispatch is the innermost part",
    },
    Rule {
        within: "src/broker",
        except: &["src/broker/codec"],
        never: &["amq_protocol::frame"],
        because: "only the codec knows frames on the wire",
    },
    Rule {
        within: "src/broker",
        except: &["src/broker/server"],
        never: &["tokio::", "std::net::Tcp", "Instant::now", "SystemTime::now"],
        because: "only the server has sockets and a clock",
    },
    Rule {
        within: "src/broker",
        except: &["src/broker/server", "src/broker/store"],
        never: &["std::fs", "std::thread"],
        because: "only the store has files",
    },
    Rule {
        within: "src/lab",
        except: &[],
        never: &[
            "std::fs",
            "std::net",
            "std::io",
            "time::Instant",
            "Instant::now",
            "SystemTime",
            "serde",
        ],
        because: "the lab reads no clock and no file; time is an argument",
    },
    Rule {
        within: "src",
        except: &["src/broker/store"],
        never: &["redb::"],
        because: "only the store knows the database",
    },
    Rule {
        within: "src",
        // It writes programs that are.
        except: &["src/engine", "src/code/rust.rs"],
        never: &["lapin::"],
        because: "only the engine is an AMQP client",
    },
    Rule {
        within: "src",
        except: &["src/tui"],
        never: &["ratatui::", "crossterm::"],
        because: "only the screen knows the terminal",
    },
    Rule {
        within: "src/scenario",
        except: &[],
        never: &[
            "crate::broker",
            "crate::engine",
            "crate::sim",
            "crate::tui",
            "crate::cli",
            "crate::run",
        ],
        because: "a scenario is data and its judgement; who runs it is another's business",
    },
    Rule {
        within: "src/scenario/sweep",
        // They compare with the schema that is handed out.
        except: &["src/scenario/sweep/tests"],
        never: &["std::fs", "std::io", "std::env", "std::thread", "toml::", "rayon::"],
        because: "a sweep's table, map and JSON are made of numbers alone; who runs it, and where it is told, is another's",
    },
    Rule {
        within: "src/sim",
        except: &[],
        never: &[
            "crate::engine",
            "crate::tui",
            "crate::cli",
            "crate::run",
            "crate::scenario",
            "tokio::",
            "std::net",
            "std::fs",
            "Instant::now",
            "SystemTime",
        ],
        because: "a simulation has a virtual clock, and neither sockets nor files",
    },
    Rule {
        within: "src",
        except: &["src/scenario", "src/report", "src/run"],
        never: &["serde::", "serde_json::", "toml::", "schemars::"],
        because: "only scenarios and what is told of their runs are data for others",
    },
    Rule {
        within: "src/report",
        // They leave pages for a browser where they are asked to.
        except: &["src/report/tests"],
        never: &[
            "crate::broker",
            "crate::engine",
            "crate::sim",
            "crate::recording",
            "crate::code",
            "crate::tui",
            "crate::cli",
            "crate::run",
            "std::fs",
            "std::net",
            "std::io",
            "std::process",
            "Instant::now",
            "SystemTime",
        ],
        because: "a report is a text made of events and a picture; its date is an argument, its file another's business",
    },
    Rule {
        within: "src",
        except: &["src/report"],
        never: &["maud::"],
        because: "only reports are pages",
    },
    Rule {
        within: "src/recording",
        except: &[],
        never: &[
            "crate::broker",
            "crate::engine",
            "crate::tui",
            "crate::cli",
            "crate::run",
        ],
        because: "what keeps the past knows the lab's events and nothing of who drives or shows it",
    },
    Rule {
        within: "src/engine",
        except: &[],
        never: &["crate::recording", "crate::tui", "crate::cli", "crate::run"],
        because: "the engine tells what happens to whoever listens",
    },
    Rule {
        within: "src/tui",
        except: &[],
        never: &["crate::engine", "crate::broker", "crate::recording"],
        because: "the screen is drawn from snapshots alone",
    },
    Rule {
        within: "src/tui/view",
        except: &[],
        never: &["tokio::", "Instant::now", "SystemTime::now", "lab::Command"],
        because: "a view is a pure function of model, snapshot and theme",
    },
    Rule {
        within: "src",
        // A report tells the time of day.
        except: &[
            "src/engine",
            "src/tui",
            "src/broker/server",
            "src/recording",
            "src/run/progress.rs",
            "src/run/report",
        ],
        never: &["Instant::now", "SystemTime::now"],
        because: "the wall clock is read where things are stamped or paced, nowhere else",
    },
    Rule {
        within: "src",
        except: &[],
        never: &["unbounded_channel", "mpsc::channel()"],
        because: "every channel is bounded",
    },
];

/// Folders whose files may name these crates only.
pub(crate) const CRATES_ALLOWED: &[(&str, &[&str])] = &[
    ("src/lab", &["rand"]),
    // Named in the programs that it writes.
    ("src/code", &["futures_util", "lapin", "tokio"]),
    ("src/broker/dispatch", &[]),
    ("src/broker/protocol", &["amq_protocol", "rand"]),
    ("src/broker/codec", &["amq_protocol"]),
    ("src/recording", &["thiserror", "tokio"]),
    ("src/sim", &["rayon", "thiserror"]),
    (
        "src/scenario",
        &["schemars", "serde", "serde_json", "strsim", "thiserror", "toml"],
    ),
    (
        "src/report",
        &["csv", "maud", "serde", "serde_json", "thiserror", "unicode_width"],
    ),
    ("src/tui/view", &["ratatui", "unicode_width"]),
];
