"""The Python driver: it does what it is told by one line of JSON with Python's ring, and
answers with another one. doc.go describes the lines; driver_test.go is the same in Go."""

import base64
import dataclasses
import gc
import importlib.metadata
import json
import os
import pickle
import platform
import shelve
import sys
import unicodedata

import diskcache
import memcache
import pymemcache
import redis
import ring
from ring.func.base import ArgPack, coerce


@dataclasses.dataclass
class Record:
    by: object
    n: object
    tags: object


@dataclasses.dataclass
class Point:
    x: object
    y: object


@dataclasses.dataclass
class Person:
    name: object
    age: object


class Keyed:
    """An object with a key of its own."""

    def __init__(self, text):
        self.text = text

    def __ring_key__(self):
        return self.text


CLASSES = {cls.__name__: cls for cls in (Record, Point, Person)}


def load(note):
    """The value that a note stands for."""
    if not isinstance(note, dict):
        return note
    ((kind, arg),) = note.items()
    match kind:
        case "$int":
            return int(arg)
        case "$float":
            return float(arg)
        case "$bytes":
            return base64.b64decode(arg)
        case "$list":
            return [load(item) for item in arg]
        case "$tuple":
            return tuple(load(item) for item in arg)
        case "$set":
            return {load(item) for item in arg}
        case "$frozenset":
            return frozenset(load(item) for item in arg)
        case "$dict":
            return {load(key): load(value) for key, value in arg}
        case "$dataclass":
            return CLASSES[arg["name"]](**{name: load(value) for name, value in arg["fields"]})
        case "$ringkey":
            return Keyed(arg)
        case "$type":
            return CLASSES[arg]
        case "$ellipsis":
            return ...
    raise ValueError("unknown kind of note: " + kind)


def note(value):
    """The inverse of load."""
    if value is None or isinstance(value, (bool, str)):
        return value
    if value is ...:
        return {"$ellipsis": True}
    if isinstance(value, int):
        return value if abs(value) <= 2**53 else {"$int": str(value)}
    if isinstance(value, float):
        return {"$float": repr(value)}
    if isinstance(value, bytes):
        return {"$bytes": base64.b64encode(value).decode()}
    if isinstance(value, type):
        return {"$type": value.__name__}
    if isinstance(value, Keyed):
        return {"$ringkey": value.text}
    if dataclasses.is_dataclass(value):
        fields = [[f.name, note(getattr(value, f.name))] for f in dataclasses.fields(value)]
        kind = "$dataclass" if type(value) in CLASSES.values() else "$lookalike"
        return {kind: {"name": type(value).__name__, "fields": fields}}
    if isinstance(value, dict):
        return {"$dict": [[note(key), note(item)] for key, item in value.items()]}
    for kind, tag in (list, "$list"), (tuple, "$tuple"), (set, "$set"), (frozenset, "$frozenset"):
        if isinstance(value, kind):
            return {tag: [note(item) for item in value]}
    raise ValueError("no note for " + repr(value))


class Driver:
    def __init__(self):
        self.functions = {}
        self.values = []  # what functions are going to return
        self.executed = 0

    def hello(self, request):
        """Which Python this is, and of what."""
        packages = [line.split(";")[0].split("==")[0] for line in request["requirements"]]
        versions = {}
        for name in packages:
            try:
                versions[name] = importlib.metadata.version(name)
            except importlib.metadata.PackageNotFoundError:
                versions[name] = None
        return {
            "python": platform.python_version(),
            "unicode": unicodedata.unidata_version,
            "versions": versions,
        }

    def open(self, request):
        """Connect to the servers, and open the shelf and the directory."""
        host, port = request["redis"].split(":")
        self.redis = redis.StrictRedis(host=host, port=int(port))
        # By default pymemcache does not wait for the server to have stored a value, so
        # that nobody else could be sure of finding it.
        host, port = request["memcached"].split(":")
        self.pymemcache = pymemcache.Client((host, int(port)), default_noreply=False)
        self.memcache = memcache.Client([request["memcached"]])
        self.cache = diskcache.Cache(request["disk"])
        self.shelf = None
        if request.get("shelf"):
            try:
                import dbm.sqlite3  # noqa: F401, the only kind of shelf that both know
            except ImportError:
                return {"shelf": False}
            self.shelf = shelve.open(request["shelf"])
        return {"shelf": self.shelf is not None}

    def factory(self, request):
        options = {"coder": request.get("coder"), "key_prefix": request.get("prefix")}
        for name in "ignorable_keys", "key_encoding":
            if request.get(name) is not None:
                options[name] = request[name]
        expire = request.get("expire")
        expire = {} if expire is None else {"expire": expire}
        match request["backend"]:
            case "redis":
                return ring.redis(self.redis, **options, **expire)
            case "redis_hash":
                return ring.redis_hash(self.redis, hash_key=request["hash_key"], **options)
            case "pymemcache":
                return ring.memcache(self.pymemcache, **options, **expire)
            case "python-memcached":
                return ring.memcache(self.memcache, **options, **expire)
            case "shelve":
                return ring.shelve(self.shelf, **options)
            case "diskcache":
                return ring.disk(self.cache, **options, **expire)
        raise ValueError("unknown backend " + request["backend"])

    def define(self, request):
        """Make a function of a signature, and cache it."""
        module, name = request["identifier"].rsplit(".", 1)
        space = {"__name__": module, "produce": self.produce}
        exec("def {}({}):\n    return produce()".format(name, request["signature"]), space)
        self.functions[request["name"]] = self.factory(request)(space[name])

    def produce(self):
        if not self.values:
            raise RuntimeError("the function runs, but was not to")
        self.executed += 1
        return self.values.pop(0)

    def call(self, request):
        f = self.functions[request["name"]]
        action = request["action"]
        self.values = [load(value) for value in request.get("returns", [])]
        args = [load(value) for value in request.get("args", [])]
        kwargs = {name: load(value) for name, value in request.get("kwargs", {}).items()}
        if action.endswith("_many"):
            args = [self.element(element) for element in request.get("list", [])]
        if action == "set":
            args.insert(0, load(request["value"]))
        if action == "set_many":
            args = [args, [load(value) for value in request.get("values", [])]]
        if action == "call":
            return note(f(*args, **kwargs))
        if request.get("run"):
            return note(f.run(action, *args, **kwargs))
        return note(getattr(f, action)(*args, **kwargs))

    def element(self, element):
        if element.get("kwargs") is not None:
            return {name: load(value) for name, value in element["kwargs"].items()}
        return tuple(load(value) for value in element.get("args", []))

    def key(self, request):
        """The key of a call, and of what and for what arguments ring makes it."""
        f = self.functions[request["name"]]
        args = tuple(load(value) for value in request.get("args", []))
        kwargs = {name: load(value) for name, value in request.get("kwargs", {}).items()}
        key = f.key(*args, **kwargs)
        labels = ArgPack((), args, kwargs).labels(f._rope.callable)
        config = f._rope.config
        for name in config.ignorable_keys or []:
            del labels[name]
        memory = hasattr(config.storage_class, "in_memory_storage")
        return {
            "key": base64.b64encode(key if isinstance(key, bytes) else key.encode()).decode(),
            "parts": {name: str(coerce(value, memory)) for name, value in labels.items()},
            "labels": {name: note(value) for name, value in labels.items()},
        }

    def forget(self, request):
        """Let go of a function."""
        del self.functions[request["name"]]
        gc.collect()

    def unpickle(self, request):
        return note(pickle.loads(base64.b64decode(request["data"])))

    def batch(self, request):
        return [self.answer(one) for one in request["requests"]]

    def answer(self, request):
        self.executed = 0
        reply = {}
        try:
            reply["result"] = getattr(self, request["do"])(request)
        except Exception as e:
            reply["error"] = type(e).__name__
            reply["message"] = str(e)
        reply["executed"] = self.executed
        return reply


def main():
    driver = Driver()
    for line in sys.stdin:
        print(json.dumps(driver.answer(json.loads(line))), flush=True)
    # What is still cached must not be written to a shelf that is gone by then.
    sys.stdout.flush()
    os._exit(0)


main()
