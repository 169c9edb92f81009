/**
 * Who is logged in. The refresh token lives in a cookie no script can read; the access token in this module's memory
 * alone. Who the person is stands in localStorage, so that a phone without a network knows whose data it holds.
 */
import { computed, shallowRef } from 'vue'
import { Problem, type ProblemDocument, Unreachable } from './problems'
import type { components } from './schema'

export type Me = components['schemas']['MeOut']
export type Role = Me['roles'][number]
type Access = components['schemas']['AccessOut']
type LoginIn = components['schemas']['LoginIn']
type AcceptIn = components['schemas']['AcceptIn']

const PERSON = 'plainclothes.person'
const DEVICE = 'plainclothes.device'
const OWED = 'plainclothes.owes-logout' // logged out without a network: the cookie is still to be taken back
/** Under names that begin so, desks keep what is being written; it goes with the log-out. */
export const DRAFTS = 'plainclothes.draft.'
const ENTERED = 'plainclothes.entered' // when somebody last logged in, for the other tabs
const EARLY_MS = 30_000

export const person = shallowRef<Me | null>(kept())
/** The server says the log-in is over, though the phone may still hold unsent work of the person. */
export const ended = shallowRef(false)
export const roles = computed<ReadonlySet<Role>>(() => new Set(person.value?.roles ?? []))

let access: { token: string; until: number } | null = null
let asking: Promise<string> | null = null
const farewells: ((leaving: Me) => Promise<void>)[] = []

// Somebody logged out, or another logged in, in another tab: what this one shows is not theirs to see.
addEventListener('storage', ({ key, newValue }) => {
  const there = key === PERSON && newValue ? (JSON.parse(newValue) as Me).id : null
  if (key === PERSON && person.value && there !== person.value.id) location.reload()
  if (key === ENTERED && newValue && person.value) ended.value = false // the cookie of that log-in is this tab's as well
})

/** Called with the person before anything of theirs is forgotten: whoever keeps data of people on the device. */
export function onLogOut(farewell: (leaving: Me) => Promise<void>): void {
  farewells.push(farewell)
}

export function has(...wanted: Role[]): boolean {
  return wanted.some((role) => roles.value.has(role))
}

/** A stable id of this browser, made once and gone with the log-out. */
export function deviceId(make: () => string): string {
  const known = localStorage.getItem(DEVICE)
  if (known) return known
  const made = make()
  localStorage.setItem(DEVICE, made)
  return made
}

export async function logIn(credentials: LoginIn): Promise<Me> {
  return enter('/v1/auth/browser', credentials)
}

/** Who is invited, and where; asked by people who cannot log in yet. */
export async function lookAtInvitation(token: string): Promise<components['schemas']['InvitedOut']> {
  return post('/v1/invitations/look', { token })
}

/** By a link from an admin; nobody is logged in with it. */
export async function setNewPassword(set: components['schemas']['NewPasswordIn']): Promise<void> {
  await post('/v1/auth/new-password', set)
}

/** The account that an invitation promises; one is logged in with it. */
export async function acceptInvitation(accepted: AcceptIn): Promise<Me> {
  return enter('/v1/auth/browser/invitation', accepted)
}

async function enter(path: string, proof: LoginIn | AcceptIn): Promise<Me> {
  await settleOwedLogOut()
  remember(await post<Access>(path, proof))
  const me = await get<Me>('/v1/me')
  keep(me)
  localStorage.setItem(ENTERED, String(Date.now()))
  ended.value = false
  return me
}

/** Look again who one is; keeps what is known when the server cannot be reached. */
export async function renew(): Promise<void> {
  if (!person.value) return
  try {
    keep(await get<Me>('/v1/me'))
  } catch (error) {
    if (!(error instanceof Unreachable) && !(error instanceof Problem)) throw error
  }
}

/** Forget the person and all data of theirs on this device. Works without a network; the server is told when it can be. */
export async function logOut(): Promise<void> {
  const leaving = person.value
  access = null
  localStorage.setItem(OWED, 'yes')
  if (leaving) for (const farewell of farewells) await farewell(leaving)
  localStorage.removeItem(PERSON)
  localStorage.removeItem(DEVICE)
  localStorage.removeItem(ENTERED)
  for (const key of Object.keys(localStorage)) if (key.startsWith(DRAFTS)) localStorage.removeItem(key)
  person.value = null
  ended.value = false
  await settleOwedLogOut().catch(() => undefined)
}

/** A token that is good for a while yet. One is asked for at a time, over all tabs: each refresh uses the last one up. */
export function accessToken(): Promise<string> {
  if (access && Date.now() < access.until) return Promise.resolve(access.token)
  asking ??= alone(refresh).finally(() => (asking = null))
  return asking
}

export function forgetAccessToken(): void {
  access = null
}

async function alone(work: () => Promise<string>): Promise<string> {
  return navigator.locks.request('plainclothes-refresh', () => work())
}

async function refresh(): Promise<string> {
  if (!person.value || localStorage.getItem(OWED)) throw new Problem(LOGGED_OUT)
  try {
    return remember(await post<Access>('/v1/auth/browser/refresh'))
  } catch (error) {
    if (error instanceof Problem && error.status === 401) ended.value = true
    throw error
  }
}

const LOGGED_OUT: ProblemDocument = { type: 'login-ended', title: 'Nobody is logged in', status: 401, detail: 'Nobody is logged in.' }

function remember(answer: Access): string {
  access = { token: answer.access_token, until: Date.now() + answer.expires_in_s * 1000 - EARLY_MS }
  return answer.access_token
}

async function settleOwedLogOut(): Promise<void> {
  if (!localStorage.getItem(OWED)) return
  await post('/v1/auth/browser/logout')
  localStorage.removeItem(OWED)
}

function keep(me: Me): void {
  localStorage.setItem(PERSON, JSON.stringify(me))
  person.value = me
}

function kept(): Me | null {
  const text = localStorage.getItem(PERSON)
  return text ? (JSON.parse(text) as Me) : null
}

// Not through the client, which asks this module for its token.
async function post<T>(path: string, body?: unknown): Promise<T> {
  return answerOf<T>(path, body === undefined ? { method: 'POST' } : { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) })
}

async function get<T>(path: string): Promise<T> {
  return answerOf<T>(path, { headers: { Authorization: `Bearer ${await accessToken()}` } })
}

async function answerOf<T>(path: string, asked: RequestInit): Promise<T> {
  let response: Response
  try {
    response = await fetch(path, { ...asked, credentials: 'same-origin' })
  } catch (error) {
    throw new Unreachable(String(error))
  }
  if (!response.ok) throw new Problem(await response.json().catch(() => ({ ...LOGGED_OUT, type: 'unavailable', status: response.status, detail: response.statusText })))
  return (response.status === 204 ? undefined : await response.json()) as T
}
