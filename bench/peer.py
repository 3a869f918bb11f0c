"""Python's side of the benchmarks: does what a line on stdin says so many times, and says when it is done.

peer.py shelve DIR | peer.py disk DIR | peer.py lru
"""

import sys

VALUE = 'v' * 100
KEYS = ['module.function:%d' % i for i in range(1000)]


def shelf_operations(directory):
    import shelve

    shelf = shelve.open(directory + '/python.shelf')
    for key in KEYS:
        shelf[key] = VALUE

    def get(n):
        for i in range(n):
            shelf[KEYS[i % 1000]]

    def set(n):
        for i in range(n):
            shelf[KEYS[i % 1000]] = VALUE

    return {'get': get, 'set': set}


def disk_operations(directory):
    import diskcache
    import ring

    cache = diskcache.Cache(directory + '/python.cache')
    for key in KEYS:
        cache.set(key, VALUE)

    @ring.disk(cache, key_prefix='hit')
    def function(name):
        return VALUE

    def get(n):
        for i in range(n):
            cache.get(KEYS[i % 1000])

    def set(n):
        for i in range(n):
            cache.set(KEYS[i % 1000], VALUE)

    def hit(n):
        for i in range(n):
            function(KEYS[i % 1000])

    hit(1000)
    return {'get': get, 'set': set, 'hit': hit}


def lru_operations():
    import ring

    numbers = [100000 + 7 * i for i in range(1024)]
    names = ['user-%d' % (100000 + i) for i in range(1024)]

    @ring.lru(maxsize=1024)
    def of_int(number):
        return number

    @ring.lru(maxsize=1024)
    def of_string(name):
        return len(name)

    def hit_int(n):
        for i in range(n):
            of_int(numbers[i & 1023])

    def hit_string(n):
        for i in range(n):
            of_string(names[i & 1023])

    hit_int(1024)
    hit_string(1024)
    return {'int': hit_int, 'string': hit_string}


def main():
    modes = {'shelve': shelf_operations, 'disk': disk_operations, 'lru': lru_operations}
    operations = modes[sys.argv[1]](*sys.argv[2:])
    print('ready', flush=True)
    for line in sys.stdin:
        name, n = line.split()
        operations[name](int(n))
        print('done', flush=True)


main()
