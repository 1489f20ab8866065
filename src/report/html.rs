//! A report as a page that needs nothing but itself: no script, no picture, no font, no request. It is light or dark as
//! its reader likes it, fits a telephone, and prints.

mod parts;
mod plot;
#[cfg(test)]
mod tests;
mod timeline;

use super::model::Report;
use super::words::MEDDLED;
use maud::{DOCTYPE, Markup, PreEscaped, html};

/// The page's own style; in it are all its colours.
const STYLE: &str = include_str!("html/style.css");
/// Nothing may be fetched, run, framed or sent; the page's own style is all there is.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

pub(super) fn page(report: &Report) -> String {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                meta http-equiv="x-dns-prefetch-control" content="off";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="referrer" content="no-referrer";
                meta name="generator" content=(report.program);
                title { (report.title) " – dispatch-lab" }
                style { (PreEscaped(STYLE)) }
            }
            body {
                (header(report))
                main { (sections(report)) }
                (footer(report))
            }
        }
    };
    page.into_string()
}

fn header(report: &Report) -> Markup {
    html! {
        header {
            p.kicker { "dispatch-lab " span aria-hidden="true" { "·" } " run report" }
            h1 { (report.title) }
            p.lead { (tied(&report.sentence)) }
            @if let Some(by) = &report.by {
                p.by { "Handed in by " strong { (by) } }
            } @else {
                p.name-line aria-hidden="true" { "Name " span {} " Date " span {} }
            }
            ul.tags {
                li { (report.played.words()) }
                li { (report.broker) }
                li { "seed " (report.seed) }
                li { (report.ended_ms) " of lab time" }
                li { "written " time datetime=(report.written) { (report.written_words) } }
            }
        }
    }
}

/// Those without content are left out.
fn sections(report: &Report) -> Markup {
    html! {
        (section("books", "The books", &parts::books(&report.books)))
        @if report.meddled { p.meddled { span.bad { "! " } (MEDDLED) } }
        @if !report.predictions.is_empty() {
            (section("predictions", "Predictions", &parts::predictions(&report.predictions)))
        }
        @if let Some(outcome) = report.outcome.as_ref().filter(|outcome| !outcome.expectations.is_empty()) {
            (section("expectations", "Expectations", &parts::expectations(&outcome.expectations)))
        }
        (section("figures", "In numbers", &parts::figures(&report.figures)))
        (section("timeline", "Timeline", &timeline::draw(report)))
        (section("workers", "Workers", &parts::workers(&report.workers)))
        @if !report.survived.is_empty() {
            (section("survived", "What survived the broker’s end", &parts::survived(report)))
        }
        @if !report.insights.is_empty() {
            (section("insights", "What it teaches", &parts::insights(&report.insights)))
        }
        @if !report.happened.is_empty() {
            (section("happened", "What happened", &parts::happened(report)))
        }
        (section("settings", "Settings, and how to repeat it", &parts::settings(report)))
    }
}

/// Numbers stay on the line of their units.
fn tied(text: &str) -> String {
    let mut tied = String::with_capacity(text.len() + 8);
    let mut before = ' ';
    for (at, c) in text.char_indices() {
        let unit = [" s,", " s;", " s.", " ms", " ×", " %", " min"];
        let rest = &text[at..];
        let follows =
            || rest[1..].starts_with(|c: char| c.is_ascii_digit()) || unit.iter().any(|u| rest.starts_with(u));
        let joins = before.is_ascii_digit() && c == ' ' && follows();
        tied.push(if joins { '\u{a0}' } else { c });
        before = c;
    }
    tied
}

fn section(id: &str, title: &str, content: &Markup) -> Markup {
    html! {
        section id=(id) aria-labelledby={ "h-" (id) } {
            h2 id={ "h-" (id) } { (title) }
            (content)
        }
    }
}

fn footer(report: &Report) -> Markup {
    html! {
        footer {
            p {
                "Written by " (report.program) " at " (report.written_words)
                ". All times are lab time. This page loads nothing; it can be kept, mailed and printed as it is."
            }
        }
    }
}
