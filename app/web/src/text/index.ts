/**
 * Words in two languages. A catalogue is a JSON file `{"key": ["中文", "English"]}`: both stand side by side, so neither
 * can be forgotten. `{name}` is replaced by a value, `{n:visit|visits}` by the form that goes with the number n.
 */
import { ref, watchEffect } from 'vue'

export type Language = 'zh' | 'en'
export type Values = Readonly<Record<string, string | number>>
export type Catalogue = Readonly<Record<string, readonly string[]>>
export type Words<C extends Catalogue> = (key: keyof C & string, values?: Values) => string

const KEPT = 'plainclothes.language'
const TAGS = { zh: 'zh-CN', en: 'en' } as const

export const language = ref<Language>(initial())

watchEffect(() => {
  document.documentElement.lang = TAGS[language.value]
  localStorage.setItem(KEPT, language.value)
})

/** The function that says things from one catalogue, in the language of the moment. */
export function wordsOf<C extends Catalogue>(catalogue: C): Words<C> {
  return (key, values = {}) => {
    const [zh, en] = catalogue[key] as readonly [string, string]
    return fill(language.value === 'zh' ? zh : en, values)
  }
}

/** What the API says in both languages. */
export function inLanguage(both: { zh?: string | null; en?: string | null } | null | undefined): string {
  if (!both) return ''
  const [first, second] = language.value === 'zh' ? [both.zh, both.en] : [both.en, both.zh]
  return first || second || ''
}

/** The same for rows with `name_zh` and `name_en`. */
export function nameOf(row: { name_zh?: string | null; name_en?: string | null }): string {
  return inLanguage({ zh: row.name_zh, en: row.name_en })
}

export function tag(): string {
  return TAGS[language.value]
}

function fill(text: string, values: Values): string {
  return text.replace(/\{(\w+)(?::([^}|]*)\|([^}]*))?\}/g, (whole, name: string, one?: string, many?: string) => {
    const value = values[name]
    if (value === undefined) return whole
    if (one === undefined || many === undefined) return typeof value === 'number' ? value.toLocaleString(tag()) : value
    return Number(value) === 1 ? one : many
  })
}

function initial(): Language {
  const kept = localStorage.getItem(KEPT)
  if (kept === 'zh' || kept === 'en') return kept
  return navigator.language.toLowerCase().startsWith('zh') ? 'zh' : 'en'
}
