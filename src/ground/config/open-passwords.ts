import { statSync } from 'node:fs'
import { shellWord } from '../files/shell-word.ts'
import { OPTIONS } from './options.ts'

/**
 * What to tell an admin whose configuration holds passwords that every user of the machine can read; undefined if it
 * holds none, or if they cannot.
 *
 * @param content what the file says, without the environment
 */
export function openPasswords(path: string, content: unknown): string | undefined {
  const stats = statSync(path, { throwIfNoEntry: false })
  if (!stats?.isFile() || (stats.mode & 0o004) === 0) return undefined
  const holders = OPTIONS.filter(
    option => option.isSecret && holdsPassword(option.path, valueAt(content, option.path)),
  )
  if (holders.length === 0) return undefined
  const names = holders.map(option => option.path.join('.')).join(', ')
  return `Every user of this machine can read the passwords in ${path} (${names}). Run: chmod o= ${shellWord(path)}`
}

function holdsPassword(path: readonly string[], value: unknown): boolean {
  if (typeof value !== 'string' || value === '') return false
  if (NO_URLS.has(path.at(-1) ?? '')) return true
  return (
    URL.canParse(value) && (new URL(value).password !== '' || new URL(value).searchParams.has('password'))
  )
}

/** Options that hold the secret itself. */
const NO_URLS = new Set(['password', 'clientSecret'])

const valueAt = (content: unknown, path: readonly string[]): unknown =>
  path.reduce<unknown>(
    (value, key) => (typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined),
    content,
  )
