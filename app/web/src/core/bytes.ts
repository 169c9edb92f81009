/** The page's side of the worker that keeps large files. */
import type { Report, Wish } from './bytes.worker'

export const PART_BYTES = 5 * 1024 * 1024 // as the server cuts files; asked again should it say otherwise

export interface Digest {
  readonly size: number
  readonly sha256: string
  readonly md5s: string[]
}

/** There was no room for it on the phone. */
export class NoRoom extends Error {}

export class Bytes {
  private readonly folder: string
  private readonly worker = new Worker(new URL('./bytes.worker.ts', import.meta.url), { type: 'module' })
  private readonly waiting: { wish: Wish; progress: (done: number, all: number) => void; resolve: (digest: Digest) => void; reject: (error: Error) => void }[] = []

  constructor(folder: string) {
    this.folder = folder
    this.worker.addEventListener('message', (event: MessageEvent<Report>) => this.hear(event.data))
  }

  store(name: string, file: Blob, progress: (done: number, all: number) => void = () => undefined): Promise<Digest> {
    return this.ask({ kind: 'store', folder: this.folder, name, file, partBytes: PART_BYTES }, progress)
  }
  hash(name: string, partBytes = PART_BYTES): Promise<Digest> {
    return this.ask({ kind: 'hash', folder: this.folder, name, partBytes })
  }
  append(name: string, chunk: Blob): Promise<Digest> {
    return this.ask({ kind: 'append', folder: this.folder, name, chunk })
  }
  close(name: string): Promise<Digest> {
    return this.ask({ kind: 'close', folder: this.folder, name })
  }

  /** The bytes as a file, for a player or an upload; nothing is read yet. */
  async file(name: string): Promise<File> {
    return (await (await this.directory()).getFileHandle(name)).getFile()
  }
  async remove(name: string): Promise<void> {
    await (await this.directory()).removeEntry(name).catch(() => undefined)
  }
  async names(): Promise<string[]> {
    const names: string[] = []
    for await (const name of (await this.directory()).keys()) names.push(name)
    return names
  }
  end(): void {
    this.worker.terminate()
  }

  private async directory(): Promise<FileSystemDirectoryHandle> {
    return (await navigator.storage.getDirectory()).getDirectoryHandle(this.folder, { create: true })
  }

  private ask(wish: Wish, progress: (done: number, all: number) => void = () => undefined): Promise<Digest> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ wish, progress, resolve, reject })
      this.worker.postMessage(wish)
    })
  }

  private hear(report: Report): void {
    const [first] = this.waiting
    if (!first) return
    if (report.kind === 'progress') return first.progress(report.done, report.all)
    this.waiting.shift()
    if (report.kind === 'done') return first.resolve(report)
    first.reject(report.name === 'QuotaExceededError' ? new NoRoom(report.message) : new Error(`${report.name}: ${report.message}`))
  }
}
