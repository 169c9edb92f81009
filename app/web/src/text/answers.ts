/** What an item can be answered with, in words, and what typed words mean as an answer. */
import { inLanguage } from '.'
import type { Item, Value } from '@/core/checklist.ts'

export interface Choice {
  readonly value: Value
  readonly label: string
}

/** Answers to choose among; none for what is typed, measured or photographed. */
export function choicesOf(item: Item, words: { yes: string; no: string }): Choice[] {
  switch (item.type) {
    case 'yes_no':
      return [{ value: true, label: words.yes }, { value: false, label: words.no }]
    case 'choice':
      return item.options.map((option) => ({ value: option.code, label: inLanguage(option.text) }))
    case 'rating':
      return Array.from({ length: item.highest - item.lowest + 1 }, (_, i) => ({ value: item.lowest + i, label: String(item.lowest + i) }))
    default:
      return []
  }
}

export function readTyped(item: Item, text: string): Value | null {
  if (text === '') return null
  return item.type === 'deductions' ? Math.max(0, Math.round(Number(text) || 0)) : text
}
