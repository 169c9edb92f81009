/** Parts of the picture to be hidden: rectangles of a picture that is one wide and one high, each for a stretch of time. */
import { computed, ref, shallowRef } from 'vue'
import type { Schemas } from '@/api/client'

export type Blur = Schemas['BlurIn']
type Rectangle = Pick<Blur, 'left' | 'top' | 'width' | 'height'>

const LEAST = 0.02 // of the picture: smaller hides nothing and cannot be taken hold of
const USUAL_MS = 5_000

const within = (value: number, least: number, most: number): number => Math.min(most, Math.max(least, value))
const kept = (value: number): number => Number(value.toFixed(4))

/** Inside of the picture, and not too small to be seen. */
export function fitted({ left, top, width, height }: Rectangle): Rectangle {
  const [wide, high] = [within(width, LEAST, 1), within(height, LEAST, 1)]
  const at = { left: kept(within(left, 0, 1 - wide)), top: kept(within(top, 0, 1 - high)) }
  // Rounded down, so that the two together never reach over the edge.
  return { ...at, width: Math.min(kept(wide), kept(1 - at.left)), height: Math.min(kept(high), kept(1 - at.top)) }
}

export function plainBlur({ start_ms, end_ms, left, top, width, height }: Blur): Blur {
  return { start_ms, end_ms, left, top, width, height }
}

export function useBlurring() {
  const blurs = shallowRef<readonly Blur[]>([])
  /** In the rendition as it is: also the faces that were found. */
  const hidden = shallowRef<readonly Blur[]>([])
  const chosen = ref<number | null>(null)
  const drawing = ref(false)
  const editable = ref(false)

  function add(shape: Rectangle, at_s: number, length_s: number): void {
    const start_ms = Math.round(at_s * 1000)
    const end_ms = Math.max(start_ms + 1, Math.min(Math.floor(length_s * 1000) || Infinity, start_ms + USUAL_MS))
    blurs.value = [...blurs.value, { start_ms, end_ms, ...fitted(shape) }]
    ;[chosen.value, drawing.value] = [blurs.value.length - 1, false]
  }

  function change(at: number, to: Partial<Blur>): void {
    blurs.value = blurs.value.map((one, index) => (index === at ? { ...one, ...to, ...fitted({ ...one, ...to }) } : one))
  }

  function drop(at: number): void {
    blurs.value = blurs.value.filter((_, index) => index !== at)
    chosen.value = null
  }

  function load(some: readonly Blur[], found: readonly Blur[]): void {
    ;[blurs.value, hidden.value, chosen.value, drawing.value] = [some.map(plainBlur), found, null, false]
  }

  return { blurs: computed({ get: () => blurs.value, set: (some) => (blurs.value = some) }), hidden, chosen, drawing, editable, add, change, drop, load }
}

export type Blurring = ReturnType<typeof useBlurring>
