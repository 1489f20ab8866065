//! What each stage of a lesson says.

use super::panel::Text;
use crate::lab::Pace;
use crate::scenario::{Outcome, Prediction, Scenario};
use crate::tui::action::Action;
use crate::tui::lesson::{self, Deed, Hands, Stage, State, count, next_row, play};
use crate::tui::view::Scene;
use crate::tui::view::pen::columns;

/// The panel's title, and how far the lesson is. Where it is narrow the lesson's number stands for its name.
pub(super) fn title(scene: Scene<'_>, room: u16) -> (String, String) {
    let Some(lesson) = scene.facts.lessons.open.as_deref() else {
        return ("Lesson".to_owned(), "none".to_owned());
    };
    let of = |now: u16, all: u16| {
        if all > 1 {
            format!(" {} of {all}", now + 1)
        } else {
            String::new()
        }
    };
    let stage = match scene.model.lesson.stage {
        Stage::Story(page) => format!("story{}", of(page, count(&lesson.prose.story))),
        Stage::Ask(question) => format!("predict{}", of(question, count(&lesson.predictions))),
        Stage::Run => "run".to_owned(),
        Stage::Told(question) => format!("what happened{}", of(question, count(&lesson.predictions))),
        Stage::Reveal(page) => format!("why{}", of(page, count(&lesson.prose.reveal))),
        Stage::Rule => "the rule".to_owned(),
        Stage::Play => "play on".to_owned(),
    };
    let short = match scene.facts.lessons.row {
        Some(row) => format!("Lesson {}", row + 1),
        None => "Lesson".to_owned(),
    };
    let long = format!("{short} · {}", lesson.title);
    let fits = columns(&long) + columns(&stage) + 6 <= room;
    (if fits { long } else { short }, stage)
}

/// What can be done now, in a few words.
pub(super) fn hint(lesson: &Scenario, scene: Scene<'_>) -> Option<String> {
    let state = &scene.model.lesson;
    let live = &scene.facts.live;
    let next = || next_row(scene.facts).and_then(|row| scene.facts.lessons.shelf.get(usize::from(row)));
    Some(match state.stage {
        Stage::Story(page) if page + 1 < count(&lesson.prose.story) => "Enter reads on".to_owned(),
        Stage::Story(_) if lesson.predictions.iter().any(|p| p.before.is_none()) => {
            "Enter: what do you predict?".to_owned()
        }
        Stage::Story(_) => "Enter lets it run".to_owned(),
        Stage::Ask(question) => asked_hint(lesson, state, question),
        Stage::Run if live.clock.pace == Pace::Paused => "paused: space lets it run on".to_owned(),
        Stage::Run => return None,
        Stage::Told(_) | Stage::Reveal(_) => "Enter goes on".to_owned(),
        Stage::Rule if !lesson.goals.is_empty() => "Enter: now you".to_owned(),
        Stage::Rule | Stage::Play => match next() {
            Some(row) => format!("N opens the next lesson: {}", row.title),
            None => "o shows all lessons".to_owned(),
        },
    })
}

fn asked_hint(lesson: &Scenario, state: &State, question: u16) -> String {
    let choices = lesson
        .predictions
        .get(usize::from(question))
        .map_or(0, |p| p.choices.len());
    match state.answer(question) {
        None if choices == 2 => "press 1 or 2".to_owned(),
        None => format!("press 1 to {choices}"),
        Some(_) if lesson::asked_after(lesson, question).is_some() => "Enter: the next question".to_owned(),
        Some(_) => "Enter lets it run, and you will see".to_owned(),
    }
}

/// The text of the stage.
pub(super) fn write(text: &mut Text, lesson: &Scenario, scene: Scene<'_>) {
    let theme = scene.theme;
    match scene.model.lesson.stage {
        Stage::Story(page) => paragraph(text, lesson.prose.story.get(usize::from(page)), scene),
        Stage::Ask(question) => ask(text, lesson, question, scene),
        Stage::Run => run(text, lesson, scene),
        Stage::Told(question) => told(text, lesson, question, scene),
        Stage::Reveal(page) => paragraph(text, lesson.prose.reveal.get(usize::from(page)), scene),
        Stage::Rule => {
            text.blank().block(&lesson.prose.rule, theme.on_block(theme.block));
            if !lesson.prose.source.is_empty() {
                text.blank().put(&lesson.prose.source, theme.dim);
            }
        }
        Stage::Play => free(text, lesson, scene),
    }
}

fn paragraph(text: &mut Text, paragraph: Option<&std::sync::Arc<str>>, scene: Scene<'_>) {
    text.put(paragraph.map_or("", |p| p), scene.theme.text);
}

fn ask(text: &mut Text, lesson: &Scenario, question: u16, scene: Scene<'_>) {
    let theme = scene.theme;
    let Some(prediction) = lesson.predictions.get(usize::from(question)) else {
        return;
    };
    text.put(&prediction.question, theme.figure).blank();
    let chosen = scene.model.lesson.answer(question);
    for (number, choice) in (1_u8..=9).zip(&prediction.choices) {
        let mine = chosen == Some(u16::from(number) - 1);
        let (sign, style) = if mine {
            ("▸", theme.selected)
        } else {
            (" ", theme.text)
        };
        let press = Some(Action::Lesson(Deed::Number(number)));
        text.item((&format!("{sign} {number}"), theme.key), &choice.text, style, press);
    }
    if chosen.is_some() && prediction.before.is_some() {
        text.blank().put("The clock is held here until you go on.", theme.dim);
    }
}

/// What the script does, what it has done, and what was predicted of it.
fn run(text: &mut Text, lesson: &Scenario, scene: Scene<'_>) {
    let theme = scene.theme;
    let now = play(&scene.facts.live);
    // The first cue is none of the scenario's.
    let came = now.came.saturating_sub(1);
    meddled(text, scene);
    for (number, cue) in (0..).zip(&lesson.script.cues) {
        let told = lesson::cue(cue);
        match number {
            _ if number < came => text.item(("✓", theme.good), &told, theme.dim, None),
            _ if number == came => {
                let now =
                    lesson::count_now(cue, &scene.facts.live).map_or(String::new(), |now| format!(" (now {now})"));
                text.item(("▸", theme.selected), &format!("{told}{now}"), theme.text, None)
            }
            _ => text.item(("·", theme.dim), &told, theme.dim, None),
        };
    }
    if now.over.is_some() {
        text.item(("✓", theme.good), "the run is over: counting …", theme.text, None);
    } else if usize::from(came) == lesson.script.cues.len() {
        text.item(("▸", theme.selected), "the work goes on to its end", theme.text, None);
    }
    let said: Vec<(&Prediction, u16)> = (0..)
        .zip(&lesson.predictions)
        .filter_map(|(question, prediction)| Some((prediction, scene.model.lesson.answer(question)?)))
        .collect();
    for (prediction, answer) in said {
        let Some(choice) = prediction.choices.get(usize::from(answer)) else {
            continue;
        };
        text.blank().put(&prediction.question, theme.dim);
        text.item(("you say", theme.key), &choice.text, theme.text, None);
    }
}

fn meddled(text: &mut Text, scene: Scene<'_>) {
    if scene.model.lesson.hands == Hands::On {
        let warning = "You changed something in this run: what is expected of it may not hold. R plays it untouched.";
        text.item(("!", scene.theme.warn), warning, scene.theme.warn, None);
    }
}

/// A prediction beside what happened.
fn told(text: &mut Text, lesson: &Scenario, question: u16, scene: Scene<'_>) {
    let theme = scene.theme;
    let Some(prediction) = lesson.predictions.get(usize::from(question)) else {
        return;
    };
    let choice = |number: Option<u16>| number.and_then(|number| prediction.choices.get(usize::from(number)));
    let verdict = lesson::verdict(&scene.model.lesson, lesson, question, scene.facts);
    let Some(verdict) = verdict else {
        text.put("counting …", theme.dim);
        return;
    };
    meddled(text, scene);
    text.put(&prediction.question, theme.dim);
    if let Some(said) = choice(verdict.said) {
        let (sign, style) = if verdict.is_right() {
            ("✓ right  ", theme.good)
        } else {
            ("✖ you said", theme.alarm)
        };
        text.item((sign, style), &said.text, theme.text, None);
    }
    match choice(verdict.right) {
        Some(_) if verdict.is_right() => {}
        Some(right) => {
            text.item(("✓ it was  ", theme.good), &right.text, theme.figure, None);
        }
        None => {
            text.item(
                ("?", theme.warn),
                "none of the answers is what happened in this run",
                theme.warn,
                None,
            );
        }
    }
    text.put(&verdict.seen, theme.dim).blank();
    let mine = choice(verdict.said).filter(|_| !verdict.is_right());
    if let Some(mine) = mine.filter(|mine| !mine.if_chosen.is_empty()) {
        text.put(&mine.if_chosen, theme.text).blank();
    }
    text.put(&prediction.because, theme.text);
    surprises(text, scene);
}

/// What did not come as the lesson expects of a run that nobody meddled with.
fn surprises(text: &mut Text, scene: Scene<'_>) {
    let complaints = scene.facts.outcome.as_deref().map_or(Vec::new(), Outcome::complaints);
    if scene.model.lesson.hands == Hands::On || complaints.is_empty() {
        return;
    }
    let theme = scene.theme;
    text.blank();
    text.item(
        ("!", theme.warn),
        "This run went otherwise than the lesson says:",
        theme.warn,
        None,
    );
    for complaint in complaints {
        text.item(("·", theme.warn), &complaint, theme.text, None);
    }
}

/// Goals, and that all else can be tried.
fn free(text: &mut Text, lesson: &Scenario, scene: Scene<'_>) {
    let theme = scene.theme;
    let reached = &scene.model.lesson.reached;
    if lesson.goals.is_empty() {
        text.put(
            "The lab is yours: every key works. R plays the lesson again.",
            theme.text,
        );
        text.blank().put(&lesson.prose.rule, theme.dim);
        return;
    }
    text.put("Now you. Every key of the lab works; ? shows them.", theme.dim);
    for (number, goal) in lesson.goals.iter().enumerate() {
        if reached.get(number).copied().unwrap_or(false) {
            text.item(("✓ reached", theme.good), &goal.text, theme.text, None);
        } else {
            text.item(("○ goal   ", theme.key), &goal.text, theme.text, None);
        }
    }
    if reached.iter().all(|reached| *reached) {
        text.blank()
            .item(("✓", theme.good), "All of it is reached.", theme.good, None);
    }
}
