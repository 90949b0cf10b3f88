"""How fast and how exact the index is beside faiss and usearch on the same vectors.

usage: speed.py MEASURE FILE

MEASURE is the built example of forebay-vectors. FILE holds rows of 384 little-endian f32 of length
one, of which the last 1,000 are queries (see generate.py). Every index is asked for the 10 nearest,
one query at a time, on one thread; MEASURE on two as well. Builds everything once, then asks in
rounds, so that a slow moment of the machine hits all. Prints one JSON object; `cargo xtask bench
--vectors` shows it.

What is right is computed here in f32 by matrix products. A neighbour that is as near as the tenth,
to 1e-6, counts as right: equal ones have no order.
"""

import json
import os
import subprocess
import sys
import time

import faiss
import numpy
import usearch.index

DIMENSION = 384
QUERIES = 1_000
NEAREST = 10
PROJECTS = 20
ROUNDS = 3
# Of HNSW in both libraries, as the product's own.
LINKS, BUILD_WIDTH, SEARCH_WIDTH = 16, 128, 160


def resident_bytes():
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def truth(rows, queries, chosen):
    """For each query the true scores of all rows that it may find, and its tenth."""
    all_scores = numpy.empty((len(queries), len(rows)), dtype=numpy.float32)
    for number, query in enumerate(queries):
        scores = rows @ query
        all_scores[number] = numpy.where(chosen(number), scores, -2.0)
    tenth = numpy.partition(all_scores, -NEAREST, axis=1)[:, -NEAREST]
    return all_scores, tenth


def recall(found, answers):
    scores, tenth = answers
    right = 0
    for number, ids in enumerate(found):
        ids = [identifier for identifier in set(ids) if identifier >= 0]
        right += int(numpy.sum(scores[number][ids] >= tenth[number] - 1e-6))
    return right / (len(found) * NEAREST)


class Engine:
    """An index that was built, and what searching it took."""

    def __init__(self, name, build, search, filtered=None):
        before = resident_bytes()
        began = time.perf_counter()
        self.index = build()
        self.insert_seconds = time.perf_counter() - began
        self.bytes = resident_bytes() - before
        self.name, self.search, self.filtered = name, search, filtered
        self.seconds = {"plain": [], "filtered": []}
        self.found = {}

    def run(self, queries):
        for kind, search in (("plain", self.search), ("filtered", self.filtered)):
            if search is None:
                continue
            found = []
            for number in range(len(queries)):
                query = queries[number : number + 1]
                began = time.perf_counter()
                ids = search(self.index, query, number)
                self.seconds[kind].append(time.perf_counter() - began)
                found.append(ids)
            self.found[kind] = [[int(identifier) for identifier in ids] for ids in found]

    def figures(self, rows, answers):
        figures = {"insert_seconds": self.insert_seconds, "bytes": self.bytes, "rows": rows}
        for kind, found in self.found.items():
            figures[kind] = summary(self.seconds[kind], found, answers[kind])
        return figures


def summary(seconds, found, answers):
    return {
        "mean_seconds": float(numpy.mean(seconds)),
        "p50_seconds": float(numpy.percentile(seconds, 50)),
        "p95_seconds": float(numpy.percentile(seconds, 95)),
        "recall": recall(found, answers),
    }


def faiss_engines(rows):
    selectors = [
        faiss.IDSelectorBatch(numpy.arange(project, len(rows), PROJECTS))
        for project in range(PROJECTS)
    ]

    def scan(index, query, number):
        return index.search(query, NEAREST)[1][0]

    def filtered(index, query, number):
        parameters = faiss.SearchParameters(sel=selectors[number % PROJECTS])
        return index.search(query, NEAREST, params=parameters)[1][0]

    def flat():
        index = faiss.IndexFlatIP(DIMENSION)
        index.add(rows)
        return index

    def codes():
        index = faiss.IndexScalarQuantizer(
            DIMENSION, faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT
        )
        index.train(rows)
        index.add(rows)
        return index

    def hnsw():
        index = faiss.IndexHNSWSQ(
            DIMENSION, faiss.ScalarQuantizer.QT_8bit, LINKS, faiss.METRIC_INNER_PRODUCT
        )
        index.hnsw.efConstruction, index.hnsw.efSearch = BUILD_WIDTH, SEARCH_WIDTH
        index.train(rows)
        index.add(rows)
        return index

    return [
        Engine("faiss flat f32", flat, scan, filtered),
        Engine("faiss flat int8", codes, scan, filtered),
        Engine("faiss hnsw int8", hnsw, scan),
    ]


def usearch_engines(rows):
    def build(dtype):
        index = usearch.index.Index(
            ndim=DIMENSION,
            metric="cos",
            dtype=dtype,
            connectivity=LINKS,
            expansion_add=BUILD_WIDTH,
            expansion_search=SEARCH_WIDTH,
        )
        index.add(numpy.arange(len(rows)), rows, threads=1)
        return index

    def search(index, query, number):
        return index.search(query[0], NEAREST).keys

    return [
        Engine("usearch hnsw bf16", lambda: build("bf16"), search),
        Engine("usearch hnsw int8", lambda: build("i8"), search),
    ]


def measured(example, file, threads):
    command = [example, file, str(DIMENSION), str(QUERIES), str(threads)]
    return json.loads(subprocess.run(command, check=True, capture_output=True).stdout)


def ours_figures(runs, answers):
    last = runs[-1]
    figures = {
        "insert_seconds": min(run["insert_seconds"] for run in runs),
        "bytes": last["bytes"],
        "rows": last["rows"],
    }
    for kind in ("plain", "filtered"):
        seconds = [second for run in runs for second in run[kind]["seconds"]]
        figures[kind] = summary(seconds, last[kind]["found"], answers[kind])
    return figures


def main():
    example, file = sys.argv[1:]
    faiss.omp_set_num_threads(1)
    vectors = numpy.fromfile(file, dtype="<f4").reshape(-1, DIMENSION)
    rows, queries = vectors[:-QUERIES], vectors[-QUERIES:]
    projects = numpy.arange(len(rows)) % PROJECTS
    answers = {
        "plain": truth(rows, queries, lambda number: numpy.ones(len(rows), dtype=bool)),
        "filtered": truth(rows, queries, lambda number: projects == number % PROJECTS),
    }
    engines = faiss_engines(rows) + usearch_engines(rows)
    ours = {1: [], 2: []}
    for _ in range(ROUNDS):
        for threads, runs in ours.items():
            runs.append(measured(example, file, threads))
        for engine in engines:
            engine.run(queries)
    found = {f"forebay, {threads} thread{'s' * (threads > 1)}": ours_figures(runs, answers)
             for threads, runs in ours.items()}
    found.update({engine.name: engine.figures(len(rows), answers) for engine in engines})
    json.dump(found, sys.stdout)
    print()


main()
