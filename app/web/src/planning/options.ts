/** Where a visit could go, asked once for all cells when it is picked up, and why not where it could not. */
import { computed, shallowRef } from 'vue'
import { api, type Schemas, take } from '@/api/client'
import { type Words, wordsOf } from '@/text'
import { day } from '@/text/format'
import words from '@/text/planning.json'

export type Option = Schemas['OptionOut']
export type OptionRow = Schemas['OptionRowOut']
export type Broken = Schemas['BrokenOut']
export type Verdict = Option['verdict']
type Key = keyof typeof words & string

const t: Words<typeof words> = wordsOf(words)

/** A visit in somebody's hand. `from` is whose row it was taken from. */
export interface Picked {
  readonly visit: string
  readonly outlet_id: string
  readonly from: string | null
  readonly beside: string[]
}

export function useOptions(plan: string) {
  const picked = shallowRef<Picked | null>(null)
  const rows = shallowRef<ReadonlyMap<string, OptionRow> | null>(null)
  let asking: Promise<void> = Promise.resolve()

  function pick(one: Picked): Promise<void> {
    ;[picked.value, rows.value] = [one, null]
    const query = { visit: one.visit, ...(one.beside.length ? { beside: one.beside } : {}) }
    asking = take(api.GET('/v1/plans/{plan_id}/options', { params: { path: { plan_id: plan }, query } })).then((answer) => {
      if (picked.value === one) rows.value = new Map(answer.rows.map((row) => [row.inspector_id, row]))
    })
    return asking
  }
  function drop(): void {
    ;[picked.value, rows.value] = [null, null]
  }
  const at = (inspector: string, on: string): Option | null => optionAt(rows.value?.get(inspector), on)
  return { picked: computed(() => picked.value), rows: computed(() => rows.value), pick, drop, at, answered: () => asking }
}

/** A row that is never allowed is blocked on every day by the same rules. */
export function optionAt(row: OptionRow | undefined, on: string): Option | null {
  if (!row) return null
  if (row.never.length) return { on, verdict: 'blocked', arrive: null, broken: row.never, soft: [], travel_minutes: null, visits_that_day: 0 }
  return row.days.find((one) => one.on === on) ?? null
}

function has(key: string): key is Key {
  return key in words
}

/** The rule in the reader's language, with the dates the server names. */
export function reason(one: Broken): string {
  const key = `rule-${one.rule}`
  const dates = [...new Set(one.says.match(/\d{4}-\d\d-\d\d/g) ?? [])].map((on) => day(on, { year: 'numeric', month: 'short', day: 'numeric' }))
  const name = has(key) ? t(key) : one.says
  return dates.length ? t('with-dates', { name, dates: dates.join(' – ') }) : name
}

function softly(one: Option['soft'][number]): string {
  return t(`soft-${one}`)
}

/** One sentence on a cell: what would happen there, or why it cannot. */
export function telling(one: Option | null): string {
  if (!one) return t('no-option')
  if (one.verdict === 'blocked') return t('is-blocked', { why: [...new Set(one.broken.map(reason))].join('; ') })
  const effect = t('effect', { arrive: one.arrive ?? '', travel: signed(one.travel_minutes ?? 0), n: one.visits_that_day })
  return one.soft.length ? t('is-soft', { why: one.soft.map(softly).join('; '), effect }) : t('is-allowed', { effect })
}

export function signed(value: number, digits = 0): string {
  const rounded = Number(value.toFixed(digits))
  return rounded > 0 ? `+${rounded}` : rounded < 0 ? `−${Math.abs(rounded)}` : '±0'
}

export const MARKS: Record<Verdict, string> = { allowed: '✓', soft: '!', blocked: '×' }

const EACH = 2 // places of one inspector among the best: five days of the same person are no choice

/** The best places first: no soft conflict, then the least travel. */
export function bestOf(rows: ReadonlyMap<string, OptionRow> | null, most: number, from: string | null, now: string | null): { row: OptionRow; option: Option }[] {
  const found = [...(rows?.values() ?? [])].flatMap((row) => row.days.filter((one) => one.verdict !== 'blocked' && !(row.inspector_id === from && one.on === now)).map((option) => ({ row, option })))
  found.sort((a, b) => a.option.soft.length - b.option.soft.length || (a.option.travel_minutes ?? 0) - (b.option.travel_minutes ?? 0) || Number(b.row.inspector_id === from) - Number(a.row.inspector_id === from) || a.option.on.localeCompare(b.option.on))
  const shown = new Map<string, number>()
  return found
    .filter(({ row }) => {
      const before = shown.get(row.inspector_id) ?? 0
      shown.set(row.inspector_id, before + 1)
      return before < EACH
    })
    .slice(0, most)
}
