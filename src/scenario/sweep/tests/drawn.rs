//! The table and the heat map, as they are seen.

use super::*;

const PLAIN: Look = Look {
    columns: 80,
    rows: 40,
    paint: Paint::Plain,
};

/// The more workers the sooner, but for two that lost a job; prefetch 1 is best.
fn made_up(vary: &[&str], seeds: usize) -> Sweep {
    sweep(vary, seeds, "makespan", |n, seed| {
        let columns = n % 9;
        let row = n / 9;
        let good =
            done_in(61.0 / (1.0 + places(columns)) * (1.0 + (places(row % 5) - 1.0).powi(2) / 8.0) + places(seed));
        Some(match n {
            4 | 11 => Outcome {
                done: 39,
                lost: 1,
                ..good
            },
            _ => good,
        })
    })
}

fn widest(text: &str) -> usize {
    text.lines().map(|line| line.chars().count()).max().unwrap_or(0)
}

#[test]
fn heat_map_of_two_settings_fits_eighty_columns() {
    let swept = made_up(&["prefetch=0,1,2,5,10", "workers=2..10"], 1);
    let map = heat_map(&swept, PLAIN).expect("there is one");
    assert!(widest(&map) <= 80, "{map}");
    insta::assert_snapshot!("two_settings", map);
}

#[test]
fn colours_say_nothing_that_the_text_does_not() {
    let swept = made_up(&["prefetch=0,1,2,5,10", "workers=2..10"], 1);
    let look = Look {
        paint: Paint::Coloured,
        ..PLAIN
    };
    let coloured = heat_map(&swept, look).expect("there is one");
    let mut bare = String::new();
    for (number, part) in coloured.split('\x1b').enumerate() {
        bare.push_str(if number == 0 {
            part
        } else {
            part.split_once('m').map_or(part, |(_, text)| text)
        });
    }
    let plain = heat_map(&swept, PLAIN).expect("there is one");
    let words = |text: &str| {
        let signs = text.replace(['░', '▒', '▓', '█'], " ");
        signs.split_whitespace().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(words(&bare), words(&plain));
    assert!(
        coloured
            .lines()
            .all(|line| !line.contains('\x1b') || line.ends_with("\x1b[0m") || line.contains("] "))
    );
}

#[test]
fn map_is_turned_where_only_that_fits_and_says_what_it_leaves_out() {
    let swept = made_up(&["prefetch=0,1,2", "workers=2..30"], 1);
    let map = heat_map(&swept, PLAIN).expect("there is one");
    assert!(
        map.contains("workers down, prefetch across") && widest(&map) <= 80,
        "{map}"
    );
    assert!(!map.contains("no room"), "{map}");
    let swept = made_up(&["prefetch=1..50", "workers=2..30"], 1);
    let map = heat_map(&swept, PLAIN).expect("there is one");
    assert!(widest(&map) <= 80, "{map}");
    assert!(
        map.contains("no room for workers 12 to 30: --table has all") && map.contains("no room for prefetch 41 to 50"),
        "{map}"
    );
}

#[test]
fn one_setting_is_a_column_and_three_are_several_maps() {
    let one = heat_map(&made_up(&["prefetch=0,1,2,5,10"], 3), PLAIN).expect("there is one");
    insta::assert_snapshot!("one_setting", one);
    let three = made_up(&["prefetch=0,1", "workers=2..4", "latency=0ms,20ms", "like=4.0"], 1);
    insta::assert_snapshot!("three_settings", heat_map(&three, PLAIN).expect("there are two"));
    for none in [
        vec!["like=4.0"],
        vec!["prefetch=0,1", "workers=1,2", "seed=1,2", "latency=0ms,1ms"],
    ] {
        assert_eq!(heat_map(&made_up(&none, 1), PLAIN), None);
    }
}

#[test]
fn map_has_gaps_where_nothing_ended() {
    let swept = sweep(&["prefetch=0,1,2", "workers=1,2"], 1, "makespan", |n, _| {
        (n < 3).then(|| done_in(30.0))
    });
    let map = heat_map(&swept, PLAIN).expect("there is one");
    assert!(map.contains("\n 1  30.0     -\n") && !map.contains("\n 2 "), "{map:?}");
    assert!(map.contains("broken off: 3 of 6 runs ended"), "{map}");
    let nothing = sweep(&["prefetch=0,1"], 1, "makespan", |_, _| None);
    assert_eq!(heat_map(&nothing, PLAIN), None);
}

#[test]
fn table_has_a_line_for_each_combination_and_marks() {
    let swept = made_up(&["prefetch=0,1", "workers=2..8", "like=4.0"], 3);
    insta::assert_snapshot!("table", table(&swept, Page::default()));
}

#[test]
fn table_on_a_terminal_fits_and_shows_the_best_of_many() {
    let swept = made_up(&["prefetch=0,1", "workers=2..30", "queue-type=classic,quorum"], 3);
    let page = Page {
        columns: Some(80),
        rows: Some(5),
    };
    let text = table(&swept, page);
    assert!(widest(&text) <= 80, "{text}");
    insta::assert_snapshot!("table_on_a_terminal", text);
}

#[test]
fn table_of_a_broken_off_sweep_tells_what_ended() {
    let swept = sweep(&["prefetch=0..3"], 1, "makespan", |n, _| (n < 2).then(|| done_in(30.0)));
    let text = table(&swept, Page::default());
    assert!(text.contains("broken off: 2 of 4 runs ended"), "{text}");
    assert_eq!(text.matches("30.0 s").count(), 2, "{text}");
}
