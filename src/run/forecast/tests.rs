use super::*;
use crate::lab::{BrokerRow, BrokerState, Control, Elapsed, Lab, Prefetch, Sizes, Speed, Version, Workload};

fn picture(settings: Settings, at: LabTime, published: u32) -> Snapshot {
    let broker = BrokerRow {
        name: "embedded broker".into(),
        state: BrokerState::Up,
        control: Control::Owned,
        version: Some(Version::default()),
    };
    let mut picture = Lab::new(settings, broker).snapshot(Elapsed(0));
    picture.clock.now = at;
    picture.books.published = published;
    picture
}

fn settings() -> Settings {
    let usual = Settings::default();
    Settings {
        speeds: vec![Speed(1_000), Speed(500)],
        prefetch: Prefetch(1),
        workload: Workload {
            sizes: Sizes::Equal,
            ..usual.workload
        },
        ..usual
    }
}

async fn foreseen(now: &Snapshot) -> Option<Forecast> {
    let (_lab, mut snapshots) = watch::channel(Arc::new(now.clone()));
    forecast(now, &mut snapshots).await
}

#[tokio::test]
async fn the_faster_worker_is_foreseen_to_do_more_and_all_to_end_later() {
    let now = picture(settings(), LabTime(40_000_000), 60);
    let Some(Forecast::Of(prospect)) = foreseen(&now).await else {
        panic!("a forecast");
    };
    let [(first, fast), (second, slow)] = prospect.done[..] else {
        panic!("two workers: {prospect:?}");
    };
    assert_eq!((first, second), (WorkerId(1), WorkerId(2)));
    assert!(fast > slow && slow > 0, "{prospect:?}");
    assert_eq!(prospect.on_time, 60, "at 1.5 a second");
    assert!(prospect.ends.is_some_and(|ends| ends > now.clock.now), "{prospect:?}");
    assert!(prospect.wait_p95.is_some_and(|wait| wait.0 > 0), "{prospect:?}");
}

#[tokio::test]
async fn nothing_published_is_nothing_foreseen_and_too_much_is_said_to_be() {
    let quiet = foreseen(&picture(settings(), LabTime(0), 0)).await;
    assert!(
        matches!(&quiet, Some(Forecast::Of(p)) if p.done.iter().all(|(_, done)| *done == 0)),
        "{quiet:?}"
    );
    let many = FORESEEN_JOBS + 1;
    let crowd = foreseen(&picture(settings(), LabTime(0), many)).await;
    assert_eq!(crowd, Some(Forecast::TooMany(many)));
}

#[tokio::test]
async fn it_ends_with_the_lab() {
    let now = Arc::new(picture(settings(), LabTime(0), 0));
    let (lab, snapshots) = watch::channel(now);
    let mut forecaster = Forecaster::of(snapshots);
    forecaster.foresight.send_replace(Foresight::On);
    drop(lab);
    while forecaster.forecasts.changed().await.is_ok() {}
}

#[tokio::test]
async fn a_guest_is_not_foreseen() {
    let mut now = picture(settings(), LabTime(40_000_000), 20);
    let mut guest = now.workers[0].clone();
    (guest.id, guest.guest, guest.speed) = (WorkerId(3), Some("ALICE".into()), Speed(0));
    now.workers.push(guest);
    let Some(Forecast::Of(prospect)) = foreseen(&now).await else {
        panic!("a forecast");
    };
    assert_eq!(prospect.done.len(), 2, "{prospect:?}");
    assert!(prospect.ends.is_some(), "{prospect:?}");
}

#[tokio::test(start_paused = true)]
async fn what_changes_during_a_simulation_is_foreseen_though_the_lab_stands_still_then() {
    let before = picture(settings(), LabTime(40_000_000), 20);
    let (lab, snapshots) = watch::channel(Arc::new(before));
    let mut forecaster = Forecaster::of(snapshots);
    let other = Settings {
        prefetch: Prefetch(7),
        ..settings()
    };
    let after = picture(other, LabTime(50_000_000), 30);
    forecaster.foresight.send_replace(Foresight::On);
    // The first simulation is under way: it was made to begin, and nobody has waited for it.
    tokio::task::yield_now().await;
    lab.send_replace(Arc::new(after));
    let published = |forecast: &Forecast| match forecast {
        Forecast::Of(prospect) => prospect.published,
        Forecast::TooMany(published) => *published,
    };
    let newest = forecaster
        .forecasts
        .wait_for(|forecast| forecast.as_deref().map(published) == Some(30));
    let found = tokio::time::timeout(Duration::from_secs(60), newest).await;
    assert!(found.is_ok_and(|seen| seen.is_ok()));
}
