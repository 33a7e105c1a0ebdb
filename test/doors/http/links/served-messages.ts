import { onTestFinished } from 'vitest'
import { linkVisits } from '../../../../src/desks/reader/link-visits.ts'
import { readerDesk } from '../../../../src/desks/reader/reader-desk.ts'
import { loadPages } from '../../../../src/doors/http/pages/pages.ts'
import { startServer } from '../../../../src/doors/http/server.ts'
import { configSchema } from '../../../../src/ground/config/schema.ts'
import { HOUR } from '../../../../src/ground/durations.ts'
import type { SenderLists } from '../../../../src/ground/senders/sender-lists.ts'
import { templateFiles } from '../../../../src/ground/templates/template-files.ts'
import { heldRefOf } from '../../../../src/work/collect/held-ref.ts'
import { run } from '../../../../src/work/digest/make/run.ts'
import { NOW } from '../../../embedded/clock.ts'
import { type HeldMailSpec, hold } from '../../../embedded/held-mail.ts'
import { embeddedProgram, LOCALES, PUBLIC_URL } from '../../../embedded/program.ts'
import { messagesOf, storeText } from '../../../embedded/quarantine.ts'
import { readableLog } from '../../../log-lines.ts'

export const ALICE = 'alice@example.com'

export interface MessageSpec extends Partial<HeldMailSpec> {
  /** As its sender sent it; undefined: the quarantine has no text of it. */
  readonly text?: string
}

/** Registers a clean-up; vitest's `onTestFinished` is one. */
type Defer = (cleanUp: () => Promise<void>) => void

/**
 * The routes on a real server, with one digest for Alice that lists these messages, and the paths of their pages.
 *
 * @param senderLists where entries about senders are written; undefined: nowhere
 */
export async function servedMessages(
  specs: readonly MessageSpec[],
  defer: Defer = onTestFinished,
  senderLists?: SenderLists,
) {
  const program = await embeddedProgram(defer)
  const { deps, storage } = program
  const mails = specs.map(({ text: _, ...spec }) => ({ recipient: ALICE, receivedAt: NOW - HOUR, ...spec }))
  const keys = await hold(storage, ...mails)
  for (const [index, { text }] of specs.entries()) {
    const key = keys[index]
    if (text !== undefined && key) await storeText(storage, key, text)
  }
  await run(deps, { schedule: undefined, readers: undefined, dueAt: NOW })
  const http = { ...configSchema.shape.http.parse({}), port: 0, perLink: 100_000, perAddress: 100_000 }
  const server = await startServer({
    publicUrl: PUBLIC_URL,
    http,
    log: readableLog().log,
    clock: deps.clock,
    contact: undefined,
    standardLanguage: 'en',
    pages: loadPages(templateFiles(), LOCALES),
    oneClick: true,
    readiness: async () => [],
    metrics: async () => ({ contentType: 'text/plain', text: '' }),
    meter: deps.meter,
    refusals: deps.refusals,
    answerInstance: () => '',
    visits: linkVisits(deps),
    reader: readerDesk(deps),
    messages: messagesOf(deps, senderLists && { senderLists }),
    recordClick: () => {},
    admin: undefined,
  })
  defer(async () => server[Symbol.asyncDispose]())
  const digest = (await program.rows('digest_digest')).find(({ reader }) => reader === ALICE)
  const links = deps.urls.ofDigest({ digestId: digest?.digest_id ?? '', reader: ALICE, createdAt: NOW }, NOW)
  const items = await program.rows('digest_item')
  const releasePaths = keys.map(({ mailId }) => {
    const item = items.find(({ mail_id }) => mail_id === mailId)
    const of = {
      itemId: item?.item_id ?? '',
      recipient: ALICE,
      reader: ALICE,
      mailAt: NOW - HOUR,
      kind: 'spam',
    } as const
    return new URL(deps.urls.release(of, NOW, NOW).url).pathname
  })
  const digestPath = new URL(links.digest).pathname.replace(
    new URL(PUBLIC_URL).pathname.replace(/\/$/, ''),
    '',
  )
  return {
    ...program,
    keys,
    origin: `http://127.0.0.1:${server.port}`,
    digestId: digest?.digest_id ?? '',
    digestPath,
    /** The paths of the links that release them, in the same order. */
    releasePaths,
    /** The paths of the messages' pages, in the order of the specs. */
    paths: keys.map(key => `${digestPath}/held/${heldRefOf(key)}`),
  }
}
