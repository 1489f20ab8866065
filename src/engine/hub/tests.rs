use super::*;
use crate::engine::bench::SOON;
use crate::lab::Version;

#[tokio::test]
async fn end_of_the_figures_does_not_end_the_decisions() {
    let mut started = embedded::start(Version::default()).await.expect("loopback");
    let (commands, command_inlet) = mpsc::channel(1);
    let (reports, report_inlet) = mpsc::channel(1);
    let mut inlets = Inlets {
        commands: command_inlet,
        reports: report_inlet,
        feed: Some(embedded::feed(&mut started.server)),
        lost: 0,
    };
    inlets.totals_ended();
    let feed = inlets.feed.as_ref().expect("decisions may follow");
    assert!(feed.totals.is_none() && feed.traces.is_some());
    started.server.stop().await;
    let traces = inlets.feed.as_mut().and_then(|feed| feed.traces.as_mut());
    let mut told = Vec::new();
    let end = tokio::time::timeout(SOON, next_traces(traces, &mut told)).await;
    assert!(matches!(end, Ok(Wake::TracesEnded)));
    inlets.traces_ended();
    assert!(inlets.feed.is_some_and(|feed| feed.traces.is_none()));
    drop((commands, reports));
}
