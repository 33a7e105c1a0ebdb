import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

test('the HTTP server starts without the API, the public suffix list, HTTP/2 and a client for WebSockets', () => {
  const server = fileURLToPath(new URL('../../../src/doors/http/server.ts', import.meta.url))
  const program = `
    import { registerHooks } from 'node:module'
    const files = []
    registerHooks({ load: (url, context, next) => (files.push(url), next(url, context)) })
    await import(${JSON.stringify(server)})
    process.stdout.write(JSON.stringify([...files, ...process.moduleLoadList]))`
  const output = execFileSync(process.execPath, ['--input-type=module', '--eval', program], {
    encoding: 'utf8',
  })
  const loaded = JSON.parse(output) as string[]
  expect(loaded).toContainEqual(expect.stringContaining('doors/http/server.ts'))
  expect(loaded.filter(name => /\/api\/operations|\/tldts\/|undici|http2/.test(name))).toEqual([])
})
