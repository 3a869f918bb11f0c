"""Python's side of bench-disk: does what a line on stdin says so many times, and says when it is done.

peer.py shelve DIR | peer.py disk DIR
"""

import sys
import time

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


def main():
    operations = {'shelve': shelf_operations, 'disk': disk_operations}[sys.argv[1]](sys.argv[2])
    print('ready', flush=True)
    for line in sys.stdin:
        name, n = line.split()
        operations[name](int(n))
        print('done', flush=True)


main()
