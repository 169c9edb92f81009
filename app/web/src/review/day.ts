/** The day as the desk sees it: which visits belong to it, how far they are, and what is not as it should be. */
import type { Item } from '@/api/client'

export type Visit = Item<'/v1/visits'>
export type Trouble = 'late' | 'long-inside' | 'not-handed-in'

export const STAGES = [
  { name: 'planned', states: ['proposed', 'reserved', 'accepted'] },
  { name: 'inside', states: ['entered'] },
  { name: 'left', states: ['left'] },
  { name: 'review', states: ['submitted', 'in_review'] },
  { name: 'done', states: ['approved', 'published', 'appealed', 'final'] },
  { name: 'fallen', states: ['cancelled', 'expired', 'declined', 'aborted', 'void'] },
] as const satisfies readonly { name: string; states: readonly Visit['state'][] }[]
export type Stage = (typeof STAGES)[number]['name']

const UNFINISHED: readonly Visit['state'][] = ['proposed', 'reserved', 'accepted', 'entered', 'left']
const ENDS: Record<Visit['day_part'], string> = { morning: '12:00', afternoon: '18:00', evening: '24:00' }
const LONG_INSIDE_MS = 3 * 3_600_000 // the longest visits take an hour or two
const HAND_IN_MS = 24 * 3_600_000 // the same day, on Wi-Fi (D7.3)

export function stageOf(visit: Visit): Stage {
  return STAGES.find((stage) => (stage.states as readonly string[]).includes(visit.state))?.name ?? 'planned'
}

/** The day and the time of day at the outlet (D5.3), as `2026-03-05` and `14:30`. */
function localTime(now: Date, timeZone: string): { day: string; time: string } {
  const parts = new Map(
    new Intl.DateTimeFormat('en-GB', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).formatToParts(now).map((part) => [part.type, part.value]),
  )
  return { day: `${parts.get('year')}-${parts.get('month')}-${parts.get('day')}`, time: `${parts.get('hour')}:${parts.get('minute')}` }
}

/** Of today at the outlet, or left over from before. */
export function belongs(visit: Visit, now: Date): boolean {
  const today = localTime(now, visit.outlet.time_zone).day
  return visit.planned_on === today || (visit.planned_on < today && UNFINISHED.includes(visit.state))
}

export function troubleOf(visit: Visit, now: Date): Trouble | null {
  switch (stageOf(visit)) {
    case 'planned': {
      const here = localTime(now, visit.outlet.time_zone)
      return here.day > visit.planned_on || (here.day === visit.planned_on && here.time >= ENDS[visit.day_part]) ? 'late' : null
    }
    case 'inside':
      return since(visit.entered_at, now) > LONG_INSIDE_MS ? 'long-inside' : null
    case 'left':
      return since(visit.left_at, now) > HAND_IN_MS ? 'not-handed-in' : null
    default:
      return null
  }
}

/** The days to ask for, wherever the outlets are: today's, and those of which something may be left over. */
export function daysAround(now: Date): { from: string; until: string } {
  const on = (days: number): string => new Date(now.getTime() + days * 86_400_000).toISOString().slice(0, 10)
  return { from: on(-3), until: on(1) }
}

function since(at: string | null, now: Date): number {
  return at === null ? 0 : now.getTime() - Date.parse(at)
}
