#!/usr/bin/env python3
"""Writes a world for load runs as JSON lines: world.py FOLDER ITEMS USERS EVENTS_PER_USER

items.jsonl and events.jsonl (type purchase, users u0..., items i0...). Seeded; popularity is skewed and users have one taste of twenty, so
that models have something to find. Needs nothing but Python 3.
"""
import pathlib, random, sys

folder, items, users, each = pathlib.Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
folder.mkdir(parents=True, exist_ok=True)
rng = random.Random(42)
tastes = 20
with open(folder / "items.jsonl", "w") as out:
    for i in range(items):
        out.write(f'{{"id":"i{i}","title":"Item {i}","categories":["c{i % tastes}"],"attributes":{{"price":{1 + i % 97}}}}}\n')
per_taste = items // tastes
day = 0
with open(folder / "events.jsonl", "w") as out:
    for u in range(users):
        taste = u % tastes
        seen = set()
        while len(seen) < each:
            # two of three picks stay within the taste; a square pulls both towards the popular head
            if rng.random() < 0.67:
                i = int(per_taste * rng.random() ** 2) * tastes + taste
            else:
                i = int(items * rng.random() ** 2)
            if i < items:
                seen.add(i)
        for k, i in enumerate(sorted(seen)):
            day = (day + 7919) % 31_536_000
            out.write(f'{{"id":"{u}-{k}","user":"u{u}","item":"i{i}","type":"purchase","value":1,"at":"2025-{1 + day // 2_628_001:02d}-{1 + day % 28:02d}T{day % 24:02d}:00:00Z"}}\n')
