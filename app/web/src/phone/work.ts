/**
 * What the inspector has on the phone and does with it. Everything is written to the phone first and shown from there;
 * `sync.ts` tells the server when it can be reached, `uploads.ts` brings the bytes.
 */
import { computed, ref, shallowRef, triggerRef } from 'vue'
import { FRESH, type Deed, type Kept, type KeptAnswer, type KeptFile, type KeptVisit, openKept, type Presence, type Settings, wipeKept } from './kept'
import { onLogOut, person } from '@/api/session'
import { Bytes } from '@/core/bytes'
import type { Evidence, State, Value } from '@/core/checklist.ts'
import { newId } from '@/core/ids'

export interface AnswerPatch {
  value?: Value | null
  state?: State | null
  reason?: string | null
  note?: string | null
  evidence?: Evidence[]
}

export const visits = shallowRef<readonly KeptVisit[]>([])
export const files = shallowRef<readonly KeptFile[]>([])
export const deeds = shallowRef<readonly Deed[]>([])
export const unsentAnswers = ref(0)
export const conflicts = ref(0)
/** Answers for which another device gave a later one: the person says which holds. */
export const clashes = shallowRef<readonly KeptAnswer[]>([])
export const settings = shallowRef<Settings>(FRESH)
export const ready = ref(false)

let opened: { personId: string; kept: Kept; bytes: Bytes } | null = null
let opening: Promise<void> | null = null

export const unsent = computed(() => deeds.value.length + unsentAnswers.value + visits.value.filter((one) => one.wordsUnsent).length)
export const unsentFiles = computed(() => files.value.filter((file) => ['storing', 'here', 'sending', 'recording'].includes(file.phase)))

/** Open the person's own database, once; everything else here needs it. */
export function begin(): Promise<void> {
  if (opened?.personId === person.value?.id) return Promise.resolve()
  opening ??= open().finally(() => (opening = null))
  return opening
}

async function open(): Promise<void> {
  const personId = person.value?.id
  if (!personId) throw new Error('nobody is logged in')
  shut()
  opened = { personId, kept: await openKept(personId), bytes: new Bytes(personId) }
  void navigator.storage.persist?.()
  settings.value = { ...FRESH, ...(await opened.kept.get('settings', 'settings')) }
  await closeBroken()
  await reload()
  ready.value = true
}

function shut(): void {
  opened?.kept.close()
  opened?.bytes.end()
  opened = null
  ready.value = false
}

onLogOut(async (leaving) => {
  shut()
  await wipeKept(leaving.id)
  ;[visits.value, files.value, deeds.value, settings.value] = [[], [], [], FRESH]
  ;[unsentAnswers.value, conflicts.value, clashes.value] = [0, 0, []]
})

export function kept(): Kept {
  if (!opened) throw new Error('the phone has not been opened')
  return opened.kept
}

export function bytes(): Bytes {
  if (!opened) throw new Error('the phone has not been opened')
  return opened.bytes
}

/** Read again what the screens show. (Not the settings: what a tap changes while this reads would be undone.) */
export async function reload(): Promise<void> {
  const db = kept()
  const [allVisits, allFiles, allDeeds, answers] = await Promise.all([db.getAll('visits'), db.getAll('files'), db.getAll('deeds'), db.getAll('answers')])
  visits.value = allVisits.sort((a, b) => order(a).localeCompare(order(b)))
  files.value = allFiles
  deeds.value = allDeeds
  unsentAnswers.value = answers.filter((one) => !one.sent && !one.conflict).length
  clashes.value = answers.filter((one) => one.conflict)
  conflicts.value = clashes.value.length + allDeeds.filter((one) => one.problem).length
}

function order({ visit, stop }: KeptVisit): string {
  return `${visit.planned_on} ${stop?.arrive ?? { morning: '06:00', afternoon: '12:00', evening: '18:00' }[visit.day_part]}`
}

export function visitOf(id: string): KeptVisit | undefined {
  return visits.value.find((one) => one.id === id)
}

export async function changeSettings(patch: Partial<Settings>): Promise<void> {
  settings.value = { ...settings.value, ...patch }
  await kept().put('settings', settings.value, 'settings')
}

/** It goes from the list at once; the server hears of it with the next sync. */
export async function readNews(ids: readonly string[]): Promise<void> {
  const { news, readNews } = settings.value
  await changeSettings({ news: news.filter((one) => !ids.includes(one.id)), readNews: [...readNews, ...ids] })
}

export async function changeVisit(id: string, change: (visit: KeptVisit) => void): Promise<void> {
  const transaction = kept().transaction('visits', 'readwrite')
  const visit = await transaction.store.get(id)
  if (visit) {
    change(visit)
    await transaction.store.put(visit)
    visits.value = visits.value.map((one) => (one.id === id ? visit : one))
  }
  await transaction.done
}

export async function answersOf(visitId: string): Promise<Record<string, KeptAnswer>> {
  const rows = await kept().getAllFromIndex('answers', 'visit', visitId)
  return Object.fromEntries(rows.map((row) => [row.item, row]))
}

/** The answer that was kept last, for the screens; and how often many at once were changed. */
export const answered = shallowRef<KeptAnswer | null>(null)
export const realigned = ref(0)

/** Keep an answer, at once: with the phone's time, and the moment of the recording that is running. */
export async function answer(visitId: string, item: string, change: AnswerPatch | ((before: KeptAnswer) => AnswerPatch)): Promise<void> {
  const transaction = kept().transaction('answers', 'readwrite', { durability: 'relaxed' })
  const before = await transaction.store.get([visitId, item])
  const known: KeptAnswer = before ?? { visitId, item, value: null, state: null, reason: null, note: null, evidence: [], deviceAt: 0, sent: true, conflict: null }
  const patch = typeof change === 'function' ? change(known) : change
  const row: KeptAnswer = {
    ...known,
    ...structuredClone(patch),
    deviceAt: Math.max(Date.now(), known.deviceAt + 1),
    sent: false,
    conflict: null,
  }
  const moment = running(visitId)
  if (moment && !('evidence' in patch)) row.evidence = withMoment(row.evidence, moment)
  await transaction.store.put(row)
  await transaction.done
  answered.value = row
  if (known.conflict) await reload()
  else if (known.sent) unsentAnswers.value += 1
}

export async function takeMine(row: KeptAnswer): Promise<void> {
  const theirs = Date.parse(row.conflict?.device_at ?? '') || 0
  await kept().put('answers', { ...row, deviceAt: Math.max(Date.now(), theirs + 1), sent: false, conflict: null })
  await reload()
}

export async function takeTheirs(row: KeptAnswer): Promise<void> {
  if (!row.conflict) return
  const { value, state, reason, note, evidence, device_at } = row.conflict
  await kept().put('answers', { ...row, value, state, reason, note, evidence, deviceAt: Date.parse(device_at), sent: true, conflict: null })
  await reload()
}

export function withMoment(evidence: readonly Evidence[], moment: { recording: string; at_ms: number }): Evidence[] {
  return [...evidence.filter((one) => !('recording' in one && one.recording === moment.recording)), moment]
}

/** The recording that is running in this page, and how far it is. Set by the recorder. */
export const recordingNow = shallowRef<{ visitId: string; fileId: string; elapsedMs: () => number } | null>(null)

export function running(visitId: string): { recording: string; at_ms: number } | null {
  const now = recordingNow.value
  return now?.visitId === visitId ? { recording: now.fileId, at_ms: Math.round(now.elapsedMs()) } : null
}

export async function saveWords(visitId: string, words: { summary?: string; questions?: number }): Promise<void> {
  await changeVisit(visitId, (visit) => {
    visit.summary = words.summary ?? visit.summary
    visit.questions = words.questions ?? visit.questions
    visit.wordsUnsent = true
  })
}

export async function notePresence(visitId: string, presence: Presence): Promise<void> {
  await changeVisit(visitId, (visit) => (visit.presences = [...visit.presences, presence]))
}

/** Remember something to be told the server; told in this order, each under its own key. */
export async function doDeed(visitId: string, kind: Deed['kind'], body: unknown): Promise<void> {
  await kept().add('deeds', { key: newId(), visitId, kind, body, doneAt: Date.now(), problem: null })
  await reload()
}

export async function dropDeeds(visitId: string, kinds: readonly Deed['kind'][]): Promise<void> {
  for (const deed of await kept().getAll('deeds')) {
    if (deed.visitId === visitId && kinds.includes(deed.kind) && deed.seq !== undefined) await kept().delete('deeds', deed.seq)
  }
  await reload()
}

export async function putFile(file: KeptFile): Promise<void> {
  await kept().put('files', structuredClone(file))
  const known = files.value.some((one) => one.id === file.id)
  files.value = known ? files.value.map((one) => (one.id === file.id ? file : one)) : [...files.value, file]
  triggerRef(files)
}

export async function changeFile(id: string, patch: Partial<KeptFile>): Promise<KeptFile | null> {
  const file = await kept().get('files', id)
  if (!file) return null
  const changed = { ...file, ...patch }
  await putFile(changed)
  return changed
}

/** Take a file out of the visit again: its row, its bytes, and what answers said of it. */
export async function removeFile(file: KeptFile): Promise<void> {
  await kept().delete('files', file.id)
  await bytes().remove(file.id)
  for (const row of await kept().getAllFromIndex('answers', 'visit', file.visitId)) {
    const left = row.evidence.filter((one) => ('photo' in one ? one.photo : one.recording) !== file.id)
    if (left.length !== row.evidence.length) await kept().put('answers', { ...row, evidence: left, deviceAt: row.deviceAt + 1, sent: false })
  }
  await reload()
}

/**
 * What a closed or killed page left unfinished. Recordings are closed: what is on the disk is kept. A copy that was not
 * whole goes, for what it was copied from is still there; so do photos that were taken out of every answer, and bytes of
 * files that were taken out of their visit.
 */
async function closeBroken(): Promise<void> {
  const named = new Set((await kept().getAll('answers')).flatMap((row) => row.evidence.map((one) => ('photo' in one ? one.photo : ''))))
  for (const file of await kept().getAll('files')) {
    const isDropped = file.medium === 'photo' && file.phase === 'here' && !file.declared && !named.has(file.id)
    if (isDropped || file.phase === 'storing') await removeFile(file)
    if (file.phase !== 'recording') continue
    const digest = await bytes().hash(file.id).catch(() => null)
    if (!digest) continue // in the hands of another tab, which records
    if (!digest.size) await kept().delete('files', file.id)
    else await kept().put('files', { ...file, phase: 'here', sizeBytes: digest.size, sha256: digest.sha256, md5s: digest.md5s, gaps: [...file.gaps, { fromMs: file.durationMs, toMs: file.durationMs, why: 'killed' }] })
  }
  const lying = await bytes().names() // first: a file of another tab has its row before its bytes
  const known = new Set(await kept().getAllKeys('files'))
  for (const name of lying) if (!known.has(name)) await bytes().remove(name)
}
