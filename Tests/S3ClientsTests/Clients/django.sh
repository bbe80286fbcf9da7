#!/usr/bin/env bash
# A small Django project with django-storages: its own tests.
set -euo pipefail
cp -r "$CLIENTS/django_site" site
mkdir site/static
echo "body { color: green }" > site/static/site.css
python3 - <<'END'
import boto3, os
s3 = boto3.client("s3", endpoint_url=os.environ["S3_ENDPOINT"], region_name="us-east-1")
s3.create_bucket(Bucket="site")
END
cd site
python3 manage.py makemigrations --verbosity 0 ads
python3 manage.py test --verbosity 2
echo done
