import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { MINUTE } from '../../../src/ground/durations.ts'
import { openEmbeddedDatabase } from '../../embedded/database.ts'
import { readGuide } from '../../stack/guide.ts'
import { fileRequest, makeSenderTables, requestRow } from '../http/filed.ts'
import { configured } from './command.ts'
import { inThisProcess } from './in-this-process.ts'

const ID = '1jjdk8n2c6h4q9v0t7mb3ars5'

test('requests are listed and decided, and senders allowed and removed, with an exit status for each failure', async () => {
  const { config, folder } = configured()
  appendFileSync(config, 'senders: { kind: amavis }\n')
  const run = (...args: readonly string[]) => inThisProcess(...args, '--config', config)
  expect(await run('migrate')).toMatchObject({ status: 0 })
  const database = new DatabaseSync(join(folder, 'amavis.sqlite'))
  file(database)

  const [listed, unknown, wrong, allowed, useless, nobody] = await Promise.all([
    run('requests', 'list', '--json'),
    run('requests', 'approve', 'nothing'),
    run('requests', 'list', '--state', 'lost'),
    run('senders', 'allow', 'alice@example.com', 'Sam@Shop.example', '--json'),
    run('senders', 'block', 'alice@example.com', 'shop.example'),
    run('senders', 'list', 'alice'),
  ])
  expect(JSON.parse(listed.stdout).requests).toMatchObject([
    { id: ID, mailId: `mail${ID}`, recipient: 'alice@example.com', reader: null, state: 'waiting' },
  ])
  expect(unknown).toMatchObject({ status: 1, stdout: '' })
  expect(wrong.status).toBe(2)
  expect(JSON.parse(allowed.stdout)).toMatchObject({ sender: 'sam@shop.example', list: 'allow' })
  expect(allowed.stderr).toContain('is always let through the spam check, for alice@example.com')
  expect(useless.status).toBe(2)
  expect(nobody).toMatchObject({ status: 2, stderr: expect.stringContaining('Expected an address') })

  const [refused, senders] = await Promise.all([
    run('requests', 'refuse', ID, '--note', 'No.'),
    run('senders', 'list', 'alice@example.com', '--json'),
  ])
  expect(JSON.parse(senders.stdout).senders).toMatchObject([{ sender: 'sam@shop.example', list: 'allow' }])
  expect([refused.status, refused.stderr]).toEqual([1, expect.stringContaining('over')])
  expect(await run('senders', 'remove', 'alice@example.com', 'sam@shop.example')).toMatchObject({ status: 0 })
  expect(await run('senders', 'remove', 'alice@example.com', 'sam@shop.example')).toMatchObject({ status: 1 })
})

test('the commands of the guides do what these say', async () => {
  const { config, folder } = configured()
  appendFileSync(config, 'senders: { kind: amavis }\n')
  {
    await using database = await openEmbeddedDatabase(folder)
    const mail = { recipient: 'alice@example.com', receivedAt: Date.now() - MINUTE }
    await fileRequest({ database }, { id: ID, ...mail })
    await makeSenderTables({ database })
  }
  const run = (words: readonly string[] = []) => inThisProcess(...words, '--config', config)
  const [list, allow, block, remove] = readGuide('senders').commands('senders list alice@example.com')
  // A request is approved or refused: each of these lines decides the same one.
  const [waiting, , refuse, refused] = readGuide('requests').commands('requests list')
  const done = { status: 0 }
  expect(await Promise.all([run(allow), run(block)])).toMatchObject([done, done])
  const listed = await Promise.all([run(list), run(waiting)])
  expect(listed.map(({ stdout }) => stdout)).toEqual([
    expect.stringContaining('news@shop.example'),
    expect.stringContaining(ID),
  ])
  expect(await Promise.all([run(remove), run(refuse)])).toMatchObject([done, done])
  expect((await run(refused)).stdout).toContain(ID)
})

/** A request whose message the quarantine does not have. */
function file(database: DatabaseSync): void {
  const row = requestRow(ID, { asked_at: Date.now(), expires_at: Date.now() + 100_000 })
  const names = Object.keys(row)
  database
    .prepare(`INSERT INTO digest_request (${names.join()}) VALUES (${names.map(() => '?').join()})`)
    .run(...Object.values(row))
}
