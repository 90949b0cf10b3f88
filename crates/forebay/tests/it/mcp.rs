//! Agents: what they are offered, and what is left of them when they go.

mod agent;
mod daemon;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::UnixStream;
use tokio::task::JoinSet;

use crate::place::{Place, assert_holds, parse, within};
use crate::settings;
use agent::Agent;
use daemon::Daemon;

const TOOLS: [&str; 9] = [
    "knowledge_search",
    "knowledge_get",
    "knowledge_add",
    "knowledge_update",
    "ask",
    "learn",
    "classify",
    "budget_status",
    "analyze_document",
];
/// Part of what agents say, and of nothing else.
const MARK: &str = "mark-of-an-agent-41c7";

/// A place whose gateways log all they can; the provider is never asked.
fn place() -> Place {
    let mut settings = settings::with_provider(([127, 0, 0, 1], 9).into());
    settings::set(&mut settings, "log", "level", "trace");
    Place::with(&settings)
}

#[tokio::test(flavor = "multi_thread")]
async fn tools_are_listed_with_what_they_take_give_and_change() {
    let place = place();
    let mut agent = Agent::start(&place, &[]).await;
    let daemon = Daemon::of(&place);
    let listed = agent.request("tools/list", json!({})).await;
    let tools = listed["result"]["tools"].as_array().unwrap();
    let names: Vec<_> = tools.iter().map(|tool| tool["name"].as_str().unwrap()).collect();
    assert_eq!(names, TOOLS);
    for tool in tools {
        for schema in ["inputSchema", "outputSchema"] {
            assert_eq!(tool[schema]["type"], "object", "{tool}");
        }
        let reads = !["knowledge_add", "knowledge_update", "learn"]
            .contains(&tool["name"].as_str().unwrap());
        let destroys = tool["name"] == "knowledge_update";
        let hints = &tool["annotations"];
        assert_eq!(hints["readOnlyHint"], reads, "{tool}");
        assert_eq!(hints["destructiveHint"], destroys, "{tool}");
    }
    agent.leave().await;
    daemon.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_agent_adds_it_finds_reads_changes_and_forgets() {
    let place = place();
    let mut agent = Agent::start(&place, &["--project", "billing"]).await;
    let daemon = Daemon::of(&place);
    let content = format!("Money is counted in micro-dollars, never in floats: {MARK}.");
    let new = json!({"content": content, "kind": "architectural_decision", "source": "ada"});
    let added = agent.call("knowledge_add", new.clone()).await;
    assert_eq!(added["outcome"], "created");
    let id = added["id"].clone();
    assert_eq!(agent.call("knowledge_add", new).await["outcome"], "known");

    let found = agent.call("knowledge_search", json!({"query": "how is money counted"})).await;
    let hit = &found["hits"][0];
    assert_eq!((&hit["id"], &hit["source"]["name"]), (&id, &json!("ada")));
    assert_eq!((&hit["project"], &hit["parts"]["project"]), (&json!("billing"), &json!(1.0)));
    let read = agent.call("knowledge_get", json!({"ids": [id]})).await;
    assert_eq!(read["items"][0]["content"], content);
    let asked = agent.call("ask", json!({"question": "How is money counted?"})).await;
    assert_holds(asked["answer"].as_str().unwrap(), &["micro-dollars", "[1]"]);
    assert_eq!(asked["citations"][0]["id"], id);

    let replace = json!({"id": id, "change": "replace", "content": "Money is counted in cents."});
    let updated = agent.call("knowledge_update", replace).await;
    assert_eq!(updated["item"]["content"], "Money is counted in cents.");
    let invalidated = agent.call("knowledge_update", json!({"id": id, "change": "invalidate"}));
    assert_eq!(invalidated.await["item"]["holds"], false);
    let found = agent.call("knowledge_search", json!({"query": "money cents"})).await;
    assert_eq!(found["hits"], json!([]));
    agent.call("knowledge_update", json!({"id": id, "change": "forget"})).await;
    let gone = agent.refused("knowledge_get", json!({"ids": [id]})).await;
    assert_holds(&gone, &[&id.to_string()]);
    agent.leave().await;
    daemon.stop().await;
    assert!(!daemon::log(&place).contains(MARK), "the log holds what an agent said");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_learns_a_text_and_asks_what_it_may_spend_and_what_a_page_is_worth() {
    let place = place();
    place.good(&["budget", "set", "--developer", "local", "--limit", "8.33"]).await;
    let mut agent = Agent::start(&place, &[]).await;
    let daemon = Daemon::of(&place);
    let text =
        format!("# Ledger\n\nLeases of the ledger are synced before they are used. {MARK}\n");
    let material = json!({"name": "docs/ledger.md", "text": text});
    assert_eq!(agent.call("learn", material.clone()).await["created"], 1);
    assert_eq!(agent.call("learn", material).await["created"], 0);

    let budget = agent.call("budget_status", json!({})).await;
    let developer = &budget["accounts"][0];
    let amounts = ["limit", "spent", "left"].map(|name| developer[name].as_str().unwrap());
    assert_eq!(developer["name"], "local");
    assert_eq!(amounts, ["8.330000", "0.000000", "8.330000"]);

    let page = "# A\n\n### C\n\nWords of a page.\n";
    let analysed = agent.call("analyze_document", json!({"text": page, "findings_max": 1})).await;
    let fault = &analysed["findings"][0];
    assert_eq!(analysed["findings"].as_array().unwrap().len(), 1);
    assert!(fault["line"].is_u64() && fault["column"].is_u64(), "{analysed}");
    agent.leave().await;
    daemon.stop().await;
    assert!(!daemon::log(&place).contains(MARK), "the log holds what an agent said");
}

/// A call that cannot be carried out is told in a sentence, and the session goes on.
#[tokio::test(flavor = "multi_thread")]
async fn wrong_calls_are_told_in_a_sentence() {
    let place = place();
    let mut agent = Agent::start(&place, &[]).await;
    let daemon = Daemon::of(&place);
    let many: Vec<i64> = (1..=21).collect();
    let wrong = [
        ("knowledge_search", json!({}), "query"),
        ("knowledge_search", json!({"query": " "}), "empty"),
        ("knowledge_search", json!({"query": "x", "limit": 51}), "1 to 50"),
        ("knowledge_search", json!({"query": "x".repeat(8193)}), "8192 bytes"),
        ("knowledge_get", json!({"ids": many}), "1 to 20"),
        ("knowledge_get", json!({"ids": [7]}), "7"),
        ("knowledge_add", json!({"content": "x", "confidence": 2}), "from 0 to 1"),
        ("knowledge_update", json!({"id": 1, "change": "replace"}), "content"),
        ("learn", json!({"name": "/etc/passwd", "path": "/etc/passwd"}), "path"),
        ("classify", json!({"texts": []}), "1 to 64"),
        ("classify", json!({"texts": ["why does it crash?"]}), "forebay models pull"),
        ("analyze_document", json!({"text": "x", "findings_max": 0}), "1 to 500"),
        ("budget_status", json!({"tenant": "another"}), "tenant"),
    ];
    for (tool, arguments, told) in wrong {
        assert_holds(&agent.refused(tool, arguments).await, &[told]);
    }
    let unknown = agent.request("tools/call", json!({"name": "shell", "arguments": {}})).await;
    assert_eq!(unknown["error"]["code"], -32602, "{unknown}");
    agent.call("budget_status", json!({})).await;
    agent.leave().await;
    daemon.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_gateway_that_an_agent_started_stays_and_tenants_are_apart() {
    let place = place();
    let mut agent = Agent::start(&place, &["--tenant", "acme"]).await;
    let daemon = Daemon::of(&place);
    let new = json!({"content": "Deployments are frozen on Fridays."});
    agent.call("knowledge_add", new).await;
    assert_eq!(agent.leave().await.code(), Some(0));
    let status = parse(&place.run(&["status", "--json"]).await.out);
    assert!(status["address"].is_string(), "{status}");
    let query = json!({"query": "deployments on Fridays"});
    for (arguments, hits) in [(["--tenant", "acme"], 1), (["--tenant", "other"], 0)] {
        let mut agent = Agent::start(&place, &arguments).await;
        let found = agent.call("knowledge_search", query.clone()).await;
        assert_eq!(found["hits"].as_array().unwrap().len(), hits, "{arguments:?}");
        agent.leave().await;
    }
    daemon.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_starts_and_kills_leave_one_gateway_and_nothing_else() {
    let place = place();
    let mut agents = JoinSet::new();
    for number in 0..50 {
        // Killed at any moment: before a word, once it is connected, with a call on its way.
        let mut agent = Agent::spawn(&place, &["--data", place.data().to_str().unwrap()]);
        agents.spawn(async move {
            if number % 3 > 0 {
                agent.introduce().await;
            }
            if number % 3 > 1 {
                let text = format!("Number {number} is remembered by nobody.");
                agent.send(&agent::call("knowledge_add", json!({"content": text}))).await;
            }
            agent.kill().await;
        });
        if number % 10 == 9 {
            while let Some(ended) = agents.join_next().await {
                ended.unwrap();
            }
        }
    }
    let mut agent = Agent::start(&place, &["--data", place.data().to_str().unwrap()]).await;
    let daemon = Daemon::of(&place);
    agent.call("budget_status", json!({})).await;
    agent.leave().await;
    let left = daemon::processes(&place);
    assert_eq!(left, [daemon.id()], "{}", daemon::log(&place));
    daemon.stop().await;
    assert_eq!(daemon::processes(&place), [0; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_gateway_no_daemon_says_what_to_do() {
    let place = place();
    let refusal = place.refused(&["mcp", "--no-daemon"]).await;
    assert_holds(&refusal, &[&place.data().display().to_string(), "forebay serve"]);
    assert!(!place.data().exists());
    let gateway = place.serve().await;
    let mut agent = Agent::start(&place, &["--no-daemon"]).await;
    agent.call("budget_status", json!({})).await;
    gateway.kill().await;
    let (status, told) = agent.end().await;
    assert_eq!(status.code(), Some(1), "{told}");
    assert_holds(&told, &["the gateway has stopped"]);
}

/// As of a gateway with another data directory.
#[tokio::test(flavor = "multi_thread")]
async fn why_no_gateway_can_be_started_is_told() {
    let taken = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let mut settings = settings::with_provider(([127, 0, 0, 1], 9).into());
    settings::set(&mut settings, "server", "listen", address.as_str());
    let place = Place::with(&settings);
    let refusal = place.refused(&["mcp"]).await;
    assert_holds(&refusal, &[&address, "is another program using it?", "daemon.log"]);
    assert_eq!(daemon::processes(&place), [0; 0]);
}

/// A stop of the gateway ends its agents.
#[tokio::test(flavor = "multi_thread")]
async fn a_stop_waits_for_no_agent() {
    let place = place();
    let gateway = place.serve().await;
    let agent = Agent::start(&place, &[]).await;
    gateway.stop().await;
    assert_eq!(agent.end().await.0.code(), Some(1));
}

/// As `docs/operations.md` says.
#[tokio::test(flavor = "multi_thread")]
async fn sixty_four_agents_are_connected_at_once_and_no_more() {
    let place = place();
    let gateway = place.serve().await;
    let mut connected = Vec::new();
    for _ in 0..64 {
        let socket = UnixStream::connect(place.data().join("control.sock")).await.unwrap();
        let mut socket = BufReader::new(socket);
        let attend = "{\"attend\":{\"tenant\":\"default\",\"project\":null}}\n";
        socket.write_all(attend.as_bytes()).await.unwrap();
        let mut line = String::new();
        within("a place", socket.read_line(&mut line)).await.unwrap();
        assert_eq!(line, "\"attending\"\n");
        connected.push(socket);
    }
    assert_holds(&place.refused(&["mcp"]).await, &["too many agents"]);
    gateway.stop().await;
}

/// The protocol without a handshake, of 2026-07-28.
#[tokio::test(flavor = "multi_thread")]
async fn agents_of_the_stateless_protocol_are_served_too() {
    let place = place();
    let mut agent = Agent::spawn(&place, &[]);
    let meta = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientInfo": {"name": "test", "version": "1"},
        "io.modelcontextprotocol/clientCapabilities": {},
    });
    let discovered = agent.request("server/discover", json!({"_meta": meta})).await;
    let daemon = Daemon::of(&place);
    let versions: &Value = &discovered["result"]["supportedVersions"];
    assert!(versions.as_array().unwrap().contains(&json!("2026-07-28")), "{discovered}");
    let call = json!({"name": "budget_status", "arguments": {}, "_meta": meta});
    let called = agent.request("tools/call", call).await;
    assert_eq!(called["result"]["structuredContent"]["accounts"][1]["account"], "tenant");
    agent.leave().await;
    daemon.stop().await;
}
