import { displayAddress } from '../../../ground/display/address.ts'
import { formatScore, formatSize } from '../../../ground/display/format.ts'
import { whyHeld } from '../../../ground/display/reason.ts'
import { displaySender, senderParts } from '../../../ground/display/sender.ts'
import { displayText } from '../../../ground/display/text.ts'
import type { AuthenticationResult, SpamRule } from '../../../ground/message/head/findings.ts'
import { parseHeldRef } from '../../../work/collect/held-ref.ts'
import type { ListedHeld } from '../../../work/quarantine/held-list.ts'
import type { OpenedHeld } from '../../../work/reading/opened-held.ts'
import type { Writer } from '../web/writer.ts'

/** Who, when, how large, and why: what a careful reader looks at before the text. */
export function factsOf(opened: OpenedHeld, held: ListedHeld, writer: Writer): object {
  const { words, place, time } = writer
  const sender = displaySender({ from: opened.headerFrom || held.from, sender: held.sender })
  const [name, address] = senderParts(sender)
  return {
    sender: name ?? words.say('display.unknownSender'),
    senderAddress: address,
    envelope: sender.envelope,
    bounce: sender.isBounce ? words.say('display.bounce') : undefined,
    replyTo: opened.replyTo === '' ? undefined : displayText(opened.replyTo, LONGEST_FIELD),
    recipient:
      opened.recipients.length === 1 ? displayAddress(held.recipient, LONGEST_LOCAL_PART) : undefined,
    received: time(held.receivedAt),
    size: formatSize(held.size, place.language),
    mailId: parseHeldRef(held.ref)?.mailId,
    why: whyHeld(held, words, LONGEST_FILE_NAME),
    risky: RISKY.has(held.kind),
    score: scoreOf(held, writer),
    alerts: opened.alerts.map(alert => displayText(alert, LONGEST_ALERT)),
    rules: rulesOf(opened.rules, place.language),
    authentication: authenticationOf(opened.authentication, writer),
  }
}

const LONGEST_FIELD = 320
const LONGEST_ALERT = 400
/** RFC 5321 allows 64, but amavisd stores longer ones, too. */
const LONGEST_LOCAL_PART = 255
/** The ending of a name says what the file is. Few file systems have longer names. */
const LONGEST_FILE_NAME = 255

const RISKY: ReadonlySet<ListedHeld['kind']> = new Set(['virus', 'banned', 'unchecked'])

function scoreOf({ score }: ListedHeld, { words, place }: Writer): string | undefined {
  const points = formatScore(score, place.language)
  return points === undefined ? undefined : words.say('message.score', { score: points })
}

function rulesOf(rules: readonly SpamRule[], language: string): object[] {
  const format = new Intl.NumberFormat(language, { maximumFractionDigits: 3, signDisplay: 'exceptZero' })
  return rules.map(({ name, points }) => ({
    name: displayText(name, LONGEST_RULE),
    points: format.format(points),
  }))
}

const LONGEST_RULE = 100

/** "SPF: passed". What amavisd or the MTA wrote is one of the words of RFC 8601; others are shown as they are. */
const authenticationOf = (results: readonly AuthenticationResult[], { words }: Writer): object[] =>
  results.map(({ method, result }) => {
    const known = RESULTS[result.toLowerCase()]
    return {
      method: method.toUpperCase(),
      result: known ? words.say(`message.authentication.${known}`) : displayText(result, 30),
      mood: known === 'pass' ? 'good' : known === 'fail' ? 'bad' : '',
    }
  })

/** Those of RFC 8601, section 2.7, that mean the same to a reader have one word. */
const RESULTS: Readonly<Record<string, 'pass' | 'fail' | 'unsure'>> = {
  pass: 'pass',
  fail: 'fail',
  hardfail: 'fail',
  policy: 'fail',
  softfail: 'unsure',
  neutral: 'unsure',
  none: 'unsure',
  temperror: 'unsure',
  permerror: 'unsure',
}
