import ring

cache = {}


@ring.dict(cache)
def f(n):
    return n


@ring.lru()
def g(n):
    return n


@ring.dict(cache, key_prefix='h')
def h(n):
    return n


@ring.dict(cache, key_prefix='')
def i(n):
    return n


print(f.key(1))
print(g.key(1))
print(h.key(1))
print(i.key(1))
