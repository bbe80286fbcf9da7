#!/usr/bin/env bash
# A folder of 1,000 files goes to a bucket and comes back, by `aws s3 sync`.
set -euo pipefail
. "$DOCUMENTED/awscli"
bucket=s3://sync-$RANDOM$RANDOM$RANDOM
mkdir -p there/deep/er "there/ñandú y vaca" back
for number in $(seq 1 1000); do
  case $((number % 4)) in
    0) folder=there ;; 1) folder=there/deep ;; 2) folder=there/deep/er ;; 3) folder="there/ñandú y vaca" ;;
  esac
  head -c $((number * 7)) /dev/urandom > "$folder/file $number+&=.bin"
done
aws s3 mb "$bucket"
aws s3 sync --only-show-errors there "$bucket/backup"
[ "$(aws s3 ls --recursive "$bucket/backup" | wc -l)" = 1000 ]
# Nothing is left to do.
[ -z "$(aws s3 sync there "$bucket/backup")" ]
aws s3 sync --only-show-errors "$bucket/backup" back
diff -r there back
# What goes away here goes away there.
rm "there/file 4+&=.bin"
echo changed > "there/file 8+&=.bin"
aws s3 sync --no-progress --delete there "$bucket/backup" > changes
grep -q "delete: .*file 4+&=.bin" changes
grep -q "upload: .*file 8+&=.bin" changes
[ "$(wc -l < changes)" = 2 ]
aws s3 rb --force "$bucket" > /dev/null
if aws s3 ls "$bucket" 2> refusal; then exit 1; fi
grep -q NoSuchBucket refusal
echo done
