/** Photos and recordings of a visit: taken here, or brought from elsewhere; kept on the phone, looked at, aligned. */
import type { KeptFile } from './kept'
import { staysOf } from './standing'
import { answersOf, bytes, changeFile, kept, putFile, realigned, reload, removeFile, settings, visitOf, withMoment } from './work'
import { api, take } from '@/api/client'
import { beganAt, madeAt, type Span } from '@/core/aligning.ts'
import { newId } from '@/core/ids'
import { lookAt } from '@/core/looking'
import type { Digest } from '@/core/bytes'

const THUMBNAIL_PX = 240

export function emptyFile(visitId: string, medium: KeptFile['medium'], way: KeptFile['way'], rest: Partial<KeptFile> = {}): KeptFile {
  return {
    id: newId(),
    visitId,
    medium,
    name: '',
    contentType: '',
    deviceKind: 'phone',
    deviceLabel: 'Phone',
    way,
    startedAt: null,
    offsetMs: 0,
    durationMs: 0,
    sizeBytes: 0,
    sha256: null,
    md5s: [],
    quality: 'unchecked',
    gaps: [],
    markers: [],
    thumbnail: null,
    phase: 'storing',
    confirmedBytes: 0,
    paused: false,
    declared: false,
    problem: null,
    ...rest,
  }
}

export async function addPhoto(visitId: string, photo: File): Promise<KeptFile> {
  const file = emptyFile(visitId, 'photo', 'app', {
    name: photo.name,
    contentType: photo.type || 'image/jpeg',
    startedAt: Date.now(),
    sizeBytes: photo.size,
    quality: 'good',
    thumbnail: await thumbnailOf(photo),
  })
  return finish(file, await store(file, photo))
}

/** Whole or not at all. */
async function store(file: KeptFile, source: Blob, progress?: (done: number, all: number) => void): Promise<Digest> {
  await putFile(file)
  try {
    return await bytes().store(file.id, source, progress)
  } catch (error) {
    await removeFile(file)
    throw error
  }
}

/** It was taken out of its answer: unless another names it, or the server has been told of it, it goes from the phone. */
export async function dropPhoto(id: string): Promise<void> {
  const file = await kept().get('files', id)
  if (!file) return
  const isNamed = Object.values(await answersOf(file.visitId)).some((row) => row.evidence.some((one) => 'photo' in one && one.photo === id))
  if (isNamed || file.declared || file.phase !== 'here') await changeFile(id, { paused: false })
  else await removeFile(file)
}

export interface Brought {
  readonly medium: 'audio' | 'video'
  readonly way: 'phone' | 'device'
  readonly deviceKind: string
  readonly deviceLabel: string
}

/**
 * Bring a recording made elsewhere. Its beginning is reckoned from what it says of itself; the person may move it. A file
 * the server has been told of before goes on under its old id, so that an upload that was cut by a re-installed app is not
 * begun anew.
 */
export async function bringRecording(visitId: string, source: File, brought: Brought, progress: (done: number, all: number) => void): Promise<KeptFile> {
  const file = emptyFile(visitId, brought.medium, brought.way, {
    name: source.name,
    contentType: source.type || (brought.medium === 'video' ? 'video/mp4' : 'audio/mp4'),
    deviceKind: brought.deviceKind,
    deviceLabel: brought.deviceLabel,
    sizeBytes: source.size,
  })
  const digest = await store(file, source, progress)
  const stored = await bytes().file(file.id)
  const look = await lookAt(stored, brought.medium)
  const startedAt = beganAt({ madeMs: await madeAt(stored), writtenMs: source.lastModified, durationMs: look.durationMs }, staysAt(visitId))
  const whole = await finish({ ...file, durationMs: look.durationMs, quality: look.quality, startedAt }, digest)
  const known = await knownId(visitId, digest)
  const settled = known && known !== whole.id ? await rename(whole, known) : whole
  await align((await kept().get('files', settled.id)) ?? settled) // it may have been moved meanwhile
  return settled
}

/** The stays by the phone's own clock, as files are. */
function staysAt(visitId: string): Span[] {
  const [one, offset] = [visitOf(visitId), settings.value.clockOffsetMs ?? 0]
  return one ? staysOf(one, Date.now() + offset).map(([from, to]) => [from - offset, to - offset]) : []
}

/** The end of a recording made in the app. */
export async function finish(file: KeptFile, digest: Digest): Promise<KeptFile> {
  const whole: KeptFile = { ...file, sizeBytes: digest.size, sha256: digest.sha256, md5s: digest.md5s, phase: 'here' }
  await putFile(whole)
  return whole
}

/** Say again where a recording lies in time, and move the moments of the answers with it. */
export async function shift(file: KeptFile, startedAt: number): Promise<void> {
  const moved = await changeFile(file.id, { startedAt })
  if (moved) await align(moved)
  await reload()
}

/** Every answer given while it recorded gets the moment as evidence. */
export async function align(file: KeptFile): Promise<void> {
  if (file.startedAt === null || file.medium === 'photo') return
  const start = file.startedAt + file.offsetMs
  for (const row of Object.values(await answersOf(file.visitId))) {
    const atMs = row.deviceAt - start
    const inside = atMs >= 0 && atMs <= file.durationMs
    const had = row.evidence.some((one) => 'recording' in one && one.recording === file.id)
    if (!inside && !had) continue
    const others = row.evidence.filter((one) => !('recording' in one && one.recording === file.id))
    const evidence = inside ? withMoment(others, { recording: file.id, at_ms: Math.round(atMs) }) : others
    await kept().put('answers', { ...row, evidence, sent: false })
  }
  realigned.value += 1
}

async function knownId(visitId: string, digest: Digest): Promise<string | null> {
  try {
    const evidence = await take(api.GET('/v1/visits/{visit_id}/recordings', { params: { path: { visit_id: visitId } } }))
    const all = [...evidence.recordings.map((one) => ({ id: one.id, sha256: one.sha256 })), ...evidence.missing.map((one) => ({ id: one.recording_id, sha256: one.sha256 }))]
    return all.find((one) => one.sha256 === digest.sha256)?.id ?? null
  } catch {
    return null // no network: a new id does no harm, for nothing was declared under another
  }
}

async function rename(file: KeptFile, id: string): Promise<KeptFile> {
  const known = await kept().get('files', id)
  if (known && known.phase !== 'freed') {
    await kept().delete('files', file.id)
    await bytes().remove(file.id)
    await reload()
    return known
  }
  const source = await bytes().file(file.id)
  await bytes().store(id, source)
  const renamed = { ...file, id }
  await putFile(renamed)
  await kept().delete('files', file.id)
  await bytes().remove(file.id)
  await reload()
  return renamed
}

async function thumbnailOf(photo: File): Promise<Blob | null> {
  try {
    const bitmap = await createImageBitmap(photo, { resizeWidth: THUMBNAIL_PX, resizeQuality: 'medium' })
    const canvas = new OffscreenCanvas(bitmap.width, bitmap.height)
    canvas.getContext('2d')?.drawImage(bitmap, 0, 0)
    bitmap.close()
    return await canvas.convertToBlob({ type: 'image/jpeg', quality: 0.7 })
  } catch {
    return null // a HEIC that this browser cannot show is evidence all the same
  }
}
