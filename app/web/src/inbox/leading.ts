/** Where an entry of the inbox leads, as far as there is a page for it in the desk one sits at. */
import type { Item } from '@/api/client'
import { has } from '@/api/session'
import type { IconName } from '@/kit/icons'

export type Entry = Item<'/v1/inbox'>

const ICONS: Readonly<Record<string, IconName>> = { visit: 'day', recording: 'mic', review: 'check', publication: 'file', appeal: 'note', action: 'check', retention: 'trash', webhook: 'alert', misuse: 'alert' }

export function iconOf(entry: Entry): IconName {
  return ICONS[nounOf(entry)] ?? 'info'
}

export function leadsTo(entry: Entry): string | null {
  const { subject_id: subject, visit_id: visit, alias } = entry.about
  if (entry.kind === 'review.second_marking_wanted') return atDesk('/s/markings')
  switch (nounOf(entry)) {
    case 'visit':
    case 'recording':
    case 'review':
      return visit ? (atDesk(`/s/reviews/${visit}`) ?? (has('inspector') ? `/m/visits/${visit}` : null)) : null
    case 'publication':
      return alias ? `/o/reports/${alias}` : null
    case 'appeal':
      return subject ? `/o/appeals/${subject}` : null
    case 'action':
      return subject ? `/o/actions/${subject}` : null
    case 'misuse':
      return has('admin') ? '/s/alerts' : '/o/alerts'
    default:
      return null
  }
}

function atDesk(path: string): string | null {
  return has('admin', 'supervisor', 'reviewer') ? path : null
}

function nounOf(entry: Entry): string {
  return entry.kind.slice(0, entry.kind.indexOf('.'))
}
