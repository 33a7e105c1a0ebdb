import { z } from 'zod'
import { type ContentKind, KINDS } from '../../ground/amavis/content.ts'

/** Which messages a schedule carries: those that meet every condition given here. */
export interface Filter {
  /** Undefined: every kind. */
  readonly kinds?: readonly ContentKind[] | undefined
  /** The lowest score, inclusive. */
  readonly minScore?: number | undefined
  /** The upper limit of the score, exclusive. */
  readonly maxScore?: number | undefined
}

/** Whether a schedule with this filter carries the message. A message without a score counts as 0. */
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

/** A filter with some of its parts changed. Undefined when no condition is left. */
export function withParts(filter: Filter | undefined, parts: Filter): Filter | undefined {
  const conditions = Object.entries({ ...filter, ...parts }).filter(([, value]) => value !== undefined)
  return conditions.length === 0 ? undefined : Object.fromEntries(conditions)
}

/** A limit of a filter. amavisd's scores stay far within this range. */
export const scoreSchema = z.number().min(-1e6).max(1e6)

/** A filter as its column stores it. */
export const filterSchema = z
  .strictObject({
    kinds: z.array(z.enum(KINDS)).min(1).optional(),
    minScore: scoreSchema.optional(),
    maxScore: scoreSchema.optional(),
  })
  .refine(
    ({ minScore, maxScore }) => minScore === undefined || maxScore === undefined || minScore < maxScore,
    'expected the lower score to be below the upper one; otherwise no message matches',
  )

/**
 * Reads the column. A value that cannot be read counts as no filter, so that a mistake hides no mail from its reader.
 */
export function filterOf(text: string | null): Filter | undefined {
  if (text === null) return undefined
  try {
    return filterSchema.parse(JSON.parse(text))
  } catch {
    return undefined
  }
}
