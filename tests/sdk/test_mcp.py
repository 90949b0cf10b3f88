"""The official MCP package, unchanged, against a gateway of its own: over standard input and output
and over HTTP, in the protocol with a handshake and in the one without.

`cargo xtask test` runs this file. By hand: as test_sdk.py. Where FOREBAY_TEST_MODEL names the folder
of an embedding model, texts are classified with it.
"""

import asyncio
import contextlib
import functools
import os
import sys
import unittest

import httpx2
import mcp
from mcp.client.streamable_http import streamable_http_client

from test_sdk import WAIT_SECONDS, Gateway

HANDSHAKE = "legacy"
STATELESS = "2026-07-28"
HAS_MODEL = "FOREBAY_TEST_MODEL" in os.environ

# Tools, and whether they only read.
TOOLS = {
    "knowledge_search": True,
    "knowledge_get": True,
    "knowledge_add": False,
    "knowledge_update": False,
    "ask": True,
    "learn": False,
    "classify": True,
    "budget_status": True,
    "analyze_document": True,
}


def setUpModule():
    global GATEWAY
    GATEWAY = Gateway()
    unittest.addModuleCleanup(GATEWAY.stop)


def connected(test):
    """A test with a client of its own; the package wants to end in the task that it began in."""

    @functools.wraps(test)
    def run(self):
        asyncio.run(self.connect_and(test))

    return run


class Contract:
    """What must hold over either transport, in either protocol."""

    mode = None

    def transport(self, stack):
        raise NotImplementedError

    async def call(self, tool, **arguments):
        """What a tool gives back; the package checks it against the tool's schema."""
        result = await self.client.call_tool(tool, arguments)
        self.assertFalse(result.is_error, result)
        return result.structured_content

    async def refused(self, tool, **arguments):
        result = await self.client.call_tool(tool, arguments)
        self.assertTrue(result.is_error, result)
        return result.content[0].text

    async def connect_and(self, test):
        async with contextlib.AsyncExitStack() as stack:
            transport = await self.transport(stack)
            client = mcp.Client(transport, mode=self.mode, read_timeout_seconds=WAIT_SECONDS)
            self.client = await stack.enter_async_context(client)
            await test(self)

    @connected
    async def test_every_tool_is_listed(self):
        listed = (await self.client.list_tools()).tools
        reads = {tool.name: tool.annotations.read_only_hint for tool in listed}
        self.assertEqual(reads, TOOLS)
        for tool in listed:
            self.assertTrue(tool.description and tool.output_schema, tool)

    @connected
    async def test_knowledge_is_added_found_read_changed_and_asked_for(self):
        await self.client.list_tools()
        added = await self.call(
            "knowledge_add",
            content="The gate is painted green because red was sold out.",
            kind="architectural_decision",
            title="Paint",
            source="ada",
        )
        self.assertEqual(added["outcome"], "created", added)
        found = await self.call("knowledge_search", query="painting the gate", limit=1)
        hit = found["hits"][0]
        self.assertEqual((hit["id"], hit["source"]["name"]), (added["id"], "ada"))
        self.assertEqual(found["by_meaning"], HAS_MODEL)
        known = await self.call("knowledge_get", ids=[added["id"]])
        self.assertIn("red was sold out", known["items"][0]["content"])
        asked = await self.call("ask", question="Why is the gate green?")
        self.assertEqual(asked["citations"][0]["id"], added["id"], asked)
        updated = await self.call("knowledge_update", id=added["id"], change="invalidate")
        self.assertFalse(updated["item"]["holds"])
        # The next class says the same.
        await self.call("knowledge_update", id=added["id"], change="forget")
        self.assertIn(str(added["id"]), await self.refused("knowledge_get", ids=[added["id"]]))

    @connected
    async def test_a_text_is_learned_once(self):
        await self.client.list_tools()
        name = type(self).__name__
        text = "# Roof\n\nThe lamp of %s is on the roof.\n" % name
        material = {"name": "notes/%s.md" % name, "text": text}
        self.assertEqual((await self.call("learn", **material))["created"], 1)
        self.assertEqual((await self.call("learn", **material))["created"], 0)

    @connected
    async def test_texts_are_classified_where_there_is_a_model(self):
        await self.client.list_tools()
        texts = ["why does this test crash with a null pointer?"]
        if HAS_MODEL:
            classified = await self.call("classify", texts=texts)
            self.assertEqual(classified["results"][0]["label"], "debugging", classified)
        else:
            self.assertIn("forebay models pull", await self.refused("classify", texts=texts))

    @connected
    async def test_money_and_documents(self):
        await self.client.list_tools()
        accounts = (await self.call("budget_status"))["accounts"]
        self.assertEqual([accounts[0]["account"], accounts[-1]["account"]], ["developer", "tenant"])
        page = "# A\n\n### C\n\nWords of a page.\n"
        analysed = await self.call("analyze_document", text=page, profile="reference")
        rules = [finding["rule"] for finding in analysed["findings"]]
        self.assertIn("heading-jump", rules)

    @connected
    async def test_wrong_arguments_are_told_in_a_sentence(self):
        told = await self.refused("knowledge_get", ids=[])
        self.assertIn("ids are 1 to 20", told)


class Stdio:
    async def transport(self, stack):
        command = GATEWAY.command("mcp")
        log = stack.enter_context(open(os.devnull, "w"))
        parameters = mcp.StdioServerParameters(command=command[0], args=command[1:])
        return mcp.stdio_client(parameters, errlog=log)


class Http:
    async def transport(self, stack):
        key = GATEWAY.key(self.id().replace("__main__.", ""), "1")
        http = httpx2.AsyncClient(
            headers={"Authorization": "Bearer " + key}, timeout=WAIT_SECONDS, trust_env=False
        )
        await stack.enter_async_context(http)
        return streamable_http_client("http://%s/mcp" % GATEWAY.address, http_client=http)


class StdioHandshakeTest(Stdio, Contract, unittest.TestCase):
    mode = HANDSHAKE


class StdioStatelessTest(Stdio, Contract, unittest.TestCase):
    mode = STATELESS


class HttpHandshakeTest(Http, Contract, unittest.TestCase):
    mode = HANDSHAKE


class HttpStatelessTest(Http, Contract, unittest.TestCase):
    mode = STATELESS


if __name__ == "__main__":
    # The counts are read from standard output by whoever runs this.
    unittest.main(testRunner=unittest.TextTestRunner(stream=sys.stdout, verbosity=2))
