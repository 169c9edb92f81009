/**
 * Carrying a visit to another cell: with the mouse or a pen, or by keys (space picks up, arrows choose, enter puts
 * down, escape lets go). Fingers scroll; they use the dialog. The cell below tells what would happen before the drop.
 */
import { computed, onScopeDispose, ref, shallowRef } from 'vue'

export interface Cell {
  readonly inspector: string
  readonly on: string
}

interface Grid {
  /** In the order of the screen. */
  readonly inspectors: () => readonly string[]
  readonly days: () => readonly string[]
  readonly pick: () => void
  readonly drop: (cell: Cell) => void
  readonly cancel: () => void
}

const FIRM_PX = 6

export function useCarrying<T>(grid: Grid) {
  const carried = shallowRef<T | null>(null)
  const mode = ref<'pointer' | 'keys' | null>(null)
  const over = shallowRef<Cell | null>(null)
  const at = ref({ x: 0, y: 0 })
  let held: { what: T; x: number; y: number } | null = null
  let justDropped = false

  function press(event: PointerEvent, what: T): void {
    if (event.button !== 0 || event.pointerType === 'touch' || mode.value) return
    held = { what, x: event.clientX, y: event.clientY }
    listen(true)
  }

  function moved(event: PointerEvent): void {
    if (!held) return
    if (!mode.value) {
      if (Math.hypot(event.clientX - held.x, event.clientY - held.y) < FIRM_PX) return
      ;[carried.value, mode.value] = [held.what, 'pointer']
      grid.pick()
    }
    event.preventDefault()
    at.value = { x: event.clientX, y: event.clientY }
    over.value = cellAt(event)
  }

  function released(): void {
    const cell = over.value
    const wasCarrying = mode.value === 'pointer'
    held = null
    listen(false)
    if (!wasCarrying) return
    justDropped = true // the click that follows the release opens nothing
    setTimeout(() => (justDropped = false))
    if (cell) grid.drop(cell)
    else cancel()
  }

  function lift(what: T, from: Cell | null): void {
    ;[carried.value, mode.value] = [what, 'keys']
    over.value = from ?? { inspector: grid.inspectors()[0] ?? '', on: grid.days()[0] ?? '' }
    addEventListener('keydown', typed, true)
    grid.pick()
  }

  function typed(event: KeyboardEvent): void {
    const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key]
    if (!step && !['Enter', ' ', 'Escape', 'Tab'].includes(event.key)) return
    event.preventDefault()
    event.stopPropagation()
    if (event.key === 'Escape' || event.key === 'Tab') cancel()
    else if (!step && over.value && mode.value === 'keys') grid.drop(over.value)
    else if (step && over.value) over.value = { inspector: moveIn(grid.inspectors(), over.value.inspector, step[0] ?? 0), on: moveIn(grid.days(), over.value.on, step[1] ?? 0) }
  }

  function moveIn(all: readonly string[], one: string, by: number): string {
    return all[Math.min(all.length - 1, Math.max(0, all.indexOf(one) + by))] ?? one
  }

  function end(): void {
    ;[carried.value, mode.value, over.value, held] = [null, null, null, null]
    removeEventListener('keydown', typed, true)
    listen(false)
  }

  function cancel(): void {
    end()
    grid.cancel()
  }

  function listen(on: boolean): void {
    const change = on ? addEventListener : removeEventListener
    change('pointermove', moved as EventListener)
    change('pointerup', released as EventListener)
    change('pointercancel', cancel as EventListener)
    if (on) addEventListener('keydown', escaped, true)
    else removeEventListener('keydown', escaped, true)
  }

  function escaped(event: KeyboardEvent): void {
    if (event.key === 'Escape' && mode.value === 'pointer') cancel()
  }

  onScopeDispose(end)
  return { carried: computed(() => carried.value), mode, over, at, press, lift, end, cancel, swallowsClick: () => justDropped }
}

function cellAt(event: PointerEvent): Cell | null {
  const found = document.elementFromPoint(event.clientX, event.clientY)?.closest<HTMLElement>('[data-inspector][data-on]')
  return found ? { inspector: found.dataset.inspector ?? '', on: found.dataset.on ?? '' } : null
}
