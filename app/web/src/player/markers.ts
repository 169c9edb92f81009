/** The moments of a recording at which something was answered. */
import type { Schemas } from '@/api/client'
import { inLanguage } from '@/text'

export type Tone = 'veto' | 'bad' | 'part' | 'good' | 'plain'

export interface Marker {
  readonly item: string
  readonly at_ms: number
  readonly tone: Tone
  readonly label: string
}

type Report = Schemas['ReportDetail']
type Item = Schemas['ReportedItem']

/** How an item came out, for colour and words alike. */
export function toneOf(item: Item, vetoes: ReadonlySet<string>): Tone {
  if (vetoes.has(item.code)) return 'veto'
  if (item.score?.fraction === null || item.score?.fraction === undefined) return 'plain'
  const share = Number(item.score.fraction)
  return share >= 1 ? 'good' : share > 0 ? 'part' : 'bad'
}

/** All items in the order of the checklist. */
export function itemsOf(report: Report): Item[] {
  return report.dimensions.flatMap((dimension) => dimension.indicators.flatMap((indicator) => indicator.items))
}

export function vetoesOf(report: Report): Set<string> {
  return new Set(report.veto_list.map((veto) => veto.item))
}

/** Markers of one recording, in order of time; an item that breached a norm keeps the evidence named for that. */
export function markersOf(report: Report, recording: number): Marker[] {
  const vetoes = vetoesOf(report)
  const found = itemsOf(report).flatMap((item) =>
    [...item.evidence, ...report.veto_list.filter((veto) => veto.item === item.code).flatMap((veto) => veto.evidence)]
      .filter((one) => one.recording === recording && one.at_ms !== null)
      .map((one) => ({ item: item.code, at_ms: one.at_ms as number, tone: toneOf(item, vetoes), label: inLanguage(item.text) })),
  )
  const once = new Map(found.map((one) => [`${one.item}@${one.at_ms}`, one]))
  return [...once.values()].sort((a, b) => a.at_ms - b.at_ms)
}
