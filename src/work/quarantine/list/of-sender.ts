import type { Gathering } from './gather.ts'
import type { PageOfLines } from './pages.ts'
import { compareNewest, isAfter, type Position } from './position.ts'
import type { Source } from './sources.ts'

/** Mail that an index finds by its envelope sender. */
export interface SenderSource extends Source {
  readonly isOfSender: (candidate: { readonly sender: string }) => boolean
}

/**
 * A search for a sender's address finds mail by the envelope at once, and by the header's From only among mail that it
 * looks at. When it stops before it has enough, the envelope tells of older mail: that fills the page, and later pages
 * leave it out.
 *
 * @param listed up to where mail by the envelope is on earlier pages
 */
export function withSenders(
  source: SenderSource | undefined,
  gathering: Gathering,
  listed: Position | undefined,
): {
  readonly gathering: Gathering
  complete(page: PageOfLines, limit: number): Promise<PageOfLines>
} {
  if (!source) return { gathering, complete: async page => page }
  const isListed = (candidate: Parameters<typeof isAfter>[0] & { readonly sender: string }) =>
    listed !== undefined && source.isOfSender(candidate) && !isAfter(candidate, listed)
  return {
    gathering: {
      ...gathering,
      sift: async candidates => gathering.sift(candidates.filter(candidate => !isListed(candidate))),
    },
    async complete(page, limit) {
      if (page.lookedBackTo === undefined || !page.next)
        return { ...page, next: page.next && { ...page.next, senders: listed } }
      const { position } = page.next
      const start = listed && listed.timeNum < position.timeNum ? listed : position
      const { from, linesOf, sift } = gathering
      const { candidates, ...read } = await source.read({ from, to: start.timeNum }, limit)
      const older = await sift(candidates.filter(candidate => isAfter(candidate, start)))
      const lines = linesOf([...older].sort(compareNewest)).slice(0, limit - page.lines.length)
      const last = lines.at(-1)?.at(-1)
      const senders = last
        ? { timeNum: last.timeNum, within: last }
        : lines.length < limit - page.lines.length
          ? { timeNum: read.from === from ? from - 1 : read.from }
          : listed
      return { ...page, lines: [...page.lines, ...lines], next: { position, senders } }
    },
  }
}
