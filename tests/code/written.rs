//! The Rust of each case, compiled with these tests. `WRITE_CODE=1 cargo test --test code` writes it anew; files that don't
//! compile are emptied first.

#![expect(dead_code, reason = "what is compiled here need not be run")]
#![expect(clippy::pedantic, reason = "programs that are shown are as short as can be")]

use crate::cases;
use dispatch_lab::code::{Case, Language, Role, program};
use dispatch_lab::lab::Settings;
use std::path::{Path, PathBuf};

#[rustfmt::skip]
mod fair_producer;
#[rustfmt::skip]
mod fair_worker;
#[rustfmt::skip]
mod careless_producer;
#[rustfmt::skip]
mod careless_worker;
#[rustfmt::skip]
mod auto_ack_with_prefetch_producer;
#[rustfmt::skip]
mod auto_ack_with_prefetch_worker;
#[rustfmt::skip]
mod forgets_producer;
#[rustfmt::skip]
mod forgets_worker;
#[rustfmt::skip]
mod requeues_producer;
#[rustfmt::skip]
mod requeues_worker;
#[rustfmt::skip]
mod rejects_producer;
#[rustfmt::skip]
mod rejects_worker;
#[rustfmt::skip]
mod acks_twice_producer;
#[rustfmt::skip]
mod acks_twice_worker;
#[rustfmt::skip]
mod quorum_producer;
#[rustfmt::skip]
mod quorum_worker;
#[rustfmt::skip]
mod own_queue_producer;
#[rustfmt::skip]
mod own_queue_worker;

#[test]
fn what_is_compiled_is_what_the_view_writes() {
    let mut different = Vec::new();
    for (path, text) in files() {
        if std::env::var_os("WRITE_CODE").is_some() {
            std::fs::write(&path, &text).expect("it can be written");
        }
        if std::fs::read_to_string(&path).ok().as_ref() != Some(&text) {
            different.push(path);
        }
    }
    assert!(
        different.is_empty(),
        "WRITE_CODE=1 cargo test --test code writes these anew: {different:?}"
    );
}

/// All files and their texts.
fn files() -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let rust = |role, case: &Case| program(Language::Rust, role, case);
    let start = Case::with(&Settings::default());
    let mut files = vec![
        (root.join("examples/producer.rs"), rust(Role::Producer, &start)),
        (root.join("examples/worker.rs"), rust(Role::Worker, &start)),
    ];
    for (name, case) in cases::all().into_iter().skip(1) {
        for role in [Role::Producer, Role::Worker] {
            let file = format!("tests/code/written/{name}_{}.rs", role.title());
            files.push((root.join(file), rust(role, &case)));
        }
    }
    files
}
