"""MinIO's Python SDK."""
import io, json, os, urllib.request, uuid
from datetime import datetime, timedelta, timezone

from minio import S3Error
from minio.commonconfig import ComposeSource, CopySource, GOVERNANCE, Tags
from minio.datatypes import PostPolicy
from minio.deleteobjects import DeleteObject
from minio.retention import Retention
from minio.versioningconfig import ENABLED, VersioningConfig

from checks import ENDPOINT, check, documented, run, same

client = documented("minio")["client"]


def new_bucket(**arguments):
    name = "m-" + uuid.uuid4().hex
    client.make_bucket(name, **arguments)
    return name


bucket = new_bucket()


def put(key, content, **arguments):
    return client.put_object(bucket, key, io.BytesIO(content), len(content), **arguments)


def get(key, **arguments):
    answer = client.get_object(bucket, key, **arguments)
    try:
        return answer.read()
    finally:
        answer.close()
        answer.release_conn()


@check
def buckets():
    assert client.bucket_exists(bucket)
    assert not client.bucket_exists("m-none-" + uuid.uuid4().hex)
    assert bucket in [one.name for one in client.list_buckets()]


@check
def objects():
    content = os.urandom(100_000)
    put("a/ñ b.bin", content, content_type="text/x", metadata={"farm": "Roble"}, tags=as_tags({"k": "v"}))
    same(get("a/ñ b.bin"), content)
    same(get("a/ñ b.bin", offset=10, length=20), content[10:30])
    stat = client.stat_object(bucket, "a/ñ b.bin")
    same((stat.size, stat.content_type, stat.metadata["x-amz-meta-farm"]), (100_000, "text/x", "Roble"))
    same(dict(client.get_object_tags(bucket, "a/ñ b.bin")), {"k": "v"})
    same([one.object_name for one in client.list_objects(bucket, prefix="a/")], ["a/ñ b.bin"])
    client.copy_object(bucket, "copy", CopySource(bucket, "a/ñ b.bin"))
    same(get("copy"), content)
    try:
        client.stat_object(bucket, "none")
        assert False
    except S3Error as error:
        same(error.code, "NoSuchKey")


def as_tags(pairs):
    tags = Tags.new_object_tags()
    tags.update(pairs)
    return tags


@check
def streams_of_unknown_length_go_by_parts():
    content = os.urandom(11 << 20)
    result = client.put_object(bucket, "stream", io.BytesIO(content), -1, part_size=5 << 20)
    assert result.etag.endswith("-3")
    assert get("stream") == content
    client.compose_object(bucket, "composed", [ComposeSource(bucket, "stream"), ComposeSource(bucket, "stream")])
    assert get("composed") == content * 2


@check
def presigned_addresses_and_forms():
    url = client.presigned_put_object(bucket, "presigned", timedelta(minutes=5))
    urllib.request.urlopen(urllib.request.Request(url, b"12345", method="PUT")).close()
    with urllib.request.urlopen(client.presigned_get_object(bucket, "presigned")) as answer:
        same(answer.read(), b"12345")
    policy = PostPolicy(bucket, datetime.now(timezone.utc) + timedelta(minutes=5))
    policy.add_starts_with_condition("key", "form/")
    policy.add_content_length_range_condition(1, 100)
    fields = {**client.presigned_post_policy(policy), "key": "form/one"}
    body = "".join(f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in fields.items())
    body += '--b\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\ncontent\r\n--b--\r\n'
    request = urllib.request.Request(f"{ENDPOINT}/{bucket}", body.encode(), {"Content-Type": "multipart/form-data; boundary=b"})
    with urllib.request.urlopen(request) as answer:
        same(answer.status, 204)
    same(get("form/one"), b"content")


@check
def versions_and_locks():
    locked = new_bucket(object_lock=True)
    tomorrow = datetime.now(timezone.utc) + timedelta(days=1)
    result = client.put_object(locked, "k", io.BytesIO(b"1"), 1, retention=Retention(GOVERNANCE, tomorrow))
    try:
        client.remove_object(locked, "k", result.version_id)
        assert False
    except S3Error as error:
        same(error.code, "AccessDenied")
    same(client.get_object_retention(locked, "k", result.version_id).mode, GOVERNANCE)
    client.enable_object_legal_hold(locked, "k")
    assert client.is_object_legal_hold_enabled(locked, "k")
    versioned = new_bucket()
    client.set_bucket_versioning(versioned, VersioningConfig(ENABLED))
    for content in (b"1", b"2"):
        client.put_object(versioned, "k", io.BytesIO(content), 1)
    same(len(list(client.list_objects(versioned, include_version=True))), 2)


@check
def policies():
    mine = new_bucket()
    policy = {"Version": "2012-10-17", "Statement": [{
        "Effect": "Deny", "Principal": "*", "Action": ["s3:PutObject"], "Resource": [f"arn:aws:s3:::{mine}/*"]}]}
    client.set_bucket_policy(mine, json.dumps(policy))
    same(json.loads(client.get_bucket_policy(mine)), policy)
    client.delete_bucket_policy(mine)


@check
def many_are_deleted_at_once():
    for number in range(20):
        put(f"many/{number}", b"x")
    errors = list(client.remove_objects(bucket, [DeleteObject(f"many/{number}") for number in range(20)]))
    same(errors, [])
    same(list(client.list_objects(bucket, prefix="many/")), [])


run()
