import { expect, test } from 'vitest'
import { signInsOf } from '../../src/composition/sign-ins-of.ts'
import { configSchema } from '../../src/ground/config/schema.ts'
import { embeddedProgram, LOCALES } from '../embedded/program.ts'
import { readableLog } from '../log-lines.ts'

test.each([
  ['https://quarantine.example.com', false],
  ['http://127.0.0.1:8080', false],
  ['http://localhost:8080', false],
  ['http://[::1]:8080', false],
  ['http://quarantine.example.com', true],
  ['http://127.0.0.1.example.com', true],
])('sessions over %s cause a warning: %s', async (publicUrl, isWarned) => {
  const { log, lines } = readableLog()
  await signInsFor(publicUrl, ['postmaster@example.com'], log)
  expect(lines.filter(line => line.includes('publicUrl is http:'))).toHaveLength(isWarned ? 1 : 0)
})

test('without admins nobody can sign in', async () => {
  expect(await signInsFor('http://quarantine.example.com', [], readableLog().log)).toBeUndefined()
})

async function signInsFor(publicUrl: string, admins: string[], log: ReturnType<typeof readableLog>['log']) {
  const { deps, refusals } = await embeddedProgram()
  const config = configSchema.parse({
    publicUrl,
    storage: { url: 'sqlite:///nowhere' },
    smtp: { url: 'smtp://127.0.0.1:9', from: 'quarantine@example.com' },
    admins,
  })
  const never = () => {
    throw new Error('nothing is mailed here')
  }
  return signInsOf(config, {
    ...deps,
    refusals,
    log,
    mailer: never,
    plainMail: never,
    locales: LOCALES,
    timeZone: 'UTC',
  })
}
