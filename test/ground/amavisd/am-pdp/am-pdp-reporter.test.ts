import { expect, test } from 'vitest'
import { createAmPdpReporter } from '../../../../src/ground/amavisd/am-pdp/am-pdp-reporter.ts'
import { afterRequest, startScriptedServer } from '../../../servers/scripted-server.ts'
import { releaseRequest } from '../release-request.ts'

test('one message at a time is reported, and none waits longer than it may for the others', async () => {
  await using server = await startScriptedServer(() => {})
  const { report } = createAmPdpReporter({ host: '127.0.0.1', port: server.port }, 300)
  const begun = performance.now()
  const answers = await Promise.all([1, 2, 3, 4, 5].map(() => report(releaseRequest())))
  expect(performance.now() - begun).toBeLessThan(5 * 300)
  expect(answers[0]).toMatchObject({ outcome: 'unreachable', asked: true })
  expect(answers.at(-1)).toEqual({
    outcome: 'unreachable',
    reply: 'it is busy with other reports',
    asked: false,
  })
})

test('the next message is reported as soon as one is done', async () => {
  let isBusy = false
  await using server = await startScriptedServer(
    afterRequest((socket, request) => {
      expect(request).toMatch(/^request=report\r\n/)
      expect(isBusy).toBe(false)
      isBusy = true
      setImmediate(() => {
        isBusy = false
        socket.write('setreply=250 2.0.0 Ok\r\n\r\n')
      })
    }),
  )
  const { report } = createAmPdpReporter({ host: '127.0.0.1', port: server.port }, 5000)
  const answers = await Promise.all([1, 2, 3].map(() => report(releaseRequest())))
  expect(answers.map(({ outcome }) => outcome)).toEqual(['released', 'released', 'released'])
})
