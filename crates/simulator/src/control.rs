//! The control requests under `/simulator/`.

use serde_json::json;

use crate::Script;
use crate::plan::Plan;
use crate::request::Request;
use crate::shared::Shared;

/// Answers `GET /simulator/counts` and `POST` to `/simulator/script`, `/simulator/release` (a
/// number) and `/simulator/reset`.
pub(crate) fn answer(shared: &Shared, request: &Request) -> Plan {
    let (status, body) = match (request.is_post, request.path.as_str()) {
        (false, "/simulator/counts") => (200, json!(shared.counts())),
        (true, "/simulator/script") => match serde_json::from_slice::<Script>(request.body()) {
            Ok(script) => {
                *shared.script.lock() = script;
                (200, json!({}))
            }
            Err(error) => (400, json!({ "error": format!("not a script: {error}") })),
        },
        (true, "/simulator/release") => match serde_json::from_slice::<u16>(request.body()) {
            Ok(answers) => {
                shared.releases.add_permits(usize::from(answers));
                (200, json!({}))
            }
            Err(error) => (400, json!({ "error": format!("not a number of answers: {error}") })),
        },
        (true, "/simulator/reset") => {
            shared.reset();
            (200, json!({}))
        }
        _ => (
            404,
            json!({ "error": "control is GET counts, POST script, POST release and POST reset" }),
        ),
    };
    Plan::control(status, body.to_string())
}
