"""How fast textstat and datatrove are on the distinct Markdown files below a folder.

`cargo xtask bench --analysis` runs it beside the product on the same files. datatrove is given
words cut at white space, which its own tokenizer (spaCy) takes much longer to find. Prints one JSON
object: documents, bytes, and for each tool the seconds of processor time for all of them.
"""

import hashlib
import json
import pathlib
import sys
import time

import textstat
from datatrove.data import Document
from datatrove.pipeline.filters import gopher_quality_filter, gopher_repetition_filter

FORMULAS = [
    textstat.flesch_reading_ease,
    textstat.flesch_kincaid_grade,
    textstat.smog_index,
    textstat.coleman_liau_index,
    textstat.automated_readability_index,
    textstat.dale_chall_readability_score,
    textstat.gunning_fog,
    textstat.lix,
    textstat.rix,
]


def texts_below(folder):
    texts = {}
    for path in sorted(pathlib.Path(folder).rglob("*.md")):
        content = path.read_bytes()
        text = content.decode("utf-8", errors="replace")
        texts.setdefault(hashlib.sha256(content).digest(), text)
    return list(texts.values())


def processor_seconds(work, texts):
    began = time.process_time()
    for text in texts:
        work(text)
    return time.process_time() - began


def readability(text):
    if text.strip():
        for formula in FORMULAS:
            formula(text)


def main():
    texts = texts_below(sys.argv[1])
    split = lambda text, language=None: text.split()
    gopher_quality_filter.split_into_words = split
    gopher_repetition_filter.split_into_words = split
    quality = gopher_quality_filter.GopherQualityFilter()
    repetition = gopher_repetition_filter.GopherRepetitionFilter()

    def gopher(text):
        document = Document(text=text, id="")
        quality.filter(document)
        repetition.filter(document)

    found = {
        "documents": len(texts),
        "bytes": sum(len(text.encode()) for text in texts),
        "textstat": processor_seconds(readability, texts),
        "datatrove": processor_seconds(gopher, texts),
    }
    json.dump(found, sys.stdout)
    print()


main()
