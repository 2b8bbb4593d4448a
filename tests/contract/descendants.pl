# Starts eight kinds of descendants that do not want to end, and ends as it is told.
# perl descendants.pl TOKEN exit|stay|eat: each kind is called `TOKEN-KIND` in the list of processes, and once all are there, the file
# `TOKEN-ready` stands in the working folder. A name is given by a fresh start, since to set one would overwrite the environment. None that
# runs lives longer than half a minute, whatever becomes of the test.
use strict;
use POSIX qw(setsid setpgid _exit);
my ($token, $how) = @ARGV;

my $there = 'open(my $file, ">", $ARGV[0]) or die; close $file;';
my $end = time + 30;
my $linger = 'sleep 1 while time < $ARGV[1]';
sub become { my ($kind, $code) = @_; exec { $^X } "$token-$kind", '-e', "$there $code", "$token-$kind", $end }
sub child { my $code = shift; my $pid = fork // die; return if $pid; $code->(); _exit(0) }

child(sub { become('plain', $linger) });
child(sub { $SIG{$_} = 'IGNORE' for qw(TERM HUP INT QUIT); become('deaf', $linger) });
child(sub { setsid(); become('session', $linger) });
child(sub { setpgid(0, 0); become('group', $linger) });
child(sub { setsid(); child(sub { become('daemon', $linger) }) });
child(sub { setsid(); child(sub { %ENV = (); become('wiped', $linger) }) });
child(sub { setsid(); become('stopped', "kill 'STOP', \$\$; $linger") });
# Never the same process for long, until its file is removed.
my $hop = 'while (time < $ARGV[1] && -e $ARGV[0]) { my $pid = fork; if (!defined $pid) { select(undef, undef, undef, 0.01); next }';
child(sub {
  setsid();
  become('hopping', "use POSIX qw(setsid _exit); $hop if (\$pid) { select(undef, undef, undef, 0.0003); _exit(0) } setsid() }");
});

my @kinds = qw(plain deaf session group daemon wiped stopped hopping);
for (1 .. 1000) {
  last unless grep { !-e "$token-$_" } @kinds;
  select(undef, undef, undef, 0.01);
}
open(my $file, '>', "$token-ready") or die;
close $file;
exit 0 if $how eq 'exit';
# More than it may have, and never more than this machine can bear.
my $eat = 'my @all; push @all, "x" x 1048576 for 1 .. 512';
exec { $^X } "$token-root", '-e', $how eq 'eat' ? $eat : $linger, '', $end;
