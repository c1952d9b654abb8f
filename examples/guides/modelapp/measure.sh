#!/bin/sh
# What the version answered, against the truth: one line of JSON into the folder that the run names.
set -eu
version=${1:?usage: measure.sh VERSION FOLDER} folder=${2:?}
mkdir -p "$folder"
psql --quiet --no-align --tuples-only --set ON_ERROR_STOP=1 --set "inputs=inputs_$version" --set "outputs=outputs_$version" \
  >"$folder/metrics.jsonl" <<'SQL'
SELECT json_build_object('metrics', json_build_object('accuracy', avg((output = truth)::int)))
FROM :"outputs" JOIN :"inputs" USING (run_id, id);
SQL
