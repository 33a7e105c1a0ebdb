import { writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { brandOf, brandStyle } from '../../../src/ground/brand/brand.ts'
import { colourFault, coloursOf, contrast, OUR_COLOURS } from '../../../src/ground/brand/colours.ts'
import { MOST_LOGO_OCTETS } from '../../../src/ground/brand/logo.ts'
import { temporaryFolder } from '../../temporary-folder.ts'

const colour = fc
  .array(fc.integer({ min: 0, max: 255 }), { minLength: 3, maxLength: 3 })
  .map(channels => `#${channels.map(value => value.toString(16).padStart(2, '0')).join('')}`)

describe('a colour', () => {
  test('is accepted when white text on it can be read; otherwise a darker one is offered that would do', () => {
    expect(colourFault('#0b6b57')).toBeUndefined()
    expect(colourFault('#06C')).toBeUndefined()
    for (const text of ['blue', '#12345', '#1234567', 'rgb(0,0,0)', '', '#0b6b57;}']) {
      expect(colourFault(text)).toBe('expected a colour such as #0b6b57')
    }
    const fault = colourFault('#ffcc00')
    expect(fault).toMatch(/white text can be read .* this one has 1\.\d, and #\w{6} would do/)
    expect(colourFault(/and (#\w{6})/.exec(fault ?? '')?.[1] ?? '')).toBeUndefined()
  })

  test('gives text, links and buttons that can be read, on light and on dark ground (AA)', () => {
    fc.assert(
      fc.property(colour, text => {
        fc.pre(colourFault(text) === undefined)
        const made = coloursOf(text)
        for (const ground of ['#ffffff', '#f3f5f7']) {
          expect(contrast(made.accent, ground)).toBeGreaterThanOrEqual(4.5)
          expect(contrast(made.accentStrong, ground)).toBeGreaterThanOrEqual(4.5)
        }
        expect(contrast(made.edge, '#ffffff')).toBeGreaterThanOrEqual(3)
        for (const ground of ['#12171c', '#1b2229', '#161c22']) {
          expect(contrast(made.accentDark, ground)).toBeGreaterThanOrEqual(4.5)
          expect(contrast(made.accentStrongDark, ground)).toBeGreaterThanOrEqual(4.5)
        }
        expect(contrast(made.onAccentDark, made.accentDark)).toBeGreaterThanOrEqual(4.5)
      }),
    )
    expect(contrast(OUR_COLOURS.accent, '#f3f5f7')).toBeGreaterThanOrEqual(4.5)
  })

  test('is one that is legible everywhere, and then it is used as it is written', () => {
    expect(coloursOf('#0066cc').accent).toBe('#0066cc')
    expect(brandStyle(brandOf({ colour: '#0066cc' }))).toContain('--accent:#0066cc')
    expect(brandStyle(brandOf({}))).toBe('')
  })
})

test('a name is one line without hidden characters, at most 60 long', () => {
  expect(brandOf({ name: ' Example\u202E\r\nBcc: x\u200B Ltd ' }).name).toBe('Example Bcc: x Ltd')
  expect([...brandOf({ name: 'x'.repeat(200) }).name]).toHaveLength(61)
  expect(brandOf({}).name).toBe('')
})

describe('a logo', () => {
  const fileOf = (content: Buffer | string): string => {
    const file = join(temporaryFolder(), 'logo')
    writeFileSync(file, content)
    return file
  }
  const png = (width: number, height: number, octets = 100): Buffer => {
    const content = Buffer.alloc(octets)
    Buffer.from('\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR', 'latin1').copy(content)
    content.writeUInt32BE(width, 16)
    content.writeUInt32BE(height, 20)
    return content
  }

  test('is known by its first octets, and shown within 200 x 40 pixels', () => {
    expect(brandOf({ logo: fileOf(png(400, 80)) }).logo).toMatchObject({
      type: 'image/png',
      width: 200,
      height: 40,
    })
    expect(brandOf({ logo: fileOf(png(10, 20)) }).logo).toMatchObject({ width: 10, height: 20 })
    expect(brandOf({ logo: fileOf(png(1, 4000)) }).logo).toMatchObject({ width: 1, height: 40 })
    const gif = Buffer.from('GIF89a\x20\x00\x10\x00\x80\x00\x00', 'latin1')
    expect(brandOf({ logo: fileOf(gif) }).logo).toMatchObject({ type: 'image/gif', width: 32, height: 16 })
    const jpeg = Buffer.from(
      'ffd8ffe000104a46494600010100000100010000ffc0001108001400280301220002110103110',
      'hex',
    )
    expect(brandOf({ logo: fileOf(jpeg) }).logo).toMatchObject({ type: 'image/jpeg', width: 40, height: 20 })
  })

  test('that is missing, huge, an SVG, a folder or broken is refused with a sentence', () => {
    for (const [file, words] of [
      ['/nowhere/logo.png', /cannot be read .*ENOENT/],
      [tmpdir(), /is not a file|EISDIR/],
      [fileOf(png(10, 10, MOST_LOGO_OCTETS + 1)), /has 20001 octets: expected at most 20000/],
      [
        fileOf('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'),
        /expected PNG, JPEG or GIF/,
      ],
      [fileOf(''), /expected PNG/],
      [fileOf(png(0, 10)), /expected PNG/],
      [fileOf(Buffer.from('ffd8ffff', 'hex')), /expected PNG/],
      [fileOf(Buffer.from('ffd8ffe00000ffe00000ffe00000', 'hex')), /expected PNG/],
    ] as const) {
      let fault: unknown
      try {
        brandOf({ logo: file })
      } catch (error) {
        fault = error
      }
      expect(fault, file).toMatchObject({ code: 'CONFIG_INVALID' })
      expect(String(fault)).toMatch(words)
      expect(String(fault)).toContain('Leave it out to have none.')
    }
  })
})
