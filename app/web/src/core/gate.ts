/**
 * The leave gate (D7.3) as the server judges it (`app/visits/gate.py`, `declared.py`), so that the phone can answer without a network.
 * Times are milliseconds since 1970 on the phone's clock put right by its measured offset.
 */
import { type Answers, charactersIn, type Checklist } from './checklist.ts'
import { missingRequired, vetoesWithoutEvidence } from './score.ts'

export type Quality = 'good' | 'silent' | 'black' | 'black_and_silent' | 'unusable' | 'unchecked'
export type Medium = 'video' | 'audio' | 'photo'

export interface Declared {
  readonly id: string
  readonly medium: Medium
  readonly startsAt: number | null
  readonly durationMs: number
  readonly quality: Quality
  /** What the recorder lost, from the beginning of the file, in order and apart. */
  readonly lost?: readonly (readonly [number, number])[]
}

export interface Demands {
  readonly recording: Medium | null
  readonly recording_minutes: number
  readonly coverage: number
  readonly photos: number
  readonly questions: number
  readonly summary_characters: number
  readonly check_out_distance_m: number
}

export interface Claim {
  readonly stays: readonly (readonly [number, number])[]
  readonly files: readonly Declared[]
  readonly unanswered: readonly string[]
  readonly vetoesWithoutEvidence: readonly string[]
  readonly evidenceNowhere: readonly string[]
  readonly summaryCharacters: number
  readonly questions: number
  readonly checkOutDistanceM: number | null
}

export const RULES = [
  'required-answers',
  'summary-length',
  'questions-asked',
  'veto-evidence',
  'evidence-declared',
  'recording-declared',
  'recording-not-black',
  'recording-not-silent',
  'recording-readable',
  'recording-checked',
  'recording-length',
  'recording-coverage',
  'photos',
  'check-out-distance',
] as const
export type Rule = (typeof RULES)[number]

export interface Unmet {
  readonly rule: Rule
  readonly where: readonly string[]
  readonly values: Readonly<Record<string, number | string>>
}

/** What an inspector brings to the gate, of the answers and files on the phone. */
export function claimOf(
  checklist: Checklist,
  answers: Answers,
  rest: { purpose: string | null; summary: string; questions: number; stays: Claim['stays']; files: readonly Declared[]; checkOutDistanceM: number | null },
): Claim {
  const declared = new Set(rest.files.map((file) => file.id))
  return {
    stays: rest.stays,
    files: rest.files,
    unanswered: missingRequired(checklist, answers, rest.purpose).map((one) => one.item),
    vetoesWithoutEvidence: vetoesWithoutEvidence(checklist, answers, rest.purpose),
    evidenceNowhere: Object.entries(answers)
      .filter(([, answer]) => (answer.evidence ?? []).some((one) => !declared.has('photo' in one ? one.photo : one.recording)))
      .map(([code]) => code),
    summaryCharacters: charactersIn(rest.summary),
    questions: rest.questions,
    checkOutDistanceM: rest.checkOutDistanceM,
  }
}

/** Everything that is missing, in the order in which one would put it right. Empty: may leave. */
export function unmet(claim: Claim, demands: Demands): Unmet[] {
  const found: Unmet[] = []
  const miss = (rule: Rule, where: readonly string[] = [], values: Unmet['values'] = {}): void => void found.push({ rule, where, values })
  if (claim.unanswered.length) miss('required-answers', claim.unanswered, { n: claim.unanswered.length })
  if (claim.summaryCharacters < demands.summary_characters) miss('summary-length', [], { n: claim.summaryCharacters, least: demands.summary_characters })
  if (claim.questions < demands.questions) miss('questions-asked', [], { n: claim.questions, least: demands.questions })
  if (claim.vetoesWithoutEvidence.length) miss('veto-evidence', claim.vetoesWithoutEvidence)
  if (claim.evidenceNowhere.length) miss('evidence-declared', claim.evidenceNowhere)
  if (demands.recording) recordings(claim, demands, demands.recording, miss)
  const photos = claim.files.filter((file) => file.medium === 'photo').length
  if (photos < demands.photos) miss('photos', [], { n: photos, least: demands.photos })
  const distance = claim.checkOutDistanceM
  if (distance !== null && distance > demands.check_out_distance_m) miss('check-out-distance', [], { n: Math.round(distance), most: demands.check_out_distance_m })
  return found
}

const FAULTS: readonly (readonly [Rule, readonly Quality[]])[] = [
  ['recording-not-black', ['black', 'black_and_silent']],
  ['recording-not-silent', ['silent', 'black_and_silent']],
  ['recording-readable', ['unusable']],
  ['recording-checked', ['unchecked']],
]

function recordings(claim: Claim, demands: Demands, medium: Medium, miss: (rule: Rule, where?: readonly string[], values?: Unmet['values']) => void): void {
  const files = claim.files.filter((file) => file.medium === medium || (medium === 'audio' && file.medium === 'video'))
  if (!files.length) return miss('recording-declared', [], { medium })
  for (const [rule, qualities] of FAULTS) {
    const bad = files.filter((file) => qualities.includes(file.quality)).map((file) => file.id)
    if (bad.length) miss(rule, bad)
  }
  const usable = files.filter((file) => file.quality === 'good')
  const minutes = recordedMs(usable) / 60_000
  if (minutes < demands.recording_minutes) miss('recording-length', [], { n: minutes.toFixed(1), least: demands.recording_minutes })
  const share = coverage(claim.stays, usable)
  if (share < demands.coverage) miss('recording-coverage', [], { n: Math.floor(share * 100), least: Math.round(demands.coverage * 100) })
}

/** The share of the stays during which something recorded; 1 for a stay without length. */
export function coverage(stays: Claim['stays'], files: readonly Declared[]): number {
  const recorded = merged(files)
  const total = stays.reduce((length, [start, end]) => length + (end - start), 0)
  if (total <= 0) return 1
  const shared = stays.flatMap(([begin, end]) => recorded.map(([start, stop]) => Math.max(0, Math.min(end, stop) - Math.max(begin, start))))
  return shared.reduce((a, b) => a + b, 0) / total
}

/** How long something recorded, counting what two devices recorded at once only once. */
export function recordedMs(files: readonly Declared[]): number {
  const placed = merged(files).reduce((length, [start, end]) => length + (end - start), 0)
  return placed + files.filter((file) => file.startsAt === null).reduce((length, file) => length + held(file).reduce((sum, [from, to]) => sum + (to - from), 0), 0)
}

/** What a file holds, from its beginning: everything but what was lost. */
function held(file: Declared): (readonly [number, number])[] {
  const edges = [0, ...(file.lost ?? []).flat(), file.durationMs]
  return edges.flatMap((from, at): [number, number][] => (at % 2 === 0 && (edges[at + 1] as number) > from ? [[from, edges[at + 1] as number]] : []))
}

function merged(files: readonly Declared[]): [number, number][] {
  const spans = files.flatMap((file): [number, number][] => {
    const { startsAt } = file
    return startsAt === null ? [] : held(file).map(([from, to]) => [startsAt + from, startsAt + to])
  })
  const joined: [number, number][] = []
  for (const [start, end] of spans.sort((a, b) => a[0] - b[0] || a[1] - b[1])) {
    const last = joined.at(-1)
    if (last && start <= last[1]) last[1] = Math.max(last[1], end)
    else joined.push([start, end])
  }
  return joined
}

export interface Interruption {
  readonly fromMs: number
  readonly toMs: number
  readonly why: 'hidden' | 'muted' | 'stalled' | 'killed'
}

/** What its recorder certainly lost, in order and apart; as `app/visits/interruptions.py` has it. */
export function lostOf(file: { readonly gaps: readonly Interruption[]; readonly durationMs: number }): (readonly [number, number])[] {
  const apart: [number, number][] = []
  for (const gap of file.gaps.filter((one) => one.why === 'muted' || one.why === 'stalled').sort((a, b) => a.fromMs - b.fromMs || a.toMs - b.toMs)) {
    const [from, to] = [Math.min(Math.max(gap.fromMs, apart.at(-1)?.[1] ?? 0), file.durationMs), Math.min(gap.toMs, file.durationMs)]
    if (from < to) apart.push([from, to])
  }
  return apart
}
