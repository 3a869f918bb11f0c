import ring


@ring.lru(maxsize=1000, expire=60)
def shout(word):
    print('runs for', word)
    return word.upper()


print(shout('hello'))          # runs, and is kept for a minute
print(shout('hello'))          # cached
print(shout.key('hello'))      # what it is kept under
print(shout.has('hello'))
print(shout.update('hello'))   # runs in any case, and is kept
print(shout.execute('hello'))  # runs in any case, and is not kept

shout.set('HI!', 'hello')
print(shout.get('hello'))
shout.delete('hello')
print(shout.get('hello'))      # None: it is not there

print(shout.run('get_or_update', 'bye'))
