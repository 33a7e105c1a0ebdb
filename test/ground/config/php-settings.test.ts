import { expect, test } from 'vitest'
import { phpSettings } from '../../../src/ground/config/php-settings.ts'

const settings = (php: string) => Object.fromEntries(phpSettings(php))

test('plain assignments are read as PHP reads them, and the last one counts', () => {
  expect(
    settings(`<?php
$conf['db_host'] = 'old';
$conf["db_host"]   =   "db.example.com" ;\r
$conf [ 'db_port' ]=3307; $conf['db_database']\t\t= 'dbispconfig';
$conf['quotes'] = 'it\\'s \\\\ \\n';
$conf['double'] = "say \\"\\$hi\\" \\\\";
$conf['empty'] = '';
define('DB_HOST', $conf['db_host']);
?>
`),
  ).toEqual({
    db_host: 'db.example.com',
    db_port: '3307',
    db_database: 'dbispconfig',
    quotes: "it's \\ \\n",
    double: 'say "$hi" \\',
    empty: '',
  })
})

test('comments, and text that stands outside PHP, are not read', () => {
  expect(
    settings(`don't
<?php
// $conf['a'] = 'x'; don't
# $conf['b'] = 'x';
/* $conf['c'] = 'x'; it's */ $conf['d'] = 'http://x # y'; // */ ?> it's $conf['e'] = 'x';
<?php $conf['f'] = '/* no comment */';
/* $conf['g'] = 'x';`),
  ).toEqual({ d: 'http://x # y', f: '/* no comment */' })
})

test('what only PHP can know hides the value that was set before', () => {
  const values = ["getenv('X')", '$x', "'a' . 'b'", '"$x"', '"{$x}"', '"a\\x41"', 'DB_HOST', 'array()']
  for (const value of values) {
    expect(settings(`<?php $conf['a'] = 'x'; $conf['a'] = ${value};`), value).toEqual({ a: undefined })
  }
  expect(settings("<?php $conf['a'] = 'x'; $conf['a'] .= 'y';")).toEqual({ a: undefined })
})

test.each([
  "if ($conf['a'] == 'x') {}",
  "f(['a' => $conf['a'], 'b' => 'c']);",
  "$conf['a']['b'] = 'x';",
  "$conf[$a] = 'x';",
  "$other['a'] = 'x';",
  "$text = '$conf[\\'a\\'] = 1;';",
  "$conf['a'] = 'x",
  "'\\",
  '',
])('nothing is read from %j that is no assignment', php => {
  expect(Object.values(settings(`<?php ${php}`)).filter(value => value !== undefined)).toEqual([])
})

test('the time grows with the length alone, whatever stays open', () => {
  const start = performance.now()
  for (const piece of ["\\'", '"\\', '/*', "$conf['", '<?php ?>']) {
    settings(`<?php ${piece.repeat(50_000)}`)
  }
  expect(performance.now() - start).toBeLessThan(3000)
})
