/**
 * UUIDv7 (RFC 9562): ids that sort by the time they were made, so that what a phone makes keeps its order.
 * Within one millisecond a counter in the bits after the version keeps them apart and in order.
 */
let lastMs = 0
let counter = 0

export function newId(now: number = Date.now()): string {
  const random = crypto.getRandomValues(new Uint8Array(16))
  counter = now > lastMs ? (((random[6] as number) & 0x03) << 8) | (random[7] as number) : counter + 1
  lastMs = Math.max(now, lastMs)
  if (counter > 0xfff) [lastMs, counter] = [lastMs + 1, 0]
  for (let i = 0; i < 6; i++) random[i] = Math.floor(lastMs / 2 ** (8 * (5 - i))) & 0xff
  random[6] = 0x70 | (counter >> 8)
  random[7] = counter & 0xff
  random[8] = 0x80 | ((random[8] as number) & 0x3f)
  const hex = [...random].map((byte) => byte.toString(16).padStart(2, '0')).join('')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}
