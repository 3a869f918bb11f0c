import functools
import os

import diskcache
import redis
import ring

client = redis.Redis(port=int(os.environ['REDIS_PORT']))
os.chdir(os.environ['TMPDIR'])


@ring.redis(client, expire=60, coder='json')
def f(a, b=2, *args, **kw):
    ...


f(1, 2)
f(1, b=3)
f.key(1)
f.delete(1)
f.get_many((1, 2), {'a': 1, 'b': 4})
f.run('update', 1)

print(f.key(1).split('.')[-1])
print(f.has(1), f.has(1, 3), f.has(1, 4))

cache = {}


class User:
    def __ring_key__(self):
        return self.id

    @ring.dict(cache, expire=60)
    def child(self, n):
        return f'{self.id}/{n}'

    def __init__(self, id):
        self.id = id


user = User('ann')

user.child(7)
user.child.touch(7)

print(user.child.get(7))


@functools.lru_cache(maxsize=None)
def fib(n):
    return n if n < 2 else fib(n-1) + fib(n-2)


fib(90)
fib.cache_info()

print(fib(90), fib.cache_info().hits)

cache = diskcache.Cache('pages')
cache.set('a', [1, 2], expire=60)
cache.get('a')


@cache.memoize(expire=60)
def square(n):
    return n * n


square(3)

print(cache.get('a'), square(3), len(cache))
