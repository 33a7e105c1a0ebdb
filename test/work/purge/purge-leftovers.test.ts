import { expect, test } from 'vitest'
import { putBack } from '../../../src/ground/amavis/purge/addresses.ts'
import { HOUR, MINUTE, SECOND } from '../../../src/ground/durations.ts'
import { purge } from '../../../src/work/purge/purge.ts'
import { hold } from '../../embedded/held-mail.ts'
import { type EmbeddedProgram, embeddedProgram } from '../../embedded/program.ts'
import { forReal, purgeDeps, remains } from '../../embedded/purging.ts'

const BOB = { partition_tag: 0, email: 'bob@example.com', domain: 'com.example' }

test('addresses of the newest mail go, too, once no message names them', async () => {
  const program = await embeddedProgram()
  await hold(program.storage, {
    recipient: 'alice@example.com',
    receivedAt: program.time.now,
    messageContent: null,
  })
  await add(program)
  await program.storage.sql.deleteFrom('msgrcpt').execute()
  await program.storage.sql.deleteFrom('msgs').execute()
  expect(await purge(purgeDeps(program.storage, program.state), forReal())).toMatchObject({ maddr: 3 })
  expect((await remains(program.storage)).maddr).toEqual([])
})

test('an address that amavisd is about to name is there when amavisd has named it', async () => {
  const program = await embeddedProgram()
  const id = await add(program)
  const [key] = await hold(program.storage, {
    recipient: 'alice@example.com',
    receivedAt: Date.now() - 2 * SECOND,
    messageContent: null,
  })
  const purging = purge(purgeDeps(program.storage, program.state), { ...forReal(), byClock: true })
  await expect.poll(async () => (await remains(program.storage)).maddr).not.toContain('0/bob@example.com')
  await program.storage.sql.updateTable('msgrcpt').set({ rid: id }).execute()
  await program.storage.sql
    .updateTable('msgs')
    .set({ content: 'S' })
    .where('mail_id', '=', key?.mailId ?? '')
    .execute()
  await purging
  expect((await remains(program.storage)).maddr).toContain('0/bob@example.com')
})

test('by hand, it does not wait long for a message that amavisd does not finish', async () => {
  const { storage, state, ...program } = await embeddedProgram()
  await add({ storage })
  const start = program.time.now
  await hold(storage, {
    recipient: 'alice@example.com',
    receivedAt: start - 3 * MINUTE,
    messageContent: null,
  })
  let looks = 0
  const deps = purgeDeps(storage, state, { clock: () => start + 5 * SECOND * looks++ })
  expect(await purge(deps, forReal())).toMatchObject({ maddr: 1, isPartial: false })
  expect(looks).toBeLessThan(60)
})

test('an address that has a new id by now cannot be put back, and the others are', async () => {
  const program = await embeddedProgram()
  const { storage } = program
  const [id, other] = [await add(program), await add(program, 'carol@example.com')]
  await hold(storage, { recipient: BOB.email, receivedAt: 0, mailId: 'first' })
  await hold(storage, { recipient: 'carol@example.com', receivedAt: 0, mailId: 'second' })
  await storage.sql.deleteFrom('maddr').where('id', 'in', [id, other]).execute()
  await add(program)
  const deleted = [
    { ...BOB, id },
    { ...BOB, id: other, email: 'carol@example.com' },
  ]
  expect(await putBack(storage, deleted)).toEqual({ back: 1, taken: 1 })
})

test('by hand, it finds mail that amavisd did not finish wherever it is', async () => {
  const { storage, state } = await embeddedProgram()
  const lost = (hours: number) =>
    hold(storage, {
      recipient: 'alice@example.com',
      receivedAt: Date.now() - hours * HOUR,
      messageContent: null,
    })
  await lost(2)
  const deps = purgeDeps(storage, state)
  expect(await purge(deps, { ...forReal(), byClock: true })).toMatchObject({ msgs: 1 })
  await lost(100)
  expect(await purge(deps, forReal())).toMatchObject({ msgs: 1 })
})

async function add({ storage }: Pick<EmbeddedProgram, 'storage'>, email = BOB.email): Promise<number> {
  await storage.sql
    .insertInto('maddr')
    .values({ ...BOB, email } as never)
    .execute()
  const row = await storage.sql
    .selectFrom('maddr')
    .select('id')
    .where('email', '=', email)
    .executeTakeFirstOrThrow()
  return Number(row.id)
}
