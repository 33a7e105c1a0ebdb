import { createHash } from 'node:crypto'
import { compileMjml } from './compile-mjml.ts'
import type { TemplateFiles } from './template-files.ts'

/**
 * The HTML of an MJML template: the compiled one that lies beside the program's own, or compiled now where the source is
 * another one, as an admin's is. Compiling takes half a second, as long as all the rest of a small run.
 * @throws CodedError TEMPLATE_INVALID naming the file and each line that is at fault
 */
export async function htmlOfMjml(files: TemplateFiles, name: string): Promise<string> {
  const source = files.read(name)
  const [firstLine, html] = halves(files.read(compiledName(name)))
  return firstLine === sealOf(source) ? html : await compileMjml(source, name)
}

/** What lies compiled beside `source`: a first line that names the source, and the HTML. */
export async function compiledMjml(source: string, name: string): Promise<string> {
  return `${sealOf(source)}\n${await compileMjml(source, name)}\n`
}

/** `digest.mjml` → `digest.compiled.html` */
export const compiledName = (name: string): string => name.replace(/\.mjml$/, '.compiled.html')

const sealOf = (source: string): string =>
  `<!-- compiled from sha256:${createHash('sha256').update(source).digest('hex')} -->`

function halves(text: string): [string, string] {
  const end = text.indexOf('\n')
  return [text.slice(0, end), text.slice(end + 1).trimEnd()]
}
