/**
 * The score of a visit (D3, D4) as the server's engine reckons it, so that the phone can show it without a network.
 * What the rules leave open is decided in `app/scoring/engine.py` and followed here; a test runs both over the same
 * random answers. The server's score is the one that counts.
 */
import { type Answers, askedItems, type Checklist, earned, holds, type Item, isRequired, lengthOf, photosOf, stateOf, type State, UNANSWERED } from './checklist.ts'
import { Fraction, HUNDRED, least, ONE, sum, ZERO } from './fraction.ts'

export interface FiredVeto {
  readonly item: string
  readonly scope: 'item' | 'indicator' | 'dimension' | 'visit' | 'cap'
  readonly target: string | null
  readonly cap: Fraction | null
}

export interface Score {
  readonly total: Fraction | null
  readonly totalWithoutVetoes: Fraction | null
  readonly completeness: Fraction | null
  readonly vetoes: readonly FiredVeto[]
}

export interface Terms {
  readonly purpose: string | null
  readonly profile: string | null
  readonly threshold: string
}

export interface Missing {
  readonly item: string
  readonly why: 'unanswered' | 'too_short' | 'photos_missing'
}

interface Leaf {
  readonly item: Item
  readonly weight: Fraction
  readonly state: State
  readonly fraction: Fraction | null
}
interface Branch {
  readonly code: string
  readonly weight: Fraction
  readonly items: readonly Leaf[]
}
interface Limb {
  readonly code: string
  readonly weight: Fraction
  readonly indicators: readonly Branch[]
}
interface Tally {
  readonly weight: Fraction
  readonly earned: Fraction
  readonly possible: Fraction
  readonly score: Fraction | null
  readonly seen: Fraction | null
  readonly items: readonly Leaf[]
}
type Breached = (scope: FiredVeto['scope'], code: string) => boolean

export function scoreOf(checklist: Checklist, answers: Answers, terms: Terms): Score {
  const tree = grow(checklist, answers, terms)
  const vetoes = fired(tree)
  const breached: Breached = (scope, code) => vetoes.some((one) => one.scope === scope && one.target === code)
  const withVetoes = tally(checklist.mode, tree, breached)
  const without = tally(checklist.mode, tree, () => false)
  const before = subtotal(checklist.mode, withVetoes)
  const completeness = checklist.mode === 'weights_fixed' ? mean(withVetoes.map((one) => [one.weight, one.seen])) : seen(withVetoes.flatMap((one) => one.items))
  const enough = before !== null && completeness !== null && completeness.compare(Fraction.exact(terms.threshold)) >= 0
  return {
    total: enough ? limited(before, vetoes) : null,
    totalWithoutVetoes: enough ? limited(subtotal(checklist.mode, without), []) : null,
    completeness,
    vetoes,
  }
}

/** The basic norms that these answers say were breached (D4.1). */
function breachedVetoes(checklist: Checklist, answers: Answers, purpose: string | null): string[] {
  return fired(grow(checklist, answers, { purpose, profile: null })).map((one) => one.item)
}

export function vetoesWithoutEvidence(checklist: Checklist, answers: Answers, purpose: string | null): string[] {
  return breachedVetoes(checklist, answers, purpose).filter((code) => !answers[code]?.evidence?.length)
}

/** The required answers that are not there. A text that was begun must be long enough, required or not. */
export function missingRequired(checklist: Checklist, answers: Answers, purpose: string | null): Missing[] {
  return askedItems(checklist, purpose).flatMap((item): Missing[] => {
    const answer = answers[item.code] ?? UNANSWERED
    const state = stateOf(item, answer)
    if (state === 'unanswered' && isRequired(item, answers)) {
      return [{ item: item.code, why: item.type === 'photo' && photosOf(answer).length ? 'photos_missing' : 'unanswered' }]
    }
    return state === 'scored' && item.type === 'text' && lengthOf(answer) < item.min_length ? [{ item: item.code, why: 'too_short' }] : []
  })
}

function grow(checklist: Checklist, answers: Answers, terms: Omit<Terms, 'threshold'>): Limb[] {
  const profile = checklist.profiles.find((one) => one.code === terms.profile)
  const asked = new Set(askedItems(checklist, terms.purpose).map((item) => item.code))
  return checklist.dimensions.map((dimension) => {
    const indicators = dimension.indicators.map((indicator) => ({
      code: indicator.code,
      weight: profile ? Fraction.exact(profile.indicators[indicator.code] as string) : ONE,
      items: indicator.items.filter((item) => asked.has(item.code) && counts(item, answers)).map((item) => leaf(item, answers)),
    }))
    const own = profile?.dimensions?.[dimension.code]
    return { code: dimension.code, weight: own ? Fraction.exact(own) : sum(indicators.map((one) => one.weight)), indicators }
  })
}

function counts(item: Item, answers: Answers): boolean {
  if (item.weight === null || item.weight === undefined) return false
  return holds(item, answers) || stateOf(item, answers[item.code] ?? UNANSWERED) !== 'unanswered'
}

function leaf(item: Item, answers: Answers): Leaf {
  const answer = answers[item.code] ?? UNANSWERED
  const state = stateOf(item, answer)
  const fraction = state === 'scored' ? earned(item, answer.value) : null
  // A text or photo counts when a reviewer has given it a mark; until then it is open.
  const open = state === 'scored' && fraction === null
  return { item, weight: Fraction.exact(item.weight ?? 0), state: open ? 'unanswered' : state, fraction }
}

function fired(tree: readonly Limb[]): FiredVeto[] {
  return tree.flatMap((dimension) =>
    dimension.indicators.flatMap((indicator) =>
      indicator.items.flatMap(({ item, fraction }): FiredVeto[] => {
        if (!item.veto || !fraction || fraction.compare(Fraction.exact(item.veto.breached_at)) > 0) return []
        const { scope, cap } = item.veto
        const target = { item: item.code, indicator: indicator.code, dimension: dimension.code, visit: null, cap: null }[scope]
        return [{ item: item.code, scope, target, cap: cap === null || cap === undefined ? null : Fraction.exact(cap) }]
      }),
    ),
  )
}

function tally(mode: Checklist['mode'], tree: readonly Limb[], breached: Breached): Tally[] {
  return tree.map((dimension) => {
    const parts = dimension.indicators.map((indicator) => indicatorTally(indicator, breached))
    const items = parts.flatMap((part) => part.items)
    const vetoed = breached('dimension', dimension.code)
    const earned = vetoed ? ZERO : sum(parts.map((part) => part.earned))
    const possible = standing(sum(parts.map((part) => part.possible)), items, vetoed)
    const fixed = mode === 'weights_fixed'
    const score = fixed ? mean(parts.map((part) => [part.weight, part.score])) : earned.over(possible)
    return { weight: dimension.weight, earned, possible, score: vetoed ? ZERO : score, seen: fixed ? mean(parts.map((part) => [part.weight, part.seen])) : seen(items), items }
  })
}

function indicatorTally(indicator: Branch, breached: Breached): Tally {
  const items = indicator.items.map((one) => ({ ...one, fraction: breached('item', one.item.code) ? ZERO : counted(one) }))
  const vetoed = breached('indicator', indicator.code)
  const earned = vetoed ? ZERO : sum(items.map(points))
  const possible = standing(sum(items.map(denominator)), items, vetoed)
  return { weight: indicator.weight, earned, possible, score: vetoed ? ZERO : earned.over(possible), seen: seen(items), items }
}

function counted({ item, state, fraction }: Leaf): Fraction | null {
  if (state !== 'not_applicable') return fraction
  return { exclude: null, not_allowed: null, count_as_zero: ZERO, count_as_full: ONE }[item.not_applicable]
}

function points({ weight, fraction }: Leaf): Fraction {
  return fraction ? weight.times(fraction) : ZERO
}

function denominator({ item, weight, fraction }: Leaf): Fraction {
  return fraction && !item.bonus ? weight : ZERO
}

function applicable({ item, weight, state, fraction }: Leaf): Fraction {
  return item.bonus || (state === 'not_applicable' && !fraction) ? ZERO : weight
}

/** A vetoed part whose only scored item is a gate of weight 0 stands in the pool with all its items (D4.2). */
function standing(possible: Fraction, items: readonly Leaf[], vetoed: boolean): Fraction {
  return possible.isZero && vetoed ? sum(items.filter((one) => !one.item.bonus).map((one) => one.weight)) : possible
}

function seen(items: readonly Leaf[]): Fraction | null {
  return sum(items.map(denominator)).over(sum(items.map(applicable)))
}

function subtotal(mode: Checklist['mode'], parts: readonly Tally[]): Fraction | null {
  const share = mode === 'weights_fixed' ? mean(parts.map((one) => [one.weight, one.score])) : sum(parts.map((one) => one.earned)).over(sum(parts.map((one) => one.possible)))
  return share && share.times(HUNDRED)
}

function mean(parts: readonly (readonly [Fraction, Fraction | null])[]): Fraction | null {
  const valued = parts.flatMap(([weight, value]) => (value ? [{ weight, value }] : []))
  return sum(valued.map((one) => one.weight.times(one.value))).over(sum(valued.map((one) => one.weight)))
}

function limited(total: Fraction | null, vetoes: readonly FiredVeto[]): Fraction | null {
  if (!total) return null
  if (vetoes.some((one) => one.scope === 'visit')) return ZERO
  return least(total, HUNDRED, ...vetoes.flatMap((one) => (one.cap ? [one.cap] : [])))
}
