"""A catalogue whose products and prices are cached in Redis.

shop.py HOST:PORT CATALOGUE SHOP reads one request a line from standard input and answers
each with a line for every call, which says whether the function was executed, and an empty
line.
"""
import functools
import json
import os
import sys

import redis
import ring

ADDRESS, CATALOGUE, SHOP = sys.argv[1:]
host, port = ADDRESS.rsplit(':', 1)
client = redis.Redis(host=host, port=int(port))
cached = functools.partial(ring.redis, client, expire=3600, coder='json')


class Shop:
    def __init__(self, name):
        self.name = name
        self.executed = []

    def __ring_key__(self):
        return self.name

    def catalogue(self):
        with open(CATALOGUE) as f:
            return json.load(f)

    @cached(key_prefix='shop.product')
    def product(self, id):
        self.executed.append(f'product({id})')
        return {'id': id, 'name': self.catalogue()[str(id)]['name']}

    @cached(key_prefix='shop.price')
    def price(self, id, currency='EUR'):
        self.executed.append(f'price({id}, {currency})')
        return self.catalogue()[str(id)]['prices'][currency]

    def page(self, ids):
        calls = [(id,) for id in ids]
        products = self.product.get_many(*calls)
        if None in products:  # if all are cached, ring 0.10.1 fails: it sends an MSET of nothing
            products = self.product.get_or_update_many(*calls)
        return products

    def set_price(self, id, cents, currency='EUR'):
        catalogue = self.catalogue()
        catalogue[str(id)]['prices'][currency] = cents
        with open(CATALOGUE + '.new', 'w') as f:
            json.dump(catalogue, f)
        os.replace(CATALOGUE + '.new', CATALOGUE)
        self.executed.append(f'set_price({id}, {cents}, {currency})')
        self.price.delete(id, currency)


def calls(shop, request, *args):
    """The calls that a request makes, each with its result."""
    id, *rest = args
    if request == 'product':
        return [(f'product({id})', shop.product(int(id))['name'])]
    if request == 'page':
        products = shop.page([int(id) for id in args])
        return [(f"product({p['id']})", p['name']) for p in products]
    if request == 'price':
        currency, = rest or ['EUR']
        return [(f'price({id}, {currency})', shop.price(int(id), *rest))]
    if request == 'set_price':
        cents, currency = rest
        shop.set_price(int(id), int(cents), currency)
        return [(f'set_price({id}, {cents}, {currency})', 'cached price deleted')]
    raise ValueError(f'no request {request!r}')


def main():
    shop = Shop(SHOP)
    for line in sys.stdin:
        shop.executed = []
        for call, result in calls(shop, *line.split()):
            how = 'executed' if call in shop.executed else 'hit'
            print(f'python {how:8} {call}: {result}')
        print(flush=True)  # the end of the answer


main()
