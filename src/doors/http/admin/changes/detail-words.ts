import type { AuditLine } from '../../../../desks/admin/changes/find-changes.ts'
import { BY_COPY } from '../../../../ground/audit/record.ts'
import { displayAddress } from '../../../../ground/display/address.ts'
import { displayText } from '../../../../ground/display/text.ts'
import type { Writer } from '../../web/writer.ts'
import { scheduleSentences } from './schedule-sentences.ts'
import { settingSentences } from './setting-sentences.ts'

/** More about a change: sentences in the page's language, or what a server said, which is English. */
export interface Details {
  readonly sentences: readonly string[]
  readonly raw: string | undefined
}

/** What the audit keeps in `detail` is English, for scripts. What cannot be read is shown as it is. */
export function detailWords(line: AuditLine, writer: Writer): Details {
  const { copyFor, rest: detail } = byCopyOf(line)
  const byCopy =
    copyFor === undefined
      ? []
      : [writer.words.say('admin.changes.byCopy', { address: displayAddress(copyFor, 255) })]
  const { sentences, raw } = wordsOf({ ...line, detail }, writer)
  return { sentences: [...byCopy, ...sentences], raw }
}

/** Splits off the address of the copy by whose link somebody acted for the reader. */
function byCopyOf({ detail }: AuditLine): { readonly copyFor?: string; readonly rest: string | null } {
  if (!detail?.startsWith(BY_COPY)) return { rest: detail }
  const [copyFor = '', ...rest] = detail.slice(BY_COPY.length).split('; ')
  return { copyFor, rest: rest.length === 0 ? null : rest.join('; ') }
}

function wordsOf(line: AuditLine, writer: Writer): Details {
  const { detail } = line
  if (detail === null || isSaidElsewhere(line)) return NONE
  const sentences = sentencesOf(line.action, detail, writer)
  return sentences ? { sentences, raw: undefined } : { sentences: [], raw: displayText(detail, 400) }
}

const NONE: Details = { sentences: [], raw: undefined }

/** The link to the digest, the outcome and its colour say as much. */
const isSaidElsewhere = ({ action, outcome, detail }: AuditLine): boolean =>
  /^digest \S+$/.test(detail ?? '') ||
  outcome === 'CONFIRMATION_REQUIRED' ||
  action === 'look' ||
  (action === 'release' && outcome === 'released')

function sentencesOf(action: string, detail: string, writer: Writer): readonly string[] | undefined {
  switch (action) {
    case 'settings-set':
    case 'settings-remove':
    case 'pause':
    case 'resume':
      return settingSentences(detail, writer)
    case 'schedule-set':
    case 'schedule-remove':
      return scheduleSentences(detail, writer)
    case 'run':
      return runSentences(detail, writer)
    case 'sign-out':
      return detail === 'everywhere' ? [writer.words.say('admin.signOutEverywhere')] : undefined
    case 'destination-ask':
    case 'destination-confirm':
      return [displayAddress(detail, 255)]
    case 'key-make':
    case 'key-revoke':
      return keySentences(detail)
    default:
      return undefined
  }
}

/** `3 digests of 7 messages for all readers` */
function runSentences(detail: string, { words }: Writer): string[] | undefined {
  const [, digests, messages] = /^(\d+) digests of (\d+) messages /.exec(detail) ?? []
  if (digests === undefined || messages === undefined) return undefined
  return [words.say('admin.changes.run', { digests: Number(digests), messages: Number(messages) })]
}

/** `API key nightly (3f09): …` */
function keySentences(detail: string): string[] | undefined {
  const name = /^API key (.+) \([\w-]+\)/.exec(detail)?.[1]
  return name === undefined ? undefined : [displayText(name, 100)]
}
