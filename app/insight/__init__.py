"""Where everybody stands: dashboards, comparison, control charts, inspectors' statistics, reliability (D3.7, D9.7).

What is published is folded into facts, and every answer is made of these:

- A trigger marks a visit as pending in the transaction that publishes, revises, appeals or voids it (`models`).
- `folding` makes the facts of pending visits again: what each publication said from when to when (`facts`, `rows`), and
  for each month the sums over its visits, by outlet, packed a shard of outlets to a row (`figures`, `totals`). Whoever
  reads folds a little first, so that nobody misses what they have just published; the job takes the rest.
- `gathering` adds months up into quarters and years. A trigger takes such a span away with the first change of one of
  its months: it is there and right, or not there, and the months are read (`queries_blocks`).
- `checking` computes everything anew and compares: `plainclothes insight check`, and `rebuild`.

`asking` turns a request into outlets and visits, for those who may ask; `queries*` read. Whole months as published now
come out of what is kept added up, any other days and any instant
before out of the visits themselves, and both give the same. `overview`, `ranking`, `charting`, `comparing` and
`inspecting` make the answers. What is reckoned stands apart, free of I/O: `estimates`, `control`, `matching`, `severity`,
`reliability`, `agreement`.
"""
