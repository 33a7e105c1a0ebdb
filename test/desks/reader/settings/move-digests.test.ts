import type { KyselyPlugin, Transaction } from 'kysely'
import { describe, expect, test } from 'vitest'
import { setSettings } from '../../../../src/desks/admin/settings/change-settings.ts'
import { importSettings } from '../../../../src/desks/admin/settings/import-settings.ts'
import type { Database } from '../../../../src/ground/database/database.ts'
import { DAY, HOUR } from '../../../../src/ground/durations.ts'
import type { StateTables } from '../../../../src/ground/state/state-tables.ts'
import { run } from '../../../../src/work/digest/make/run.ts'
import { notifyDestinationChanged } from '../../../../src/work/settings/destination-letters.ts'
import { notifyDestinationsChanged } from '../../../../src/work/settings/destination-notices.ts'
import { NOW } from '../../../embedded/clock.ts'
import { allowAudit, refuseAudit } from '../../../embedded/no-audit.ts'
import { withTransactions } from '../../../embedded/other-transactions.ts'
import { prefer } from '../../../embedded/preferences.ts'

import { confirmDestination, openDestination } from '../by-link.ts'
import { ALICE, linkedReader } from './linked-reader.ts'

const FROM = '192.0.2.1'
const UNLOCKED = { '@': { locked: '[]' } }
const ELSEWHERE = 'Alice.Home@example.net'

describe('a wish for another destination', () => {
  test('sends a question to where the digests go now, and changes nothing yet', async () => {
    const { own, token, mailer, row, rows } = await linkedReader(UNLOCKED)
    const { asked } = await own.askForDestination(token, ` ${ELSEWHERE} `, FROM)
    expect(asked).toEqual({ status: 'asked', to: 'Alice@example.com', wanted: ELSEWHERE })
    expect(mailer.attempts.map(({ to }) => to)).toEqual(['Alice@example.com'])
    expect(mailer.attempts[0]?.text).toContain(ELSEWHERE)
    expect(mailer.attempts[0]?.preferencesUrl).toBeUndefined()
    expect(await row()).toBeUndefined()
    expect(await rows('digest_audit')).toMatchObject([
      { actor: ALICE, action: 'destination-ask', recipient: ALICE, detail: ELSEWHERE, remote_address: FROM },
    ])
  })

  test('takes effect once it is confirmed, for the next digest too, and the new address is notified', async () => {
    const { deps, mailer, row, rows, holdMore, ...world } = await asked()
    expect(await openDestination(deps, world.confirmation)).toMatchObject({
      status: 'open',
      deliverTo: ELSEWHERE,
    })
    expect(await row()).toBeUndefined()
    expect(await confirmDestination(deps, world.confirmation, FROM)).toMatchObject({ status: 'done' })
    expect(await row()).toMatchObject({ deliver_to: ELSEWHERE })
    expect(mailer.attempts.at(-1)).toMatchObject({
      to: ELSEWHERE,
      subject: 'Digests of held mail come to you now',
    })
    expect((await rows('digest_audit')).map(({ action }) => action)).toContain('destination-confirm')
    await holdMore({})
    await run(deps, { schedule: undefined, readers: [ALICE], dueAt: NOW })
    expect((await rows('digest_digest')).filter(({ state }) => state === 'pending')).toMatchObject([
      { deliver_to: ELSEWHERE },
    ])
  })

  test('is confirmed where the digests go now, not in the reader’s own mailbox', async () => {
    const { own, token, mailer } = await linkedReader({
      ...UNLOCKED,
      [ALICE]: { deliver_to: 'pa@example.org' },
    })
    await own.askForDestination(token, ELSEWHERE, FROM)
    expect(mailer.attempts.map(({ to }) => to)).toEqual(['pa@example.org'])
  })

  test('is told to the reader’s own mailbox, too, if somebody else has confirmed it', async () => {
    const { own, token, deps, mailer, row } = await linkedReader({
      ...UNLOCKED,
      [ALICE]: { deliver_to: 'pa@example.org' },
    })
    await own.askForDestination(token, ELSEWHERE, FROM)
    await confirmDestination(deps, confirmationIn(mailer.attempts[0]?.text), FROM)
    expect(await row()).toMatchObject({ deliver_to: ELSEWHERE })
    expect(mailer.attempts.slice(1).map(({ to, subject }) => [to, subject])).toEqual([
      [ELSEWHERE, 'Digests of held mail come to you now'],
      ['Alice@example.com', 'Your digests go to another address now'],
    ])
    const told = mailer.attempts.at(-1)?.text.replace(/\s+/g, ' ')
    expect(told).toContain('confirmed in the mailbox to which the digests went before')
    expect(told).not.toContain('/destination/')
  })

  test('can be the reader’s own mailbox on a host without a domain', async () => {
    const { own, deps, mailer, state, rows } = await linkedReader(UNLOCKED)
    const [digest] = await rows('digest_digest')
    const reader = 'alice@mailhost'
    const digestId = digest?.digest_id ?? ''
    const changed = { reader, deliver_to: reader }
    await state.sql.updateTable('digest_digest').set(changed).where('digest_id', '=', digestId).execute()
    await prefer(state, reader, { deliver_to: 'pa@example.org' })
    const { preferences } = deps.urls.ofDigest({ digestId, reader, createdAt: NOW }, NOW)
    const token = preferences.split('/').at(-1) ?? ''
    expect((await own.askForDestination(token, reader, FROM)).asked).toMatchObject({ to: reader })
    await confirmDestination(deps, confirmationIn(mailer.attempts[0]?.text), FROM)
    expect(await rows('digest_preference')).not.toContainEqual(expect.objectContaining({ scope: reader }))
  })

  test('needs the button once a machine was seen to read the reader’s digests', async () => {
    const { deps, row, rows, state, confirmation } = await asked()
    await state.sql.updateTable('digest_digest').set({ canary_at: NOW }).where('reader', '=', ALICE).execute()
    const confirm = (pressed: boolean) => confirmDestination(deps, confirmation, FROM, pressed)
    await expect(confirm(false)).rejects.toMatchObject({ code: 'CONFIRMATION_REQUIRED' })
    expect(await row()).toBeUndefined()
    expect((await rows('digest_audit')).at(-1)).toMatchObject({
      actor: ALICE,
      action: 'destination-confirm',
      outcome: 'CONFIRMATION_REQUIRED',
      remote_address: FROM,
    })
    expect(await confirm(true)).toMatchObject({ status: 'done' })
    // Nothing is left to do, so no button is asked for.
    expect(await confirm(false)).toMatchObject({ status: 'over' })
  })

  test('for the reader’s own mailbox is confirmed there alone, and clears the setting', async () => {
    const { own, token, deps, mailer, row } = await linkedReader({
      ...UNLOCKED,
      [ALICE]: { deliver_to: 'alice@exmaple.org' },
    })
    const { asked } = await own.askForDestination(token, ALICE, FROM)
    expect(asked).toMatchObject({ status: 'asked', to: 'Alice@example.com' })
    expect(mailer.attempts.map(({ to }) => to)).toEqual(['Alice@example.com'])
    expect(await row()).toMatchObject({ deliver_to: 'alice@exmaple.org' })
    await confirmDestination(deps, confirmationIn(mailer.attempts[0]?.text), FROM)
    expect(await row()).toBeUndefined()
    expect(mailer.attempts.slice(1).map(({ to, subject }) => [to, subject])).toEqual([
      [ALICE, 'Digests of held mail come to you now'],
      ['alice@exmaple.org', 'The destination of digests has changed'],
    ])
  })

  test('for the reader’s own mailbox overrides a domain whose digests go elsewhere', async () => {
    const { own, token, deps, mailer, row } = await linkedReader({
      '@example.com': { deliver_to: 'archive@example.com', locked: '[]' },
    })
    const { asked } = await own.askForDestination(token, ALICE, FROM)
    expect(asked).toMatchObject({ status: 'asked', to: 'Alice@example.com' })
    await confirmDestination(deps, confirmationIn(mailer.attempts[0]?.text), FROM)
    expect(await row()).toMatchObject({ deliver_to: ALICE })
    expect(await own.open(token)).toMatchObject({ destination: 'Alice@example.com', backTo: undefined })
  })

  test('is answered with a mail that names the full address', async () => {
    const { own, token, mailer } = await linkedReader(UNLOCKED)
    const longest = `${'x'.repeat(64)}@example.net`
    await own.askForDestination(token, longest, FROM)
    expect(mailer.attempts[0]?.text.replace(/\s+/g, ' ')).toContain(`go to ${longest} from`)
  })

  test.each([
    ['nothing', ''],
    ['not an address', 'somewhere'],
    ['the address where they already go', 'ALICE@EXAMPLE.COM'],
    ['two addresses', 'a@example.net, b@example.net'],
    ['another header', 'a@example.net\r\nBcc: everybody@example.org'],
    ['a name with an address', 'Alice <a@example.net>'],
    ['an address longer than any', `${'a'.repeat(250)}@example.net`],
    ['a NUL', 'a\0@example.net'],
    ['partly invisible', 'a\u200B@example.net'],
    ['an address literal', 'a@[10.0.0.1]'],
    ['on this host', 'a@localhost'],
    ['the sender of our own mails', 'Quarantine@example.com'],
  ])('is refused if it is %s', async (_, address) => {
    const { own, token, mailer, rows } = await linkedReader(UNLOCKED)
    expect((await own.askForDestination(token, address, FROM)).asked).toMatchObject({ status: 'refused' })
    expect(mailer.attempts).toEqual([])
    expect(await rows('digest_destination')).toEqual([])
  })

  test('is refused if the administrator decides, which is the default', async () => {
    const { own, token, mailer } = await linkedReader()
    const locked = { code: 'SETTING_LOCKED' }
    await expect(own.askForDestination(token, ELSEWHERE, FROM)).rejects.toMatchObject(locked)
    expect(mailer.attempts).toEqual([])
  })

  test('may be made three times a day, because each one sends a mail', async () => {
    const { own, token, mailer, time } = await linkedReader(UNLOCKED)
    const statuses: string[] = []
    for (const name of ['a', 'b', 'c', 'd', 'e']) {
      statuses.push((await own.askForDestination(token, `${name}@example.net`, FROM)).asked.status)
    }
    expect(statuses).toEqual(['asked', 'asked', 'asked', 'too-often', 'too-often'])
    expect(mailer.attempts).toHaveLength(3)
    time.now = NOW + DAY
    expect((await own.askForDestination(token, ELSEWHERE, FROM)).asked.status).toBe('asked')
  })

  test('does not count when it was made while the clock was ahead', async () => {
    const { own, token, time } = await linkedReader(UNLOCKED)
    time.now = NOW + 30 * DAY
    for (const name of ['a', 'b', 'c']) await own.askForDestination(token, `${name}@example.net`, FROM)
    time.now = NOW
    expect((await own.askForDestination(token, ELSEWHERE, FROM)).asked.status).toBe('asked')
  })

  test('does not count when its mail could not be sent', async () => {
    const { own, token, mailer, rows } = await linkedReader(UNLOCKED)
    mailer.answer = () => ({ outcome: 'unreachable', reply: 'ECONNREFUSED' })
    const unreachable = { code: 'SMTP_UNREACHABLE' }
    await expect(own.askForDestination(token, ELSEWHERE, FROM)).rejects.toMatchObject(unreachable)
    expect(await rows('digest_destination')).toEqual([])
  })
})

describe('the link in a confirmation mail', () => {
  test('works once', async () => {
    const { deps, confirmation, row, mailer } = await asked()
    await Promise.all([1, 2].map(() => confirmDestination(deps, confirmation, FROM)))
    expect(mailer.attempts.filter(({ to }) => to === ELSEWHERE)).toHaveLength(1)
    expect(await openDestination(deps, confirmation)).toMatchObject({ status: 'over' })
    await setSettings(deps, ADMIN, ALICE, { deliverTo: null })
    expect(await confirmDestination(deps, confirmation, FROM)).toMatchObject({ status: 'over' })
    expect(await row()).toBeUndefined()
  })

  test('works again after a failure to write the audit row, which undoes the change', async () => {
    const { deps, state, confirmation, row, mailer } = await asked()
    await refuseAudit(state)
    await expect(confirmDestination(deps, confirmation, FROM)).rejects.toThrow()
    expect(await row()).toBeUndefined()
    expect(mailer.attempts).toHaveLength(1)
    await allowAudit(state)
    expect(await confirmDestination(deps, confirmation, FROM)).toMatchObject({ status: 'done' })
    expect(await row()).toMatchObject({ deliver_to: ELSEWHERE })
  })

  test('is void once a newer wish has been confirmed, so that it cannot undo that', async () => {
    const { deps, own, token, confirmation, mailer, row } = await asked()
    await own.askForDestination(token, 'second@example.net', FROM)
    await confirmDestination(deps, confirmationIn(mailer.attempts[1]?.text), FROM)
    expect(await confirmDestination(deps, confirmation, FROM)).toMatchObject({ status: 'over' })
    expect(await row()).toMatchObject({ deliver_to: 'second@example.net' })
  })

  test('is void once the digests go elsewhere for another reason, such as a setting of the domain', async () => {
    const { deps, confirmation, row } = await asked()
    await setSettings(deps, ADMIN, '@example.com', { deliverTo: 'boss@example.com' })
    expect(await openDestination(deps, confirmation)).toMatchObject({ status: 'over' })
    expect(await confirmDestination(deps, confirmation, FROM)).toMatchObject({ status: 'over' })
    expect(await row()).toBeUndefined()
  })

  test('changes nothing if somebody else changes the destination at the same moment', async () => {
    const { deps, state, confirmation } = await asked()
    const row = { deliver_to: 'boss@example.com' }
    const meanwhile = afterFirstRead(state, sql => prefer({ ...state, sql }, ALICE, row))
    const confirmed = confirmDestination({ ...deps, state: meanwhile }, confirmation, FROM)
    await expect(confirmed).rejects.toMatchObject({ code: 'EDIT_CONFLICT' })
    expect(await confirmDestination(deps, confirmation, FROM)).toMatchObject({ status: 'done' })
  })

  test('works for a day', async () => {
    const { deps, confirmation, time } = await asked()
    time.now = NOW + DAY
    await expect(openDestination(deps, confirmation)).rejects.toMatchObject({ code: 'LINK_EXPIRED' })
    await expect(confirmDestination(deps, confirmation, FROM)).rejects.toMatchObject({ code: 'LINK_EXPIRED' })
  })

  test('is refused if the administrator has locked the destination in the meantime', async () => {
    const { deps, confirmation, row } = await asked()
    await setSettings(deps, ADMIN, '@example.com', { locked: ['deliverTo'] })
    await expect(confirmDestination(deps, confirmation, FROM)).rejects.toMatchObject({
      code: 'SETTING_LOCKED',
    })
    expect(await openDestination(deps, confirmation)).toMatchObject({ status: 'open' })
    expect(await row()).toBeUndefined()
  })

  test('does not work as a preferences link, nor the other way round', async () => {
    const { deps, own, token, confirmation } = await asked()
    await expect(own.open(confirmation)).rejects.toMatchObject({ code: 'LINK_FORGED' })
    await expect(openDestination(deps, token)).rejects.toMatchObject({ code: 'LINK_FORGED' })
  })

  test('that names another reader counts as forged', async () => {
    const { deps, rows } = await asked()
    const [request] = await rows('digest_destination')
    const link = { requestId: request?.request_id ?? '', reader: 'bob@example.com', expiresAt: NOW + HOUR }
    const token = tokenIn(deps.urls.destination(link, NOW))
    await expect(confirmDestination(deps, token, FROM)).rejects.toMatchObject({ code: 'LINK_FORGED' })
  })
})

describe('when an administrator sends the digests elsewhere', () => {
  test('the reader’s own mailbox, the old destination and the new one are notified', async () => {
    const { deps, mailer } = await linkedReader()
    await notifyDestinationChanged(deps, ALICE, 'before@example.org', 'after@example.org')
    expect(mailer.attempts.map(({ to, subject }) => [to, subject])).toEqual([
      [ALICE, 'Your digests go to another address now'],
      ['before@example.org', 'Your digests go to another address now'],
      ['after@example.org', 'Digests of held mail come to you now'],
    ])
  })

  test('by an import, open wishes are void', async () => {
    const { deps, confirmation, row } = await asked()
    async function* file() {
      yield Buffer.from(`scope,deliver_to\n${ALICE},safe@example.com\n`)
    }
    await importSettings(deps, ADMIN, file(), { skipBad: false, dryRun: false })
    expect(await confirmDestination(deps, confirmation, FROM)).toMatchObject({ status: 'over' })
    expect(await row()).toMatchObject({ deliver_to: 'safe@example.com' })
  })

  test.each([
    ['for more readers than are notified', 1001],
    ['while no mail can be sent', 20],
  ])('open wishes are void for good, even without a notice: %s', async (_, count) => {
    const { deps, confirmation, mailer } = await asked()
    mailer.answer = () => ({ outcome: 'unreachable', reply: 'ECONNREFUSED' })
    const others = Array.from({ length: count }, (_, index) => `r${index}@example.com`)
    const changes = [...others, ALICE].map(scope => ({ scope, from: scope, to: 'safe@example.com' }))
    const notified = notifyDestinationsChanged({ ...deps, admins: [] }, ADMIN.actor, changes)
    await notified.catch(error => error)
    expect(await openDestination(deps, confirmation)).toMatchObject({ status: 'over' })
  })

  test('each address is notified once, and a notice that could not be sent is reported', async () => {
    const { deps, mailer } = await linkedReader()
    await notifyDestinationChanged(deps, ALICE, ALICE, 'after@example.org')
    expect(mailer.attempts.map(({ to }) => to)).toEqual([ALICE, 'after@example.org'])
    mailer.answer = ({ to }) =>
      to === ALICE ? { outcome: 'refused', reply: '550' } : { outcome: 'accepted', reply: '250' }
    await expect(notifyDestinationChanged(deps, ALICE, ALICE, 'x@example.org')).rejects.toThrow(
      'no mail could be sent to alice@example.com',
    )
  })
})

const ADMIN = { actor: { kind: 'admin', name: 'root', remoteAddress: null }, reach: undefined } as const

/** Alice has asked for another destination, and has received the confirmation mail. */
async function asked() {
  const world = await linkedReader(UNLOCKED)
  await world.own.askForDestination(world.token, ELSEWHERE, FROM)
  return { ...world, confirmation: confirmationIn(world.mailer.attempts[0]?.text) }
}

/** Lets another transaction write after the first read of this one, which sees it, as under READ COMMITTED. */
function afterFirstRead(state: State, work: (sql: State['sql']) => Promise<unknown>): State {
  let hasRead = false
  const execute = <Result>(written: (sql: Transaction<StateTables>) => Promise<Result>) =>
    state.sql.transaction().execute(sql => {
      const transformResult: KyselyPlugin['transformResult'] = async ({ result }) => {
        if (!hasRead) {
          hasRead = true
          await work(sql)
        }
        return result
      }
      return written(sql.withPlugin({ transformQuery: ({ node }) => node, transformResult }))
    })
  return withTransactions(state, execute)
}

type State = Database<StateTables>

const confirmationIn = (text = ''): string => tokenIn(/https:\S+\/destination\/\S+/.exec(text)?.[0] ?? '')

const tokenIn = (url: string): string => url.split('/').at(-1) ?? ''
