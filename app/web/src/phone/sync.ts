/**
 * Tells the server what was done, in order, and looks what it knows. May be cut anywhere and begun again: every deed has
 * its key, every answer its time, so that nothing is done twice. One tab at a time.
 */
import { ref } from 'vue'
import type { Deed, KeptAnswer, KeptVisit, News, Presence, Visit } from './kept'
import { answersOf, begin, changeSettings, changeVisit, dropDeeds, kept, reload, settings, unsent, visitOf, visits } from './work'
import { type Answer, api, type Item, once, take, takeWhole } from '@/api/client'
import { Problem, Unreachable } from '@/api/problems'
import { ended, person } from '@/api/session'
import { hasStalled, heedNetwork, recordingsInto, uploadAll } from './uploads'

const NEWS_KEPT = 20
const PAUSE_MS = 20_000
const LOOK_AGAIN_MS = 120_000
const READY_BY_ITSELF = 3
const OVER = new Set<Visit['state']>(['approved', 'published', 'appealed', 'final', 'cancelled', 'expired', 'declined', 'aborted', 'void'])
const BEGUN = new Set<Visit['state']>(['entered', 'left'])

export const syncing = ref(false)
export const reachable = ref(navigator.onLine)
export const failure = ref<unknown>(null)

let again = false

/** Everything once: deeds, answers, words, then what the server has, then bytes. Safe to call at any time. */
export async function sync(): Promise<void> {
  if (syncing.value) return void (again = true)
  syncing.value = true
  try {
    await begin()
    do {
      again = false
      await navigator.locks.request('plainclothes-sync', { ifAvailable: true }, async (lock) => {
        if (lock) await round()
      })
    } while (again)
    ;[reachable.value, failure.value] = [true, null]
  } catch (error) {
    if (error instanceof Unreachable) reachable.value = false
    else if (!(error instanceof Problem && error.status === 401)) failure.value = error
  } finally {
    syncing.value = false
  }
  void uploadAll()
}

async function round(): Promise<void> {
  await measureClock()
  await tellDeeds()
  for (const visit of visits.value) await tellAnswers(visit.id)
  await lookAround()
  await changeSettings({ lastSyncAt: Date.now() })
  await reload()
}

/** Ask again when there is reason to hope: the network is back, the app is looked at, or a while has passed. */
export function keepInSync(): () => void {
  const soon = (): void => void (navigator.onLine ? sync() : (reachable.value = false))
  const seen = (): void => void (document.visibilityState === 'visible' && soon())
  addEventListener('online', soon)
  addEventListener('offline', soon)
  document.addEventListener('visibilitychange', seen)
  const timer = setInterval(() => (unsent.value || hasStalled() || !reachable.value || isLongAgo()) && !ended.value && seen(), PAUSE_MS)
  const heedless = heedNetwork()
  soon()
  return () => {
    heedless()
    removeEventListener('online', soon)
    removeEventListener('offline', soon)
    document.removeEventListener('visibilitychange', seen)
    clearInterval(timer)
  }
}

function isLongAgo(): boolean {
  return Date.now() - (settings.value.lastSyncAt ?? 0) > LOOK_AGAIN_MS
}

/** Server minus phone, good to a second, from the Date of an answer. */
async function measureClock(): Promise<void> {
  const asked = Date.now()
  const { response } = await takeWhole(api.GET('/v1/me'))
  const told = Date.parse(response.headers.get('date') ?? '')
  if (!Number.isNaN(told)) await changeSettings({ clockOffsetMs: Math.round(told + 500 - (asked + Date.now()) / 2) })
}

async function tellDeeds(): Promise<void> {
  const stuck = new Set<string>()
  for (const deed of await kept().getAll('deeds')) {
    if (stuck.has(deed.visitId)) continue
    if (!(await tellDeed(deed))) stuck.add(deed.visitId)
  }
}

/** Whether the server took it. What it refuses stays, with its reason, until the person has decided. */
async function tellDeed(deed: Deed): Promise<boolean> {
  try {
    if (deed.kind === 'leave') await tellAnswers(deed.visitId)
    const visit = await send(deed)
    await kept().delete('deeds', deed.seq as number)
    await changeVisit(deed.visitId, (one) => {
      if (visit) one.visit = visit
      if (deed.kind === 'leave') one.refused = null
    })
    if (deed.kind === 'leave') await declaredFiles(deed.visitId)
    return true
  } catch (error) {
    if (!(error instanceof Problem) || error.status === 401 || error.status >= 500) throw error
    if (error.type === 'leave-gate-shut') await refused(deed.visitId, error)
    else await kept().put('deeds', { ...deed, problem: { type: error.type, detail: error.message } })
    return false
  }
}

async function refused(visitId: string, error: Problem): Promise<void> {
  await dropDeeds(visitId, ['leave', 'submit'])
  await changeVisit(visitId, (visit) => {
    visit.refused = (error.document.unmet as KeptVisit['refused']) ?? []
    visit.presences = visit.presences.filter((one, at, all) => one.goingIn || at < all.length - 1)
  })
}

async function declaredFiles(visitId: string): Promise<void> {
  for (const file of await kept().getAllFromIndex('files', 'visit', visitId)) await kept().put('files', { ...file, declared: true })
}

async function send(deed: Deed): Promise<Visit | null> {
  const params = { path: { visit_id: deed.visitId }, header: once(deed.key) }
  switch (deed.kind) {
    case 'accept':
      return take(api.POST('/v1/visits/{visit_id}/accept', { params }))
    case 'decline':
      return take(api.POST('/v1/visits/{visit_id}/decline', { params, body: deed.body as { reason: string } }))
    case 'found-shut':
      return take(api.POST('/v1/visits/{visit_id}/found-shut', { params, body: deed.body as { reason: string } }))
    case 'abort':
      return take(api.POST('/v1/visits/{visit_id}/abort', { params, body: deed.body as { reason: string } }))
    case 'check-in':
      await take(api.POST('/v1/visits/{visit_id}/check-ins', { params, body: deed.body as never }))
      return null
    case 'leave':
      return take(api.POST('/v1/visits/{visit_id}/leave', { params, body: deed.body as never }))
    case 'submit':
      return take(api.POST('/v1/visits/{visit_id}/submit', { params }))
  }
}

/** What changed since the server confirmed it, in one batch. An answer it knew a later one for is a conflict. */
async function tellAnswers(visitId: string): Promise<void> {
  const rows = Object.values(await answersOf(visitId)).filter((row) => !row.sent && !row.conflict)
  const visit = visitOf(visitId)
  if (!visit || (!rows.length && !visit.wordsUnsent)) return
  const answers = Object.fromEntries(rows.map((row) => [row.item, wire(row)]))
  const words = visit.wordsUnsent ? { summary: visit.summary.trim(), questions_asked: visit.questions } : {}
  if (!rows.length) return tellWordsWithAnAnswer(visit, words)
  const told = await put(visitId, { answers, ...words })
  if (told) await confirmed(visit, rows, told)
}

/** The API takes words with answers only: one that is known goes along and changes nothing. */
async function tellWordsWithAnAnswer(visit: KeptVisit, words: { summary?: string; questions_asked?: number }): Promise<void> {
  const [known] = Object.values(await answersOf(visit.id))
  if (!known) return
  const told = await put(visit.id, { answers: { [known.item]: wire(known) }, ...words })
  if (told) await confirmed(visit, [], told)
}

type Batch = { answers: Record<string, ReturnType<typeof wire>>; summary?: string; questions_asked?: number }

async function put(visitId: string, body: Batch) {
  try {
    return await take(api.PUT('/v1/visits/{visit_id}/answers', { params: { path: { visit_id: visitId } }, body: { ...body, clock_offset_ms: settings.value.clockOffsetMs } }))
  } catch (error) {
    // A visit that is over takes no more answers: they stay on the phone, and the deeds say what became of it.
    if (error instanceof Problem && [403, 404, 409].includes(error.status)) return null
    throw error
  }
}

async function confirmed(visit: KeptVisit, rows: readonly KeptAnswer[], told: NonNullable<Awaited<ReturnType<typeof put>>>): Promise<void> {
  const transaction = kept().transaction('answers', 'readwrite')
  for (const row of rows) {
    const now = await transaction.store.get([row.visitId, row.item])
    if (!now || now.deviceAt !== row.deviceAt) continue // changed while it travelled
    const conflict = told.superseded.includes(row.item) ? (told.answers[row.item] ?? null) : null
    await transaction.store.put({ ...now, sent: !conflict, conflict })
  }
  await transaction.done
  await changeVisit(visit.id, (one) => {
    if (one.summary === visit.summary && one.questions === visit.questions) one.wordsUnsent = false
  })
}

function wire(row: KeptAnswer) {
  return { value: row.value, state: row.state, reason: row.reason, note: row.note, evidence: row.evidence, device_at: new Date(row.deviceAt).toISOString() }
}

async function lookAround(): Promise<void> {
  await tellWhatWasRead()
  const changed = await takeChanges()
  if (changed) await takeStops()
  await reload()
  await makeNextReady()
  await recordingsInto()
}

type Told = Answer<'/v1/sync', 'get'>

/** What changed since the cursor, and which visits are no longer ours; whether there was anything. */
async function takeChanges(): Promise<boolean> {
  const fresh = new Set<string>()
  let [changed, whole] = [false, settings.value.cursor === null]
  for (let more = true; more; ) {
    const told: Told | null = await ask(settings.value.cursor)
    if (!told) {
      // Nobody knows this copy any more: everything is told again.
      whole = true
      fresh.clear()
      await changeSettings({ cursor: null })
      continue
    }
    for (const one of told.visits) {
      fresh.add(one.visit.id)
      await takeVisit(one)
    }
    for (const id of told.gone) await goes(id)
    await changeSettings({ cursor: told.cursor, news: latest(told) }) // last: what is cut off before is told again
    changed ||= told.visits.length + told.gone.length > 0
    more = told.more
  }
  if (whole) await noteWhatIsGone(fresh)
  return changed || whole
}

async function ask(cursor: string | null): Promise<Told | null> {
  try {
    return await take(api.GET('/v1/sync', { params: { query: cursor === null ? {} : { cursor } } }))
  } catch (error) {
    if (cursor !== null && error instanceof Problem && error.type === 'sync-cursor-expired') return null
    throw error
  }
}

async function takeVisit({ visit, send_backs }: Told['visits'][number]): Promise<void> {
  const known = await kept().get('visits', visit.id)
  if (!known && OVER.has(visit.state)) return
  const handedIn = (await kept().getAll('deeds')).some((deed) => deed.visitId === visit.id && deed.kind === 'submit')
  const isBack = visit.state === 'left' && visit.submitted_at !== null && !handedIn
  await kept().put('visits', { ...(known ?? unknown(visit)), visit, sentBack: isBack ? (send_backs[0] ?? null) : null, gone: false })
}

/** Unread news, the latest first. When the server says that all was read, it was read on another device. */
function latest(told: Told): News[] {
  const read = new Set(settings.value.readNews)
  const all = new Map([...settings.value.news, ...told.inbox].map((one) => [one.id, one]))
  const unread = [...all.values()].filter((one) => one.read_at === null && !read.has(one.id))
  return told.unread === 0 ? [] : unread.sort((a, b) => b.at.localeCompare(a.at)).slice(0, NEWS_KEPT)
}

async function tellWhatWasRead(): Promise<void> {
  for (const id of settings.value.readNews) {
    await take(api.POST('/v1/inbox/{entry_id}/read', { params: { path: { entry_id: id }, header: once(id) } })).catch((error: unknown) => {
      if (!(error instanceof Problem) || error.status !== 404) throw error
    })
    await changeSettings({ readNews: settings.value.readNews.filter((one) => one !== id) })
  }
}

/** Where the route has the visits; what is known stays when it cannot be asked. */
async function takeStops(): Promise<void> {
  const stops = await take(api.GET('/v1/planning/inspectors/me/stops')).catch(() => null)
  if (!stops) return
  for (const one of await kept().getAll('visits')) await changeVisit(one.id, (visit) => (visit.stop = stops.find((stop) => stop.visit_id === one.id) ?? null))
}

async function noteWhatIsGone(there: ReadonlySet<string>): Promise<void> {
  for (const one of await kept().getAll('visits')) if (!there.has(one.id)) await goes(one.id)
}

/** Taken away before it was over. One that is over is only told of no longer. */
function goes(id: string): Promise<void> {
  return changeVisit(id, (one) => (one.gone = !OVER.has(one.visit.state)))
}

/** Those that are under way, and the next ones. */
async function makeNextReady(): Promise<void> {
  const open = visits.value.filter((one) => !one.gone && !OVER.has(one.visit.state))
  const [begun, ahead] = [open.filter(({ visit }) => BEGUN.has(visit.state)), open.filter(({ visit }) => !BEGUN.has(visit.state))]
  for (const one of [...begun, ...ahead.slice(0, READY_BY_ITSELF)]) if (!isReady(one)) await makeReady(one.id)
}

/** Whether the visit can be made without a network: its brief is there, not too old, and of this version of the visit. */
export function isReady(one: KeptVisit, now = Date.now()): boolean {
  return one.brief !== null && now < Date.parse(one.brief.offline_until) && one.brief.visit.planned_on === one.visit.planned_on && one.brief.visit.checklist_version_id === one.visit.checklist_version_id
}

type CheckIn = Item<'/v1/visits/{visit_id}/check-ins'>

/** Fetch what the visit needs, and what was done of it before: on another phone, or before this one was wiped. */
export async function makeReady(visitId: string): Promise<void> {
  const params = { path: { visit_id: visitId } }
  const [brief, known, presences] = await Promise.all([
    take(api.GET('/v1/visits/{visit_id}/brief', { params })),
    take(api.GET('/v1/visits/{visit_id}/answers', { params })),
    take(api.GET('/v1/visits/{visit_id}/check-ins', { params })),
  ])
  const mine = await answersOf(visitId)
  for (const [item, one] of Object.entries(known.answers)) {
    if (mine[item]) continue
    const { value, state, reason, note, evidence } = one
    await kept().put('answers', { visitId, item, value, state, reason, note, evidence, deviceAt: Date.parse(one.device_at), sent: true, conflict: null })
  }
  await changeVisit(visitId, (visit) => {
    visit.brief = brief
    if (!visit.presences.length) visit.presences = presences.filter((one) => one.person_id === person.value?.id).map(presenceOf)
    if (!visit.wordsUnsent && !visit.summary) [visit.summary, visit.questions] = [known.summary, known.questions_asked]
  })
}

function presenceOf(one: CheckIn): Presence {
  return { id: one.id, goingIn: one.going_in, deviceAt: Date.parse(one.device_at), offsetMs: one.clock_offset_ms, distanceM: one.distance_m }
}

function unknown(visit: Visit): KeptVisit {
  return { id: visit.id, visit, brief: null, stop: null, sentBack: null, gone: false, summary: visit.summary, questions: visit.questions_asked, wordsUnsent: false, presences: [], refused: null, deviceLabel: '' }
}
