#!/usr/bin/env bash
# A bucket as a folder.
set -euo pipefail
trap 'fusermount -u "$PWD/mnt" 2> /dev/null || true' EXIT
. "$DOCUMENTED/awscli"
aws s3 mb s3://photos
. "$DOCUMENTED/s3fs"
for _ in $(seq 1 1800); do mountpoint -q mnt && break; sleep 0.1; done
mountpoint -q mnt
mkdir -p mnt/farm/deep
head -c 3000000 /dev/urandom > one
cp one mnt/farm/deep/ñ.bin
cmp one mnt/farm/deep/ñ.bin
head -c 30000000 /dev/urandom > large
cp large mnt/large
cmp large mnt/large
mv mnt/farm/deep/ñ.bin mnt/moved
cmp one mnt/moved
echo more >> mnt/moved
tail -c 5 mnt/moved | grep more > /dev/null
chmod 640 mnt/moved
[ "$(stat -c %a mnt/moved)" = 640 ]
[ "$(ls mnt | sort | tr '\n' ' ')" = "farm large moved " ]
rm mnt/moved
rmdir mnt/farm/deep
[ ! -e mnt/moved ]
fusermount -u mnt
echo done
