/** What the outlet and the desk say at a second of a published recording. Nothing is edited; it may be retracted. */
import { onScopeDispose, shallowRef, watch } from 'vue'
import { api, once, type Schemas, take, takeAll } from '@/api/client'
import { newId } from '@/core/ids'

export type Comment = Schemas['CommentOut']

export interface Comments {
  readonly list: Readonly<{ value: readonly Comment[] }>
  readonly failure: Readonly<{ value: unknown }>
  look: () => Promise<void>
  /** `key` is the comment's own id: sent again after a lost answer, it is said once. */
  say: (key: string, atMs: number, text: string) => Promise<void>
  retract: (comment: Comment) => Promise<void>
}

/** The comments of one recording; another recording's are fetched when `number` changes. */
export function commentsOf(alias: () => string, number: () => number | null): Comments {
  const list = shallowRef<readonly Comment[]>([])
  const failure = shallowRef<unknown>(null)
  let over = false

  async function look(): Promise<void> {
    const path = { alias: alias(), number: number() ?? 0 }
    if (!path.number) return
    try {
      const all = await takeAll<Comment>((cursor) => api.GET('/v1/reports/{alias}/recordings/{number}/comments', { params: { path, query: { limit: 200, cursor } } }))
      if (!over && path.number === number() && path.alias === alias()) [list.value, failure.value] = [all, null]
    } catch (error) {
      if (!over) failure.value = error
    }
  }

  watch([alias, number], () => {
    list.value = []
    void look()
  }, { immediate: true })
  onScopeDispose(() => (over = true))
  return {
    list,
    failure,
    look,
    async say(key, atMs, text) {
      await take(api.POST('/v1/reports/{alias}/recordings/{number}/comments', { params: { path: { alias: alias(), number: number() ?? 0 }, header: once(key) }, body: { id: key, at_ms: atMs, text } }))
      await look()
    },
    async retract(comment) {
      await take(api.POST('/v1/reports/{alias}/comments/{comment_id}/retract', { params: { path: { alias: alias(), comment_id: comment.id }, header: once(newId()) } }))
      await look()
    },
  }
}
