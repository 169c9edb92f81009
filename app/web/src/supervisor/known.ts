/** What is mostly chosen from where codes of languages, communities and certificates are asked for. */
import type { Field } from '@/kit/fields'
import { type Catalogue, inLanguage } from '@/text'
import languages from '@/text/languages.json'

/** Spoken at Chinese counters; any other may be written as its code. */
export function languageChoices(): NonNullable<Field['options']> {
  return Object.keys(languages).map((value) => ({ value, label: languageName(value) }))
}

export function languageName(code: string): string {
  const [zh, en] = (languages as Catalogue)[code] ?? []
  return inLanguage({ zh, en }) || code
}

/** Those that somebody has already. */
export function inUse(values: readonly (readonly string[])[]): NonNullable<Field['options']> {
  return [...new Set(values.flat())].sort((a, b) => a.localeCompare(b)).map((value) => ({ value, label: value }))
}
