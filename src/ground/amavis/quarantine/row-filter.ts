import type { ExpressionBuilder } from 'kysely'
import type { ContentCode } from '../content.ts'
import type { AmavisTables } from '../tables.ts'

/** What rows have to have. They may come with others: letter case does not count on every database. */
export interface RowFilter {
  /** `msgrcpt.rs` without blanks. */
  readonly rs: readonly string[]
  /** Codes of `msgrcpt.content` that are not wanted. */
  readonly notContents: readonly ContentCode[]
  /** Of every range; both ends are included. */
  readonly scores: readonly FilterRange[]
  /** Octets. */
  readonly sizes: readonly FilterRange[]
}

interface FilterRange {
  readonly least: number | undefined
  readonly most: number | undefined
}

/** The conditions of a filter, where `msgs` and `msgrcpt` are joined. */
export const passes =
  ({ rs, notContents, scores, sizes }: RowFilter) =>
  (where: ExpressionBuilder<AmavisTables, 'msgs' | 'msgrcpt'>) =>
    where.and([
      // A copy of what was delivered is not held.
      where('msgrcpt.ds', '!=', 'P'),
      where(
        'msgrcpt.rs',
        'in',
        rs.flatMap(code => (code === '' ? BLANK : [code])),
      ),
      ...(notContents.length > 0 ? [where('msgrcpt.content', 'not in', notContents)] : []),
      ...scores.flatMap(range => within(where, 'msgrcpt.bspam_level', range, ROUNDING)),
      ...sizes.flatMap(range => within(where, 'msgs.size', range, 0)),
    ])

const BLANK = [' ', '']

/** A blank, which MySQL returns as ''. */
export const NOT_QUARANTINED: readonly string[] = BLANK

/** The scores are floats of four octets. */
const ROUNDING = 0.01

const within = (
  where: ExpressionBuilder<AmavisTables, 'msgs' | 'msgrcpt'>,
  column: 'msgrcpt.bspam_level' | 'msgs.size',
  { least, most }: FilterRange,
  rounding: number,
) => [
  ...(least === undefined ? [] : [where(column, '>=', least - rounding)]),
  ...(most === undefined ? [] : [where(column, '<=', most + rounding)]),
]
