import ring

cache = {}


def join(words):
    return ' '.join(words).encode()


def split(data):
    return data.decode().split(' ')


ring.coder.registry.register('words', (join, split))


@ring.dict(cache, key_prefix='f', coder='words')
def registered(text):
    return text.split(',')


@ring.dict(cache, key_prefix='g', coder=(join, split))
def given(text):
    return text.split(',')


@ring.dict(cache, key_prefix='h')
def overridden(text):
    return text.split(',')


@overridden.ring.encode
def overridden_encode(words):
    return '+'.join(words)


@overridden.ring.decode
def overridden_decode(data):
    return data.split('+')


for f in registered, given, overridden:
    print(f('a,b') == f('a,b'), cache[f.key('a,b')])
print(registered.encode(['c', 'd']), registered.decode(b'c d'))
