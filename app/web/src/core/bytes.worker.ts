/**
 * Large files, off the page's thread: copied into the private file system (OPFS) with synchronous handles, which every
 * browser has, and hashed on the way. SHA-256 is of the whole file; MD5s are of the parts in which it will travel.
 */
import { createMD5, createSHA256, type IHasher } from 'hash-wasm'

export type Wish =
  | { kind: 'store'; folder: string; name: string; file: Blob; partBytes: number }
  | { kind: 'hash'; folder: string; name: string; partBytes: number }
  | { kind: 'append'; folder: string; name: string; chunk: Blob }
  | { kind: 'close'; folder: string; name: string }
export type Report = { kind: 'progress'; done: number; all: number } | { kind: 'done'; size: number; sha256: string; md5s: string[] } | { kind: 'failed'; name: string; message: string }

const SLICE_BYTES = 2 * 1024 * 1024
const open = new Map<string, FileSystemSyncAccessHandle>()

/** The whole and its parts, fed slice by slice. */
class Digester {
  readonly md5s: string[] = []
  private readonly partBytes: number
  private readonly whole: IHasher
  private readonly part: IHasher
  private inPart = 0

  private constructor(partBytes: number, whole: IHasher, part: IHasher) {
    this.partBytes = partBytes
    this.whole = whole.init()
    this.part = part.init()
  }

  static async make(partBytes: number): Promise<Digester> {
    return new Digester(partBytes, await createSHA256(), await createMD5())
  }

  update(bytes: Uint8Array): void {
    this.whole.update(bytes)
    for (let at = 0; at < bytes.length; ) {
      const taken = Math.min(bytes.length - at, this.partBytes - this.inPart)
      this.part.update(bytes.subarray(at, at + taken))
      this.inPart += taken
      at += taken
      if (this.inPart === this.partBytes) this.endPart()
    }
  }

  finish(): { sha256: string; md5s: string[] } {
    if (this.inPart) this.endPart()
    return { sha256: this.whole.digest(), md5s: this.md5s }
  }

  private endPart(): void {
    this.md5s.push(this.part.digest())
    this.part.init()
    this.inPart = 0
  }
}

async function handleOf(folder: string, name: string): Promise<FileSystemSyncAccessHandle> {
  const root = await navigator.storage.getDirectory()
  const directory = await root.getDirectoryHandle(folder, { create: true })
  return (await directory.getFileHandle(name, { create: true })).createSyncAccessHandle()
}

async function store(wish: Extract<Wish, { kind: 'store' }>): Promise<Report> {
  const handle = await handleOf(wish.folder, wish.name)
  try {
    handle.truncate(0)
    const digester = await Digester.make(wish.partBytes)
    for (let at = 0; at < wish.file.size; at += SLICE_BYTES) {
      const bytes = new Uint8Array(await wish.file.slice(at, at + SLICE_BYTES).arrayBuffer())
      for (let written = 0; written < bytes.length; ) written += handle.write(bytes.subarray(written), { at: at + written })
      digester.update(bytes)
      postMessage({ kind: 'progress', done: at + bytes.length, all: wish.file.size } satisfies Report)
    }
    handle.flush()
    return { kind: 'done', size: wish.file.size, ...digester.finish() }
  } finally {
    handle.close()
  }
}

async function hash(wish: Extract<Wish, { kind: 'hash' }>): Promise<Report> {
  const handle = await handleOf(wish.folder, wish.name)
  try {
    const [size, digester, buffer] = [handle.getSize(), await Digester.make(wish.partBytes), new Uint8Array(SLICE_BYTES)]
    for (let at = 0; at < size; ) {
      const read = handle.read(buffer, { at })
      digester.update(buffer.subarray(0, read))
      at += read
    }
    return { kind: 'done', size, ...digester.finish() }
  } finally {
    handle.close()
  }
}

/** What was recorded so far is on the disk after each chunk: a page that is killed loses the last seconds alone. */
async function append(wish: Extract<Wish, { kind: 'append' }>): Promise<Report> {
  const key = `${wish.folder}/${wish.name}`
  let handle = open.get(key)
  if (!handle) open.set(key, (handle = await handleOf(wish.folder, wish.name)))
  const bytes = new Uint8Array(await wish.chunk.arrayBuffer())
  handle.write(bytes, { at: handle.getSize() })
  handle.flush()
  return { kind: 'done', size: handle.getSize(), sha256: '', md5s: [] }
}

function close(wish: Extract<Wish, { kind: 'close' }>): Report {
  const key = `${wish.folder}/${wish.name}`
  open.get(key)?.close()
  open.delete(key)
  return { kind: 'done', size: 0, sha256: '', md5s: [] }
}

// One wish at a time: a file has one handle at most.
let line: Promise<void> = Promise.resolve()
addEventListener('message', (event: MessageEvent<Wish>) => {
  line = line.then(async () => {
    try {
      postMessage(await fulfil(event.data))
    } catch (error) {
      const { name, message } = error as DOMException
      postMessage({ kind: 'failed', name, message } satisfies Report)
    }
  })
})

function fulfil(wish: Wish): Promise<Report> | Report {
  switch (wish.kind) {
    case 'store':
      return store(wish)
    case 'hash':
      return hash(wish)
    case 'append':
      return append(wish)
    case 'close':
      return close(wish)
  }
}
