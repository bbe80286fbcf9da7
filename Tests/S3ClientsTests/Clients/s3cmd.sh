#!/usr/bin/env bash
# What people do with s3cmd.
set -euo pipefail
. "$DOCUMENTED/s3cmd"
s3cmd() { command s3cmd --no-progress --quiet "$@"; }
bucket=s3://cmd-$RANDOM$RANDOM$RANDOM
mkdir -p there/deep back
for number in $(seq 1 40); do head -c $((number * 999)) /dev/urandom > "there/deep/ñ $number.bin"; done
echo text > small
head -c 33000000 /dev/urandom > there/large.bin
command s3cmd mb "$bucket" | grep "created" > /dev/null
s3cmd sync there/ "$bucket/sync/"
[ "$(command s3cmd ls --recursive "$bucket/sync/" | wc -l)" = 41 ]
s3cmd sync "$bucket/sync/" back/
diff -r there back
s3cmd put --add-header="Cache-Control: max-age=60" --add-header="x-amz-meta-farm: Roble" --mime-type=text/x-test small "$bucket/a b.txt"
command s3cmd info "$bucket/a b.txt" > info
grep -q "text/x-test" info
grep -qi "x-amz-meta-farm: *Roble" info
s3cmd cp "$bucket/a b.txt" "$bucket/copy.txt"
s3cmd mv "$bucket/copy.txt" "$bucket/moved.txt"
s3cmd get --force "$bucket/moved.txt" moved.txt
cmp small moved.txt
s3cmd modify --add-header="x-amz-meta-farm: Otra" "$bucket/moved.txt"
command s3cmd info "$bucket/moved.txt" | grep -i "x-amz-meta-farm: *Otra" > /dev/null
command s3cmd du "$bucket/sync/large.bin" | grep "^ *33000000" > /dev/null
cat > policy.json <<END
{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": "*", "Action": "s3:PutObject",
  "Resource": "arn:aws:s3:::${bucket#s3://}/closed/*"}]}
END
s3cmd setpolicy policy.json "$bucket"
if s3cmd put info "$bucket/closed/info" 2> /dev/null; then exit 1; fi
s3cmd delpolicy "$bucket"
cat > lifecycle.xml <<END
<LifecycleConfiguration><Rule><ID>tmp</ID><Prefix>tmp/</Prefix><Status>Enabled</Status>
  <Expiration><Days>1</Days></Expiration></Rule></LifecycleConfiguration>
END
s3cmd setlifecycle lifecycle.xml "$bucket"
command s3cmd getlifecycle "$bucket" | grep "<ID>tmp</ID>" > /dev/null
s3cmd del --recursive --force "$bucket"
[ -z "$(command s3cmd ls "$bucket")" ]
s3cmd rb "$bucket"
echo done
