use std::time::Duration;

use forebay_budget::{
    AccountPath, Error, FreeAnswer, GroupBy, PriceTable, Settlement, Usage, Window,
};
use types::{Microdollars, ModelId, Principal, ProviderId, TenantId, TokenCount, TokenUsage};

use crate::rig::{
    Rig, check_sums, developer, micro, model, path, provider, request, run, send, settings,
    settlement, stored,
};

fn usage(input: u64, output: u64) -> TokenUsage {
    let (input, output) = (TokenCount::new(input), TokenCount::new(output));
    TokenUsage { input, output, ..TokenUsage::default() }
}

async fn answer(rig: &Rig, path: &AccountPath, model: &str, cost: u64) {
    let sent = send(&rig.ledger, path, cost, 0).await.unwrap();
    let model = ModelId::new(model).unwrap();
    let (cost, usage) = (micro(cost), usage(10, 5));
    sent.settle(Settlement { cost, usage, provider: provider(), model }).await.unwrap();
}

/// `group requests free input output cost saved` of every line.
#[track_caller]
fn check_report(rig: &Rig, by: GroupBy, tenant: Option<&str>, expected: &[&str]) {
    let tenant = tenant.map(|tenant| TenantId::new(tenant).unwrap());
    let lines = rig.ledger.report(by, rig.ledger.window(), tenant.as_ref()).unwrap();
    let text = |line: Usage| {
        let Usage { group, requests, free, tokens, cost, saved } = line;
        let group = group.unwrap_or_else(|| "-".to_owned());
        let (input, output) = (tokens.input, tokens.output);
        format!("{group} {requests} {free} {input} {output} {} {}", cost.get(), saved.get())
    };
    assert_eq!(lines.into_iter().map(text).collect::<Vec<_>>(), expected);
}

#[test]
fn a_call_that_is_given_up_has_the_tokens_that_were_metered_last() {
    let rig = Rig::new(settings(None));
    run(async {
        answer(&rig, &path("ada"), "small", 100).await;
        let mut sent = send(&rig.ledger, &path("ada"), 1_000, 40).await.unwrap();
        sent.meter(micro(30), usage(20, 1));
        sent.meter(micro(50), usage(20, 3));
        sent.meter(micro(45), usage(20, 2));
        drop(sent);
        // Of this one nothing is known but what it costs at least.
        drop(send(&rig.ledger, &path("ada"), 1_000, 7).await.unwrap());
    });
    check_report(&rig, GroupBy::Developer, None, &["ada 3 0 30 8 157 0"]);
    let charged = rig.ledger.charged();
    let [charged] = &charged[..] else { panic!("{charged:?}") };
    assert_eq!((&charged.provider, charged.cost), (&provider(), micro(157)));
    assert_eq!(charged.usage, usage(30, 8));
    rig.check_sums();
}

#[test]
fn usage_is_reported_by_developer_team_project_model_and_day() {
    let rig = Rig::new(settings(None));
    let other =
        Principal { tenant: TenantId::new("other").unwrap(), ..path("ada").principal().clone() };
    run(async {
        answer(&rig, &path("ada/core"), "small", 100).await;
        answer(&rig, &path("ada/core/apollo"), "large", 1_000).await;
        rig.hand.advance(Duration::from_secs(86_400));
        answer(&rig, &path("bob/core"), "small", 10).await;
        answer(&rig, &AccountPath::of(&other), "small", 7).await;
        let free = FreeAnswer {
            request: request(9),
            origin: request(1),
            provider: provider(),
            model: ModelId::new("large").unwrap(),
            usage: usage(10, 5),
            saved: micro(1_000),
        };
        // Nobody waits for it, and a report shows it all the same.
        drop(rig.ledger.record_free(&path("bob/core"), free));
    });
    let acme = Some("acme");
    check_report(
        &rig,
        GroupBy::Developer,
        acme,
        &["ada 2 0 20 10 1100 0", "bob 2 1 20 10 10 1000"],
    );
    check_report(&rig, GroupBy::Team, acme, &["core 4 1 40 20 1110 1000"]);
    check_report(&rig, GroupBy::Project, acme, &["- 3 1 30 15 110 1000", "apollo 1 0 10 5 1000 0"]);
    check_report(
        &rig,
        GroupBy::Model,
        acme,
        &["large 2 1 20 10 1000 1000", "small 2 0 20 10 110 0"],
    );
    let days = ["2026-11-20 2 0 20 10 1100 0", "2026-11-21 2 1 20 10 10 1000"];
    check_report(&rig, GroupBy::Day, acme, &days);
    check_report(&rig, GroupBy::Model, Some("other"), &["small 1 0 10 5 7 0"]);
    check_report(&rig, GroupBy::Day, Some("nobody"), &[]);
    check_report(
        &rig,
        GroupBy::Model,
        None,
        &["large 2 1 20 10 1000 1000", "small 3 0 30 15 117 0"],
    );
    let past: Window = "2026-10".parse().unwrap();
    assert_eq!(rig.ledger.report(GroupBy::Day, past, None).unwrap(), []);
    rig.check_sums();
}

#[test]
fn what_a_loss_of_power_left_is_reported_and_can_be_reconciled() {
    let rig = Rig::new(settings(Some(100_000)));
    let path = path("ada/core");
    let out = run(send(&rig.ledger, &path, 500, 0)).unwrap();
    let next = rig.after_kill(settings(Some(100_000)), "boot-2");
    std::mem::forget(out);
    let all = next.ledger.unreconciled().unwrap();
    // The call that was out, on its whole path, and the rest of three leases of 1,000.
    assert_eq!(all.iter().map(|charge| charge.accounts.len()).collect::<Vec<_>>(), [3, 1, 1, 1]);
    assert_eq!(all[0].request, Some(request(0)));
    assert_eq!((all[0].cost, all[0].model.clone()), (micro(500), Some(model())));
    assert!(all[1..].iter().all(|charge| charge.cost == micro(1_000) && charge.request.is_none()));
    check_report(&next, GroupBy::Developer, None, &["ada 1 0 0 0 1500 0"]);
    check_report(&next, GroupBy::Team, None, &["core 1 0 0 0 1500 0"]);
    check_report(&next, GroupBy::Day, None, &["2026-11-20 1 0 0 0 1500 0"]);
    run(async {
        // The bill says 20, and 1,700 for what the leases hide.
        next.ledger.reconcile(all[0].id, micro(20)).await.unwrap();
        for (charge, actual) in all[1..].iter().zip([0, 0, 1_700]) {
            next.ledger.reconcile(charge.id, micro(actual)).await.unwrap();
        }
    });
    let spent: Vec<_> = next.ledger.accounts().iter().map(|account| account.spent.get()).collect();
    assert_eq!(spent.iter().sum::<u64>(), 3 * 20 + 1_700);
    assert_eq!(next.ledger.unreconciled().unwrap(), []);
    next.check_sums();
}

#[test]
fn reservations_that_are_long_over_do_not_pass_the_leases_after_a_loss_of_power() {
    let rig = Rig::new(settings(Some(100_000)));
    let path = path("ada");
    let first = run(send(&rig.ledger, &path, 1_900, 0)).unwrap();
    let before = rig.after_kill(settings(Some(100_000)), "boot-1");
    let second = run(send(&rig.ledger, &path, 1_900, 0)).unwrap();
    // The disk kept both records, and of the ledger what was there before the second.
    fs_err::copy(rig.folder.path().join("ledger.open"), before.folder.path().join("ledger.open"))
        .unwrap();
    std::mem::forget((first, second));
    let leased = stored(&before.database, developer(&path), "2026-11").1;
    assert_eq!(leased, 1_900, "the first was charged");
    let next = before.after_kill(settings(Some(100_000)), "boot-2");
    let all = next.ledger.unreconciled().unwrap();
    assert_eq!(all.iter().filter(|charge| charge.request.is_some()).count(), 1);
    assert_eq!(next.spent(developer(&path)), leased);
    next.check_sums();
}

#[test]
fn after_a_clean_close_a_loss_of_power_costs_nothing() {
    let rig = Rig::new(settings(Some(100_000)));
    let path = path("ada/core");
    run(async {
        let sent = send(&rig.ledger, &path, 500, 0).await.unwrap();
        // Not waited for: closing does.
        drop(sent.settle(settlement(123)));
        rig.ledger.close().await.unwrap();
    });
    let next = rig.after_kill(settings(Some(100_000)), "boot-2");
    assert_eq!(next.spent(developer(&path)), 123);
    assert_eq!(next.ledger.unreconciled().unwrap(), []);
}

#[test]
fn a_limit_is_durable_and_effective_at_once() {
    let rig = Rig::new(settings(Some(100_000)));
    let path = path("ada/core");
    let team = path.accounts()[1].clone();
    run(async {
        rig.ledger.set_limit(&team, Some(micro(50))).await.unwrap();
        let refused = rig.ledger.reserve(&path, &request(1), micro(51)).await.unwrap_err();
        assert_eq!(
            refused.to_string(),
            "team core has $0.000050 left this month and the request may cost $0.000051"
        );
        rig.ledger.set_limit(developer(&path), None).await.unwrap();
    });
    let next = rig.after_kill(settings(Some(100_000)), "boot-1");
    assert_eq!(next.ledger.account(&team).limit, Some(micro(50)));
    assert_eq!(next.ledger.account(developer(&path)).limit, None);
    assert_eq!(next.ledger.account(developer(&self::path("bob"))).limit, Some(micro(100_000)));
}

#[test]
fn a_cost_above_the_reservation_is_counted() {
    let rig = Rig::new(settings(Some(1_000)));
    let path = path("ada");
    run(async {
        let sent = send(&rig.ledger, &path, 900, 0).await.unwrap();
        sent.settle(settlement(5_000)).await.unwrap();
        let refused = rig.ledger.reserve(&path, &request(1), Microdollars::ZERO).await;
        assert!(matches!(refused, Err(Error::Exhausted { .. })));
    });
    let statistics = rig.ledger.statistics();
    assert_eq!((statistics.overages, statistics.overage), (1, micro(4_100)));
    assert_eq!(rig.spent(developer(&path)), 5_000);
    // Such a charge is on the disk, lease or not.
    let next = rig.after_kill(settings(Some(1_000)), "boot-2");
    assert!(next.spent(developer(&path)) >= 5_000);
    check_sums(&next.database);
}

#[test]
fn an_unknown_price_is_refused_where_any_account_has_a_limit() {
    let rig = Rig::new(settings(None));
    let (path, unknown) = (path("ada/core"), ModelId::new("gpt-99").unwrap());
    assert_eq!(PriceTable::builtin().unwrap().price(&provider(), &unknown), None);
    rig.ledger.admit_unpriced(&path, &provider(), &unknown).unwrap();
    run(rig.ledger.set_limit(&path.accounts()[2], Some(micro(1)))).unwrap();
    let refused = rig.ledger.admit_unpriced(&path, &provider(), &unknown).unwrap_err();
    assert!(matches!(&refused, Error::Unpriced { model, .. } if *model == unknown));
    assert_eq!(rig.ledger.statistics().refused_unpriced, 1);
    let local = ProviderId::new("local").unwrap();
    let stranger = self::path("bob");
    assert!(rig.ledger.admit_unpriced(&stranger, &local, &unknown).is_err(), "the tenant's");
}

#[test]
fn every_listed_query_uses_an_index() {
    let rig = Rig::new(settings(None));
    for plan in rig.database.verify_queries().unwrap() {
        assert!(plan.uses_index, "{plan:?}");
    }
}
