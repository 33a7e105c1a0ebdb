import { type Document, isNode, type LineCounter } from 'yaml'
import type { z } from 'zod'
import { mayShowPassword } from './options/url-faults.ts'
import { keysOf, OPTIONS } from './options.ts'

/** One thing that is wrong with the configuration. */
export interface Fault {
  /** `config.yaml:12`, or the name of an environment variable. */
  readonly place: string
  readonly message: string
}

/** Describes an issue of the schema: the key, what was expected, and what was found, unless it is a secret. */
export function faultMessages(issue: z.core.$ZodIssue, input: unknown): string[] {
  if (issue.code === 'invalid_union') {
    const inner = intendedForm(issue).map(({ path, ...fault }) => ({
      ...fault,
      path: [...issue.path, ...path],
    }))
    return inner.flatMap(fault => faultMessages(fault as z.core.$ZodIssue, input))
  }
  const key = keyName(issue.path)
  if (issue.code === 'unrecognized_keys') {
    const known = keysOf(issue.path)
    return issue.keys.map(
      name =>
        `${keyName([...issue.path, shownKey(name)])}: unknown key${known ? `; expected one of ${known.join(', ')}` : ''}`,
    )
  }
  const value = valueAt(input, issue.path)
  if (value === undefined) return [`${key}: missing; ${expectation(issue)}`]
  const found =
    mayHoldSecret(issue.path) || mayShowPassword(value) || typeof value === 'object'
      ? ''
      : `, found ${JSON.stringify(value)}`
  return [`${key}: ${expectation(issue)}${found}`]
}

/** If a value may have several forms, reports what is wrong with it as the first form whose type it has. */
const intendedForm = ({ errors }: z.core.$ZodIssueInvalidUnion): readonly z.core.$ZodIssue[] =>
  errors.find(faults => faults.every(({ code, path }) => code !== 'invalid_type' || path.length > 0)) ??
  errors[0] ??
  []

/** The line of the node at this path, or of its nearest parent that the file has. */
export function lineOf(document: Document, lines: LineCounter, path: readonly PropertyKey[]): number {
  for (let depth = path.length; depth > 0; depth -= 1) {
    const node = document.getIn(path.slice(0, depth), true)
    if (isNode(node) && node.range) return lines.linePos(node.range[0]).line
  }
  return 1
}

function keyName(path: readonly PropertyKey[]): string {
  if (path.length === 0) return 'the whole file'
  return path
    .map(part => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('')
    .replace(/^\./, '')
}

function expectation(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'custom':
      return issue.message
    case 'invalid_type':
      return issue.message.startsWith('expected') ? issue.message : `expected ${typeName(issue.expected)}`
    case 'invalid_value':
      return `expected ${issue.values.map(value => JSON.stringify(value)).join(' or ')}`
    case 'too_small':
      return `expected ${issue.minimum} or more`
    case 'too_big':
      return `expected ${issue.maximum} ${issue.origin === 'array' ? 'entries at most' : 'or less'}`
    default:
      return issue.message
  }
}

function typeName(type: string): string {
  switch (type) {
    case 'object':
      return 'a section of keys'
    case 'array':
      return 'a list'
    case 'boolean':
      return 'true or false'
    case 'int':
      return 'a whole number'
    default:
      return `a ${type}`
  }
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) => (typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined),
    input,
  )
}

/** A value in place of a section may hold the secret of one of its keys: `storage: mysql://user:password@…`. */
const mayHoldSecret = (path: readonly PropertyKey[]): boolean =>
  OPTIONS.some(option => option.isSecret && path.every((key, depth) => option.path[depth] === key))

/** Hides a key that may be a misplaced secret: in `{ mysql://user:password@… }`, YAML reads the URL as a key. */
const shownKey = (name: string): string => (/^[\w.-]{1,64}$/.test(name) ? name : '…')
