/** Addresses of pictures kept on the phone: one for each, however often it is shown. */
const known = new WeakMap<Blob, string>()

export function addressOf(picture: Blob): string {
  const address = known.get(picture) ?? URL.createObjectURL(picture)
  known.set(picture, address)
  return address
}
