import type { HelpDesk } from '../../../desks/help-desk/help-desk.ts'
import type { Look } from '../../../desks/help-desk/looks.ts'
import type { Page } from '../../../ground/database/walk-by-key.ts'
import { personName } from '../../../ground/display/person-name.ts'
import { displayText } from '../../../ground/display/text.ts'
import { messagePath } from '../quarantine/message-show.ts'
import type { Writer } from '../web/writer.ts'
import type { MailHandler } from './mail-visit.ts'

export interface LooksDeps {
  readonly looks: Pick<HelpDesk, 'looksAt' | 'lastLookAt'>
}

/** GET /mail/looks?after=PLACE: who has looked at the reader's quarantine. */
export const showLooks =
  ({ looks }: LooksDeps): MailHandler =>
  async ({ reader, query, show }) => {
    const after = query.get('after') ?? undefined
    const page = await looks.looksAt(reader.address, { after, limit: PER_PAGE })
    show({ page: 'reader/looks', model: writer => looksModel(page, after, writer) })
  }

/** The model of `templates/reader/looks.html`. @param after the position of the page; undefined for the first */
export const looksModel = (
  { rows, next }: Page<Look>,
  after: string | undefined,
  writer: Writer,
): object => ({
  wide: true,
  looks: rows.map(look => rowOf(look, writer)),
  nextUrl: next && writer.url(`${LOOKS}?${new URLSearchParams({ after: next })}`),
  firstUrl: after === undefined ? undefined : writer.url(LOOKS),
  backUrl: writer.url('/mail'),
})

const LOOKS = '/mail/looks'

const PER_PAGE = 50

const rowOf = ({ by, at, seen, message }: Look, { words, time, url }: Writer): object => ({
  by: personName(by),
  at: time(at),
  what: words.say(`reader.looks.seen.${seen ?? 'something'}`),
  subject:
    message?.subject === undefined
      ? undefined
      : displayText(message.subject, LONGEST_SUBJECT) || words.say('display.noSubject'),
  url: message && url(messagePath('/mail', message.ref)),
})

const LONGEST_SUBJECT = 120

/** The line on the list; nothing where nobody has looked of late. */
export const lookModel = (last: Pick<Look, 'by' | 'at'> | undefined, { time, url }: Writer): object => ({
  look: last && { by: personName(last.by), when: time(last.at), url: url(LOOKS) },
})
