import os

import redis
import ring

client = redis.Redis(port=int(os.environ['REDIS_PORT']))


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
