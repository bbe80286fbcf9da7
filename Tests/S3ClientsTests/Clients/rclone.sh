#!/usr/bin/env bash
# `rclone sync` there and back, and `rclone check`, which compares what both sides hold.
set -euo pipefail
# This version of rclone cannot take one from the environment.
unset AWS_CA_BUNDLE
. "$DOCUMENTED/rclone"
bucket=agrovet:rclone-$RANDOM$RANDOM$RANDOM
mkdir -p there/deep there/empty back
for number in $(seq 1 300); do head -c $((number * 331)) /dev/urandom > "there/deep/ñ $number \$&'.bin"; done
head -c 30000000 /dev/urandom > there/large.bin
touch -d 2020-02-03T04:05:06Z there/large.bin
printf '' > there/nothing
rclone mkdir "$bucket"
rclone sync there "$bucket/a" --s3-upload-cutoff 10M --s3-chunk-size 6M
rclone check there "$bucket/a" --one-way
rclone check there "$bucket/a" --download
rclone lsjson "$bucket/a" | grep 2020-02-03T04:05:06 > /dev/null
rclone sync "$bucket/a" back
diff -r there/deep back/deep
cmp there/large.bin back/large.bin
# A second time nothing is sent; what goes away goes away there.
rm "there/deep/ñ 1 \$&'.bin"
echo new > there/nothing
rclone sync there "$bucket/a" --stats-one-line -v 2> changes
[ "$(grep -c "Copied (" changes)" = 1 ]
[ "$(grep -c ": Deleted" changes)" = 1 ]
rclone check there "$bucket/a"
# From key to key on the server.
rclone sync "$bucket/a" "$bucket/b"
rclone check "$bucket/a" "$bucket/b"
[ "$(rclone size --json "$bucket" | grep -o '"count":[0-9]*')" = '"count":602' ]
rclone cat "$bucket/a/nothing" | grep new > /dev/null
curl -sf "$(rclone link --expire 10m "$bucket/a/nothing")" | grep new > /dev/null
rclone purge "$bucket"
if rclone lsd "$bucket" 2> /dev/null; then exit 1; fi
echo done
