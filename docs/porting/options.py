import ring

cache = {}


@ring.dict(cache, key_prefix='report', default_action='get')
def report(year):
    return f'the report of {year}'


print(report(2026))  # does not run anything
report.update(2026)
print(report(2026))
print(report.run('key', 2026))
