import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { SAMPLES } from '../../../src/demo/samples/samples.ts'
import { createStorage } from '../../../src/demo/storage/storage.ts'
import { CLI } from '../../servers/cli-file.ts'
import { temporaryFolder } from '../../temporary-folder.ts'

/** Writes a configuration for the demo's sample mail. */
export function configured(smtp = 'smtp://127.0.0.1:9') {
  const folder = temporaryFolder()
  const storage = join(folder, 'amavis.sqlite')
  createStorage(storage, SAMPLES, Date.now())
  const config = join(folder, 'config.yaml')
  const keyFile = join(folder, 'token.keys')
  writeFileSync(
    config,
    `publicUrl: https://quarantine.example.com
storage: { url: "sqlite://${storage}" }
smtp: { url: "${smtp}", from: quarantine@example.com }
release: { via: "tcp://127.0.0.1:9" }
delivery: { withoutRelease: true }
links: { keyFile: ${keyFile} }
`,
  )
  return { folder, config, keyFile }
}

export interface Result {
  readonly status: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs one command to its end, without the environment of this machine. */
export function command(...args: readonly string[]): Promise<Result> {
  const { promise, resolve } = Promise.withResolvers<Result>()
  const { PATH, NODE_COMPILE_CACHE } = process.env
  const env = { PATH, NODE_COMPILE_CACHE }
  execFile(process.execPath, [CLI, ...args], { env, timeout: 30_000 }, (error, stdout, stderr) => {
    const status = error ? (typeof error.code === 'number' ? error.code : -1) : 0
    resolve({ status, stdout, stderr })
  })
  return promise
}
