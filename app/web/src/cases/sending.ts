/** Bringing a photo or a document to a case: declared with its MD5, sent to the address that takes it and no other. */
import type { Schemas } from '@/api/client'
import { Bytes } from '@/core/bytes'
import { newId } from '@/core/ids'

const MOST_BYTES = 20 * 1024 * 1024
export const TYPES = ['image/jpeg', 'image/png', 'application/pdf'] as const
type FileIn = Schemas['FileIn']
type FileUpload = Schemas['FileUploadOut']

export type Refusal = 'too-large' | 'wrong-type'

/** What is wrong with a chosen file, before anything is sent. */
export function refusal(file: File): Refusal | null {
  if (!(TYPES as readonly string[]).includes(file.type)) return 'wrong-type'
  return file.size > MOST_BYTES || file.size === 0 ? 'too-large' : null
}

/** Throws whatever `declare` and `complete` throw, and when the store refuses the content. */
export async function bring(file: File, declare: (body: FileIn) => Promise<FileUpload>, complete: (number: number) => Promise<unknown>): Promise<void> {
  const declared = await declare({ id: newId(), content_type: file.type as FileIn['content_type'], size_bytes: file.size, md5: await md5(file) })
  if (declared.upload) {
    const { url, method, headers } = declared.upload
    const answer = await fetch(url, { method, headers, body: file })
    if (!answer.ok) throw new Error(`${answer.status} ${answer.statusText}`)
  }
  await complete(declared.file.number)
}

async function md5(file: File): Promise<string> {
  const bytes = new Bytes('cases')
  const name = newId()
  try {
    await bytes.store(name, file)
    return (await bytes.hash(name, MOST_BYTES)).md5s[0] as string
  } finally {
    await bytes.remove(name)
    bytes.end()
  }
}
