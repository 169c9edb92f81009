/** The fields of an outlet's form. */
import { languageChoices } from './known'
import { regionChoices, type Region, type Tier } from './regions'
import { t } from './words'
import type { Field } from '@/kit/fields'
import { nameOf } from '@/text'

export function outletFields(regions: ReadonlyMap<string, Region>, tiers: readonly Tier[]): { title: string; fields: Field[] }[] {
  const own = (['own', 'agency', 'competitor'] as const).map((value) => ({ value, label: t(`own-${value}`) }))
  const stages = (['early', 'improved'] as const).map((value) => ({ value, label: t(`stage-${value}`) }))
  const loads = (['high', 'low'] as const).map((value) => ({ value, label: t(`load-${value}`) }))
  const datums = (['wgs84', 'gcj02', 'bd09'] as const).map((value) => ({ value, label: t(`datum-${value}`) }))
  return [
    {
      title: t('what-it-is'),
      fields: [
        { path: 'code', label: t('code'), required: true },
        { path: 'name_zh', label: t('name-zh') },
        { path: 'name_en', label: t('name-en') },
        { path: 'region_id', label: t('region'), kind: 'choice', options: regionChoices(regions.values()), required: true },
        { path: 'tier', label: t('tier'), kind: 'choice', options: tiers.map((one) => ({ value: one.code, label: nameOf(one) || one.code })), required: true },
        { path: 'ownership', label: t('ownership'), kind: 'choice', options: own },
        { path: 'stage', label: t('stage'), kind: 'choice', options: stages, hint: t('stage-hint') },
        { path: 'load_band', label: t('load'), kind: 'choice', options: loads, hint: t('load-hint') },
        { path: 'brand', label: t('brand'), hint: t('brand-hint') },
        { path: 'traffic_per_day', label: t('traffic'), kind: 'whole' },
        { path: 'required_languages', label: t('required-languages'), kind: 'list', options: languageChoices(), open: true, hint: t('languages-hint') },
        { path: 'community', label: t('community'), hint: t('community-hint') },
        { path: 'high_traffic', label: t('high-traffic'), kind: 'flag', hint: t('high-traffic-hint') },
        { path: 'active', label: t('active'), kind: 'flag', hint: t('active-hint') },
      ],
    },
    {
      title: t('where-it-lies'),
      fields: [
        { path: 'address', label: t('address'), kind: 'area' },
        { path: 'position.latitude', label: t('latitude'), kind: 'decimal' },
        { path: 'position.longitude', label: t('longitude'), kind: 'decimal' },
        { path: 'position.datum', label: t('datum'), kind: 'choice', options: datums, hint: t('datum-hint') },
        { path: 'time_zone', label: t('time-zone'), hint: t('time-zone-hint') },
      ],
    },
  ]
}
