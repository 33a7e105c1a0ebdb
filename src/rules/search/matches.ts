import type { ContentKind } from '../../ground/amavis/content.ts'
import type { HeldBecause } from '../../ground/amavis/held-because.ts'
import { parseMailbox } from '../../ground/directory/mailbox.ts'
import { folded } from './folded.ts'
import type { Comparison, RangeCondition, Search, TextCondition } from './search.ts'

/** What a search asks about a message, whoever it was for. */
export interface SearchedMessage {
  readonly mailId: string
  /** The header's From. */
  readonly from: string
  readonly subject: string
  /** Octets. */
  readonly size: number
}

/** What a search asks about a message for one recipient. */
export interface SearchedRecipient {
  readonly recipient: string
  readonly kind: ContentKind
  readonly because: HeldBecause
  readonly score: number | null
  /** amavisd's answer to the client: the reason is at its end. */
  readonly response: string
}

/** A search, made ready to be asked about thousands of messages. */
export interface Matcher {
  /** Whether more than the database's own conditions decides. */
  readonly isSelective: boolean
  message(message: SearchedMessage, sender: string): boolean
  recipient(recipient: SearchedRecipient): boolean
}

/** The conditions of a search but for the state and the time. */
export function matcherOf(search: Search): Matcher {
  const ofMessage = search.texts.filter(({ field }) => !OF_RECIPIENT.has(field)).map(testOf)
  const ofRecipient = search.texts.filter(({ field }) => OF_RECIPIENT.has(field)).map(testOf)
  const kinds = wantedOf(search.kinds)
  return {
    isSelective: search.texts.length + search.sizes.length > 0,
    message: (message, sender) =>
      search.sizes.every(range => isIn(range, message.size)) &&
      ofMessage.every(({ condition, test }) => test(textsOfMessage(condition, message, sender))),
    recipient: recipient =>
      kinds(recipient.kind) &&
      search.scores.every(range => isIn(range, recipient.score)) &&
      ofRecipient.every(({ condition, test }) => test(textsOfRecipient(condition, recipient))),
  }
}

const OF_RECIPIENT: ReadonlySet<TextCondition['field']> = new Set(['to', 'reason'])

interface Test {
  readonly condition: TextCondition
  test(texts: readonly string[]): boolean
}

function testOf(condition: TextCondition): Test {
  const isId = condition.field === 'id' && condition.how === 'equals'
  const wanted = isId ? condition.text : folded(condition.text)
  const compare = COMPARISONS[condition.how]
  return {
    condition,
    test: texts => texts.some(text => compare(isId ? text : folded(text), wanted)) !== condition.not,
  }
}

const COMPARISONS: Readonly<Record<Comparison, (text: string, wanted: string) => boolean>> = {
  contains: (text, wanted) => text.includes(wanted),
  equals: (text, wanted) => text === wanted,
  begins: (text, wanted) => text.startsWith(wanted),
  ends: (text, wanted) => text.endsWith(wanted),
}

function textsOfMessage(
  { field, how }: TextCondition,
  { mailId, from, subject }: SearchedMessage,
  sender: string,
): readonly string[] {
  switch (field) {
    case 'subject':
      return [subject]
    case 'id':
      return [mailId]
    case 'from':
      return fromTexts(how, from, sender)
    default:
      return [subject, ...fromTexts(how, from, sender)]
  }
}

/** The parts of a From field have beginnings and ends of their own. */
function fromTexts(how: Comparison, from: string, sender: string): readonly string[] {
  if (how === 'contains') return [from, sender]
  const mailbox = parseMailbox(from)
  return mailbox ? [from, sender, mailbox.name, mailbox.address] : [from, sender]
}

function textsOfRecipient(
  { field }: TextCondition,
  { recipient, because, response }: SearchedRecipient,
): readonly string[] {
  if (field === 'to') return [recipient]
  const reason = / - (.+)$/s.exec(response)?.[1] ?? ''
  return because.detail === 'named' ? [because.name, reason] : [reason]
}

/** A score that there is not lies in no range, and outside of none. */
function isIn({ least, most, not }: RangeCondition, value: number | null): boolean {
  if (value === null) return false
  const isWithin = (least === undefined || value >= least) && (most === undefined || value <= most)
  return isWithin !== not
}

/** One of the wanted values, where any is named, and none of the unwanted. */
export function wantedOf<Value>(
  choices: readonly { readonly value: Value; readonly not: boolean }[],
): (value: Value) => boolean {
  const wanted = new Set(choices.filter(({ not }) => !not).map(({ value }) => value))
  const unwanted = new Set(choices.filter(({ not }) => not).map(({ value }) => value))
  return value => !unwanted.has(value) && (wanted.size === 0 || wanted.has(value))
}
