"""One conversation with a tool, streamed, by each official package and from every provider protocol.

`cargo xtask test` runs this file. By hand: as test_sdk.py.
"""

import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import typing
import unittest

import anthropic
import openai

from test_sdk import SIMULATOR_KEY, TOOL, TOOL_PARAMETERS, WAIT_SECONDS, Gateway

# What each provider speaks, and where the simulator speaks it.
PROVIDERS = {
    "openai-chat": "v1",
    "openai-responses": "v1",
    "anthropic-messages": "v1",
    "gemini": "v1beta",
    "groq": "openai/v1",
}
SERVED = "simulated"
MAX_TOKENS = 256
RESULT = "It rains – naïve 🌧"
# Each provider is asked, whatever another has answered.
NO_CACHE = {"cache-control": "no-cache, no-store"}

PROVIDER = """
[providers.{name}]
protocol = "{protocol}"
base_url = "http://{simulator}/{path}"
api_key_env = "{key}"
allow_plain_http = true
allow_private_addresses = true
models = {{ "by-{name}" = "{served}" }}

[[prices]]
provider = "{name}"
model = "{served}"
input_usd = "1.00"
output_usd = "10.00"
"""


class AgentsGateway(Gateway):
    """A gateway with a provider of each protocol, all of which are one simulator."""

    def _configure(self, simulator):
        text = "chain = %s\n" % json.dumps(list(PROVIDERS))
        text += '[server]\nlisten = "127.0.0.1:0"\n[data]\ndirectory = %s\n' % json.dumps(str(self.data))
        for protocol, path in PROVIDERS.items():
            text += PROVIDER.format(
                name=protocol,
                protocol=protocol,
                simulator=simulator,
                path=path,
                key=SIMULATOR_KEY,
                served=SERVED,
            )
        self._configuration.write_text(text, encoding="utf-8")


class Turn(typing.NamedTuple):
    """What a package tells about one streamed answer."""

    text: str
    # Name and arguments.
    calls: list
    # The ids of the calls, which each provider gives anew.
    ids: list
    finish: str
    input_tokens: int
    output_tokens: int


class Chat:
    """The OpenAI package with chat completions."""

    finishes = ("tool_calls", "stop")

    def __init__(self, address):
        self.client = openai.OpenAI(
            base_url="http://%s/v1" % address, api_key="any", timeout=WAIT_SECONDS, max_retries=0
        )
        function = {"name": TOOL, "description": "Weather", "parameters": TOOL_PARAMETERS}
        self.tools = [{"type": "function", "function": function}]
        self.messages = [{"role": "system", "content": "Be brief."}]

    def say(self, text):
        self.messages.append({"role": "user", "content": text})

    def answer(self, turn, result):
        calls = [
            {"id": id, "type": "function", "function": {"name": name, "arguments": json.dumps(arguments)}}
            for id, (name, arguments) in zip(turn.ids, turn.calls)
        ]
        self.messages.append({"role": "assistant", "content": None, "tool_calls": calls})
        for id in turn.ids:
            self.messages.append({"role": "tool", "tool_call_id": id, "content": result})

    def ask(self, model):
        raw = self.client.chat.completions.with_raw_response.create(
            model=model,
            messages=self.messages,
            tools=self.tools,
            max_tokens=MAX_TOKENS,
            stream=True,
            stream_options={"include_usage": True},
            extra_headers=NO_CACHE,
        )
        text, calls, finish, usage = "", {}, None, None
        for chunk in raw.parse():
            usage = chunk.usage or usage
            for choice in chunk.choices:
                finish = choice.finish_reason or finish
                text += choice.delta.content or ""
                for call in choice.delta.tool_calls or []:
                    parts = calls.setdefault(call.index, ["", "", ""])
                    parts[0] += call.id or ""
                    parts[1] += call.function.name or ""
                    parts[2] += call.function.arguments or ""
        called = [(name, json.loads(arguments)) for _, name, arguments in calls.values()]
        ids = [id for id, _, _ in calls.values()]
        turn = Turn(text, called, ids, finish, usage.prompt_tokens, usage.completion_tokens)
        return turn, raw.headers["x-forebay-provider"]


class Responses:
    """The OpenAI package with responses, whose input grows by what came out."""

    finishes = ("completed", "completed")

    def __init__(self, address):
        self.client = openai.OpenAI(
            base_url="http://%s/v1" % address, api_key="any", timeout=WAIT_SECONDS, max_retries=0
        )
        self.tools = [
            {
                "type": "function",
                "name": TOOL,
                "description": "Weather",
                "parameters": TOOL_PARAMETERS,
                "strict": False,
            }
        ]
        self.input = []
        self.output = []

    def say(self, text):
        self.input.append({"role": "user", "content": text})

    def answer(self, turn, result):
        self.input += self.output
        for id in turn.ids:
            self.input.append({"type": "function_call_output", "call_id": id, "output": result})

    def ask(self, model):
        raw = self.client.responses.with_raw_response.create(
            model=model,
            instructions="Be brief.",
            input=self.input,
            tools=self.tools,
            max_output_tokens=MAX_TOKENS,
            store=False,
            stream=True,
            extra_headers=NO_CACHE,
        )
        text, arguments, numbers, response = "", {}, [], None
        for event in raw.parse():
            numbers.append(event.sequence_number)
            if event.type == "response.output_text.delta":
                text += event.delta
            elif event.type == "response.function_call_arguments.delta":
                arguments[event.output_index] = arguments.get(event.output_index, "") + event.delta
            elif event.type == "response.completed":
                response = event.response
        assert numbers == list(range(len(numbers))), numbers
        assert text == response.output_text, (text, response.output_text)
        self.output = [item.model_dump(exclude_none=True) for item in response.output]
        calls = [item for item in response.output if item.type == "function_call"]
        assert [call.arguments for call in calls] == list(arguments.values())
        turn = Turn(
            text=text,
            calls=[(call.name, json.loads(call.arguments)) for call in calls],
            ids=[call.call_id for call in calls],
            finish=response.status,
            input_tokens=response.usage.input_tokens,
            output_tokens=response.usage.output_tokens,
        )
        return turn, raw.headers["x-forebay-provider"]


class Messages:
    """The Anthropic package, with its own helper that adds a stream up."""

    finishes = ("tool_use", "end_turn")

    def __init__(self, address):
        self.provider = None
        http_client = anthropic.DefaultHttpxClient(event_hooks={"response": [self._note]})
        self.client = anthropic.Anthropic(
            base_url="http://%s" % address,
            api_key="any",
            timeout=WAIT_SECONDS,
            max_retries=0,
            http_client=http_client,
        )
        self.tools = [{"name": TOOL, "description": "Weather", "input_schema": TOOL_PARAMETERS}]
        self.messages = []

    def _note(self, response):
        self.provider = response.headers["x-forebay-provider"]

    def say(self, text):
        self.messages.append({"role": "user", "content": text})

    def answer(self, turn, result):
        uses = [
            {"type": "tool_use", "id": id, "name": name, "input": arguments}
            for id, (name, arguments) in zip(turn.ids, turn.calls)
        ]
        self.messages.append({"role": "assistant", "content": uses})
        results = [
            {"type": "tool_result", "tool_use_id": id, "content": result} for id in turn.ids
        ]
        self.messages.append({"role": "user", "content": results})

    def ask(self, model):
        with self.client.messages.stream(
            model=model,
            system="Be brief.",
            messages=self.messages,
            tools=self.tools,
            max_tokens=MAX_TOKENS,
            extra_headers=NO_CACHE,
        ) as stream:
            text = "".join(stream.text_stream)
            message = stream.get_final_message()
        uses = [block for block in message.content if block.type == "tool_use"]
        turn = Turn(
            text=text,
            calls=[(use.name, use.input) for use in uses],
            ids=[use.id for use in uses],
            finish=message.stop_reason,
            input_tokens=message.usage.input_tokens,
            output_tokens=message.usage.output_tokens,
        )
        return turn, self.provider


def setUpModule():
    global GATEWAY
    GATEWAY = AgentsGateway()
    unittest.addModuleCleanup(GATEWAY.stop)


class ConversationTest(unittest.TestCase):
    def converse(self, package, provider):
        """Two turns: the model calls a tool twice, and speaks after its results."""
        agent = package(GATEWAY.address)
        self.addCleanup(agent.client.close)
        agent.say("Weather here, and there? call:%s call:%s" % (TOOL, TOOL))
        turns = []
        for _ in range(2):
            turn, answered_by = agent.ask("by-" + provider)
            self.assertEqual(answered_by, provider)
            turns.append(turn)
            agent.answer(turn, RESULT)
        self.check(turns, package)
        return [turn._replace(ids=[]) for turn in turns]

    def check(self, turns, package):
        called, spoken = turns
        self.assertEqual([name for name, _ in called.calls], [TOOL, TOOL])
        self.assertEqual(len(set(called.ids)), 2, called.ids)
        self.assertTrue(spoken.text.startswith("Simulated answer"), spoken)
        self.assertEqual(spoken.calls, [])
        self.assertEqual((called.finish, spoken.finish), package.finishes)
        self.assertGreater(spoken.input_tokens, called.input_tokens)

    def compare(self, package):
        expected = None
        for provider in PROVIDERS:
            with self.subTest(provider=provider):
                turns = self.converse(package, provider)
                expected = expected or turns
                self.assertEqual(turns, expected)

    def test_chat_completions_from_every_provider(self):
        self.compare(Chat)

    def test_responses_from_every_provider(self):
        self.compare(Responses)

    def test_messages_from_every_provider(self):
        self.compare(Messages)

    def test_the_packages_own_helper_for_responses(self):
        client = Responses(GATEWAY.address).client
        self.addCleanup(client.close)
        for provider in PROVIDERS:
            with client.responses.stream(model="by-" + provider, input="Hello") as stream:
                streamed = "".join(
                    event.delta for event in stream if event.type == "response.output_text.delta"
                )
                final = stream.get_final_response()
            self.assertTrue(streamed.startswith("Simulated answer"))
            self.assertEqual(final.output_text, streamed)

    def test_an_agent_falls_back_from_a_stored_response(self):
        client = Responses(GATEWAY.address).client
        self.addCleanup(client.close)
        with self.assertRaises(openai.BadRequestError) as caught:
            client.responses.create(
                model="by-openai-responses", input="Go on.", previous_response_id="resp_1"
            )
        self.assertEqual(caught.exception.code, "previous_response_not_found")
        with self.assertRaises(openai.NotFoundError):
            client.responses.retrieve("resp_1")

    def test_tokens_are_counted(self):
        client = anthropic.Anthropic(base_url="http://%s" % GATEWAY.address, api_key="any")
        self.addCleanup(client.close)
        messages = [{"role": "user", "content": "How many tokens are these?"}]
        counted = client.messages.count_tokens(model="by-gemini", messages=messages)
        self.assertGreater(counted.input_tokens, 5)
        self.assertLess(counted.input_tokens, 50)


class NodeTest(unittest.TestCase):
    """The same conversation by the packages of Node, pinned in `node/package-lock.json`."""

    def converse(self):
        """What each package tells of the conversation with each provider."""
        source = pathlib.Path(__file__).parent / "node"
        with tempfile.TemporaryDirectory() as folder:
            for name in ("package.json", "package-lock.json", "agents.mjs"):
                shutil.copy(source / name, folder)
            install = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"]
            subprocess.run(install, cwd=folder, check=True, timeout=10 * WAIT_SECONDS)
            models = ["by-" + provider for provider in PROVIDERS]
            command = ["node", "agents.mjs", GATEWAY.address, *models]
            ran = subprocess.run(
                command, cwd=folder, stdout=subprocess.PIPE, timeout=10 * WAIT_SECONDS
            )
        self.assertEqual(ran.returncode, 0)
        return json.loads(ran.stdout)

    def test_a_conversation_is_the_same_from_every_provider(self):
        if not (shutil.which("node") and shutil.which("npm")):
            self.skipTest("node and npm are not installed")
        told = self.converse()
        for package in (Chat, Responses, Messages):
            name = package.__name__.lower()
            (called, spoken), *others = told[name]
            self.assertEqual(others, [[called, spoken]] * (len(PROVIDERS) - 1), name)
            self.assertEqual([call[0] for call in called["calls"]], [TOOL, TOOL])
            self.assertTrue(spoken["text"].startswith("Simulated answer"), spoken)
            self.assertEqual((called["finish"], spoken["finish"]), package.finishes)


if __name__ == "__main__":
    # The counts are read from standard output by whoever runs this.
    unittest.main(testRunner=unittest.TextTestRunner(stream=sys.stdout, verbosity=2))
