//! Large digits, as lines of blocks.

/// Columns and lines of a digit's picture.
pub(super) const DIGIT: (u16, u16) = (3, 5);

/// The picture of a sign: five lines of up to three points, from the left; bits from the left, four is the leftmost.
const fn points(sign: char) -> Option<[u8; 5]> {
    Some(match sign {
        '0' => [7, 5, 5, 5, 7],
        '1' => [2, 6, 2, 2, 7],
        '2' => [7, 1, 7, 4, 7],
        '3' => [7, 1, 7, 1, 7],
        '4' => [5, 5, 7, 1, 1],
        '5' => [7, 4, 7, 1, 7],
        '6' => [7, 4, 7, 5, 7],
        '7' => [7, 1, 1, 2, 2],
        '8' => [7, 5, 7, 5, 7],
        '9' => [7, 5, 7, 1, 7],
        ':' => [0, 2, 0, 2, 0],
        '.' => [0, 0, 0, 0, 2],
        '?' => [7, 1, 3, 0, 2],
        '≈' => [0, 3, 6, 3, 6],
        'k' => [4, 5, 6, 5, 5],
        'M' => [5, 7, 7, 5, 5],
        'G' => [7, 4, 5, 5, 7],
        _ => return None,
    })
}

/// The columns that a text takes when a point is `wide` columns wide.
pub(super) fn width(text: &str, wide: u16) -> u16 {
    let signs = u16::try_from(text.chars().count()).unwrap_or(u16::MAX);
    signs.saturating_mul((DIGIT.0 + 1) * wide).saturating_sub(wide)
}

/// One of the five lines of a text's picture.
pub(super) fn line(text: &str, line: usize, wide: u16) -> String {
    let mut shown = String::new();
    for (place, sign) in text.chars().enumerate() {
        let row = points(sign).map_or(0, |points| points[line]);
        if place > 0 {
            push(&mut shown, ' ', wide);
        }
        for point in [4, 2, 1] {
            push(&mut shown, if row & point == 0 { ' ' } else { '█' }, wide);
        }
    }
    shown
}

fn push(text: &mut String, sign: char, times: u16) {
    text.extend(std::iter::repeat_n(sign, usize::from(times)));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sign_that_a_count_may_have_has_a_picture() {
        for sign in "0123456789:.?≈kMG".chars() {
            assert!(
                points(sign).is_some_and(|points| points.iter().any(|row| *row > 0)),
                "{sign}"
            );
        }
    }

    #[test]
    fn a_line_is_as_wide_as_is_told() {
        for text in ["0", "12", "4.1k", "≈1234"] {
            for wide in [1, 2, 4] {
                for row in 0..5 {
                    assert_eq!(line(text, row, wide).chars().count(), usize::from(width(text, wide)));
                }
            }
        }
    }

    #[test]
    fn no_two_digits_look_the_same() {
        let pictures: Vec<_> = "0123456789".chars().map(points).collect();
        for (i, picture) in pictures.iter().enumerate() {
            assert!(!pictures[..i].contains(picture), "{i}");
        }
    }
}
