import { z } from 'zod'
import { type ContentKind, KINDS } from '../../ground/amavis/content.ts'

/** Which messages a schedule carries: those that fulfil all that is said here. */
export interface Filter {
  /** Undefined: every kind. */
  readonly kinds?: readonly ContentKind[] | undefined
  /** The least score, inclusive. */
  readonly minScore?: number | undefined
  /** Below this score. */
  readonly maxScore?: number | undefined
}

/**
 * Whether a schedule with this filter carries the message. One that was not scored is carried where no score is asked
 * for, and else counts as 0.
 */
export function carries(
  filter: Filter | undefined,
  mail: { readonly kind: ContentKind; readonly score: number | null },
): boolean {
  if (!filter) return true
  const { kinds, minScore = Number.NEGATIVE_INFINITY, maxScore = Number.POSITIVE_INFINITY } = filter
  if (kinds && !kinds.includes(mail.kind)) return false
  const score = mail.score ?? 0
  return score >= minScore && score < maxScore
}

/** A filter with some of its parts changed. Undefined: it asks for nothing any more. */
export function withParts(filter: Filter | undefined, parts: Filter): Filter | undefined {
  const said = Object.entries({ ...filter, ...parts }).filter(([, value]) => value !== undefined)
  return said.length === 0 ? undefined : Object.fromEntries(said)
}

/** A score as a bound: amavisd's are far from its ends. */
export const scoreSchema = z.number().min(-1e6).max(1e6)

/** How a filter stands in its column. */
export const filterSchema = z
  .strictObject({
    kinds: z.array(z.enum(KINDS)).min(1).optional(),
    minScore: scoreSchema.optional(),
    maxScore: scoreSchema.optional(),
  })
  .refine(
    ({ minScore, maxScore }) => minScore === undefined || maxScore === undefined || minScore < maxScore,
    'expected the lower score to be below the upper one: no message has such a score',
  )

/** Reads the column. What cannot be read is no filter: nothing is kept from its reader by a mistake. */
export function filterOf(text: string | null): Filter | undefined {
  if (text === null) return undefined
  try {
    return filterSchema.parse(JSON.parse(text))
  } catch {
    return undefined
  }
}
