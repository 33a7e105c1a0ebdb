import { expect, test } from 'vitest'
import { Machine } from '../../../../src/ground/config/perl/machine.ts'
import { parse } from '../../../../src/ground/config/perl/parse.ts'
import { UNKNOWN } from '../../../../src/ground/config/perl/values.ts'

test.each([
  ["$x = 'a';", 'a'],
  ['$x = q{a{b}c};', 'a{b}c'],
  ['$x = qq[it\'s "$y"];', `it's "why"`],
  [String.raw`$x = 'it\'s \n';`, String.raw`it's \n`],
  [String.raw`$x = "postmaster\@$y, \x41\t\$y";`, 'postmaster@why, A\t$y'],
  // A `[` after a variable is a subscript only where Perl would take it for one.
  ['$x = "smtp:[127.0.0.1]:$y";', 'smtp:[127.0.0.1]:why'],
  [
    `$x = "$y:10025 $\{y}s $h{key} $h{'key'} $a[1] $r->{in} @a";`,
    'why:10025 whys value value two inner one two',
  ],
  [`$x = "$\{\\ uc $y}";`, UNKNOWN],
  ["$x = 'SELECT *'.\n  ' FROM t' . ' WHERE 1';", 'SELECT * FROM t WHERE 1'],
  ['$x = 200*1024 + 2**3;', '204808'],
  ["$z = $x = 'chained';", 'chained'],
  ["($z, $x) = ('one', 'two');", 'two'],
  ['$x = <<"END";\nto $y\nEND\n', 'to why\n'],
  ["$x = join(',', <<A, <<'B');\nfirst\nA\n$y\nB\n", 'first\n,$y\n'],
  ['$x = <<~END;\n    indented\n      more\n    END\n', 'indented\n  more\n'],
  ["$x = 'a'; # $x = 'b';", 'a'],
  ["=pod\n\n$x = 'b';\n\n=cut\n\n$x = 'a';", 'a'],
  ["$x = 'a';\n__END__\n$x = 'b'; }}}", 'a'],
  ["$x = 'a'; return 1; $x = 'b';", 'a'],
  ["$x = 'a'; undef $x;", undefined],
  ["$x ||= 'b'; $x //= 'c'; $x .= 'd';", 'bd'],
  ["$x = 'b' unless $y; $x = 'c' if $y eq 'why' and !$nothing;", 'c'],
  ["if ($y eq 'no') { $x = 'a' } elsif (defined $y) { $x = 'b' } else { $x = 'c' }", 'b'],
  ["$x = $y =~ /^wh/ ? 'yes' : 'no';", 'yes'],
  ['my $p = 10024; $x = "smtp:$p";', 'smtp:10024'],
  ["BEGIN { $x = 'a' } { package Amavis::Conf; $Amavis::Conf::x = 'b'; }", 'b'],
  ["sub f { $x = 'b'; } $x = 'a';", 'a'],
  ["if ($y) { $z = 1 }\n%h = (key => 'new'); $x = $h{key} . 7 % 4;", 'new3'],
  [`$x = $a[0] . $r->{list}[1] . $\{$r}{in} . scalar(@a);`, 'onebinner2'],
  ['$x = `hostname --fqdn`;', UNKNOWN],
  ['chomp($x = `known`);', 'output'],
  ["$x = 's'; $hash = { s => 1, y => 2, m => 3 };", 's'],
  ["$z = qr/;[}\"]/m; $x = 4 / 2; $x .= '/';", '2/'],
])('%s', (perl, value) => {
  expect(after(perl).cell('$x')).toMatchObject({ value, isSure: true })
})

test.each([
  ["$x = 'a'; $x = 'b' if $ENV{X};", 'a'],
  ["$x = 'b' if $ENV{X};", 'b'],
  ["if (-e '/x') { $x = 'b' } else { $x = 'c' }", 'b'],
  ["$x = 'b' if `known` eq $unknown->call;", 'b'],
  ['for my $y (@a) { $x = $y }', UNKNOWN],
  ["$x = 'a'; $_ = 'b' for ($x, $z);", 'a'],
  ["$x = 'a'; change(\\$x);", 'a'],
  ["$x = 'a'; $x = = 'b';", 'a'],
  ["return 1 if -e '/x'; $x = 'b';", 'b'],
  ["$x = 'a'; do 'x.pl';", 'a'],
  [`$x = 'a'; $\{'x'} = 'b';`, 'a'],
  [`$x = 'a'; foreach my $k (@a) { $\{"$\{k}x"} = 'b' }`, 'a'],
])('what only a running Perl can decide is not sure: %s', (perl, value) => {
  expect(after(perl).cell('$x')).toMatchObject({ value, isSure: false })
})

test('lists, hashes and references hold what was put into them', () => {
  const machine = after(`
    @list = (1, qw(two three), @a); push(@list, 'last'); unshift @list, 'first';
    $ports = [ (grep { defined && $_ ne '' && $_ ne '9998' } ref $y ? @$y : $y), 9998 ];
    %hash = (a => 'b', 'AM.PDP' => { protocol => 'x' }); $hash{new}{deep} = 1; delete $hash{a};
    @copy = @list; $copy[0] = 'other';
  `)
  expect(machine.cell('@list').value).toEqual(['first', '1', 'two', 'three', 'one', 'two', 'last'])
  expect(machine.cell('@copy').value).toEqual(['other', '1', 'two', 'three', 'one', 'two', 'last'])
  expect(machine.cell('$ports').value).toEqual(['why', '9998'])
  const hash = machine.cell('%hash').value
  expect(hash instanceof Map && [...hash.keys()]).toEqual(['AM.PDP', 'new'])
})

test('a variable of the file itself is gone after it', () => {
  const machine = after("my $y = 'inner';")
  expect(machine.cell('$y').value).toBe('why')
})

test.each([
  ["$x = 'a", "line 1: what begins with ' does not end"],
  ['$x = <<END;\nnever', 'line 1: the here-document END does not end'],
  ["\n@x = (['a');", 'line 2: a ) stands where the [ of line 2 is to be closed'],
  ['if (1) {\n', 'line 1: a { is never closed'],
  ['}', 'line 1: a } closes nothing'],
  ['('.repeat(5000), 'too many brackets'],
  ['$x = \u{1};', 'a character that Perl does not know'],
])('what Perl refuses is refused: %j', (perl, message) => {
  expect(() => {
    try {
      parse(perl)
    } catch (error) {
      throw error instanceof Error && 'line' in error
        ? new Error(`line ${error.line}: ${error.message}`)
        : error
    }
  }).toThrow(message)
})

test('a text that grows without end is given up', () => {
  const machine = after(`$x = 'xxxxxxxxxx'; @x = (1..3, 'a'); ${'$x = "$x$x"; @x = (@x, @x);'.repeat(100)}`)
  expect(machine.cell('$x').value).toBe(UNKNOWN)
})

function after(perl: string): Machine {
  const machine = new Machine(
    {
      constants: new Set(),
      include: () => machine.doubtEverything(),
      includeUnknown: () => machine.doubtEverything(),
      outputOf: command => (command === 'known' ? 'output\n' : undefined),
    },
    {},
  )
  machine.run('before', parse(BEFORE))
  machine.run('file', parse(perl))
  return machine
}

const BEFORE =
  "$y = 'why'; %h = (key => 'value'); @a = ('one', 'two'); $r = { in => 'inner', list => ['a', 'b'] };"
