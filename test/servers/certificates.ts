import { execFileSync } from 'node:child_process'
import { chownSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { privateDir } from './private-dir.ts'

/** A certificate for `localhost` only, with its own authority, and another authority that has signed nothing. */
export interface Certificates extends Disposable {
  readonly authority: string
  readonly foreignAuthority: string
  readonly certificate: string
  /** Only the server's user may read it. */
  readonly key: string
}

/** @param user the user that the server runs as */
export function makeCertificates(user: string): Certificates {
  const dir = privateDir('certificates', user)
  const home = dir.own('home')
  const file = (name: string) => join(home, name)
  for (const name of ['ca', 'foreign']) {
    selfSigned(file(`${name}.pem`), file(`${name}.key`), [`/CN=${name}`, '-days', '2'])
  }
  const issuer = ['-CA', file('ca.pem'), '-CAkey', file('ca.key')]
  const extensions = ['-addext', 'subjectAltName=DNS:localhost', '-addext', 'basicConstraints=CA:FALSE']
  selfSigned(file('server.pem'), file('server.key'), ['/CN=localhost', ...issuer, ...extensions])
  const { uid, gid } = statSync(home)
  chownSync(file('server.key'), uid, gid)
  return {
    authority: file('ca.pem'),
    foreignAuthority: file('foreign.pem'),
    certificate: file('server.pem'),
    key: file('server.key'),
    [Symbol.dispose]: dir.remove,
  }
}

function selfSigned(certificate: string, key: string, [subject = '', ...more]: readonly string[]): void {
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
  const files = ['-keyout', key, '-out', certificate]
  execFileSync('openssl', ['req', '-x509', ...curve, ...files, '-subj', subject, ...more], { stdio: 'pipe' })
}
