//! Reports: what a learner hands in and a teacher reads. The same from a run in real time, a simulated one and a
//! recording, since all of them give events.
//!
//! ```text
//!  events ──▶ Course ─┐
//!  the last Snapshot ─┼─▶ Report ──▶ a page (HTML), Markdown, JSON, CSV
//!  About ─────────────┘
//! ```
//!
//! Nothing here reads a clock or writes a file: the time of day is an argument, and a report is a text.
//!
//! | file | what |
//! |---|---|
//! | `course` | the whole run, folded from its events: timelines, what waited, what happened, in bounded memory |
//! | `form` | the kinds of reports, by the endings of their files |
//! | `model` | a report as data |
//! | `gather` | course, picture and circumstances → report |
//! | `words` | its sentences, and the settings in words |
//! | `again` | the command line that repeats a run |
//! | `date` | a date from seconds |
//! | `html` | the page; its style, its timelines |
//! | `markdown`, `json`, `sheet` | the other texts |

mod again;
mod course;
mod date;
mod form;
mod gather;
mod html;
mod json;
mod markdown;
mod model;
mod sheet;
#[cfg(test)]
mod tests;
mod words;

pub use again::command_line;
pub use course::Course;
pub use date::Written;
pub use form::{Form, UnknownForm};
pub use gather::About;
pub use json::SCHEMA;
pub use model::{Answer, Played, Report};

impl Report {
    /// The report as a text of that form; `None` of a picture of the screen, which only the screen can give.
    pub fn text(&self, form: Form) -> Option<String> {
        match form {
            Form::Html => Some(html::page(self)),
            Form::Markdown => Some(markdown::text(self)),
            Form::Json => Some(json::text(self)),
            Form::Csv => Some(sheet::text(self)),
            Form::Svg | Form::Text => None,
        }
    }
}
