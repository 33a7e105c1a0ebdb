import { spawn } from 'node:child_process'
import { dirname, extname } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { CodedError } from '../errors.ts'

/**
 * MJML to HTML, white space stripped, handlebars expressions left as they are. The compiler runs in a process of its
 * own that ends with its work: it takes 100 MB that a service would keep for one file.
 * @param name of the file, for the message
 * @throws CodedError TEMPLATE_INVALID naming the file and each line that is at fault
 */
export async function compileMjml(source: string, name = 'digest.mjml'): Promise<string> {
  const compiler = spawn(process.execPath, [COMPILER], {
    stdio: ['pipe', 'pipe', 'pipe'],
    // There are secrets in our environment, and a template needs none.
    env: {},
    // MJML reads a configuration from its working directory, and does not start where there is none.
    cwd: dirname(COMPILER),
  })
  const ended = new Promise<number | null>((resolve, reject) => {
    compiler.once('error', reject)
    compiler.once('close', resolve)
  })
  // A compiler that dies early breaks the pipe; what it says on stderr tells why.
  compiler.stdin.once('error', () => {})
  compiler.stdin.end(source)
  const [exit, html, faults] = await Promise.all([ended, text(compiler.stdout), text(compiler.stderr)])
  if (exit === 0) return html
  throw new CodedError('TEMPLATE_INVALID', `${name} is not valid MJML: ${faults.trim()}`)
}

/** Beside this file: `.ts` in a checkout, `.js` in a package. */
const COMPILER = fileURLToPath(new URL(`./mjml-process${extname(import.meta.url)}`, import.meta.url))
