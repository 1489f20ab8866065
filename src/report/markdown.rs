//! A report as Markdown that reads well as plain text: its tables are aligned.

use super::model::{Answer, Report, Taught};
use super::words::MEDDLED;
use std::fmt::Write as _;
use unicode_width::UnicodeWidthStr as _;

pub(super) fn text(report: &Report) -> String {
    let mut text = format!("# {}\n\n{}\n\n", plain(&report.title), plain(&report.sentence));
    if let Some(by) = &report.by {
        let _ = writeln!(text, "By {}.\n", plain(by));
    }
    section(&mut text, "The books", &books(report));
    if report.meddled {
        let _ = writeln!(text, "**{MEDDLED}**\n");
    }
    section(&mut text, "Predictions", &predictions(&report.predictions));
    section(&mut text, "Expectations", &expectations(report));
    section(&mut text, "Figures", &facts(&report.figures));
    section(&mut text, "Workers", &workers(report));
    section(&mut text, "What survived the broker's end", &survived(report));
    section(&mut text, "What it teaches", &insights(&report.insights));
    section(&mut text, "What happened", &happened(report));
    section(&mut text, "Settings", &facts(&report.settings));
    let again = format!(
        "```sh\n{}\n```\n\n{}\n",
        report.command.replace("```", ""),
        plain(&report.unrepeated)
    );
    section(&mut text, "To repeat it", &again);
    let _ = writeln!(
        text,
        "---\n{}, written {}: {}, {}, seed {}.",
        report.program,
        report.written_words,
        report.played.words(),
        plain(&report.broker),
        report.seed
    );
    text
}

/// Without content it is left out.
fn section(text: &mut String, title: &str, content: &str) {
    if !content.is_empty() {
        let _ = writeln!(text, "## {title}\n\n{}\n", content.trim_end());
    }
}

fn books(report: &Report) -> String {
    let books = &report.books;
    let terms: Vec<String> = books
        .terms
        .iter()
        .map(|(name, count)| format!("{count} {name}"))
        .collect();
    format!(
        "    {} published = {}    (done twice: {})\n\n{}\n",
        books.published,
        terms.join(" + "),
        books.done_twice,
        plain(&books.verdict)
    )
}

fn predictions(answers: &[Answer]) -> String {
    let mut text = String::new();
    for answer in answers {
        let _ = writeln!(text, "- {} **{}**", mark(answer.verdict()), plain(&answer.question));
        let _ = writeln!(
            text,
            "  - chosen: {}",
            answer.chosen.as_deref().map_or_else(|| "—".to_owned(), plain)
        );
        if let Some(right) = &answer.right {
            let _ = writeln!(text, "  - right: {}", plain(right));
        }
        if !answer.because.is_empty() {
            let _ = writeln!(text, "  - {}", plain(&answer.because));
        }
    }
    text
}

const fn mark(verdict: Option<bool>) -> &'static str {
    match verdict {
        Some(true) => "✔",
        Some(false) => "✘",
        None => "·",
    }
}

fn expectations(report: &Report) -> String {
    let Some(outcome) = report
        .outcome
        .as_ref()
        .filter(|outcome| !outcome.expectations.is_empty())
    else {
        return String::new();
    };
    let rows = outcome.expectations.iter().map(|expected| {
        let holds = if expected.holds { "✔ holds" } else { "✘ fails" };
        vec![holds.to_owned(), code(&expected.text), plain(&expected.seen)]
    });
    table(&["", "expected", "seen"], &[], &rows.collect::<Vec<_>>())
}

fn facts(facts: &[super::model::Fact]) -> String {
    let rows = facts
        .iter()
        .map(|fact| vec![plain(fact.name), plain(&fact.value), plain(&fact.note)]);
    table(&["", "", ""], &[], &rows.collect::<Vec<_>>())
}

fn workers(report: &Report) -> String {
    let rows = report.workers.iter().map(|w| {
        vec![
            plain(&w.called()),
            plain(w.speed()),
            w.done.to_string(),
            w.redelivered.to_string(),
            w.twice.to_string(),
            w.lost.to_string(),
            w.unacked.to_string(),
            w.busy_ms.to_string(),
            w.share_percent
                .map_or_else(|| "—".to_owned(), |share| format!("{share} %")),
            plain(&w.state),
        ]
    });
    let head = [
        "worker",
        "speed",
        "done",
        "redelivered",
        "twice",
        "lost",
        "unacked",
        "busy",
        "share",
        "at the end",
    ];
    table(&head, &[1, 2, 3, 4, 5, 6, 7, 8], &rows.collect::<Vec<_>>())
}

fn survived(report: &Report) -> String {
    if report.survived.is_empty() {
        return String::new();
    }
    let rows = report.survived.iter().map(|s| {
        vec![
            plain(&s.queue),
            plain(&s.messages),
            s.kept.to_string(),
            s.confirmed.to_string(),
            plain(&s.survived),
            plain(&s.lost),
            s.done_and_there_again.to_string(),
        ]
    });
    let head = [
        "queue",
        "messages",
        "had to keep",
        "confirmed",
        "survived",
        "lost",
        "done, there again",
    ];
    format!(
        "{}\n\n{}",
        report.survived_words,
        table(&head, &[2, 3, 4, 5, 6], &rows.collect::<Vec<_>>())
    )
}

fn insights(insights: &[Taught]) -> String {
    insights.iter().fold(String::new(), |mut text, taught| {
        let _ = writeln!(text, "### {} ({})\n", plain(taught.title), taught.weight);
        let _ = writeln!(text, "{} ({}).\n", plain(&taught.seen), taught.when);
        if !taught.belief.is_empty() {
            let _ = writeln!(text, "- many believe: {}", plain(taught.belief));
        }
        let _ = writeln!(text, "- the rule: {}", plain(taught.rule));
        let _ = writeln!(text, "- source: {}", plain(taught.source));
        let _ = writeln!(text, "- try next: {}\n", plain(&taught.try_next));
        text
    })
}

fn happened(report: &Report) -> String {
    let (before, omitted) = report.left_out;
    let mut rows: Vec<Vec<String>> = Vec::new();
    for (at, line) in report.happened.iter().enumerate() {
        if at == before && omitted > 0 {
            rows.push(vec![
                "…".to_owned(),
                String::new(),
                format!("{omitted} lines are left out"),
            ]);
        }
        rows.push(vec![line.at_ms.to_string(), line.sign.to_owned(), plain(&line.what)]);
    }
    if rows.is_empty() {
        String::new()
    } else {
        table(&["when", "", "what"], &[0], &rows)
    }
}

/// Aligned; the columns of these numbers to the right.
fn table(head: &[&str], right: &[usize], rows: &[Vec<String>]) -> String {
    let head: Vec<String> = head.iter().map(|&title| title.to_owned()).collect();
    let widest = |at: usize| {
        let cells = std::iter::once(&head).chain(rows).filter_map(|row| row.get(at));
        cells.map(|cell| cell.width()).max().unwrap_or(0).max(3)
    };
    let widths: Vec<usize> = (0..head.len()).map(widest).collect();
    let line = |row: &Vec<String>| {
        let cells = row.iter().zip(&widths).enumerate();
        let cells = cells.fold(String::from("|"), |line, (at, (cell, width))| {
            let gap = " ".repeat(width - cell.width());
            if right.contains(&at) {
                format!("{line} {gap}{cell} |")
            } else {
                format!("{line} {cell}{gap} |")
            }
        });
        cells + "\n"
    };
    let rule = widths.iter().enumerate().fold(String::from("|"), |rule, (at, width)| {
        if right.contains(&at) {
            format!("{rule}{}:|", "-".repeat(width + 1))
        } else {
            format!("{rule}{}|", "-".repeat(width + 2))
        }
    });
    let body: String = rows.iter().map(line).collect();
    format!("{}{rule}\n{body}", line(&head))
}

/// What Markdown would take for its own signs stands for itself; no line breaks.
fn plain(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\r' => safe.push(' '),
            '|' | '<' | '>' | '*' | '_' | '`' | '[' | ']' | '\\' => {
                safe.push('\\');
                safe.push(c);
            }
            _ => safe.push(c),
        }
    }
    safe
}

/// As code; a table's own sign can't stand in it.
fn code(text: &str) -> String {
    let text = text.replace(['\n', '\r', '`'], " ").replace('|', "\\|");
    format!("`{text}`")
}
