import ring


@ring.lru()
def search(table, limit=10, *columns, reverse=False, **where):
    return [table, limit, list(columns), reverse, where]


print(search('users'))
print(search('users', 5, 'id', 'name', reverse=True, age=36))
print(search(limit=5, table='users'))

print(search.key('users'))
print(search.key('users', 10) == search.key(table='users'))  # one call, one key
print(search.key('users', 5, 'id', 'name', reverse=True, age=36))
