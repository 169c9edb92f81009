/** A checklist while it is being written: what is in it, what is kept of it on this device, and what is sent. */
import { api, asWritten, once, type Schemas, take, type Written } from '@/api/client'
import { DRAFTS } from '@/api/session'
import { type Checklist, itemsOf } from '@/core/checklist.ts'
import { Fraction, sum } from '@/core/fraction.ts'

export type Document = Schemas['Document']
export type Version = Schemas['VersionWithDocument']
export type Profile = NonNullable<Document['profiles']>[number]
export type Dimension = Document['dimensions'][number]
export type Indicator = Dimension['indicators'][number]
export type DraftItem = Indicator['items'][number]
export type ItemType = DraftItem['type']
export type Findings = Schemas['ValidationOut']

export const TYPES = ['yes_no', 'choice', 'rating', 'number', 'deductions', 'text', 'photo'] as const satisfies readonly ItemType[]

interface Kept {
  /** The fingerprint of the version it was begun from. */
  readonly base: string | null
  readonly document: Document
}

const NO_WORDS = { zh: '', en: '' }

export function blankItem(code: string, type: ItemType = 'yes_no'): DraftItem {
  const asked = { code, text: { ...NO_WORDS }, guidance: null, required: true, required_if: null, purposes: null, not_applicable: 'exclude' as const, bonus: false, tags: { servqual: null, campaign: null } }
  const scored = { ...asked, weight: '10', veto: null }
  switch (type) {
    case 'yes_no':
      return { ...scored, type, expected: true }
    case 'choice':
      return { ...scored, type, options: [{ code: 'good', text: { ...NO_WORDS }, fraction: '1' }, { code: 'poor', text: { ...NO_WORDS }, fraction: '0' }] }
    case 'rating':
      return { ...scored, type, lowest: 1, highest: 5 }
    case 'number':
      return { ...scored, type, unit: { ...NO_WORDS }, bands: [{ up_to: '5', fraction: '1' }], otherwise: '0', minimum: '0', maximum: null }
    case 'deductions':
      return { ...scored, type, each: '0.1' }
    case 'text':
      return { ...asked, weight: null, veto: null, type, min_length: 0 }
    case 'photo':
      return { ...asked, weight: null, veto: null, type, min_count: 1 }
  }
}

/** The same question with another kind of answer: its words stay. */
export function retyped(item: DraftItem, type: ItemType): DraftItem {
  const { code, text, guidance, required, purposes, tags } = item
  return { ...blankItem(code, type), code, text, guidance: guidance ?? null, required: required ?? true, purposes: purposes ?? null, tags: tags ?? {} }
}

export function blank(): Document {
  return {
    id: '',
    version: 1,
    title: { ...NO_WORDS },
    trade: 'telecom',
    mode: 'weights_fixed',
    completeness_threshold: '0.6',
    weights_sum: '100',
    shares_items_with: null,
    purposes: [],
    profiles: [{ code: 'any', tier: null, stage: null, load: null, indicators: { 'indicator-1': '100' }, dimensions: null }],
    dimensions: [{ code: 'dimension-1', title: { ...NO_WORDS }, indicators: [{ code: 'indicator-1', title: { ...NO_WORDS }, items: [blankItem('item-1')] }] }],
  }
}

/** The next version of what is published. Where all its profiles add up to a hundred, the draft promises that they will. */
export function nextOf(version: Version): Document {
  const document = structuredClone(version.document)
  const promised = document.weights_sum ?? ((document.profiles ?? []).every((one) => sumOf(one)?.compare(Fraction.of(100n)) === 0) ? '100' : null)
  return { ...document, version: version.number + 1, weights_sum: promised }
}

function indicatorsOf(document: Document): Indicator[] {
  return document.dimensions.flatMap((one) => one.indicators)
}

/** What a profile shares out: among its dimensions where it names them, else among its indicators. `null` for what is no number. */
export function sumOf(profile: Profile): Fraction | null {
  const weights = Object.values(profile.dimensions ?? profile.indicators).map((one) => Fraction.read(one))
  return weights.some((one) => one === null) ? null : sum(weights as Fraction[])
}

export function adds(profile: Profile, promised: string | number | null | undefined): boolean {
  const [total, wanted] = [sumOf(profile), Fraction.read(promised ?? '')]
  return total !== null && (wanted === null || total.compare(wanted) === 0)
}

/** A code that nothing else has: `item`, `item-2`, … */
export function freeCode(stem: string, taken: readonly string[]): string {
  for (let n = 1; ; n++) if (!taken.includes(`${stem}-${n}`)) return `${stem}-${n}`
}

export function codesOf(document: Document): string[] {
  return [...document.dimensions.map((one) => one.code), ...indicatorsOf(document).map((one) => one.code), ...itemsOf(asChecklist(document)).map((one) => one.code)]
}

/** For the reckoning, which knows the same shape. */
export function asChecklist(document: Document): Checklist {
  return document as unknown as Checklist
}

/** Profiles have a weight for each indicator, and for no other. */
export function settleWeights(document: Document): void {
  const codes = indicatorsOf(document).map((one) => one.code)
  for (const profile of document.profiles ?? []) profile.indicators = Object.fromEntries(codes.map((code) => [code, profile.indicators[code] ?? '']))
}

export async function examine(document: Document): Promise<Findings> {
  return take(api.POST('/v1/checklists/validate', { ...asYaml(document) }))
}

export async function publish(document: Document, key: string): Promise<Schemas['VersionOut']> {
  return take(api.POST('/v1/checklists', { ...asYaml(document), params: { header: once(key) } }))
}

/** JSON is YAML too. Words that were begun and given up again are not sent as empty ones. */
function asYaml(document: Document): Written {
  const whole = JSON.stringify(document, (name, value: unknown) => (name === 'guidance' && isEmpty(value) ? null : value))
  return asWritten(whole, 'application/yaml')
}

function isEmpty(words: unknown): boolean {
  return typeof words === 'object' && words !== null && Object.values(words).every((one) => !one)
}

export function keep(code: string, kept: Kept): void {
  localStorage.setItem(DRAFTS + code, JSON.stringify(kept))
}

export function kept(code: string): Kept | null {
  const text = localStorage.getItem(DRAFTS + code)
  return text ? (JSON.parse(text) as Kept) : null
}

export function forget(code: string): void {
  localStorage.removeItem(DRAFTS + code)
}
