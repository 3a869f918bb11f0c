import os

import pymemcache
import ring

client = pymemcache.Client(('127.0.0.1', int(os.environ['MEMCACHED_PORT'])))


@ring.memcache(client, key_prefix='length', expire=60, coder='json')
def length(text):
    return len(text)


print(length('ring'), client.get(length.key('ring')))
print(length('a ring'), client.get(length.key('a ring')))
print(length.key('ring'))
print(length.key('a ring'))  # Memcached takes no blanks
