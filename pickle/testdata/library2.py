"""library.py record for Python 2."""
import base64
import collections
import datetime
import fractions
import json
import os
import pickle
import sys
import uuid

try:
    import cPickle
except ImportError:
    cPickle = None


class Old:
    def __init__(self, x, y):
        self.x, self.y = x, y


class OldArguments(Old):
    def __getinitargs__(self):
        return (self.x, self.y)


class Plain(object):
    def __init__(self, x, y):
        self.x, self.y = x, y


Named = collections.namedtuple("Named", "x y")

for c in (Old, OldArguments, Plain, Named):
    c.__module__ = "app.models"
sys.modules["app"] = sys.modules["app.models"] = sys.modules["__main__"]

values = [
    ("uuid", uuid.UUID(int=5)), ("old", Old(1, 2)), ("oldarguments", OldArguments(1, 2)), ("plain", Plain(1, 2)), ("named", Named(1, 2)),
    ("time", datetime.time(1, 2, 3, 4)), ("fraction", fractions.Fraction(-1, 3)), ("counter", collections.Counter("aab")),
    ("defaultdict", collections.defaultdict(list, a=[1])), ("deque", collections.deque([1, "b"], maxlen=5)), ("xrange", xrange(1, 10, 2)),
]
for name, value in values:
    for module in (pickle, cPickle):
        pickles = [base64.b64encode(module.dumps(value, protocol)) for protocol in range(3)]
        print(json.dumps({"python": "2.7.18", "name": name, "pickles": pickles}, sort_keys=True))
