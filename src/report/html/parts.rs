//! The page's sections but for the timeline.

use crate::report::model::{Answer, Fact, MarkKind, Report, Sum, Taught, Worker};
use crate::scenario::Expected;
use maud::{Markup, html};

pub(super) fn books(books: &Sum) -> Markup {
    html! {
        div.equation role="group" aria-label="published is the sum of all fates" {
            (term(books.published, "published", "whole"))
            @for (at, (name, count)) in books.terms.iter().enumerate() {
                span.pair {
                    span.op { @if at == 0 { "=" } @else { "+" } }
                    (term(*count, name, if *count > 0 { kind(name) } else { "none" }))
                }
            }
        }
        p.verdict {
            @if books.balanced { span.good { "✔ " } } @else { span.bad { "✘ " } }
            (books.verdict)
            @if books.done_twice > 0 {
                br;
                span.again { "² " (books.done_twice) " of the jobs done " @if books.done_twice == 1 { "was" } @else { "were" } " done more than once." }
            }
        }
    }
}

fn term(count: u32, name: &str, class: &str) -> Markup {
    html! { span.term.(class) { b { (count) } " " span { (name) } } }
}

fn kind(name: &str) -> &'static str {
    match name {
        "lost" | "returned" | "dead-lettered" => "bad",
        "done" => "good",
        _ => "open",
    }
}

pub(super) fn predictions(answers: &[Answer]) -> Markup {
    html! {
        ol.answers {
            @for answer in answers {
                li.(verdict(answer)) {
                    h3 { (answer.question) }
                    dl {
                        dt { "chosen" }
                        dd { @if let Some(chosen) = &answer.chosen { (mark(answer)) " " (chosen) } @else { "nothing" } }
                        @if let Some(right) = answer.right.as_ref().filter(|_| answer.verdict() != Some(true)) {
                            dt { "it was" }
                            dd { (right) }
                        }
                    }
                    @if !answer.because.is_empty() { p { (answer.because) } }
                }
            }
        }
    }
}

fn verdict(answer: &Answer) -> &'static str {
    match answer.verdict() {
        Some(true) => "right",
        Some(false) => "wrong",
        None => "unanswered",
    }
}

fn mark(answer: &Answer) -> Markup {
    match answer.verdict() {
        Some(true) => html! { span.good { "✔ right:" } },
        Some(false) => html! { span.bad { "✘ not so:" } },
        None => html! {},
    }
}

pub(super) fn expectations(expected: &[Expected]) -> Markup {
    let held = expected.iter().filter(|one| one.holds).count();
    html! {
        (scrolling("Expectations", &html! {
            table {
                caption { span { (held) " of " (expected.len()) @if expected.len() == 1 { " holds" } @else { " hold" } } }
                thead { tr { th scope="col" { "" span.hidden { "verdict" } } th scope="col" { "expected" } th scope="col" { "seen" } } }
                tbody {
                    @for one in expected {
                        tr {
                            td.nowrap { @if one.holds { span.good { "✔ holds" } } @else { span.bad { "✘ fails" } } }
                            th scope="row" { code { (one.text) } }
                            td { (one.seen) }
                        }
                    }
                }
            }
        }))
    }
}

pub(super) fn figures(facts: &[Fact]) -> Markup {
    html! {
        dl.figures {
            @for fact in facts {
                div.(if is_bad(fact) { "figure alarm" } else { "figure" }) {
                    dt { (fact.name) }
                    dd { b { (fact.value) } @if !fact.note.is_empty() { span { (fact.note) } } }
                }
            }
        }
    }
}

fn is_bad(fact: &Fact) -> bool {
    fact.name == "lost" && fact.value != "0"
}

pub(super) fn workers(workers: &[Worker]) -> Markup {
    const SHOWN: usize = 200;
    let most = workers
        .iter()
        .filter_map(|worker| worker.share_percent)
        .max()
        .unwrap_or(0);
    html! {
        (scrolling("Workers", &html! {
            table.numbers {
                caption { span { "What each worker did. A job is counted as often as it was finished." } }
                thead { tr {
                    th scope="col" { "worker" }
                    @for title in ["speed", "done", "redelivered", "twice", "lost", "unacked", "worked"] { th scope="col" { (title) } }
                    th scope="col" { "share of the work" }
                    th.words scope="col" { "at the end" }
                } }
                tbody {
                    @for worker in workers.iter().take(SHOWN) { (worker_row(worker, most)) }
                }
            }
        }))
        @if workers.len() > SHOWN {
            p.note { (workers.len() - SHOWN) " more workers: a report as CSV or JSON has them all." }
        }
    }
}

/// The bar of the one that worked most is full.
fn worker_row(worker: &Worker, most: u32) -> Markup {
    let bar = worker.share_percent.unwrap_or(0) * 100 / most.max(1);
    html! {
        tr {
            th scope="row" { (worker.called()) }
            td { (worker.speed()) }
            td { (worker.done) }
            td { (worker.redelivered) }
            td { @if worker.twice > 0 { span.again { "² " (worker.twice) } } @else { "0" } }
            td { @if worker.lost > 0 { span.bad { "✖ " (worker.lost) } } @else { "0" } }
            td { (worker.unacked) }
            td.nowrap { (worker.busy_ms.to_string()) }
            td.share {
                svg.bar width="100" height="10" viewBox="0 0 100 10" aria-hidden="true" {
                    rect.rail width="100" height="10" rx="2" {}
                    rect.fill width=(bar) height="10" rx="2" {}
                }
                @if let Some(share) = worker.share_percent { (share) " %" } @else { "—" }
            }
            td.words { (worker.state) }
        }
    }
}

pub(super) fn survived(report: &Report) -> Markup {
    html! {
        (scrolling("What survived", &html! {
            table.numbers {
                caption { span { (report.survived_words) } }
                thead { tr {
                    th scope="col" { "queue" }
                    th.words scope="col" { "messages" }
                    @for title in ["had to keep", "confirmed", "survived", "lost", "done, there again"] { th scope="col" { (title) } }
                } }
                tbody {
                    @for kind in &report.survived {
                        tr {
                            th scope="row" { (kind.queue) }
                            td.words { (kind.messages) }
                            td { (kind.kept) }
                            td { (kind.confirmed) }
                            td { (kind.survived) }
                            td { @if kind.lost == "0" { "0" } @else { span.bad { (kind.lost) } } }
                            td { (kind.done_and_there_again) }
                        }
                    }
                }
            }
        }))
    }
}

pub(super) fn insights(insights: &[Taught]) -> Markup {
    html! {
        div.insights {
            @for taught in insights {
                article {
                    h3 { (taught.title) " " span.weight { (taught.weight) } }
                    p { (taught.seen) " " span.soft.nowrap { "(" (taught.when) ")" } }
                    dl {
                        @if !taught.belief.is_empty() {
                            dt { "many believe" }
                            dd.belief { "“" (taught.belief) "”" }
                        }
                        dt { "the rule" }
                        dd.rule { (taught.rule) }
                        dt { "source" }
                        dd { (source(taught.source)) }
                        dt { "try next" }
                        dd { (taught.try_next) }
                    }
                }
            }
        }
    }
}

/// A link where it is an address on the web; nothing is fetched before someone follows it.
fn source(source: &str) -> Markup {
    let host = source.split('/').next().unwrap_or_default();
    let is_address = host.contains('.') && !source.contains(' ');
    html! {
        @if is_address {
            a href={ "https://" (source) } rel="noopener noreferrer" { (source) }
        } @else {
            (source)
        }
    }
}

pub(super) fn happened(report: &Report) -> Markup {
    let (before, omitted) = report.left_out;
    html! {
        (scrolling("What happened", &html! {
            table.log {
                caption { span { "Ends, returns, losses, redeliveries and changes, by the lab clock" } }
                thead { tr { th.when scope="col" { "when" } th scope="col" { "what" } } }
                tbody {
                    @for (at, line) in report.happened.iter().enumerate() {
                        @if at == before && omitted > 0 {
                            tr { td {} td.soft { "… " (omitted) " lines are left out …" } }
                        }
                        tr {
                            td.when.nowrap { (line.at_ms.to_string()) }
                            td { (sign(line.sign)) (line.what) }
                        }
                    }
                }
            }
        }))
    }
}

fn sign(kind: &str) -> Markup {
    match kind {
        "lost" => html! { span.bad { "✖ lost " } },
        "ended" => html! { span.end { (MarkKind::Ended.sign()) " " } },
        "again" => html! { span.again { "↻ " } },
        _ => html! {},
    }
}

pub(super) fn settings(report: &Report) -> Markup {
    html! {
        dl.settings {
            @for fact in &report.settings {
                div {
                    dt { (fact.name) }
                    dd { (fact.value) @if !fact.note.is_empty() { span.changed { (fact.note) } } }
                }
            }
        }
        p.repeat { "To repeat it:" }
        pre tabindex="0" { code { (report.command) } }
        p.note { (report.unrepeated) }
    }
}

/// What may be wider than the page moves in itself.
pub(super) fn scrolling(name: &str, content: &Markup) -> Markup {
    html! { div.scroll role="region" aria-label=(name) tabindex="0" { (content) } }
}
