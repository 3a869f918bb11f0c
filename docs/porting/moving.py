import json
import os
import sys

import redis
import ring

client = redis.Redis(port=int(os.environ['REDIS_PORT']))


class Shop:
    def __init__(self, name):
        self.name = name

    def __ring_key__(self):
        return self.name

    @ring.redis(client, key_prefix='shop.offer', coder='json', expire=3600)
    def offer(self, item, amount=1, currency=None):
        return {'item': item, 'cents': 100 * amount, 'currency': currency or 'EUR'}


CALLS = [
    [['lamp'], {}],
    [['a: b', 3], {}],
    [['été'], {'currency': 'USD'}],
    [[], {'item': 'sofa', 'amount': 2}],
]

shop = Shop('nord')
action = sys.argv[1] if len(sys.argv) > 1 else 'get_or_update'
for args, kwargs in CALLS:
    print(json.dumps({
        'args': args,
        'kwargs': kwargs,
        'key': shop.offer.key(*args, **kwargs),
        'value': shop.offer.run(action, *args, **kwargs),
    }))

# Output:
# {"args": ["lamp"], "kwargs": {}, "key": "shop.offer:nord:lamp:1:None", "value": {"item": "lamp", "cents": 100, "currency": "EUR"}}
# {"args": ["a: b", 3], "kwargs": {}, "key": "shop.offer:nord:a: b:3:None", "value": {"item": "a: b", "cents": 300, "currency": "EUR"}}
# {"args": ["\u00e9t\u00e9"], "kwargs": {"currency": "USD"}, "key": "shop.offer:nord:\u00e9t\u00e9:1:USD", "value": {"item": "\u00e9t\u00e9", "cents": 100, "currency": "USD"}}
# {"args": [], "kwargs": {"item": "sofa", "amount": 2}, "key": "shop.offer:nord:sofa:2:None", "value": {"item": "sofa", "cents": 200, "currency": "EUR"}}
