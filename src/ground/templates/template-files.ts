import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { findPackageJSON } from 'node:module'
import { dirname, join } from 'node:path'
import { CodedError } from '../errors.ts'

/** Reads templates and locales: the program's own, each of which an admin may override with a file. */
export interface TemplateFiles {
  /** The text of `name` (`digest.mjml`, `pages/release.html`, `locales/en.json`). */
  read(name: string): string
  /** Both texts of that name, as far as they exist, for files that may be overridden in part. */
  readBoth(name: string): { readonly own?: string | undefined; readonly override?: string | undefined }
  /** The names of the files in a folder, without the folder (`locales` → `en.json`, …). */
  list(folder: string): string[]
}

/**
 * @param overrides a folder laid out like `templates/`; each file in it replaces ours
 * @throws CodedError CONFIG_INVALID when it does not exist
 */
export function templateFiles(overrides?: string): TemplateFiles {
  if (overrides !== undefined && !existsSync(overrides)) {
    throw new CodedError('CONFIG_INVALID', `templates.folder: there is no folder ${overrides}.`)
  }
  const folders = [...(overrides ? [overrides] : []), ownTemplates()]
  return {
    read(name) {
      const folder = folders.find(candidate => existsSync(join(candidate, name))) ?? ownTemplates()
      return readFileSync(join(folder, name), 'utf8')
    },
    readBoth: name => ({
      own: textOf(join(ownTemplates(), name)),
      override: overrides && textOf(join(overrides, name)),
    }),
    list(folder) {
      const names = folders
        .map(candidate => join(candidate, folder))
        .filter(existsSync)
        .flatMap(path => readdirSync(path))
      return [...new Set(names)].sort()
    },
  }
}

const textOf = (path: string): string | undefined =>
  existsSync(path) ? readFileSync(path, 'utf8') : undefined

/** `templates/` beside package.json, both in a checkout (`src/`) and in a package (`dist/src/`). */
function ownTemplates(): string {
  const manifest = findPackageJSON(import.meta.url)
  if (!manifest) throw new Error('package.json of amavis-digest not found')
  return join(dirname(manifest), 'templates')
}
