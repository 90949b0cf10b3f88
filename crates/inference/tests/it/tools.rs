//! Tools that only Responses has, at providers that do not speak it.

use serde_json::{Value, json};
use wire::{Protocol, fold};

use crate::world::{PROVIDERS, World, hear};

/// Names that the simulated providers, which call what they are asked to, know the tools by.
const QUESTION: &str = "call:mcp__tracker__search and call:apply_patch";

fn body(is_stream: bool) -> String {
    let search = json!({"type": "function", "name": "search", "parameters": {
        "type": "object", "properties": {"id": {"type": "integer"}}}});
    let tools = json!([
        {"type": "namespace", "name": "mcp__tracker", "description": "d", "tools": [search]},
        {"type": "custom", "name": "apply_patch", "description": "d"},
    ]);
    json!({"model": "m", "stream": is_stream, "input": QUESTION, "tools": tools}).to_string()
}

#[tokio::test]
async fn the_client_is_given_calls_of_its_own_tools() {
    let client = Protocol::OpenAiResponses;
    let others = PROVIDERS.into_iter().filter(|provider| provider.client() != Some(client));
    for provider in others {
        for is_stream in [false, true] {
            let world = World::new(&[provider]).await;
            let reply = world.ask(&body(is_stream), client).await.unwrap();
            let heard = hear(reply.body).await.bytes;
            let heard =
                if is_stream { fold(client, &[heard.into()]).unwrap() } else { heard.into() };
            let answer: Value = serde_json::from_slice(&heard).unwrap();
            let items = answer["output"].as_array().unwrap().iter();
            let called: Vec<Value> = items
                .filter(|item| item["name"].is_string())
                .map(|item| {
                    let given = ["type", "namespace", "name", "arguments", "input"];
                    given.iter().map(|name| item[*name].clone()).collect()
                })
                .collect();
            let search = json!(["function_call", "mcp__tracker", "search", "{\"id\":1}", null]);
            let patch = json!(["custom_tool_call", null, "apply_patch", null, "simulated – naïve"]);
            assert_eq!(called, [search, patch], "{provider:?} {is_stream}");
            world.stop().await;
        }
    }
}
