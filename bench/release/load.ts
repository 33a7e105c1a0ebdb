import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

/** What is sent to a server, and how. */
export interface Load {
  readonly port: number
  readonly connections: number
  /** Whole requests, ready to be written. With a `rate` each is sent once, otherwise they are sent in turns. */
  readonly requests: readonly string[]
  readonly seconds: number
  /** How many requests may be on their way through one connection; 1 by default. */
  readonly ahead?: number
  /** Requests a second, whether or not the earlier ones are answered. Undefined: as fast as the answers come. */
  readonly rate?: number
}

export interface LoadFigures {
  readonly answers: number
  readonly statuses: Readonly<Record<string, number>>
  readonly seconds: number
  /** Milliseconds. */
  readonly p50: number
  readonly p99: number
  readonly most: number
}

/** Sends a load from a process of its own. */
export const sendLoad = (load: Load): Promise<LoadFigures> => startLoad(load).figures

/** A load that is being sent. */
export interface RunningLoad {
  /** Rejects if the process fails. */
  readonly figures: Promise<LoadFigures>
  /** Sends no more. */
  end(): void
}

export function startLoad(load: Load): RunningLoad {
  const folder = mkdtempSync(join(tmpdir(), 'bench-load-'))
  const file = join(folder, 'load.json')
  writeFileSync(file, JSON.stringify(load))
  const sending = promisify(execFile)(process.execPath, [PROCESS, file])
  return {
    figures: sending
      .then(({ stdout }) => JSON.parse(stdout) as LoadFigures)
      .finally(() => rmSync(folder, { recursive: true })),
    end: () => void sending.child.kill('SIGTERM'),
  }
}

const PROCESS = fileURLToPath(new URL('load-process.ts', import.meta.url))

/** A request as a browser sends it through a kept connection. */
export function requestOf(
  method: 'GET' | 'POST',
  path: string,
  headers: Readonly<Record<string, string>> = {},
): string {
  const all = {
    Host: 'quarantine.example.com',
    Accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8',
    'Accept-Language': 'de-DE,de;q=0.9,en;q=0.8',
    'User-Agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
    ...(method === 'POST' && { 'Content-Length': '0' }),
    ...headers,
  }
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`)
  return `${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n`
}
