import { dirname, isAbsolute, join } from 'node:path'
import { Machine } from '../perl/machine.ts'
import { parse } from '../perl/parse.ts'
import { PerlFault } from '../perl/perl-fault.ts'
import { type Cell, UNKNOWN, type Value } from '../perl/values.ts'
import { type AmavisFiles, readConfiguration } from './files.ts'

/** What amavisd has set when it has read all of its configuration. */
export interface AmavisSettings {
  readonly files: AmavisFiles
  /** Why some of it could not be followed: a sentence each. What such a file may have changed is not sure. */
  readonly faults: readonly string[]
  /** The file that was read last. */
  readonly last: string | undefined
  /** @param name with the sigil: `@storage_sql_dsn` */
  get(name: string): Setting
}

export interface Setting {
  readonly value: Value
  readonly isSure: boolean
  /** Where it was set last; undefined for amavisd's default. */
  readonly file: string | undefined
}

/** Follows the assignments in amavisd's files, in its order. Perl is not run. */
export function amavisSettings(files: AmavisFiles): AmavisSettings {
  const faults: string[] = []
  const open: string[] = []
  let last: string | undefined
  const run = (file: string, isOptional: boolean): void => {
    const fault = faultIn(file, isOptional)
    if (fault === undefined) return
    faults.push(fault)
    machine.doubtEverything()
  }
  const faultIn = (file: string, isOptional: boolean): string | undefined => {
    if (open.length >= DEEPEST) return `${file}: too many files that include each other.`
    const read = readConfiguration(file)
    if ('code' in read) return isOptional && read.code === 'ENOENT' ? undefined : unreadable(file, read.code)
    last = file
    open.push(file)
    try {
      machine.run(file, parse(read.text))
      return undefined
    } catch (error) {
      if (error instanceof PerlFault) return `${file}, line ${error.line}: ${error.message}. ${REFUSED}`
      throw error
    } finally {
      open.pop()
    }
  }
  const machine = new Machine(
    {
      constants: DESTINIES,
      include: (paths, { isOptional }) => {
        for (const path of paths)
          run(isAbsolute(path) ? path : join(dirname(open.at(-1) ?? '/'), path), isOptional)
      },
      includeUnknown: () => {
        faults.push(`${open.at(-1)}: it includes a file whose name cannot be told without running it.`)
        machine.doubtEverything()
      },
      outputOf,
    },
    DEFAULTS,
  )
  for (const file of files.files) run(file, false)
  return { files, faults, last, get: name => settingOf(machine.cell(name)) }
}

/** Files within files. amavisd stops at 100. */
const DEEPEST = 20

const REFUSED = 'amavisd itself may refuse it: amavisd configtest, or perl -c, says more.'

const unreadable = (file: string, code: string): string =>
  code === 'EACCES'
    ? `${file}: no right to read it. Run init as root.`
    : `${file}: it cannot be read (${code}), and amavisd does not start without it.`

const settingOf = ({ value, isSure, file }: Cell): Setting => ({
  value,
  isSure: isSure && !hasUnknown(value),
  file,
})

const hasUnknown = (value: Value): boolean =>
  value === UNKNOWN || (Array.isArray(value) && value.some(hasUnknown))

/** Debian's files ask a shell for these two. The second asks the DNS, so we do not. */
function outputOf(command: string): string | undefined {
  if (!/^head -n ?1 \/etc\/mailname$/.test(command)) return undefined
  const mailname = readConfiguration('/etc/mailname')
  return 'text' in mailname ? mailname.text.split('\n', 1)[0] : undefined
}

const DESTINIES = new Set(['D_PASS', 'D_DISCARD', 'D_BOUNCE', 'D_REJECT', 'D_TEMPFAIL'])

/** amavisd's own, as far as they matter here (Amavis/Conf.pm of 2.13). */
const DEFAULTS: Readonly<Record<string, Value>> = {
  $MYHOME: '/var/amavis',
  $forward_method: 'smtp:[127.0.0.1]:10025',
  $notify_method: 'smtp:[127.0.0.1]:10025',
  $spam_quarantine_method: 'local:spam-%m.gz',
  $banned_files_quarantine_method: 'local:banned-%m',
  $bad_header_quarantine_method: 'local:badh-%m',
  $spam_quarantine_to: 'spam-quarantine',
  $banned_quarantine_to: 'banned-quarantine',
  $bad_header_quarantine_to: 'bad-header-quarantine',
  $final_spam_destiny: 'D_PASS',
  $final_banned_destiny: 'D_DISCARD',
  $final_bad_header_destiny: 'D_PASS',
  $sql_allow_8bit_address: '0',
  $auth_required_release: '1',
}
