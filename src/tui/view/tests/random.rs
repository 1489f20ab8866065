//! Whatever the picture and the size, a frame is drawn.

use super::*;
use crate::lab::{
    Balance, BrokerState, Cell, Ending, Figure, GoneHow, Hand, JobId, KillKind, LabTime, Mark, Matrix, MatrixCell,
    Moment, Toll, WorkerId, WorkerState,
};
use proptest::prelude::*;

fn figure() -> impl Strategy<Value = Figure> {
    prop_oneof![
        any::<u64>().prop_map(Figure::Exact),
        any::<u64>().prop_map(Figure::Estimated),
        Just(Figure::Unknown)
    ]
}

fn state() -> impl Strategy<Value = WorkerState> {
    let toll = (any::<u32>(), any::<u32>()).prop_map(|(back, lost)| Toll { back, lost });
    prop_oneof![
        Just(WorkerState::Starting),
        Just(WorkerState::Consuming),
        Just(WorkerState::Cancelled),
        Just(WorkerState::Frozen),
        Just(WorkerState::Doomed),
        Just(WorkerState::Waiting),
        toll.clone().prop_map(WorkerState::ChannelClosed),
        (toll.clone(), 0..6_usize).prop_map(|(t, k)| WorkerState::Gone(GoneHow::Killed(KillKind::ALL[k]), t)),
        (toll, ".{0,300}").prop_map(|(t, why)| WorkerState::Gone(GoneHow::Lost(why), t)),
    ]
}

fn cell() -> impl Strategy<Value = Cell> {
    let mark = prop_oneof![
        4 => Just(None),
        1 => Just(Some(Mark::Killed)),
        1 => Just(Some(Mark::Silenced)),
        1 => Just(Some(Mark::Revived)),
        1 => Just(Some(Mark::Redelivered)),
        1 => Just(Some(Mark::Twice)),
    ];
    (proptest::option::of(0..9_u32), 0..3_u16, any::<u8>(), mark).prop_map(|(job, begun, busy, mark)| Cell {
        job: job.map(|n| JobId(n * 1_234_567)),
        begun,
        busy,
        mark,
    })
}

fn row() -> impl Strategy<Value = crate::lab::WorkerRow> {
    let hand =
        (any::<u32>(), any::<u32>(), any::<u16>(), any::<bool>()).prop_map(|(job, dots, progress, redelivered)| Hand {
            job: JobId(job),
            dots,
            progress,
            redelivered,
        });
    let cells = proptest::collection::vec(cell(), 0..480);
    (any::<u16>(), state(), proptest::option::of(hand), any::<u32>(), cells).prop_map(
        |(id, state, hand, tray_len, timeline)| {
            let mut row = fixtures::worker(id);
            row.tray = (0..tray_len.min(32)).map(JobId).collect();
            (row.state, row.hand, row.tray_len, row.timeline) = (state, hand, tray_len, timeline);
            (row.done, row.unacked, row.lost) = (tray_len, tray_len, tray_len);
            row
        },
    )
}

fn matrix() -> impl Strategy<Value = Matrix> {
    let ending = prop::sample::select(vec![Ending::Killed, Ending::Stopped, Ending::Away]);
    let moment = (0..3_u8, ending, any::<u64>()).prop_map(|(when, how, at)| match when {
        0 => Moment::Running,
        1 => Moment::Down(how, LabTime(at >> 8)),
        _ => Moment::Back(how, LabTime(at >> 8)),
    });
    let number = 0..u32::MAX / 4;
    let cell = (
        number.clone(),
        number.clone(),
        number.clone(),
        number,
        figure(),
        figure(),
    )
        .prop_map(
            |(published, unasked, confirmed_lost, again, survived, lost)| MatrixCell {
                published,
                confirmed: published,
                unasked,
                survived,
                lost,
                confirmed_lost: confirmed_lost / 4,
                again: again / 4,
            },
        );
    (prop::array::uniform4(cell), moment).prop_map(|([a, b, c, d], moment)| Matrix {
        cells: [[a, b], [c, d]],
        moment,
    })
}

fn snapshot() -> impl Strategy<Value = Snapshot> {
    let bases = prop_oneof![
        Just(fixtures::killed()),
        Just(fixtures::auto_ack_losses()),
        Just(fixtures::high_rate()),
        Just(fixtures::crowd()),
    ];
    let rows = proptest::collection::vec(row(), 0..20);
    (
        bases,
        rows,
        figure(),
        figure(),
        any::<u64>(),
        any::<i64>(),
        ".{0,200}",
        matrix(),
    )
        .prop_map(|(mut picture, rows, ready, unacked, now, differs, away, matrix)| {
            picture.matrix = matrix;
            picture.workers.extend(rows);
            picture.workers.sort_by_key(|w| w.id);
            (picture.queue.ready, picture.queue.unacked) = (ready, unacked);
            picture.clock.now = LabTime(now >> 8);
            picture.books.balance = Balance::Differs(differs);
            picture.broker.state = BrokerState::Away(away);
            picture
        })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_picture_can_be_drawn_at_every_size(
        picture in snapshot(),
        size in (1..300_u16, 1..100_u16),
        overlay in 0..7_u16,
        scrolled in any::<u16>(),
    ) {
        let mut model = Model::new(&picture);
        model.log_back = scrolled;
        let worker = WorkerId(scrolled % 9);
        model.overlay = match overlay {
            0 => Overlay::Kill(worker, scrolled),
            1 => Overlay::Broker(scrolled),
            2 => Overlay::Remove(worker),
            3 => Overlay::Help(scrolled),
            4 => Overlay::Matrix,
            5 => Overlay::Door,
            _ => Overlay::Closed,
        };
        let buffer = drawn(&picture, &model, &Theme::plain(), size);
        prop_assert_eq!((buffer.area.width, buffer.area.height), size);
        let at = Position::new(scrolled % size.0, scrolled % size.1);
        let _ = target(buffer.area, at, &model, &crate::tui::facts::Facts::of(std::sync::Arc::new(picture.clone())));
    }

    #[test]
    fn no_picture_without_workers_panics(size in (1..300_u16, 1..100_u16)) {
        let mut picture = fixtures::empty();
        picture.workers.clear();
        let model = Model::new(&picture);
        let buffer = drawn(&picture, &model, &Theme::plain(), size);
        prop_assert_eq!(buffer.area.width, size.0);
    }
}
