import { expect, test } from 'vitest'
import { visitByHttp } from '../../../src/ground/network/visit-by-http.ts'
import { startScriptedServer } from '../../servers/scripted-server.ts'

test.each(['http', 'https'])(
  'a web server that hangs at %s is told as one that does not answer',
  async scheme => {
    await using silent = await startScriptedServer(() => {})
    const url = new URL(`${scheme}://127.0.0.1:${silent.port}/`)
    expect(await visitByHttp(url, {}, new AbortController().signal, 50)).toEqual({
      kind: 'unreachable',
      code: 'ETIMEDOUT',
      reason: expect.stringMatching(/^no answer within/),
    })
  },
)
