import ring
from ring.func.sync import CacheUserInterface


class CaseBlind(CacheUserInterface):
    def key(self, wire, pargs):  # replaced; all others use it
        return super().key(wire, pargs=pargs).lower()

    def pop(self, wire, pargs):  # added
        value = self.get(wire, pargs=pargs)
        self.delete(wire, pargs=pargs)
        return value


@ring.lru(user_interface=CaseBlind)
def length(word):
    print('runs for', word)
    return len(word)


print(length('Python'))
print(length('PYTHON'))
print(length.key('PYTHON'))
print(length.pop('python'))
print(length.pop('python'))
