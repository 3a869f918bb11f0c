"""Lists the names of Python's ring that docs/reference.md has to account for.

    python scripts/reference-inventory.py package > tools/reference/testdata/package.txt
    python scripts/reference-inventory.py text FILE > tools/reference/testdata/documented.txt

The first form inspects what pip install ring==0.10.1 diskcache==5.6.3 installs on
Python 3.11. The second one reads the documentation of ring.func.sync as plain text.

Every line is a kind and a name, of a parameter with its default:

    method ring.func.sync.LruStorage.get_value
    parameter ring.func.sync.lru(maxsize) = 128
"""

import functools
import importlib
import inspect
import re
import sys

MODULES = (
    "ring",
    "ring.func.sync",
    "ring.func.base",
    "ring.func.lru_cache",
    "ring.coder",
    "ring.key",
    "ring.callable",
    "ring._memcache",
)

# What else the documentation of ring.func.sync sends its readers to.
CLASSES_BESIDE_RING = ("shelve.Shelf", "diskcache.Cache")
FUNCTIONS_BESIDE_RING = ("shelve.open", "functools.lru_cache")
# What ring does in terms of Python itself, and so the Go comments name.
NAMES_OF_PYTHON = (
    "builtins.TypeError",
    "builtins.KeyError",
    "builtins.ValueError",
    "builtins.Ellipsis",
    "builtins.tuple",
    "builtins.dict",
    "builtins.frozenset",
    "inspect.signature",
    "diskcache.Timeout",
    "pickle.dumps",
    "pickle.loads",
    "pickle.load",
    "pickle.Unpickler",
    "pickle.DEFAULT_PROTOCOL",
)

# functools.wraps gives them the signature of another function.
DISGUISED = ("ring.func.base.FactoryProxyBase.__call__",)

PROTOCOL_METHODS = (
    "__call__",
    "__contains__",
    "__delitem__",
    "__getitem__",
    "__iter__",
    "__len__",
    "__setitem__",
)


def show(kind, name, default=inspect.Parameter.empty):
    if default is inspect.Parameter.empty:
        print(kind, name)
    else:
        print(kind, name, "=", default if isinstance(default, Plain) else spell(default))


class Plain(str):
    """A default as the documentation spells it."""


def spell(value):
    if inspect.isclass(value):
        return value.__qualname__
    if isinstance(value, tuple):
        return "(" + ", ".join(spell(v) for v in value) + ")"
    if value is Ellipsis:
        return "..."
    return "object()" if type(value) is object else repr(value)


def spell_parameter(parameter):
    stars = {parameter.VAR_POSITIONAL: "*", parameter.VAR_KEYWORD: "**"}
    return stars.get(parameter.kind, "") + parameter.name


def show_parameters(name, function, skip=0, follow=True):
    try:
        signature = inspect.signature(function, follow_wrapped=follow and name not in DISGUISED)
    except ValueError:  # a builtin without a signature
        return
    for parameter in list(signature.parameters.values())[skip:]:
        show("parameter", f"{name}({spell_parameter(parameter)})", parameter.default)


def show_class(cls, name, instance=None):
    show("class", name)
    fields = getattr(cls, "_fields", None) or [a.name for a in getattr(cls, "__attrs_attrs__", ())]
    if fields:
        for field in fields:
            show("attribute", f"{name}.{field}")
    elif cls.__init__ is not object.__init__ and not issubclass(cls, Exception):
        show_parameters(name, cls.__init__, skip=1)
    for member, value in members(cls):
        if member in fields:
            continue
        if isinstance(value, staticmethod):
            show_method(f"{name}.{member}", value.__func__, skip=0)
        elif inspect.isfunction(value):
            show_method(f"{name}.{member}", value, skip=1)
        elif inspect.isbuiltin(value):
            show("method", f"{name}.{member}")
        else:
            show("attribute", f"{name}.{member}")
    for member, value in vars(instance).items() if instance is not None else ():
        if member.startswith("_") or member in vars(cls):
            continue
        if inspect.isfunction(value):
            show_method(f"{name}.{member}", value, skip=0)
        else:
            show("attribute", f"{name}.{member}")


def show_method(name, function, skip):
    show("method", name)
    show_parameters(name, function, skip)


def members(cls):
    """The public members of a class of its own, those of Python's mappings included."""
    seen = set()
    for base in cls.__mro__:
        if base is not cls and base.__module__ != "collections.abc":
            continue
        for member, value in vars(base).items():
            public = not member.startswith("_") or member in PROTOCOL_METHODS
            if public and member not in seen:
                seen.add(member)
                yield member, value


def show_module(module):
    own = set(getattr(module, "__all__", ()))
    for name, value in vars(module).items():
        if name.startswith("_") or inspect.ismodule(value) or value is None:
            continue
        if type(value).__module__ == "__future__":
            continue
        home = getattr(value, "__module__", module.__name__)
        if home == module.__name__:
            own.add(name)
    for name, value in vars(module).items():
        if name not in own:
            continue
        qualified = f"{module.__name__}.{name}"
        if module.__name__ == "ring":
            show("alias", qualified)
        elif inspect.isclass(value):
            show_class(value, qualified, instances().get(qualified))
        elif callable(value):
            show("function", qualified)
            show_parameters(qualified, value)
        else:
            show("data", qualified)


@functools.lru_cache(maxsize=None)
def wire():
    """A cached function with every sub-function."""
    from ring.func import sync

    interface = (sync.CacheUserInterface, sync.BulkInterfaceMixin)

    @sync.dict({}, user_interface=interface)
    def function(a):
        return a

    return function


@functools.lru_cache(maxsize=None)
def instances():
    """Objects that get some of their attributes when they are made."""
    from ring.func import lru_cache, sync

    return {
        "ring.func.lru_cache.LruCache": lru_cache.LruCache(1),
        "ring.func.base.RingRope": wire(),
        "ring.func.sync.RedisHashStorage": sync.RedisHashStorage(None, (None, "h")),
    }


def show_sub_functions():
    """The wire finds them in its user interface; they wear the function's signature."""
    names = [name for name in dir(wire().config.user_interface) if not name.startswith("_")]
    for name in ["__call__"] + names:
        qualified = f"ring.func.base.RingWire.{name}"
        show("method", qualified)
        show_parameters(qualified, getattr(wire()._wire, name), follow=False)


def show_binding():
    """Accessing a method of an object makes the wire that is bound to it."""
    from ring.func import sync

    class Owner:
        @sync.dict({})
        def method(self):
            return 1

    show("method", "ring.func.base.RingRope.__get__")
    show_parameters("ring.func.base.RingRope.__get__", type(vars(Owner)["method"]).__get__, skip=1)


def show_ring_key():
    from ring.func import base

    class Keyed:
        def __ring_key__(self):
            return "key"

    assert base.coerce(Keyed(), False) == "key"
    show("method", "__ring_key__")


def find(qualified):
    module, _, name = qualified.rpartition(".")
    return getattr(importlib.import_module(module), name)


def show_package():
    for module in MODULES:
        show_module(importlib.import_module(module))
    show_sub_functions()
    show_binding()
    show_ring_key()
    for name in FUNCTIONS_BESIDE_RING:
        show("function", name)
        show_parameters(name, find(name))
    for name in ("cache_info", "cache_clear", "cache_parameters"):
        assert hasattr(functools.lru_cache(len), name)
        show("method", "functools.lru_cache." + name)
    for name in functools.lru_cache(len).cache_info()._fields:
        show("attribute", "functools.lru_cache.cache_info." + name)
    for name in CLASSES_BESIDE_RING:
        show_class(find(name), name)
    for name in NAMES_OF_PYTHON:
        find(name)
        show("name", name)


SIGNATURE = re.compile(r"(?P<class>class )?(?P<name>[\w.]+)(?:\((?P<parameters>.*)\))?$")
ATTRIBUTE = re.compile(r"(\w+) = \S+$")
DESCRIBED = re.compile(r"(?:Parameters:|\s*•)\s*(\w+) \(")
MENTION = re.compile(r"\b(?:ring|functools|shelve|diskcache|redis|pymemcache|memcache|pylibmc)(?:\.[A-Za-z_]\w*)+")


def split_parameters(text):
    """Splits at the commas that no bracket encloses."""
    parts, depth = [""], 0
    for c in text:
        depth += (c in "([<") - (c in ")]>")
        if c == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += c
    return [part.strip() for part in parts if part.strip()]


def show_text(text):
    shown, mentions = set(), {}
    cls = function = None
    for line in text.splitlines():
        declared = SIGNATURE.match(line)
        if declared and (declared["name"].startswith("ring.") or cls and "." not in declared["name"] and declared["parameters"] is not None):
            name = declared["name"]
            if declared["class"]:
                cls, kind = name, "class"
            elif name.startswith("ring."):
                cls, kind = None, "function"
            else:
                name, kind = f"{cls}.{name}", "method"
            show(kind, name)
            shown.add(name)
            function = name
            for parameter in split_parameters(declared["parameters"] or ""):
                parameter, _, default = parameter.partition("=")
                default = re.sub(r"<class '(?:\w+\.)*(\w+)'>", r"\1", default).replace("Ellipsis", "...")
                show("parameter", f"{name}({parameter})", Plain(default) if default else inspect.Parameter.empty)
                shown.add(f"{name}({parameter})")
            continue
        attribute = ATTRIBUTE.match(line)
        if attribute and cls:
            show("attribute", f"{cls}.{attribute[1]}")
            continue
        described = DESCRIBED.match(line)
        if described and function and f"{function}({described[1]})" not in shown:
            show("parameter", f"{function}({described[1]})")
        for mention in MENTION.findall(line):
            mentions[mention] = None
    for mention in mentions:
        if mention not in shown and mention != "ring.func.sync":
            show("mention", mention)


if __name__ == "__main__":
    if sys.argv[1:] == ["package"]:
        show_package()
    elif len(sys.argv) == 3 and sys.argv[1] == "text":
        with open(sys.argv[2], encoding="utf-8") as file:
            show_text(file.read())
    else:
        sys.exit(__doc__)
