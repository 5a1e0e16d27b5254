#!/bin/busybox sh
# The first and only process of the machine: sets it up, then runs the commands from its second serial port, line by line. A line
# is a script in base64. So is the answer, after its exit status.
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
mount -t tmpfs tmpfs /tmp
ifconfig lo 127.0.0.1
mkdir -p /etc
echo '127.0.0.1 localhost' > /etc/hosts
(sleep "$lifetime" && poweroff -f) &
stty -F /dev/ttyS1 raw -echo
exec < /dev/ttyS1 > /dev/ttyS1 2> /dev/console
echo ready
while read -r line; do
  echo "$line" | base64 -d > /tmp/script
  timeout 120 sh /tmp/script < /dev/null > /tmp/stdout 2> /tmp/stderr
  echo "$? $(base64 -w0 /tmp/stdout) $(base64 -w0 /tmp/stderr)"
done
