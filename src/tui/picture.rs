//! A drawn screen as a text and as a drawing: pure functions of its buffer.
//!
//! In the drawing each run of letters is stretched to the columns it has on the screen, whatever font there is; blocks and
//! lines are drawn, since fonts leave gaps between them.

mod shapes;

#[cfg(test)]
mod tests;

use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};
use std::fmt::Write as _;
use unicode_width::UnicodeWidthStr as _;

/// A column, in tenths of a unit.
const COLUMN: u32 = 84;
/// A line, in tenths of a unit.
const LINE: u32 = 170;
/// From a line's top to the foot of its letters.
const FOOT: u32 = 128;

/// The lines of the screen, without spaces at their ends.
pub(super) fn text(buffer: &Buffer) -> String {
    lines(buffer).fold(String::new(), |mut text, line| {
        let written: String = line.iter().map(|(_, cell)| cell.symbol()).collect();
        text.push_str(written.trim_end());
        text.push('\n');
        text
    })
}

/// The screen with its colours.
pub(super) fn svg(buffer: &Buffer, title: &str) -> String {
    let area = buffer.area;
    let (width, height) = (u32::from(area.width) * COLUMN, u32::from(area.height) * LINE);
    let ground = rgb(ground(buffer), Side::Ground);
    let mut out = String::new();
    let _ = write!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {} {}\" role=\"img\" font-family=\"ui-monospace, \
         SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace\" font-size=\"14\">\n<title>{}</title>\n<rect \
         width=\"100%\" height=\"100%\" fill=\"{ground}\"/>\n",
        tenths(width),
        tenths(height),
        escaped(title)
    );
    for (row, line) in (0_u32..).zip(lines(buffer)) {
        grounds(&mut out, row, &line, &ground);
        letters(&mut out, row, &line);
    }
    out.push_str("</svg>\n");
    out
}

/// A cell with its column; what lies under a wide letter is left out.
type Placed<'b> = (u32, &'b Cell);

fn lines(buffer: &Buffer) -> impl Iterator<Item = Vec<Placed<'_>>> {
    let width = usize::from(buffer.area.width.max(1));
    buffer.content.chunks(width).map(|line| {
        let mut covered = 0;
        let mut placed = Vec::with_capacity(line.len());
        for (column, cell) in (0_u32..).zip(line) {
            if covered > 0 {
                covered -= 1;
                continue;
            }
            covered = cell.symbol().width().saturating_sub(1);
            placed.push((column, cell));
        }
        placed
    })
}

/// How a cell looks, besides its letter.
#[derive(Clone, PartialEq, Eq)]
struct Look {
    ink: String,
    ground: String,
    modifier: Modifier,
}

impl Look {
    fn of(cell: &Cell) -> Self {
        let (mut ink, mut ground) = (rgb(cell.fg, Side::Ink), rgb(cell.bg, Side::Ground));
        if cell.modifier.contains(Modifier::REVERSED) {
            std::mem::swap(&mut ink, &mut ground);
        }
        Self {
            ink,
            ground,
            modifier: cell.modifier.difference(Modifier::REVERSED),
        }
    }
}

fn grounds(out: &mut String, row: u32, line: &[Placed<'_>], usual: &str) {
    for run in runs(line, |(_, cell)| Look::of(cell).ground) {
        let look = Look::of(run[0].1);
        if look.ground != usual {
            rect(
                out,
                (run[0].0 * COLUMN, row * LINE),
                (columns(run) * COLUMN, LINE),
                &look.ground,
            );
        }
    }
}

fn letters(out: &mut String, row: u32, line: &[Placed<'_>]) {
    let is_drawn = |cell: &Cell| shapes::of(cell.symbol()).is_some();
    for run in runs(line, |(_, cell)| (Look::of(cell), is_drawn(cell))) {
        let look = Look::of(run[0].1);
        if is_drawn(run[0].1) {
            for (column, cell) in run {
                let shape = shapes::of(cell.symbol()).unwrap_or_default();
                for (x, y, width, height) in shape {
                    rect(out, (column * COLUMN + x, row * LINE + y), (width, height), &look.ink);
                }
            }
        } else {
            words(out, row, run, &look);
        }
    }
}

/// A run of letters; gaps of several spaces part it, so that what stands apart stays in its column.
fn words(out: &mut String, row: u32, run: &[Placed<'_>], look: &Look) {
    let is_space = |placed: &Placed<'_>| placed.1.symbol().trim().is_empty();
    for word in runs(run, |placed| is_space(placed)).filter(|word| !is_space(&word[0])) {
        let written: String = word.iter().map(|(_, cell)| cell.symbol()).collect();
        let _ = writeln!(
            out,
            "<text x=\"{}\" y=\"{}\" textLength=\"{}\" lengthAdjust=\"spacingAndGlyphs\" fill=\"{}\"{}>{}</text>",
            tenths(word[0].0 * COLUMN),
            tenths(row * LINE + FOOT),
            tenths(columns(word) * COLUMN),
            look.ink,
            adorned(look.modifier),
            escaped(&written)
        );
    }
}

fn adorned(modifier: Modifier) -> String {
    let mut attributes = String::new();
    for (what, attribute) in [
        (Modifier::BOLD, " font-weight=\"700\""),
        (Modifier::ITALIC, " font-style=\"italic\""),
        (Modifier::UNDERLINED, " text-decoration=\"underline\""),
        (Modifier::CROSSED_OUT, " text-decoration=\"line-through\""),
        (Modifier::DIM, " opacity=\".65\""),
    ] {
        if modifier.contains(what) {
            attributes.push_str(attribute);
        }
    }
    attributes
}

/// Pieces of a line that are alike in this.
fn runs<'l, 'b, K: PartialEq>(
    line: &'l [Placed<'b>],
    key: impl Fn(&Placed<'b>) -> K,
) -> impl Iterator<Item = &'l [Placed<'b>]> {
    line.chunk_by(move |one, other| key(one) == key(other))
}

fn columns(run: &[Placed<'_>]) -> u32 {
    let last = run[run.len() - 1];
    let wide = u32::try_from(last.1.symbol().width().max(1)).unwrap_or(1);
    last.0 - run[0].0 + wide
}

fn rect(out: &mut String, (x, y): (u32, u32), (width, height): (u32, u32), fill: &str) {
    let (x, y, width, height) = (tenths(x), tenths(y), tenths(width), tenths(height));
    let _ = writeln!(
        out,
        "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" fill=\"{fill}\" shape-rendering=\"crispEdges\"/>"
    );
}

fn tenths(length: u32) -> String {
    match length % 10 {
        0 => (length / 10).to_string(),
        rest => format!("{}.{rest}", length / 10),
    }
}

/// What XML would take for its own signs stands for itself; what it can't hold at all is left out.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\u{fffe}' | '\u{ffff}' => {}
            c if c.is_control() => {}
            c => safe.push(c),
        }
    }
    safe
}

/// Which of the two a colour is, where the terminal would choose it.
#[derive(Clone, Copy)]
enum Side {
    Ink,
    Ground,
}

/// The ground of most of the screen.
fn ground(buffer: &Buffer) -> Color {
    buffer.content.first().map_or(Color::Reset, |cell| cell.bg)
}

fn rgb(colour: Color, side: Side) -> String {
    let (r, g, b) = match (colour, side) {
        (Color::Rgb(r, g, b), _) => (r, g, b),
        (Color::Reset | Color::White, Side::Ground) | (Color::White, Side::Ink) => (0xFF, 0xFF, 0xFF),
        (Color::Reset | Color::Black, _) => (0, 0, 0),
        (Color::Indexed(number), _) => indexed(number),
        (Color::Red | Color::LightRed, _) => (0xD5, 0x5E, 0x00),
        (Color::Green | Color::LightGreen, _) => (0x00, 0x9E, 0x73),
        (Color::Yellow | Color::LightYellow, _) => (0xE6, 0x9F, 0x00),
        (Color::Blue | Color::LightBlue, _) => (0x00, 0x72, 0xB2),
        (Color::Magenta | Color::LightMagenta, _) => (0xCC, 0x79, 0xA7),
        (Color::Cyan | Color::LightCyan, _) => (0x56, 0xB4, 0xE9),
        (Color::Gray, _) => (0xC0, 0xC0, 0xC0),
        (Color::DarkGray, _) => (0x60, 0x60, 0x60),
    };
    format!("#{r:02x}{g:02x}{b:02x}")
}

/// The cube and the greys that terminals have from 16 on.
fn indexed(number: u8) -> (u8, u8, u8) {
    match number {
        0..16 => (0x80, 0x80, 0x80),
        16..232 => {
            let step = |n: u8| if n == 0 { 0 } else { 55 + 40 * n };
            let place = number - 16;
            (step(place / 36), step(place / 6 % 6), step(place % 6))
        }
        232.. => {
            let grey = 8 + 10 * (number - 232);
            (grey, grey, grey)
        }
    }
}
