/** One plan on the board: what is in it, every change by hand with its way back, and what that did to the whole. */
import { computed, onScopeDispose, shallowRef } from 'vue'
import { allOutlets, allPeople, allProfiles, Names, type Profile } from './directory'
import { api, once, type Schemas, take, takeAll } from '@/api/client'
import { newId } from '@/core/ids'

export type Plan = Schemas['PlanOut']
export type Visit = Schemas['PlannedVisitOut']
export type Unserved = Schemas['UnservedOut']
export type Route = Schemas['RouteOut']
export type Measures = Schemas['Measured']

type Compared = Schemas['PlanningDifferenceOut']
/** Two plans: pairs come over the wire as lists of two. */
export interface Difference {
  readonly changed: Compared['changed']
  readonly measures: readonly Compared['measures'][number][]
  readonly costs: readonly Compared['costs'][number][]
  readonly predictability: readonly Compared['predictability'][number][]
}

type Call =
  | { readonly verb: 'move'; readonly body: Schemas['MoveIn'] }
  | { readonly verb: 'take-out'; readonly body: Schemas['TakeOutIn'] }
  | { readonly verb: 'pin'; readonly body: Schemas['PinIn'] }

/** A change and what takes it back. */
export interface Step {
  readonly there: Call
  readonly back: Call
}

export interface Placed {
  readonly inspectors: string[]
  readonly on: string
  readonly arrive: string | null
}

const UNFINISHED: readonly Plan['state'][] = ['waiting', 'solving', 'publishing']
const limit = 200

export function useBoard(id: string) {
  const path = { plan_id: id }
  const plan = shallowRef<Plan | null>(null)
  const visits = shallowRef<readonly Visit[]>([])
  const unserved = shallowRef<readonly Unserved[]>([])
  const routes = shallowRef<readonly Route[]>([])
  const names = shallowRef(new Names([], []))
  const profiles = shallowRef<readonly Profile[]>([])
  const guess = shallowRef<Schemas['PredictabilityOut'] | null>(null)
  const before = shallowRef<{ measures: Measures | null; guess: number | null }>({ measures: null, guess: null })
  const done = shallowRef<readonly Step[]>([])
  const undone = shallowRef<readonly Step[]>([])
  const busy = shallowRef(false)
  const filled = shallowRef(false)
  const editable = computed(() => plan.value?.state === 'draft')
  const unfinished = computed(() => !!plan.value && UNFINISHED.includes(plan.value.state))
  let alive = true
  onScopeDispose(() => (alive = false))

  async function load(): Promise<void> {
    plan.value = await take(api.GET('/v1/plans/{plan_id}', { params: { path } }))
    const [outlets, people, known] = await Promise.all([allOutlets(plan.value.region_id), allPeople(), allProfiles()])
    names.value = new Names(outlets, people)
    profiles.value = known
    await content()
    before.value = { measures: plan.value.measures, guess: null }
    void follow()
    void guessAgain(true)
  }

  async function content(): Promise<void> {
    if (unfinished.value && plan.value?.state !== 'publishing') return
    ;[visits.value, unserved.value, routes.value] = await Promise.all([
      takeAll<Visit>((cursor) => api.GET('/v1/plans/{plan_id}/visits', { params: { path, query: { limit, cursor } } })),
      takeAll<Unserved>((cursor) => api.GET('/v1/plans/{plan_id}/unserved', { params: { path, query: { limit, cursor } } })),
      takeAll<Route>((cursor) => api.GET('/v1/plans/{plan_id}/routes', { params: { path, query: { limit, cursor } } })),
    ])
    filled.value = true
  }

  /** While a worker is at it: how far, once a second; at its end the content anew. */
  async function follow(): Promise<void> {
    if (!unfinished.value) return
    while (alive && unfinished.value) {
      await new Promise((ready) => setTimeout(ready, 1_000))
      if (alive) plan.value = await take(api.GET('/v1/plans/{plan_id}', { params: { path } })).catch(() => plan.value)
    }
    if (!alive) return
    await content()
    before.value = { measures: plan.value?.measures ?? null, guess: null }
    void guessAgain(true)
  }

  let latest = 0
  async function guessAgain(first = false): Promise<void> {
    const own = ++latest
    const answer = plan.value?.measures ? await take(api.GET('/v1/plans/{plan_id}/predictability', { params: { path, query: { most: 0 } } })).catch(() => null) : null
    if (!alive || own !== latest) return
    guess.value = answer
    if (first) before.value = { ...before.value, guess: answer?.best ?? null }
  }

  async function send(call: Call): Promise<void> {
    const header = { ...once(newId()), 'if-match': `"${plan.value?.version ?? 0}"` }
    const params = { path, header }
    if (call.verb === 'move') plan.value = await take(api.POST('/v1/plans/{plan_id}/move', { params, body: call.body }))
    else if (call.verb === 'pin') plan.value = await take(api.POST('/v1/plans/{plan_id}/pin', { params, body: call.body }))
    else plan.value = await take(api.POST('/v1/plans/{plan_id}/take-out', { params, body: call.body }))
    await patch(call.body.visit)
  }

  /** Only what the change touched is asked for again. */
  async function patch(name: string): Promise<void> {
    const outlet_id = name.slice(0, name.indexOf('#'))
    const was = visits.value.find((one) => one.visit === name)
    const there = await takeAll<Visit>((cursor) => api.GET('/v1/plans/{plan_id}/visits', { params: { path, query: { limit, cursor, outlet_id } } }))
    const now = there.find((one) => one.visit === name)
    const days = [...new Set([was?.on, now?.on].filter((one) => one !== undefined))]
    const [left, ...driven] = await Promise.all([
      takeAll<Unserved>((cursor) => api.GET('/v1/plans/{plan_id}/unserved', { params: { path, query: { limit, cursor } } })),
      ...days.map((on) => takeAll<Route>((cursor) => api.GET('/v1/plans/{plan_id}/routes', { params: { path, query: { limit, cursor, on } } }))),
    ])
    visits.value = [...visits.value.filter((one) => one.outlet_id !== outlet_id), ...there]
    unserved.value = left
    routes.value = [...routes.value.filter((one) => !days.includes(one.on)), ...driven.flat()]
    void guessAgain()
  }

  async function exclusively(work: () => Promise<void>): Promise<void> {
    if (busy.value) return
    busy.value = true
    try {
      await work()
    } catch (error) {
      // Somebody else was here: what is on the screen, and the way back from it, are not true any more.
      if ((error as { type?: string }).type === 'stale') {
        ;[done.value, undone.value] = [[], []]
        plan.value = await take(api.GET('/v1/plans/{plan_id}', { params: { path } }))
        await content()
      }
      throw error
    } finally {
      busy.value = false
    }
  }

  const run = (step: Step): Promise<void> =>
    exclusively(async () => {
      await send(step.there)
      ;[done.value, undone.value] = [[...done.value, step], []]
    })

  const undo = (): Promise<void> =>
    exclusively(async () => {
      const step = done.value.at(-1)
      if (!step) return
      await send(step.back)
      ;[done.value, undone.value] = [done.value.slice(0, -1), [...undone.value, step]]
    })

  const redo = (): Promise<void> =>
    exclusively(async () => {
      const step = undone.value.at(-1)
      if (!step) return
      await send(step.there)
      ;[undone.value, done.value] = [undone.value.slice(0, -1), [...done.value, step]]
    })

  const find = (name: string): Visit | undefined => visits.value.find((one) => one.visit === name)
  const asItIs = (one: Visit): Call => ({ verb: 'move', body: { visit: one.visit, inspectors: one.inspectors, backups: one.backups.length ? one.backups : null, on: one.on, arrive: one.arrive } })

  function move(name: string, to: Placed): Promise<void> {
    const now = find(name)
    const there: Call = { verb: 'move', body: { visit: name, inspectors: to.inspectors, backups: null, on: to.on, arrive: to.arrive } }
    return run({ there, back: now ? asItIs(now) : { verb: 'take-out', body: { visit: name } } })
  }

  async function takeOut(name: string): Promise<void> {
    const now = find(name)
    if (now) await run({ there: { verb: 'take-out', body: { visit: name } }, back: asItIs(now) })
  }

  const pin = (name: string, pinned: boolean): Promise<void> =>
    run({ there: { verb: 'pin', body: { visit: name, pinned } }, back: { verb: 'pin', body: { visit: name, pinned: !pinned } } })

  async function ask(verb: 'stop' | 'discard' | 'publish'): Promise<void> {
    const params = { path, header: { ...once(newId()), 'if-match': `"${plan.value?.version ?? 0}"` } }
    if (verb === 'stop') plan.value = await take(api.POST('/v1/plans/{plan_id}/stop', { params: { path, header: once(newId()) } }))
    else if (verb === 'discard') plan.value = await take(api.POST('/v1/plans/{plan_id}/discard', { params }))
    else plan.value = await take(api.POST('/v1/plans/{plan_id}/publish', { params }))
    if (verb === 'publish') [done.value, undone.value] = [[], []]
    if (verb === 'publish') void follow()
  }

  return { plan, visits, unserved, routes, names, profiles, guess, before, done, undone, busy, filled, unfinished, editable, load, find, move, takeOut, pin, undo, redo, ask }
}

export type Board = ReturnType<typeof useBoard>
