"""All-MiniLM-L6-v2 in NumPy, for the figures that the tests and tuning of `knowledge` need.

    embed.py pairs  MODEL PAIRS.jsonl      writes the cosine of each pair into the file
    embed.py texts  MODEL TEXTS.jsonl OUT  writes one little-endian f32 row of 384 per line's "text"

MODEL is a folder with `model.safetensors` and `tokenizer.json`. Needs numpy, tokenizers, safetensors.
"""

import json
import sys
from pathlib import Path

import numpy
from safetensors.numpy import load_file
from tokenizers import Tokenizer

TOKENS_MAX = 256
HEADS = 12
LAYERS = 6
# Padded tokens of one batch.
BATCH_TOKENS = 8192


def normalise(x, scale, shift):
    mean = x.mean(-1, keepdims=True)
    variance = ((x - mean) ** 2).mean(-1, keepdims=True)
    return (x - mean) / numpy.sqrt(variance + 1e-12) * scale + shift


def error_function(x):
    """Abramowitz and Stegun 7.1.26, absolute error below 1.5e-7."""
    t = 1 / (1 + 0.3275911 * numpy.abs(x))
    series = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))))
    return numpy.sign(x) * (1 - series * numpy.exp(-x * x))


class Model:
    def __init__(self, folder):
        weights = load_file(folder / "model.safetensors")
        self.weights = {name.removeprefix("bert."): value for name, value in weights.items()}
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self.tokenizer.no_padding()
        self.tokenizer.enable_truncation(TOKENS_MAX)

    def embed(self, texts):
        encoded = [encoding.ids for encoding in self.tokenizer.encode_batch(texts)]
        rows = numpy.zeros((len(texts), 384), numpy.float32)
        batch = []
        for index in sorted(range(len(texts)), key=lambda index: len(encoded[index])):
            if batch and (len(batch) + 1) * len(encoded[index]) > BATCH_TOKENS:
                rows[batch] = self.forward([encoded[i] for i in batch])
                batch = []
            batch.append(index)
        if batch:
            rows[batch] = self.forward([encoded[i] for i in batch])
        return rows

    def forward(self, ids):
        length = max(map(len, ids))
        mask = numpy.array([[1] * len(row) + [0] * (length - len(row)) for row in ids], numpy.float32)
        padded = numpy.array([row + [0] * (length - len(row)) for row in ids])
        w = self.weights
        x = w["embeddings.word_embeddings.weight"][padded]
        x = x + w["embeddings.position_embeddings.weight"][:length]
        x = x + w["embeddings.token_type_embeddings.weight"][0]
        x = normalise(x, w["embeddings.LayerNorm.weight"], w["embeddings.LayerNorm.bias"])
        for layer in range(LAYERS):
            x = self.layer(x, mask, f"encoder.layer.{layer}.")
        pooled = (x * mask[:, :, None]).sum(1) / mask.sum(1, keepdims=True)
        return pooled / numpy.linalg.norm(pooled, axis=1, keepdims=True)

    def layer(self, x, mask, prefix):
        def linear(name, value):
            return value @ self.weights[f"{prefix}{name}.weight"].T + self.weights[f"{prefix}{name}.bias"]

        def normal(name, value):
            scale, shift = (self.weights[f"{prefix}{name}.LayerNorm.{part}"] for part in ("weight", "bias"))
            return normalise(value, scale, shift)

        count, length, width = x.shape
        heads = [
            linear(f"attention.self.{part}", x).reshape(count, length, HEADS, -1).transpose(0, 2, 1, 3)
            for part in ("query", "key", "value")
        ]
        scores = heads[0] @ heads[1].transpose(0, 1, 3, 2) / numpy.sqrt(width / HEADS)
        scores = scores + (1 - mask)[:, None, None, :] * -1e9
        scores = numpy.exp(scores - scores.max(-1, keepdims=True))
        context = (scores / scores.sum(-1, keepdims=True)) @ heads[2]
        context = context.transpose(0, 2, 1, 3).reshape(count, length, width)
        x = normal("attention.output", linear("attention.output.dense", context) + x)
        inner = linear("intermediate.dense", x)
        inner = inner * 0.5 * (1 + error_function(inner / numpy.sqrt(2)))
        return normal("output", linear("output.dense", inner) + x)


def read(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]


def main():
    task, model, path = sys.argv[1], Model(Path(sys.argv[2])), Path(sys.argv[3])
    records = read(path)
    if task == "pairs":
        one, other = (model.embed([record[side] for record in records]) for side in ("a", "b"))
        lines = []
        for record, cosine in zip(records, (one * other).sum(1)):
            record["cosine"] = round(float(cosine), 4)
            lines.append(json.dumps(record, ensure_ascii=False))
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    else:
        model.embed([record["text"] for record in records]).astype("<f4").tofile(sys.argv[4])


main()
