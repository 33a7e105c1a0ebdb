import { readFileSync, statSync } from 'node:fs'
import { type Document, LineCounter, parseDocument } from 'yaml'
import { CodedError } from '../errors.ts'
import { DEFAULT_CONFIG_FILE, namedConfigFile } from './config-file.ts'
import { readEnvironment, type Setting, secretFilesIn } from './environment.ts'
import { type Fault, faultMessages, lineOf } from './faults.ts'
import { filesNamedIn, requireRootsAlone } from './files-for-root.ts'
import { openPasswords } from './open-passwords.ts'
import { OPTIONS } from './options.ts'
import { type Config, configSchema } from './schema.ts'

/**
 * Reads the configuration from its file and from the environment, which takes precedence.
 *
 * @param file from the command line; otherwise AMAVIS_DIGEST_CONFIG; otherwise the default path, where the file may be
 *   missing if the environment sets everything
 * @param warn gets a sentence for a person if other users can read passwords
 * @throws CodedError USAGE when the file's name is empty, CONFIG_INVALID whose message lists every fault with its line;
 *   for root also CONFIG_UNSAFE when others could change the file, or another file that it names
 */
export function loadConfig(
  file: string | undefined,
  env: NodeJS.ProcessEnv,
  warn: (sentence: string) => void = () => {},
): Config {
  const named = namedConfigFile(file, env)
  const path = named ?? DEFAULT_CONFIG_FILE
  requireRootsAlone([{ path, kind: 'secret' }, ...secretFilesIn(env)])
  const isThere = mayBeThere(path)
  if (named !== undefined && !isThere) {
    throw invalid(path, [{ place: path, message: 'no such file; amavis-digest init writes one' }])
  }
  const text = isThere ? readText(path) : ''
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines })
  const environment = readEnvironment(env)
  const faults: Fault[] = [
    ...document.errors.map(error => ({
      place: `${path}:${lines.linePos(error.pos[0]).line}`,
      message: error.message.split('\n')[0] ?? 'unreadable',
    })),
    ...environment.faults,
  ]
  if (document.errors.length > 0) throw invalid(path, faults)

  const content = contentOf(document, path)
  const input = overlay(content, environment.settings)
  const parsed = configSchema.safeParse(input)
  if (parsed.success && faults.length === 0) {
    requireRootsAlone(filesNamedIn(parsed.data))
    const warning = openPasswords(path, content)
    if (warning !== undefined) warn(warning)
    return deepFreeze(parsed.data)
  }

  const place = (issuePath: readonly PropertyKey[]) =>
    environment.settings.find(setting => setting.path.every((key, depth) => issuePath[depth] === key))
      ?.source ?? `${path}:${lineOf(document, lines, issuePath)}`
  for (const issue of parsed.error?.issues ?? []) {
    const at = (key: string) => (issue.code === 'unrecognized_keys' ? [...issue.path, key] : issue.path)
    const keys = issue.code === 'unrecognized_keys' ? issue.keys : ['']
    faultMessages(issue, input).forEach((message, index) => {
      faults.push({ place: place(at(keys[index] ?? '')), message })
    })
  }
  throw invalid(path, faults)
}

/** A file in a folder that we may not enter may be there. To read it tells why it cannot be read. */
function mayBeThere(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false }) !== undefined
  } catch {
    return true
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw invalid(path, [{ place: path, message: `cannot be read: ${reason}` }])
  }
}

/** Only here does YAML report an alias without an anchor, such as `cron: *foo` without its quotes. */
function contentOf(document: Document, path: string): unknown {
  try {
    return document.toJS()
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    throw invalid(path, [{ place: path, message: `${message}. A value that begins with * needs quotes` }])
  }
}

function overlay(document: unknown, settings: readonly Setting[]): unknown {
  if (document !== null && !isRecord(document)) return document
  const root = withEmptySections(document ?? {})
  for (const { path, value } of settings) {
    const parents = path.slice(0, -1)
    const section = parents.reduce<Record<string, unknown>>((parent, key) => {
      const existing = parent[key]
      if (isRecord(existing)) return existing
      const created: Record<string, unknown> = {}
      parent[key] = created
      return created
    }, root)
    const last = path.at(-1)
    if (last !== undefined) section[last] = value
  }
  return root
}

/** A section whose keys are all commented out is null in YAML; it stands for a section with all its defaults. */
function withEmptySections(document: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(structuredClone(document)).map(([key, value]) =>
      value === null && SECTIONS.has(key) ? [key, {}] : [key, value],
    ),
  )
}

const SECTIONS = new Set(OPTIONS.filter(option => option.path.length > 1).map(option => option.path[0]))

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function invalid(path: string, faults: readonly Fault[]): CodedError {
  const list = faults.map(fault => `  ${fault.place}: ${fault.message}`).join('\n')
  const count = faults.length === 1 ? '1 fault' : `${faults.length} faults`
  return new CodedError('CONFIG_INVALID', `The configuration ${path} has ${count}:\n${list}`)
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    for (const part of Object.values(value)) deepFreeze(part)
    Object.freeze(value)
  }
  return value
}
