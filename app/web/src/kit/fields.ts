/** Forms as lists of fields: where each stands in the value, of what kind it is, and how it is read and written. */

export interface Field {
  /** `retention.ledger_days` is the days inside of retention. */
  readonly path: string
  readonly label: string
  readonly hint?: string | undefined
  readonly kind?: 'text' | 'area' | 'whole' | 'decimal' | 'share' | 'flag' | 'date' | 'list' | 'choice'
  /** Of a choice, or of a list: then each is a box to tick. */
  readonly options?: readonly { value: string; label: string }[]
  /** A list may also have what is not among its options. */
  readonly open?: boolean
  /** Nothing ticked is `null` rather than an empty list. */
  readonly noneIsNull?: boolean
  readonly required?: boolean
}

export type Form = { [name: string]: unknown }

export function read(form: Form, path: string): unknown {
  return path.split('.').reduce<unknown>((inner, step) => (inner as Form | null | undefined)?.[step], form)
}

export function write(form: Form, path: string, value: unknown): void {
  const steps = path.split('.')
  const last = steps.pop() as string
  let inner = form
  for (const step of steps) inner = (inner[step] ??= {}) as Form
  inner[last] = value
}

/** What stands in the input. A share is shown in per cent, because that is how people say it. */
export function shown(field: Field, value: unknown): string {
  if (value === null || value === undefined) return ''
  if (field.kind === 'list') return (value as string[]).join(', ')
  return field.kind === 'share' ? String(+(Number(value) * 100).toFixed(4)) : String(value)
}

/** What the input says; `null` for nothing. A number that is none stays a text, so that the server can say so. */
export function taken(field: Field, text: string): unknown {
  const trimmed = text.trim()
  if (field.kind === 'list') return trimmed.split(/[,，、;；\s]+/).filter(Boolean)
  if (!trimmed) return null
  const number = Number(trimmed)
  if (Number.isNaN(number)) return trimmed
  if (field.kind === 'whole' || field.kind === 'decimal') return number
  return field.kind === 'share' ? String(+(number / 100).toFixed(6)) : trimmed
}
