import type { z } from 'zod'
import { CodedError } from '../../../../ground/errors.ts'

/** One fault of a request, in its body or in a parameter. */
export type Fault =
  | { readonly pointer: string; readonly detail: string }
  | { readonly parameter: string; readonly detail: string }

/** The schemas refuse a request. Lists all of its faults. */
export class RequestFaults extends CodedError {
  readonly faults: readonly Fault[]

  constructor(faults: readonly Fault[]) {
    super('REQUEST_INVALID', 'The request does not match the OpenAPI document. See "errors".')
    this.name = 'RequestFaults'
    this.faults = faults
  }
}

/** Returns the faults that a schema found in the body or in the parameters. */
export function faultsOf(error: z.ZodError, where: 'body' | 'parameters'): Fault[] {
  return error.issues
    .slice(0, MOST_FAULTS)
    .flatMap(issue => pathsOf(issue).map(path => faultAt(path, issue.message, where)))
    .slice(0, MOST_FAULTS)
}

/** If a thousand rows have the same mistake, the first few are enough to understand it. */
const MOST_FAULTS = 20

const LONGEST_PART = 100

/** Each unknown key has a fault of its own. */
function pathsOf(issue: z.core.$ZodIssue): string[][] {
  const path = issue.path.map(part => String(part).slice(0, LONGEST_PART))
  if (issue.code !== 'unrecognized_keys') return [path]
  return issue.keys.map(key => [...path, key.slice(0, LONGEST_PART)])
}

function faultAt(path: readonly string[], message: string, where: 'body' | 'parameters'): Fault {
  const detail = message.slice(0, LONGEST_DETAIL)
  if (where === 'parameters') return { parameter: path.join('.'), detail }
  return { pointer: `#${path.map(part => `/${escaped(part)}`).join('')}`, detail }
}

const LONGEST_DETAIL = 500

/** Percent-encodes the characters that a URI fragment cannot have (RFC 6901, 6). */
const escaped = (part: string): string =>
  encodeURIComponent(part.toWellFormed().replaceAll('~', '~0').replaceAll('/', '~1'))
