/** Everything in which one programme may differ from another, as fields in groups (D6–D10). */
import { DAYS } from './week'
import { t } from './words'
import type { Field } from '@/kit/fields'
import admin from '@/text/admin.json'

type Key = keyof typeof admin & `rule-${string}`
type Kind = NonNullable<Field['kind']>

export interface Group {
  readonly title: string
  readonly fields: readonly Field[]
}

/** A rule's words are called after its path: `rule-retention.ledger_days`. */
function rules(kind: Kind, ...paths: string[]): Field[] {
  return paths.map((path) => ({ path, kind, label: t(`rule-${path}` as Key) }))
}

function choice(path: string, ...values: string[]): Field {
  return { path, kind: 'choice', label: t(`rule-${path}` as Key), options: values.map((value) => ({ value, label: t(`rule-${path}-${value}` as Key) })) }
}

function ticked(path: string, options: NonNullable<Field['options']>): Field {
  return { path, kind: 'list', label: t(`rule-${path}` as Key), options }
}

export function ruleGroups(): Group[] {
  return [
    { title: t('group-quotas'), fields: rules('whole', 'visits.base', 'visits.high_traffic', 'minimum_gap_days', 'plan_visible_days') },
    { title: t('group-rotation'), fields: [...rules('whole', 'rotation_months'), choice('rotation_scope', 'outlet', 'brand'), ...rules('whole', 'covert_bar_months')] },
    {
      title: t('group-field'),
      fields: [
        ...rules('whole', 'minimum_video_minutes.own', 'minimum_video_minutes.agency', 'minimum_video_minutes.competitor'),
        ...rules('share', 'recording_coverage'),
        ...rules('whole', 'minimum_photos', 'minimum_questions', 'summary_minimum_characters', 'check_out_distance_m'),
        ...rules('flag', 'live_score'),
      ],
    },
    { title: t('group-scoring'), fields: [...rules('share', 'completeness_threshold'), ...rules('whole', 'ranking_minimum_n'), ...rules('flag', 'weight_by_traffic')] },
    { title: t('group-review'), fields: [...rules('whole', 'review_due_hours'), ...rules('share', 'double_marking_share'), ...rules('whole', 'publication_delay_hours', 'publication.hour', 'publication.minimum_batch'), ticked('publication.weekdays', DAYS.map((value) => ({ value, label: t(`day-${value}`) })))] },
    { title: t('group-cases'), fields: [...rules('whole', 'appeal_window_days', 'appeal_decision_days', 'rectification_days'), ...rules('share', 'rectification_target'), ...rules('flag', 'rectification.automatic', 'rectification.vetoes_always')] },
    { title: t('group-rendition'), fields: [...rules('flag', 'rendition.mute_sound', 'rendition.blur_faces'), ...rules('whole', 'rendition.pitch_semitones', 'rendition.stream_from_minutes', 'rendition.shorter_side')] },
    { title: t('group-retention'), fields: rules('whole', 'retention.raw_recording_days', 'retention.rendition_days', 'retention.ledger_days', 'retention.unfinished_upload_days', 'retention.field_trace_days') },
  ]
}

/** Thresholds of the checks of recordings; what is left empty keeps the pipeline's default (D7.3). */
export function checkGroups(): Group[] {
  const of = (title: string, kind: Kind, ...names: string[]): Group => ({ title, fields: rules(kind, ...names.map((name) => `checks.${name}`)) })
  const picture = of(t('group-picture'), 'decimal', 'covered_spread', 'covered_dark_luma', 'covered_dark_spread', 'covered_min_s', 'dark_luma', 'dark_min_s', 'blur_score', 'blur_min_s', 'shaken_jolt_share', 'shaken_min_s', 'frozen_min_s')
  const sound = of(t('group-sound'), 'decimal', 'silent_dbfs', 'silent_min_s', 'muffled_treble_db', 'muffled_min_s', 'clipped_share', 'clipped_min_s', 'wind_rumble_db', 'wind_dbfs', 'wind_min_s', 'speech_probability', 'no_speech_min_s')
  const whole = of(t('group-file'), 'decimal', 'interrupted_min_s', 'damaged_errors', 'min_duration_s', 'warn_share', 'fail_share')
  const required = ['picture_required', 'sound_required'].map((name): Field => ({ path: `checks.${name}`, kind: 'choice', label: t(`rule-checks.${name}` as Key), options: [{ value: '', label: t('by-default') }, { value: 'true', label: t('yes') }, { value: 'false', label: t('no') }] }))
  return [picture, sound, { ...whole, fields: [...whole.fields, ...required] }]
}

/** How months are planned. */
export function planningGroups(checklists: readonly string[]): Group[] {
  const codes = [{ value: '', label: t('first-checklist') }, ...checklists.map((value) => ({ value, label: value }))]
  return [
    {
      title: t('group-crews'),
      fields: [{ path: 'checklist_code', kind: 'choice', label: t('rule-checklist_code'), options: codes }, ...rules('whole', 'crew_size', 'backups', 'service_minutes', 'same_cell_run'), ...rules('share', 'overt_share', 'off_peak_share'), ticked('off_peak_parts', (['morning', 'afternoon', 'evening'] as const).map((value) => ({ value, label: t(`part-${value}`) })))],
    },
    { title: t('group-soft'), fields: rules('decimal', 'weights.travel', 'weights.fair_load', 'weights.off_peak', 'weights.community', 'weights.variation', 'weights.stability') },
  ]
}
