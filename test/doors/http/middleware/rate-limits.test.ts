import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import express, { type ErrorRequestHandler } from 'express'
import { expect, onTestFinished, test } from 'vitest'
import { perAddress, perLink } from '../../../../src/doors/http/middleware/rate-limits.ts'
import { CodedError, httpStatusOf } from '../../../../src/ground/errors.ts'

test('an answer names each limit that it counts for, and a refusal says when to ask again', async () => {
  const app = express().use(perAddress(4))
  app.get('/release/:token', perLink(2), (_request, response) => response.end('shown'))
  app.use(((error, _request, response, next) => {
    if (error instanceof CodedError) response.status(httpStatusOf(error.code)).end()
    else next(error)
  }) satisfies ErrorRequestHandler)
  const server = app.listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const ask = async (token: string) => {
    const { status, headers } = await fetch(`${origin}/release/${token}`)
    const [limit, policy, again] = ['ratelimit', 'ratelimit-policy', 'retry-after'].map(name =>
      headers.get(name),
    )
    return {
      status,
      limit: limit?.replace(/t=\d+/g, 't='),
      policy: policy?.replace(/:\w+={0,2}:/g, ''),
      again,
    }
  }
  const policy = '"4-in-1min"; q=4; w=60; pk=, "2-in-1min"; q=2; w=60; pk='
  const limit = (address: number, link: number) => `"4-in-1min"; r=${address}; t=, "2-in-1min"; r=${link}; t=`
  expect(await ask('a')).toEqual({ status: 200, limit: limit(3, 1), policy, again: null })
  expect(await ask('a')).toEqual({ status: 200, limit: limit(2, 0), policy, again: null })
  expect(await ask('a')).toMatchObject({
    status: 429,
    limit: limit(1, 0),
    again: expect.stringMatching(/^(?:59|60)$/),
  })
  expect(await ask('b')).toMatchObject({ status: 200, limit: limit(0, 1) })
  expect(await ask('b')).toMatchObject({ status: 429, limit: '"4-in-1min"; r=0; t=' })
})
