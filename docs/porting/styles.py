import ring


@ring.lru(key_prefix='f')
def f(a, b):
    return [a, b]


print(f.key('x', 'y'), f.key(1, 'y'), f.key('http://x', 'y'))
print(f('x:y', 'z'), f('x', 'y:z'))  # one key: the second call gets the result of the first
print(f(2, 1), f('2', 1))

# Output:
# f:x:y f:1:y f:http://x:y
# ['x:y', 'z'] ['x:y', 'z']
# [2, 1] [2, 1]
