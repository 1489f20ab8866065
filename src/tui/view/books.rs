//! The books: what was published is done, waits, is with a worker or is lost; if that is not so, it is said in red.

use super::Scene;
use super::pen::{Pen, columns};
use crate::lab::{Balance, Books};
use crate::tui::theme::Theme;
use crate::tui::words;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

type Span = (String, Style);

pub(super) fn draw(buf: &mut Buffer, area: Rect, scene: Scene<'_>) {
    let forms = [long(scene), usual(scene), short(scene), shortest(scene)];
    let width = |spans: &[Span]| spans.iter().map(|(text, _)| columns(text)).sum::<u16>();
    let fitting = forms
        .iter()
        .find(|spans| width(spans) <= area.width)
        .unwrap_or(&forms[3]);
    let mut pen = Pen::new(buf, area, 0);
    for (text, style) in fitting {
        pen.put(text, *style);
    }
}

fn verdict(scene: Scene<'_>) -> Span {
    let Scene { snapshot, theme, .. } = scene;
    match snapshot.books.balance {
        Balance::Balanced => (" ✓ books  ".to_owned(), theme.good),
        Balance::Settling => (" … books  ".to_owned(), theme.dim),
        Balance::Differs(more) => {
            let word = if more < 0 { "fewer" } else { "more" };
            let why = words::difference(more, snapshot.matrix.moment);
            let text = format!(" ✖ the broker has {} {word}: {why} ", more.unsigned_abs());
            (text, theme.alarm_block)
        }
    }
}

/// With trays and hands apart.
fn long(scene: Scene<'_>) -> Vec<Span> {
    let (books, theme) = (&scene.snapshot.books, scene.theme);
    let mut spans = opening(scene, "published");
    term(&mut spans, theme, books.done, "done");
    term(&mut spans, theme, books.waiting, "waiting");
    term(&mut spans, theme, books.tray, "in trays");
    term(&mut spans, theme, books.hand, "in hands");
    closing(&mut spans, books, theme, ("returned", "    done twice "));
    spans
}

fn usual(scene: Scene<'_>) -> Vec<Span> {
    let (books, theme) = (&scene.snapshot.books, scene.theme);
    let mut spans = opening(scene, "published");
    term(&mut spans, theme, books.done, "done");
    term(&mut spans, theme, books.waiting, "waiting");
    term(&mut spans, theme, books.tray + books.hand, "in workers");
    closing(&mut spans, books, theme, ("returned", "  twice "));
    spans
}

fn short(scene: Scene<'_>) -> Vec<Span> {
    let (books, theme) = (&scene.snapshot.books, scene.theme);
    let mut spans = opening(scene, "");
    term(&mut spans, theme, books.done, "done");
    term(&mut spans, theme, books.waiting, "wait");
    term(&mut spans, theme, books.tray + books.hand, "held");
    closing(&mut spans, books, theme, ("ret", " ² "));
    spans
}

/// The bare sum, in the order of the others.
fn shortest(scene: Scene<'_>) -> Vec<Span> {
    let (books, theme) = (&scene.snapshot.books, scene.theme);
    let held = books.tray + books.hand;
    let gone = books.lost + books.returned + books.dead;
    let terms = [books.done, books.waiting, held, gone];
    let sum = terms.map(|n| n.to_string()).join("+");
    vec![
        verdict(scene),
        (format!("{}={sum} ²{}", books.published, books.twice), theme.figure),
    ]
}

fn opening(scene: Scene<'_>, word: &str) -> Vec<Span> {
    let (books, theme) = (&scene.snapshot.books, scene.theme);
    let gap = if word.is_empty() { "=" } else { " =" };
    vec![
        verdict(scene),
        (books.published.to_string(), theme.figure),
        (format!(" {word}{gap}"), theme.dim),
    ]
}

fn term(spans: &mut Vec<Span>, theme: &Theme, count: u32, word: &str) {
    if spans.len() > 3 {
        spans.push((" +".to_owned(), theme.dim));
    }
    spans.push((format!(" {count}"), theme.figure));
    spans.push((format!(" {word}"), theme.dim));
}

fn closing(spans: &mut Vec<Span>, books: &Books, theme: &Theme, words: (&str, &str)) {
    let (returned, twice) = words;
    if books.returned > 0 {
        term(spans, theme, books.returned, returned);
    }
    if books.dead > 0 {
        term(spans, theme, books.dead, "dead");
    }
    spans.push((" +".to_owned(), theme.dim));
    let lost = if books.lost > 0 { theme.alarm } else { theme.dim };
    spans.push((format!(" {} lost", books.lost), lost));
    let style = if books.twice > 0 { theme.block_twice } else { theme.dim };
    spans.push((format!("{twice}{}", books.twice), style));
}
