//! An agent: a child process `forebay mcp` and the messages it is sent.

use std::process::{ExitStatus, Stdio};

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, ChildStdin, ChildStdout};

use crate::place::{Place, parse, within};

/// A running `forebay mcp`. Dropped, it is killed.
pub(crate) struct Agent {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Agent {
    /// Starts one that has not said anything yet.
    pub(crate) fn spawn(place: &Place, arguments: &[&str]) -> Self {
        let mut command = place.command(&[&["mcp"], arguments].concat());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let input = child.stdin.take().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        Self { child, input, output }
    }

    /// Starts one that is connected.
    pub(crate) async fn start(place: &Place, arguments: &[&str]) -> Self {
        let mut agent = Self::spawn(place, arguments);
        agent.introduce().await;
        agent
    }

    /// The handshake.
    pub(crate) async fn introduce(&mut self) {
        let client = json!({"name": "test", "version": "1"});
        let params =
            json!({"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": client});
        let answer = self.request("initialize", params).await;
        assert_eq!(answer["result"]["serverInfo"]["name"], "forebay", "{answer}");
        self.send(&json!({"jsonrpc": "2.0", "method": "notifications/initialized"})).await;
    }

    pub(crate) async fn send(&mut self, message: &Value) {
        self.input.write_all(format!("{message}\n").as_bytes()).await.unwrap();
    }

    /// Asks, and waits for the answer.
    pub(crate) async fn request(&mut self, method: &str, params: Value) -> Value {
        self.send(&request(method, params)).await;
        let mut line = String::new();
        within("an answer", self.output.read_line(&mut line)).await.unwrap();
        if line.is_empty() {
            let mut told = String::new();
            self.child.stderr.take().unwrap().read_to_string(&mut told).await.unwrap();
            panic!("no answer to {method}: {told}");
        }
        parse(&line)
    }

    /// What a tool gives back, which must be told as text too.
    pub(crate) async fn call(&mut self, tool: &str, arguments: Value) -> Value {
        let answer = self.request("tools/call", params(tool, arguments)).await;
        let result = &answer["result"];
        assert_eq!(result["isError"], false, "{answer}");
        assert_eq!(
            parse(result["content"][0]["text"].as_str().unwrap()),
            result["structuredContent"]
        );
        result["structuredContent"].clone()
    }

    /// Why a tool gives nothing back.
    pub(crate) async fn refused(&mut self, tool: &str, arguments: Value) -> String {
        let answer = self.request("tools/call", params(tool, arguments)).await;
        assert_eq!(answer["result"]["isError"], true, "{answer}");
        answer["result"]["content"][0]["text"].as_str().unwrap().to_owned()
    }

    /// Closes its input, upon which it ends.
    pub(crate) async fn leave(mut self) -> ExitStatus {
        drop(self.input);
        within("the end of an agent", self.child.wait()).await.unwrap()
    }

    /// Waits until it ends by itself. Returns what it told on standard error.
    pub(crate) async fn end(mut self) -> (ExitStatus, String) {
        let mut told = String::new();
        let status = within("the end of an agent", self.child.wait()).await.unwrap();
        self.child.stderr.take().unwrap().read_to_string(&mut told).await.unwrap();
        (status, told)
    }

    /// Kills it with a signal that nothing of it survives.
    pub(crate) async fn kill(mut self) {
        within("a kill", self.child.kill()).await.unwrap();
    }
}

/// A call whose answer nobody waits for.
pub(crate) fn call(tool: &str, arguments: Value) -> Value {
    request("tools/call", params(tool, arguments))
}

fn request(method: &str, params: Value) -> Value {
    let mut message = json!({"jsonrpc": "2.0", "id": 1, "method": method});
    message["params"] = params;
    message
}

fn params(tool: &str, arguments: Value) -> Value {
    let mut params = json!({"name": tool});
    params["arguments"] = arguments;
    params
}
