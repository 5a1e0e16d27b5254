# owread in a loop, a process for each value, driven like a client in Node by host.ts: arguments are key=value, the requests come
# on standard input, one "path TAB expected" per line, and the output is one line of JSON.
for argument; do
  case $argument in
    port=*) port=${argument#*=} ;;
    limit=*) limit=${argument#*=} ;;
  esac
done
calls=0 wrong=0 tab=$(printf '\t')
start=$(date +%s%N)
while [ "$calls" -lt "$limit" ] && IFS=$tab read -r path expected; do
  value=$(owread -s "127.0.0.1:$port" "$path" </dev/null | tr -d ' ')
  [ "$value" = "$expected" ] || wrong=$((wrong + 1))
  calls=$((calls + 1))
done
taken=$((($(date +%s%N) - start) / 1000000))
printf '{"calls":%d,"seconds":%d.%03d,"wrong":%d}\n' "$calls" $((taken / 1000)) $((taken % 1000)) "$wrong"
