"""How often a name of code is found among the first ten.

usage: identifiers.py EXPORT URL

EXPORT is what `forebay knowledge export` wrote of the gateway at URL, which must ask for no key. The
names are identifiers and error codes that stand in at most three of its items, in one spelling; 300
and 100 of them are drawn with seed 7. Each is asked for alone. Prints one JSON object: the part of
the items holding a name that were found among the first ten, and the part of the names for which one
was.
"""

import collections
import errno
import json
import random
import re
import sys
import urllib.request

SEED = 7
ITEMS_MAX = 3
LENGTH_MIN = 5
EDGE = r"(?<![A-Za-z0-9_])({})(?![A-Za-z0-9_])"
IDENTIFIER = re.compile(
    EDGE.format("[a-z][a-z0-9]*(?:_[a-z0-9]+)+|(?:[a-z]+|[A-Z][a-z0-9]+)[A-Z][A-Za-z0-9]+")
)
ERRNO = "|".join(sorted(errno.errorcode.values(), key=len, reverse=True))
ERROR = re.compile(EDGE.format(ERRNO + r"|E\d{4}|[A-Z]{2,}(?:_[A-Z0-9]+)+|[A-Z]{2,}-\d{2,}"))


def rare_names(pattern, contents):
    """Each name with the items that hold it."""
    holders = collections.defaultdict(set)
    for number, content in contents.items():
        for name in pattern.findall(content):
            holders[name].add(number)
    folded = lambda name: re.sub("[^a-z0-9]", "", name.lower())
    spellings = collections.Counter(folded(name) for name in holders)
    is_meant = lambda name: len(name) >= LENGTH_MIN and spellings[folded(name)] == 1
    return {
        name: held for name, held in holders.items() if len(held) <= ITEMS_MAX and is_meant(name)
    }


def drawn(names, count):
    return random.Random(SEED).sample(sorted(names), min(count, len(names)))


def found(url, name):
    body = json.dumps({"text": name, "limit": 10}).encode()
    headers = {"content-type": "application/json"}
    request = urllib.request.Request(url + "/v1/knowledge/search", body, headers)
    with urllib.request.urlopen(request) as response:
        return {hit["item"]["id"] for hit in json.load(response)["hits"]}


def main():
    export, url = sys.argv[1:]
    with open(export, encoding="utf-8") as lines:
        items = [json.loads(line)["item"] for line in lines]
    contents = {item["id"]: item["content"] for item in items if item["status"] == "current"}
    identifiers, errors = rare_names(IDENTIFIER, contents), rare_names(ERROR, contents)
    names = drawn(identifiers, 300) + drawn(errors, 100)
    right = wanted = any_right = 0
    for name in names:
        held = identifiers.get(name) or errors[name]
        hits = len(held & found(url, name))
        right, wanted, any_right = right + hits, wanted + len(held), any_right + (hits > 0)
    report = {
        "items": len(contents),
        "names": len(names),
        "recall": right / wanted,
        "names_found": any_right / len(names),
    }
    print(json.dumps(report))


if __name__ == "__main__":
    main()
