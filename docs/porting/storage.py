import hashlib
import os
import tempfile

import ring
from ring.func.base import CommonMixinStorage, NotFound, StorageMixin, factory
from ring.func.sync import CacheUserInterface


class FileStorage(CommonMixinStorage, StorageMixin):
    def path(self, key):
        return os.path.join(self.backend, hashlib.sha256(key.encode()).hexdigest())

    def get_value(self, key):
        try:
            with open(self.path(key), 'rb') as f:
                return f.read()
        except FileNotFoundError:
            raise NotFound

    def set_value(self, key, value, expire):
        with open(self.path(key), 'wb') as f:
            f.write(value)

    def delete_value(self, key):
        try:
            os.remove(self.path(key))
        except FileNotFoundError:
            pass


directory = tempfile.mkdtemp()
in_files = dict(
    key_prefix='f', expire_default=None, coder='json', miss_value=None,
    user_interface=CacheUserInterface, storage_class=FileStorage)


@factory(directory, **in_files)
def double(n):
    print('runs for', n)
    return 2 * n


print(double(21))
print(double(21))
print(len(os.listdir(directory)))
double.delete(21)
print(len(os.listdir(directory)))
os.rmdir(directory)
