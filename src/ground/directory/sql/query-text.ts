import type { Lexis } from '../../database/database.ts'
import { CodedError } from '../../errors.ts'

/** An admin's query in pieces: between each two of them an address is bound. */
export type QueryPieces = readonly [string, string, ...string[]]

/**
 * Finds each `:address` in an admin's query, but not those in strings, quoted names and comments. What follows the
 * query, a semicolon or a comment, is left out, so that the query may become part of another one.
 *
 * @throws CodedError CONFIG_INVALID for a text that is not one query, or has no `:address`
 */
export function queryPieces(query: string, lexis: Lexis): QueryPieces {
  const tokens = tokensOf(query, lexis)
  const end = tokens.findLastIndex(({ is, text }) => !isEmpty(text) && is !== 'comment' && is !== 'end') + 1
  const begun = tokens.find(({ is, text }) => !isEmpty(text) && is !== 'comment')
  if (!begun || !BEGINNING.test(begun.text)) throw fault('must begin with SELECT, WITH or a parenthesis')
  const pieces = ['']
  for (const { is, text } of tokens.slice(0, end)) {
    if (is === 'end') throw fault('must be one query, with no semicolon in it')
    if (is === 'open') throw fault(`has a quote or a comment that does not end: ${text}`)
    if (is === 'placeholder') throw fault(`has a placeholder other than :address: ${text}`)
    if (is === 'address') pieces.push('')
    else pieces.push(pieces.pop() + text)
  }
  const [first, second, ...rest] = [...pieces.slice(0, -1), pieces.at(-1)?.trimEnd() ?? '']
  if (first === undefined || second === undefined) throw fault('has no :address outside quotes and comments')
  return [first, second, ...rest]
}

const isEmpty = (text: string): boolean => text.trim() === ''

const BEGINNING = /^\s*(?:\(|select\b|with\b)/i

interface Token {
  readonly is: 'text' | 'comment' | 'address' | 'end' | 'open' | 'placeholder'
  readonly text: string
}

function tokensOf(query: string, { quoted, placeholder }: Lexis): readonly Token[] {
  // A name after two colons is a type, as in '1'::address.
  const token = new RegExp(
    `(?<quoted>${quoted.source})|::|(?<address>:address(?![\\w$]))|(?<placeholder>${placeholder.source})|(?<end>;)|(?<open>['"\`]|/\\*)`,
    'gs',
  )
  const tokens: Token[] = []
  let at = 0
  for (const match of query.matchAll(token)) {
    const is = kindOf(match.groups ?? {})
    if (is === 'text') continue
    tokens.push({ is: 'text', text: query.slice(at, match.index) }, { is, text: match[0] })
    at = match.index + match[0].length
  }
  return [...tokens, { is: 'text', text: query.slice(at) }]
}

function kindOf(groups: Readonly<Record<string, string | undefined>>): Token['is'] {
  if (groups.quoted !== undefined) return /^(?:--|#|\/\*)/.test(groups.quoted) ? 'comment' : 'text'
  if (groups.address !== undefined) return 'address'
  if (groups.placeholder !== undefined) return 'placeholder'
  if (groups.end !== undefined) return 'end'
  return groups.open === undefined ? 'text' : 'open'
}

const fault = (reason: string): CodedError => new CodedError('CONFIG_INVALID', `directory.query ${reason}`)
