import { execFileSync } from 'node:child_process'
import { join } from 'node:path'

export interface IncludedNode {
  readonly binary: string
  readonly version: string
  /** As Debian names it. */
  readonly architecture: string
}

/**
 * The Node that npm has put into node_modules, as nodejs.org publishes it.
 *
 * @throws Error when it is made for an architecture whose name in Debian is not known here
 */
export function includedNode(root: string): IncludedNode {
  const binary = join(root, 'node_modules/node/bin/node')
  const printed = execFileSync(binary, ['--print', 'process.version + " " + process.arch'], {
    encoding: 'utf8',
  })
  const [version = '', arch = ''] = printed.trim().slice(1).split(' ')
  const architecture = ARCHITECTURES[arch]
  if (architecture === undefined) throw new Error(`No name in Debian is known for the architecture ${arch}.`)
  return { binary, version, architecture }
}

const ARCHITECTURES: Readonly<Record<string, string>> = {
  x64: 'amd64',
  arm64: 'arm64',
  ppc64: 'ppc64el',
  s390x: 's390x',
}
