import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

/**
 * A package that is loaded when it is first used, because most commands need none of the larger ones. It is for a
 * function that cannot wait for a dynamic import. The types come from `import type`. Node keeps what it has loaded.
 */
export function onFirstUse<Package>(name: string): () => Package {
  let file: string | undefined
  return () => {
    file ??= bundled(name) ?? name
    return load(file) as Package
  }
}

/** The built program has some of them beside itself, in one small file each (`scripts/bundle.ts`). */
function bundled(name: string): string | undefined {
  const file = fileURLToPath(new URL(`package-${name.replaceAll('/', '-')}.cjs`, import.meta.url))
  return existsSync(file) ? file : undefined
}

const load = createRequire(import.meta.url)
