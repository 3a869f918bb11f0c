import functools
import os

import redis
import ring

port = int(os.environ['REDIS_PORT'])
client = redis.Redis(port=port)

cached = functools.partial(ring.redis, client, expire=60, coder='json')


@cached(key_prefix='square')
def square(n):
    return n * n


@cached(key_prefix='cube', expire=3600)
def cube(n):
    return n ** 3


print(square(3), client.ttl('square:3'))
print(cube(3), client.ttl('cube:3'))
