import tempfile

import diskcache

directory = tempfile.mkdtemp()

cache = diskcache.Cache(directory)
cache.set('a', [1, 2.5, None], expire=60, tag='numbers')
cache['b'] = 'text'
print(cache.get('a'))
print(cache['b'])
print('c' in cache)
print(cache.get('c') is None)
print(cache.add('b', 'other'))
print(cache.incr('n'))
print(cache.incr('n', 10))
print(cache.touch('a', expire=3600))
print(cache.pop('b'))
print(len(cache))

with cache.transact():
    cache['x'] = 1
    cache['y'] = 2
for key in cache:
    print(key)
print(cache.evict('numbers'))


@cache.memoize(name='square', expire=60)
def square(n):
    print('runs for', n)
    return n * n


print(square(3))
print(square(3))
