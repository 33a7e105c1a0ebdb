import { expect, test } from 'vitest'
import { MINUTE } from '../../../../../src/ground/durations.ts'
import { hold } from '../../../../embedded/held-mail.ts'
import { DOMAIN_ADMIN, servedDesk } from '../served-desk.ts'

const BOB = 'bob@example.com'
const ALIAS = 'bob+list@example.com'

test('the page of an address leads to its reader, and says by which steps', async () => {
  const { signedIn } = await servedDesk(WITH_EXTENSIONS)
  const browser = await signedIn()
  const alias = await browser.get(readerPage(ALIAS))
  expect(alias.text).toContain('Its mail is read by:')
  expect(alias.text).toContain(`whom&#x3D;bob%40example.com"><bdi>${BOB}</bdi></a>`)
  expect(alias.text).toContain(`${ALIAS} is ${BOB} with an extension`)
  const own = await browser.get(readerPage(BOB))
  expect(own.text).toContain('This address reads its own mail.')
  expect((await browser.get(readerPage('@example.com'))).text).not.toContain('Whose mail it is')
})

test('a search for an address leads to its reader, within reach', async () => {
  const { signedIn } = await servedDesk(WITH_EXTENSIONS)
  const search = `/admin/readers?${new URLSearchParams({ search: ALIAS })}`
  expect((await (await signedIn()).get(search)).text).toContain(`<bdi>${BOB}</bdi>`)
  expect((await (await signedIn(DOMAIN_ADMIN)).get(search)).text).not.toContain(`<bdi>${BOB}</bdi>`)
})

test('the list of held mail and the reader’s page name the recipient of a message', async () => {
  const { signedIn, app, database, time } = await servedDesk(WITH_EXTENSIONS)
  await hold(database.storage, { recipient: ALIAS, receivedAt: time.now - MINUTE })
  await app.collect()
  const browser = await signedIn()
  expect((await browser.get('/admin/held')).text).toContain(`sent to <bdi>${ALIAS}</bdi>`)
  expect((await browser.get(readerPage(BOB))).text).toContain(`sent to <bdi>${ALIAS}</bdi>`)
})

const WITH_EXTENSIONS = { directory: { recipientDelimiter: '+' } }

const readerPage = (whom: string) => `/admin/readers/of?${new URLSearchParams({ whom })}`
