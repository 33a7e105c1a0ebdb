import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import type { HeldMailKey } from '../../../src/ground/amavis/held-mail.ts'
import { Gate } from '../../../src/ground/concurrency/gate.ts'
import { messageIdOf } from '../../../src/ground/mail/message-id.ts'
import type { MessageReader } from '../../../src/ground/message/message-reader.ts'
import { readAttachment, readContent, readHtml } from '../../../src/ground/message/read-message.ts'
import { createMessageReader } from '../../../src/ground/message/threaded-reader.ts'
import { newId } from '../../../src/ground/state/id.ts'
import type { AdminPermission, Viewer } from '../../../src/rules/reach/viewer.ts'
import { asReader } from '../../../src/rules/reach/visitor.ts'
import { heldRefOf } from '../../../src/work/collect/held-ref.ts'
import { attachmentOf, headersOf, htmlOf, sourceOf } from '../../../src/work/reading/files-of-held.ts'
import type { ReadingDeps } from '../../../src/work/reading/held-octets.ts'
import { openHeld as open } from '../../../src/work/reading/open-held.ts'
import { openEmbeddedDatabase } from '../../embedded/database.ts'
import { directoryWith } from '../../embedded/directory.ts'
import { type HeldMailSpec, hold, recipientStatus, updateRecipient } from '../../embedded/held-mail.ts'
import { amavisHead, quarantine } from '../../embedded/quarantined.ts'

const folder = mkdtempSync(join(tmpdir(), 'reading-'))
const database = await openEmbeddedDatabase(folder)
afterAll(async () => {
  await database[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true })
})

/** The reader without its threads, which have a test of their own. */
const inThisThread: MessageReader = {
  content: async message => ({ is: 'read', value: await readContent(message) }),
  html: async message => ({ is: 'read', value: await readHtml(message) }),
  attachment: async (message, index) => ({ is: 'read', value: readAttachment(message, index) }),
  [Symbol.asyncDispose]: async () => {},
}

const deps: ReadingDeps = {
  storage: database.storage.sql,
  state: database.state,
  directory: directoryWith({}),
  clock: () => NOW,
  log: pino({ level: 'silent' }),
  messages: inThisThread,
  turns: new Gate(2),
  mostOctets: 100_000,
  readersSeeHeaders: false,
  canary: true,
  domain: 'example.com',
}

const openHeld = (own: ReadingDeps, viewer: Viewer, ref: string) => open(own, viewer, ref, { isLook: true })

const NOW = Date.UTC(2026, 2, 2, 6)

const reader = (address: string): Viewer => ({
  as: 'reader',
  visitor: asReader(address),
  actor: { kind: 'reader', name: address, remoteAddress: null },
})
const admin = (may: readonly AdminPermission[], reach?: readonly string[]): Viewer => ({
  as: 'admin',
  actor: { kind: 'admin', name: 'root', remoteAddress: null },
  reach,
  may,
})
const ALICE = reader('alice@example.com')
const ADMIN = admin(['read', 'download', 'virus'])
const ADMIN_OF_ONE = admin(['read', 'download', 'virus'], ['example.com'])

const SENT = `From: "boss@bank.example" <sam@sender.example.net>
Reply-To: x@elsewhere.example
To: alice@example.com
X-Amavis-Alert: INFECTED, message contains virus: forged
X-Spam-Status: Yes, tests=[FORGED=9]
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: text/html

<p>Pay <a href="http://evil.example">here</a><img src="http://evil.example/i"></p>
--b
Content-Type: application/pdf; name="Rechnung ü.pdf"

%PDF-1.4
--b--
`

const STATUS = 'X-Spam-Status: Yes, score=7.5 tests=[BAYES_99=3.5,\n SPF_FAIL=0.9] autolearn=no\n'

const TO = ['alice@example.com', 'bcc@example.org']

let count = 0

/** Holds a message for both recipients. @returns the key of the first */
async function held(spec: Partial<HeldMailSpec> = {}, text = STATUS, sent = SENT): Promise<HeldMailKey> {
  const mailId = `mail${++count}`
  const specs = TO.map((recipient, index) => ({
    receivedAt: NOW,
    mailId,
    rseqnum: index + 1,
    recipient,
    ...spec,
  }))
  const [key] = await hold(database.storage, ...specs)
  if (!key) throw new Error('nothing is held')
  await quarantine(database.storage, key, amavisHead(mailId, TO, text) + sent)
  return key
}

const refusal = (code: string) => expect.objectContaining({ code })

describe('a held message', () => {
  let key: HeldMailKey
  let ref: string
  beforeEach(async () => {
    key = await held()
    ref = heldRefOf(key)
  })

  test('is opened by its reader: facts, warnings, text and attachments', async () => {
    const opened = await openHeld(deps, ALICE, ref)
    expect(opened).toMatchObject({
      recipients: [{ ref, recipient: 'alice@example.com', state: 'held' }],
      headerFrom: '"boss@bank.example" <sam@sender.example.net>',
      replyTo: 'x@elsewhere.example',
      alerts: [],
      rules: [
        { name: 'BAYES_99', points: 3.5 },
        { name: 'SPF_FAIL', points: 0.9 },
      ],
      authentication: [{ method: 'spf', result: 'fail' }],
      warnings: [{ about: 'addressInName' }, { about: 'replyElsewhere' }],
      content: {
        is: 'shown',
        text: 'Pay here [evil.example]',
        hasHtml: true,
        attachments: [{ index: 0, name: 'Rechnung ü.pdf', sniffedType: 'application/pdf', size: 8 }],
      },
    })
    expect(JSON.stringify(opened)).not.toContain('bcc@example.org')
  })

  test('does not exist for another reader', async () => {
    for (const use of [openHeld, htmlOf]) {
      await expect(use(deps, reader('bob@example.com'), ref)).rejects.toThrow(refusal('HELD_UNKNOWN'))
    }
  })

  test('counts as viewed once its reader has opened it, and not by an admin', async () => {
    await openHeld(deps, ADMIN, ref)
    expect((await recipientStatus(database.storage, key)).trim()).toBe('')
    await openHeld(deps, ALICE, ref)
    expect(await recipientStatus(database.storage, key)).toBe('V')
    expect((await recipientStatus(database.storage, { ...key, rseqnum: 2 })).trim()).toBe('')
  })

  test('does not count as viewed by what is no look of a person', async () => {
    await open(deps, ALICE, ref, { isLook: false })
    expect((await recipientStatus(database.storage, key)).trim()).toBe('')
  })

  test.each(['p', 'R', 'D', 'v'])('that is marked %s stays so when it is opened', async rs => {
    await updateRecipient(database.storage, key, { rs })
    await openHeld(deps, ALICE, ref)
    expect(await recipientStatus(database.storage, key)).toBe(rs)
  })

  test('has HTML that loads nothing', async () => {
    const html = await htmlOf(deps, ALICE, ref)
    expect(html).toContain('<a data-host="evil.example">here</a><img alt="" />')
  })

  test('is no file to its reader, and its headers only if that is set, from its sender on', async () => {
    for (const use of [sourceOf, headersOf]) {
      await expect(use(deps, ALICE, ref)).rejects.toThrow(refusal('OUT_OF_REACH'))
    }
    await expect(attachmentOf(deps, ALICE, ref, 0)).rejects.toThrow(refusal('OUT_OF_REACH'))
    const headers = await headersOf({ ...deps, readersSeeHeaders: true }, ALICE, ref)
    expect(headers).toMatch(/^From: "boss@bank\.example"[\s\S]*boundary=b$/)
  })

  test('is a file to an admin with that right, without the head that names all recipients', async () => {
    for (const viewer of [ADMIN, ADMIN_OF_ONE]) {
      expect((await sourceOf(deps, viewer, ref)).toString()).toBe(SENT)
      const { name, content } = await attachmentOf(deps, viewer, ref, 0)
      expect([name, content.toString()]).toEqual(['Rechnung ü.pdf', '%PDF-1.4'])
    }
    await expect(attachmentOf(deps, ADMIN, ref, 1)).rejects.toThrow(refusal('MESSAGE_GONE'))
    await expect(sourceOf(deps, admin(['read']), ref)).rejects.toThrow(refusal('OUT_OF_REACH'))
  })

  test('shows its whole header to an admin of all domains only', async () => {
    expect(await headersOf(deps, ADMIN, ref)).toContain('bcc@example.org')
    const own = await headersOf(deps, ADMIN_OF_ONE, ref)
    expect(own).not.toContain('bcc@example.org')
    expect(own).toMatch(/^From: /)
  })
})

describe('a message that cannot be shown', () => {
  const notShown = async (key: HeldMailKey, viewer = ALICE, other: Partial<ReadingDeps> = {}) => {
    const opened = await openHeld({ ...deps, ...other }, viewer, heldRefOf(key))
    expect(opened.recipients[0]).toMatchObject({ subject: 'A message' })
    return opened
  }

  test('has its facts, and the rules that amavisd wrote', async () => {
    const opened = await notShown(await held(), ALICE, { mostOctets: 500 })
    expect(opened).toMatchObject({
      content: { is: 'not-shown', why: 'too-large' },
      rules: [{ name: 'BAYES_99' }, { name: 'SPF_FAIL' }],
      headerFrom: 'Sam Sender <sam@sender.example.net>',
    })
  })

  test.each([1, 2, 3])('because chunk %i is missing', async chunk => {
    const [key] = await hold(database.storage, { recipient: 'alice@example.com', receivedAt: NOW })
    if (!key) throw new Error('nothing is held')
    await quarantine(database.storage, key, amavisHead(key.mailId, TO) + SENT + 'x'.repeat(40_000))
    await database.storage.sql
      .updateTable('msgs')
      .set({ size: 40_500 })
      .where('mail_id', '=', key.mailId)
      .execute()
    await database.storage.sql
      .deleteFrom('quarantine')
      .where('mail_id', '=', key.mailId)
      .where('chunk_ind', '=', chunk)
      .execute()
    expect((await notShown(key)).content).toEqual({ is: 'not-shown', why: 'damaged' })
    await expect(htmlOf(deps, ALICE, heldRefOf(key))).rejects.toThrow(refusal('MESSAGE_GONE'))
  })

  test('because all of it is gone', async () => {
    const [key] = await hold(database.storage, { recipient: 'alice@example.com', receivedAt: NOW })
    if (!key) throw new Error('nothing is held')
    expect((await notShown(key)).content).toEqual({ is: 'not-shown', why: 'damaged' })
  })

  test.each(['F', 'Z', 'B', 'M', 'L'])('because the quarantine keeps it elsewhere (%s)', async quarType => {
    const [key] = await hold(database.storage, { recipient: 'alice@example.com', receivedAt: NOW, quarType })
    if (!key) throw new Error('nothing is held')
    expect((await notShown(key)).content).toEqual({ is: 'not-shown', why: 'not-in-sql' })
  })

  test('because its parts are too many', async () => {
    const tooMany = async () => ({ is: 'too-large' }) as const
    const messages = { ...inThisThread, content: tooMany }
    expect((await notShown(await held(), ALICE, { messages })).content).toEqual({
      is: 'not-shown',
      why: 'too-large',
    })
  })

  describe('because of what it costs to read', () => {
    const messages = createMessageReader()
    afterAll(() => messages[Symbol.asyncDispose]())
    const nested = Array.from(
      { length: 500 },
      (_, depth) => `Content-Type: multipart/mixed; boundary=b${depth}\n\n--b${depth}\n`,
    ).join('')

    test.each([
      ['10,000 parts', `Content-Type: multipart/mixed; boundary=b\n\n${'--b\n\nx\n'.repeat(10_000)}--b--\n`],
      ['500 parts within each other', `${nested}\nx\n`],
      ['2 MB of headers', `X-Long: ${'y'.repeat(2_000_000)}\n\nHello\n`],
    ])('%s', async (_what, sent) => {
      const key = await held({}, STATUS, sent)
      expect(await notShown(key, ALICE, { messages, mostOctets: 10_000_000 })).toMatchObject({
        content: { is: 'not-shown', why: 'too-large' },
        headerFrom: 'Sam Sender <sam@sender.example.net>',
        rules: [{ name: 'BAYES_99' }, { name: 'SPF_FAIL' }],
      })
    })
  })

  test('because it has a virus, for whichever recipient', async () => {
    const alert = 'X-Amavis-Alert: INFECTED, message contains virus: Eicar\n'
    for (const key of [await held({ content: 'V' }), await held({ content: 'B' }, alert)]) {
      const ref = heldRefOf(key)
      for (const viewer of [ALICE, ADMIN_OF_ONE, admin(['read', 'download'])]) {
        expect((await notShown(key, viewer)).content).toEqual({ is: 'not-shown', why: 'virus' })
        await expect(htmlOf(deps, viewer, ref)).rejects.toThrow(refusal('OUT_OF_REACH'))
      }
      await expect(sourceOf(deps, ADMIN_OF_ONE, ref)).rejects.toThrow(refusal('OUT_OF_REACH'))
      expect(await audits()).toEqual([])
      expect((await openHeld(deps, ADMIN, ref)).content).toMatchObject({ is: 'shown' })
      expect(await audits()).toEqual([
        { actor: 'root', action: 'open-virus', recipient: 'alice@example.com' },
      ])
      await database.state.sql.deleteFrom('digest_audit').execute()
    }
  })

  test('because it is a mail of ours, with links for its recipient alone: not even to an admin of all domains', async () => {
    for (const messageId of [
      messageIdOf(newId(NOW), 'example.com'),
      messageIdOf(newId(NOW), 'example.com', 1),
    ]) {
      const key = await held({ messageId })
      const ref = heldRefOf(key)
      for (const viewer of [ALICE, ADMIN_OF_ONE, ADMIN]) {
        expect((await notShown(key, viewer)).content).toEqual({ is: 'not-shown', why: 'own' })
        await expect(htmlOf(deps, viewer, ref)).rejects.toThrow(refusal('OUT_OF_REACH'))
      }
      for (const use of [headersOf, sourceOf])
        await expect(use(deps, ADMIN, ref)).rejects.toThrow(refusal('OUT_OF_REACH'))
      await expect(attachmentOf(deps, ADMIN, ref, 0)).rejects.toThrow(refusal('OUT_OF_REACH'))
    }
    const other = await held({ messageId: messageIdOf(newId(NOW), 'other.example') })
    expect((await openHeld(deps, ALICE, heldRefOf(other))).content).toMatchObject({ is: 'shown' })
  })

  const audits = () =>
    database.state.sql.selectFrom('digest_audit').select(['actor', 'action', 'recipient']).execute()
})

test('two partitions with one mail id have a text each', async () => {
  const mailId = 'same'
  const keys = await hold(
    database.storage,
    ...[1, 2].map(partitionTag => ({
      recipient: 'alice@example.com',
      receivedAt: NOW,
      mailId,
      partitionTag,
    })),
  )
  for (const key of keys) {
    await quarantine(database.storage, key, `${amavisHead(mailId, TO)}\nText ${key.partitionTag}`)
  }
  for (const key of keys) {
    const { content } = await openHeld(deps, ALICE, heldRefOf(key))
    expect(content).toMatchObject({ text: `Text ${key.partitionTag}` })
  }
})
