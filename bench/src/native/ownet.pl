# OWFS's own Perl module, driven like a client in Node by host.ts: arguments are key=value, the requests come on standard input,
# one "path TAB expected" per line, and the output is one line of JSON.
use strict;
use warnings;
use OWNet;
use Time::HiRes qw(time);

my %task = map { split /=/, $_, 2 } @ARGV;
my @requests = map { chomp; [split /\t/, $_, 2] } <STDIN>;
my $address = "127.0.0.1:$task{port}";

# The object keeps its connection; the functions open one for each call.
my $kept = $task{connection} eq 'kept' ? OWNet->new($address) : undef;
my ($wrong, $first) = (0, undef);

# The & bypasses its prototype, which has no size.
sub read_once { &OWNet::read($address, $_[0], $task{size}) }

sub is_right {
  my ($path, $expected) = @{ $_[0] };
  if ($task{check} eq 'entries') {
    my @entries = split /,/, ($kept ? $kept->dir($path) : OWNet::dir($address, $path)) // '';
    return (@entries == $expected, scalar(@entries) . ' entries');
  }
  my $value = ($kept ? $kept->read($path, $task{size}) : read_once($path)) // '';
  return (length($value) == $expected, 'length ' . length $value) if $task{check} eq 'length';
  $value =~ s/^ +| +$//g;
  return ($value eq $expected, $value);
}

sub calls {
  my ($limit, $seconds) = @_;
  my ($end, $i) = (time + $seconds, 0);
  for (; $i < $limit && $wrong <= 100; $i++) {
    last if ($i & 15) == 0 && time >= $end;
    my ($right, $shown) = is_right($requests[$i % @requests]);
    next if $right;
    $wrong++;
    $first //= substr($shown =~ s/[^ -~]|["\\]//gr, 0, 60);
  }
  return $i;
}

calls($task{warm} < 300 ? $task{warm} : 300, 2);
($wrong, $first) = (0, undef);
my $start = time;
my $calls = calls($task{limit}, $task{seconds});
printf qq({"calls":%d,"seconds":%.9f,"wrong":%d%s}\n), $calls, time - $start, $wrong,
  defined $first ? qq(,"firstWrong":"$first") : '';
