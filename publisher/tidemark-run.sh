#!/bin/sh
# tidemark-run --test-name T [--model-dir D] [--timeout 4h] [--label k=v]... [--run-id R] [--attempt N]
#              [--heartbeat 60s] [--grace 10s] [--retries N] [--only-first] -- COMMAND...   or: tidemark-run --flush
# Runs COMMAND and tells its start, heartbeats and end; ends with COMMAND's own status. For images without Node: POSIX
# sh, sed, tr, od, date, base64 or openssl, and curl or wget. Docs: docs/publisher.md.
wait_s=${TIDEMARK_PUBLISH_WAIT:-5} state=${TIDEMARK_STATE:-.tidemark} seq=0 labels= model=${MODEL_DIR-} timeout= every=60 test_name= run_id= attempt= grace=10 flush= retries= first=
say() { printf 'tidemark: %s\n' "$*" >&2 || :; }
die() { say "$*" && exit 2; }; has() { command -v "$1" >/dev/null 2>&1; }; iso() { date -u -d "@$1" +%Y-%m-%dT%H:%M:%S.000Z; }
usage='wanted --test-name T, --model-dir D, --timeout 4h, --label k=v, --run-id R, --attempt N, --retries N, then -- COMMAND'
count() { case $1 in '' | 0?* | *[!0-9]* | ??????*) echo 0 ;; *) echo "$1" ;; esac; } # 0 of what is no number
# As a JSON string: control characters escaped byte by byte, and for each byte that is no UTF-8 a question mark.
script=$(
  printf ':a\n$!{\nN\nba\n}\ns/[\\\\"]/\\\\&/g\ns/\\n/\\\\n/g\n'
  for n in 1 2 3 4 5 6 7 10 11 13 14 15 16 17 20 21 22 23 24 25 26 27 30 31 32 33 34 35 36 37; do printf "s/\\$n/\\\\\\\\u00%02x/g\n" "0$n"; done
  c='[\200-\277]'
  for lead in "[\302-\337]$c" "\340[\240-\277]$c" "[\341-\354\356\357]$c$c" "\355[\200-\237]$c" "\360[\220-\277]$c$c" "[\361-\363]$c$c$c" "\364[\200-\217]$c$c"; do printf "s/$lead/\001&\002/g\n"; done
  printf 's/^[\200-\377]\\{1,\\}/?/\ns/\\([^\001\200-\377]\\)[\200-\377]\\{1,\\}/\\1?/g\ns/[\001\002]//g\n'
)
json() { printf '"'; printf '%s\n' "$1" | LC_ALL=C sed "$script" | tr -d '\n'; printf '"'; }
# As a segment of a URI.
segment() {
  case ${1:--} in *[!A-Za-z0-9._~-]*) printf %s "$1" | od -An -v -tx1 | tr -d ' \n' | sed 's/../%&/g' ;; *) printf %s "${1:--}" ;; esac
}
seconds() { # of a duration: 90, 90s, 15m, 4h, 1h30m, 7d
  s_rest=$2 s_sum=0
  case $s_rest in '' | *[!0-9]*) ;; *) s_rest=${s_rest}s ;; esac
  while [ -n "$s_rest" ]; do
    s_n=${s_rest%%[!0-9]*} s_rest=${s_rest#"${s_rest%%[!0-9]*}"}
    case $s_rest in s*) s_u=1 ;; m*) s_u=60 ;; h*) s_u=3600 ;; d*) s_u=86400 ;; *) s_n= ;; esac
    case ${s_n:-x} in x | 0[0-9]* | ??????????*) s_sum=0 && break ;; esac
    s_sum=$((s_sum + s_n * s_u)) s_rest=${s_rest#?}
  done
  [ "$s_sum" -gt 0 ] || die "cannot read $1 \"$2\": wanted a duration such as 4h or 1h30m"
}
while [ $# -gt 0 ]; do
  case $1 in --flush) flush=1 && shift && continue ;; --only-first) first=1 && shift && continue ;; --) shift && break ;; esac
  [ $# -gt 1 ] || die "cannot use \"$1\": $usage"
  case $1 in
  --test-name) test_name=$2 ;; --model-dir) model=$2 ;; --run-id) run_id=$2 ;;
  --attempt | --retries) case $1=$2 in *= | *=0?* | *=*[!0-9]* | *=???????????* | --attempt=0) die "cannot read $1 \"$2\": wanted a whole number" ;; --a*) attempt=$2 ;; *) retries=$2 ;; esac ;;
  --timeout) seconds "$1" "$2"; timeout=$s_sum ;; --grace) seconds "$1" "$2"; grace=$s_sum ;;
  --heartbeat) seconds "$1" "$2"; every=$s_sum; [ "$every" -lt 600 ] || die 'cannot use --heartbeat: wanted less than 10m' ;;
  --label) case $2 in ?*=*) labels="$labels${labels:+,}$(json "${2%%=*}"):$(json "${2#*=}")" ;; *) die "cannot read label \"$2\": write it as key=value" ;; esac ;;
  *) die "cannot use \"$1\": $usage" ;;
  esac && shift 2
done
request() { # URL [HEADER]...: posts standard input, or gets where there is no body in $posting
  r_url=$1 && shift
  if has curl; then
    for h; do shift; set -- "$@" -H "$h"; done
    curl -sSf -m "$wait_s" "$@" ${posting:+--data-binary @-} "$r_url"
  elif has wget; then
    for h; do shift; set -- "$@" "--header=$h"; done
    [ -z "$posting" ] || set -- "$@" "--post-data=$(cat)"
    $(has timeout && echo timeout "$wait_s") wget -q -O - "$@" "$r_url" || { echo "wget ended with $? (4: no network, 8: refused)" && return 1; }
  else echo 'this image has neither curl nor wget' && return 1; fi
}
metadata() { posting= request "http://${GCE_METADATA_HOST:-169.254.169.254}/computeMetadata/v1/$1" 'Metadata-Flavor: Google'; }
publish() ( # NAME, body on standard input; what it prints is why it failed
  exec 2>&1
  case ${TIDEMARK_QUEUE-} in
  spool:?*) put "${TIDEMARK_QUEUE#spool:}/incoming" "$(date -u +%Y%m%dT%H%M%S)000Z" "$1"; exit ;;
  pubsub://*/*) p=${TIDEMARK_QUEUE#pubsub://} p=${p%%\?*} project=${p%%/*} topic=${p#*/} ;;
  '') project=${PROJECT:-$(metadata project/project-id)} || { echo "no project: $project" && exit 1; }; topic=${TOPIC:-metrics-written} ;;
  *) echo "this wrapper knows pubsub://PROJECT/TOPIC and spool:FOLDER, not $TIDEMARK_QUEUE" && exit 1 ;;
  esac
  if [ -n "${PUBSUB_EMULATOR_HOST-}" ]; then base=http://$PUBSUB_EMULATOR_HOST; else
    base=${TIDEMARK_PUBSUB_ENDPOINT:-https://pubsub.googleapis.com} token=$(metadata instance/service-accounts/default/token) || { echo "no access token: $token" && exit 1; }
    set -- "$1" "Authorization: Bearer $(printf %s "$token" | sed -n 's/.*"access_token" *: *"\([^"]*\)".*/\1/p')"
  fi
  printf '{"messages":[{"data":"%s","attributes":{"content-type":"application/json","name":%s}}]}' "$(if has base64; then base64; else openssl base64; fi | tr -d '\n')" "$(json "$1")" |
    posting=1 request "$base/v1/projects/$project/topics/$topic:publish" 'Content-Type: application/json' ${2:+"$2"}
)
put() { # FOLDER STAMP NAME, body on standard input: whole under its last name or not there
  mkdir -p "$1" && f=$2-$(printf %06d "$seq")-$(printf %08x "$$")-$(printf %s "$3" | LC_ALL=C tr -cs 'A-Za-z0-9._-' _ | cut -c 1-120) &&
    cat >"$1/.$f.tmp" && mv "$1/.$f.tmp" "$1/$f.json"
}
deliver() { # what an earlier moment, or an earlier run, could not publish; the reader knows a message that comes twice
  for kept in "$state"/unsent/*.json; do
    [ -f "$kept" ] || continue
    name=${kept##*/} name=${name#*-*-*-} why=$(publish "${name%.json}" <"$kept") || { say "cannot deliver $kept: $why" && return 1; }; rm -f "$kept"
  done
}
tell() { # WORD, body in $event: publishes, or keeps for a flush
  why=$(printf %s "$event" | publish "$run_id/$attempt/$1") && { deliver 2>/dev/null || :; } && return
  why="cannot publish that run $run_id $1: $(printf %s "$why" | tr '\n' ' ')"
  if printf %s "$event" | put "$state/unsent" "$(printf %014d "$(date +%s)000")" "$run_id/$attempt/$1" 2>/dev/null; then
    say "$why. It waits in $state/unsent; \"tidemark flush\" or --flush delivers it."; else say "$why. It is lost: cannot write to $state/unsent."; fi
}
event() { # WORD TYPE SECONDS [MORE]
  event=$(printf '{"specversion":"1.0","type":"io.tidemark.run.%s.v1","source":%s,"id":%s,"time":"%s","subject":%s,"datacontenttype":"application/json","data":{"run_id":%s,"attempt":%s,"test_name":%s%s}}' \
    "$2" "$(json "$source")" "$(json "$run_id/$attempt/$1")" "$(iso "$3")" "$(json "$test_name")" "$(json "$run_id")" "$attempt" "$(json "$test_name")" "$place${4-}")
}
[ -z "$flush" ] || { deliver && exit 0 || exit 70; }
[ -n "$test_name" ] && [ $# -gt 0 ] || die "cannot run: $usage"; [ -z "$first" ] || [ "${JOB_COMPLETION_INDEX:-0}" = 0 ] || exec "$@"
CLUSTER=${CLUSTER:-$(cat "${0%/*}/tidemark-cluster" 2>/dev/null)} # as the init container, which laid this script here, may have learnt
host=${HOSTNAME:-$(uname -n)} failures=$(count "${JOB_FAILURES-}") place= link=${STACKDRIVER_LOGS-} index=${JOB_COMPLETION_INDEX-} links= pod=
if [ -n "${JOB_NAME-}" ]; then
  own=${JOB_UID:-$JOB_NAME}${index:+-$index} pod=${POD_UID:+/$(segment "$POD_UID")} source=kubernetes/$(segment "${CLUSTER-}")/$(segment "${POD_NAMESPACE-}")
  place=${CLUSTER:+,\"cluster_name\":$(json "$CLUSTER")}${POD_NAMESPACE:+,\"job_namespace\":$(json "$POD_NAMESPACE")}
else own=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n') source=shell/$(segment "$host"); fi
attempt=${attempt:-$((1 + failures + $(count "${JOB_DISRUPTIONS-}") + $(count "${JOB_RESTARTS-}")))} run_id=${run_id:-$own} source=//$source/$(segment "$test_name")$pod
case $link in *[![:graph:]]*) ;; http://?* | https://?*) links=,\"links\":[$(json "$link")] ;; esac; case $model in '' | /* | *://*) ;; *) model=$PWD/$model ;; esac
about=${model:+,\"model_dir\":$(json "$model")}${labels:+,\"labels\":{$labels\}}$links,\"host\":$(json "$host")
oom_kills() { sed -n 's/^oom_kill //p' $(sed -n 's#^0::\(/.*\)#/sys/fs/cgroup\1/memory.events /sys/fs/cgroup/memory.events#p;s#^[0-9]*:\(.*,\)*memory[^:]*:\(/.*\)#/sys/fs/cgroup/memory\2/memory.oom_control /sys/fs/cgroup/memory/memory.oom_control#p' /proc/self/cgroup) 2>/dev/null </dev/null | sed -n 1p; } # of our cgroup, for want of memory: v2 or v1, as the host or a container sees it
path=$1 bad= child= stopped= timed= said= reason= last= outcome=failure kills=$(oom_kills) started=$(date +%s)
case $1 in '' | */*) ;; *) path=$(command -v "$1" 2>/dev/null) || path= ;; esac
case $path in '') bad=127 ;; */*) if [ ! -e "$path" ]; then bad=127; elif [ -d "$path" ] || [ ! -x "$path" ]; then bad=126; fi ;; esac
event started started "$started" ",\"started_at\":\"$(iso "$started")\"${timeout:+,\"deadline\":\"$(iso $((started + ${timeout:-0})))\"}$about"
tell started </dev/null >/dev/null & telling=$!
send() { kill "-$1" "-$child" 2>/dev/null || kill "-$1" "$child" 2>/dev/null; }; nap() { sleep "$1" & napping=$!; wait "$napping"; }
forward() { # a command in the background ignores INT and QUIT, unless `env` can mend that
  got=1 sig=$1
  case $1 in USR?) ;; *) stopped=${stopped:-$1} && case $1 in INT | QUIT) sig=${deaf:-$1} ;; esac ;; esac
  [ -z "$child" ] || send "$sig" || :
}
for name in TERM INT HUP QUIT USR1 USR2; do trap "forward $name" $name; done; trap 'got=1 timed=1; say "not finished after $timeout s, stopping it."; send TERM; send CONT' ALRM
heart() {
  trap 'kill "$napping"; exit' TERM
  while nap "$every" && kill -0 $$ && seq=$((seq + 1)); do
    event "heartbeat/$seq" heartbeat "$(date +%s)" && printf %s "$event" | publish "$run_id/$attempt/heartbeat/$seq"
  done
}
watch() { # until nobody of the command's group is left
  trap 'kill "$napping"; exit' TERM
  nap "$timeout" && kill -ALRM $$ && end=$(($(date +%s) + grace))
  while sleep 0.1 || sleep 1; send 0 && [ "$(date +%s)" -lt $((end + 3)) ]; do [ "$(date +%s)" -lt "$end" ] || send KILL; done
}
if [ -n "$bad" ]; then
  status=$bad reason=not-found said='command not found' && [ "$bad" = 127 ] || { reason=not-executable && said='permission denied'; }; said="Cannot start \"$1\": $said." && say "$said"
else
  deaf=TERM && env --default-signal=INT,QUIT true 2>/dev/null && deaf=; has setsid && set -- setsid "$@"; [ -n "$deaf" ] || set -- env --default-signal=INT,QUIT "$@"
  if (: <&0) 2>/dev/null; then exec 3<&0; else exec 3</dev/null; fi
  "$@" <&3 3<&- & child=$! && exec 3<&-
  [ -z "$stopped" ] || forward "$stopped"
  (exec </dev/null >/dev/null 2>&1 && heart) & beating=$!
  watching= && [ -z "$timeout" ] || { (exec </dev/null >/dev/null 2>&1 && watch) & watching=$!; }
  while got= && wait "$child" 2>/dev/null; status=$?; [ -n "$got" ]; do :; done
  finished=$(date +%s) reason=exit
  [ -z "$timed" ] || wait "$watching" 2>/dev/null # and again, since one that has only just begun may miss a signal:
  for helper in $beating $watching; do while kill "$helper" 2>/dev/null; do sleep 0.1 2>/dev/null || sleep 1; done; done
fi
how="\"exit_code\":$status" && [ "$status" -ne 0 ] || { outcome=success && reason=; }
if [ "$status" -gt 128 ] && name=$(kill -l "$status" 2>/dev/null) && [ -n "$name" ]; then how="\"signal\":\"SIG${name#SIG}\"" reason=signal; fi
if [ -n "$timed" ]; then outcome=timeout reason=timeout status=124; elif [ -n "$stopped" ]; then outcome=cancelled reason=stopped said="Told to stop by SIG$stopped."; elif [ "$status" = 137 ] && [ -n "$kills" ] && [ "$(oom_kills)" -gt "$kills" ]; then outcome=oom reason=oom said='The kernel killed it for want of memory.'; fi
if [ -n "$retries" ] && [ "$outcome" != success ] && { [ -n "$stopped" ] || [ "$failures" -lt "$retries" ]; }; then last=,\"final\":false; fi
wait "$telling" 2>/dev/null; finished=${finished:-$started} seq=999999
event finished finished "$finished" ",\"outcome\":\"$outcome\",$how${reason:+,\"reason\":\"$reason\"}${said:+,\"message\":$(json "$said")},\"started_at\":\"$(iso "$started")\",\"finished_at\":\"$(iso "$finished")\",\"duration_s\":$((finished - started))$last$about"
tell finished >/dev/null; exit "$status"
