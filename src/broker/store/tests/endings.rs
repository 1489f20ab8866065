//! What an end leaves, and what a group holds.

use super::*;
use crate::broker::store::folder;
use crate::broker::store::shelf::Unwritten;
use crate::broker::store::tables::{Note, Written};
use std::sync::mpsc::{Sender, channel};

/// A run whose thread waits after each group until the test lets it go on.
fn halting(folder: &Path) -> (Run, Sender<()>) {
    let (opened, _) = Opened::open(folder, &["/".to_owned()]).expect("it can be opened");
    let (tell, told) = sync_channel(64);
    let (go, may_go) = channel();
    let writer = opened
        .start(move |news| {
            let _ = tell.send(news);
            let _ = may_go.recv();
        })
        .expect("a thread");
    (Run { writer, told, last: 0 }, go)
}

fn fence(folder: &Path) -> Vec<u8> {
    std::fs::read(folder.join("fence")).expect("it is there")
}

fn reopened(folder: &Path) -> Image {
    let (run, image, _) = Run::start(folder);
    run.end(LastStop::Orderly);
    image
}

#[test]
fn crash_loses_what_was_not_told_as_stored_and_a_stop_does_not() {
    for (how, expected) in [(LastStop::Crash, vec![0]), (LastStop::Orderly, vec![0, 1])] {
        let folder = tempfile::tempdir().expect("a folder");
        let (mut run, go) = halting(folder.path());
        run.push([StoreOp::QueueDeclared(classic("q")), came("q", 0)]);
        run.stored();
        run.push([came("q", 1)]);
        run.writer.end(how);
        drop(go);
        run.end(how);
        assert_eq!(positions(&reopened(folder.path()), "q"), expected, "{how:?}");
    }
}

#[test]
fn group_that_a_crash_forestalls_is_neither_written_nor_stored() {
    let folder = tempfile::tempdir().expect("a folder");
    let (
        Opened {
            mut tables,
            mut shelves,
            ..
        },
        _,
    ) = Opened::open(folder.path(), &["/".to_owned()]).expect("it can be opened");
    let mut write = |wanted: bool| {
        tables
            .write(&mut shelves, Some(Note::Running), || wanted)
            .expect("there is room")
    };
    assert_eq!(write(true), Written::Group);
    assert_eq!(write(false), Written::Unwanted);
    assert_eq!(tables.groups, 1);
    shelves[0].unwritten = Unwritten::default();
    let written = tables.write(&mut shelves, None, || true).expect("there is room");
    assert_eq!(written, Written::Nothing);
}

#[test]
fn message_that_comes_and_goes_within_a_group_is_not_written_but_counts_as_stored() {
    let folder = tempfile::tempdir().expect("a folder");
    let (mut run, go) = halting(folder.path());
    run.push([StoreOp::QueueDeclared(quorum("q")), came("q", 0)]);
    run.stored();
    let before = fence(folder.path());
    run.push([came("q", 1), handed_out("q", 1)]);
    run.push([went("q", 1)]);
    go.send(()).expect("it waits");
    run.stored();
    assert_eq!(fence(folder.path()), before, "nothing was written");
    drop(go);
    run.end(LastStop::Orderly);
    assert_eq!(positions(&reopened(folder.path()), "q"), [0]);
}

#[test]
fn large_body_is_kept_once_for_all_queues_and_as_long_as_one_has_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let (mut run, ..) = Run::start(folder.path());
    let names = ["a", "b", "c"];
    let body: Arc<[u8]> = vec![7; 3_000_000].into();
    run.push(names.map(|name| StoreOp::QueueDeclared(classic(name))));
    run.push(names.map(|name| came_with(name, 0, &body)));
    run.end(LastStop::Orderly);
    let size = std::fs::metadata(folder.path().join("records"))
        .expect("it is there")
        .len();
    assert!(size < 3 * 3_000_000, "{size} bytes for one body");
    for gone in 0..=names.len() {
        let (mut run, image, _) = Run::start(folder.path());
        for (at, queue) in image.queues.iter().enumerate() {
            assert_eq!(queue.messages.len(), usize::from(at >= gone), "queue {at}, {gone} gone");
            assert!(queue.messages.iter().all(|stored| stored.message.body == body));
        }
        run.push(names.get(gone).map(|name| went(name, 0)));
        run.end(LastStop::Orderly);
    }
    let (opened, _) = Opened::open(folder.path(), &[]).expect("it can be opened");
    assert!(
        opened.tables.bodies.holders.is_empty() && opened.tables.bodies.next == 0,
        "it is gone at last"
    );
}

#[test]
fn full_disk_ends_the_store_with_a_sentence_and_what_was_stored_stays() {
    let folder = tempfile::tempdir().expect("a folder");
    let (opened, _) = Opened::open(folder.path(), &["/".to_owned()]).expect("it can be opened");
    let disk = opened.folder.file.clone();
    let (tell, told) = sync_channel(64);
    let writer = opened.start(move |news| drop(tell.send(news))).expect("a thread");
    let mut run = Run { writer, told, last: 0 };
    run.push([StoreOp::QueueDeclared(classic("q")), came("q", 0)]);
    run.stored();
    disk.fill_disk();
    run.push([came("q", 1)]);
    match run.told.recv_timeout(SOON) {
        Ok(Told::Failed(why)) => assert!(why.contains("cannot store in"), "{why}"),
        other => panic!("{other:?}"),
    }
    assert!(run.told.recv_timeout(SOON).is_err(), "nothing is told after it");
    assert_eq!(positions(&reopened(folder.path()), "q"), [0]);
}

#[test]
fn store_that_is_behind_says_so_until_it_has_caught_up() {
    let folder = tempfile::tempdir().expect("a folder");
    let (mut run, go) = halting(folder.path());
    run.push([StoreOp::QueueDeclared(classic("q"))]);
    run.stored();
    let body: Arc<[u8]> = vec![0; 1024 * 1024].into();
    for position in 0..32 {
        assert!(!run.writer.is_full(), "at {position}");
        run.push([came_with("q", position, &body)]);
    }
    assert!(run.writer.is_full());
    go.send(()).expect("it waits");
    run.stored();
    assert!(!run.writer.is_full(), "told of what is stored before there was room");
    drop(go);
    run.end(LastStop::Crash);
}

#[test]
fn folder_is_another_brokers_as_long_as_that_lives() {
    let folder = tempfile::tempdir().expect("a folder");
    let (run, ..) = Run::start(folder.path());
    match folder::open(folder.path(), &[]) {
        Err(error @ FolderError::InUse(_)) => {
            let text = error.to_string();
            assert!(
                text.contains("in use") && text.contains(&*folder.path().to_string_lossy()),
                "{text}"
            );
        }
        other => panic!("{other:?}"),
    }
    run.end(LastStop::Crash);
    let (run, ..) = Run::start(folder.path());
    run.end(LastStop::Orderly);
}
