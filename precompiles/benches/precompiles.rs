//! Each family on both back ends: `cargo bench -p precompiles`.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use evm_interpreter::Fork;
use precompiles::{Crypto, Native, Portable, Registry};

/// Vector file and the case in it whose input is run.
macro_rules! cases {
    ($($file:literal: $case:literal),* $(,)?) => {
        [$(($file, $case, include_str!(concat!("../tests/vectors/", $file, ".json")))),*]
    };
}

fn bench_back_end<C: Crypto>(c: &mut Criterion, back_end: &str) {
    let cases = cases!(
        "ecrecover": "valid 0",
        "sha256": "300 bytes",
        "ripemd160": "300 bytes",
        "modexp": "256 bytes, odd modulus",
        "modexp": "256 bytes, even modulus",
        "modexp": "rsa 2048 with 65537",
        "bn254_add": "random points 0",
        "bn254_mul": "random 0",
        "bn254_pairing": "bilinear 0",
        "blake2f": "abc, 1000 rounds",
        "point_evaluation": "random polynomial 0",
        "bls12_g1add": "random points 0",
        "bls12_g1msm": "8 pairs",
        "bls12_g2msm": "8 pairs",
        "bls12_pairing": "bilinear 0",
        "bls12_map_fp_to_g1": "random 0",
        "bls12_map_fp2_to_g2": "random 0",
        "p256verify": "valid 0",
    );
    for (file, case, json) in cases {
        let vectors: serde_json::Value = serde_json::from_str(json).unwrap();
        let precompile = Registry::<C>::ALL
            .iter()
            .find(|precompile| u64::from(precompile.number) == vectors["number"])
            .unwrap();
        let found = vectors["cases"]
            .as_array()
            .unwrap()
            .iter()
            .find(|at| at["name"] == case);
        let input = hex::decode(found.unwrap()["input"].as_str().unwrap()).unwrap();
        let mut group = c.benchmark_group(format!("{file}/{case}"));
        // Reported as elements a second: Ethereum gas.
        group.throughput(Throughput::Elements((precompile.gas)(&input, Fork::LATEST)));
        group.bench_with_input(BenchmarkId::from_parameter(back_end), &input, |b, input| {
            b.iter(|| (precompile.run)(input, Fork::LATEST));
        });
        group.finish();
    }
}

fn bench(c: &mut Criterion) {
    bench_back_end::<Native>(c, "native");
    bench_back_end::<Portable>(c, "portable");
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(10).measurement_time(std::time::Duration::from_secs(1));
    targets = bench
}
criterion_main!(benches);
