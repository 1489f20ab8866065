//! Folders that come and go.

use super::{LOCK, PREFIX, PrivateFolder, abandoned};
use std::fs::{self, File, TryLockError};
use std::path::Path;

fn names(parent: &Path) -> usize {
    fs::read_dir(parent).expect("it is there").count()
}

#[test]
fn folder_is_gone_after_use_and_after_a_panic() {
    let parent = tempfile::tempdir().expect("a folder");
    let folder = PrivateFolder::within(parent.path()).expect("a folder");
    fs::write(folder.path().join("file"), "data").expect("it can be used");
    drop(folder);
    assert_eq!(names(parent.path()), 0);
    let path = parent.path().to_owned();
    let panicked = std::thread::spawn(move || {
        let _folder = PrivateFolder::within(&path).expect("a folder");
        std::panic::resume_unwind(Box::new("a panic"));
    });
    assert!(panicked.join().is_err());
    assert_eq!(names(parent.path()), 0);
}

#[test]
fn only_folders_of_killed_programs_are_swept_away() {
    let parent = tempfile::tempdir().expect("a folder");
    let stale = parent.path().join(format!("{PREFIX}0123456789abcdef"));
    let unlocked = parent.path().join(format!("{PREFIX}fedcba9876543210"));
    let foreign = parent.path().join("dispatch-lab-notes");
    for folder in [&stale, &unlocked, &foreign] {
        fs::create_dir_all(folder.join("data")).expect("made");
    }
    let empty = parent.path().join(format!("{PREFIX}00000000ffffffff"));
    fs::create_dir(&empty).expect("made");
    for folder in [&stale, &foreign] {
        File::create(folder.join(LOCK)).expect("made");
    }
    let used = PrivateFolder::within(parent.path()).expect("a folder");
    let other = PrivateFolder::within(parent.path()).expect("another folder");
    assert!(!stale.exists(), "nobody holds its lock");
    assert!(!empty.exists(), "nothing is in it");
    assert!(unlocked.exists() && foreign.exists(), "not known to be left behind");
    assert!(used.path().exists() && other.path().exists(), "in use");
    assert_ne!(used.path(), other.path());
}

#[test]
fn maker_of_a_folder_that_is_being_swept_finds_its_lock_taken() {
    let folder = tempfile::tempdir().expect("a folder");
    let made = File::create_new(folder.path().join(LOCK)).expect("made");
    let swept = abandoned(folder.path()).expect("nobody holds the lock yet");
    assert!(matches!(made.try_lock(), Err(TryLockError::WouldBlock)));
    drop(swept);
    made.try_lock().expect("the sweep is over");
    assert!(abandoned(folder.path()).is_none(), "it is in use");
}
