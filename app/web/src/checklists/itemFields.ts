/** The fields of an item, by the kind of its answer. */
import type { DraftItem } from './draft'
import { t } from './words'
import type { Field } from '@/kit/fields'

export function commonFields(purposes: NonNullable<Field['options']>): Field[] {
  return [
    { path: 'code', label: t('code'), hint: t('code-hint'), required: true },
    { path: 'text.zh', label: t('text-zh'), kind: 'area', required: true },
    { path: 'text.en', label: t('text-en'), kind: 'area', required: true },
    { path: 'guidance.zh', label: t('guidance-zh'), kind: 'area' },
    { path: 'guidance.en', label: t('guidance-en'), kind: 'area' },
    ...(purposes.length ? [{ path: 'purposes', label: t('only-purposes'), kind: 'list' as const, options: purposes, noneIsNull: true, hint: t('only-purposes-hint') }] : []),
  ]
}

export function scoringFields(item: DraftItem): Field[] {
  const away = (['exclude', 'count_as_zero', 'count_as_full', 'not_allowed'] as const).map((value) => ({ value, label: t(`away-${value}`) }))
  return [
    { path: 'weight', label: t('weight'), hint: item.type === 'text' || item.type === 'photo' ? t('weight-reviewed') : undefined },
    { path: 'not_applicable', label: t('not-applicable'), kind: 'choice', options: away },
    { path: 'required', label: t('required'), kind: 'flag' },
    { path: 'bonus', label: t('bonus'), kind: 'flag', hint: t('bonus-hint') },
    ...ownFields(item),
  ]
}

function ownFields(item: DraftItem): Field[] {
  switch (item.type) {
    case 'yes_no':
      return [{ path: 'expected', label: t('expected'), kind: 'flag', hint: t('expected-hint') }]
    case 'rating':
      return [{ path: 'lowest', label: t('lowest'), kind: 'whole' }, { path: 'highest', label: t('highest'), kind: 'whole' }]
    case 'number':
      return [
        { path: 'unit.zh', label: t('unit-zh') },
        { path: 'unit.en', label: t('unit-en') },
        { path: 'otherwise', label: t('otherwise') },
        { path: 'minimum', label: t('minimum') },
        { path: 'maximum', label: t('maximum') },
      ]
    case 'deductions':
      return [{ path: 'each', label: t('each') }]
    case 'text':
      return [{ path: 'min_length', label: t('min-length'), kind: 'whole' }]
    case 'photo':
      return [{ path: 'min_count', label: t('min-count'), kind: 'whole' }]
    default:
      return []
  }
}

export function vetoFields(scope: string): Field[] {
  const scopes = (['item', 'indicator', 'dimension', 'visit', 'cap'] as const).map((value) => ({ value, label: t(`scope-${value}`) }))
  const cap: Field[] = scope === 'cap' ? [{ path: 'veto.cap', label: t('cap') }] : []
  return [{ path: 'veto.scope', label: t('veto-takes'), kind: 'choice', options: scopes }, ...cap, { path: 'veto.breached_at', label: t('breached-at'), hint: t('breached-hint') }, { path: 'veto.confirm', label: t('confirm'), kind: 'flag' }]
}

export const optionFields = (): Field[] => [{ path: 'code', label: t('code') }, { path: 'text.zh', label: t('text-zh') }, { path: 'text.en', label: t('text-en') }, { path: 'fraction', label: t('fraction') }]
export const bandFields = (): Field[] => [{ path: 'up_to', label: t('up-to') }, { path: 'fraction', label: t('fraction') }]
