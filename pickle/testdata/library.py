"""Values of classes, of the standard library and of a program, for the tests.

    library.py record   prints a JSON line per value: its name, the version of Python and its
                        pickles in protocols 0 to 5, null where one cannot be.
    library.py judge    answers JSON lines of a name and pickles with "ok" or what differs.

testdata/library.jsonl is what record prints in turn for Python 2.7.18 (with library2.py), 3.8.18 (numpy 1.24.4,
python-dateutil 2.8.2, pytz), 3.11.2 (which pickles members of an enum by name), 3.11.7 (numpy 2.4.6,
python-dateutil 4.0.0, pytz 2026.6) and 3.13.0, lines of the same pickles once:

    for python in ...; do $python testdata/library.py record; done | awk '!seen[substr($0, index($0, "name"))]++'
"""
import base64
import collections
import datetime
import fractions
import json
import os
import pathlib
import pickle
import sys
import uuid

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from app import models  # noqa: E402

try:
    import zoneinfo
except ImportError:
    zoneinfo = None

summer = (2024, 7, 1, 12, 30)


def classes():
    point = models.Point(1, 2)
    yield "point", point
    yield "frozen", models.FrozenPoint(1, 2)
    yield "plain", models.Plain(1, 2)
    yield "slotted", models.Slotted(1, 2)
    yield "corner", models.Shape.Corner(1, 2)
    yield "named", models.Named(1, 2)
    yield "fault", models.Fault(1, 2)
    yield "row", models.Row(x=1)
    yield "segment", models.Segment(point, [models.Point(3, 4), point], {"a": models.Point(5, 6)}, 7, models.FrozenPoint(8, 9))
    yield "points", [models.Point(1, 2), models.Point(3, 4)]
    yield "key", {models.FrozenPoint(1, 2): "a"}
    node = models.Node("loop")
    node.next = node
    yield "loop", node
    yield "color", models.Color.GREEN
    yield "colors", [models.Color.GREEN, models.Color.RED, models.Color.GREEN]
    yield "tone", models.Tone.HIGH
    yield "level", models.Level.INFO
    yield "access", models.Access.READ | models.Access.RUN
    yield "origin", models.Corner.UNIT
    if hasattr(models, "SlotPoint"):
        yield "slotpoint", models.SlotPoint(1, 2)
        yield "frozenslot", models.FrozenSlotPoint(1, 2)


def library():
    utc = datetime.timezone.utc
    yield "time", datetime.time(1, 2, 3, 4)
    yield "timeutc", datetime.time(23, 59, tzinfo=utc, fold=1)
    yield "fraction", fractions.Fraction(-1, 3)
    yield "bigfraction", fractions.Fraction(3 ** 100, 7 ** 90)
    yield "counter", collections.Counter("aab")
    yield "defaultdict", collections.defaultdict(list, a=[1])
    yield "deque", collections.deque([1, "b"], maxlen=5)
    yield "posix", pathlib.PurePosixPath("/srv/data/../x.txt")
    yield "relative", pathlib.PosixPath("a/b")
    yield "dot", pathlib.PurePosixPath()
    yield "windows", pathlib.PureWindowsPath("C:\\a\\b")
    yield "range", range(1, 10, 2)
    yield "safe", uuid.UUID(int=5, is_safe=uuid.SafeUUID.safe)
    if zoneinfo:
        paris = zoneinfo.ZoneInfo("Europe/Paris")
        yield "zone", paris
        yield "zonetime", datetime.datetime(*summer, tzinfo=paris)
        yield "zonetimes", [datetime.datetime(*summer, tzinfo=paris), datetime.datetime(2024, 1, 1, tzinfo=paris)]
        yield "fold0", datetime.datetime(2024, 10, 27, 2, 30, tzinfo=paris)
        yield "fold1", datetime.datetime(2024, 10, 27, 2, 30, tzinfo=paris, fold=1)
        yield "gap", datetime.datetime(2024, 3, 31, 2, 30, tzinfo=paris)
        yield "zoneutc", datetime.datetime(*summer, tzinfo=zoneinfo.ZoneInfo("UTC"))


def others():
    try:
        import pytz
    except ImportError:
        pass
    else:
        paris = pytz.timezone("Europe/Paris")
        yield "pytz", paris.localize(datetime.datetime(*summer))
        yield "pytzlmt", datetime.datetime(*summer, tzinfo=paris)
        yield "pytzutc", pytz.utc.localize(datetime.datetime(*summer))
        yield "pytzfixed", pytz.FixedOffset(90).localize(datetime.datetime(*summer))
        yield "pytzstatic", pytz.timezone("Etc/GMT+3").localize(datetime.datetime(*summer))
    try:
        from dateutil import tz
    except ImportError:
        pass
    else:
        yield "tzutc", datetime.datetime(*summer, tzinfo=tz.tzutc())
        yield "tzoffset", datetime.datetime(*summer, tzinfo=tz.tzoffset("X", 5400))
        yield "tzfile", datetime.datetime(*summer, tzinfo=tz.gettz("Europe/Paris"))
        yield "tzlocal", datetime.datetime(*summer, tzinfo=tz.tzlocal())
    try:
        import numpy as np
    except ImportError:
        return
    yield "float64", np.float64(1.5)
    yield "float32", np.float32(-1.5)
    yield "float16", np.float16(0.333251953125)
    yield "bigendian", np.dtype(">f8").type(1.5)
    yield "int64", np.int64(-3)
    yield "int8", np.int8(-3)
    yield "uint16", np.uint16(65535)
    yield "uint64", np.uint64(2 ** 64 - 1)
    yield "bool_", np.bool_(True)
    yield "str_", np.str_("h\u00e9\U0001f600")
    yield "emptystr_", np.str_("")
    yield "bytes_", np.bytes_(b"ab")
    yield "complex128", np.complex128(1 + 2j)
    yield "complex64", np.complex64(1 + 2j)
    yield "scalars", {"a": [np.float64(1.5), np.float64(2.5)]}
    yield "longdouble", np.longdouble(1.5)
    yield "datetime64", np.datetime64("2024-01-02")
    yield "ndarray", np.array([1, 2])


def values():
    for group in (classes, library, others):
        for name, value in group():
            yield name, value


def record():
    version = ".".join(map(str, sys.version_info[:3]))
    for name, value in values():
        pickles = []
        for protocol in range(6):
            try:
                pickles.append(base64.b64encode(pickle.dumps(value, protocol)).decode())
            except (TypeError, ValueError):  # a class with __slots__ in protocol 0, for example
                pickles.append(None)
        print(json.dumps({"python": version, "name": name, "pickles": pickles}))


def same(a, b):
    if isinstance(a, list):
        return len(a) == len(b) and all(map(same, a, b))
    if type(a) is not type(b) or a != b:
        return False
    if isinstance(a, datetime.datetime):
        return str(a.tzinfo) == str(b.tzinfo) and a.fold == b.fold and a.utcoffset() == b.utcoffset()
    return True


def judge():
    known = dict(values())
    known["fault"] = known["loop"] = None
    for line in sys.stdin:
        name, answers = json.loads(line)
        verdict = "ok" if name in known else "skip"
        for answer in answers:
            if verdict != "ok":
                break
            data = base64.b64decode(answer)
            try:
                back = pickle.loads(data)
            except Exception as e:
                verdict = "%r: %r" % (e, data[:300])
                break
            if name == "loop":
                continue
            if name == "fault":
                if type(back) is not models.Fault or back.x != 1:
                    verdict = "%r" % back
                continue
            if not same(known[name], back):
                verdict = "%.300r is not %.300r" % (back, known[name])
        print(json.dumps(verdict), flush=True)


if __name__ == "__main__":
    judge() if sys.argv[1] == "judge" else record()
