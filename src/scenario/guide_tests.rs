//! The written guide holds what it says: its examples are read, and its tables name all that can be written.

use super::action::FORMS;
use super::condition::{COUNTS, WORKER_COUNTS};
use super::words::{ACK, ARRIVALS, BROKER, HABIT, KILL, LIKE, MESSAGES, QUEUE, QUEUE_TYPE, SHARING, WORKLOAD, listed};
use super::{Expr, Quantity, Scenario, file, read};

const GUIDE: &str = include_str!("../../assets/lessons/README.md");

/// The blocks of one language.
fn blocks(language: &str) -> Vec<&'static str> {
    let opening = format!("```{language}\n");
    GUIDE
        .split(opening.as_str())
        .skip(1)
        .filter_map(|rest| rest.split("```").next())
        .collect()
}

fn good(text: &str) -> Scenario {
    read(text).unwrap_or_else(|mistakes| {
        let told: Vec<String> = mistakes.iter().map(|mistake| mistake.render("README.md")).collect();
        panic!("{}", told.join("\n"))
    })
}

#[test]
fn example_of_the_guide_is_right_after_each_of_its_steps() {
    let mut file = String::new();
    let (mut steps, mut files) = (0, 0);
    for block in blocks("toml") {
        if block.contains("format = 1") {
            file.clear();
            files += 1;
        }
        file.push_str(block);
        file.push('\n');
        let scenario = good(&file);
        if files == 1 {
            steps += 1;
        }
        if steps == 6 && files == 1 {
            assert_eq!(scenario.predictions.len(), 1);
            assert!(scenario.flip.is_some() && !scenario.goals.is_empty() && !scenario.prose.rule.is_empty());
        }
    }
    assert_eq!((files, steps), (2, 6));
}

#[test]
fn expressions_of_the_guide_are_understood() {
    let block = blocks("text").into_iter().find(|block| block.contains("lost == 0"));
    let mut seen = 0;
    for line in block.expect("there is a block of them").lines() {
        assert!(Expr::parse(line).is_ok(), "{line}");
        seen += 1;
    }
    assert!(seen > 4);
}

#[test]
fn guide_names_all_that_can_be_written() {
    let mut words: Vec<String> = Vec::new();
    let keys = [
        &file::SETTINGS_KEYS[..],
        &file::STEP_KEYS,
        &file::END_KEYS,
        &file::EXPECT_KEYS,
        &file::FLIP_KEYS,
    ]
    .into_iter()
    .chain([
        &file::PREDICT_KEYS[..3],
        &file::CHOICE_KEYS,
        &file::GOAL_KEYS,
        &file::LESSON_KEYS,
        &file::TOLERANCE_KEYS,
    ]);
    words.extend(keys.flatten().map(|key| format!("`{key}")));
    words.extend(FORMS.iter().map(|(_, form)| format!("`{form}`")));
    words.extend(COUNTS.iter().map(|(count, _)| format!("`{count}`")));
    words.extend(WORKER_COUNTS.iter().map(|(count, _)| format!("`W1.{count}`")));
    let [run, worker, job] = Quantity::all_names();
    words.extend(run.iter().map(|name| format!("`{name}`")));
    words.extend(worker.iter().map(|name| format!("`W1.{name}`")));
    words.extend(job.iter().map(|name| format!("`#3.{name}`")));
    for choices in [
        listed(ACK),
        listed(QUEUE),
        listed(QUEUE_TYPE),
        listed(SHARING),
        listed(MESSAGES),
        listed(WORKLOAD),
    ] {
        words.extend(choices.iter().map(|word| format!("`\"{word}\"`")));
    }
    words.extend(
        listed(ARRIVALS)
            .iter()
            .chain(&listed(LIKE))
            .map(|word| format!("`\"{word}\"`")),
    );
    words.extend(listed(KILL).iter().chain(&listed(HABIT)).map(|word| (*word).to_owned()));
    words.extend(listed(BROKER).iter().map(|word| format!("`broker {word}`")));
    let missing: Vec<&String> = words.iter().filter(|word| !GUIDE.contains(word.as_str())).collect();
    assert!(missing.is_empty(), "not in assets/lessons/README.md: {missing:?}");
}
