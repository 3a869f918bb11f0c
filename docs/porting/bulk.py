import os

import redis
import ring

client = redis.Redis(port=int(os.environ['REDIS_PORT']))


@ring.redis(client, key_prefix='price', coder='json')
def price(item, currency='EUR'):
    print('runs for', item, currency)
    return len(item) * 100


print(price.get_or_update_many(('chair',), ('lamp', 'USD')))
print(price.get_many(('chair',), {'item': 'lamp', 'currency': 'USD'}, ('sofa',)))
print(price.update_many(('chair',), ('sofa',)))
price.set_many([('chair',), ('sofa',)], [490, 990])
print(price.get_many(('chair',), ('sofa',)))
print(price.key_many(('chair',), ('sofa',)))
