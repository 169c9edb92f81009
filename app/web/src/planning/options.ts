/** Where a visit could go, asked once for all cells when it is picked up, and why not where it could not. */
import { computed, shallowRef } from 'vue'
import type { Names } from './directory'
import { api, type Schemas, take } from '@/api/client'
import { languageName } from '@/supervisor/known'
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
  readonly lead?: string
}

export function useOptions(plan: string) {
  const picked = shallowRef<Picked | null>(null)
  const rows = shallowRef<ReadonlyMap<string, OptionRow> | null>(null)
  const crewSize = shallowRef(1)
  let asking: Promise<void> = Promise.resolve()

  function pick(one: Picked): Promise<void> {
    ;[picked.value, rows.value] = [one, null]
    const query = { visit: one.visit, ...(one.beside.length ? { beside: one.beside } : {}), ...(one.lead ? { lead: one.lead } : {}) }
    asking = take(api.GET('/v1/plans/{plan_id}/options', { params: { path: { plan_id: plan }, query } })).then((answer) => {
      if (picked.value !== one) return
      crewSize.value = answer.crew_size
      rows.value = new Map(answer.rows.map((row) => [row.inspector_id, row]))
    })
    return asking
  }
  function drop(): void {
    ;[picked.value, rows.value] = [null, null]
  }
  const at = (inspector: string, on: string): Option | null => optionAt(rows.value?.get(inspector), on)
  return { picked: computed(() => picked.value), crewSize: computed(() => crewSize.value), rows: computed(() => rows.value), pick, drop, at, answered: () => asking }
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

/** What stands in the gaps: dates as people write them, names for ids. */
function filled(one: Broken, names: Names): Record<string, string | number> {
  const dated = (value: string | number): string | number => (/^\d{4}-\d\d-\d\d$/.test(String(value)) ? day(String(value), { year: 'numeric', month: 'short', day: 'numeric' }) : value)
  const facts = Object.fromEntries(Object.entries(one.facts).map(([name, value]) => [name, dated(value)]))
  if (one.facts['outlet']) facts['outlet'] = names.outlet(String(one.facts['outlet']))
  if (one.facts['languages']) facts['languages'] = String(one.facts['languages']).split(', ').map(languageName).join(t('and'))
  if (one.why === 'device') facts['kind'] = t(`device-${one.facts['kind'] as 'recorder'}`)
  return facts
}

/** Why not, with the dates and numbers that show it and the way out; of a crew it says who. */
export function reason(one: Broken, names: Names, crew: readonly string[] = []): string {
  const key = `why-not-${one.why}` + (one.why === 'known_there' && one.facts['since'] ? '_since' : '')
  const said = has(key) ? t(key, filled(one, names)) : one.says
  return crew.length > 1 && crew.includes(one.inspector) ? t('of-whom', { who: names.person(one.inspector), said }) : said
}

function softly(one: Option['soft'][number]): string {
  return t(`soft-${one}`)
}

/** One sentence on a cell: what would happen there, or why it cannot. */
export function telling(one: Option | null, names: Names, crew: readonly string[] = []): string {
  if (!one) return t('no-option')
  if (one.verdict === 'blocked') return t('is-blocked', { why: [...new Set(one.broken.map((each) => reason(each, names, crew)))].join(' ') })
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
