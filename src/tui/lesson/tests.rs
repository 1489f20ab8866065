use super::*;
use crate::lab::{LabTime, Snapshot};
use crate::tui::fixtures::{self, lesson as fixture};
use crate::tui::keymap;
use crate::tui::model::Overlay;
use crossterm::event::KeyEvent;
use std::sync::Arc;

/// A learner in front of the lesson of the fixtures.
struct Learner {
    model: Model,
    facts: Facts,
}

impl Learner {
    fn sees(snapshot: &Snapshot) -> Self {
        let facts = fixture::facts(snapshot);
        let mut model = Model::new(snapshot);
        model.view = View::Lesson;
        model.lesson = State::of(&facts.lessons);
        let mut learner = Self { model, facts };
        learner.look();
        learner
    }

    fn look(&mut self) -> bool {
        observe(&mut self.model, &self.facts)
    }

    /// The lab's next picture.
    fn then(&mut self, snapshot: &Snapshot) -> Stage {
        let lessons = self.facts.lessons.clone();
        self.facts = Facts {
            lessons,
            ..fixture::facts(snapshot)
        };
        self.look();
        self.model.lesson.stage
    }

    /// Types keys: `\n` Enter, `<` Backspace, `!` Esc, arrows as they are.
    fn press(&mut self, keys: &str) -> Vec<Effect> {
        let mut effects = Vec::new();
        for key in keys.chars() {
            let code = match key {
                '\n' => KeyCode::Enter,
                '<' => KeyCode::Backspace,
                '!' => KeyCode::Esc,
                '↓' => KeyCode::Down,
                '↑' => KeyCode::Up,
                key => KeyCode::Char(key),
            };
            let action = keymap::action(self.model.place(), KeyEvent::from(code)).expect("a key of the table");
            effects.extend(act(&mut self.model, &self.facts, action));
        }
        effects
    }

    fn stage(&self) -> Stage {
        self.model.lesson.stage
    }

    fn says(&self) -> &str {
        self.model.message.as_ref().map_or("", |message| &message.text)
    }
}

fn resume() -> Vec<Effect> {
    vec![Effect::Ask(Command::Resume)]
}

#[test]
fn a_lesson_is_read_predicted_run_told_and_ruled() {
    let mut learner = Learner::sees(&fixture::before());
    assert_eq!(learner.stage(), Stage::Story(0));
    assert_eq!(learner.press("\n\n"), []);
    assert_eq!(learner.stage(), Stage::Ask(0));
    assert_eq!(learner.press("1\n"), resume());
    assert_eq!(learner.stage(), Stage::Run);
    assert_eq!(learner.then(&fixture::midway()), Stage::Run);
    assert_eq!(learner.then(&fixture::held()), Stage::Ask(1));
    assert_eq!(learner.press("2\n"), resume());
    assert_eq!(learner.then(&fixture::over()), Stage::Told(0));
    assert_eq!(
        learner.model.lesson.orders(),
        [Command::Pause],
        "the picture stays while it is read"
    );
    learner.press("\n");
    assert_eq!(learner.stage(), Stage::Told(1));
    learner.press("\n\n\n");
    assert_eq!(learner.stage(), Stage::Rule);
    let told = LessonNews::Done { right: 1, of: 2 };
    assert_eq!(learner.model.lesson.news(), [told], "the first prediction was wrong");
    learner.press("\n");
    assert_eq!(learner.stage(), Stage::Play);
    assert_eq!(learner.model.lesson.news(), [], "it is told once");
}

#[test]
fn the_clock_is_held_until_a_question_is_answered() {
    let mut learner = Learner::sees(&fixture::before());
    assert_eq!(learner.press(" "), []);
    assert!(learner.says().contains("until the story is read"), "{}", learner.says());
    learner.press("\n\n");
    for key in [" ", ".", "\n"] {
        assert_eq!(learner.press(key), [], "{key:?}");
        assert!(learner.says().contains("answer"), "{}", learner.says());
    }
    learner.model.view = View::Lab;
    assert_eq!(learner.press(" "), []);
    assert!(learner.says().contains("F8"), "{}", learner.says());
    learner.model.view = View::Lesson;
    assert_eq!(learner.press("4"), []);
    assert!(learner.says().contains("1 to 3"), "{}", learner.says());
    assert_eq!(learner.press("31\n"), resume(), "an answer can be changed");
    assert_eq!(learner.model.lesson.answer(0), Some(0));
}

#[test]
fn what_was_read_can_be_read_again_and_the_run_cannot() {
    let mut learner = Learner::sees(&fixture::before());
    learner.press("\n\n<<<<");
    assert_eq!(learner.stage(), Stage::Story(0));
    learner.press("\n\n1\n<");
    assert_eq!(learner.stage(), Stage::Run);
    assert!(learner.says().contains('R'), "{}", learner.says());
    learner.then(&fixture::held());
    learner.press("<");
    assert_eq!(learner.stage(), Stage::Ask(1));
    learner.press("1\n");
    learner.then(&fixture::over());
    learner.press("\n\n\n\n\n<<<<<<<<");
    assert_eq!(learner.stage(), Stage::Told(0));
}

#[test]
fn a_verdict_says_what_was_said_what_happened_and_by_which_numbers() {
    let mut learner = Learner::sees(&fixture::over());
    learner.model.lesson.answers = vec![Some(0), Some(1)];
    let lesson = fixture::scenario();
    let told = |question| verdict(&learner.model.lesson, &lesson, question, &learner.facts).expect("it is over");
    let wrong = told(0);
    assert!(!wrong.is_right());
    assert_eq!((wrong.said, wrong.right), (Some(0), Some(1)));
    assert_eq!(wrong.seen, "W1.done = 20, W2.done = 20");
    assert!(told(1).is_right());
    learner.facts.outcome = None;
    assert_eq!(verdict(&learner.model.lesson, &lesson, 0, &learner.facts), None);
}

#[test]
fn whoever_changes_something_during_the_run_is_told_and_who_only_watches_is_not() {
    let mut learner = Learner::sees(&fixture::before());
    learner.press("\n\n1\n");
    learner.then(&fixture::midway());
    learner.press(" >");
    assert_eq!(learner.model.lesson.hands, Hands::Off);
    learner.press("p");
    assert_eq!(learner.model.lesson.hands, Hands::On);
    let mut learner = Learner::sees(&fixture::over());
    learner.model.lesson.stage = Stage::Play;
    learner.press("p");
    assert_eq!(learner.model.lesson.hands, Hands::Off, "in free play all is allowed");
}

#[test]
fn a_goal_is_ticked_when_it_is_reached_and_stays_so() {
    let mut learner = Learner::sees(&fixture::over());
    learner.model.lesson.stage = Stage::Play;
    let mut lucky = fixture::over();
    (lucky.workers[0].done, lucky.workers[1].done) = (9, 2);
    learner.then(&lucky);
    assert_eq!(learner.model.lesson.reached, [true, false]);
    learner.then(&fixture::over());
    assert_eq!(learner.model.lesson.reached, [true, false]);
    assert_eq!(learner.model.lesson.news(), [LessonNews::Goal(0)]);
    assert!(!learner.look(), "nothing more moves");
}

#[test]
fn goals_count_only_after_the_rule() {
    let mut lucky = fixture::midway();
    lucky.workers[0].done = 1_000;
    let learner = Learner::sees(&lucky);
    assert_eq!(learner.model.lesson.reached, [false, false]);
}

#[test]
fn another_lesson_and_the_same_again_are_another_run() {
    let mut learner = Learner::sees(&fixture::midway());
    let wish = |wish| vec![Effect::Lesson(wish)];
    assert_eq!(learner.press("N"), wish(LessonWish::Row(1)));
    assert_eq!(learner.press("R"), wish(LessonWish::Again));
    learner.model.view = View::Lab;
    assert_eq!(learner.press("R"), wish(LessonWish::Again), "with its own settings");
    learner.model.view = View::Lesson;
    assert_eq!(learner.press("o↓↓"), []);
    assert_eq!(learner.press("\n"), wish(LessonWish::Row(2)));
    assert_eq!(learner.press("!"), []);
    assert_eq!(list(&learner.model, &learner.facts), None, "Esc closes the list");
    learner.press("!");
    assert_eq!(learner.model.view, View::Lab, "and then leaves the lesson");
    learner.facts.lessons.row = Some(15);
    learner.model.view = View::Lesson;
    assert_eq!(learner.press("N"), []);
    assert!(learner.says().contains("last"), "{}", learner.says());
}

#[test]
fn without_a_lesson_the_list_is_shown_and_nothing_is_held() {
    let snapshot = fixtures::prefetch_one();
    let mut learner = Learner::sees(&snapshot);
    learner.facts.lessons.open = None;
    learner.facts.lessons.row = None;
    learner.model.lesson = State::of(&learner.facts.lessons);
    assert_eq!(list(&learner.model, &learner.facts), Some(0));
    assert_eq!(learner.press(" "), [Effect::Ask(Command::Pause)]);
    assert_eq!(learner.press("R"), [Effect::Ask(Command::Reset)]);
    assert_eq!(learner.press("↑\n"), [Effect::Lesson(LessonWish::Row(0))]);
    learner.facts.lessons.shelf = Arc::default();
    assert_eq!(learner.press("\n"), []);
    assert!(learner.says().contains("no lessons"), "{}", learner.says());
    assert_eq!(learner.model.overlay, Overlay::Closed);
}

#[test]
fn numbers_select_workers_where_nothing_is_asked() {
    let mut learner = Learner::sees(&fixture::midway());
    learner.model.lesson.stage = Stage::Run;
    learner.press("2");
    assert_eq!(learner.model.selected, learner.facts.live.workers[1].id);
    learner.press("↑");
    assert_eq!(learner.model.selected, learner.facts.live.workers[0].id);
}

#[test]
fn a_lesson_of_a_rule_alone_comes_to_its_rule() {
    let mut bare = fixture::scenario();
    bare.predictions.clear();
    bare.goals.clear();
    (bare.prose.story, bare.prose.reveal) = (Vec::new(), Vec::new());
    let mut learner = Learner::sees(&fixture::before());
    learner.facts.lessons.open = Some(Arc::new(bare));
    learner.model.lesson = State::of(&learner.facts.lessons);
    assert_eq!(learner.press("\n"), resume());
    assert_eq!(learner.then(&fixture::over()), Stage::Rule);
    assert_eq!(learner.model.lesson.news(), [LessonNews::Done { right: 0, of: 0 }]);
    learner.press("<\n\n");
    assert_eq!(learner.stage(), Stage::Play);
}

#[test]
fn a_clock_that_was_let_go_elsewhere_is_followed() {
    let mut learner = Learner::sees(&fixture::before());
    let mut gone = fixture::midway();
    gone.clock.now = LabTime(1);
    assert_eq!(learner.then(&gone), Stage::Run);
}

#[test]
fn in_the_list_enter_opens_the_marked_lesson_while_a_question_is_asked() {
    let mut learner = Learner::sees(&fixture::before());
    learner.press("\n\n");
    assert_eq!(learner.stage(), Stage::Ask(0));
    assert_eq!(learner.press("o↓\n"), [Effect::Lesson(LessonWish::Row(1))]);
}

#[test]
fn in_the_list_enter_on_the_lesson_that_is_played_goes_back_to_it() {
    let mut learner = Learner::sees(&fixture::midway());
    assert_eq!(learner.press("o\n"), []);
    assert_eq!(list(&learner.model, &learner.facts), None);
    assert_eq!(learner.stage(), Stage::Run);
}

#[test]
fn nothing_begins_behind_the_open_list() {
    let mut learner = Learner::sees(&fixture::midway());
    learner.press("o");
    for key in ["R", "N"] {
        assert_eq!(learner.press(key), [], "{key}");
        assert!(learner.says().contains("Esc"), "{}", learner.says());
    }
}

#[test]
fn from_the_past_a_run_is_not_begun_and_the_stage_stays() {
    for (stage, keys) in [(Stage::Ask(0), "1\n"), (Stage::Rule, "\n")] {
        let mut learner = Learner::sees(&fixture::before());
        learner.model.lesson.stage = stage;
        learner.model.rewind = rewind::State::of_recording(rewind::Ending::Whole);
        assert_eq!(learner.press(keys), []);
        assert_eq!(learner.stage(), stage);
        assert!(!learner.says().is_empty(), "it says why");
    }
}
