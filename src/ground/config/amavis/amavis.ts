import { basename, dirname, join } from 'node:path'
import { shellWord } from '../../files/shell-word.ts'
import { amavisFiles } from './files.ts'
import type { Finding } from './finding.ts'
import { findingsIn } from './findings.ts'
import { type Lack, lacksOf } from './lacks.ts'
import { type AmavisSettings, amavisSettings } from './settings.ts'
import { socketsOf } from './sockets.ts'

/** What amavisd's configuration says to us. */
export interface AmavisReading {
  readonly findings: readonly Finding[]
  /** What is missing there, and what could not be followed: a sentence each. */
  readonly notes: readonly string[]
  readonly addition: Addition | undefined
}

/** What amavisd's configuration lacks, as a file of its own. It is never written by us. */
export interface Addition {
  /** Where it has to go to be read last. */
  readonly file: string
  readonly perl: string
  /** What a person has to do with it: a sentence. */
  readonly how: string
}

/**
 * Reads amavisd's configuration. It is Perl, and is not run: the assignments are followed, in the order in which amavisd
 * reads them, and the last one wins.
 *
 * @param path a file, or a folder; undefined: where the packages of the usual systems have it
 */
export function readAmavis(path: string | undefined): AmavisReading {
  const files = amavisFiles(path)
  if (files === undefined) {
    const where = path === undefined ? 'in its usual places' : `at ${path}`
    return {
      findings: [],
      notes: [`There is no configuration of amavisd ${where}: --amavis-conf names it.`],
      addition: undefined,
    }
  }
  if (files.forbidden !== undefined) {
    const note = `amavisd: ${files.forbidden}: no right to read it. Run init as root.`
    return { findings: [], notes: [note], addition: undefined }
  }
  const settings = amavisSettings(files)
  const sockets = socketsOf(settings)
  const lacks = lacksOf(settings, sockets)
  return {
    findings: findingsIn(settings, sockets),
    notes: [...settings.faults, ...lacks.map(({ sentence }) => sentence)].map(note => `amavisd: ${note}`),
    addition: additionOf(settings, lacks),
  }
}

function additionOf({ files, last }: AmavisSettings, lacks: readonly Lack[]): Addition | undefined {
  const parts = lacks.flatMap(({ perl }) => perl ?? [])
  if (parts.length === 0) return undefined
  const perl = `use strict;\n${[...new Set(parts)].join('\n\n')}\n\n1;\n`
  const isFolder = files.folder !== undefined
  const file = isFolder
    ? join(
        files.folder,
        nameAfter(
          files.files
            .map(each => basename(each))
            .toSorted()
            .at(-1) ?? '',
        ),
      )
    : join(dirname(files.files[0] ?? ''), 'amavis-digest.conf')
  const include = isFolder
    ? ''
    : ` Before the last line (1;) of ${last ?? files.files[0]}: include_config_files(${quoted(file)});`
  const word = shellWord(file)
  return {
    file,
    perl,
    how: `Put this into ${file}, a file of its own that amavisd ${isFolder ? 'reads' : 'then reads'} last, and which belongs to root: chown root:amavis ${word} && chmod 640 ${word}.${include} Then restart amavisd.`,
  }
}

const quoted = (text: string): string => `'${text.replaceAll(/[\\']/g, String.raw`\$&`)}'`

/** A name that comes after all others. It has no dot, because Debian's amavisd passes over such names. */
function nameAfter(last: string): string {
  const names = ['60', '70', '80', '90', '99', 'zz'].map(begin => `${begin}-amavis-digest`)
  return names.find(name => name > last) ?? `${last}-amavis-digest`
}
