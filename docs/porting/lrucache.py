import functools


@functools.lru_cache(maxsize=1000)
def fibonacci(n):
    return n if n < 2 else fibonacci(n - 1) + fibonacci(n - 2)


print(fibonacci(90))
info = fibonacci.cache_info()
print(info.hits, info.misses, info.maxsize, info.currsize)
print(fibonacci.__wrapped__(3))  # the function itself
fibonacci.cache_clear()
print(fibonacci.cache_info().currsize)
