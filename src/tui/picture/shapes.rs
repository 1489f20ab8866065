//! Blocks and lines as rectangles within a cell: left, top, width and height in tenths of a unit.

use super::{COLUMN, LINE};

/// A rectangle within a cell.
type Part = (u32, u32, u32, u32);

/// Half the width of a thin line, and of a thick one.
const THIN: u32 = 6;
const THICK: u32 = 13;

/// The parts of a block or a line; `None`: it is a letter.
pub(super) fn of(symbol: &str) -> Option<Vec<Part>> {
    let mut letters = symbol.chars();
    let sign = letters.next().filter(|_| letters.next().is_none())?;
    block(sign).map(|part| vec![part]).or_else(|| lines(sign))
}

fn block(sign: char) -> Option<Part> {
    let eighth = |n: u32| (0, LINE - LINE * n / 8, COLUMN, LINE * n / 8);
    let left = |n: u32| (0, 0, COLUMN * n / 8, LINE);
    let code = u32::from(sign);
    match sign {
        '▁'..='█' => Some(eighth(code - u32::from('▁') + 1)),
        '▉'..='▏' => Some(left(7 - (code - u32::from('▉')))),
        '▐' => Some((COLUMN / 2, 0, COLUMN - COLUMN / 2, LINE)),
        '▀' => Some((0, 0, COLUMN, LINE / 2)),
        _ => None,
    }
}

/// Whether a line goes up, right, down and left, and how thick it is.
fn arms(sign: char) -> Option<([bool; 4], u32)> {
    const SIGNS: [(&str, [bool; 4]); 13] = [
        ("─━", [false, true, false, true]),
        ("│┃", [true, false, true, false]),
        ("┌┏", [false, true, true, false]),
        ("┐┓", [false, false, true, true]),
        ("└┗", [true, true, false, false]),
        ("┘┛", [true, false, false, true]),
        ("├┣", [true, true, true, false]),
        ("┤┫", [true, false, true, true]),
        ("┬┳", [false, true, true, true]),
        ("┴┻", [true, true, false, true]),
        ("┼╋", [true, true, true, true]),
        ("╷╻", [false, false, true, false]),
        ("╵╹", [true, false, false, false]),
    ];
    SIGNS.iter().find_map(|(pair, arms)| {
        let place = pair.chars().position(|c| c == sign)?;
        Some((*arms, if place == 0 { THIN } else { THICK }))
    })
}

fn lines(sign: char) -> Option<Vec<Part>> {
    let ([up, right, down, left], half) = arms(sign)?;
    let (x, y) = (COLUMN / 2, LINE / 2);
    let parts = [
        (up, (x - half, 0, 2 * half, y + half)),
        (right, (x - half, y - half, COLUMN - x + half, 2 * half)),
        (down, (x - half, y - half, 2 * half, LINE - y + half)),
        (left, (0, y - half, x + half, 2 * half)),
    ];
    Some(
        parts
            .into_iter()
            .filter_map(|(is_there, part)| is_there.then_some(part))
            .collect(),
    )
}
