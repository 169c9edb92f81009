/** What the server found wrong, in the reader's language: its sentence by its code, with what stands in the gaps. */
import { type Catalogue, type Values, wordsOf } from './index'
import words from './findings.json'

interface Finding {
  readonly message: string
  readonly code?: string
  readonly values?: Values
}

const known: Catalogue = words
const t = wordsOf(known)

/** Its own English where this page is older than the server. */
export function found({ message, code, values }: Finding): string {
  return code !== undefined && code in known ? t(code, values) : message
}
