import { CodedError } from '../../ground/errors.ts'
import { userName } from '../../ground/files/accounts.ts'
import { type Space, spaceAround } from '../../ground/files/free-space.ts'
import { shellWord } from '../../ground/files/shell-word.ts'
import { type Check, type Finding, fail, ok, warn } from '../../ground/health/check.ts'
import { readKeyFile } from '../../ground/links/key-file.ts'
import { ownerOfKeyFile } from '../../ground/links/key-file-owner.ts'
import type { TemplateFiles } from '../../ground/templates/template-files.ts'
import { unusedNames } from '../../ground/templates/unused-names.ts'

/**
 * Whether the service can use the key file, and nobody else. It looks whether there is one first: to read the keys would
 * make one, which would then belong to whoever runs `doctor`.
 */
export const keyFileCheck = (path: string, now: () => number): Check => ({
  id: 'keys.file',
  async run() {
    const owners = ownerOfKeyFile(path)
    if (owners === undefined) return [missing(path)]
    readKeyFile(path, now())
    const { owner, expected } = owners
    if (owner === expected) return [ok(`${path} is there, for ${userName(owner)} alone`)]
    return [
      fail(
        `${path} belongs to ${userName(owner)}, but its folder to ${userName(expected)}: the service cannot read it`,
        `sudo chown ${userName(expected)}: ${shellWord(path)}`,
        'KEY_FILE_INVALID',
      ),
    ]
  },
})

const missing = (path: string): Finding =>
  fail(
    `there is no key file ${path}: the first start makes one, but links in mails that were sent before would not work`,
    `If digests were sent before, restore it from a backup; otherwise start the service: sudo systemctl start amavis-digest`,
    'KEY_FILE_LOST',
  )

/** Whether the disk with a database that is a file is nearly full. */
export const diskCheck = (id: string, file: string): Check => ({
  id,
  async run() {
    try {
      return [diskFinding(file, await spaceAround(file))]
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      throw new CodedError('DATABASE_UNREACHABLE', `${file} cannot be reached: ${reason}.`)
    }
  },
})

export function diskFinding(file: string, { free, size }: Space): Finding {
  const text = `${Math.floor(free / MEGABYTE)} MB (${size > 0 ? Math.floor((100 * free) / size) : 0} %) are free on the disk of ${file}`
  if (free < LEAST) return fail(`${text}: hardly anything can be written`, MAKE_ROOM)
  return free < ENOUGH || free < size * SHARE ? warn(text, MAKE_ROOM) : ok(text)
}

const MAKE_ROOM = 'Make room on that disk, or move the file to another one and change its URL.'

const MEGABYTE = 1024 * 1024

/** Octets. Below, the next large mail may not fit. */
const LEAST = 50 * MEGABYTE

/** Octets: some days of a small server. */
const ENOUGH = 500 * MEGABYTE

/** Of the whole disk; file systems become slow when they are fuller. */
const SHARE = 0.05

/** An admin's templates that show less than ours. */
export const templatesCheck = (files: () => TemplateFiles): Check => ({
  id: 'templates.names',
  isToldAnyway: true,
  async run() {
    const found = unusedNames(files())
    if (found.length === 0) return [ok('the templates show all that ours do')]
    return found.map(({ file, names }) =>
      warn(
        `${file} of templates.folder does not use, but ours does: ${names.join(', ')}`,
        'If you did not leave them out on purpose, compare it with ours, which may be newer.',
      ),
    )
  },
})
