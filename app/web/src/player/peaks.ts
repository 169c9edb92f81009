/** The shape of a recording's sound, as the pipeline writes it (the JSON of audiowaveform, version 2). */

export interface Peaks {
  readonly sample_rate: number
  readonly samples_per_pixel: number
  readonly bits: number
  readonly length: number
  readonly data: readonly number[]
}

export interface Stretch {
  readonly from: number
  readonly to: number
}

const SILENT = 0.012 // of full scale: about −38 dB, below what a hall with people in it makes
const SHORTEST_S = 3 // a pause between two sentences is no gap
const EDGE_S = 0.4 // what is left of a silence, so that the next word is not cut

/** The loudest of each of `count` columns, between 0 and 1. */
export function columns(peaks: Peaks, count: number): number[] {
  const full = 2 ** (peaks.bits - 1)
  return Array.from({ length: count }, (_, column) => {
    const first = Math.floor((column * peaks.length) / count)
    const beyond = Math.max(first + 1, Math.floor(((column + 1) * peaks.length) / count))
    let loudest = 0
    for (let at = first; at < Math.min(beyond, peaks.length); at++) loudest = Math.max(loudest, loudness(peaks, at))
    return Math.min(1, loudest / full)
  })
}

/** Where nothing is to be heard for a while: silence, or what a reviewer muted. In seconds. */
export function silences(peaks: Peaks): Stretch[] {
  const limit = SILENT * 2 ** (peaks.bits - 1)
  const seconds = peaks.samples_per_pixel / peaks.sample_rate
  const found: Stretch[] = []
  let began: number | null = null
  for (let at = 0; at <= peaks.length; at++) {
    const silent = at < peaks.length && loudness(peaks, at) < limit
    if (silent) began ??= at
    else if (began !== null) {
      if ((at - began) * seconds >= SHORTEST_S) found.push({ from: began * seconds, to: at * seconds })
      began = null
    }
  }
  return found
}

/** Where to go on when `at` lies in a silence; null when it does not, or when too little of it is left. */
export function afterSilence(stretches: readonly Stretch[], at: number): number | null {
  const here = stretches.find((one) => at >= one.from + EDGE_S && at < one.to - EDGE_S)
  return here ? here.to - EDGE_S : null
}

function loudness(peaks: Peaks, at: number): number {
  return Math.max(Math.abs(peaks.data[2 * at] ?? 0), Math.abs(peaks.data[2 * at + 1] ?? 0))
}
