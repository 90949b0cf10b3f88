use super::*;

#[track_caller]
fn check_percentile(ascending: &[f64], percent: usize, expected: f64) {
    assert!((percentile(ascending, percent) - expected).abs() < 1e-12, "{percent}");
}

#[test]
fn percentiles_interpolate_between_ranks() {
    // As numpy.percentile of the same values.
    check_percentile(&[1.0, 2.0, 4.0, 8.0], 10, 1.3);
    check_percentile(&[1.0, 2.0, 4.0, 8.0], 50, 3.0);
    check_percentile(&[1.0, 2.0, 4.0, 8.0], 90, 6.8);
    check_percentile(&[7.0], 90, 7.0);
}

#[test]
fn correlations_are_those_of_pearson() {
    let x = [1.0, 2.0, 3.0, f64::NAN, 5.0];
    let y = [2.0, 1.0, 4.0, 9.0, 3.0];
    // Σ(x−x̄)(y−ȳ) = 3.5, Σ(x−x̄)² = 8.75, Σ(y−ȳ)² = 5 over the four whole pairs.
    let found = correlation(&ArrayView1::from(&x), &ArrayView1::from(&y)).unwrap();
    assert!((found - 3.5 / (8.75_f64 * 5.0).sqrt()).abs() < 1e-12);
    let constant = [4.0; 5];
    assert_eq!(correlation(&ArrayView1::from(&constant), &ArrayView1::from(&y)), None);
}
