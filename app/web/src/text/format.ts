/** Dates, times and quantities as people write them, in the language of the moment. */
import { tag } from '.'

export const DASH = '—'

export function day(iso: string, options: Intl.DateTimeFormatOptions = { month: 'long', day: 'numeric', weekday: 'short' }): string {
  // A date without a time is a day of the outlet, not an instant (D5.3): it must not move with the reader's zone.
  const whole = iso.length === 10 ? { date: new Date(`${iso}T00:00:00Z`), zone: { timeZone: 'UTC' } } : { date: new Date(iso), zone: {} }
  return new Intl.DateTimeFormat(tag(), { ...options, ...whole.zone }).format(whole.date)
}

export function time(at: string | number | Date, seconds = false): string {
  return new Intl.DateTimeFormat(tag(), { hour: '2-digit', minute: '2-digit', hourCycle: 'h23', ...(seconds ? { second: '2-digit' } : {}) }).format(new Date(at))
}

export function moment(at: string | number | Date): string {
  return new Intl.DateTimeFormat(tag(), { month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(new Date(at))
}

/** `1:02:03` or `4:05`. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds))
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60]
  const two = (value: number): string => String(value).padStart(2, '0')
  return h ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`
}

export function bytes(count: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  let [value, unit] = [count, 0]
  while (value >= 1000 && unit < units.length - 1) [value, unit] = [value / 1000, unit + 1]
  return `${new Intl.NumberFormat(tag(), { maximumFractionDigits: value < 10 && unit > 1 ? 1 : 0 }).format(value)} ${units[unit]}`
}

export function metres(count: number): string {
  if (count < 950) return `${new Intl.NumberFormat(tag()).format(Math.round(count / 10) * 10)} m`
  return `${new Intl.NumberFormat(tag(), { maximumFractionDigits: count < 9_500 ? 1 : 0 }).format(count / 1000)} km`
}

/** A score for people's eyes: two decimals, half up as the engine rounds (D3.5); a dash when there is none. */
export function score(value: string | number | null | undefined): string {
  if (value === null || value === undefined) return DASH
  return new Intl.NumberFormat(tag(), { minimumFractionDigits: 2, maximumFractionDigits: 2 }).format(Number(value))
}

export function percent(fraction: number, digits = 0): string {
  return new Intl.NumberFormat(tag(), { style: 'percent', maximumFractionDigits: digits }).format(fraction)
}
