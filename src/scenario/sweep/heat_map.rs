//! The measure over one, two or three settings: a map whose cells have a shade and the number.
//!
//! The shade is a background colour, or a sign where there are no colours; the number is always there, so that nothing
//! is said by shade alone. All maps of a sweep have the same shades.

mod layout;

use super::super::expression::Unit;
use super::measure::Measure;
use super::standing::Standing;
use super::table::{DOUBT, best_is, reads_best, title};
use super::{Axis, Sweep};
use layout::{Layout, fit};
use std::fmt::Write;

/// How it is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// So many columns of text.
    pub columns: usize,
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
const COLOURS: [(u8, u8); 5] = [(17, 231), (60, 231), (102, 16), (144, 16), (228, 16)];

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
            for (place, value) in axis.values.iter().enumerate() {
                let _ = writeln!(text, "\n {} {value}", axis.setting);
                map.draw(&mut text, &layout, Some((third, place)));
            }
        }
    }
    map.legend(&mut text, &layout);
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

    /// The place among the shades.
    fn shade(&self, number: f64) -> usize {
        let (low, high, number) = if self.is_even() {
            (self.lowest, self.highest, number)
        } else {
            (self.lowest.ln(), self.highest.ln(), number.ln())
        };
        if high <= low {
            return 0;
        }
        let part = (number - low) / (high - low);
        let steps = f64::from(u8::try_from(SIGNS.len()).unwrap_or(u8::MAX));
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "the part is from 0 to 1: a small number, which is not negative"
        )]
        let place = (part * steps) as usize;
        place.min(SIGNS.len() - 1)
    }
}

/// A cell before it is drawn.
struct Cell {
    number: String,
    /// None: it can't be compared, or there is nothing.
    shade: Option<usize>,
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
            shade: standing.sound().map(|number| self.scale.shade(number)),
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
        for (row, value) in self.axis(layout.down).values.iter().enumerate() {
            places[layout.down] = row;
            let mut line = format!(" {value:>0$} ", layout.labels);
            for column in 0..layout.shown {
                if let Some(across) = layout.across {
                    places[across] = column;
                }
                let cell = self.cell(self.sweep.grid.number(&places));
                self.paint(&mut line, &cell, layout.cell);
            }
            let _ = writeln!(text, "{}", line.trim_end());
        }
    }

    fn paint(&self, line: &mut String, cell: &Cell, width: usize) {
        let Cell { number, shade, mark } = cell;
        let number_width = width - 2;
        let _ = match (self.look.paint, shade) {
            (Paint::Coloured, Some(shade)) => {
                let (ground, ink) = COLOURS[*shade];
                let bold = if *mark == '*' { "1;" } else { "" };
                write!(
                    line,
                    "\x1b[{bold}38;5;{ink};48;5;{ground}m {number:>number_width$}{mark}\x1b[0m"
                )
            }
            (Paint::Plain, Some(shade)) => write!(line, "{}{number:>number_width$}{mark}", SIGNS[*shade]),
            (_, None) => write!(line, " {number:>number_width$}{mark}"),
        };
    }

    fn legend(&self, text: &mut String, layout: &Layout) {
        let scale = &self.scale;
        if scale.highest > scale.lowest {
            let mut shades = String::new();
            for (ground, sign) in COLOURS.iter().map(|colour| colour.0).zip(SIGNS) {
                let _ = match self.look.paint {
                    Paint::Coloured => write!(shades, "\x1b[48;5;{ground}m  \x1b[0m"),
                    Paint::Plain => write!(shades, "{sign}{sign}"),
                };
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
        if let Some(across) = layout.across.map(|across| self.axis(across))
            && let [first, .., last] | [first @ last] = &across.values[layout.shown..]
        {
            let setting = &across.setting;
            let columns = self.look.columns;
            let _ = writeln!(
                text,
                "  left out: {setting} {first} to {last}, for which {columns} columns have no room"
            );
        }
    }
}
