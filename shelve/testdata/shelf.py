"""Open a shelf and do what the lines of standard input say, one answer for each.

python shelf.py FILE FLAG. Values are tagged as in manifest.json.
"""
import base64
import json
import shelve
import sys


def tag(v):
    if v is None or isinstance(v, (bool, str)):
        return v
    if isinstance(v, int):
        return v if abs(v) <= 2**53 else {"$int": str(v)}
    if isinstance(v, float):
        return {"$float": repr(v)}
    if isinstance(v, bytes):
        return {"$bytes": base64.b64encode(v).decode()}
    if isinstance(v, (list, tuple)):
        return {"$list" if isinstance(v, list) else "$tuple": [tag(x) for x in v]}
    if isinstance(v, dict):
        return {"$dict": [[tag(k), tag(x)] for k, x in v.items()]}
    if isinstance(v, (set, frozenset)):
        return {"$set" if isinstance(v, set) else "$frozenset": sorted((tag(x) for x in v), key=repr)}
    raise TypeError(type(v))


def untag(v):
    if not isinstance(v, dict):
        return v
    ((kind, x),) = v.items()
    make = {
        "$int": int, "$float": float, "$bytes": base64.b64decode,
        "$list": lambda x: [untag(y) for y in x], "$tuple": lambda x: tuple(untag(y) for y in x),
        "$dict": lambda x: {untag(k): untag(y) for k, y in x},
        "$set": lambda x: {untag(y) for y in x}, "$frozenset": lambda x: frozenset(untag(y) for y in x),
    }
    return make[kind](x)


def answer(shelf, op, key=None, value=None):
    if op == "get":
        return tag(shelf[key])
    if op == "set":
        shelf[key] = untag(value)
    elif op == "delete":
        del shelf[key]
    elif op == "has":
        return key in shelf
    elif op == "len":
        return len(shelf)
    elif op == "keys":
        return list(shelf.keys())
    elif op == "clear":
        shelf.clear()
    elif op == "write":  # value entries, each told when it is stored
        for i in range(value):
            shelf[f"{key}{i}"] = i
            print(i, flush=True)


def main(name, flag):
    with shelve.open(name, flag) as shelf:
        print("ready", flush=True)
        for line in sys.stdin:
            try:
                reply = {"value": answer(shelf, **json.loads(line))}
            except KeyError:
                reply = {"error": "KeyError"}
            print(json.dumps(reply), flush=True)


main(*sys.argv[1:])
