//! Folders that are not as they were written.

use super::*;
use std::collections::BTreeMap;
use std::fs;
use tempfile::TempDir;

/// What a folder holds, byte for byte.
type Files = BTreeMap<String, Vec<u8>>;

fn files(folder: &Path) -> Files {
    let entries = fs::read_dir(folder).expect("it is there");
    let paths = entries.map(|entry| entry.expect("it can be read").path());
    let named = paths.map(|path| {
        let name = path.file_name().expect("it has one").to_string_lossy().into_owned();
        (name, fs::read(&path).expect("it can be read"))
    });
    named.collect()
}

fn folder_with(files: &Files) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, bytes) in files {
        fs::write(folder.path().join(name), bytes).expect("it can be written");
    }
    folder
}

/// A folder after a crash, with some hundred messages, and what is in it.
fn used() -> (Files, Image) {
    let folder = tempfile::tempdir().expect("a folder");
    let (mut run, ..) = Run::start(folder.path());
    run.push([
        StoreOp::QueueDeclared(classic("c")),
        StoreOp::QueueDeclared(quorum("q")),
        StoreOp::Bound(binding("amq.topic", "q")),
    ]);
    for round in 0..6 {
        let all = round * 30..(round + 1) * 30;
        let some = all.clone().step_by(4);
        run.push(all.flat_map(|position| [came("c", position), came("q", position)]));
        run.stored();
        run.push(some.flat_map(|position| [went("c", position), handed_out("q", position)]));
        run.stored();
    }
    run.end(LastStop::Crash);
    let files = files(folder.path());
    let (_, mut images) = Opened::open(folder.path(), &[]).expect("it can be opened");
    (files, images.swap_remove(0).1)
}

/// Either it is refused and left as it is, or all that was stored is there.
fn check(files: &Files, expected: &Image, what: &str) -> bool {
    let folder = folder_with(files);
    match Opened::open(folder.path(), &[]) {
        Ok((_, images)) => {
            let image = images.into_iter().next().map(|(_, image)| image);
            assert_eq!(
                image.as_ref(),
                Some(expected),
                "{what}: opened, but not with what was stored"
            );
            true
        }
        Err(FolderError::Damaged { .. } | FolderError::Newer { .. }) => {
            let left = self::files(folder.path());
            assert!(left == *files, "{what}: refused, but not left as it was");
            false
        }
        Err(other) => panic!("{what}: {other}"),
    }
}

#[test]
fn any_changed_byte_is_refused_or_does_no_harm() {
    let (files, expected) = used();
    assert!(check(&files, &expected, "unchanged"));
    let mut refused = 0;
    for (name, bytes) in &files {
        // A prime step meets every place in a page sooner or later.
        let step = if name == "records" { 523 } else { 1 };
        for at in (0..bytes.len()).step_by(step) {
            let mut changed = files.clone();
            let bytes = changed.get_mut(name).expect("it is there");
            bytes[at] ^= 1 << (at % 8);
            refused += u32::from(!check(&changed, &expected, &format!("{name}, byte {at}")));
        }
    }
    assert!(refused > 20, "only {refused} were refused");
}

#[test]
fn any_file_cut_short_is_refused() {
    let (files, expected) = used();
    for name in ["records", "fence", "FORMAT"] {
        let length = files[name].len();
        let step = (length / 40).max(1);
        for keep in (0..length).step_by(step) {
            let mut cut = files.clone();
            cut.get_mut(name).expect("it is there").truncate(keep);
            assert!(
                !check(&cut, &expected, &format!("{name} cut to {keep}")),
                "{name} cut to {keep}"
            );
        }
    }
}

#[test]
fn missing_file_is_refused_by_name() {
    let (files, expected) = used();
    let names = ["records", "fence", "FORMAT"];
    let lost = [
        &names[..1],
        &names[1..2],
        &names[2..],
        &names[..2],
        &names[1..],
        &["records", "FORMAT"],
    ];
    for lost in lost {
        let mut fewer = files.clone();
        fewer.retain(|name, _| !lost.contains(&&**name));
        assert!(!check(&fewer, &expected, "a file is missing"), "{lost:?}");
        let folder = folder_with(&fewer);
        let error = Opened::open(folder.path(), &[]).expect_err("it is damaged").to_string();
        assert!(lost.iter().any(|name| error.contains(name)), "{lost:?}: {error}");
    }
}

#[test]
fn folder_without_its_lock_is_used_if_it_is_whole_and_gets_none_if_it_is_damaged() {
    let (mut files, expected) = used();
    files.remove("LOCK");
    assert!(check(&files, &expected, "no lock"));
    files.insert("fence".to_owned(), b"nonsense".to_vec());
    assert!(!check(&files, &expected, "no lock, damaged"));
}

#[test]
fn errors_have_no_second_cause_that_repeats_the_first() {
    let file = tempfile::NamedTempFile::new().expect("a file");
    let error = Opened::open(file.path(), &[]).expect_err("it is no folder");
    assert!(std::error::Error::source(&error).is_none(), "{error:?}");
}

#[test]
fn older_copy_of_the_records_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let (mut run, ..) = Run::start(folder.path());
    run.push([StoreOp::QueueDeclared(classic("q"))]);
    run.end(LastStop::Orderly);
    let old = files(folder.path());
    let (mut run, ..) = Run::start(folder.path());
    run.push([came("q", 0)]);
    run.end(LastStop::Orderly);
    let mut mixed = files(folder.path());
    mixed.insert("records".to_owned(), old["records"].clone());
    assert!(!check(&mixed, &Image::default(), "older records"));
}

#[test]
fn folder_of_others_is_refused_and_left_as_it_is() {
    let file = |name: &str, text: &str| Files::from([(name.to_owned(), text.as_bytes().to_vec())]);
    let rows = [
        (file("thesis.tex", "years"), "holds thesis.tex"),
        (file("FORMAT", "dispatch-lab broker data, version 2\n"), "newer"),
        (file("FORMAT", "some other program\n"), "damaged"),
        (file("FORMAT", ""), "damaged"),
    ];
    for (before, words) in rows {
        let folder = folder_with(&before);
        let error = Opened::open(folder.path(), &[])
            .expect_err("it is not ours")
            .to_string();
        assert!(error.contains(words) && error.lines().count() == 1, "{error}");
        assert!(error.contains(&*folder.path().to_string_lossy()), "{error}");
        assert!(self::files(folder.path()) == before, "{words}: not left as it was");
    }
    let file = tempfile::NamedTempFile::new().expect("a file");
    assert!(matches!(Opened::open(file.path(), &[]), Err(FolderError::Io { .. })));
}

#[test]
fn folder_whose_making_was_cut_off_is_made_again() {
    let made = tempfile::tempdir().expect("a folder");
    drop(Opened::open(made.path(), &[]).expect("it can be made"));
    let made = files(made.path());
    let begun = |names: &[&str]| -> Files {
        let bytes = |name: &str| made[name.trim_end_matches(".new")].clone();
        names.iter().map(|&name| (name.to_owned(), bytes(name))).collect()
    };
    let rows: [&[&str]; 7] = [
        &[],
        &["LOCK"],
        &["LOCK", "records.new"],
        &["LOCK", "records.new", "fence.new"],
        &["LOCK", "records.new", "fence.new", "FORMAT.new"],
        &["LOCK", "records.new", "fence", "FORMAT.new"],
        &["LOCK", "records.new", "fence", "FORMAT"],
    ];
    for names in rows {
        for cut in [false, true] {
            let mut begun = begun(names);
            for (name, bytes) in &mut begun {
                // What has its name already was whole.
                if cut && Path::new(name).extension().is_some() {
                    bytes.truncate(bytes.len() / 2);
                }
            }
            let folder = folder_with(&begun);
            let (run, image, _) = Run::start(folder.path());
            assert_eq!(image, Image::default(), "{names:?}");
            run.end(LastStop::Orderly);
        }
    }
}
