"""Multipart uploads, by boto3."""
import base64, hashlib, os
from checks import check, documented, new_bucket, refused, run, same

s3 = documented("boto3")["s3"]
bucket = new_bucket(s3)
PART = 5 << 20
contents = [os.urandom(PART), os.urandom(PART), b"the end"]


def upload(key, parts=contents, complete={}, part_arguments={}, **arguments):
    """The answer to the completion, and the upload's id."""
    create = s3.create_multipart_upload(Bucket=bucket, Key=key, **arguments)
    identifier = create["UploadId"]
    done = []
    for number, content in enumerate(parts, 1):
        answer = s3.upload_part(Bucket=bucket, Key=key, UploadId=identifier, PartNumber=number, Body=content, **part_arguments)
        done.append({"PartNumber": number, "ETag": answer["ETag"],
                     **{name: value for name, value in answer.items() if name.startswith("Checksum") and name != "ChecksumType"}})
    return s3.complete_multipart_upload(
        Bucket=bucket, Key=key, UploadId=identifier, MultipartUpload={"Parts": done}, **complete), identifier


@check
def parts_become_one_object():
    answer, _ = upload("whole", ContentType="video/webm", Metadata={"a": "b"})
    digest = hashlib.md5(b"".join(hashlib.md5(part).digest() for part in contents)).hexdigest()
    same(answer["ETag"], f'"{digest}-3"')
    got = s3.get_object(Bucket=bucket, Key="whole")
    assert got["Body"].read() == b"".join(contents)
    same((got["ContentType"], got["Metadata"]), ("video/webm", {"a": "b"}))
    over = s3.get_object(Bucket=bucket, Key="whole", Range=f"bytes={PART - 3}-{PART + 2}")["Body"].read()
    same(over, contents[0][-3:] + contents[1][:3])
    part = s3.get_object(Bucket=bucket, Key="whole", PartNumber=2)
    assert part["Body"].read() == contents[1]
    same((part["PartsCount"], part["ContentRange"]), (3, f"bytes {PART}-{2 * PART - 1}/{2 * PART + 7}"))
    same(s3.head_object(Bucket=bucket, Key="whole", PartNumber=3)["ContentLength"], 7)
    with refused(("InvalidPartNumber", "InvalidPart"), None):
        s3.get_object(Bucket=bucket, Key="whole", PartNumber=4)


@check
def checksums_of_parts_make_the_objects():
    for algorithm in ("SHA256", "CRC32", "CRC32C", "CRC64NVME", "SHA1"):
        kind = "FULL_OBJECT" if algorithm == "CRC64NVME" else "COMPOSITE"
        answer, _ = upload(
            algorithm, ChecksumAlgorithm=algorithm, ChecksumType=kind, part_arguments={"ChecksumAlgorithm": algorithm})
        value = answer["Checksum" + algorithm]
        same(value.endswith("-3"), kind == "COMPOSITE")
        same(s3.head_object(Bucket=bucket, Key=algorithm, ChecksumMode="ENABLED")["Checksum" + algorithm], value)
        attributes = s3.get_object_attributes(Bucket=bucket, Key=algorithm, ObjectAttributes=["ObjectParts", "Checksum"])
        same(attributes["ObjectParts"]["TotalPartsCount"], 3)
        same(attributes["Checksum"]["ChecksumType"], kind)
    composite = base64.b64encode(hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in contents)).digest()).decode()
    same(s3.head_object(Bucket=bucket, Key="SHA256", ChecksumMode="ENABLED")["ChecksumSHA256"], composite + "-3")
    for algorithm in ("CRC32", "CRC32C"):
        answer, _ = upload("full", ChecksumAlgorithm=algorithm, ChecksumType="FULL_OBJECT", part_arguments={"ChecksumAlgorithm": algorithm})
        whole = s3.put_object(Bucket=bucket, Key="at once", Body=b"".join(contents), ChecksumAlgorithm=algorithm)
        same(answer["Checksum" + algorithm], whole["Checksum" + algorithm])


@check
def parts_are_listed_replaced_and_given_up():
    identifier = s3.create_multipart_upload(Bucket=bucket, Key="listed")["UploadId"]
    for number in (3, 1, 2, 1):
        etag = s3.upload_part(Bucket=bucket, Key="listed", UploadId=identifier, PartNumber=number, Body=b"%d" % number)["ETag"]
    parts = s3.list_parts(Bucket=bucket, Key="listed", UploadId=identifier, MaxParts=2)
    same(([one["PartNumber"] for one in parts["Parts"]], parts["IsTruncated"]), ([1, 2], True))
    parts = s3.list_parts(Bucket=bucket, Key="listed", UploadId=identifier, PartNumberMarker=parts["NextPartNumberMarker"])
    same([one["PartNumber"] for one in parts["Parts"]], [3])
    uploads = s3.list_multipart_uploads(Bucket=bucket, Prefix="listed")["Uploads"]
    same([(one["Key"], one["UploadId"]) for one in uploads], [("listed", identifier)])
    with refused("404", 404):
        s3.head_object(Bucket=bucket, Key="listed")
    s3.abort_multipart_upload(Bucket=bucket, Key="listed", UploadId=identifier)
    with refused("NoSuchUpload", 404):
        s3.list_parts(Bucket=bucket, Key="listed", UploadId=identifier)
    with refused("NoSuchUpload", 404):
        s3.upload_part(Bucket=bucket, Key="listed", UploadId=identifier, PartNumber=1, Body=b"")
    with refused("NoSuchUpload", 404):
        s3.complete_multipart_upload(
            Bucket=bucket, Key="listed", UploadId=identifier, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": etag}]})
    assert "Uploads" not in s3.list_multipart_uploads(Bucket=bucket, Prefix="listed")


@check
def what_cannot_become_an_object_is_refused():
    identifier = s3.create_multipart_upload(Bucket=bucket, Key="bad")["UploadId"]
    etags = [s3.upload_part(Bucket=bucket, Key="bad", UploadId=identifier, PartNumber=number, Body=b"small")["ETag"] for number in (1, 2)]

    def complete(parts):
        s3.complete_multipart_upload(
            Bucket=bucket, Key="bad", UploadId=identifier,
            MultipartUpload={"Parts": [{"PartNumber": number, "ETag": etag} for number, etag in parts]})

    with refused("EntityTooSmall", 400):
        complete([(1, etags[0]), (2, etags[1])])
    with refused("InvalidPart", 400):
        complete([(1, '"' + "0" * 32 + '"')])
    with refused("InvalidPart", 400):
        complete([(1, etags[0]), (9, etags[0])])
    with refused("InvalidPartOrder", 400):
        complete([(2, etags[1]), (1, etags[0])])
    with refused("MalformedXML", 400):
        complete([])
    with refused("InvalidArgument", 400):
        s3.upload_part(Bucket=bucket, Key="bad", UploadId=identifier, PartNumber=10_001, Body=b"")
    # After all that it can still be completed, by one part of them.
    complete([(2, etags[1])])
    same(s3.get_object(Bucket=bucket, Key="bad")["Body"].read(), b"small")


@check
def completing_twice_says_the_same():
    answer, identifier = upload("twice", [b"x"])
    again = s3.complete_multipart_upload(
        Bucket=bucket, Key="twice", UploadId=identifier,
        MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": f'"{hashlib.md5(b"x").hexdigest()}"'}]})
    same(again["ETag"], answer["ETag"])


@check
def parts_are_copied_from_objects():
    s3.put_object(Bucket=bucket, Key="from", Body=contents[0] + contents[1])
    identifier = s3.create_multipart_upload(Bucket=bucket, Key="to")["UploadId"]
    source = {"Bucket": bucket, "Key": "from"}
    one = s3.upload_part_copy(
        Bucket=bucket, Key="to", UploadId=identifier, PartNumber=1, CopySource=source, CopySourceRange=f"bytes=10-{PART + 9}")
    two = s3.upload_part_copy(Bucket=bucket, Key="to", UploadId=identifier, PartNumber=2, CopySource=source)
    with refused(("InvalidRange", "InvalidArgument"), None):
        s3.upload_part_copy(
            Bucket=bucket, Key="to", UploadId=identifier, PartNumber=3, CopySource=source, CopySourceRange=f"bytes=0-{2 * PART}")
    s3.complete_multipart_upload(Bucket=bucket, Key="to", UploadId=identifier, MultipartUpload={"Parts": [
        {"PartNumber": number, "ETag": part["CopyPartResult"]["ETag"]} for number, part in ((1, one), (2, two))]})
    whole = contents[0] + contents[1]
    assert s3.get_object(Bucket=bucket, Key="to")["Body"].read() == whole[10:PART + 10] + whole


@check
def completion_under_conditions():
    s3.put_object(Bucket=bucket, Key="once", Body=b"first")
    with refused("PreconditionFailed", 412):
        upload("once", [b"second"], complete={"IfNoneMatch": "*"})
    same(s3.get_object(Bucket=bucket, Key="once")["Body"].read(), b"first")
    upload("fresh", [b"second"], complete={"IfNoneMatch": "*"})
    same(s3.get_object(Bucket=bucket, Key="fresh")["Body"].read(), b"second")


@check
def ten_thousand_parts():
    """As many as S3 allows are numbered; a part may be missing in between."""
    identifier = s3.create_multipart_upload(Bucket=bucket, Key="gaps")["UploadId"]
    parts = []
    for number, content in ((1, contents[0]), (5000, contents[1]), (10_000, b"last")):
        etag = s3.upload_part(Bucket=bucket, Key="gaps", UploadId=identifier, PartNumber=number, Body=content)["ETag"]
        parts.append({"PartNumber": number, "ETag": etag})
    s3.complete_multipart_upload(Bucket=bucket, Key="gaps", UploadId=identifier, MultipartUpload={"Parts": parts})
    assert s3.get_object(Bucket=bucket, Key="gaps")["Body"].read() == contents[0] + contents[1] + b"last"


run()
