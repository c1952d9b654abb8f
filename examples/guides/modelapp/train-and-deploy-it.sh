#!/bin/sh
# Stands for the team's script of this name: yours trains, builds an image and makes a stack; this one only makes the
# two tables of a version, with what it answered to the same 150 requests. Version b calls 20 versicolor virginica.
set -eu
version=${1:?usage: train-and-deploy-it.sh VERSION}
psql --quiet --set ON_ERROR_STOP=1 --set "version=$version" --set "inputs=inputs_$version" --set "outputs=outputs_$version" <<'SQL'
CREATE TABLE :"inputs" AS
  SELECT 1 AS run_id, id, timestamp '2017-06-01' + id * interval '1 second' AS request_time,
    (ARRAY['setosa', 'versicolor', 'virginica'])[id / 50 + 1] AS truth
  FROM generate_series(0, 149) AS id;
CREATE TABLE :"outputs" AS
  SELECT run_id, id, now() AS finished_at, :'version' AS code_version,
    CASE WHEN :'version' = 'b' AND id BETWEEN 50 AND 69 THEN 'virginica' ELSE truth END AS output
  FROM :"inputs";
SQL
echo "modelapp-$version is up"
