import { readFileSync } from 'node:fs'
import { findPackageJSON } from 'node:module'
import { pathToFileURL } from 'node:url'

/** A package that this program needs. */
export interface Installed {
  readonly name: string
  /** Such as `^9.2.0`. */
  readonly wanted: string
  /** Undefined when it is not installed. */
  readonly found: string | undefined
}

/** What package.json of the program asks for, and what is there. */
export interface Installation {
  /** The least major version of Node. */
  readonly node: number
  readonly packages: readonly Installed[]
}

/** @param packageFile the program's own package.json, unless a test has another one */
export function readInstallation(packageFile = findPackageJSON(import.meta.url) ?? ''): Installation {
  const { engines, dependencies } = fileOf(packageFile)
  const packages = Object.entries(dependencies ?? {}).map(([name, wanted]) => ({
    name,
    wanted,
    found: versionOf(name, packageFile),
  }))
  return { node: Number(/\d+/.exec(engines?.node ?? '')?.[0] ?? 0), packages }
}

/** Whether a version is in a range of the form `^1.2.3` or `~1.2.3`; any version is in a range of another form. */
export function isInRange(version: string, range: string): boolean {
  const [, kind, ...least] = /^([\^~])(\d+)\.(\d+)\.(\d+)/.exec(range) ?? []
  if (kind === undefined) return true
  const found = version.split(/[.+-]/, 3).map(Number)
  const wanted = least.map(Number)
  // The first number that differs from the wanted one.
  const at = wanted.findIndex((number, index) => found[index] !== number)
  if (at < 0) return true
  const isFixed = at === 0 || (kind === '~' && at === 1)
  return !isFixed && (found[at] ?? 0) > (wanted[at] ?? 0)
}

interface PackageFile {
  readonly version?: string
  readonly engines?: { readonly node?: string }
  readonly dependencies?: Readonly<Record<string, string>>
}

const fileOf = (path: string): PackageFile => JSON.parse(readFileSync(path, 'utf8')) as PackageFile

function versionOf(name: string, packageFile: string): string | undefined {
  try {
    const file = findPackageJSON(name, pathToFileURL(packageFile))
    return file === undefined ? undefined : fileOf(file).version
  } catch {
    return undefined
  }
}
