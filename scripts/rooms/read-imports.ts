import { readdirSync, readFileSync } from 'node:fs'
import { join, posix, sep } from 'node:path'
import { parseSync } from 'oxc-parser'
import type { FileGraph } from './room-graph.ts'

/** What the files of a folder import. */
export interface Imports {
  /** From each other. */
  readonly files: FileGraph
  /** Packages, and modules of Node such as `node:net`, by the importing file. */
  readonly packages: FileGraph
}

/**
 * Reads what the TypeScript files in a folder import, by imports, re-exports and dynamic imports, also of types.
 * @throws Error when a file cannot be parsed
 */
export function readImports(folder: string): Imports {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map(path => path.split(sep).join('/'))
    .filter(path => path.endsWith('.ts'))
    .sort()
  const known = new Set(names)
  const specifiers = names.map(
    file => [file, specifiersIn(file, readFileSync(join(folder, file), 'utf8'))] as const,
  )
  const isRelative = (specifier: string) => specifier.startsWith('.')
  return {
    files: new Map(
      specifiers.map(([file, all]) => {
        const targets = all.filter(isRelative).map(one => posix.join(posix.dirname(file), one))
        return [file, [...new Set(targets)].filter(target => known.has(target))]
      }),
    ),
    packages: new Map(specifiers.map(([file, all]) => [file, all.filter(one => !isRelative(one))])),
  }
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
