import { type Sample, spam } from './sample.ts'

/** Plain junk in English, which the filter is made for. */
export const JUNK: readonly Sample[] = [
  {
    minutesAgo: 18,
    sender: 'prince@royal-treasury.example',
    from: { name: 'Prince Reginald (still waiting)', address: 'prince@royal-treasury.example' },
    subject: 'Re: Re: Fwd: Did you get my last eleven letters?',
    verdicts: spam(17.9),
    text: `Most esteemed friend,

the 14 million are still here and so am I. It is getting cold in the treasury.

Prince Reginald
`,
  },
  {
    minutesAgo: 243,
    sender: 'winner@lucky-visitor.example',
    from: { name: 'Lucky Visitor Desk', address: 'winner@lucky-visitor.example' },
    subject: 'Congratulations, you are our 1,000,000th visitor (again)',
    verdicts: spam(12.3),
    text: 'You have won what you won yesterday. Click quickly, before you think.\n',
    html: `<p style="font-size:28px;color:#b00020">YOU HAVE WON!!!</p>
<p>What you won yesterday. <a href="https://lucky-visitor.example/claim">Click quickly, before you think.</a></p>`,
  },
  {
    minutesAgo: 498,
    sender: 'sales@almost-watches.example',
    from: { name: 'Almost Watches Ltd', address: 'sales@almost-watches.example' },
    subject: 'Genuine replica watches, right twice a day',
    verdicts: spam(19.7),
    text: 'Nobody will notice the difference, except at noon.\n',
  },
  {
    minutesAgo: 736,
    sender: 'dr.slim@miracle-soup.example',
    from: { name: 'Dr Slim', address: 'dr.slim@miracle-soup.example' },
    subject: 'Lose 30 kg by Thursday (doctors are speechless)',
    verdicts: spam(22.4),
    text: 'One soup. No spoon. That is the trick.\n',
  },
  {
    minutesAgo: 861,
    sender: 'mittens@cat-capital.example',
    from: { name: 'Mittens, Cat Capital', address: 'mittens@cat-capital.example' },
    subject: 'My cat doubled my savings. Ask her how',
    verdicts: spam(15.6),
    text: 'She sat on the keyboard. You can, too: invest today, purr tomorrow.\n',
  },
]
