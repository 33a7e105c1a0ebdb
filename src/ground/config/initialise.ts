import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { CodedError } from '../errors.ts'
import { readKeyFile } from '../links/key-file.ts'
import { type Finding, findInAmavisConf, lacksInAmavisConf } from './amavis-conf.ts'
import { commentedConfig } from './commented-config.ts'

export interface Initialised {
  readonly config: string
  readonly keyFile: string
  readonly found: readonly Finding[]
  /** What amavisd's configuration still needs: a sentence each. */
  readonly lacks: readonly string[]
}

/**
 * Writes a first configuration (mode 0600, because it holds a password) and a token key beside it.
 *
 * @throws CodedError CONFIG_EXISTS instead of overwriting anything
 */
export function initialise(request: {
  readonly path: string
  readonly amavisConf: string
  readonly now: number
}): Initialised {
  const { path, amavisConf, now } = request
  const found = findInAmavisConf(amavisConf)
  const keyFile = `${dirname(path)}/token.keys`
  const own: Finding = { key: 'links.keyFile', value: keyFile, source: 'created by init' }
  writeNew(path, commentedConfig(new Map([...found, own].map(finding => [finding.key, finding]))))
  readKeyFile(keyFile, now)
  return { config: path, keyFile, found, lacks: lacksInAmavisConf(amavisConf) }
}

function writeNew(path: string, text: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o755 })
  } catch (error) {
    throw new CodedError('CONFIG_EXISTS', `${dirname(path)}: cannot be created (${codeOf(error)}).`)
  }
  try {
    writeFileSync(path, text, { mode: 0o600, flag: 'wx' })
  } catch (error) {
    const code = codeOf(error)
    const advice = code === 'EEXIST' ? 'it already exists; move it away first' : `cannot be written (${code})`
    throw new CodedError('CONFIG_EXISTS', `${path}: ${advice}.`)
  }
}

const codeOf = (error: unknown): unknown =>
  error instanceof Error && 'code' in error ? error.code : undefined
