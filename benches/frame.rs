//! How long a frame takes: 200×60 and 64 busy workers, each view, from pictures of a real run.
//!
//! `cargo bench --bench frame -- [--columns N] [--lines N]`. The run is on the embedded broker; its pictures are taken
//! first and drawn then, so that the run itself costs the frames nothing. Wanted: median under 2 ms, p99 under 5 ms.

use anyhow::{Context, Result};
use dispatch_lab::engine::{Engine, Options, Target};
use dispatch_lab::lab::{Prefetch, Rate, Settings, Snapshot, Speed, Version};
use dispatch_lab::tui::{Painter, VIEWS};
use std::sync::Arc;
use std::time::Duration;

/// Pictures taken, and how often each is drawn.
const PICTURES: usize = 100;
const ROUNDS: usize = 10;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().collect();
    let number = |name: &str, default: u16| {
        let at = arguments.iter().position(|a| a == name);
        at.and_then(|i| arguments.get(i + 1))
            .map_or(Ok(default), |text| text.parse())
    };
    let (columns, lines) = (number("--columns", 200)?, number("--lines", 60)?);
    let runtime = tokio::runtime::Runtime::new()?;
    let pictures = runtime.block_on(pictures())?;
    println!("{} workers at {columns}×{lines}", pictures[0].workers.len());
    println!("{:10} {:>10} {:>10} {:>10}", "view", "median µs", "p99 µs", "worst µs");
    for (place, name) in VIEWS.iter().enumerate() {
        let mut painter = Painter::new(Arc::clone(&pictures[0]), place, columns, lines)?;
        let mut took = Vec::with_capacity(PICTURES * ROUNDS);
        for picture in pictures.iter().cycle().take(PICTURES * ROUNDS) {
            took.push(painter.draw(Arc::clone(picture))?);
        }
        took.sort_unstable();
        let at = |per_cent: usize| took[(took.len() - 1) * per_cent / 100].as_micros();
        println!("{name:10} {:>10} {:>10} {:>10}", at(50), at(99), at(100));
    }
    Ok(())
}

/// Pictures of 64 workers, all busy, with full trays.
async fn pictures() -> Result<Vec<Arc<Snapshot>>> {
    let settings = Settings {
        speeds: vec![Speed(1000); 64],
        prefetch: Prefetch(10),
        rate: Rate(6_000),
        ..Settings::default()
    };
    let engine = Engine::start(Options {
        target: Target::Embedded,
        settings,
        version: Version::default(),
        script: None,
    })
    .await?;
    let mut news = engine.snapshots();
    tokio::time::sleep(Duration::from_secs(20)).await;
    let mut pictures = Vec::with_capacity(PICTURES);
    while pictures.len() < PICTURES {
        news.changed().await.context("the lab ended")?;
        pictures.push(news.borrow_and_update().clone());
    }
    engine.shutdown().await?;
    Ok(pictures)
}
