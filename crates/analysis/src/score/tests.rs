use super::*;

fn fault(aspect: Aspect, severity: Severity, count: usize) -> Fault {
    Fault { aspect, severity, count, text: format!("{count}"), evidence: Vec::new() }
}

fn given(score: &Score) -> (f64, &[Dimension]) {
    let Score::Given { value, dimensions } = score else { panic!("{score:?}") };
    (*value, dimensions)
}

fn score(faults: Vec<Fault>) -> Score {
    Score::of(faults, &Profile::Readme.weights().normalised().unwrap())
}

#[test]
fn without_faults_it_is_a_hundred() {
    let score = score(Vec::new());
    let (value, dimensions) = given(&score);
    assert!((value - 100.0).abs() < 1e-9);
    assert!(dimensions.iter().all(|dimension| dimension.value == 1.0));
}

/// By hand: one error leaves 1 − 0.8 · (1 − 1/2) = 0.6 of a dimension that weighs 0.15; four
/// warnings leave 1 − 0.35 / 2 = 0.825, eight notes 1 − 0.15 / 2 = 0.925 of one that weighs 0.25.
#[test]
fn faults_cost_what_the_formula_says() {
    let score = score(vec![
        fault(Aspect::Safety, Severity::Error, 1),
        fault(Aspect::Completeness, Severity::Warning, 4),
        fault(Aspect::Completeness, Severity::Note, 8),
    ]);
    let (value, dimensions) = given(&score);
    let completeness = 0.825 * 0.925;
    let expect = 100.0 * (1.0 - 0.15 - 0.25 + 0.15 * 0.6 + 0.25 * completeness);
    assert!((value - expect).abs() < 1e-9, "{value} {expect}");
    for dimension in dimensions {
        let costs: f64 = dimension.reasons.iter().map(|reason| reason.cost).sum();
        assert!((costs - (1.0 - dimension.value)).abs() < 1e-9, "{dimension:?}");
    }
    let texts: Vec<_> = dimensions[1].reasons.iter().map(|reason| reason.text.as_str()).collect();
    assert_eq!(texts, ["4", "8"], "dearest first");
}

#[test]
fn more_of_a_fault_never_raises_the_score() {
    for severity in [Severity::Note, Severity::Warning, Severity::Error] {
        let values: Vec<f64> = [1, 2, 3, 10, 100, 1_000, 100_000]
            .map(|count| given(&score(vec![fault(Aspect::Clarity, severity, count)])).0)
            .into();
        assert!(values.is_sorted_by(|left, right| left >= right), "{values:?}");
        assert!(values[0] < 100.0 && values[6] > 0.0);
    }
}

#[test]
fn a_duplicate_loses_its_uniqueness() {
    let mut marked = score(vec![fault(Aspect::Uniqueness, Severity::Warning, 4)]);
    marked.mark_duplicate(0.9, "first.md");
    let (value, dimensions) = given(&marked);
    let unique = &dimensions[6];
    assert!((unique.value - 0.0825).abs() < 1e-9, "{unique:?}");
    assert!((value - (95.0 + 5.0 * 0.0825)).abs() < 1e-9, "{value}");
    assert_eq!(unique.reasons[0].text, "says nearly the same as first.md (90 %)");
}

#[test]
fn weights_are_made_to_sum_to_one_or_refused() {
    for profile in Profile::ALL {
        let weights = profile.weights().normalised().unwrap();
        let sum: f64 = Aspect::ALL.iter().map(|aspect| weights.share(*aspect)).sum();
        assert!((sum - 1.0).abs() < 1e-12, "{profile:?}");
    }
    let weights = Profile::Prose.weights();
    for wrong in [f64::NAN, -1.0, f64::INFINITY] {
        assert!(Weights { safety: wrong, ..weights }.normalised().is_err());
    }
}

#[test]
fn rules_with_a_side_of_their_own_exist() {
    let rules = crate::RuleSet::builtin().unwrap();
    let known: Vec<_> = rules.infos().map(|rule| rule.id).collect();
    for rule in aspect::BY_RULE.iter().flat_map(|(_, rules)| *rules) {
        assert!(known.iter().any(|id| id == rule), "{rule}");
    }
}
