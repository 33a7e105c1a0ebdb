import { displayAddress } from '../../../ground/display/address.ts'
import type { Viewer } from '../../../rules/reach/viewer.ts'
import type { ListedHeld, ListedRequest } from '../../../work/quarantine/held-list.ts'
import { noteLines } from '../pages/request-models.ts'
import type { Writer } from '../web/writer.ts'

/** What is said of the request for a message. */
export interface RequestLines {
  readonly said: string
  /** Of an admin who has refused, line by line; untrusted text, made safe to show. */
  readonly note: readonly string[] | undefined
  /** Where an admin decides on it. */
  readonly url: string | undefined
}

/** Undefined: there is nothing to say. */
export function requestLines(
  { request }: ListedHeld,
  viewer: Viewer,
  writer: Writer,
): RequestLines | undefined {
  if (!request) return undefined
  const said = viewer.as === 'admin' ? saidToAdmin(request, writer) : saidToReader(request, writer)
  if (said === undefined) return undefined
  return {
    said,
    note: request.state === 'refused' ? noteLines(request.note) : undefined,
    url: viewer.as === 'admin' ? writer.url(`/admin/requests/${encodeURIComponent(request.id)}`) : undefined,
  }
}

function saidToReader(request: ListedRequest, { words, time }: Writer): string | undefined {
  const asked = { when: time(request.askedAt, 'moment'), until: time(request.expiresAt, 'moment') }
  switch (request.state) {
    case 'waiting':
      if (!request.askedByThisReader) return words.say('page.requested.other', asked)
      return `${words.say('page.requested.own', asked)} ${words.say('page.requested.next', asked)}`
    case 'refused':
      return words.say('page.refused.when', { when: time(request.decidedAt ?? request.askedAt, 'moment') })
    case 'expired':
      return words.say('page.ask.expired', asked)
    case 'approved':
    case 'released':
    case 'gone':
      return undefined
  }
}

function saidToAdmin(request: ListedRequest, { words, time }: Writer): string | undefined {
  const { state, readers, askedAt, decidedAt = askedAt } = request
  if (state === 'released' || state === 'gone') return undefined
  const [first] = readers
  const when = time(askedAt, 'moment')
  const by =
    first === undefined
      ? words.say('message.askedFor.program', { when })
      : words.say('message.askedFor.readers', {
          when,
          reader: displayAddress(first),
          more: readers.length - 1,
        })
  return state === 'refused'
    ? `${by} ${words.say('page.refused.when', { when: time(decidedAt, 'moment') })}`
    : by
}
