import os

import redis
import ring

client = redis.Redis(port=int(os.environ['REDIS_PORT']))


@ring.redis(client, key_prefix='price', coder='json', expire=60)
def price(item):
    return len(item) * 100


price('chair')
key = price.key('chair')
print(client.get(key))                # the bytes in Redis
print(price.storage.get(key))         # the value that they stand for
print(price.storage.backend is client)
client.expire(key, 3600)              # what ring has no sub-function for
print(client.ttl(key))
price.storage.set('price:best', 400)  # your own key, through the coder
print(client.get('price:best'))
