/** The one door to the API: typed by its own description, with the access token of the session. */
import createClient from 'openapi-fetch'
import { tokenOfHere } from './again'
import { forgetAccessToken } from './session'
import { askProof } from './proof'
import { Problem, type ProblemDocument, Unreachable } from './problems'
import type { components, paths } from './schema'

export type Schemas = components['schemas']
type Json<R> = R extends { content: { 'application/json': infer B } } ? B : never
type Answers<O> = O extends { responses: infer R } ? Json<R[keyof R & (200 | 201 | 202)]> : never
/** What an operation answers: `Answer<'/v1/me', 'get'>`. */
export type Answer<P extends keyof paths, M extends keyof paths[P]> = Answers<paths[P][M]>
/** A row of a list: `Item<'/v1/visits'>`. */
export type Item<P extends keyof paths> = Answer<P, 'get'> extends { items: (infer R)[] } ? R : Answer<P, 'get'> extends (infer R)[] ? R : never

// A password or a code that was wrong: sent again it would be another attempt.
const PROOF_REFUSED: ReadonlySet<string> = new Set(['wrong-credentials', 'second-factor-wanted'])

type Asked<T> = Promise<{ data?: T; error?: unknown; response: Response }>
interface Paged {
  readonly next_cursor: string | null
}

export const api = createClient<paths>({ baseUrl: location.origin, fetch: authorised })

/**
 * The answer's body. `const visits = await take(api.GET('/v1/visits'))`. Throws `Problem` or `Unreachable`.
 */
export async function take<T>(asked: Asked<T>): Promise<T> {
  return (await takeWhole(asked)).data
}

/** The same with the response, for those who need its headers (an ETag). */
export async function takeWhole<T>(asked: Asked<T>): Promise<{ data: T; response: Response }> {
  const { data, error, response } = await asked
  if (response.ok) return { data: data as T, response }
  throw new Problem(asProblem(error, response))
}

/** Every row of a list, page after page. */
export async function takeAll<T>(ask: (cursor: string | undefined) => Asked<Paged & { items: T[] }>): Promise<T[]> {
  return (await takePages(ask)).flatMap((page) => page.items)
}

/** Every page of what is answered in pages, one after the other; at least one. */
export async function takePages<P extends Paged>(ask: (cursor: string | undefined) => Asked<P>): Promise<[P, ...P[]]> {
  const pages: [P, ...P[]] = [await take(ask(undefined))]
  for (let cursor = pages[0].next_cursor; cursor; cursor = pages.at(-1)?.next_cursor ?? null) pages.push(await take(ask(cursor)))
  return pages
}

/** For headers of what is changed: only the version that was seen may be changed (D11). */
export function seen(version: number): { 'if-match': string } {
  return { 'if-match': `"${version}"` }
}

/** A file that the API answers, handed to the person under a name. */
export async function keepFile(asked: Asked<Blob>, name: string): Promise<void> {
  const address = URL.createObjectURL(await take(asked))
  const link = Object.assign(document.createElement('a'), { href: address, download: name })
  link.click()
  setTimeout(() => URL.revokeObjectURL(address), 60_000) // not before the browser has begun to write it
}

/** A key that makes a create safe to repeat: made once for each intention, kept until the answer has come. */
export function once(key: string): { 'idempotency-key': string } {
  return { 'idempotency-key': key }
}

export interface Written {
  readonly body: string
  readonly bodySerializer: (whole: string) => string
  readonly headers: Record<string, string>
}

/** A body that goes as it is, and not as JSON: a document, or a sheet's bytes, which come in GB18030 as well as in UTF-8. */
export function asWritten(whole: string | Blob, type: string): Written {
  return { body: whole as string, bodySerializer: (given) => given, headers: { 'Content-Type': type } } // the description says text
}

async function authorised(request: Request): Promise<Response> {
  const again = request.clone()
  const first = await reach(await withToken(request))
  const said = first.status === 401 || first.status === 403 ? await typeOf(first) : ''
  if (said === 'proof-wanted') return (await askProof()) ? reach(await withToken(again)) : first
  if (first.status !== 401 || PROOF_REFUSED.has(said)) return first
  forgetAccessToken() // a device that slept has a token that ran out without its noticing
  return reach(await withToken(again))
}

async function typeOf(response: Response): Promise<string> {
  return asProblem(await response.clone().json().catch(() => null), response).type
}

async function withToken(request: Request): Promise<Request> {
  request.headers.set('Authorization', `Bearer ${await tokenOfHere()}`)
  return request
}

export async function reach(request: Request): Promise<Response> {
  try {
    return await fetch(request)
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error
    throw new Unreachable(String(error))
  }
}

function asProblem(error: unknown, response: Response): ProblemDocument {
  if (typeof error === 'object' && error !== null && 'type' in error) return error as ProblemDocument
  return { type: response.status >= 500 ? 'unavailable' : 'unexpected', title: response.statusText, status: response.status, detail: `${response.status} ${response.statusText}` }
}
