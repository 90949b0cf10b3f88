"""The official OpenAI and Anthropic packages, unchanged, against a gateway of their own.

`cargo xtask test` runs this file. By hand: set FOREBAY_BINARY and run it with a Python that has the
packages of requirements.txt.
"""

import json
import os
import pathlib
import queue
import socket
import subprocess
import sys
import tempfile
import threading
import typing
import unittest

import anthropic
import openai

OPENAI_MODEL = "sim-openai"
EMBEDDING_MODEL = "sim-embedding"
LOCAL_MODEL = "all-MiniLM-L6-v2"
ANTHROPIC_MODEL = "sim-anthropic"
STALLED_MODEL = "sim-stalled"
# The simulator takes any key, but wants one.
SIMULATOR_KEY = "FOREBAY_SIMULATOR_KEY"
WAIT_SECONDS = 30

CONFIGURATION = """
chain = ["local", "second", "stalled"]

[server]
listen = "127.0.0.1:0"
require_keys = true

[data]
directory = {data}

[providers.local]
protocol = "openai-chat"
base_url = "http://{simulator}/v1"
api_key_env = "{key}"
allow_plain_http = true
allow_private_addresses = true
serves = ["{openai_model}", "{embedding_model}"]

[providers.second]
protocol = "anthropic-messages"
base_url = "http://{simulator}/v1"
api_key_env = "{key}"
allow_plain_http = true
allow_private_addresses = true
serves = ["{anthropic_model}"]

[providers.stalled]
protocol = "openai-chat"
base_url = "http://{stalled}/v1"
api_key_env = "{key}"
allow_plain_http = true
allow_private_addresses = true
serves = ["{stalled_model}"]
"""

PRICE = """
[[prices]]
provider = "{provider}"
model = "{model}"
input_usd = "1.00"
output_usd = "10.00"
"""


class StalledProvider:
    """Takes requests, tells that they have come, and never answers."""

    def __init__(self):
        self.arrived = queue.Queue()
        self._connections = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = "127.0.0.1:%d" % self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                connection, _ = self._listener.accept()
                if connection.recv(1):
                    self._connections.append(connection)
                    self.arrived.put(None)
            except OSError:
                return

    def close(self):
        self._listener.close()
        for connection in self._connections:
            connection.close()


class Gateway:
    """A gateway in front of a simulator. What is known of the binary's commands stands here."""

    def __init__(self):
        self._binary = os.environ["FOREBAY_BINARY"]
        self._folder = tempfile.TemporaryDirectory()
        self._processes = []
        self.stalled = StalledProvider()
        folder = pathlib.Path(self._folder.name)
        self._configuration = folder / "config.toml"
        self.data = folder / "data"
        self._log = open(folder / "log.txt", "w+b")
        try:
            simulator = self._start("address", "simulate", "--listen", "127.0.0.1:0")
            self._configure(simulator)
            self._install_model()
            self.address = self._start("listening", "serve")
        except BaseException:
            self.stop()
            raise

    def _install_model(self):
        """Puts the model that FOREBAY_TEST_MODEL names where `forebay models pull` would."""
        model = os.environ.get("FOREBAY_TEST_MODEL")
        self.has_model = model is not None
        if self.has_model:
            (self.data / "models").mkdir(parents=True)
            (self.data / "models" / LOCAL_MODEL).symlink_to(model)

    def _configure(self, simulator):
        text = CONFIGURATION.format(
            data=json.dumps(str(self.data)),
            simulator=simulator,
            stalled=self.stalled.address,
            key=SIMULATOR_KEY,
            openai_model=OPENAI_MODEL,
            embedding_model=EMBEDDING_MODEL,
            anthropic_model=ANTHROPIC_MODEL,
            stalled_model=STALLED_MODEL,
        )
        for provider, model in (
            ("local", OPENAI_MODEL),
            ("local", EMBEDDING_MODEL),
            ("second", ANTHROPIC_MODEL),
            ("stalled", STALLED_MODEL),
        ):
            text += PRICE.format(provider=provider, model=model)
        self._configuration.write_text(text, encoding="utf-8")

    def command(self, *arguments):
        """A command of the binary with this gateway's configuration."""
        command = [self._binary, *arguments, "--json"]
        if arguments[0] != "simulate":
            command += ["--config", str(self._configuration)]
        return command

    def _start(self, member, *arguments):
        """Starts a program that prints one line of JSON when it is ready."""
        process = subprocess.Popen(
            self.command(*arguments),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=self._log,
            env={**os.environ, SIMULATOR_KEY: "simulated"},
        )
        self._processes.append(process)
        watchdog = threading.Timer(WAIT_SECONDS, process.kill)
        watchdog.start()
        line = process.stdout.readline()
        watchdog.cancel()
        if not line:
            self._log.seek(0)
            log = self._log.read().decode(errors="replace")
            raise RuntimeError("forebay %s did not start: %s" % (arguments[0], log))
        return json.loads(line)[member]

    def _run(self, *arguments):
        done = subprocess.run(
            self.command(*arguments),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            timeout=WAIT_SECONDS,
        )
        if done.returncode != 0:
            raise RuntimeError("forebay %s: %s" % (" ".join(arguments), done.stderr.decode()))
        return done.stdout

    def key(self, developer, limit):
        """A new key of a new developer who may spend `limit` dollars."""
        self._run("budget", "set", "--developer", developer, "--limit", limit)
        return json.loads(self._run("keys", "create", "--developer", developer))["key"]

    def stop(self):
        for process in reversed(self._processes):
            process.terminate()
            try:
                process.wait(WAIT_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            process.stdout.close()
        self.stalled.close()
        self._log.close()
        self._folder.cleanup()


class Answer(typing.NamedTuple):
    """What both packages tell about an answer."""

    text: str
    tool_calls: list
    finish: str
    input_tokens: int
    output_tokens: int
    pieces: int
    is_hit: bool


TOOL = "look_up"
TOOL_PARAMETERS = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "days": {"type": "integer"}},
    "required": ["city", "days"],
}


def is_hit(headers):
    return "hit" in [part.strip() for part in headers["cache-status"].split(";")]


class OpenAi:
    """The OpenAI package."""

    model = OPENAI_MODEL
    other_model = ANTHROPIC_MODEL
    finishes = {"text": "stop", "tools": "tool_calls"}
    AuthenticationError = openai.AuthenticationError
    NotFoundError = openai.NotFoundError
    RateLimitError = openai.RateLimitError

    def __init__(self, address, key, on_request, on_response=None, **options):
        hooks = {"request": [on_request], "response": [on_response] if on_response else []}
        http_client = openai.DefaultHttpxClient(event_hooks=hooks)
        base_url = "http://%s/v1" % address
        self.client = openai.OpenAI(
            base_url=base_url, api_key=key, http_client=http_client, **options
        )

    def ask(self, text, stream=False, tools=False, model=OPENAI_MODEL, max_tokens=256):
        options = {
            "model": model,
            "messages": [{"role": "user", "content": text}],
            "max_tokens": max_tokens,
        }
        if tools:
            function = {"name": TOOL, "description": "Weather", "parameters": TOOL_PARAMETERS}
            options["tools"] = [{"type": "function", "function": function}]
        create = self.client.chat.completions.with_raw_response.create
        if stream:
            raw = create(stream=True, stream_options={"include_usage": True}, **options)
            return self._read_stream(raw)
        raw = create(**options)
        completion = raw.parse()
        (choice,) = completion.choices
        calls = choice.message.tool_calls or []
        return Answer(
            text=choice.message.content or "",
            tool_calls=[(c.function.name, json.loads(c.function.arguments)) for c in calls],
            finish=choice.finish_reason,
            input_tokens=completion.usage.prompt_tokens,
            output_tokens=completion.usage.completion_tokens,
            pieces=1,
            is_hit=is_hit(raw.headers),
        )

    @staticmethod
    def _read_stream(raw):
        texts, calls, finish, usage = [], {}, None, None
        for chunk in raw.parse():
            usage = chunk.usage or usage
            for choice in chunk.choices:
                finish = choice.finish_reason or finish
                if choice.delta.content:
                    texts.append(choice.delta.content)
                for call in choice.delta.tool_calls or []:
                    parts = calls.setdefault(call.index, ["", ""])
                    parts[0] += call.function.name or ""
                    parts[1] += call.function.arguments or ""
        return Answer(
            text="".join(texts),
            tool_calls=[(name, json.loads(arguments)) for name, arguments in calls.values()],
            finish=finish,
            input_tokens=usage.prompt_tokens,
            output_tokens=usage.completion_tokens,
            pieces=len(texts),
            is_hit=is_hit(raw.headers),
        )

    def is_out_of_money(self, error):
        return isinstance(error, openai.RateLimitError) and error.code == "insufficient_quota"


class Anthropic:
    """The Anthropic package."""

    model = ANTHROPIC_MODEL
    other_model = OPENAI_MODEL
    finishes = {"text": "end_turn", "tools": "tool_use"}
    AuthenticationError = anthropic.AuthenticationError
    NotFoundError = anthropic.NotFoundError
    RateLimitError = anthropic.RateLimitError

    def __init__(self, address, key, on_request, on_response=None, **options):
        hooks = {"request": [on_request], "response": [on_response] if on_response else []}
        http_client = anthropic.DefaultHttpxClient(event_hooks=hooks)
        base_url = "http://%s" % address
        self.client = anthropic.Anthropic(
            base_url=base_url, api_key=key, http_client=http_client, **options
        )

    def ask(self, text, stream=False, tools=False, model=ANTHROPIC_MODEL, max_tokens=256):
        options = {
            "model": model,
            "messages": [{"role": "user", "content": text}],
            "max_tokens": max_tokens,
        }
        if tools:
            tool = {"name": TOOL, "description": "Weather", "input_schema": TOOL_PARAMETERS}
            options["tools"] = [tool]
        create = self.client.messages.with_raw_response.create
        if stream:
            return self._read_stream(create(stream=True, **options))
        raw = create(**options)
        message = raw.parse()
        blocks = message.content
        return Answer(
            text="".join(block.text for block in blocks if block.type == "text"),
            tool_calls=[(block.name, block.input) for block in blocks if block.type == "tool_use"],
            finish=message.stop_reason,
            input_tokens=message.usage.input_tokens,
            output_tokens=message.usage.output_tokens,
            pieces=1,
            is_hit=is_hit(raw.headers),
        )

    @staticmethod
    def _read_stream(raw):
        texts, calls, finish, usage, is_ended = [], {}, None, {}, False
        for event in raw.parse():
            if event.type == "message_start":
                usage["input"] = event.message.usage.input_tokens
            elif event.type == "content_block_start" and event.content_block.type == "tool_use":
                calls[event.index] = [event.content_block.name, ""]
            elif event.type == "content_block_delta" and event.delta.type == "text_delta":
                texts.append(event.delta.text)
            elif event.type == "content_block_delta" and event.delta.type == "input_json_delta":
                calls[event.index][1] += event.delta.partial_json
            elif event.type == "message_delta":
                finish = event.delta.stop_reason
                usage["input"] = event.usage.input_tokens or usage["input"]
                usage["output"] = event.usage.output_tokens
            is_ended = event.type == "message_stop"
        assert is_ended, "the stream has no message_stop"
        return Answer(
            text="".join(texts),
            tool_calls=[(name, json.loads(arguments)) for name, arguments in calls.values()],
            finish=finish,
            input_tokens=usage["input"],
            output_tokens=usage["output"],
            pieces=len(texts),
            is_hit=is_hit(raw.headers),
        )

    def is_out_of_money(self, error):
        return error.status_code == 402 and error.body["error"]["type"] == "billing_error"


def setUpModule():
    global GATEWAY
    GATEWAY = Gateway()
    unittest.addModuleCleanup(GATEWAY.stop)


class Contract:
    """What must hold with either package; `package` is one of the two classes above."""

    package = None

    def connect(self, limit="1000", key=None, on_response=None, **options):
        """The package with the key of a new developer. Counts what it sends."""
        self.sent = 0
        key = key or GATEWAY.key(self.id().replace("__main__.", ""), limit)
        options["timeout"] = WAIT_SECONDS
        sdk = self.package(GATEWAY.address, key, self._count, on_response, **options)
        self.addCleanup(sdk.client.close)
        return sdk

    def _count(self, _request):
        self.sent += 1

    def question(self, about=""):
        """A text that no other test sends."""
        return "%s: %s" % (self.id(), about)

    def check_text(self, answer):
        self.assertTrue(answer.text.startswith("Simulated answer"), answer)
        self.assertEqual(answer.finish, self.package.finishes["text"])
        self.assertGreater(answer.input_tokens, 0)
        self.assertGreater(answer.output_tokens, 0)

    def test_complete_answer_with_usage(self):
        answer = self.connect().ask(self.question())
        self.check_text(answer)
        self.assertFalse(answer.is_hit)
        self.assertEqual(self.sent, 1)

    def test_streamed_answer_with_usage(self):
        answer = self.connect().ask(self.question(), stream=True)
        self.check_text(answer)
        self.assertFalse(answer.is_hit)
        self.assertGreater(answer.pieces, 1)

    def test_model_of_a_provider_that_speaks_the_other_protocol(self):
        sdk = self.connect()
        for stream in (False, True):
            question = self.question("streamed" if stream else "complete")
            self.check_text(sdk.ask(question, stream=stream, model=self.package.other_model))

    def test_second_identical_request_is_a_hit(self):
        sdk = self.connect()
        for first in (False, True):
            for second in (False, True):
                with self.subTest(first_streamed=first, second_streamed=second):
                    question = self.question("%s then %s" % (first, second))
                    answer = sdk.ask(question, stream=first)
                    again = sdk.ask(question, stream=second)
                    self.assertFalse(answer.is_hit)
                    self.assertTrue(again.is_hit)
                    same = {"is_hit": True, "pieces": again.pieces}
                    self.assertEqual(answer._replace(**same), again)

    def test_another_question_is_no_hit(self):
        sdk = self.connect()
        first = sdk.ask(self.question("one"))
        second = sdk.ask(self.question("two"))
        self.assertFalse(second.is_hit)
        self.assertNotEqual(first.text, second.text)

    def test_tools_in_the_request(self):
        sdk = self.connect()
        for stream in (False, True):
            with self.subTest(stream=stream):
                answer = sdk.ask(self.question("just talk %s" % stream), stream=stream, tools=True)
                self.check_text(answer)
                answer = sdk.ask(self.question("call:" + TOOL), stream=stream, tools=True)
                self.assertEqual(answer.finish, self.package.finishes["tools"])
                ((name, arguments),) = answer.tool_calls
                self.assertEqual(name, TOOL)
                self.assertEqual(sorted(arguments), ["city", "days"])
                self.assertGreater(answer.output_tokens, 0)

    def test_wrong_key_is_the_packages_authentication_error(self):
        for key in ("fb_wrong", "x"):
            sdk = self.connect(key=key)
            with self.assertRaises(self.package.AuthenticationError):
                sdk.ask(self.question())
            self.assertEqual(self.sent, 1)

    def test_unknown_model_is_not_found_and_says_what_is_served(self):
        sdk = self.connect()
        with self.assertRaises(self.package.NotFoundError) as caught:
            sdk.ask(self.question(), model="no-such-model")
        self.assertIn(self.package.model, str(caught.exception))
        self.assertEqual(self.sent, 1)

    def test_exhausted_budget_is_final_and_asked_for_once(self):
        sdk = self.connect(limit="0.000001")
        for stream in (False, True):
            self.sent = 0
            with self.assertRaises((openai.APIStatusError, anthropic.APIStatusError)) as caught:
                sdk.ask(self.question(), stream=stream)
            self.assertTrue(sdk.is_out_of_money(caught.exception), repr(caught.exception))
            self.assertEqual(self.sent, 1)

    def test_reserved_budget_is_retried_until_it_is_free(self):
        held = None
        refusals = []

        def on_response(response):
            if response.status_code == 429:
                refusals.append(response.headers)
                held.close()

        # Room for one such request at a time: 4,000 output tokens are 0.04 dollars.
        sdk = self.connect(limit="0.06", on_response=on_response)
        held = self.hold_reservation(sdk.client.api_key, max_tokens=4000)
        answer = sdk.ask(self.question(), max_tokens=4000)
        self.check_text(answer)
        self.assertGreater(self.sent, 1)
        self.assertEqual(len(refusals), self.sent - 1)
        for headers in refusals:
            self.assertGreaterEqual(float(headers["retry-after"]), 0)
            self.assertNotEqual(headers.get("x-should-retry"), "false")

    def test_reserved_budget_is_a_rate_limit_to_who_does_not_retry(self):
        sdk = self.connect(limit="0.06", max_retries=0)
        held = self.hold_reservation(sdk.client.api_key, max_tokens=4000)
        self.addCleanup(held.close)
        with self.assertRaises(self.package.RateLimitError) as caught:
            sdk.ask(self.question(), max_tokens=4000)
        self.assertFalse(sdk.is_out_of_money(caught.exception))
        self.assertEqual(self.sent, 1)

    def hold_reservation(self, key, max_tokens):
        """Sends a request that stays unanswered until the connection returned is closed."""
        message = {"role": "user", "content": self.question("held")}
        body = {"model": STALLED_MODEL, "max_tokens": max_tokens, "messages": [message]}
        body = json.dumps(body).encode()
        head = "\r\n".join((
            "POST /v1/chat/completions HTTP/1.1",
            "host: " + GATEWAY.address,
            "authorization: Bearer " + key,
            "content-type: application/json",
            "content-length: %d" % len(body),
        ))
        host, port = GATEWAY.address.split(":")
        connection = socket.create_connection((host, int(port)), WAIT_SECONDS)
        connection.sendall(head.encode() + b"\r\n\r\n" + body)
        GATEWAY.stalled.arrived.get(timeout=WAIT_SECONDS)
        return connection

    def test_models_are_listed(self):
        listed = [model.id for model in self.connect().client.models.list()]
        for model in (OPENAI_MODEL, ANTHROPIC_MODEL):
            self.assertIn(model, listed)


class OpenAiTest(Contract, unittest.TestCase):
    package = OpenAi

    def embed(self, client, texts, **options):
        """The vectors and whether they came from the cache."""
        create = client.embeddings.with_raw_response.create
        raw = create(input=texts, **options)
        embeddings = raw.parse()
        self.assertEqual([item.index for item in embeddings.data], list(range(len(texts))))
        self.assertGreater(embeddings.usage.prompt_tokens, 0)
        return [item.embedding for item in embeddings.data], raw.headers.get("cache-status")

    def check_same(self, vectors, others):
        self.assertEqual(len(vectors), len(others))
        for vector, other in zip(vectors, others):
            self.assertEqual(len(vector), len(other))
            for value, expected in zip(vector, other):
                self.assertAlmostEqual(value, expected, delta=1e-7)

    def test_embeddings_in_base64_as_the_package_asks_and_as_numbers(self):
        client = self.connect().client
        texts = [self.question("one"), self.question("two")]
        vectors, status = self.embed(client, texts, model=EMBEDDING_MODEL)
        self.assertEqual([len(vector) for vector in vectors], [1536, 1536])
        self.assertNotIn("hit", status)
        again, status = self.embed(client, texts, model=EMBEDDING_MODEL)
        self.assertIn("hit", status)
        self.assertEqual(again, vectors)
        floats, _ = self.embed(client, texts, model=EMBEDDING_MODEL, encoding_format="float")
        self.check_same(floats, vectors)
        short, _ = self.embed(client, texts, model=EMBEDDING_MODEL, dimensions=256)
        self.assertEqual([len(vector) for vector in short], [256, 256])

    def test_embeddings_of_a_model_that_has_none_are_refused(self):
        client = self.connect().client
        with self.assertRaises(openai.BadRequestError) as caught:
            client.embeddings.create(input="one", model=ANTHROPIC_MODEL)
        self.assertIn("it has no embeddings", str(caught.exception))
        self.assertEqual(self.sent, 1)

    def test_embeddings_of_the_model_of_the_machine(self):
        client = self.connect().client
        if not GATEWAY.has_model:
            with self.assertRaises(openai.NotFoundError) as caught:
                client.embeddings.create(input="one", model=LOCAL_MODEL)
            self.assertIn("forebay models pull", str(caught.exception))
            self.skipTest("FOREBAY_TEST_MODEL names no model")
        texts = ["how is money counted", "money is counted in micro-dollars", "a red fox"]
        vectors, _ = self.embed(client, texts, model=LOCAL_MODEL)
        self.assertEqual([len(vector) for vector in vectors], [384] * 3)
        floats, _ = self.embed(client, texts, model="local", encoding_format="float")
        self.check_same(floats, vectors)
        near, far = [sum(a * b for a, b in zip(vectors[0], other)) for other in vectors[1:]]
        self.assertGreater(near, far + 0.2)
        self.assertIn(LOCAL_MODEL, [model.id for model in client.models.list()])


class AnthropicTest(Contract, unittest.TestCase):
    package = Anthropic

    def test_the_packages_own_stream_helper(self):
        client = self.connect().client
        message = {"role": "user", "content": self.question()}
        options = {"model": ANTHROPIC_MODEL, "max_tokens": 256, "messages": [message]}
        with client.messages.stream(**options) as stream:
            streamed = "".join(stream.text_stream)
            final = stream.get_final_message()
        self.assertEqual(streamed, final.content[0].text)
        self.assertGreater(final.usage.output_tokens, 0)


if __name__ == "__main__":
    # The counts are read from standard output by whoever runs this.
    unittest.main(testRunner=unittest.TextTestRunner(stream=sys.stdout, verbosity=2))
