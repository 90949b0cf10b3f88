"""How fast a Python package embeds texts with the model files that forebay-embeddings runs.

`cargo xtask bench --embeddings` runs `speed.py PACKAGE MODEL GRAPH TEXTS` beside the product:
PACKAGE is onnxruntime or fastembed, MODEL a directory with GRAPH and the tokenizer's files, TEXTS a
JSON list of strings. One process measures one package, because its peak of memory is that of
everything it ever did. Prints one JSON object like that of the example `throughput`, and how far the
first vectors are from those of each text alone.
"""

import json
import os
import pathlib
import sys
import time

import numpy

SHORT = "how do I reset the password of my account"
WARM_UP = 20
ROUNDS = 200
TOKENS_MAX = 256
BATCH = 32


def normalized(hidden, mask):
    mask = mask[..., None]
    mean = (hidden * mask).sum(axis=1) / mask.sum(axis=1)
    return mean / numpy.linalg.norm(mean, axis=1, keepdims=True)


def with_onnxruntime(model, graph):
    import onnxruntime
    import tokenizers

    tokenizer = tokenizers.Tokenizer.from_file(str(model / "tokenizer.json"))
    tokenizer.enable_padding()
    tokenizer.enable_truncation(TOKENS_MAX)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = os.cpu_count()
    session = onnxruntime.InferenceSession(str(model / graph), options)

    def embed(texts):
        for first in range(0, len(texts), BATCH):
            encoded = tokenizer.encode_batch(texts[first : first + BATCH])
            ids = numpy.array([one.ids for one in encoded], dtype=numpy.int64)
            mask = numpy.array([one.attention_mask for one in encoded], dtype=numpy.int64)
            (hidden,) = session.run(None, {"input_ids": ids, "attention_mask": mask})
            yield from normalized(hidden, mask)

    return embed


def with_fastembed(model, graph):
    from fastembed import TextEmbedding
    from fastembed.common.model_description import ModelSource, PoolingType

    TextEmbedding.add_custom_model(
        model="local",
        pooling=PoolingType.MEAN,
        normalization=True,
        sources=ModelSource(url="local"),
        dim=384,
        model_file=graph,
    )
    embedding = TextEmbedding("local", specific_model_path=str(model), threads=os.cpu_count())
    embedding.model.tokenizer.enable_truncation(TOKENS_MAX)
    return lambda texts: embedding.embed(texts, batch_size=BATCH)


def peak_mb():
    for line in pathlib.Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024 / 1e6


def main():
    package, model, graph, texts = sys.argv[1:]
    texts = json.loads(pathlib.Path(texts).read_text())
    start = {"onnxruntime": with_onnxruntime, "fastembed": with_fastembed}[package]
    embed = start(pathlib.Path(model), graph)

    times = []
    for _ in range(WARM_UP + ROUNDS):
        began = time.perf_counter()
        list(embed([SHORT]))
        times.append(time.perf_counter() - began)
    times = sorted(times[WARM_UP:])

    began = time.perf_counter()
    vectors = list(embed(texts))
    seconds = time.perf_counter() - began
    peak = peak_mb()
    alone = [next(iter(embed([text]))) for text in texts[:BATCH]]
    found = {
        "short_p50_ms": times[ROUNDS // 2] * 1e3,
        "short_p95_ms": times[ROUNDS * 95 // 100] * 1e3,
        "texts": len(vectors),
        "seconds": seconds,
        "peak_mb": peak,
        "least_cosine_alone": float(min(a @ b for a, b in zip(alone, vectors))),
    }
    json.dump(found, sys.stdout)
    print()


main()
