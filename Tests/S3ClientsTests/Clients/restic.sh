#!/usr/bin/env bash
# A repository of restic's, whose every byte is read back.
set -euo pipefail
. "$DOCUMENTED/restic"
mkdir -p home/deep "home/ñ"
for number in $(seq 1 200); do head -c $((number * 501)) /dev/urandom > "home/deep/$number"; done
head -c 20000000 /dev/urandom > home/ñ/large
restic --quiet init
restic --quiet backup home
head -c 1000 /dev/urandom >> home/ñ/large
rm home/deep/7
restic --quiet backup home
[ "$(restic snapshots --json | grep -o '"short_id"' | wc -l)" = 2 ]
restic --quiet check --read-data
restic --quiet restore latest --target back
diff -r home back/home
restic --quiet forget --keep-last 1 --prune
restic --quiet check
[ "$(restic snapshots --json | grep -o '"short_id"' | wc -l)" = 1 ]
echo done
