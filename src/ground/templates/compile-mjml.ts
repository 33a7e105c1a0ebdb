import { spawn } from 'node:child_process'
import { dirname, extname } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { CodedError } from '../errors.ts'

/**
 * Compiles MJML to HTML, strips white space and keeps Handlebars expressions. The compiler runs in its own short-lived
 * process, because it takes 100 MB, which a service would otherwise keep for the sake of one file.
 * @param name the name of the file, for the message
 * @throws CodedError TEMPLATE_INVALID that names the file and each faulty line
 */
export async function compileMjml(source: string, name = 'digest.mjml'): Promise<string> {
  const compiler = spawn(process.execPath, [COMPILER], {
    stdio: ['pipe', 'pipe', 'pipe'],
    // Our environment contains secrets, and a template needs none of it.
    env: {},
    // MJML looks for a configuration in its working directory, and does not start if that folder is gone.
    cwd: dirname(COMPILER),
  })
  const ended = new Promise<number | null>((resolve, reject) => {
    compiler.once('error', reject)
    compiler.once('close', resolve)
  })
  // A compiler that dies early breaks the pipe; its stderr tells why.
  compiler.stdin.once('error', () => {})
  compiler.stdin.end(source)
  const [exit, html, faults] = await Promise.all([ended, text(compiler.stdout), text(compiler.stderr)])
  if (exit === 0) return html
  throw new CodedError('TEMPLATE_INVALID', `${name} is not valid MJML: ${faults.trim()}`)
}

/** Beside this file: `.ts` in a checkout, `.js` in a package. */
const COMPILER = fileURLToPath(new URL(`./mjml-process${extname(import.meta.url)}`, import.meta.url))
