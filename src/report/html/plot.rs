//! Lengths in a drawing: integers, so that a page is the same wherever it is written.

use crate::report::model::Micros;

/// The whole drawing.
pub(super) const WIDTH: u64 = 960;
/// For the names at its left.
pub(super) const LEFT: u64 = 52;
/// For the half of the last label.
pub(super) const RIGHT: u64 = 24;

/// Tenths of a unit of the drawing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Tenths(pub(super) u64);

impl Tenths {
    pub(super) const fn minus(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

/// `12.5`, and `12` without a fraction.
impl maud::Render for Tenths {
    fn render_to(&self, buffer: &mut String) {
        buffer.push_str(&self.text());
    }
}

impl Tenths {
    pub(super) fn text(self) -> String {
        match self.0 % 10 {
            0 => (self.0 / 10).to_string(),
            rest => format!("{}.{rest}", self.0 / 10),
        }
    }
}

/// From lab time to places.
#[derive(Clone, Copy, Debug)]
pub(super) struct Axis {
    end_us: u64,
}

impl Axis {
    /// Up to that moment; at least a second.
    pub(super) fn until(end: Micros) -> Self {
        Self {
            end_us: end.0.max(1_000_000),
        }
    }

    pub(super) fn x(self, at: Micros) -> Tenths {
        let span = (WIDTH - LEFT - RIGHT) * 10;
        let along = u128::from(at.0.min(self.end_us)) * u128::from(span) / u128::from(self.end_us);
        Tenths(LEFT * 10 + u64::try_from(along).unwrap_or(span))
    }

    /// Moments with a label: round numbers of seconds or minutes, at most ten.
    pub(super) fn ticks(self) -> Vec<(Micros, String)> {
        const STEPS_S: [u64; 16] = [
            1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400, 43_200,
        ];
        let seconds = self.end_us / 1_000_000;
        let step = STEPS_S.into_iter().find(|step| seconds / step <= 10);
        let step = step.unwrap_or_else(|| (seconds / 10).max(1));
        let moments = (0..=seconds / step).map(|n| n * step);
        moments.map(|at| (Micros(at * 1_000_000), label(at, step))).collect()
    }
}

fn label(at_s: u64, step_s: u64) -> String {
    match (at_s, step_s) {
        (0, _) => "0".to_owned(),
        (_, 0..60) => format!("{at_s} s"),
        (_, 60..3_600) => format!("{} min", at_s / 60),
        _ => format!("{}.{} h", at_s / 3_600, at_s % 3_600 / 360),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_few_and_round() {
        for (end_s, first, last, count) in [
            (0, "0", "1 s", 2),
            (7, "0", "7 s", 8),
            (61, "0", "60 s", 7),
            (600, "0", "10 min", 11),
            (4_000, "0", "60 min", 7),
            (90_000, "0", "24.0 h", 7),
        ] {
            let ticks = Axis::until(Micros(end_s * 1_000_000)).ticks();
            let labels: Vec<&str> = ticks.iter().map(|(_, label)| label.as_str()).collect();
            assert_eq!(
                (labels[0], labels[labels.len() - 1], labels.len()),
                (first, last, count),
                "{end_s}"
            );
        }
    }

    #[test]
    fn places_lie_in_the_drawing() {
        let axis = Axis::until(Micros(100_000_000));
        assert_eq!(axis.x(Micros(0)).text(), "52");
        assert_eq!(axis.x(Micros(100_000_000)).text(), "936");
        assert_eq!(
            axis.x(Micros(900_000_000)).text(),
            "936",
            "what is later stands at the end"
        );
        assert_eq!(axis.x(Micros(33_333_333)).text(), "346.6");
    }
}
