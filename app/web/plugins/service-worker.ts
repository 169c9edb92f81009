import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Plugin, Rolldown } from 'vite'

const SOURCE = new URL('../src/service-worker.js', import.meta.url)
const ALWAYS = ['/icons/icon.svg', '/manifest.webmanifest']

/**
 * Emits `service-worker.js` with the list of what the phone needs without a network: everything reachable from the
 * entry and from the pages of `src/phone` and of one's account, and nothing of the desks. The list's hash names the cache.
 */
export function serviceWorker(): Plugin {
  return {
    name: 'service-worker',
    apply: 'build',
    enforce: 'post', // after the page itself is written
    generateBundle(_options, bundle) {
      const files = [...phoneFiles(bundle)].sort().map((name) => `/${name}`)
      const index = bundle['index.html']
      const shell = index && 'source' in index ? String(index.source) : ''
      const source = readFileSync(SOURCE, 'utf8')
      const version = createHash('sha256').update(JSON.stringify(files)).update(shell).update(source).digest('hex').slice(0, 16)
      this.emitFile({
        type: 'asset',
        fileName: 'service-worker.js',
        source: source.replace("'__VERSION__'", JSON.stringify(version)).replace('[/* __FILES__ */]', JSON.stringify([...ALWAYS, ...files])),
      })
    },
  }
}

function phoneFiles(bundle: Rolldown.OutputBundle): Set<string> {
  const found = new Set<string>()
  const styles = new Map<string, string>() // those of a chunk bear its name
  for (const one of Object.values(bundle)) if (one.type === 'asset') for (const name of one.names) if (name.endsWith('.css')) styles.set(name, one.fileName)
  const add = (name: string): void => {
    const chunk = bundle[name]
    if (!chunk || found.has(name)) return
    found.add(name)
    if (chunk.type !== 'chunk') return
    const style = styles.get(`${chunk.name}.css`)
    if (style) found.add(style)
    for (const one of chunk.imports) add(one)
  }
  for (const chunk of Object.values(bundle)) {
    if (chunk.type === 'asset') {
      if (/worker.*\.js$/.test(chunk.fileName)) found.add(chunk.fileName)
      continue
    }
    const from = chunk.facadeModuleId ?? ''
    if (chunk.isEntry || /\/src\/(phone|pages|account|core)\//.test(from)) add(chunk.fileName)
  }
  return found
}
