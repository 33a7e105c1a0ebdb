import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import type { NeededFile } from '../files/roots-alone.ts'
import { CONFIG_VARIABLE } from './config-file.ts'
import type { Fault } from './faults.ts'
import { mayShowPassword } from './options/url-faults.ts'
import { OPTIONS, type Option } from './options.ts'

export interface Setting {
  readonly path: readonly string[]
  readonly value: unknown
  /** The name of the variable, for messages. */
  readonly source: string
}

/**
 * Reads the options that the environment sets: `storage.url` by AMAVIS_DIGEST_STORAGE_URL, `links.keyFile` by
 * AMAVIS_DIGEST_LINKS_KEYFILE or …_LINKS_KEY_FILE. For a secret, …_FILE may give the path of a file that holds it.
 * An empty variable counts as not set: service managers and compose files have no other way to unset one.
 */
export function readEnvironment(env: NodeJS.ProcessEnv): { settings: Setting[]; faults: Fault[] } {
  const settings: Setting[] = []
  const faults: Fault[] = []
  for (const [name, text] of Object.entries(env)) {
    if (!name.startsWith(PREFIX) || name === CONFIG_VARIABLE || !text) continue
    if (FROM_KUBERNETES.test(name)) continue
    const match = optionNamed(name)
    if (!match) {
      faults.push({ place: name, message: 'no option has this name; see the configuration in the README' })
      continue
    }
    const other = settings.find(setting => setting.path === match.option.path)
    if (other) {
      faults.push({ place: name, message: `sets the same option as ${other.source}; expected one of them` })
      continue
    }
    try {
      const raw = match.byFile ? contentOf(text) : text
      settings.push({ path: match.option.path, value: optionValue(match.option, raw), source: name })
    } catch (error) {
      const [reason = ''] = (error instanceof Error ? error.message : String(error)).split('\n')
      faults.push({ place: name, message: match.byFile ? `cannot read the file: ${reason}` : reason })
    }
  }
  return { settings, faults }
}

/** A secret that was put in place of the path of its file would be shown with the error of the system. */
function contentOf(path: string): string {
  if (mayShowPassword(path)) throw new Error('expected the path of a file, found the secret itself')
  return readFileSync(path, 'utf8').trim()
}

/** The files from which the environment has secrets read. */
export const secretFilesIn = (env: NodeJS.ProcessEnv): NeededFile[] =>
  Object.entries(env).flatMap(([name, path]) =>
    name.startsWith(PREFIX) && path !== undefined && optionNamed(name)?.byFile
      ? [{ path, kind: 'secret' as const }]
      : [],
  )

const PREFIX = 'AMAVIS_DIGEST_'

/** For a service named amavis-digest, Kubernetes sets these variables in each pod. */
const FROM_KUBERNETES = /^AMAVIS_DIGEST_(?:SERVICE_(?:HOST|PORT)|PORT(?:_\d+_(?:TCP|UDP)|$))/

function optionNamed(name: string): { option: Option; byFile: boolean } | undefined {
  const key = withoutSeparators(name.slice(PREFIX.length))
  const exact = BY_NAME.get(key)
  if (exact) return { option: exact, byFile: false }
  const secret = key.endsWith('FILE') ? BY_NAME.get(key.slice(0, -'FILE'.length)) : undefined
  return secret?.isSecret ? { option: secret, byFile: true } : undefined
}

function withoutSeparators(name: string): string {
  return name.replaceAll('_', '').toUpperCase()
}

const BY_NAME: ReadonlyMap<string, Option> = new Map(
  OPTIONS.map(option => [withoutSeparators(option.path.join('')), option]),
)

function optionValue(option: Option, text: string): unknown {
  if (option.isText && !option.isList) return text
  const value: unknown = parse(text)
  return option.isList && typeof value === 'string' ? value.split(',').map(part => part.trim()) : value
}
