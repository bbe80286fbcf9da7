"""Versions, object lock and what buckets are told, by boto3."""
import datetime, os, time
from botocore.exceptions import ClientError
from checks import check, documented, new_bucket, refused, run, same

s3 = documented("boto3")["s3"]


def versioned():
    bucket = new_bucket(s3)
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    return bucket


@check
def every_version_stays_until_it_is_deleted():
    bucket = versioned()
    same(s3.get_bucket_versioning(Bucket=bucket)["Status"], "Enabled")
    ids = [s3.put_object(Bucket=bucket, Key="k", Body=b"%d" % number)["VersionId"] for number in range(3)]
    same(len(set(ids)), 3)
    same(s3.get_object(Bucket=bucket, Key="k")["Body"].read(), b"2")
    for number, identifier in enumerate(ids):
        same(s3.get_object(Bucket=bucket, Key="k", VersionId=identifier)["Body"].read(), b"%d" % number)
    marker = s3.delete_object(Bucket=bucket, Key="k")
    same(marker["DeleteMarker"], True)
    with refused("NoSuchKey", 404) as refusal:
        s3.get_object(Bucket=bucket, Key="k")
    same(refusal.answer["ResponseMetadata"]["HTTPHeaders"]["x-amz-delete-marker"], "true")
    with refused("MethodNotAllowed", 405):
        s3.get_object(Bucket=bucket, Key="k", VersionId=marker["VersionId"])
    listed = s3.list_object_versions(Bucket=bucket)
    same([one["VersionId"] for one in listed["Versions"]], ids[::-1])
    same([(one["VersionId"], one["IsLatest"]) for one in listed["DeleteMarkers"]], [(marker["VersionId"], True)])
    assert "Contents" not in s3.list_objects_v2(Bucket=bucket)
    s3.delete_object(Bucket=bucket, Key="k", VersionId=marker["VersionId"])
    same(s3.get_object(Bucket=bucket, Key="k")["VersionId"], ids[2])
    s3.delete_object(Bucket=bucket, Key="k", VersionId=ids[2])
    same(s3.get_object(Bucket=bucket, Key="k")["VersionId"], ids[1])
    with refused("BucketNotEmpty", 409):
        s3.delete_bucket(Bucket=bucket)
    with refused("NoSuchVersion", 404):
        s3.get_object(Bucket=bucket, Key="k", VersionId=ids[2])
    s3.copy_object(Bucket=bucket, Key="k", CopySource={"Bucket": bucket, "Key": "k", "VersionId": ids[0]})
    same(s3.get_object(Bucket=bucket, Key="k")["Body"].read(), b"0")
    listed = s3.list_object_versions(Bucket=bucket)
    s3.delete_objects(Bucket=bucket, Delete={"Objects": [
        {"Key": one["Key"], "VersionId": one["VersionId"]} for one in listed["Versions"]]})
    s3.delete_bucket(Bucket=bucket)


@check
def a_suspended_bucket_writes_over_the_null_version():
    bucket = new_bucket(s3)
    s3.put_object(Bucket=bucket, Key="k", Body=b"before")
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    kept = s3.put_object(Bucket=bucket, Key="k", Body=b"kept")["VersionId"]
    same(s3.get_object(Bucket=bucket, Key="k", VersionId="null")["Body"].read(), b"before")
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Suspended"})
    s3.put_object(Bucket=bucket, Key="k", Body=b"after")
    same(s3.get_object(Bucket=bucket, Key="k", VersionId="null")["Body"].read(), b"after")
    same(s3.get_object(Bucket=bucket, Key="k", VersionId=kept)["Body"].read(), b"kept")
    same(len(s3.list_object_versions(Bucket=bucket)["Versions"]), 2)


@check
def versions_are_listed_by_pages():
    bucket = versioned()
    ids = [(key, s3.put_object(Bucket=bucket, Key=key, Body=b"")["VersionId"]) for key in ("a", "b", "c") for _ in range(4)]
    found, markers = [], {}
    while True:
        page = s3.list_object_versions(Bucket=bucket, MaxKeys=5, **markers)
        found += [(one["Key"], one["VersionId"]) for one in page["Versions"]]
        if not page["IsTruncated"]:
            break
        markers = {"KeyMarker": page["NextKeyMarker"], "VersionIdMarker": page["NextVersionIdMarker"]}
    same(found, [one for key in ("a", "b", "c") for one in reversed(ids) if one[0] == key])


def kept_for(seconds, bucket):
    """A version of the key `k` that is not to be deleted for so long, and until when."""
    for _ in range(20):
        until = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)
        try:
            answer = s3.put_object(Bucket=bucket, Key="k", Body=b"4", ObjectLockMode="COMPLIANCE", ObjectLockRetainUntilDate=until)
            return answer["VersionId"], until
        except ClientError as error:
            # Past already, when it came there.
            if "in the future" not in error.response["Error"]["Message"]:
                raise
    raise AssertionError("no version could be kept")


@check
def locked_versions_cannot_be_deleted():
    bucket = new_bucket(s3, ObjectLockEnabledForBucket=True)
    same(s3.get_bucket_versioning(Bucket=bucket)["Status"], "Enabled")
    until = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=1)
    version = s3.put_object(
        Bucket=bucket, Key="k", Body=b"1", ObjectLockMode="GOVERNANCE", ObjectLockRetainUntilDate=until)["VersionId"]
    same(s3.get_object_retention(Bucket=bucket, Key="k")["Retention"]["Mode"], "GOVERNANCE")
    with refused("AccessDenied", 403):
        s3.delete_object(Bucket=bucket, Key="k", VersionId=version)
    s3.delete_object(Bucket=bucket, Key="k", VersionId=version, BypassGovernanceRetention=True)
    version = s3.put_object(Bucket=bucket, Key="k", Body=b"2", ObjectLockLegalHoldStatus="ON")["VersionId"]
    with refused("AccessDenied", 403):
        s3.delete_object(Bucket=bucket, Key="k", VersionId=version, BypassGovernanceRetention=True)
    s3.put_object_legal_hold(Bucket=bucket, Key="k", LegalHold={"Status": "OFF"})
    s3.delete_object(Bucket=bucket, Key="k", VersionId=version)
    # Nobody can delete this one today: its bucket is left behind.
    kept = new_bucket(s3, ObjectLockEnabledForBucket=True)
    version = s3.put_object(
        Bucket=kept, Key="k", Body=b"3", ObjectLockMode="COMPLIANCE", ObjectLockRetainUntilDate=until)["VersionId"]
    with refused("AccessDenied", 403):
        s3.delete_object(Bucket=kept, Key="k", VersionId=version, BypassGovernanceRetention=True)
    with refused("AccessDenied", 403):
        s3.put_object_retention(
            Bucket=kept, Key="k", VersionId=version, BypassGovernanceRetention=True,
            Retention={"Mode": "COMPLIANCE", "RetainUntilDate": until - datetime.timedelta(hours=1)})
    version, soon = kept_for(10, bucket)
    s3.delete_object(Bucket=bucket, Key="k")
    while datetime.datetime.now(datetime.timezone.utc) < soon + datetime.timedelta(seconds=1):
        time.sleep(0.2)
    s3.delete_object(Bucket=bucket, Key="k", VersionId=version)
    s3.put_object_lock_configuration(Bucket=bucket, ObjectLockConfiguration={
        "ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 1}}})
    version = s3.put_object(Bucket=bucket, Key="d", Body=b"5")["VersionId"]
    same(s3.head_object(Bucket=bucket, Key="d")["ObjectLockMode"], "GOVERNANCE")
    s3.delete_object(Bucket=bucket, Key="d", VersionId=version, BypassGovernanceRetention=True)


@check
def documents_of_a_bucket_are_kept():
    bucket = new_bucket(s3)
    with refused("NoSuchTagSet", 404):
        s3.get_bucket_tagging(Bucket=bucket)
    s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": [{"Key": "a", "Value": "b"}]})
    same(s3.get_bucket_tagging(Bucket=bucket)["TagSet"], [{"Key": "a", "Value": "b"}])
    s3.delete_bucket_tagging(Bucket=bucket)
    with refused("NoSuchLifecycleConfiguration", 404):
        s3.get_bucket_lifecycle_configuration(Bucket=bucket)
    rules = [
        {"ID": "old", "Status": "Enabled", "Filter": {"Prefix": "tmp/"}, "Expiration": {"Days": 3}},
        {"ID": "parts", "Status": "Enabled", "Filter": {"Prefix": ""}, "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 2}},
        {"ID": "versions", "Status": "Disabled", "Filter": {"And": {"Prefix": "v/", "Tags": [{"Key": "k", "Value": "v"}]}},
         "NoncurrentVersionExpiration": {"NoncurrentDays": 5}}]
    s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": rules})
    kept = s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
    same(sorted(kept, key=lambda rule: rule["ID"]), sorted(rules, key=lambda rule: rule["ID"]))
    expires = s3.put_object(Bucket=bucket, Key="tmp/x", Body=b"")
    assert 'rule-id="old"' in expires["Expiration"], expires
    s3.delete_bucket_lifecycle(Bucket=bucket)
    with refused("NoSuchCORSConfiguration", 404):
        s3.get_bucket_cors(Bucket=bucket)
    cors = [{"AllowedMethods": ["GET", "PUT"], "AllowedOrigins": ["https://*.example.com"], "AllowedHeaders": ["*"], "MaxAgeSeconds": 30}]
    s3.put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": cors})
    same(s3.get_bucket_cors(Bucket=bucket)["CORSRules"], cors)
    s3.put_bucket_ownership_controls(Bucket=bucket, OwnershipControls={"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]})
    same(s3.get_bucket_ownership_controls(Bucket=bucket)["OwnershipControls"]["Rules"], [{"ObjectOwnership": "BucketOwnerEnforced"}])
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": False}
    s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": [rule]})
    kept = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"][0]
    same(kept["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"], "AES256")
    same(s3.put_object(Bucket=bucket, Key="sse", Body=b"secret")["ServerSideEncryption"], "AES256")
    same(s3.get_object(Bucket=bucket, Key="sse")["Body"].read(), b"secret")
    same(s3.get_bucket_location(Bucket=bucket).get("LocationConstraint"), None)
    assert bucket in [one["Name"] for one in s3.list_buckets()["Buckets"]]
    # One's own bucket in us-east-1 may be made again.
    s3.create_bucket(Bucket=bucket)
    for name in ("ab", "Upper-Case", "under_score", "-dash", "192.168.0.1", "a..b"):
        with refused("InvalidBucketName", 400):
            s3.meta.events.unregister("before-parameter-build.s3", validate)
            s3.create_bucket(Bucket=name)


# boto3 refuses such names by itself otherwise.
from botocore.handlers import validate_bucket_name as validate

run()
