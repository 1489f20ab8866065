//! Which lines a change made: the longest common run of lines stays unmarked.

/// A line of the new text, or one that is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// It was there before.
    Same,
    /// It is new.
    New,
    /// It was there before, and is not any more.
    Gone,
}

/// A line with its mark.
pub type Marked<'t> = (Mark, &'t str);

/// The new text, line by line, with what is gone where it was.
pub fn marked<'t>(before: &'t str, after: &'t str) -> Vec<Marked<'t>> {
    let (old, new): (Vec<&str>, Vec<&str>) = (before.lines().collect(), after.lines().collect());
    let lengths = common(&old, &new);
    let (mut i, mut j) = (0, 0);
    let mut all = Vec::with_capacity(new.len());
    while i < old.len() || j < new.len() {
        if i < old.len() && j < new.len() && old[i] == new[j] {
            all.push((Mark::Same, new[j]));
            (i, j) = (i + 1, j + 1);
        } else if j == new.len() || (i < old.len() && lengths[i + 1][j] >= lengths[i][j + 1]) {
            all.push((Mark::Gone, old[i]));
            i += 1;
        } else {
            all.push((Mark::New, new[j]));
            j += 1;
        }
    }
    all
}

/// How many lines the rests of both have in common, from each pair of places on.
fn common(old: &[&str], new: &[&str]) -> Vec<Vec<u16>> {
    let mut lengths = vec![vec![0_u16; new.len() + 1]; old.len() + 1];
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            lengths[i][j] = if old[i] == new[j] {
                lengths[i + 1][j + 1] + 1
            } else {
                lengths[i + 1][j].max(lengths[i][j + 1])
            };
        }
    }
    lengths
}
