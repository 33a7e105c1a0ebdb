import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { pino } from 'pino'
import { expect, onTestFinished, test } from 'vitest'
import { startNextMails } from '../../../src/demo/amavisd/next-mails.ts'
import { createStorage } from '../../../src/demo/storage/storage.ts'
import { waitUntil } from '../../servers/wait.ts'

test('who was allowed writes again and gets through, who was blocked is held, and nobody else writes', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'amavis-digest-next-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'amavis.sqlite')
  createStorage(file, [], Date.now())
  using database = new DatabaseSync(file)
  database.exec(`
    INSERT INTO users (id, email) VALUES (9, 'alice@example.com');
    INSERT INTO mailaddr (id, email) VALUES (1, 'bert@example.net'), (2, '@junk.example'), (3, 'eve@example.net');
    INSERT INTO wblist (rid, sid, wb) VALUES (9, 1, 'W'), (9, 2, 'B'), (9, 3, ' ');
  `)
  const arrived: string[] = []
  const submit = async ({ sender, recipient }: { sender: string; recipient: string }) => {
    arrived.push(`${sender} to ${recipient}`)
    return '250 2.0.0 Ok'
  }
  const held = () =>
    database
      .prepare(
        'SELECT maddr.email AS sender, bl FROM msgrcpt JOIN msgs USING (mail_id) JOIN maddr ON maddr.id = sid',
      )
      .all()
  await using _running = startNextMails(file, { submit, clock: Date.now, log: pino({ level: 'silent' }) })
  await waitUntil('both have written', () => held().length > 0 && arrived.length > 0)
  expect(arrived).toEqual(['bert@example.net to alice@example.com'])
  expect(held()).toMatchObject([{ sender: 'office@junk.example', bl: 'Y' }])
})
