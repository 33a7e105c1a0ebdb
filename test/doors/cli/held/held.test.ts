import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { migrate } from '../../../servers/in-process.ts'
import { configured } from '../command.ts'
import { inThisProcess } from '../in-this-process.ts'

const EVIL = '\u001b[31mPay\u202enow\u0007'
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are looked for
const DANGEROUS = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/

test('a list has as many lines as wanted, goes on where it ended, and names mistakes in a search', async () => {
  const { ask } = await withHostileMail()
  const list = async (...args: readonly string[]) => JSON.parse((await ask('list', '--json', ...args)).stdout)
  const [all, first, ...wrong] = await Promise.all([
    list('--limit', '1000'),
    list('--limit', '2'),
    ask('list', '--search', 'type:nonsense'),
    ask('list', '--limit', '0'),
    ask('list', '--after', 'nowhere'),
  ])
  expect(all.held.length).toBeGreaterThan(10)
  expect(all.next).toBeNull()
  expect(first.held).toEqual(all.held.slice(0, 2))
  const second = await list('--limit', '2', '--after', first.next)
  expect(second.held).toEqual(all.held.slice(2, 4))
  expect(wrong).toMatchObject([
    { status: 2, stdout: '', stderr: expect.stringContaining('After type: there can be virus') },
    { status: 2, stderr: expect.stringContaining('--limit: expected a whole number from 1 to 10000') },
    { status: 2, stderr: expect.stringContaining('start again from the beginning') },
  ])
})

test('a message is deleted for one recipient, restored, and found by what became of it', async () => {
  const { ask, remove } = await withHostileMail()
  expect(await remove('--recipient', 'ALICE@example.com')).toMatchObject({
    status: 0,
    stdout: '',
    stderr: expect.stringMatching(/^Deleted\./),
  })
  const deleted = JSON.parse((await ask('list', '--search', 'is:deleted', '--json')).stdout)
  expect(deleted.held).toMatchObject([{ mailId: 'Evil0000MAIL', state: 'deleted' }])
  expect(await remove('--recipient', 'alice@example.com', '--undo', '--json')).toMatchObject({
    status: 0,
    stdout: '{"status":"restored"}\n',
  })
})

test('held mail is listed and shown, so that nothing in it moves the cursor of a terminal', async () => {
  const { ask, storage } = await withHostileMail()
  const [text, json, shown, shownJson] = await Promise.all([
    ask('list', '--search', 'id:Evil0000MAIL'),
    ask('list', '--search', 'id:Evil0000MAIL', '--json'),
    ask('show', 'Evil0000MAIL'),
    ask('show', 'Evil0000MAIL', '--json'),
  ])
  for (const { status, stdout, stderr } of [text, json, shown, shownJson]) {
    expect(status).toBe(0)
    expect(stdout + stderr).not.toMatch(DANGEROUS)
  }
  expect(text.stdout).toMatch(/^ {2}RECEIVED +MAIL ID +RECIPIENT/)
  expect(text.stdout).toContain('Evil0000MAIL  alice@example.com')
  expect(text.stderr).toMatch(/^1 line, received from 1970-.+ to 20/)
  expect(JSON.parse(json.stdout)).toMatchObject({
    held: [
      {
        mailId: 'Evil0000MAIL',
        partitionTag: 1,
        recipient: 'alice@example.com',
        reader: 'alice@example.com',
        from: 'Evil \u009b31m <evil@example.net>',
        subject: EVIL,
        type: 'spam',
        score: 8.5,
        reason: 'spam with 8.5 points',
        state: 'held',
      },
    ],
    next: null,
  })
  expect(shown.stdout).toMatch(/^Subject: +\[31m\w+/)
  expect(JSON.parse(shownJson.stdout)).toMatchObject({
    mailId: 'Evil0000MAIL',
    subject: EVIL,
    rules: [],
    text: null,
    notShown: 'not-in-sql',
    attachments: [],
  })

  storage.exec(`INSERT INTO msgs SELECT 99, mail_id, secret_id, am_id, time_num, time_iso, sid, policy,
    client_addr, size, originating, content, quar_type, quar_loc, dsn_sent, spam_level, message_id, from_addr, subject, host
    FROM msgs WHERE mail_id = 'Evil0000MAIL'`)
  storage.exec(`INSERT INTO msgrcpt SELECT 99, mail_id, rseqnum, rid, is_local, content, ds, rs, bl, wl,
    bspam_level, smtp_resp FROM msgrcpt WHERE mail_id = 'Evil0000MAIL'`)
  const which = 'Say which one: --partition-tag 1 or --partition-tag 99.'
  expect(await ask('show', 'Evil0000MAIL')).toMatchObject({
    status: 2,
    stderr: expect.stringContaining(which),
  })
  const there = await ask('show', 'Evil0000MAIL', '--partition-tag', '99', '--json')
  expect(JSON.parse(there.stdout)).toMatchObject({ partitionTag: 99 })
})

test('the filter is told what a released message was, and nobody is told where nobody learns', async () => {
  const { ask, storage, config } = await withHostileMail()
  const learn = (...args: readonly string[]) =>
    ask('learn', 'Evil0000MAIL', '--recipient', 'alice@example.com', ...args)
  expect(await learn('--spam')).toMatchObject({ status: 1, stderr: expect.stringContaining('learn') })
  appendFileSync(config, 'learn: { kind: sa-learn, command: /bin/false }\n')
  const [both, held] = await Promise.all([learn('--spam', '--not-spam'), learn('--spam')])
  expect(both).toMatchObject({ status: 2, stderr: expect.stringContaining('--spam or --not-spam') })
  expect(held).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('only from mail that was released'),
  })
  storage.exec("UPDATE msgrcpt SET rs = 'R' WHERE mail_id = 'Evil0000MAIL'")
  // Its text is no longer in the tables, so that nothing can be learnt from it.
  expect(await learn('--not-spam')).toMatchObject({ status: 1, stderr: expect.stringContaining('to learn') })
})

/** The demo's mail, and a message whose sender attacks terminals. It is kept as a file. */
async function withHostileMail() {
  const { config, folder } = configured()
  const storage = new DatabaseSync(join(folder, 'amavis.sqlite'))
  storage
    .prepare(
      `UPDATE msgs SET mail_id = 'Evil0000MAIL', partition_tag = 1, subject = ?, from_addr = ?, spam_level = 8.5,
       content = 'S', quar_type = 'F' WHERE mail_id = (SELECT mail_id FROM msgrcpt JOIN maddr ON maddr.id = rid
       WHERE email = 'alice@example.com' AND msgrcpt.content = 'S' AND ds <> 'P' LIMIT 1)`,
    )
    .run(EVIL, 'Evil \u009b31m <evil@example.net>')
  storage.exec(`UPDATE msgrcpt SET mail_id = 'Evil0000MAIL', partition_tag = 1, bspam_level = 8.5
    WHERE mail_id NOT IN (SELECT mail_id FROM msgs)`)
  await migrate(config)
  return {
    storage,
    config,
    ask: (...args: readonly string[]) => inThisProcess('held', ...args, '--config', config),
    remove: (...args: readonly string[]) =>
      inThisProcess('delete', 'Evil0000MAIL', ...args, '--config', config),
  }
}
