import type { openedJson } from '../../../desks/quarantine/held-json.ts'
import { displayText } from '../../../ground/display/text.ts'
import type { NotShown } from '../../../work/reading/opened-held.ts'
import { escaped } from '../escaped.ts'
import { localTime } from '../local-time.ts'
import { table } from '../table.ts'

type Opened = ReturnType<typeof openedJson>

/** The report of `held show`. All of it is made safe for a terminal. */
export const openedText = (opened: Opened): string =>
  [factsOf(opened), recipientsOf(opened), rulesOf(opened), textOf(opened), attachmentsOf(opened)]
    .filter(part => part !== '')
    .join('\n\n')

function factsOf(opened: Opened): string {
  const { headerFrom, replyTo, alerts, warnings, authentication } = opened
  const facts = [
    ['Subject', opened.subject],
    ['From', headerFrom || opened.from],
    ['Envelope', opened.sender || '(none: a bounce)'],
    ...(replyTo === '' ? [] : [['Answers to', replyTo]]),
    ['Received', localTime(Date.parse(opened.time))],
    ['Size', `${opened.size} octets`],
    ['Mail id', `${opened.mailId} (partition ${opened.partitionTag})`],
    ['Held', `${opened.type}: ${opened.reason}`],
    ...alerts.map(alert => ['amavisd', alert]),
    ...authentication.map(({ method, result }) => [method.toUpperCase(), result]),
    ...warnings.map(warning => ['Warning', warningText(warning)]),
  ]
  return facts.map(([name = '', text = '']) => `${`${name}:`.padEnd(12)}${shown(text)}`).join('\n')
}

function warningText({ about, domain, like, address }: Opened['warnings'][number]): string {
  switch (about) {
    case 'lookAlike':
      return `the domain ${domain} looks like ${like}`
    case 'addressInName':
      return `the sender's name shows another address, ${address}`
    case 'ownDomain':
      return `it came from outside, and says that it is from ${domain}`
    case 'replyElsewhere':
      return `answers go elsewhere, to ${address}`
  }
}

const recipientsOf = ({ recipients }: Opened): string =>
  table(
    ['recipient', 'read by', 'score', 'state'],
    recipients.map(({ recipient, readers, score, state, releasedBy }) => [
      shown(recipient),
      readers.map(shown).join(', '),
      score === null ? '' : String(score),
      stateText(state, releasedBy),
    ]),
  )

function stateText(state: Opened['state'], by: Opened['releasedBy']): string {
  const name = by?.admin ?? by?.reader
  return by && name ? `${state} by ${shown(name)} on ${localTime(Date.parse(by.at))}` : state
}

const rulesOf = ({ rules }: Opened): string =>
  rules.length === 0
    ? ''
    : table(
        ['points', 'rule'],
        rules.map(({ name, points }) => [String(points), shown(name)]),
      )

function textOf({ text, textCut, notShown }: Opened): string {
  if (notShown !== null) return `Its text is not shown: ${WHY_NOT[notShown]}`
  const lines = (text ?? '').replace(/\r\n?/g, '\n').replaceAll('\t', '    ').trimEnd()
  return `${escaped(lines, [])}${textCut ? '\n… (cut off)' : ''}`
}

const WHY_NOT: Readonly<Record<NotShown, string>> = {
  'too-large': 'the message is too large.',
  damaged: 'parts of the message are missing, or it cannot be read.',
  'not-in-sql': "the quarantine keeps it as a file on amavisd's host.",
  virus: 'it has a virus.',
  own: 'it is a mail of amavis-digest itself, whose links are for its recipient alone.',
}

const attachmentsOf = ({ attachments }: Opened): string =>
  attachments.length === 0
    ? ''
    : table(
        ['attachment', 'type', 'octets', 'sha-256'],
        attachments.map(({ name, type, sniffedType, size, sha256 }) => [
          shown(name),
          sniffedType === null || sniffedType === type
            ? shown(type)
            : `${shown(type)}, in truth ${sniffedType}`,
          String(size),
          sha256,
        ]),
      )

/** Strangers wrote it. It must not affect the terminal. */
const shown = (text: string): string => displayText(text, LONGEST)

const LONGEST = 320
