import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import type { Settings } from './program.ts'

/** The blocks of a guide, as its readers copy them. */
export interface Guide {
  /** @param begin how the block begins, or what it has in one of its lines */
  block(kind: 'sql' | 'yaml' | 'perl' | '', begin: string): string
  /** The arguments of the commands of amavis-digest in a block, in order; double quotes keep words together. */
  commands(begin: string): string[][]
  /** A block of YAML, with the port of the test's own database server. */
  settings(begin: string, port: number): Settings
}

/** @param name of a file in `docs/guides`, without its ending */
export function readGuide(name: string): Guide {
  const text = readFileSync(new URL(`../../docs/guides/${name}.md`, import.meta.url), 'utf8')
  const block: Guide['block'] = (kind, begin) => {
    const blocks = text.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)
    const found = [...blocks].find(([, language, inner = '']) => language === kind && inner.includes(begin))
    if (found?.[2] === undefined) throw new Error(`${name}.md has no block of ${kind} with ${begin}`)
    return found[2]
  }
  return {
    block,
    commands: begin =>
      [...block('', begin).matchAll(/^(?:runuser -u amavis-digest -- )?amavis-digest ([^#\n]+)/gm)].map(
        ([, words = '']) => [...words.matchAll(/"([^"]*)"|\S+/g)].map(([word, quoted]) => quoted ?? word),
      ),
    settings: (begin, port) => parse(block('yaml', begin).replaceAll(/:(?:3306|5432)\//g, `:${port}/`)),
  }
}
