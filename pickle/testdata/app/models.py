"""Classes as a program has them, for the tests of registered classes."""
import collections
import dataclasses
import enum
import sys


@dataclasses.dataclass
class Point:
    x: int = 0
    y: int = 0


@dataclasses.dataclass(frozen=True)
class FrozenPoint:
    x: int = 0
    y: int = 0


@dataclasses.dataclass
class Segment:
    start: Point
    points: list
    by_name: dict
    user_id: int = 0
    end: object = None


class Plain:
    def __init__(self, x=0, y=0):
        self.x, self.y = x, y

    def __eq__(self, other):
        return type(other) is Plain and vars(self) == vars(other)

    def __hash__(self):
        return hash((self.x, self.y))


class Slotted:
    __slots__ = ("x", "y")

    def __init__(self, x=0, y=0):
        self.x, self.y = x, y

    def __eq__(self, other):
        return type(other) is Slotted and (self.x, self.y) == (other.x, other.y)


class Shape:
    class Corner(Plain):
        def __eq__(self, other):
            return type(other) is Shape.Corner and vars(self) == vars(other)


class Node:
    def __init__(self, name):
        self.name, self.next = name, None


class Fault(Exception):
    def __init__(self, x, y):
        super().__init__(x, y)


class Row(dict):
    pass


Named = collections.namedtuple("Named", "x y")


class Color(enum.Enum):
    RED = 1
    GREEN = 2


class Tone(str, enum.Enum):
    LOW = "low"
    HIGH = "high"


class Level(enum.IntEnum):
    INFO = 20


class Access(enum.Flag):
    READ = 1
    WRITE = 2
    RUN = 4


class Corner(enum.Enum):
    ORIGIN = (0, 0)
    UNIT = (1, 1)


if sys.version_info >= (3, 10):
    @dataclasses.dataclass(slots=True)
    class SlotPoint:
        x: int = 0
        y: int = 0

    @dataclasses.dataclass(slots=True, frozen=True)
    class FrozenSlotPoint:
        x: int = 0
        y: int = 0
