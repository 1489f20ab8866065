//! Which setting goes down and which across, and how wide the cells are.

use super::Map;

/// Where things stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Layout {
    /// The axis down the side.
    pub(super) down: usize,
    /// The axis along the top, if two settings vary.
    pub(super) across: Option<usize>,
    /// How wide the labels at the side are.
    pub(super) labels: usize,
    /// How wide a cell is: a shade, the number, a mark.
    pub(super) cell: usize,
    /// How many columns are shown.
    pub(super) shown: usize,
}

/// As it was asked for; the other way round where only that fits; else as many columns as there is room for.
pub(super) fn fit(map: &Map<'_>, down: usize, across: Option<usize>) -> Layout {
    let asked = layout(map, down, across);
    let Some(across) = across.filter(|_| !is_whole(map, &asked)) else {
        return asked;
    };
    let turned = layout(map, across, Some(down));
    if is_whole(map, &turned) { turned } else { asked }
}

fn layout(map: &Map<'_>, down: usize, across: Option<usize>) -> Layout {
    let widest = |place: usize| {
        let widths = map.axis(place).values.iter().map(|value| value.chars().count());
        widths.max().unwrap_or(0)
    };
    let labels = widest(down);
    let heads = across.map_or(0, widest);
    let cell = (map.digits() + 2).max(heads + 1);
    let room = map.look.columns.saturating_sub(labels + 2) / cell;
    let columns = across.map_or(1, |across| map.axis(across).values.len());
    Layout {
        down,
        across,
        labels,
        cell,
        shown: columns.min(room.max(1)),
    }
}

fn is_whole(map: &Map<'_>, layout: &Layout) -> bool {
    layout
        .across
        .is_none_or(|across| layout.shown == map.axis(across).values.len())
}
