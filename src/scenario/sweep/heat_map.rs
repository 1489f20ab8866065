//! The measure over one, two or three settings: a map whose cells have a shade and the number.
//!
//! The shade is a background colour, or a sign where there are no colours; the number is always there, so that nothing
//! is said by shade alone. All maps of a sweep have the same shades.

mod layout;

use super::super::expression::Unit;
use super::measure::Measure;
use super::standing::Standing;
use super::table::{DOUBT, best_is, broken_off, reads_best, title};
use super::{Axis, Sweep};
use layout::{Layout, fit};
use std::fmt::Write;

/// How it is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// So many columns of text.
    pub columns: usize,
    /// So many rows of a map, and so many maps, at most.
    pub rows: usize,
    /// By colours or signs.
    pub paint: Paint,
}

/// What the shades are made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paint {
    /// Backgrounds of the 256 colours.
    Coloured,
    /// Signs.
    Plain,
}

/// From low to high, as backgrounds and the ink that can be read on them: lightness grows evenly, from blue to yellow, so
/// that those who see few colours see the same order, on a dark ground and on a light one.
const COLOURS: [(u8, u8); 7] = [
    (17, 231),
    (24, 231),
    (60, 231),
    (102, 16),
    (144, 16),
    (186, 16),
    (228, 16),
];

/// The same as signs.
const SIGNS: [char; 5] = [' ', '░', '▒', '▓', '█'];

/// With a greater ratio of the highest to the lowest, equal steps of shade are equal ratios.
const EVENLY: f64 = 4.0;

/// The maps, with their line ends; `None`: there is nothing to draw, or no such map: none or more than three settings
/// vary.
pub fn heat_map(sweep: &Sweep, look: Look) -> Option<String> {
    let varied = |place: &usize| sweep.grid.axes()[*place].values.len() > 1;
    let varied: Vec<usize> = (0..sweep.grid.axes().len()).filter(varied).collect();
    let (down, across, third) = match *varied.as_slice() {
        [down] => (down, None, None),
        [down, across] => (down, Some(across), None),
        [down, across, third] => (down, Some(across), Some(third)),
        _ => return None,
    };
    let scale = Scale::of(sweep)?;
    let map = Map { sweep, look, scale };
    let layout = fit(&map, down, across);
    let mut text = format!("{}: {}\n", title(sweep), map.heading(&layout));
    match third.map(|third| (third, &sweep.grid.axes()[third])) {
        None => map.draw(&mut text, &layout, None),
        Some((third, axis)) => {
            for (place, value) in axis.values.iter().enumerate().take(look.rows) {
                let _ = writeln!(text, "\n {} {value}", axis.setting);
                map.draw(&mut text, &layout, Some((third, place)));
            }
        }
    }
    map.legend(&mut text);
    broken_off(&mut text, sweep);
    for (place, shown) in [
        (Some(layout.down), look.rows),
        (layout.across, layout.shown),
        (third, look.rows),
    ] {
        map.left_out(&mut text, place, shown);
    }
    Some(text)
}

/// From numbers to shades and to short texts.
#[derive(Clone, Copy, Debug)]
struct Scale {
    measure: Measure,
    lowest: f64,
    highest: f64,
    decimals: usize,
    /// What one is, in the unit of the map: 0.001 for milliseconds told as seconds.
    factor: f64,
    unit: &'static str,
}

impl Scale {
    fn of(sweep: &Sweep) -> Option<Self> {
        let all = sweep
            .standings()
            .filter_map(Standing::spread)
            .map(|spread| spread.median);
        let sound: Vec<f64> = sweep.standings().filter_map(Standing::sound).collect();
        let largest = all.fold(f64::NEG_INFINITY, f64::max);
        if largest == f64::NEG_INFINITY {
            return None;
        }
        let measure = sweep.measure;
        let (factor, unit) = match measure.unit() {
            Unit::Time if largest >= 1000.0 => (0.001, "s"),
            Unit::Time => (1.0, "ms"),
            Unit::Part if measure.say(Some(0.5)).ends_with('%') => (100.0, "%"),
            Unit::Part | Unit::Count | Unit::Worker => (1.0, ""),
        };
        let decimals = match (measure.unit(), unit) {
            (Unit::Part, "") => 2,
            (Unit::Part, _) => 0,
            (Unit::Count | Unit::Worker, _) => usize::from(sweep.grid.seeds() > 1),
            (Unit::Time, _) => usize::from(largest * factor < 1000.0),
        };
        Some(Self {
            measure,
            lowest: sound.iter().copied().fold(f64::INFINITY, f64::min),
            highest: sound.iter().copied().fold(f64::NEG_INFINITY, f64::max),
            decimals,
            factor,
            unit,
        })
    }

    fn say(&self, number: f64) -> String {
        format!("{:.*}", self.decimals, number * self.factor)
    }

    fn is_even(&self) -> bool {
        self.lowest <= 0.0 || self.highest / self.lowest <= EVENLY
    }

    /// How far it is from the lowest to the highest: 0 to 1.
    fn part(&self, number: f64) -> f64 {
        let (low, high, number) = if self.is_even() {
            (self.lowest, self.highest, number)
        } else {
            (self.lowest.ln(), self.highest.ln(), number.ln())
        };
        if high > low { (number - low) / (high - low) } else { 0.0 }
    }
}

/// The one of these shades that is so far from the lowest.
fn shade<T: Copy, const N: usize>(shades: [T; N], part: f64) -> T {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "the part is from 0 to 1, and there are a few shades"
    )]
    let place = (part * N as f64) as usize;
    shades[place.min(N - 1)]
}

/// A cell before it is drawn.
struct Cell {
    number: String,
    /// How far from the lowest; `None`: it can't be compared, or there is nothing.
    shade: Option<f64>,
    mark: char,
}

/// All that drawing needs.
struct Map<'a> {
    sweep: &'a Sweep,
    look: Look,
    scale: Scale,
}

impl Map<'_> {
    fn axis(&self, place: usize) -> &Axis {
        &self.sweep.grid.axes()[place]
    }

    fn cell(&self, combination: usize) -> Cell {
        let standing = self.sweep.standing(combination);
        let Some(spread) = standing.spread() else {
            return Cell {
                number: "-".to_owned(),
                shade: None,
                mark: ' ',
            };
        };
        let mark = match standing {
            Standing::Doubtful(_) => '!',
            Standing::Sound(spread) if reads_best(self.sweep, spread) => '*',
            _ => ' ',
        };
        Cell {
            number: self.scale.say(spread.median),
            shade: standing.sound().map(|number| self.scale.part(number)),
            mark,
        }
    }

    /// The widest number.
    fn digits(&self) -> usize {
        let numbers = self.sweep.standings().filter_map(Standing::spread);
        let widths = numbers.map(|spread| self.scale.say(spread.median).len());
        widths.max().unwrap_or(1)
    }

    fn heading(&self, layout: &Layout) -> String {
        let mut words = self.scale.measure.to_string();
        if !self.scale.unit.is_empty() {
            let _ = write!(words, " in {}", self.scale.unit);
        }
        let _ = match layout.across {
            Some(across) => write!(
                words,
                ", {} down, {} across",
                self.axis(layout.down).setting,
                self.axis(across).setting
            ),
            None => write!(words, " by {}", self.axis(layout.down).setting),
        };
        words
    }

    fn draw(&self, text: &mut String, layout: &Layout, third: Option<(usize, usize)>) {
        let mut places = vec![0; self.sweep.grid.axes().len()];
        if let Some((axis, place)) = third {
            places[axis] = place;
        }
        let mut head = " ".repeat(layout.labels + 2);
        for place in 0..layout.shown {
            let label = layout.across.map_or("", |across| &*self.axis(across).values[place]);
            // It stands above the number: before the mark.
            let _ = write!(head, "{label:>0$} ", layout.cell - 1);
        }
        if layout.across.is_some() {
            let _ = writeln!(text, "{}", head.trim_end());
        }
        let rows = self.axis(layout.down).values.iter().enumerate();
        for (row, value) in rows.take(self.look.rows) {
            places[layout.down] = row;
            let mut line = format!(" {value:>0$} ", layout.labels);
            let mut empty = true;
            for column in 0..layout.shown {
                if let Some(across) = layout.across {
                    places[across] = column;
                }
                let combination = self.sweep.grid.number(&places);
                empty &= self.sweep.of(combination).next().is_none();
                self.paint(&mut line, &self.cell(combination), layout.cell);
            }
            // Of a sweep that was broken off, rows that never began have nothing to say.
            if !empty {
                let _ = writeln!(text, "{}", line.trim_end());
            }
        }
    }

    fn paint(&self, line: &mut String, cell: &Cell, width: usize) {
        let Cell { number, mark, .. } = cell;
        let number_width = width - 2;
        let _ = match (self.look.paint, cell.shade) {
            (Paint::Coloured, Some(part)) => {
                let (ground, ink) = shade(COLOURS, part);
                let bold = if *mark == '*' { "1;" } else { "" };
                write!(
                    line,
                    "\x1b[{bold}38;5;{ink};48;5;{ground}m {number:>number_width$}{mark}\x1b[0m"
                )
            }
            (Paint::Plain, Some(part)) => write!(line, "{}{number:>number_width$}{mark}", shade(SIGNS, part)),
            (_, None) => write!(line, " {number:>number_width$}{mark}"),
        };
    }

    fn legend(&self, text: &mut String) {
        let scale = &self.scale;
        if scale.highest > scale.lowest {
            let mut shades = String::new();
            match self.look.paint {
                Paint::Coloured => COLOURS.iter().for_each(|(ground, _)| {
                    let _ = write!(shades, "\x1b[48;5;{ground}m  \x1b[0m");
                }),
                Paint::Plain => shades.extend(SIGNS.iter().flat_map(|sign| [*sign; 2])),
            }
            let [low, high] = [scale.lowest, scale.highest].map(|number| scale.measure.say(Some(number)));
            let ratios = if scale.is_even() { "" } else { ", in equal ratios" };
            let _ = writeln!(text, "  {low} [{shades}] {high}{ratios}");
        }
        if self.sweep.best().is_some() {
            let _ = writeln!(text, "  * {}", best_is(scale.measure));
        }
        if self.sweep.standings().any(|s| matches!(s, Standing::Doubtful(_))) {
            let _ = writeln!(text, "  ! {DOUBT}");
        }
    }

    /// The values of a setting for which there was no room.
    fn left_out(&self, text: &mut String, axis: Option<usize>, shown: usize) {
        let Some(axis) = axis.map(|place| self.axis(place)) else {
            return;
        };
        let (setting, rest) = (&axis.setting, axis.values.get(shown..).unwrap_or_default());
        let _ = match rest {
            [] => Ok(()),
            [only] => writeln!(text, "  no room for {setting} {only}: --table has all"),
            [first, .., last] => writeln!(text, "  no room for {setting} {first} to {last}: --table has all"),
        };
    }
}
