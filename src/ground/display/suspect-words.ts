/**
 * What a stock SpamAssassin 4.0.1 holds against a mail that quotes it, by its rules for words (20_*.cf, 72_active.cf)
 * that score 0.3 or more, alone or when several of them hit. `*` stands for any ending.
 */

/** Each of them is suspect. */
export const SUSPECT_WORDS = words(`
  adipex alprazolam ativan bontril celebrex clonazepam codeine cyclobenzaprine darvon diazepam didrex diethylpropion
  fioricet flexeril halcion hydrocodone imitrex ionamin klonopin lorazepam norco phendimetrazine restoril rivotril
  sildenafil skelaxin sonata soma tadalafil tenuate tramadol ultracet vioxx xenical zanaflex zebutal
  penis* dick schlong manhood impotence erectile ejaculation
  rolex lottery lotteries lotterie lotteria lotto loto loterie* loterij* staatsloterij* sweepstake*
  abacha affidavit* barrister* beneficiar* benin burkina deceased diplomatic ghana modalit* nigeria* scam* widow*
`)

/** SpamAssassin also finds these with up to three other characters between two letters, and with look-alikes. */
export const SUSPECT_EVEN_IF_SPACED = words(`
  ambien apcalis cialis levitra meridia phentermine ultram valium viagra vicodin xanax
`)

/**
 * Words of everyday mail that are suspect in company only: the first, the second, and how many characters may stand
 * between them.
 */
export const SUSPECT_PAIRS: readonly SuspectPair[] = [
  // Drugs and the body.
  pair('online', 'pharmacy pharmacies'),
  pair('drugs medications', 'online'),
  pair('no prescription', 'needed requir* necessary', 26),
  pair('quality', 'meds medications'),
  pair('medical', 'exam examination exams'),
  pair('male', 'enhancement organ'),
  pair('enlarge increase grow larger bigger', 'breast*', 50),
  pair('increase increased', 'sex* stamina', 12),
  pair('weight', 'loss'),
  pair('extra lose lost losing', 'pounds weight inches lbs', 12),
  pair('burn burns burning', 'fat', 12),
  pair('without no', 'exercis* dieting'),
  // Goods and money.
  pair('money', 'guarantee', 8),
  pair('100', 'guaranteed'),
  pair('free', 'quote*', 60),
  pair('time', 'charge investment offer promotion'),
  pair('affordable', 'prices', 12),
  pair('removed', 'please from'),
  pair('you', 'approved', 26),
  pair('bad poor no eliminate repair', 'credit debt', 12),
  pair('marketing network', 'partner*'),
  pair('leading best based', 'china international taiwan', 90),
  pair('unclaimed', 'account* asset* balance deposit* fund* money monies payment* prize* reward*'),
  pair('urgent urgently', 'assistance business buy confidential notice proposal reply request* response', 18),
  pair('stock', 'alert* quadruple soar* tip* triple', 12),
  pair('financial financially', 'free freedom independen*'),
  pair('join', 'thousands'),
  pair('introduced launched released', 'new product*', 12),
  pair('strong', 'buy'),
  pair('earliest immediate reply respond', 'immediately reply response urgently'),
  pair('delivery', 'address*'),
  pair('act', 'now'),
  // Lotteries.
  pair('dear attn', 'winner*', 22),
  pair('lucky winning', 'cheque* detail* draw* mail notification number* payment* prize* winner*'),
  pair('computer internet line mail national online promotional', 'ballot draw* sweepstake*'),
  pair('you your', 'won win winner', 14),
  pair('claim', 'prize* winning*', 8),
  pair('batch serial ticket', 'number*'),
  pair('award claim claims compensation fiduciary payment', 'agent department* dept officer*'),
  // Advance fees.
  pair('billion billions million millions', 'dollar* euro* gbp pound* us usd', 12),
  pair('i his her my your', 'inherit*', 32),
  pair('inheritance', 'fund* payment*'),
  pair('compensation your', 'claim* compensat* fund payment* program* victim*', 5),
  pair('charity', 'donation* foundation*'),
  pair('dear', 'candidate friend* homeowner* internet investor* madam sir sirs travel* web'),
  pair('apex central international trust', 'bank'),
  pair('next', 'kin', 5),
  pair(
    'business financial mutual profitable',
    'benefit* deal* interest partner* proposal* transaction* venture*',
  ),
  pair('your', 'assistance consignment country fund funds permission', 22),
  pair('honest', 'collaboration cooperation operation', 6),
  pair(
    'abandoned dormant foreign offshore overseas',
    'account* bank* customer* fund* partner* payment* transaction*',
  ),
  pair('atm debit', 'card*'),
  pair('the', 'desk'),
  pair('the my your', 'late', 1),
  pair('name', 'barrister dr engr mr mrs prince princess', 5),
  pair('compliments', 'the', 5),
  pair('am', 'dying', 8),
  pair('united', 'nations'),
  pair('secret', 'arrangement'),
  pair('bank fund funds wire', 'transfer*'),
  pair('consignment metallic security trunk', 'box*'),
  pair('courier', 'company service'),
  // Phishing.
  pair(
    'access account accounts mailbox',
    'credited notification record* restricted suspen* verification',
    24,
  ),
  pair(
    'confirm deactivation reactivate regain restore unlock update upgrade validate verify',
    'access account* email identity information mail mailbox',
    24,
  ),
  pair('mailbox quota webmail', 'account cleanup exceeded full quota reached', 24),
  pair('download pending release undelivered', 'email* mail mails message*', 8),
  pair('help mail security system', 'admin* department desk team'),
  pair('password', 'expir* failure* upgrade', 24),
  pair('account', 'security', 42),
  pair('built installed my placed put', 'exploit malware spyware trojan virus', 12),
]

/** A word, or how all words begin that are meant. */
export interface Stem {
  readonly letters: string
  readonly isWhole: boolean
}

export interface SuspectPair {
  readonly first: readonly Stem[]
  readonly second: readonly Stem[]
  readonly between: number
}

function pair(first: string, second: string, between = 3): SuspectPair {
  return { first: words(first), second: words(second), between }
}

function words(list: string): Stem[] {
  const found = list.match(/\S+/g) ?? []
  return found.map(word => ({ letters: word.replace('*', ''), isWhole: !word.endsWith('*') }))
}
