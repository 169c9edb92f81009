/** What is wrong with a row of a sheet, in the reader's language. */
import type { Schemas } from '@/api/client'

export function rowSaid(error: Schemas['RowErrorOut']): string {
  return error.message
}
