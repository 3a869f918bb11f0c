import dataclasses
import ring

cache = {}


@dataclasses.dataclass
class Point:
    x: int
    y: int


class Layer:
    def __init__(self, name, opacity):
        self.name, self.opacity = name, opacity

    def __ring_key__(self):
        return self.name


@ring.dict(cache, key_prefix='geo.near', ignorable_keys=['trace'])
def near(point, radius, layer, trace=None):
    return f'what is {radius} around {point.x} {point.y}'


print(near.key(Point(1, 2), 10, Layer('roads', 0.5)))
print(near.key(Point(1, 2), 10, Layer('roads', 0.9), trace=print))


@near.ring.key
def near_key(point, radius, layer, trace=None):
    return f'near/{point.x}/{point.y}/{radius}'


print(near.key(Point(1, 2), 10, Layer('roads', 0.5)))
