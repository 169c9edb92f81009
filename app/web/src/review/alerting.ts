/** What needs a hand beside the visits themselves: files that prove little, uploads that are missing, reviews that are overdue. */
import { onScopeDispose } from 'vue'
import { api, type Item, take } from '@/api/client'
import { asked, type Asked } from '@/kit/asking'

export interface Alarms {
  readonly checks: readonly Item<'/v1/failed-checks'>[]
  readonly uploads: readonly Item<'/v1/missing-evidence'>[]
  readonly reviews: readonly Item<'/v1/reviews'>[]
}

const SOON_MS = 400
const query = { limit: 100 }

/** Asked at once; `soon` asks again when what happens at the same time has happened. */
export function alarms(): Asked<Alarms> & { readonly soon: () => void } {
  const found = asked(async (): Promise<Alarms> => {
    const [checks, uploads, reviews] = await Promise.all([
      take(api.GET('/v1/failed-checks', { params: { query } })),
      take(api.GET('/v1/missing-evidence', { params: { query: { ...query, overdue: true } } })),
      take(api.GET('/v1/reviews', { params: { query: { ...query, overdue: true } } })),
    ])
    return { checks: checks.items, uploads: uploads.items, reviews: reviews.items }
  })
  let waiting: ReturnType<typeof setTimeout> | undefined
  function soon(): void {
    clearTimeout(waiting)
    waiting = setTimeout(() => void found.again(), SOON_MS)
  }
  onScopeDispose(() => clearTimeout(waiting))
  return { ...found, soon }
}
