import { ENCODED_WORD } from '../charsets/encoded-words.ts'
import { nearness } from './address-look.ts'

/** A mailbox of a From field: its address, and everything that stood beside it. */
export interface Mailbox {
  /** As it was written, with encoded words. Empty if it has none. */
  readonly name: string
  /** Without comments and blanks. */
  readonly address: string
}

/** `msgs.from_addr` is a varchar(255): a value of about that length may lack its end. */
const CUT_OFF = 240

/**
 * Reads the mailboxes of a From field (RFC 5322, section 3.6.2), in their order. The field no longer quite follows the
 * RFC: amavisd stores it with its encoded words decoded, so a name may have lost its quotes, and quotes, commas and
 * brackets in a name look like syntax. Of several addresses in brackets the one that fits the envelope counts, otherwise
 * one at the end; the rest is the name. The parsers of postal-mime and nodemailer take the first, which a spammer chooses.
 *
 * @param sender the envelope sender
 * @returns none if the field has no address that is certain
 */
export function readMailboxes(field: string, sender: string): Mailbox[] {
  const usual = USUAL.exec(field)
  if (usual?.[2]) return [{ name: usual[1] ?? '', address: usual[2] }]
  const isCutOff = field.length >= CUT_OFF
  const elements = elementsOf(isCutOff ? field : withoutGroup(withLastBracket(field)), sender)
  if (elements.some(({ brackets }) => brackets)) return bracketed(isCutOff ? withoutRest(elements) : elements)
  if (BRACKETS.test(field)) return []
  const bare = (isCutOff ? elements.slice(0, -1) : elements).map(bareMailbox)
  return bare.every(mailbox => mailbox !== undefined) ? bare : []
}

/** Most fields, which need no further reading: `Anna Smith <anna@a.example>`. */
const USUAL = /^([\w .'&!+-]*) ?<([\w.+=-]+@[\w.-]+)>$/

/** `Staff: anna@a.example, ben@a.example;` (RFC 6854) */
const withoutGroup = (field: string): string => /^[^:<>@"(]*:(.*);\s*$/.exec(field)?.[1] ?? field

/** In a quoted string or a comment, where an encoded word may have put its beginning and its end. */
const BRACKETS = /<[^<>]*@[^<>]*>/

/** `Anna <anna@a.example` */
const withLastBracket = (field: string): string => (/<[^\s<>@]+@[^\s<>@]+$/.test(field) ? `${field}>` : field)

/** What follows the last complete mailbox may be half a mailbox. */
const withoutRest = (elements: readonly Element[]): Element[] =>
  elements.slice(0, elements.findLastIndex(({ brackets }) => brackets) + 1)

/** What stands between two commas. */
interface Element {
  /** Without these brackets. */
  readonly text: string
  /** Without comments. */
  readonly bare: string
  /** The words of its comments. */
  readonly comments: string
  /** The address in its brackets, if it has any. */
  readonly brackets: string | undefined
}

/**
 * A part of a field whose special characters count for nothing, or a single character. A quote or parenthesis that is
 * never closed is a character like others.
 */
const TOKEN = new RegExp(
  [
    `(?<word>${ENCODED_WORD})`,
    String.raw`(?<quoted>"(?:[^"\\]|\\.)*")`,
    String.raw`(?<brackets><(?:[^<>"]|"(?:[^"\\]|\\.)*")*>|<[^<>]*>)`,
    `(?<plain>[^<>"(),;=]+)`,
    '(?<other>.)',
  ].join('|'),
  'sy',
)

function elementsOf(field: string, sender: string): Element[] {
  const elements: Element[] = []
  let tokens: Token[] = []
  let at = 0
  while (at < field.length) {
    const token = tokenAt(field, at)
    at += token.text.length
    if (token.text === ',' || token.text === ';') {
      elements.push(elementOf(tokens, sender))
      tokens = []
    } else {
      tokens.push(token)
    }
  }
  return [...elements, elementOf(tokens, sender)].filter(
    ({ text, brackets }) => text.trim() !== '' || brackets,
  )
}

interface Token {
  readonly kind: 'text' | 'comment' | 'brackets'
  readonly text: string
}

function tokenAt(field: string, at: number): Token {
  const end = field[at] === '(' ? endOfComment(field, at) : 0
  if (end > 0) return { kind: 'comment', text: field.slice(at, end) }
  TOKEN.lastIndex = at
  const match = TOKEN.exec(field)
  const text = match?.[0] ?? field.slice(at)
  return { kind: match?.groups?.brackets ? 'brackets' : 'text', text }
}

/** Comments may be nested. @returns 0 if it never ends */
function endOfComment(field: string, start: number): number {
  let depth = 0
  for (let at = start; at < field.length; at += 1) {
    const character = field[at]
    if (character === '\\') at += 1
    else if (character === '(') depth += 1
    else if (character === ')') depth -= 1
    if (depth === 0) return at + 1
  }
  return 0
}

function elementOf(tokens: readonly Token[], sender: string): Element {
  const brackets = bracketsOf(tokens, sender)
  const beside = tokens.filter(token => token !== brackets)
  return {
    text: textOf(beside),
    bare: bareOf(tokens),
    comments: textOf(tokens.filter(isComment).map(({ text }) => ({ text: ` ${text.slice(1, -1)}` }))).trim(),
    brackets: brackets && addressIn(brackets.text),
  }
}

/**
 * The brackets that hold the envelope sender or an address of its domain; otherwise those at the very end. If something
 * follows these, an encoded word may have put them there, and none is certain.
 */
function bracketsOf(tokens: readonly Token[], sender: string): Token | undefined {
  const found = tokens.filter(({ kind, text }) => kind === 'brackets' && addressIn(text) !== '')
  if (found.length < 2) return found[0]
  const near = (token: Token) => nearness(addressIn(token.text), sender)
  const nearest = found.toSorted((a, b) => near(a) - near(b)).at(-1)
  if (nearest && near(nearest) > 0) return nearest
  return tokens.findLast(({ text }) => text.trim() !== '') === found.at(-1) ? found.at(-1) : undefined
}

const isComment = ({ kind }: Token): boolean => kind === 'comment'

const bareOf = (tokens: readonly Token[]): string => textOf(tokens.filter(token => !isComment(token))).trim()

const textOf = (tokens: readonly { readonly text: string }[]): string =>
  tokens.map(({ text }) => text).join('')

/** The address in brackets, without comments, blanks and an obsolete route (`<@relay.example:anna@a.example>`). */
function addressIn(brackets: string): string {
  const content = brackets.slice(1, -1)
  const plain = content.includes('(') ? bareOf(tokensOf(content)) : content
  const address = plain.replace(/^\s*@[^"]*?:/, '').trim()
  return HAS_ADDRESS.test(address) ? address : ''
}

const HAS_ADDRESS = /[^@]@[^@]/

function tokensOf(text: string): Token[] {
  const tokens: Token[] = []
  for (let at = 0; at < text.length; at += tokens.at(-1)?.text.length ?? 1) tokens.push(tokenAt(text, at))
  return tokens
}

/**
 * An element without an address is the beginning of the next name, which has lost its quotes (`Smith, Anna <…>`). A
 * bare address is a mailbox of its own only if each element has one.
 */
function bracketed(elements: readonly Element[]): Mailbox[] {
  const isList = elements.every(element => element.brackets ?? bareMailbox(element))
  const mailboxes: Mailbox[] = []
  let before: string[] = []
  for (const element of elements) {
    const bare = isList && !element.brackets ? bareMailbox(element) : undefined
    if (bare) {
      mailboxes.push(bare)
      continue
    }
    before.push(element.text.trim())
    if (!element.brackets) continue
    mailboxes.push({ name: before.join(', '), address: element.brackets })
    before = []
  }
  const last = mailboxes.pop()
  return last ? [...mailboxes, { ...last, name: [last.name, ...before].join(', ') }] : []
}

/** `anna@a.example (Anna)`, `"anna smith"@a.example` */
function bareMailbox({ bare, comments }: Element): Mailbox | undefined {
  return BARE.test(bare) ? { name: comments, address: bare } : undefined
}

const BARE = /^(?:"(?:[^"\\]|\\.)*"|[^\s"<>(),;:@]+)@(?:\[[^\s[\]@]*\]|[^\s"<>(),;:@[\]]+)$/
