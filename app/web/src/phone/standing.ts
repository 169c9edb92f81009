/** Where a visit stands on this phone: what the server last said, and what was done since. */
import { charactersIn } from '@/core/checklist.ts'
import { claimOf, type Declared, type Demands, lostOf, unmet, type Unmet } from '@/core/gate.ts'
import type { Deed, KeptAnswer, KeptFile, KeptVisit } from './kept'
import type { Checklist } from '@/core/checklist.ts'

export type Standing = 'ahead' | 'inside' | 'left' | 'handed-in' | 'over'

export function standingOf(one: KeptVisit, deeds: readonly Deed[]): Standing {
  const mine = new Set(deeds.filter((deed) => deed.visitId === one.id).map((deed) => deed.kind))
  if (mine.has('abort') || mine.has('decline') || mine.has('found-shut')) return 'over'
  if (mine.has('submit')) return 'handed-in'
  if (mine.has('leave')) return 'left'
  switch (one.visit.state) {
    case 'proposed':
    case 'reserved':
    case 'accepted':
      return one.presences.at(-1)?.goingIn ? 'inside' : 'ahead'
    case 'entered':
      return 'inside'
    case 'left':
      return one.sentBack ? 'inside' : 'left'
    case 'submitted':
    case 'in_review':
    case 'approved':
      return 'handed-in'
    default:
      return 'over'
  }
}

/** The stays inside, on the phone's clock put right. The one that is not over yet ends now. */
export function staysOf(one: KeptVisit, now: number): (readonly [number, number])[] {
  const stays: [number, number][] = []
  let begun: number | null = null
  for (const presence of one.presences) {
    const at = presence.deviceAt + (presence.offsetMs ?? 0)
    if (presence.goingIn) begun ??= at
    else if (begun !== null) {
      stays.push([begun, Math.max(begun, at)])
      begun = null
    }
  }
  return begun === null ? stays : [...stays, [begun, Math.max(begun, now)]]
}

function declaredOf(files: readonly KeptFile[], offsetMs: number): Declared[] {
  return files
    .filter((file) => file.sha256 !== null)
    .map((file) => ({ id: file.id, medium: file.medium, startsAt: file.startedAt === null ? null : file.startedAt + file.offsetMs + offsetMs, durationMs: file.durationMs, quality: file.quality, lost: lostOf(file) }))
}

/** The leave gate as the phone can judge it; `outAt` is when the inspector came out. */
export function gateOf(one: KeptVisit, answers: Readonly<Record<string, KeptAnswer>>, files: readonly KeptFile[], out: { at: number; distanceM: number | null; offsetMs: number }): Unmet[] {
  if (!one.brief) return []
  const claim = claimOf(one.brief.checklist as unknown as Checklist, answers, {
    purpose: one.visit.purpose,
    summary: one.summary.trim(),
    questions: one.questions,
    stays: staysOf(one, out.at + out.offsetMs),
    files: declaredOf(files, out.offsetMs),
    checkOutDistanceM: out.distanceM,
  })
  return unmet(claim, one.brief.demands as Demands)
}

export function charactersOf(one: KeptVisit): number {
  return charactersIn(one.summary.trim())
}
