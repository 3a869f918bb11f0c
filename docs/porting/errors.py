import ring


@ring.lru()
def share(total, among):
    return total // among


try:
    share(1)
except TypeError:
    print('wrong arguments')

try:
    share(1, 0)
except ZeroDivisionError:
    print('the error of the function:', share.has(1, 0))
