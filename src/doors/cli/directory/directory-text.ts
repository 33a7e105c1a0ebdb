import type { DirectoryCheck } from '../../../desks/admin/directory/check-directory.ts'
import type { ExplainedAddress, OutdatedAnswer } from '../../../desks/admin/directory/explain-address.ts'
import { UNREAD_REASONS, type Unread, type UnreadReason } from '../../../desks/admin/directory/unread-mail.ts'
import type { DirectoryReader, Step } from '../../../ground/directory/directory.ts'
import { displayText } from '../../../ground/display/text.ts'
import { DAY, durationText, HOUR, MINUTE, SECOND } from '../../../ground/durations.ts'
import type { SettingsWithoutReader } from '../../../work/settings/settings-without-reader.ts'

/** Who reads the mail of an address, and why, as sentences for people. */
export const explainedText = ({ address, readers, by }: ExplainedAddress): string =>
  [resultText(address, readers), ...by.map(stepText), ...readers.flatMap(factsText)].join('\n')

/** Why an answer may be out of date. */
export function outdatedNote({ askedAt, reason }: OutdatedAnswer, now: number): string {
  const age = askedAt === undefined ? '' : `, ${ageText(now - askedAt)} old`
  return `amavis-digest: ${reason}\nThis is its last known answer${age}.`
}

/** In the largest unit of which there is one. */
function ageText(age: number): string {
  const unit = [DAY, HOUR, MINUTE].find(one => age >= one) ?? SECOND
  return durationText(Math.max(0, Math.floor(age / unit) * unit))
}

/** The report of `directory check`. */
export const checkText = ({ kind, answer, unread, idleSettings }: DirectoryCheck): string =>
  [
    answer.ok
      ? `The directory (${kind}) answers, after ${answer.took} ms.`
      : `The directory (${kind}) gives no answer: ${answer.message}`,
    ...unreadLines(unread),
    ...idleLines(idleSettings),
  ].join('\n')

function resultText(address: string, readers: readonly DirectoryReader[]): string {
  const active = readers.filter(({ isOff }) => !isOff).map(reader => shown(reader.address))
  if (active.length > 0) return `Read by ${active.join(', ')}.`
  const off = readers.map(reader => shown(reader.address))
  const why =
    off.length === 0 ? 'it has no reader' : `${off.join(', ')} ${off.length > 1 ? 'are' : 'is'} switched off`
  return `Nobody gets a digest about the mail of ${shown(address)}: ${why}.`
}

function stepText(step: Step): string {
  const row = step.row === null ? '' : ` (${displayText(step.row, MAX_ROW)})`
  return `${sentenceOf(step)}${row}.`
}

function sentenceOf({ is, from: whose, to: where }: Step): string {
  const from = shown(whose)
  const to = where === null ? 'nobody' : shown(where)
  switch (is) {
    case 'mailbox':
      return `${from} is a mailbox`
    case 'off':
      return `${from} is switched off: no digests, and its messages wait`
    case 'alias':
      return `${from} is an alias of ${to}`
    case 'aliasdomain':
      return `${from} is in an alias domain, and stands for ${to}`
    case 'catchall':
      return `${from} is caught by a catch-all for ${to}`
    case 'forward':
      return `${from} is forwarded to ${to}`
    case 'cc':
      return `${from} has its mail copied to ${to}`
    case 'extension':
      return `${from} is ${to} with an extension`
    case 'relay':
      return `${from} is in a domain that this server relays`
    case 'list':
      return `${from} is a mailing list, which has no reader`
    case 'outside':
      return where === null
        ? `${from} is elsewhere, and directory.outsideReaders does not list it`
        : `${from} is elsewhere, and directory.outsideReaders lists it`
    case 'loop':
      return `${from} leads back to where it came from`
    case 'too-many':
      return `${from} leads to more addresses than are followed`
    case 'unknown':
      return `${from} is not in the directory`
  }
}

function factsText({ address, name, client, language, timeZone }: DirectoryReader): string[] {
  const facts = [
    ...(name === undefined ? [] : [`name ${shown(name)}`]),
    ...(client === undefined ? [] : [`client ${shown(client)}`]),
    ...(language === undefined ? [] : [`language ${shown(language)}`]),
    ...(timeZone === undefined ? [] : [`time zone ${shown(timeZone)}`]),
  ]
  return facts.length === 0 ? [] : [`Of ${shown(address)} the directory knows: ${facts.join(', ')}.`]
}

function unreadLines(unread: Unread): string[] {
  const total = UNREAD_REASONS.reduce((sum, reason) => sum + unread[reason].messages, 0)
  if (total === 0) return ['Somebody gets a digest about each message that waits.']
  return [
    `Waiting messages that nobody gets a digest about: ${total}`,
    ...UNREAD_REASONS.filter(reason => unread[reason].messages > 0).map(reason => {
      const { messages, addresses } = unread[reason]
      return `  ${messages}: ${REASONS[reason]}: ${addresses.map(shown).join(', ')}`
    }),
  ]
}

const REASONS: Readonly<Record<UnreadReason, string>> = {
  off: 'the mailbox is switched off',
  outside: 'the address leads elsewhere, and directory.outsideReaders does not list where',
  nobody: 'nobody reads the address',
  unanswered: 'the directory has not answered about the address',
}

const idleLines = (idle: readonly SettingsWithoutReader[]): string[] =>
  idle.length === 0
    ? []
    : [
        'Settings that no digest follows, because their address does not read its own mail:',
        ...idle.map(({ scope, readers }) => {
          const next =
            readers.length === 0
              ? 'nobody reads it; remove them'
              : `give them to ${readers.map(shown).join(', ')}`
          return `  ${shown(scope)}: ${next}`
        }),
      ]

/** Directories may contain anything. It must not affect the terminal. */
const shown = (text: string): string => displayText(text, 320)

const MAX_ROW = 300
