// One conversation with a tool, streamed, by the official packages of Node: prints what each of them
// tells of it for every model named, as JSON. The address comes first, then the models.

import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";

const [address, ...models] = process.argv.slice(2);
const NAME = "look_up";
const SCHEMA = {
  type: "object",
  properties: { city: { type: "string" }, days: { type: "integer" } },
  required: ["city", "days"],
};
const QUESTION = `Weather here, and there? call:${NAME} call:${NAME}`;
const RESULT = "It rains – naïve 🌧";
const NO_CACHE = { headers: { "cache-control": "no-cache, no-store" } };
const options = { apiKey: "any", maxRetries: 0, timeout: 30_000 };
const openai = new OpenAI({ ...options, baseURL: `http://${address}/v1` });
const anthropic = new Anthropic({ ...options, baseURL: `http://${address}` });

const turn = (text, calls, finish, input, output) => ({
  text,
  calls: calls.map(([name, args]) => [name, JSON.parse(args)]),
  finish,
  input_tokens: input,
  output_tokens: output,
});

async function chat(model) {
  const tools = [{ type: "function", function: { name: NAME, description: "Weather", parameters: SCHEMA } }];
  const messages = [{ role: "system", content: "Be brief." }, { role: "user", content: QUESTION }];
  const turns = [];
  for (let round = 0; round < 2; round++) {
    const request = { model, messages, tools, max_tokens: 256, stream: true, stream_options: { include_usage: true } };
    const final = await openai.chat.completions.stream(request, NO_CACHE).finalChatCompletion();
    const [{ message, finish_reason }] = final.choices;
    const calls = message.tool_calls ?? [];
    const { prompt_tokens, completion_tokens } = final.usage;
    const called = calls.map((call) => [call.function.name, call.function.arguments]);
    turns.push(turn(message.content ?? "", called, finish_reason, prompt_tokens, completion_tokens));
    const tool_calls = calls.map(({ id, function: { name, arguments: args } }) => ({
      id,
      type: "function",
      function: { name, arguments: args },
    }));
    messages.push({ role: "assistant", content: null, tool_calls });
    messages.push(...calls.map(({ id }) => ({ role: "tool", tool_call_id: id, content: RESULT })));
  }
  return turns;
}

async function responses(model) {
  const tools = [{ type: "function", name: NAME, description: "Weather", parameters: SCHEMA, strict: false }];
  const input = [{ role: "user", content: QUESTION }];
  const turns = [];
  for (let round = 0; round < 2; round++) {
    const request = { model, instructions: "Be brief.", input, tools, max_output_tokens: 256, store: false };
    const final = await openai.responses.stream(request, NO_CACHE).finalResponse();
    const calls = final.output.filter((item) => item.type === "function_call");
    const called = calls.map((call) => [call.name, call.arguments]);
    const { input_tokens, output_tokens } = final.usage;
    turns.push(turn(final.output_text, called, final.status, input_tokens, output_tokens));
    input.push(...calls.map(({ call_id, name, arguments: args }) => ({ type: "function_call", call_id, name, arguments: args })));
    input.push(...calls.map(({ call_id }) => ({ type: "function_call_output", call_id, output: RESULT })));
  }
  return turns;
}

async function messages(model) {
  const tools = [{ name: NAME, description: "Weather", input_schema: SCHEMA }];
  const said = [{ role: "user", content: QUESTION }];
  const turns = [];
  for (let round = 0; round < 2; round++) {
    const request = { model, system: "Be brief.", messages: said, tools, max_tokens: 256 };
    const final = await anthropic.messages.stream(request, NO_CACHE).finalMessage();
    const uses = final.content.filter((block) => block.type === "tool_use");
    const text = final.content.filter((block) => block.type === "text").map((block) => block.text);
    const called = uses.map((use) => [use.name, JSON.stringify(use.input)]);
    const { input_tokens, output_tokens } = final.usage;
    turns.push(turn(text.join(""), called, final.stop_reason, input_tokens, output_tokens));
    said.push({ role: "assistant", content: uses });
    said.push({ role: "user", content: uses.map(({ id }) => ({ type: "tool_result", tool_use_id: id, content: RESULT })) });
  }
  return turns;
}

const told = {};
for (const [name, converse] of Object.entries({ chat, responses, messages })) {
  told[name] = [];
  for (const model of models) told[name].push(await converse(model));
}
console.log(JSON.stringify(told));
