"""Objects, by boto3."""
import base64, datetime, hashlib, io, os, time

from checks import check, documented, new_bucket, refused, run, same

s3 = documented("boto3")["s3"]
bucket = new_bucket(s3)


@check
def what_is_put_is_got_with_all_that_belongs_to_it():
    content = os.urandom(70_000)
    put = s3.put_object(
        Bucket=bucket, Key="a/b.bin", Body=content, ContentType="image/x-test", CacheControl="max-age=5", ContentLanguage="es",
        ContentDisposition='attachment; filename="b.bin"', ContentEncoding="identity", Metadata={"farm": "El Roble", "n": "7"})
    same(put["ETag"], f'"{hashlib.md5(content).hexdigest()}"')
    for answer in (s3.get_object(Bucket=bucket, Key="a/b.bin"), s3.head_object(Bucket=bucket, Key="a/b.bin")):
        same(answer["ContentLength"], 70_000)
        same(answer["ContentType"], "image/x-test")
        same(answer["CacheControl"], "max-age=5")
        same(answer["ContentLanguage"], "es")
        same(answer["ContentDisposition"], 'attachment; filename="b.bin"')
        same(answer["Metadata"], {"farm": "El Roble", "n": "7"})
        same(answer["ETag"], put["ETag"])
        assert abs(answer["LastModified"].timestamp() - time.time()) < 600
    same(s3.get_object(Bucket=bucket, Key="a/b.bin")["Body"].read(), content)


@check
def every_checksum_is_kept_told_and_checked():
    content = os.urandom(5000)
    for algorithm in ("CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"):
        put = s3.put_object(Bucket=bucket, Key=algorithm, Body=content, ChecksumAlgorithm=algorithm)
        value = put["Checksum" + algorithm]
        head = s3.head_object(Bucket=bucket, Key=algorithm, ChecksumMode="ENABLED")
        same(head["Checksum" + algorithm], value)
        same(head["ChecksumType"], "FULL_OBJECT")
        # boto3 checks it itself.
        same(s3.get_object(Bucket=bucket, Key=algorithm, ChecksumMode="ENABLED")["Body"].read(), content)
        attributes = s3.get_object_attributes(Bucket=bucket, Key=algorithm, ObjectAttributes=["Checksum", "ObjectSize", "ETag"])
        same(attributes["Checksum"]["Checksum" + algorithm], value)
        same(attributes["ObjectSize"], 5000)
    same(s3.head_object(Bucket=bucket, Key="SHA256", ChecksumMode="ENABLED")["ChecksumSHA256"],
         base64.b64encode(hashlib.sha256(content).digest()).decode())
    wrong = base64.b64encode(hashlib.sha256(b"other").digest()).decode()
    with refused(("BadDigest", "XAmzContentChecksumMismatch"), 400):
        s3.put_object(Bucket=bucket, Key="wrong", Body=content, ChecksumSHA256=wrong)
    with refused("BadDigest", 400):
        s3.put_object(Bucket=bucket, Key="wrong", Body=content, ContentMD5=base64.b64encode(hashlib.md5(b"x").digest()).decode())
    with refused("InvalidDigest", 400):
        s3.put_object(Bucket=bucket, Key="wrong", Body=content, ContentMD5="AAAA")
    with refused("404", 404):
        s3.head_object(Bucket=bucket, Key="wrong")


@check
def ranges():
    content = bytes(range(256)) * 10
    s3.put_object(Bucket=bucket, Key="range", Body=content)
    for asked, expected in (("bytes=0-9", content[:10]), ("bytes=100-", content[100:]), ("bytes=-5", content[-5:]),
                            ("bytes=2550-9999", content[2550:]), ("bytes=-99999", content)):
        answer = s3.get_object(Bucket=bucket, Key="range", Range=asked)
        same(answer["ResponseMetadata"]["HTTPStatusCode"], 206)
        same(answer["Body"].read(), expected)
    with refused("InvalidRange", 416):
        s3.get_object(Bucket=bucket, Key="range", Range="bytes=2560-")
    s3.put_object(Bucket=bucket, Key="empty", Body=b"")
    same(s3.get_object(Bucket=bucket, Key="empty")["Body"].read(), b"")
    with refused("InvalidRange", 416):
        s3.get_object(Bucket=bucket, Key="empty", Range="bytes=0-0")


@check
def conditions_on_reading():
    etag = s3.put_object(Bucket=bucket, Key="if", Body=b"1")["ETag"]
    hour = datetime.timedelta(hours=1)
    modified = s3.head_object(Bucket=bucket, Key="if")["LastModified"]
    same(s3.get_object(Bucket=bucket, Key="if", IfMatch=etag)["Body"].read(), b"1")
    same(s3.get_object(Bucket=bucket, Key="if", IfNoneMatch='"other"')["Body"].read(), b"1")
    same(s3.get_object(Bucket=bucket, Key="if", IfModifiedSince=modified - hour)["Body"].read(), b"1")
    for arguments in ({"IfNoneMatch": etag}, {"IfModifiedSince": modified}, {"IfNoneMatch": "*"}):
        with refused("304", 304):
            s3.get_object(Bucket=bucket, Key="if", **arguments)
    for arguments in ({"IfMatch": '"other"'}, {"IfUnmodifiedSince": modified - hour}):
        with refused("PreconditionFailed", 412):
            s3.get_object(Bucket=bucket, Key="if", **arguments)


@check
def conditions_on_writing():
    etag = s3.put_object(Bucket=bucket, Key="once", Body=b"1", IfNoneMatch="*")["ETag"]
    with refused("PreconditionFailed", 412):
        s3.put_object(Bucket=bucket, Key="once", Body=b"2", IfNoneMatch="*")
    with refused("PreconditionFailed", 412):
        s3.put_object(Bucket=bucket, Key="once", Body=b"2", IfMatch='"0123"')
    with refused("NoSuchKey", 404):
        s3.put_object(Bucket=bucket, Key="never", Body=b"2", IfMatch=etag)
    s3.put_object(Bucket=bucket, Key="once", Body=b"2", IfMatch=etag)
    same(s3.get_object(Bucket=bucket, Key="once")["Body"].read(), b"2")


@check
def copies():
    s3.put_object(Bucket=bucket, Key="source ñ&+.txt", Body=b"text", ContentType="text/x", Metadata={"a": "1"})
    source = {"Bucket": bucket, "Key": "source ñ&+.txt"}
    s3.copy_object(Bucket=bucket, Key="copy", CopySource=source)
    copy = s3.get_object(Bucket=bucket, Key="copy")
    same((copy["Body"].read(), copy["ContentType"], copy["Metadata"]), (b"text", "text/x", {"a": "1"}))
    s3.copy_object(Bucket=bucket, Key="copy", CopySource=source, MetadataDirective="REPLACE", Metadata={"b": "2"}, ContentType="text/y")
    copy = s3.head_object(Bucket=bucket, Key="copy")
    same((copy["ContentType"], copy["Metadata"]), ("text/y", {"b": "2"}))
    with refused("InvalidRequest", 400):
        s3.copy_object(Bucket=bucket, Key="copy", CopySource={"Bucket": bucket, "Key": "copy"})
    with refused("NoSuchKey", 404):
        s3.copy_object(Bucket=bucket, Key="copy", CopySource={"Bucket": bucket, "Key": "none"})
    etag = copy["ETag"]
    with refused("PreconditionFailed", 412):
        s3.copy_object(Bucket=bucket, Key="copy2", CopySource=source, CopySourceIfNoneMatch=etag)
    s3.copy_object(Bucket=bucket, Key="copy2", CopySource=source, CopySourceIfMatch=etag)


@check
def deletes():
    for number in range(1005):
        if number < 5 or number % 100 == 0:
            s3.put_object(Bucket=bucket, Key=f"gone/{number}", Body=b"")
    s3.delete_object(Bucket=bucket, Key="gone/0")
    s3.delete_object(Bucket=bucket, Key="gone/0")
    with refused("NoSuchKey", 404):
        s3.get_object(Bucket=bucket, Key="gone/0")
    answer = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": f"gone/{number}"} for number in range(1000)]})
    same(len(answer["Deleted"]), 1000)
    assert "Errors" not in answer
    same(s3.list_objects_v2(Bucket=bucket, Prefix="gone/")["KeyCount"], 1)
    same(s3.delete_objects(Bucket=bucket, Delete={"Quiet": True, "Objects": [{"Key": "gone/1000"}]}).get("Deleted", []), [])
    with refused("MalformedXML", 400):
        s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": f"{number}"} for number in range(1001)]})


@check
def lists_by_pages_prefixes_and_delimiters():
    mine = new_bucket(s3)
    keys = sorted(f"{folder}/{number:03}" for folder in ("a", "b", "c ñ+&") for number in range(30)) + ["z"]
    for key in keys:
        s3.put_object(Bucket=mine, Key=key, Body=key.encode())
    for operation, name in (("list_objects", "Marker"), ("list_objects_v2", "ContinuationToken"), ("list_object_versions", "KeyMarker")):
        found = []
        for page in s3.get_paginator(operation).paginate(Bucket=mine, PaginationConfig={"PageSize": 7}):
            found += [one["Key"] for one in page.get("Contents", page.get("Versions", []))]
        same(found, keys)
    answer = s3.list_objects_v2(Bucket=mine, Delimiter="/")
    same([one["Prefix"] for one in answer["CommonPrefixes"]], ["a/", "b/", "c ñ+&/"])
    same([one["Key"] for one in answer["Contents"]], ["z"])
    same(answer["KeyCount"], 4)
    same(s3.list_objects_v2(Bucket=mine, Prefix="b/", StartAfter="b/027")["KeyCount"], 2)
    first = s3.list_objects_v2(Bucket=mine, Delimiter="/", MaxKeys=2)
    same((first["IsTruncated"], [one["Prefix"] for one in first["CommonPrefixes"]]), (True, ["a/", "b/"]))
    second = s3.list_objects_v2(Bucket=mine, Delimiter="/", MaxKeys=2, ContinuationToken=first["NextContinuationToken"])
    same((second["IsTruncated"], [one["Prefix"] for one in second["CommonPrefixes"]]), (False, ["c ñ+&/"]))
    assert "Owner" not in s3.list_objects_v2(Bucket=mine)["Contents"][0]
    assert s3.list_objects_v2(Bucket=mine, FetchOwner=True)["Contents"][0]["Owner"]["ID"]
    same(s3.list_objects_v2(Bucket=mine, MaxKeys=0)["KeyCount"], 0)


@check
def headers_of_the_answer_are_as_the_request_asks():
    s3.put_object(Bucket=bucket, Key="override", Body=b"1")
    answer = s3.get_object(
        Bucket=bucket, Key="override", ResponseContentType="text/z", ResponseContentDisposition="inline", ResponseCacheControl="no-store",
        ResponseContentEncoding="identity", ResponseContentLanguage="ca")
    same([answer[name] for name in ("ContentType", "ContentDisposition", "CacheControl", "ContentLanguage")],
         ["text/z", "inline", "no-store", "ca"])


@check
def tags_of_objects():
    s3.put_object(Bucket=bucket, Key="tagged", Body=b"1", Tagging="kind=ad&farm=El%20Roble")
    tags = {one["Key"]: one["Value"] for one in s3.get_object_tagging(Bucket=bucket, Key="tagged")["TagSet"]}
    same(tags, {"kind": "ad", "farm": "El Roble"})
    same(s3.get_object(Bucket=bucket, Key="tagged")["TagCount"], 2)
    s3.put_object_tagging(Bucket=bucket, Key="tagged", Tagging={"TagSet": [{"Key": "a", "Value": "ñ"}]})
    same(s3.get_object_tagging(Bucket=bucket, Key="tagged")["TagSet"], [{"Key": "a", "Value": "ñ"}])
    with refused("InvalidTag", 400):
        s3.put_object_tagging(Bucket=bucket, Key="tagged", Tagging={"TagSet": [{"Key": "k" * 129, "Value": "v"}]})
    s3.delete_object_tagging(Bucket=bucket, Key="tagged")
    same(s3.get_object_tagging(Bucket=bucket, Key="tagged")["TagSet"], [])


@check
def keys_are_what_they_are():
    for key in ("../up", "a/../b", "a//b", "//", "./x", "a/./b", "trail/", "sp ace", "plus+", "per%25cent", "q?x=1", "h#ash",
                "quo\"te'", "<&>", "ñandú/á́", "日本語", "🐄", "tab\tin", "line\nin",
                "\u200b", "\ufeffbom", "back\\slash", "a" * 1024, "é" * 512):
        s3.put_object(Bucket=bucket, Key=key, Body=key.encode())
        same(s3.get_object(Bucket=bucket, Key=key)["Body"].read(), key.encode())
        found = s3.list_objects_v2(Bucket=bucket, Prefix=key)["Contents"]
        assert key in [one["Key"] for one in found], key
        s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": key}]})
        with refused("404", 404):
            s3.head_object(Bucket=bucket, Key=key)
    with refused("KeyTooLongError", 400):
        s3.put_object(Bucket=bucket, Key="a" * 1025, Body=b"")


@check
def files_by_the_transfer_manager():
    content = os.urandom(9_000_000)
    s3.upload_fileobj(io.BytesIO(content), bucket, "large", ExtraArgs={"ContentType": "video/mp4"})
    into = io.BytesIO()
    s3.download_fileobj(bucket, "large", into)
    assert into.getvalue() == content
    same(s3.head_object(Bucket=bucket, Key="large")["ContentType"], "video/mp4")
    s3.copy({"Bucket": bucket, "Key": "large"}, bucket, "large copy")
    same(s3.head_object(Bucket=bucket, Key="large copy")["ContentLength"], len(content))


@check
def names_of_the_storage_class_are_taken():
    s3.put_object(Bucket=bucket, Key="class", Body=b"1", StorageClass="STANDARD")
    assert s3.head_object(Bucket=bucket, Key="class").get("StorageClass", "STANDARD") == "STANDARD"


@check
def what_is_not_there():
    with refused("NoSuchBucket", 404):
        s3.get_object(Bucket="c-" + "0" * 32, Key="x")
    with refused("NoSuchKey", 404) as refusal:
        s3.get_object(Bucket=bucket, Key="none")
    same(refusal.answer["Error"]["Key"], "none")
    assert refusal.answer["ResponseMetadata"]["RequestId"]


run()
