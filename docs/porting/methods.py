import ring

members = {}


class Member:
    def __init__(self, name):
        self.name = name

    def __ring_key__(self):
        return self.name

    @ring.dict(members, key_prefix='member.friends')
    def friends(self, limit=10):
        return f'{limit} friends of {self.name}'

    @ring.dict(members, key_prefix='member.title')
    @property
    def title(self):
        return 'the title of ' + self.name

    @ring.dict(members, key_prefix='member.find')
    @classmethod
    def find(cls, name):
        return cls(name).title

    @ring.dict(members, key_prefix='member.is_name')
    @staticmethod
    def is_name(text):
        return text.isalpha()


ann = Member('ann')
print(ann.friends(3))
print(ann.friends.has(3))
print(ann.title)
print(Member.find('bob'))
print(Member.is_name('ann'))
for key in sorted(members):
    print(key)
