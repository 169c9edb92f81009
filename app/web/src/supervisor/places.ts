/** The sections of the desk in the order of the menu; one is shown when its page is there for the person's role. */
import type { Router } from 'vue-router'
import type { Place } from '@/pages/DeskLayout.vue'
import { mayOpen } from '@/areas'
import { wordsOf } from '@/text'
import supervisor from '@/text/supervisor.json'

const SECTIONS = [
  { to: '/s/board', name: 'board', icon: 'route' },
  { to: '/s/coverage', name: 'coverage', icon: 'grid' },
  { to: '/s/live', name: 'live', icon: 'pulse' },
  { to: '/s/reviews', name: 'review', icon: 'check' },
  { to: '/s/markings', name: 'markings', icon: 'eye' },
  { to: '/s/publications', name: 'publications', icon: 'file' },
  { to: '/s/missing', name: 'missing', icon: 'upload' },
  { to: '/s/outlets', name: 'outlets', icon: 'pin' },
  { to: '/s/people', name: 'people', icon: 'people' },
  { to: '/s/grants', name: 'grants', icon: 'lock' },
  { to: '/s/alerts', name: 'alerts', icon: 'alert' },
  { to: '/s/programmes', name: 'programmes', icon: 'settings' },
  { to: '/s/checklists', name: 'checklists', icon: 'list' },
] as const

export function placesOf(router: Router): Place[] {
  const t = wordsOf(supervisor)
  return SECTIONS.filter((one) => mayOpen(router.resolve(one.to))).map((one) => ({ to: one.to, label: t(one.name), icon: one.icon }))
}
