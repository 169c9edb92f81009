/** The answer that earns all of an item. */
import { type Answer, earned, type Item, type Value } from '@/core/checklist.ts'
import { ONE } from '@/core/fraction.ts'

export function bestOf(item: Item): Answer {
  const found = candidates(item).find((value) => earned(item, value)?.compare(ONE) === 0)
  return found === undefined ? {} : { value: found }
}

function candidates(item: Item): Value[] {
  switch (item.type) {
    case 'yes_no':
      return [true, false]
    case 'choice':
      return item.options.map((one) => one.code)
    case 'rating':
      return [item.highest]
    case 'number':
      return [item.minimum, ...item.bands.map((one) => one.up_to), String(item.maximum ?? Number(item.bands.at(-1)?.up_to ?? 0) + 1)]
    case 'deductions':
      return [0]
    default:
      return []
  }
}
