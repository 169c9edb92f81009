/** How many entries of the inbox nobody has read: one number for every bell on the page. */
import { shallowRef } from 'vue'
import { api, take } from '@/api/client'
import { keptFresh } from './stream'

export const unread = shallowRef(0)

export async function countUnread(): Promise<void> {
  try {
    unread.value = (await take(api.GET('/v1/inbox/count'))).unread
  } catch {
    // The number stands until the next look: a bell is no place for an error.
  }
}

export function keepCounting(): void {
  void countUnread()
  keptFresh(countUnread)
}
