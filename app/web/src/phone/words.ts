import { told } from '@/api/problems'
import { NoRoom } from '@/core/bytes'
import { wordsOf } from '@/text'
import common from '@/text/common.json'
import phone from '@/text/phone.json'

export const t = wordsOf({ ...common, ...phone })

/** What to tell when a file could not be kept. */
export function notKept(error: unknown): string {
  return error instanceof NoRoom ? t('no-room-file') : told(error)
}
