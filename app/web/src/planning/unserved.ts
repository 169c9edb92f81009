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
  if (!has(key)) return fix.says
  return t(key, { who: fix.inspector ? names.person(fix.inspector) : t('somebody'), on: fix.on ? day(fix.on) : t('some-day'), value: fix.value ?? '' })
}
