import { readdirSync, readFileSync } from 'node:fs'
import { join, posix, sep } from 'node:path'
import { parseSync } from 'oxc-parser'
import type { FileGraph } from './room-graph.ts'

/**
 * Reads which TypeScript files in a folder import each other, by imports, re-exports and dynamic imports, also of
 * types.
 * @throws Error when a file cannot be parsed
 */
export function readImports(folder: string): FileGraph {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map(path => path.split(sep).join('/'))
    .filter(path => path.endsWith('.ts'))
    .sort()
  const known = new Set(files)
  return new Map(
    files.map(file => {
      const targets = specifiersIn(file, readFileSync(join(folder, file), 'utf8'))
        .filter(specifier => specifier.startsWith('.'))
        .map(specifier => posix.join(posix.dirname(file), specifier))
      return [file, [...new Set(targets)].filter(target => known.has(target))]
    }),
  )
}

function specifiersIn(file: string, text: string): string[] {
  const { module, errors } = parseSync(file, text)
  const [error] = errors
  if (error) throw new Error(`${file}: ${error.message}`)
  return [
    ...module.staticImports.map(({ moduleRequest }) => moduleRequest.value),
    ...module.staticExports.flatMap(({ entries }) =>
      entries.flatMap(entry => entry.moduleRequest?.value ?? []),
    ),
    ...module.dynamicImports.flatMap(({ moduleRequest }) => literal(text, moduleRequest)),
  ]
}

/** The text of a plain string; a dynamic import of anything else cannot be followed. */
function literal(text: string, { start, end }: { readonly start: number; readonly end: number }): string[] {
  return /^(['"])(.*)\1$/.exec(text.slice(start, end))?.slice(2, 3) ?? []
}
