import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { digestMail } from './digest-mail.ts'
import { PUBLIC_URL } from './program.ts'
import { hold, runJson, startWorld, type World } from './world.ts'

let world: World

beforeAll(async () => {
  world = await startWorld()
})
beforeEach(() => world.reset())
afterAll(() => world?.[Symbol.asyncDispose]())

test('the digest is a well-behaved automatic mail', async () => {
  await hold(world, 'alice@example.com')
  await runJson(world.program)
  const mail = await world.digests.waitFor(() => true)
  const header = mail.raw.toString('latin1').split('\r\n\r\n')[0] ?? ''
  const field = (name: string) => mail.parsed.headers.find(({ key }) => key === name)?.value

  expect(mail.from).toBe('')
  expect(field('from')).toBe('Mail quarantine <quarantine@example.com>')
  expect(field('to')).toBe('alice@example.com')
  expect(field('message-id')).toMatch(/^<amavis-digest\.[0-9a-v]{25}@example\.com>$/)
  expect(field('auto-submitted')).toBe('auto-generated')
  expect(field('x-auto-response-suppress')).toBe('All')
  expect(field('list-id')).toBe('Mail quarantine <quarantine-digest.example.com>')
  expect(field('list-unsubscribe-post')).toBe('List-Unsubscribe=One-Click')
  expect(field('content-language')).toBe('en')
  expect(field('precedence')).toBeUndefined()
  // One line of any length, because a folded URL is no longer a URL.
  expect(header).toMatch(
    new RegExp(`^List-Unsubscribe: <${PUBLIC_URL}/preferences/[\\w-]+\\.[\\w-]+\\.[\\w-]+>\r$`, 'm'),
  )
  expect(`<${digestMail(mail).preferences}>`).toBe(field('list-unsubscribe'))
  expect(field('content-type')).toMatch(/^multipart\/alternative;/)
  expect(mail.raw.toString('latin1').match(/^Content-Type: text\/\w+/gm)).toEqual([
    'Content-Type: text/plain',
    'Content-Type: text/html',
  ])
  expect(header.split('\r\n').every(line => line.length <= 998)).toBe(true)
})

test('the HTML part has the same links as the text part, and one that no human sees', async () => {
  await hold(world, 'alice@example.com', { subject: 'Spam' })
  await runJson(world.program)
  const mail = await world.digests.waitFor(() => true)
  const { digest, preferences, release } = digestMail(mail)
  const links = [...(mail.parsed.html ?? '').matchAll(/href="(https:[^"]+)"/g)].map(match => match[1])
  const [first, ...others] = links
  expect(first).toMatch(new RegExp(`^${PUBLIC_URL}/more/[\\w.-]+$`))
  expect(mail.parsed.text).not.toContain('/more/')
  expect(new Set(others)).toEqual(new Set([release('Spam'), digest, preferences]))
})
