import type { MessageState } from '../../../../desks/admin/messages/find-messages.ts'
import type { ContentKind } from '../../../../ground/amavis/content.ts'

/** What the list of held messages is narrowed to. */
export interface MessagesWanted {
  readonly state?: MessageState | undefined
  readonly kind?: ContentKind | undefined
  /** As `2026-03-11`. */
  readonly day?: string | undefined
}

/** The path of the list of held messages. */
export const messagesPath = (wanted: MessagesWanted): string => {
  const query = new URLSearchParams(
    Object.entries(wanted).filter((entry): entry is [string, string] => entry[1] !== undefined),
  )
  return query.size > 0 ? `/admin/messages?${query}` : '/admin/messages'
}
