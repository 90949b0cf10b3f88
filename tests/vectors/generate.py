"""Writes real sentence embeddings to a file, for measuring vector indexes.

usage: generate.py PACKAGES MODEL OUT

PACKAGES is a folder with the sources of packages, as cargo keeps them; MODEL one with `model.int8.onnx` and
`tokenizer.json` of all-MiniLM-L6-v2; OUT gets 101,000 rows of 384 little-endian f32 of length one, of
which the last 1,000 are meant as queries. The sentences are distinct, come from Markdown files and
documentation comments in Rust, and are shuffled with seed 1. Each is embedded alone, cut at 64
tokens. With fewer sentences than that in PACKAGES the file is smaller.
"""

import concurrent.futures
import os
import pathlib
import random
import re
import sys

import numpy
import onnxruntime
import tokenizers

COUNT = 101_000
SEED = 1
TOKENS = 64
WORDS = range(6, 41)
DOC_COMMENT = re.compile(r"^\s*//[/!] ?(.*)$")
SENTENCE_END = re.compile(r"(?<=[.!?])\s+")


def paragraphs(path):
    """The paragraphs of prose in a Markdown file or in the documentation comments of a Rust file."""
    text = path.read_text(encoding="utf-8", errors="ignore")
    lines = text.splitlines()
    if path.suffix == ".rs":
        found = (DOC_COMMENT.match(line) for line in lines)
        lines = [match.group(1) if match else "" for match in found]
    in_code = False
    kept = []
    for line in lines:
        if line.lstrip().startswith("```"):
            in_code = not in_code
        is_prose = not in_code and line[:1] not in ("#", "|", "<", "[", "    ")
        kept.append(line.strip() if is_prose else "")
    return re.split(r"\n\s*\n", "\n".join(kept))


def sentences(folder):
    found = set()
    for path in sorted(pathlib.Path(folder).rglob("*")):
        if path.suffix not in (".md", ".rs") or not path.is_file():
            continue
        for paragraph in paragraphs(path):
            for sentence in SENTENCE_END.split(" ".join(paragraph.split())):
                if len(sentence.split()) in WORDS:
                    found.add(sentence)
    chosen = sorted(found)
    random.Random(SEED).shuffle(chosen)
    return chosen[:COUNT]


def embedder(model):
    tokenizer = tokenizers.Tokenizer.from_file(str(model / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(TOKENS)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(model / "model.int8.onnx"), options)
    names = {node.name for node in session.get_inputs()}

    def embed(sentence):
        tokens = tokenizer.encode(sentence)
        ids = numpy.array([tokens.ids], dtype=numpy.int64)
        inputs = {
            "input_ids": ids,
            "attention_mask": numpy.ones_like(ids),
            "token_type_ids": numpy.zeros_like(ids),
        }
        hidden = session.run(None, {name: inputs[name] for name in names})[0][0]
        mean = hidden.mean(axis=0)
        return (mean / numpy.linalg.norm(mean)).astype("<f4")

    return embed


def main():
    packages, model, out = map(pathlib.Path, sys.argv[1:])
    texts = sentences(packages)
    embed = embedder(model)
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        rows = numpy.stack(list(pool.map(embed, texts, chunksize=64)))
    part = out.with_suffix(".part")
    rows.tofile(part)
    part.rename(out)


main()
