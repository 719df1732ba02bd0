//! Speed of the native interpreter beside revm's: `scripts/bench`, or `cargo bench --bench evm` with a
//! part of a workload's name behind `--`.
//!
//! Times are the thread's CPU time. One counts only if output and gas are those of the workload's file.

mod contestants;
mod workload;

use contestants::Outcome;
use cpu_time::ThreadTime;
use criterion::Criterion;
use std::cell::Cell;
use std::hint::black_box;
use std::time::Duration;
use workload::Workload;

/// Bytes of native stack, for the frames of a transaction.
const STACK_SIZE: usize = 256 << 20;

fn main() {
    let thread = std::thread::Builder::new()
        .stack_size(STACK_SIZE)
        .spawn(run)
        .unwrap();
    if let Err(panic) = thread.join() {
        std::panic::resume_unwind(panic);
    }
}

fn run() {
    let mut criterion = Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_millis(800))
        .configure_from_args();
    let mut rows = Vec::new();
    for workload in workload::all() {
        let mut fevm = contestants::fevm(&workload);
        let mut revm = contestants::revm(&workload);
        check("fevm", &workload, &fevm());
        check("revm", &workload, &revm());
        let mut group = criterion.benchmark_group(&workload.name);
        let mut measured = |name: &str, machine: &mut dyn FnMut() -> Outcome| {
            let least = Cell::new(None);
            group.bench_function(name, |bencher| {
                bencher.iter_custom(|times| {
                    let begun = ThreadTime::now();
                    for _ in 0..times {
                        black_box(machine());
                    }
                    let spent = begun.elapsed();
                    let each = spent.as_secs_f64() / times as f64;
                    least.set(Some(least.get().map_or(each, |least: f64| least.min(each))));
                    spent
                });
            });
            least.get()
        };
        let times = (measured("fevm", &mut fevm), measured("revm", &mut revm));
        group.finish();
        if let (Some(fevm), Some(revm)) = times {
            rows.push((workload.name, fevm, revm));
        }
    }
    criterion.final_summary();
    print(&rows);
}

/// A wrong result has no speed.
fn check(machine: &str, workload: &Workload, outcome: &Outcome) {
    let expected = (true, workload.gas_used, workload.output.clone());
    assert!(
        *outcome == expected,
        "{machine} runs {} wrongly: gas {}, expected {}",
        workload.name,
        outcome.1,
        workload.gas_used
    );
}

/// Least times, and how many times as fast as revm.
fn print(rows: &[(String, f64, f64)]) {
    if rows.is_empty() {
        return;
    }
    println!(
        "{:42} {:>12} {:>12} {:>8}",
        "least time of a transaction", "fevm", "revm", "x revm"
    );
    for (name, fevm, revm) in rows {
        println!(
            "{name:42} {:>9.1} us {:>9.1} us {:>8.2}",
            fevm * 1e6,
            revm * 1e6,
            revm / fevm
        );
    }
    let ratios = || rows.iter().map(|(_, fevm, revm)| revm / fevm);
    let mean = (ratios().map(f64::ln).sum::<f64>() / rows.len() as f64).exp();
    println!(
        "geometric mean {mean:.2} x revm, lowest {:.2}, highest {:.2}",
        ratios().fold(f64::INFINITY, f64::min),
        ratios().fold(0.0, f64::max)
    );
}
