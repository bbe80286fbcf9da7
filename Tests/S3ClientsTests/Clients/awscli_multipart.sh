#!/usr/bin/env bash
# 200 MB go by parts and come back by ranges, by `aws s3 cp`.
set -euo pipefail
. "$DOCUMENTED/awscli"
bucket=parts-$RANDOM$RANDOM$RANDOM
head -c 200000000 /dev/urandom > large.bin
aws s3api create-bucket --bucket "$bucket" > /dev/null
aws s3 cp --only-show-errors large.bin "s3://$bucket/large.bin" --metadata farm=Roble --content-type video/mp4
aws s3api head-object --bucket "$bucket" --key large.bin > head.json
grep -q '"ContentLength": 200000000' head.json
grep -q '"farm": "Roble"' head.json
grep -Eq '"ETag": "\\"[0-9a-f]{32}-24\\""' head.json
aws s3 cp --only-show-errors "s3://$bucket/large.bin" back.bin
cmp large.bin back.bin
# From one key to another without the bytes leaving the server.
aws s3 cp --only-show-errors "s3://$bucket/large.bin" "s3://$bucket/copy.bin"
aws s3 cp --only-show-errors "s3://$bucket/copy.bin" - | cmp - large.bin
# From a pipe, whose length nobody knows.
head -c 20000000 large.bin | aws s3 cp --only-show-errors - "s3://$bucket/piped.bin"
aws s3 cp --only-show-errors "s3://$bucket/piped.bin" - | cmp - <(head -c 20000000 large.bin)
curl -sf "$(aws s3 presign "s3://$bucket/piped.bin" --expires-in 600)" | cmp - <(head -c 20000000 large.bin)
[ "$(aws s3api list-multipart-uploads --bucket "$bucket" --query 'Uploads' --output text)" = None ]
aws s3 rm --only-show-errors --recursive "s3://$bucket"
aws s3api delete-bucket --bucket "$bucket"
echo done
