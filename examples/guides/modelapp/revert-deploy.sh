#!/bin/sh
# Stands for the team's script of this name: yours deletes image and stack as well; both drop the tables of the version.
set -eu
[ "${1-}" = -v ] && version=${2:?} || { echo 'usage: revert-deploy.sh -v VERSION' >&2; exit 2; }
psql --quiet --set ON_ERROR_STOP=1 --set "inputs=inputs_$version" --set "outputs=outputs_$version" <<'SQL'
DROP TABLE :"inputs", :"outputs";
SQL
echo "modelapp-$version is reverted"
