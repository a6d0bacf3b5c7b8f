#!/usr/bin/perl
# Stands in for setpriv where util-linux is older than 2.41 (Debian 12): the same options in the same order of effects, as far as
# the landlock sandbox uses them. What is tested, the rules and the filter, the kernel applies in both.
use strict;
use warnings;
use POSIX ();

my %right = (
  'execute' => 1, 'write-file' => 2, 'read-file' => 4, 'read-dir' => 8,
);
my $every_right = 0x7fff; # of the third version: up to `truncate`, as util-linux 2.41 has them
my $prctl = (POSIX::uname())[4] eq 'x86_64' ? 157 : 167;
my ($filter_file, $landlock, @rules);
while (@ARGV) {
  my $option = shift;
  last if $option eq '--';
  if ($option eq '--no-new-privs') { }
  elsif ($option eq '--pdeathsig') { shift eq 'KILL' or die "signal\n" }
  elsif ($option eq '--landlock-access') { $landlock = shift eq 'fs' or die "access\n" }
  elsif ($option eq '--landlock-rule') { push @rules, shift }
  elsif ($option eq '--seccomp-filter') { $filter_file = shift }
  else { die "setpriv: unknown option $option\n" }
}
sub must {
  my ($what, $result) = @_;
  die "setpriv: $what failed: $!\n" if $result < 0;
  return $result;
}
must('no_new_privs', syscall($prctl, 38, 1, 0, 0, 0));
if (defined $filter_file) {
  open(my $file, '<:raw', $filter_file) or die "setpriv: cannot open $filter_file: $!\n";
  my $filter = do { local $/; <$file> };
  my $program = pack('S x6 P', length($filter) / 8, $filter);
  must('seccomp', syscall($prctl, 22, 2, $program, 0, 0));
}
must('pdeathsig', syscall($prctl, 1, 9, 0, 0, 0));
if ($landlock) {
  my $attributes = pack('Q', $every_right);
  my $ruleset = must('landlock_create_ruleset', syscall(444, $attributes, 8, 0));
  for my $rule (@rules) {
    my ($rights, $path) = $rule =~ /^path-beneath:([^:]*):(.*)$/ or die "rule $rule\n";
    my $allowed = 0;
    $allowed |= $right{$_} // die "right $_\n" for split /,/, $rights;
    sysopen(my $folder, $path, 0x200000) or die "setpriv: $path: $!\n"; # O_PATH
    my $beneath = pack('Q l', $allowed, fileno $folder);
    must("landlock_add_rule $rule", syscall(445, $ruleset, 1, $beneath, 0));
  }
  must('landlock_restrict_self', syscall(446, $ruleset, 0));
}
exec { $ARGV[0] } @ARGV or die "setpriv: failed to execute $ARGV[0]: $!\n";
