import { readdirSync, readFileSync } from 'node:fs'
import { join, posix, sep } from 'node:path'
import { parseSync } from 'oxc-parser'
import type { FileGraph } from './room-graph.ts'

/**
 * What the TypeScript files below a folder import from each other: imports, re-exports and dynamic imports, of types too.
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
    ...module.staticImports.map(one => one.moduleRequest.value),
    ...module.staticExports.flatMap(one => one.entries.flatMap(entry => entry.moduleRequest?.value ?? [])),
    ...module.dynamicImports.flatMap(({ moduleRequest }) => literal(text, moduleRequest)),
  ]
}

/** A dynamic import of anything but a plain string cannot be followed. */
function literal(text: string, { start, end }: { readonly start: number; readonly end: number }): string[] {
  return /^(['"])(.*)\1$/.exec(text.slice(start, end))?.slice(2, 3) ?? []
}
