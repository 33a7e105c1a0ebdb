import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { findAmavisdRoutes } from '../../../../src/ground/config/amavis/routes.ts'
import { type Answerer, releaseTargetCheck } from '../../../../src/work/doctor/release/release-target.ts'
import { temporaryFolder } from '../../../temporary-folder.ts'

/** What is found in a configuration of these lines; `[port] answers` says who answers at that port. */
async function found(lines: string, answerer: Answerer = 'other') {
  const file = join(temporaryFolder(), '50-user')
  writeFileSync(
    file,
    `use strict;\n$inet_socket_port = [10024, 10026, 9998];\n$interface_policy{'9998'} = 'AM.PDP-SOCK';\n${lines}\n1;\n`,
  )
  const asked: string[] = []
  const check = releaseTargetCheck({
    routes: () => findAmavisdRoutes(file),
    whoAnswers: async (host, port) => {
      asked.push(`${host}:${port}`)
      return answerer
    },
  })
  const [finding] = await check.run(AbortSignal.timeout(1000))
  return { text: `${finding?.status}: ${finding?.message}`, fix: finding?.fix, asked }
}

test.each([
  ["$notify_method = 'smtp:127.0.0.1:*';", /^warn: \$notify_method .*goes astray/],
  ["$forward_method = $notify_method = 'smtp:[127.0.0.1]:10024';", /^warn: .*itself scans mail/],
  [
    "$notify_method = 'smtp:[127.0.0.1]:10025'; $release_method = 'smtp:[127.0.0.1]:10026';",
    /^warn: \$release_method/,
  ],
  ["$release_method = '';", /^warn: .*goes nowhere/],
  ["$release_method = 'pipe:flags=q argv=/bin/true';", /^warn: .*does not go to a mail server/],
])('warns of %s', async (lines, text) => {
  const { text: said, fix, asked } = await found(lines)
  expect(said).toMatch(text)
  expect(fix).toContain('$release_method')
  expect(asked).toEqual([])
})

test('asks who answers where released mail goes', async () => {
  const lines = "$release_method = 'smtp:[127.0.0.1]:10025';"
  expect(await found(lines)).toMatchObject({
    text: expect.stringMatching(/^ok: /),
    asked: ['127.0.0.1:10025'],
  })
  expect((await found(lines, 'nobody')).text).toMatch(/^warn: .*nobody answers there/)
  expect((await found(lines, 'filter')).text).toMatch(/^warn: .*held again/)
  expect((await found('')).asked).toEqual(['127.0.0.1:10025'])
})

test('leaves it to a test mail where the configuration cannot be read', async () => {
  const check = releaseTargetCheck({
    routes: () => findAmavisdRoutes('/nowhere/amavisd.conf'),
    whoAnswers: async () => 'other',
  })
  expect(await check.run(AbortSignal.timeout(1000))).toEqual([expect.objectContaining({ status: 'skip' })])
})
