"""Random values for the tests of package pickle, and a judge of its answers.

    peer.py serve SEED   for each line on stdin (a number of values to come) one JSON line
                         per value: its pickles in protocols 0 to 5 and the optimized ones of 2
                         to 5; then it reads the same values back, one JSON line of four
                         pickles each, and answers each with "ok" or what differs.
    peer.py record       prints the recorded vectors (vectors.jsonl).
"""
import base64
import collections
import datetime
import decimal
import json
import pickle
import pickletools
import random
import struct
import sys
import uuid


def text(r):
    pools = ["abcdefghijklmnop_ \\\n'\"u", "\x00\x01\x7f\x80\xe9\xff", "\u20ac\uffff\U0001f600", "\ud800\udfff"]
    pool = "".join(r.sample(pools, r.randint(1, 4)))
    n = r.choice([0, 1, 1, 2, 3, 5, 8, 20, 254, 255, 256, 300]) if r.random() < 0.3 else r.randint(2, 9)
    return "".join(r.choice(pool) for _ in range(n))


def whole(r):
    k = r.random()
    if k < 0.3:
        return r.randint(-5, 300)
    bits = r.choice([7, 8, 15, 16, 17, 31, 32, 33, 63, 64, 65, 127, 128, 1000, 2040, 2048, 2100])
    return r.choice([1, -1]) * (1 << bits) + r.randint(-2, 2) if k < 0.8 else r.getrandbits(bits)


def number(r):
    return r.choice([0.0, -0.0, 1.5, float("inf"), float("-inf"), float("nan"), 1e300, 5e-324, r.random(), r.gauss(0, 1e9)])


def offset(r):
    if r.random() < 0.4:
        return datetime.timezone.utc
    td = datetime.timedelta(seconds=r.randint(-86399, 86399))
    return datetime.timezone(td) if td else datetime.timezone.utc


def leaf(r, key=False):
    k = r.randint(0, 15 if key else 16)
    if k == 0:
        return None
    if k == 1:
        return r.random() < 0.5
    if k in (2, 3):
        return whole(r)
    if k == 4:
        return number(r)
    if k in (5, 6, 7):
        return text(r)
    if k == 8:
        return r.randbytes(r.choice([0, 1, 2, 10, 255, 256, 300]))
    if k == 9:
        us = r.choice([0, r.randint(0, 999999)])
        return datetime.datetime(r.randint(1, 9999), r.randint(1, 12), r.randint(1, 28), r.randint(0, 23), 59, 7, us, tzinfo=r.choice([None, offset(r)]))
    if k == 10:
        return datetime.date(r.randint(1, 9999), r.randint(1, 12), r.randint(1, 28))
    if k == 11:
        return datetime.timedelta(r.randint(-100000, 100000), r.randint(0, 86399), r.randint(0, 999999))
    if k == 12:
        return decimal.Decimal(r.choice(["1.50", "-0", "NaN", "Infinity", "-sNaN12", "1E+5", "0.1"])) if not key else decimal.Decimal(r.randint(-50, 50)) / 8
    if k == 13:
        return uuid.UUID(int=r.choice([0, 5, 1 << 127, r.getrandbits(128)]))
    if k == 14:
        return complex(number(r), number(r)) if not key else complex(r.randint(0, 3), r.randint(0, 1))
    if k == 15:
        return ()
    return bytearray(r.randbytes(r.choice([0, 1, 2, 300])))


def hashable(r, depth):
    k = r.random()
    if depth > 0 and k < 0.15:
        return tuple(hashable(r, depth - 1) for _ in range(r.randint(0, 4)))
    if depth > 0 and k < 0.2:
        return frozenset(hashable(r, depth - 1) for _ in range(r.randint(0, 4)))
    v = leaf(r, key=True)
    return 0 if v != v else v


def value(r, depth):
    if depth == 0 or r.random() < 0.3:
        return leaf(r)
    k = r.randint(0, 10)
    n = r.choice([0, 1, 1, 2, 2, 3, 3, 4, 5, 12])
    if k < 3:
        return [value(r, depth - 1) for _ in range(n)]
    if k < 5:
        return tuple(value(r, depth - 1) for _ in range(n))
    if k < 8:
        return {hashable(r, 2): value(r, depth - 1) for _ in range(n)}
    if k == 8:
        return collections.OrderedDict((hashable(r, 1), value(r, depth - 1)) for _ in range(n))
    if k == 9:
        return {hashable(r, 2) for _ in range(n)}
    return frozenset(hashable(r, 2) for _ in range(n))


def big(r):
    """Values at the limits of batches and frames."""
    n = r.choice([999, 1000, 1001, 1999, 2000, 2001, 3000])
    k = r.randint(0, 7)
    if k == 0:
        return list(range(n))
    if k == 1:
        return {i: i for i in range(n)}
    if k == 2:
        return collections.OrderedDict((i, None) for i in range(n))
    if k == 3:
        return set(range(n))
    if k == 4:
        return frozenset(range(n))
    if k == 5:
        return [r.randbytes(r.choice([10, 65535, 65536, 65537, 70000])) for _ in range(r.randint(1, 4))] + ["a", "a"]
    if k == 6:
        return [("%06d" % r.randint(0, 99999)) * r.randint(1, 30) for _ in range(n)]
    return [chr(r.randint(0, 300)) for _ in range(n)] + [r.randbytes(1) for _ in range(n)]


def same(a, b):
    if type(a) is not type(b):
        return False
    if isinstance(a, float):
        return struct.pack("<d", a) == struct.pack("<d", b) or a != a and b != b
    if isinstance(a, complex):
        return same(a.real, b.real) and same(a.imag, b.imag)
    if isinstance(a, decimal.Decimal):
        return str(a) == str(b)
    if isinstance(a, (list, tuple)):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict):
        return same(list(a.items()), list(b.items()))
    if isinstance(a, datetime.datetime):
        return a == b and a.utcoffset() == b.utcoffset()
    return a == b


def forms(v):
    plain = [pickle.dumps(v, p) for p in range(6)]
    return {
        "pickles": [base64.b64encode(p).decode() for p in plain],
        "optimal": [base64.b64encode(pickletools.optimize(p)).decode() for p in plain[2:]],
    }


def judge(v, answers):
    for protocol, answer in enumerate(answers, 2):
        got = base64.b64decode(answer)
        try:
            back = pickle.loads(got)
        except Exception as e:
            return "protocol %d: %r: %r" % (protocol, e, got[:300])
        if not same(v, back):
            return "protocol %d: %.300r is not %.300r" % (protocol, back, v)
        want = pickletools.optimize(pickle.dumps(v, protocol))
        if want != got:
            at = next((i for i, (a, b) in enumerate(zip(want, got)) if a != b), min(len(want), len(got)))
            near = slice(max(0, at - 60), at + 60)
            return "protocol %d: value %.300r\n want %d bytes, near %d: %r\n got %d bytes: %r" % (
                protocol, v, len(want), at, want[near], len(got), got[near])
    return "ok"


def serve(seed):
    r = random.Random(seed)
    for line in sys.stdin:
        values = [big(r) if r.random() < 0.004 else value(r, r.randint(0, 5)) for _ in range(int(line))]
        for v in values:
            print(json.dumps(forms(v)))
        sys.stdout.flush()
        for v in values:
            answer = json.loads(sys.stdin.readline())
            print(json.dumps(judge(v, answer)), flush=True)


def record():
    r = random.Random(20)
    utc = datetime.timezone.utc
    day = datetime.datetime(2024, 2, 29, 13, 5, 9, 123456)
    values = [
        None, True, False, 0, 255, 256, 65535, 65536, -1, 1 << 31, -1 << 31, 1 << 63, -1 << 63, 1 << 64, 1 << 2039, 1 << 2040,
        1.5, "", "a", "ab", "\xe9", "\u20ac", "\ud800", "x" * 255, "x" * 256, b"", b"a", b"ab", b"\xff" * 256, bytearray(), bytearray(b"ab"),
        [], [1], [1, 2], ["a", "a"], [b"", b""], ["", ""], (), (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4), {}, {"ab": 1}, {"ab": 1, "cd": [2]},
        set(), {1}, {1, 2, 3}, frozenset(), frozenset({1, 2}), [{1}, {2}], 1 + 2j, [1j, 2j],
        day, [day, day.replace(year=4)], day.replace(tzinfo=utc), [day.replace(tzinfo=utc), day.replace(tzinfo=utc, year=8)],
        day.replace(tzinfo=datetime.timezone(datetime.timedelta(hours=-7, minutes=30))), datetime.date(1, 1, 1), [datetime.date(9999, 12, 31), day],
        datetime.timedelta(-1, 2, 3), decimal.Decimal("1.50"), uuid.UUID(int=1 << 120), [uuid.UUID(int=1), uuid.UUID(int=2)],
        collections.OrderedDict(), collections.OrderedDict([("ab", 1), ("cd", 2)]), utc, datetime.timezone(datetime.timedelta(hours=2)),
        datetime.timezone(datetime.timedelta(hours=2), "EET"),
    ]
    while len(values) < 140:
        v = value(r, 3)
        if len(pickle.dumps(v)) < 700:
            values.append(v)
    for v in values:
        print(json.dumps(forms(v)))


if __name__ == "__main__":
    if sys.argv[1] == "record":
        record()
    else:
        serve(int(sys.argv[2]))
