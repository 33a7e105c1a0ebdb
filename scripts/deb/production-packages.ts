import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** A package of npm that the program needs to run. */
export interface ProductionPackage {
  /** Its folder, relative to the checkout: `node_modules/pg`. */
  readonly path: string
  readonly name: string
  readonly version: string
  /** As its author writes it: `MIT`, `BSD-3-Clause`. */
  readonly licence: string
  /** Whether a file of it is needed to run; its path is relative to that folder. */
  isNeeded(file: string): boolean
}

/**
 * The packages that `npm ci --omit=dev --omit=optional` installs, in the order of their folders.
 *
 * @throws Error when one is missing in node_modules, or has another version than the lock file
 */
export function productionPackages(root: string): readonly ProductionPackage[] {
  const { packages: locked } = readJson<LockFile>(join(root, 'package-lock.json'))
  return Object.entries(locked)
    .filter(([path, { dev, optional, devOptional }]) => path !== '' && !(dev || optional || devOptional))
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([path, { version }]) => {
      const manifest = readJson<Manifest>(join(root, path, 'package.json'))
      if (manifest.version !== version) {
        throw new Error(`${path} is ${manifest.version}, the lock file says ${version}. Run: npm ci`)
      }
      return { path, name: manifest.name, version, licence: licenceOf(manifest), isNeeded }
    })
}

interface LockFile {
  readonly packages: Readonly<Record<string, LockedPackage>>
}

interface LockedPackage {
  readonly version: string
  readonly dev?: boolean
  readonly optional?: boolean
  readonly devOptional?: boolean
}

interface Manifest {
  readonly name: string
  readonly version: string
  readonly license?: unknown
  readonly licenses?: unknown
}

/**
 * Not needed are types, their source and source maps, a third of all bytes, and settings of tools, which begin with a
 * dot. A folder node_modules inside has lines of its own in the lock file.
 */
const isNeeded = (file: string): boolean =>
  !/\.([cm]?ts|map|tsbuildinfo)$|(^|\/)(\.|node_modules\/)/.test(file)

/** Some old packages have an object or a list. */
function licenceOf({ license, licenses }: Manifest): string {
  const all = [license ?? licenses ?? 'unknown'].flat()
  return all
    .map(one => (typeof one === 'object' && one !== null && 'type' in one ? String(one.type) : String(one)))
    .join(' or ')
}

const readJson = <Content>(file: string) => JSON.parse(readFileSync(file, 'utf8')) as Content
