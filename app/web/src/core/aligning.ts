/**
 * Where a recording that was made elsewhere lies in time. What a file says of itself is read from it: MP4, M4A, MOV and
 * 3GP carry when they were made. iPhones write their beginning there, Android phones their end; a file that was shared
 * or copied was last written whenever that was.
 */

const SECONDS_FROM_1904 = 2_082_844_800
const HEAD_BYTES = 16
const MOST_BOXES = 1_000 // at one level; a file with more is not one that a recorder wrote
const SAME_MS = 60_000 // clocks of files go by seconds, and closing a long film takes some

export type Span = readonly [from: number, to: number]

/** When the file says it was made, in milliseconds since 1970; null when it does not say. */
export async function madeAt(file: Blob): Promise<number | null> {
  const movie = await box(file, 'moov', 0, file.size)
  const head = movie && (await box(file, 'mvhd', ...movie))
  if (!head) return null
  const bytes = new DataView(await file.slice(head[0], head[0] + 12).arrayBuffer())
  if (bytes.byteLength < 12) return null
  const seconds = bytes.getUint8(0) === 1 ? Number(bytes.getBigUint64(4)) : bytes.getUint32(4)
  return seconds > SECONDS_FROM_1904 ? (seconds - SECONDS_FROM_1904) * 1000 : null
}

/** Where the content of the first such box lies between two places of the file. */
async function box(file: Blob, wanted: string, from: number, to: number): Promise<Span | null> {
  for (let [at, seen] = [from, 0]; at + 8 <= to && seen < MOST_BOXES; seen++) {
    const head = new DataView(await file.slice(at, at + HEAD_BYTES).arrayBuffer())
    if (head.byteLength < 8) return null
    const isLong = head.getUint32(0) === 1 && head.byteLength === HEAD_BYTES
    const size = isLong ? Number(head.getBigUint64(8)) : head.getUint32(0) || to - at
    const inside = at + (isLong ? 16 : 8)
    if (at + size < inside) return null
    const kind = String.fromCharCode(...[4, 5, 6, 7].map((place) => head.getUint8(place)))
    if (kind === wanted) return [inside, Math.min(to, at + size)]
    at += size
  }
  return null
}

/** When it began: by what it says, seen beside when it was last written and when the inspector was inside. */
export function beganAt(file: { madeMs: number | null; writtenMs: number; durationMs: number }, stays: readonly Span[]): number {
  const { madeMs, writtenMs, durationMs } = file
  const byEnd = writtenMs - durationMs
  if (madeMs === null) return byEnd
  const [fromBeginning, fromEnd] = [Math.abs(byEnd - madeMs), Math.abs(writtenMs - madeMs)]
  if (Math.min(fromBeginning, fromEnd) <= SAME_MS) return fromEnd < fromBeginning ? madeMs - durationMs : madeMs
  const [begun, ended] = [madeMs, madeMs - durationMs].map((from) => shared([from, from + durationMs], stays)) as [number, number]
  return ended > begun ? madeMs - durationMs : madeMs
}

function shared([from, to]: Span, stays: readonly Span[]): number {
  return stays.reduce((total, [begin, end]) => total + Math.max(0, Math.min(to, end) - Math.max(from, begin)), 0)
}
