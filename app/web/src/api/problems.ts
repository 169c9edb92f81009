/** How a request can fail: the server said no and why, or it could not be reached. */
import problems from '@/text/problems.json'
import { type Catalogue, language } from '@/text'

export interface ProblemDocument {
  type: string
  title: string
  status: number
  detail: string
  [member: string]: unknown
}

/** RFC 9457, as the API answers every failure. */
export class Problem extends Error {
  readonly document: ProblemDocument

  constructor(document: ProblemDocument) {
    super(document.detail || document.title)
    this.document = document
  }
  get type(): string {
    return this.document.type
  }
  get status(): number {
    return this.document.status
  }
}

/** There was no answer: no network, a server that is away, or a line that broke. */
export class Unreachable extends Error {}

const known: Catalogue = problems

/** What to tell the person. The API's own words are English and more exact; every failure has Chinese ones here. */
export function told(error: unknown): string {
  const type = error instanceof Problem ? error.type : error instanceof Unreachable ? 'unreachable' : 'unexpected'
  const [zh, en] = known[isNoAddress(error) ? 'not-found' : type] ?? []
  if (error instanceof Problem && !isNoAddress(error)) return language.value === 'zh' ? (zh ?? error.message) : error.message
  return (language.value === 'zh' ? zh : en) ?? String(error)
}

/** Somebody typed it, or cut it off: what it should name is not there, whatever is wrong with how it is written. */
function isNoAddress(error: unknown): boolean {
  const errors = error instanceof Problem ? error.document['errors'] : null
  return Array.isArray(errors) && errors.length > 0 && errors.every(({ pointer }: { pointer?: string }) => pointer?.startsWith('/path/'))
}
