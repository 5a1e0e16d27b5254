#!/usr/bin/env bash
# The stage of a guide: a machine called raspberrypi, whose user pi may use sudo, in namespaces of its own. Nothing that is written
# there stays, and nothing leaves. Then a shell of that user reads commands from its standard input.
#
#     unshare --net --mount --uts --ipc --pid --mount-proc --fork --kill-child stage.sh IO CHECKOUT W1 PARTS
set -euo pipefail
io=$1 checkout=$2 w1=$3 parts=" $4 "

mount --make-rprivate /
hostname raspberrypi
ip link set lo up
for address in 10.20.0.2 10.20.0.3 10.20.0.4 10.8.0.1 10.8.0.2 10.8.0.3 192.168.7.20; do ip address add "$address/32" dev lo; done

# Folders of the real machine below, what the guide writes above.
mkdir -p /run
kept=$(mktemp -d)
mount -t tmpfs tmpfs "$kept"
mkdir "$kept"/{io,checkout,w1}
mount --bind "$io" "$kept/io"
mount --bind "$w1" "$kept/w1"
over() {
  local name=${2//\//_}
  mkdir -p "$kept/over/$name" "$kept/work/$name"
  mount -t overlay overlay -o "lowerdir=$1,upperdir=$kept/over/$name,workdir=$kept/work/$name" "$2"
}
over "$checkout" "$kept/checkout"
for folder in /etc /usr/local /var /opt /srv /mnt /boot /root; do over "$folder" "$folder"; done
mount -t tmpfs tmpfs /home
mount -t tmpfs tmpfs /run
mkdir -p /run/guide /run/systemd/system /run/lock
mount --move "$kept" /run/guide
mount -t tmpfs -o mode=1777 tmpfs /tmp
guide=/run/guide
# The links of the kernel's bus are whole paths.
mkdir -p "$w1"
mount --bind $guide/w1 "$w1"
mount -t tmpfs tmpfs /sys/bus
ln -s "$w1/w1" /sys/bus/w1
chmod a+rx "$w1"
mkdir -p $guide/bin /boot/firmware /mnt/disk
touch /boot/firmware/config.txt

cat > /etc/hosts <<HOSTS
127.0.0.1 localhost
10.20.0.2 raspberrypi raspberrypi.local pi-1 attic
10.20.0.3 barn pi-2 cellar
10.20.0.4 stable
10.8.0.1 db.example
10.8.0.3 b.example
HOSTS

node=$guide/checkout/node_modules/node/bin/node
ln -s $node $guide/bin/node
printf '#!/bin/sh\nexec %s %s/checkout/packages/cli/dist/ow.cjs "$@"\n' $node $guide > /usr/local/bin/ow
chmod 755 /usr/local/bin/ow
path=$guide/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
for program in $($node $guide/checkout/test/guides/stage/rule.ts); do
  printf '#!/bin/sh\nexec %s %s/checkout/test/guides/stage/rule.ts %s "$@"\n' $node $guide "$program" > "$guide/bin/$program"
  chmod 755 "$guide/bin/$program"
done

groupadd --force gpio
useradd --uid 4304 --groups gpio --create-home --shell /bin/bash pi
printf 'pi ALL=(ALL:ALL) NOPASSWD: ALL\nDefaults secure_path="%s"\nDefaults !use_pty\n' "$path" > /etc/sudoers.d/guide
chmod 440 /etc/sudoers.d/guide
chmod 777 $guide/io
touch $guide/io/rules.log
chmod 666 $guide/io/rules.log
chown pi:pi /mnt/disk

serve() {
  setsid ow serve --devices "$1" --listen "$2" > "$guide/$2.log" 2>&1 < /dev/null &
  echo $! > "$guide/$2.pid"
  until [ -s "$guide/$2.log" ]; do sleep 0.02; done
}
has() { [[ "$parts" == *" $1 "* ]]; }
export NODE_COMPILE_CACHE=$guide/io/cache
house=$guide/checkout/docs/house.json
if has localhost; then serve "$house" 127.0.0.1:4304; fi
if has raspberrypi; then serve "$house" 10.20.0.2:4304; fi
if has barn; then
  echo '{ "28.000028D70300": { "alias": "stable", "temperature": 12.5 }, "28.000028D70400": { "alias": "freezer", "temperature": -18.5 } }' > $guide/barn.json
  serve $guide/barn.json 10.20.0.3:4304
  echo '{ "28.000028D70500": { "alias": "hay", "temperature": 14.25 } }' > $guide/hay.json
  serve $guide/hay.json 10.20.0.3:4305
fi
if has mosquitto; then
  printf 'user root\nlistener 1883 0.0.0.0\nallow_anonymous true\n' > $guide/mosquitto.conf
  setsid mosquitto -c $guide/mosquitto.conf > $guide/mosquitto.log 2>&1 < /dev/null &
  until mosquitto_pub -t guide -n 2> /dev/null; do sleep 0.02; done
fi
if has influx; then
  mkdir $guide/influx
  HOME=$guide/influx setsid influxd > $guide/influx.log 2>&1 < /dev/null &
  until influx -execute 'SHOW DATABASES' > /dev/null 2>&1; do sleep 0.05; done
fi
if has postgres; then
  programs=$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -1)
  mkdir -p /run/postgresql $guide/postgres
  chown postgres:postgres /run/postgresql $guide/postgres
  as() { setpriv --reuid=postgres --regid=postgres --clear-groups -- "$@"; }
  cd /
  as "$programs/initdb" --username=postgres --auth-local=peer --auth-host=scram-sha-256 --no-sync --encoding=UTF8 --locale=C $guide/postgres > /dev/null
  echo 'host all all 10.0.0.0/8 scram-sha-256' >> $guide/postgres/pg_hba.conf
  as setsid "$programs/postgres" -D $guide/postgres -h 0.0.0.0 -c fsync=off -k /run/postgresql > $guide/postgres.log 2>&1 < /dev/null &
  until as psql -qc 'select 1' > /dev/null 2>&1; do sleep 0.05; done
fi

cd /home/pi
[ ! -e $guide/io/before.sh ] || . $guide/io/before.sh
chown -R pi:pi /home/pi
if has checkout; then cd $guide/checkout; fi
# It stays the first process, which ends with what runs the guide, and everything else with it.
setpriv --reuid=pi --regid=pi --init-groups env --ignore-environment \
  HOME=/home/pi USER=pi LOGNAME=pi LANG=C.UTF-8 TZ=UTC TERM=dumb NO_COLOR=1 PATH="$path" PAGER=cat \
  NODE_COMPILE_CACHE=$guide/cache \
  bash --noprofile --norc
