# One read with OWFS's own Perl module.
use strict;
use warnings;
use OWNet;

my (undef, $address, $path) = @ARGV;
print OWNet::read($address, $path);
