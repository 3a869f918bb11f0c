import asyncio
import ring

cache = {}


@ring.dict(cache, key_prefix='fetch')
async def fetch(n):
    await asyncio.sleep(0.001)
    return n * n


async def main():
    print(await fetch(2))
    print(await fetch.get(2))
    print(await asyncio.gather(fetch(3), fetch(4)))
    await fetch.delete(3)
    try:
        await asyncio.wait_for(fetch(3), timeout=0)
    except asyncio.TimeoutError:
        print('too late')


asyncio.run(main())
