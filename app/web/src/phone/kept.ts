/** The phone's own database: one for each person, so that nobody meets another's work, and log-out can wipe one whole. */
import { type DBSchema, type IDBPDatabase, deleteDB, openDB } from 'idb'
import type { Answer, Item, Schemas } from '@/api/client'
import type { Evidence, State, Value } from '@/core/checklist.ts'
import type { Interruption, Quality } from '@/core/gate.ts'

export type Visit = Item<'/v1/visits'>
export type Brief = Answer<'/v1/visits/{visit_id}/brief', 'get'>
export type ServerAnswer = Schemas['AnswerOut']
export type Unmet = Schemas['UnmetOut']
export type Stop = Item<'/v1/planning/inspectors/me/stops'>
export type News = Schemas['EntryOut']
export type SendBack = Item<'/v1/visits/{visit_id}/send-backs'>

/** A visit as the server last told it, what is needed without a network, and what the inspector does with it. */
export interface KeptVisit {
  readonly id: string
  visit: Visit
  brief: Brief | null
  stop: Stop | null
  sentBack: SendBack | null
  /** No longer among those the server shows: cancelled, or given to somebody else. */
  gone: boolean
  summary: string
  questions: number
  /** The summary or the count changed since the server confirmed them. */
  wordsUnsent: boolean
  /** Check-ins and check-outs made on this phone, by its own clock. */
  presences: Presence[]
  /** The server's word on the last attempt to leave. */
  refused: Unmet[] | null
  deviceLabel: string
}

export interface Presence {
  readonly id: string
  readonly goingIn: boolean
  readonly deviceAt: number
  readonly offsetMs: number | null
  readonly distanceM: number | null
}

export interface KeptAnswer {
  readonly visitId: string
  readonly item: string
  value: Value | null
  state: State | null
  reason: string | null
  note: string | null
  evidence: Evidence[]
  deviceAt: number
  sent: boolean
  /** A later answer from another device: the person says which holds. */
  conflict: ServerAnswer | null
}

export type Gap = Interruption

/** A file of a visit: its bytes lie in the private file system under `id` until they are freed. */
export interface KeptFile {
  readonly id: string
  readonly visitId: string
  medium: 'video' | 'audio' | 'photo'
  name: string
  contentType: string
  deviceKind: string
  deviceLabel: string
  way: 'app' | 'phone' | 'device'
  /** By the device's own clock; null when nobody knows. */
  startedAt: number | null
  /** Phone clock minus the device's clock. */
  offsetMs: number
  durationMs: number
  sizeBytes: number
  sha256: string | null
  md5s: string[]
  quality: Quality
  gaps: Gap[]
  /** Moments that were marked, in milliseconds from the beginning. */
  markers: number[]
  thumbnail: Blob | null
  phase: 'recording' | 'storing' | 'here' | 'sending' | 'arrived' | 'verified' | 'rejected' | 'freed'
  confirmedBytes: number
  paused: boolean
  declared: boolean
  problem: string | null
}

/** Something done on the phone that the server is still to be told, in the order in which it was done. */
export interface Deed {
  seq?: number
  readonly key: string
  readonly visitId: string
  readonly kind: 'accept' | 'decline' | 'check-in' | 'found-shut' | 'abort' | 'leave' | 'submit'
  readonly body: unknown
  readonly doneAt: number
  problem: { type: string; detail: string } | null
}

export interface Settings {
  wifiOnly: boolean
  clockOffsetMs: number | null
  lastSyncAt: number | null
  /** What was told of up to here; null: everything is to be told, as to a new copy. */
  cursor: string | null
  /** News that nobody has read yet, the latest first. */
  news: readonly News[]
  /** Read here; the server is still to be told. */
  readNews: readonly string[]
}

interface Shape extends DBSchema {
  visits: { key: string; value: KeptVisit }
  answers: { key: [string, string]; value: KeptAnswer; indexes: { visit: string } }
  files: { key: string; value: KeptFile; indexes: { visit: string } }
  deeds: { key: number; value: Deed }
  settings: { key: 'settings'; value: Settings }
}
export type Kept = IDBPDatabase<Shape>

export const FRESH: Settings = { wifiOnly: true, clockOffsetMs: null, lastSyncAt: null, cursor: null, news: [], readNews: [] }

function nameOfDatabase(personId: string): string {
  return `plainclothes-${personId}`
}

export function openKept(personId: string): Promise<Kept> {
  // Later versions only add: an older page may still be open beside a newer one.
  return openDB<Shape>(nameOfDatabase(personId), 1, {
    upgrade(db) {
      db.createObjectStore('visits', { keyPath: 'id' })
      db.createObjectStore('answers', { keyPath: ['visitId', 'item'] }).createIndex('visit', 'visitId')
      db.createObjectStore('files', { keyPath: 'id' }).createIndex('visit', 'visitId')
      db.createObjectStore('deeds', { keyPath: 'seq', autoIncrement: true })
      db.createObjectStore('settings')
    },
    // Another tab wipes it, or brings a newer version: neither may wait for this one.
    blocking: (_version, _blocked, event) => (event.target as IDBDatabase).close(),
  })
}

export async function wipeKept(personId: string): Promise<void> {
  await deleteDB(nameOfDatabase(personId))
  const root = await navigator.storage.getDirectory()
  for (const name of [personId, 'shared']) await root.removeEntry(name, { recursive: true }).catch(() => undefined)
}
