/** The review sheet and the checklist behind it, brought together row by row. */
import type { Answer as Answered, Item as Listed } from '@/api/client'
import type { Checklist, Item, Value } from '@/core/checklist.ts'
import type { Marker, Tone } from '@/player/markers'
import { inLanguage } from '@/text'

export type Sheet = Answered<'/v1/visits/{visit_id}/review', 'get'>
export type Given = NonNullable<Sheet['answers'][number]['answer']>
export type Veto = Sheet['vetoes'][number]
export type Evidence = Given['evidence'][number]
export type Files = Answered<'/v1/visits/{visit_id}/recordings', 'get'>
export type Queued = Listed<'/v1/reviews'>

/** As the engine explains a score (D3.6); decimals as text. */
interface Explanation {
  readonly dimensions: readonly { readonly code: string; readonly score: string | null; readonly indicators: readonly { readonly code: string; readonly score: string | null; readonly vetoed_by: readonly string[]; readonly items: readonly Scored[] }[] }[]
}
export interface Scored {
  readonly code: string
  readonly fraction: string | null
  readonly available: string
  readonly contribution: string
  readonly counted: boolean
}

export interface Row {
  readonly code: string
  readonly item: Item
  readonly answer: Given | null
  readonly scored: Scored | null
  readonly tone: Tone
  readonly veto: Veto | null
}
export interface Section {
  readonly code: string
  readonly over: string
  readonly title: string
  readonly score: string | null
  readonly vetoed: boolean
  readonly rows: readonly Row[]
}

export function sectionsOf(sheet: Sheet, checklist: Checklist): Section[] {
  const asked = new Map(sheet.answers.map((one) => [one.item, one.answer]))
  const explained = sheet.score.explanation as unknown as Explanation
  const indicators = new Map(explained.dimensions.flatMap((one) => one.indicators).map((one) => [one.code, one]))
  const vetoes = new Map(sheet.vetoes.map((one) => [one.item, one]))
  return checklist.dimensions.flatMap((dimension) =>
    dimension.indicators.flatMap((indicator) => {
      const told = indicators.get(indicator.code)
      const scored = new Map((told?.items ?? []).map((one) => [one.code, one]))
      const rows = indicator.items
        .filter((item) => asked.has(item.code))
        .map((item): Row => {
          const [answer, score, veto] = [asked.get(item.code) ?? null, scored.get(item.code) ?? null, vetoes.get(item.code) ?? null]
          return { code: item.code, item, answer, scored: score, veto, tone: toneOf(score, veto) }
        })
      return rows.length ? [{ code: indicator.code, over: inLanguage(dimension.title), title: inLanguage(indicator.title), score: told?.score ?? null, vetoed: !!told?.vetoed_by.length, rows }] : []
    }),
  )
}

function toneOf(scored: Scored | null, veto: Veto | null): Tone {
  if (veto) return 'veto'
  if (!scored || scored.fraction === null) return 'plain'
  const share = Number(scored.fraction)
  return share >= 1 ? 'good' : share > 0 ? 'part' : 'bad'
}

/** The moments of one recording that answers name as their evidence. */
export function markersOf(sections: readonly Section[], recording: string): Marker[] {
  return sections
    .flatMap((section) => section.rows)
    .flatMap((row) => (row.answer?.evidence ?? []).flatMap((one) => ('recording' in one && one.recording === recording ? [{ item: row.code, at_ms: one.at_ms, tone: row.tone, label: inLanguage(row.item.text) }] : [])))
    .sort((a, b) => a.at_ms - b.at_ms)
}

/** The way to a piece of evidence; photos go by their number. */
export function wayTo(one: Evidence, photoNumber: (id: string) => number): { photo: number | null; atMs: number | null } {
  return 'photo' in one ? { photo: photoNumber(one.photo), atMs: null } : { photo: null, atMs: one.at_ms }
}

/** What was answered, in the words of the checklist; null for what has no words of its own. */
export function valueOf(item: Item, value: Value | null | undefined): string | null {
  if (value === null || value === undefined) return null
  if (item.type === 'choice') return inLanguage(item.options.find((one) => one.code === value)?.text) || String(value)
  if (item.type === 'number') return `${value} ${inLanguage(item.unit)}`
  if (item.type === 'rating') return `${value} / ${item.highest}`
  return typeof value === 'boolean' ? null : String(value)
}
