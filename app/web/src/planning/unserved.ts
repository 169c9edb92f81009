/** Why a visit is unserved and what would serve it, in the reader's language; the server's own words where it has more. */
import type { Unserved } from './board'
import type { Names } from './directory'
import { wordsOf } from '@/text'
import { day } from '@/text/format'
import words from '@/text/planning.json'

const t = wordsOf(words)
const has = (key: string): key is keyof typeof words & string => key in words

export function causeOf(cause: string): string {
  const key = `cause-${cause}`
  return has(key) ? t(key) : cause
}

export function fixOf(fix: NonNullable<Unserved['fix']>, names: Names): string {
  const key = `fix-${fix.remedy}`
  const rest = [fix.inspector ? names.person(fix.inspector) : '', fix.on ? day(fix.on) : '', fix.value === null ? '' : String(fix.value)].filter(Boolean)
  return [has(key) ? t(key) : fix.says, rest.length ? `(${rest.join(', ')})` : ''].join(' ').trim()
}
