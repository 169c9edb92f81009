/** A week's hours as people write them: `09:00-12:00, 13:00-18:00` for each day, nothing for a day off. */
export const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const
export type Day = (typeof DAYS)[number]
export type Week = Record<Day, string>
export interface Span {
  readonly from: string
  readonly to: string
}

export function weekOf(spans: (day: Day) => readonly Span[]): Week {
  return Object.fromEntries(DAYS.map((day) => [day, spans(day).map((one) => `${one.from}-${one.to}`).join(', ')])) as Week
}

/** `null` for what is not written so. */
export function spansOf(text: string): Span[] | null {
  const parts = text.split(/[,，;；]/).map((one) => one.trim()).filter(Boolean)
  const found = parts.map((one) => /^(\d{1,2}:\d\d)\s*[-–—~至]\s*(\d{1,2}:\d\d)$/.exec(one))
  if (found.some((one) => one === null)) return null
  return found.map((one) => ({ from: padded(one?.[1]), to: padded(one?.[2]) }))
}

function padded(time = ''): string {
  return time.padStart(5, '0')
}
