//! Reports: asked for here, written elsewhere. A picture of the screen goes along with the wish for one.

use super::action::Action;
use super::event_loop::Screen;
use super::facts::Facts;
use super::keymap::{Binding, Context, Group, ch, line};
use super::lesson::{Hands, Verdict, verdict};
use super::model::Model;
use super::picture;
use super::theme::{Theme, ThemeChoice};
use super::view;
use crate::lab::Seed;
use crate::report::{Answer, Form};
use crate::scenario::{Outcome, Prediction};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot, watch};

/// A wish for a report of the run up to now.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ReportOrder {
    /// Which kind.
    pub form: Form,
    /// The run's seed: it is in the file's name.
    pub seed: u64,
    /// The screen, where that is the report.
    pub picture: Option<String>,
    /// The lesson that is played, if one is.
    pub lesson: Option<Lesson>,
}

/// What a report says of a lesson.
#[derive(Clone, Debug, PartialEq)]
pub struct Lesson {
    /// Its title.
    pub title: Arc<str>,
    /// What opens it again.
    pub command: String,
    /// Whether something was changed by hand while its script played.
    pub meddled: bool,
    /// What was predicted, and what happened.
    pub answers: Vec<Answer>,
    /// What the run came to, once it is over.
    pub outcome: Option<Outcome>,
}

/// Who writes reports.
#[derive(Debug)]
pub struct Reports {
    /// Wishes. Bounded; when it is full a wish is not sent, and the screen says so.
    pub orders: mpsc::Sender<ReportOrder>,
    /// What became of the newest wish, in words.
    pub answers: watch::Receiver<Option<Arc<str>>>,
    /// The screen as it is at its end, for whoever wants it.
    pub last: Option<(Form, oneshot::Sender<String>)>,
}

impl Default for Reports {
    /// Nobody: every wish is answered by the screen itself.
    fn default() -> Self {
        Self {
            orders: mpsc::channel(1).0,
            answers: watch::Sender::default().subscribe(),
            last: None,
        }
    }
}

/// Its key; the palette has the other kinds.
#[rustfmt::skip]
pub(super) const KEYS: &[Binding] = &[
    line(Context::Lab(Group::Lab), &[ch('s')], Action::Report(Form::Html), "s", "write a report of the run, a page to hand in; : has other kinds").foot(18, "report"),
];

/// The kinds that have no key, for the palette.
pub(super) const KEYLESS: [(&str, Action, &str); 5] = [
    (
        "report as Markdown",
        Action::Report(Form::Markdown),
        "text save export hand in",
    ),
    ("report as JSON", Action::Report(Form::Json), "data save export hand in"),
    (
        "report as CSV",
        Action::Report(Form::Csv),
        "sheet table save export hand in",
    ),
    (
        "the screen as a drawing (SVG)",
        Action::Report(Form::Svg),
        "report picture screenshot save export",
    ),
    (
        "the screen as a text file",
        Action::Report(Form::Text),
        "report picture screenshot save export",
    ),
];

/// Sends the wish. Whether it was sent.
pub(super) fn order(screen: &mut Screen<'_>, form: Form) -> bool {
    let Seed(seed) = screen.facts.snapshot.settings.seed;
    let order = ReportOrder {
        form,
        seed,
        picture: form.is_picture().then(|| portrait(screen, form)),
        lesson: of_lesson(&screen.model, &screen.facts),
    };
    let sent = screen.outlets.reports.try_send(order).is_ok();
    if sent {
        screen.model.say("the report is being written");
    }
    sent
}

fn of_lesson(model: &Model, facts: &Facts) -> Option<Lesson> {
    let lesson = facts.lessons.open.as_deref()?;
    let questions = (0..).zip(&lesson.predictions);
    Some(Lesson {
        title: Arc::clone(&lesson.title),
        command: facts.lessons.command.to_string(),
        meddled: model.lesson.hands == Hands::On,
        answers: questions
            .map(|(number, prediction)| {
                answer(verdict(&model.lesson, lesson, number, facts), prediction, || {
                    model.lesson.answer(number)
                })
            })
            .collect(),
        outcome: facts.outcome.as_deref().cloned(),
    })
}

/// Before the run is over nothing is given away.
fn answer(verdict: Option<Verdict>, prediction: &Prediction, said: impl FnOnce() -> Option<u16>) -> Answer {
    let choice = |number: u16| prediction.choices.get(usize::from(number));
    let text = |number: Option<u16>| number.and_then(choice).map(|choice| Arc::clone(&choice.text));
    let question = Arc::clone(&prediction.question);
    let Some(verdict) = verdict else {
        return Answer {
            question,
            chosen: text(said()),
            right: None,
            because: Arc::from(""),
        };
    };
    let wrong = verdict.said.filter(|_| !verdict.is_right()).and_then(choice);
    let why_not = wrong.map_or("", |choice| &*choice.if_chosen);
    Answer {
        question,
        chosen: text(verdict.said),
        right: text(verdict.right),
        because: format!("{why_not} {}", prediction.because).trim().into(),
    }
}

/// The screen leaves, and hands over how it was.
pub(super) fn part(screen: &Screen<'_>, last: Option<(Form, oneshot::Sender<String>)>) {
    if let Some((form, wanted)) = last {
        // Whoever wanted it may have gone.
        let _ = wanted.send(portrait(screen, form));
    }
}

/// The screen as it is, but in full colour, with a ground of its own and without the message line's last words.
fn portrait(screen: &Screen<'_>, form: Form) -> String {
    let chosen = match screen.model.room.theme {
        ThemeChoice::Auto => screen.begun_with,
        chosen => chosen,
    };
    let theme = Theme::portrait(chosen, &|name: &str| std::env::var(name).ok());
    let mut model = screen.model.clone();
    model.message = None;
    let size = model.size;
    let mut tty = match Terminal::new(TestBackend::new(size.width, size.height)) {
        Ok(tty) => tty,
        Err(never) => match never {},
    };
    let drawn = tty.draw(|frame| view::render(frame, &model, &screen.facts, &theme));
    let buffer: &Buffer = match &drawn {
        Ok(frame) => frame.buffer,
        Err(never) => match *never {},
    };
    match form {
        Form::Text => picture::text(buffer),
        _ => picture::svg(
            buffer,
            &format!("dispatch-lab, seed {}", screen.facts.snapshot.settings.seed.0),
        ),
    }
}
