import type { DigestSummary } from '../../../../desks/admin/digests/find-digests.ts'
import { displayAddress } from '../../../../ground/display/address.ts'
import { displayText } from '../../../../ground/display/text.ts'
import type { Writer } from '../../web/writer.ts'
import { digestBadge } from './badges.ts'
import { breakable } from './breakable.ts'
import { pathOf } from './scope-page.ts'

/** A digest as a row of a table, or at the top of its own page. */
export const digestRow = (digest: DigestSummary, writer: Writer): object => ({
  url: writer.url(`/admin/digests/${digest.id}`),
  readerUrl: writer.url(pathOf(digest.reader)),
  reader: displayAddress(digest.reader, 255),
  readerParts: breakable(displayAddress(digest.reader, 255)),
  deliverTo: digest.deliverTo === digest.reader ? undefined : displayAddress(digest.deliverTo, 255),
  deliverToParts: breakable(displayAddress(digest.deliverTo, 255)),
  isCopy: digest.copyOf !== null,
  at: writer.time(digest.createdAt),
  state: digestBadge(digest.state, writer),
  messages: writer.number(digest.itemCount),
  schedule: digest.schedule ?? undefined,
  words: digest.reply === null ? undefined : displayText(digest.reply, 120),
})
