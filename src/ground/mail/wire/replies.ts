/** A reply of an SMTP server (RFC 5321, section 4.2). */
export interface Reply {
  readonly code: number
  /** All its lines with their codes, separated by LF. */
  readonly text: string
}

/** Puts together what a server sends: its replies may come in pieces, and several in one piece. */
export interface ReplyReader {
  /** @returns the replies that are complete now; undefined when what was sent is not SMTP, or a reply is too long */
  read(piece: Buffer): readonly Reply[] | undefined
  /** Whether a reply has begun and not ended. */
  isWithin(): boolean
  /** At the end of the connection: a refusal whose last line was not ended. Of others, the rest may be missing. */
  last(): Reply | undefined
}

export function createReplyReader(): ReplyReader {
  let unended = ''
  let lines: string[] = []
  /** Of `lines`. */
  let octets = 0

  /** @returns whether the line is one of SMTP */
  const take = (line: string, replies: Reply[]): boolean => {
    if (line === '' && lines.length === 0) return true
    const [, code = '', separator] = REPLY_LINE.exec(line) ?? []
    if (code === '' || (lines[0] !== undefined && !lines[0].startsWith(code))) return false
    lines.push(line)
    octets += line.length
    if (separator === '-') return true
    replies.push({ code: Number(code), text: decoded(lines.join('\n')) })
    lines = []
    octets = 0
    return true
  }
  return {
    read(piece) {
      const replies: Reply[] = []
      const text = unended + piece.toString('latin1')
      let begin = 0
      // What came before this piece has no LF.
      for (let end = text.indexOf('\n', unended.length); end >= 0; end = text.indexOf('\n', begin)) {
        if (!take(text.slice(begin, text[end - 1] === '\r' ? end - 1 : end), replies)) return undefined
        begin = end + 1
      }
      unended = text.slice(begin)
      return octets + unended.length > LONGEST_REPLY ? undefined : replies
    },
    isWithin: () => unended !== '' || lines.length > 0,
    last() {
      const text = [...lines, unended].join('\n').trimEnd()
      return /^[45]\d\d[ -]/.test(unended)
        ? { code: Number(text.slice(0, 3)), text: decoded(text) }
        : undefined
    },
  }
}

/** A line may have no text, and then no blank either. */
const REPLY_LINE = /^([2-5]\d\d)(?:([ -])|$)/

/** In octets. A line has at most 512 (RFC 5321, section 4.5.3.1.5), a reply to a mail a few lines. */
const LONGEST_REPLY = 16_384

/** Most servers write ASCII or UTF-8; of others, the octets. */
function decoded(latin1: string): string {
  if (!BEYOND_ASCII.test(latin1)) return latin1
  const utf8 = Buffer.from(latin1, 'latin1').toString('utf8')
  return utf8.includes('\uFFFD') ? latin1 : utf8
}

const BEYOND_ASCII = /[\u0080-\u00ff]/
