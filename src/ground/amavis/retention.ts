import type { ContentKind } from './content.ts'

/** How long the quarantine keeps mail, by its kind, in milliseconds. No link promises more. */
export interface Retention {
  of(kind: ContentKind): number
  /** No kind is kept for longer. */
  readonly longest: number
  /** Each kind is kept for as long. */
  readonly shortest: number
}

/** @param kinds those that are kept for another time than `olderThan` */
export function retentionOf(
  olderThan: number,
  kinds: { readonly [Kind in ContentKind]?: number | undefined } = {},
): Retention {
  const own = Object.values(kinds).filter(span => span !== undefined)
  return {
    of: kind => kinds[kind] ?? olderThan,
    longest: Math.max(olderThan, ...own),
    shortest: Math.min(olderThan, ...own),
  }
}

/** Until when the quarantine keeps a message, in milliseconds since the epoch. */
export const keptUntil = (
  retention: Retention,
  { mailAt, kind }: { readonly mailAt: number; readonly kind: ContentKind },
): number => mailAt + retention.of(kind)
