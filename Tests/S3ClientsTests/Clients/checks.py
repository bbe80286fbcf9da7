"""What the scripts of this folder share: a client, buckets that are theirs, and checks that run one after another.

Environment: S3_ENDPOINT, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; of a second user S3_OTHER_USER, S3_OTHER_ACCESS_KEY and
S3_OTHER_SECRET_KEY; DOCUMENTED, a folder with the set-up lines of docs/S3.md.
"""
import os, sys, traceback, uuid

ENDPOINT = os.environ["S3_ENDPOINT"]
CHECKS = []


def check(function):
    CHECKS.append(function)
    return function


def documented(client):
    """The names that the lines for one client in docs/S3.md define."""
    with open(os.path.join(os.environ["DOCUMENTED"], client)) as file:
        names = {}
        exec(compile(file.read(), f"docs/S3.md: {client}", "exec"), names)
        return names


def other_client(**arguments):
    """boto3 as the second user."""
    import boto3
    return boto3.client(
        "s3", endpoint_url=ENDPOINT, region_name="us-east-1", aws_access_key_id=os.environ["S3_OTHER_ACCESS_KEY"],
        aws_secret_access_key=os.environ["S3_OTHER_SECRET_KEY"], **arguments)


def anonymous_client():
    import boto3, botocore
    return boto3.client(
        "s3", endpoint_url=ENDPOINT, region_name="us-east-1", config=botocore.config.Config(signature_version=botocore.UNSIGNED))


def new_bucket(s3, **arguments):
    name = "c-" + uuid.uuid4().hex
    s3.create_bucket(Bucket=name, **arguments)
    return name


def refused(code, status=None):
    """A block that must be refused with that code of S3's, or one of several."""
    return Refused(code if isinstance(code, tuple) else (code,), status)


class Refused:
    def __init__(self, codes, status):
        self.codes, self.status = codes, status

    def __enter__(self):
        return self

    def __exit__(self, kind, error, _):
        import botocore.exceptions
        assert error is not None, f"was not refused with {self.codes}"
        if not isinstance(error, botocore.exceptions.ClientError):
            return False
        got = error.response["Error"]["Code"], error.response["ResponseMetadata"]["HTTPStatusCode"]
        assert got[0] in self.codes, f"{got} instead of {self.codes}: {error}"
        assert self.status in (None, got[1]), f"{got} instead of {self.status}"
        self.answer = error.response
        return True


def same(a, b):
    assert a == b, f"{a!r} is not {b!r}"


def run():
    failures = 0
    for function in CHECKS:
        try:
            function()
        except Exception:
            failures += 1
            print(f"--- {function.__name__}", file=sys.stderr)
            traceback.print_exc()
    print(f"{len(CHECKS) - failures} of {len(CHECKS)} checks hold")
    sys.exit(1 if failures or not CHECKS else 0)
