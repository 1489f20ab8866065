use super::*;

fn place() -> (tempfile::TempDir, ProgressFile) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = ProgressFile::in_folder(folder.path().join("deep/dispatch-lab"));
    (folder, file)
}

fn nothing() -> Loaded {
    Loaded {
        progress: Progress::default(),
        unread: None,
    }
}

fn changed(file: &ProgressFile) -> Changed {
    file.change(|p| p.note("a", Step::Begun, UnixTime(1)))
        .expect("it can be written")
}

fn loaded(file: &ProgressFile) -> Loaded {
    file.load().expect("it can be read")
}

fn with(file: &ProgressFile, text: &str) {
    fs::create_dir_all(&file.folder).expect("a folder");
    fs::write(file.path(), text).expect("a file");
}

#[test]
fn nothing_is_known_at_first_and_nothing_is_written_by_looking() {
    let (_folder, file) = place();
    assert_eq!(loaded(&file), nothing());
    assert!(!file.folder.exists());
}

#[test]
fn what_happened_is_there_again() {
    let (_folder, file) = place();
    let done = Step::Done { right: 1, asked: 2 };
    for (step, at) in [(Step::Begun, 10), (done, 20), (Step::Goal(1), 30), (Step::Begun, 40)] {
        file.change(|p| p.note("the-tray", step, UnixTime(at)))
            .expect("it can be written");
    }
    let record = loaded(&file).progress.of("the-tray");
    let expected = LessonRecord {
        begun: Some(UnixTime(10)),
        done: Some(UnixTime(20)),
        right: 1,
        asked: 2,
        goals: [1].into(),
    };
    assert_eq!(record, expected);
    assert_eq!(loaded(&file).progress.of("fanout"), LessonRecord::default());
}

#[test]
fn one_lesson_or_all_can_be_forgotten() {
    let (_folder, file) = place();
    for lesson in ["a", "b", "c"] {
        file.change(|p| p.note(lesson, Step::Begun, UnixTime(1)))
            .expect("it can be written");
    }
    file.change(|p| p.forget(Some("a"))).expect("it can be written");
    let left = loaded(&file).progress;
    assert_eq!(left.lessons.keys().collect::<Vec<_>>(), ["b", "c"]);
    file.change(|p| p.forget(None)).expect("it can be written");
    assert_eq!(loaded(&file).progress, Progress::default());
}

#[test]
fn what_is_damaged_is_set_aside_before_something_is_written_and_never_lost() {
    let texts = [
        "",
        "{",
        "nonsense",
        r#"{"format": 1, "lessons": 7}"#,
        "[]",
        "null",
        r#"{"format": 0}"#,
    ];
    let (_folder, file) = place();
    for (n, text) in (1..).zip(texts) {
        with(&file, text);
        assert!(loaded(&file).unread.is_some(), "{text}");
        assert_eq!(fs::read_to_string(file.path()).expect("looking changes nothing"), text);
        let aside = changed(&file).set_aside.expect("it is set aside");
        assert_eq!(aside.path, file.folder.join(format!("progress.json.aside-{n}")));
        assert_eq!(fs::read_to_string(&aside.path).expect("it is there"), text);
        assert_eq!(loaded(&file).progress.of("a").begun, Some(UnixTime(1)));
        assert_eq!(changed(&file).set_aside, None);
    }
}

#[test]
fn file_of_a_newer_program_is_left_as_it_is() {
    let newer = r#"{"format": 2, "lessons": []}"#;
    let (_folder, file) = place();
    with(&file, newer);
    let why = loaded(&file).unread.expect("it is not understood");
    assert!(why.contains("its format is 2, and this program knows 1"), "{why}");
    let refused = file.change(|p| p.forget(None)).expect_err("it is not ours");
    assert!(
        refused.to_string().contains("a newer dispatch-lab wrote it"),
        "{refused}"
    );
    assert_eq!(fs::read_to_string(file.path()).expect("it is there"), newer);
    assert!(!file.folder.join("progress.json.aside-1").exists());
}

#[test]
fn no_change_of_several_programs_at_once_is_lost() {
    let (_folder, file) = place();
    std::thread::scope(|scope| {
        for worker in 0..4 {
            let file = &file;
            scope.spawn(move || {
                for n in 0..10 {
                    file.change(|p| p.note(&format!("{worker}-{n}"), Step::Begun, UnixTime(1)))
                        .expect("it can be written");
                }
            });
        }
    });
    assert_eq!(loaded(&file).progress.lessons.len(), 40);
}

#[test]
fn what_lies_aside_already_is_never_written_over() {
    let (_folder, file) = place();
    with(&file, "nonsense");
    let first = file.folder.join("progress.json.aside-1");
    fs::write(&first, "of long ago").expect("a file");
    let aside = changed(&file).set_aside.expect("it is set aside");
    assert_eq!(aside.path, file.folder.join("progress.json.aside-2"));
    assert_eq!(fs::read_to_string(first).expect("it is there"), "of long ago");
}

#[test]
fn bytes_that_are_no_text_are_set_aside() {
    let (_folder, file) = place();
    fs::create_dir_all(&file.folder).expect("a folder");
    fs::write(file.path(), [0xff, 0x00, 0xfe]).expect("a file");
    assert!(changed(&file).set_aside.is_some());
}

#[test]
fn a_file_that_is_far_too_large_is_not_read() {
    let (_folder, file) = place();
    with(&file, "");
    let opened = File::options().write(true).open(file.path()).expect("it is there");
    opened.set_len(SIZE_MAX + 1).expect("a sparse file");
    assert_eq!(loaded(&file).unread.expect("it is not read"), "it is too large");
}

#[test]
fn fields_of_a_later_program_of_the_same_format_are_no_damage() {
    let (_folder, file) = place();
    with(
        &file,
        r#"{"format": 1, "lessons": {"a": {"done": 5, "mood": "good"}}, "theme": "dark"}"#,
    );
    assert_eq!(loaded(&file).progress.of("a").done, Some(UnixTime(5)));
}

#[test]
fn nothing_but_the_file_and_its_lock_is_left_in_the_folder() {
    let (_folder, file) = place();
    for _ in 0..3 {
        file.change(|p| p.note("a", Step::Begun, UnixTime(1)))
            .expect("it can be written");
    }
    let mut names: Vec<_> = fs::read_dir(&file.folder)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").file_name())
        .collect();
    names.sort();
    assert_eq!(names, [FILE, LOCK]);
}

#[test]
fn a_folder_that_cannot_be_made_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let taken = folder.path().join("taken");
    fs::write(&taken, "").expect("a file");
    let file = ProgressFile::in_folder(taken.join("dispatch-lab"));
    let error = file
        .change(|p| p.note("a", Step::Begun, UnixTime(1)))
        .expect_err("a file is no folder");
    assert!(error.to_string().starts_with("can't "), "{error}");
}
