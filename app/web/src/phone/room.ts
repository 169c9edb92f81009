/** How much may still be kept. The browser's estimate is a quota, not the free disk: a guard, never a promise. */
export const NO_SPACE_BYTES = 500_000_000

export async function roomLeft(): Promise<number | null> {
  const estimate = await navigator.storage?.estimate?.().catch(() => null)
  if (!estimate?.quota) return null
  return Math.max(0, estimate.quota - (estimate.usage ?? 0))
}
