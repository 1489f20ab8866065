use super::*;
use crate::engine::bench::SOON;
use crate::lab::Version;

#[tokio::test]
async fn end_of_the_figures_does_not_end_the_decisions() {
    let mut started = embedded::start(Version::default(), None).await.expect("loopback");
    let (commands, command_inlet) = mpsc::channel(1);
    let (reports, report_inlet) = mpsc::channel(1);
    let mut inlets = Inlets {
        commands: command_inlet,
        reports: report_inlet,
        window: Some(embedded::window(&mut started.server)),
        lost: 0,
        guests: Guests::default(),
    };
    inlets.totals_ended();
    let window = inlets.window.as_ref().expect("decisions may follow");
    assert!(window.totals.is_none() && window.traces.is_some());
    started.server.stop().await;
    let traces = inlets.window.as_mut().and_then(|window| window.traces.as_mut());
    let mut told = Vec::new();
    let end = tokio::time::timeout(SOON, next_traces(traces, &mut told)).await;
    assert!(matches!(end, Ok(Wake::TracesEnded)));
    inlets.traces_ended();
    assert!(inlets.window.is_some_and(|window| window.traces.is_none()));
    drop((commands, reports));
}
