//! Which fault strikes when, and how faults are written.

use forebay_simulator::{Fault, Position, Script, SimulatorSettings, UsageFault};

use super::BODIES;
use crate::client::{Ended, get, openai, raw, send, start};

#[tokio::test]
async fn the_queue_comes_before_the_model_and_the_model_before_the_rest() {
    let status = |code| Fault::Status { code, retry_after: None, error: None };
    let simulator = start().await;
    simulator.set_script(Script {
        next: [status(500), Fault::None].into(),
        models: [("m".to_owned(), status(502))].into(),
        always: status(503),
    });
    let ask = async |model: &str| {
        let body = BODIES[0].1.replace("\"m\"", &format!("\"{model}\""));
        send(&simulator, &openai(&body)).await.status
    };
    let mut statuses = Vec::new();
    for model in ["m", "m", "m", "other", "m"] {
        statuses.push(ask(model).await);
        // Other requests leave the script alone.
        assert_eq!(
            send(&simulator, &get("/v1/models", "authorization: Bearer k\r\n")).await.status,
            200
        );
    }
    assert_eq!(statuses, [500, 200, 502, 503, 502]);
    simulator.stop().await;
}

#[tokio::test]
async fn a_queued_fault_before_the_body_strikes_once() {
    let simulator = start().await;
    simulator.script(vec![Fault::Refuse]);
    let played = raw(simulator.address(), &openai(BODIES[0].1)).await;
    assert_eq!(played, (Vec::new(), Ended::Reset));
    assert_eq!(send(&simulator, &openai(BODIES[0].1)).await.status, 200);
    simulator.stop().await;
}

#[tokio::test]
async fn a_general_fault_may_strike_before_the_body() {
    let simulator = start().await;
    simulator.set_script(Script { always: Fault::Refuse, ..Script::default() });
    for _ in 0..3 {
        let played = raw(simulator.address(), &openai(BODIES[0].1)).await;
        assert_eq!(played, (Vec::new(), Ended::Reset));
    }
    assert_eq!(simulator.counts_when(|counts| counts.in_flight == 0).await.faulty, 3);
    simulator.reset();
    assert_eq!(send(&simulator, &openai(BODIES[0].1)).await.status, 200);
    simulator.stop().await;
}

#[test]
fn faults_are_written_in_json_as_documented() {
    for (json, fault) in [
        (r#""none""#, Fault::None),
        (r#""refuse""#, Fault::Refuse),
        (r#"{"reset":{"after_bytes":10}}"#, Fault::Reset { after_bytes: 10 }),
        (
            r#"{"status":{"code":429,"retry_after":"-5"}}"#,
            Fault::Status { code: 429, retry_after: Some("-5".into()), error: None },
        ),
        (
            r#"{"error_event":{"position":"middle"}}"#,
            Fault::ErrorEvent { position: Position::Middle, code: None },
        ),
        (r#"{"usage":"tenfold"}"#, Fault::Usage(UsageFault::Tenfold)),
        (r#"{"hold":{"at":"first"}}"#, Fault::Hold { at: Position::First }),
    ] {
        assert_eq!(serde_json::from_str::<Fault>(json).unwrap(), fault);
        let written = serde_json::to_string(&fault).unwrap();
        assert_eq!(serde_json::from_str::<Fault>(&written).unwrap(), fault);
    }
    assert!(serde_json::from_str::<Fault>(r#"{"reset":{"after":10}}"#).is_err());
    assert_eq!(SimulatorSettings::default(), serde_json::from_str("{}").unwrap());
}
