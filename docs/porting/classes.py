from dataclasses import dataclass
from enum import Enum

import ring

cache = {}


class Currency(Enum):
    EURO = 'EUR'
    DOLLAR = 'USD'


@dataclass
class Offer:
    item: str
    price: int
    currency: Currency = Currency.EURO


@ring.dict(cache, key_prefix='offer', coder='pickle')
def offer(item):
    return Offer(item, len(item) * 100)


for i in range(2):
    found = offer('chair')
    print(found.item, found.price, found.currency.value)
