/** The shape of a checklist and of its answers, as the API gives and takes them, and what an answer means for its item. */
import { Fraction, ONE, ZERO } from './fraction.ts'

export interface Words {
  readonly zh: string
  readonly en: string
}
export type Value = boolean | number | string
export type State = 'scored' | 'not_applicable' | 'not_observed' | 'unanswered'
export type Evidence = { readonly recording: string; readonly at_ms: number } | { readonly photo: string }

export interface Answer {
  readonly value?: Value | null
  readonly state?: State | null
  readonly reason?: string | null
  readonly note?: string | null
  readonly evidence?: readonly Evidence[]
}
export type Answers = Readonly<Record<string, Answer>>

export interface Veto {
  readonly scope: 'item' | 'indicator' | 'dimension' | 'visit' | 'cap'
  readonly cap?: string | null
  readonly breached_at: string
}

interface Asked {
  readonly code: string
  readonly text: Words
  readonly guidance?: Words | null
  readonly required: boolean
  readonly required_if?: { readonly item: string; readonly any_of: readonly Value[] } | null
  readonly purposes?: readonly string[] | null
  readonly not_applicable: 'exclude' | 'count_as_zero' | 'count_as_full' | 'not_allowed'
  readonly bonus: boolean
  readonly weight?: string | null
  readonly veto?: Veto | null
}
export type Item = Asked &
  (
    | { readonly type: 'yes_no'; readonly expected: boolean }
    | { readonly type: 'choice'; readonly options: readonly { readonly code: string; readonly text: Words; readonly fraction: string }[] }
    | { readonly type: 'rating'; readonly lowest: number; readonly highest: number }
    | { readonly type: 'number'; readonly unit: Words; readonly bands: readonly { readonly up_to: string; readonly fraction: string }[]; readonly otherwise: string; readonly minimum: string; readonly maximum?: string | null }
    | { readonly type: 'deductions'; readonly each: string }
    | { readonly type: 'text'; readonly min_length: number }
    | { readonly type: 'photo'; readonly min_count: number }
  )

export interface Checklist {
  readonly mode: 'weights_fixed' | 'points_pool'
  readonly profiles: readonly { readonly code: string; readonly indicators: Readonly<Record<string, string>>; readonly dimensions?: Readonly<Record<string, string>> | null }[]
  readonly dimensions: readonly {
    readonly code: string
    readonly title: Words
    readonly indicators: readonly { readonly code: string; readonly title: Words; readonly items: readonly Item[] }[]
  }[]
}

export const UNANSWERED: Answer = {}
const MOST_FAULTS = 10_000

export function itemsOf(checklist: Checklist): Item[] {
  return checklist.dimensions.flatMap((dimension) => dimension.indicators.flatMap((indicator) => indicator.items))
}

/** Those that a visit for this purpose asks for; without a purpose, all. */
export function askedItems(checklist: Checklist, purpose: string | null): Item[] {
  return itemsOf(checklist).filter((item) => purpose === null || !item.purposes || item.purposes.includes(purpose))
}

/** The state an answer puts its item in, before any reviewer. */
export function stateOf(item: Item, answer: Answer): State {
  if (answer.state === 'not_applicable' || answer.state === 'not_observed') return answer.state
  const given =
    item.type === 'photo' ? photosOf(answer).length >= item.min_count : item.type === 'text' ? lengthOf(answer) > 0 : answer.value !== null && answer.value !== undefined
  return given ? 'scored' : 'unanswered'
}

export function photosOf(answer: Answer): string[] {
  return (answer.evidence ?? []).flatMap((one) => ('photo' in one ? [one.photo] : []))
}

/** In characters as people count them, which is how the server counts. */
export function lengthOf(answer: Answer): number {
  return typeof answer.value === 'string' ? charactersIn(answer.value.trim()) : 0
}

export function charactersIn(text: string): number {
  return [...text].length
}

/** Whether the condition of an item holds, given the other answers; true without a condition. */
export function holds(item: Item, answers: Answers): boolean {
  if (!item.required_if) return true
  const value = answers[item.required_if.item]?.value
  return item.required_if.any_of.some((wanted) => wanted === value)
}

export function isRequired(item: Item, answers: Answers): boolean {
  return item.required_if ? holds(item, answers) : item.required
}

/** The fraction of its weight that a value earns; `null` for a value that does not fit the item. */
export function earned(item: Item, value: Value | null | undefined): Fraction | null {
  switch (item.type) {
    case 'yes_no':
      return typeof value === 'boolean' ? (value === item.expected ? ONE : ZERO) : null
    case 'choice': {
      const option = item.options.find((one) => one.code === value)
      return option ? Fraction.exact(option.fraction) : null
    }
    case 'rating':
      if (!isWhole(value) || value < item.lowest || value > item.highest) return null
      return Fraction.of(BigInt(value - item.lowest), BigInt(item.highest - item.lowest))
    case 'number':
      return typeof value === 'boolean' || value === null || value === undefined ? null : measured(item, value)
    case 'deductions': {
      if (!isWhole(value) || value < 0 || value > MOST_FAULTS) return null
      const left = ONE.minus(Fraction.of(BigInt(value)).times(Fraction.exact(item.each)))
      return left.compare(ZERO) < 0 ? ZERO : left
    }
    default:
      return null
  }
}

function measured(item: Extract<Item, { type: 'number' }>, value: number | string): Fraction | null {
  const number = Fraction.read(value)
  if (!number || number.compare(Fraction.exact(item.minimum)) < 0) return null
  if (item.maximum && number.compare(Fraction.exact(item.maximum)) > 0) return null
  const band = item.bands.find((one) => number.compare(Fraction.exact(one.up_to)) <= 0)
  return Fraction.exact(band ? band.fraction : item.otherwise)
}

function isWhole(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value)
}
