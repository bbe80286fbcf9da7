"""Presigned addresses, forms, policies, ACLs, CORS and keys of the client's own, by boto3."""
import base64, hashlib, json, os, urllib.error, urllib.request, uuid
from checks import ENDPOINT, anonymous_client, check, documented, new_bucket, other_client, refused, run, same

s3 = documented("boto3")["s3"]
other, anonymous = other_client(), anonymous_client()


def http(method, url, data=None, headers={}):
    """Status, headers and content."""
    try:
        with urllib.request.urlopen(urllib.request.Request(url, data, headers, method=method)) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read()


def form(fields, content):
    boundary = uuid.uuid4().hex
    body = b"".join(
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode() for name, value in fields.items())
    body += f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="vaca.jpg"\r\nContent-Type: image/jpeg\r\n\r\n'.encode()
    return body + content + f"\r\n--{boundary}--\r\n".encode(), {"Content-Type": f"multipart/form-data; boundary={boundary}"}


@check
def presigned_addresses_work_for_what_they_were_made_for():
    bucket = new_bucket(s3)
    key = "ñ a+b/c.txt"
    put = s3.generate_presigned_url("put_object", {"Bucket": bucket, "Key": key, "ContentType": "text/plain"}, ExpiresIn=600)
    same(http("PUT", put, b"content", {"Content-Type": "text/plain"})[0], 200)
    same(http("PUT", put, b"content", {"Content-Type": "text/html"})[0], 403)
    get = s3.generate_presigned_url("get_object", {"Bucket": bucket, "Key": key, "ResponseContentType": "text/q"}, ExpiresIn=600)
    status, headers, content = http("GET", get)
    same((status, headers["Content-Type"], content), (200, "text/q", b"content"))
    same(http("GET", get.replace("text%2Fq", "text%2Fr"))[0], 403)
    same(http("DELETE", get)[0], 403)
    status, _, body = http("GET", s3.generate_presigned_url("get_object", {"Bucket": bucket, "Key": key}, ExpiresIn=600) + "&x=1")
    same(status, 403)
    assert b"<Code>SignatureDoesNotMatch</Code>" in body


@check
def forms_of_browsers_are_taken():
    bucket = new_bucket(s3)
    post = s3.generate_presigned_post(
        bucket, "up/${filename}", {"success_action_status": "201", "x-amz-meta-farm": "Roble"},
        [["content-length-range", 1, 100], {"success_action_status": "201"}, {"x-amz-meta-farm": "Roble"}], 600)
    status, headers, body = http("POST", post["url"], *form(post["fields"], b"12345"))
    same(status, 201)
    assert b"<Key>up/vaca.jpg</Key>" in body, body
    got = s3.get_object(Bucket=bucket, Key="up/vaca.jpg")
    same((got["Body"].read(), got["Metadata"]), (b"12345", {"farm": "Roble"}))
    status, _, body = http("POST", post["url"], *form(post["fields"], b"x" * 101))
    same(status, 400)
    assert b"EntityTooLarge" in body, body
    same(http("POST", post["url"], *form({**post["fields"], "x-amz-meta-more": "1"}, b"12345"))[0], 403)
    same(http("POST", post["url"], *form({**post["fields"], "x-amz-signature": "0" * 64}, b"12345"))[0], 403)
    same(http("POST", post["url"], *form({"key": "anonymous"}, b"12345"))[0], 403)


@check
def nobody_else_sees_a_bucket_until_its_policy_says_so():
    bucket = new_bucket(s3)
    s3.put_object(Bucket=bucket, Key="public/a", Body=b"a")
    s3.put_object(Bucket=bucket, Key="private", Body=b"b")
    for client in (other, anonymous):
        with refused("AccessDenied", 403):
            client.get_object(Bucket=bucket, Key="public/a")
        with refused("AccessDenied", 403):
            client.list_objects_v2(Bucket=bucket)
        with refused("AccessDenied", 403):
            client.put_object(Bucket=bucket, Key="mine", Body=b"")
    s3.delete_public_access_block(Bucket=bucket)
    policy = {"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{bucket}/public/*"},
        {"Effect": "Allow", "Principal": {"AWS": os.environ["S3_OTHER_USER"]}, "Action": "s3:*",
         "Resource": [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"]},
        {"Effect": "Deny", "Principal": "*", "Action": "s3:DeleteObject", "Resource": f"arn:aws:s3:::{bucket}/public/*"}]}
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy))
    same(json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"]), policy)
    same(http("GET", f"{ENDPOINT}/{bucket}/public/a")[2], b"a")
    same(http("GET", f"{ENDPOINT}/{bucket}/private")[0], 403)
    same(other.get_object(Bucket=bucket, Key="private")["Body"].read(), b"b")
    for client in (s3, other):
        with refused("AccessDenied", 403):
            client.delete_object(Bucket=bucket, Key="public/a")
    other.delete_object(Bucket=bucket, Key="private")
    s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration={
        "BlockPublicAcls": True, "IgnorePublicAcls": True, "BlockPublicPolicy": True, "RestrictPublicBuckets": True})
    with refused("AccessDenied", 403):
        anonymous.get_object(Bucket=bucket, Key="public/a")
    with refused("AccessDenied", 403):
        s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy))
    s3.delete_bucket_policy(Bucket=bucket)
    with refused("NoSuchBucketPolicy", 404):
        s3.get_bucket_policy(Bucket=bucket)
    with refused("MalformedPolicy", 400):
        s3.put_bucket_policy(Bucket=bucket, Policy='{"Version": "2012-10-17", "Statement": [{"Effect": "Perhaps"}]}')


@check
def acls_of_buckets_and_objects():
    bucket = new_bucket(s3, ObjectOwnership="ObjectWriter")
    s3.delete_public_access_block(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="public", Body=b"p", ACL="public-read")
    s3.put_object(Bucket=bucket, Key="private", Body=b"p")
    same(anonymous.get_object(Bucket=bucket, Key="public")["Body"].read(), b"p")
    with refused("AccessDenied", 403):
        anonymous.get_object(Bucket=bucket, Key="private")
    with refused("AccessDenied", 403):
        anonymous.list_objects_v2(Bucket=bucket)
    s3.put_bucket_acl(Bucket=bucket, ACL="public-read")
    same(anonymous.list_objects_v2(Bucket=bucket)["KeyCount"], 2)
    s3.put_object_acl(Bucket=bucket, Key="private", GrantRead=f'id="{os.environ["S3_OTHER_USER"]}"')
    same(other.get_object(Bucket=bucket, Key="private")["Body"].read(), b"p")
    grants = s3.get_object_acl(Bucket=bucket, Key="public")["Grants"]
    assert any(grant["Grantee"].get("URI", "").endswith("/AllUsers") and grant["Permission"] == "READ" for grant in grants), grants


@check
def pages_of_other_origins_ask_first():
    bucket = new_bucket(s3)
    s3.put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": [{
        "AllowedMethods": ["GET", "PUT"], "AllowedOrigins": ["https://*.example.com"], "AllowedHeaders": ["x-amz-*", "content-type"],
        "ExposeHeaders": ["ETag"], "MaxAgeSeconds": 30}]})
    ask = {"Origin": "https://app.example.com", "Access-Control-Request-Method": "PUT", "Access-Control-Request-Headers": "x-amz-date"}
    status, headers, _ = http("OPTIONS", f"{ENDPOINT}/{bucket}/k", headers=ask)
    same((status, headers["Access-Control-Allow-Origin"], headers["Access-Control-Max-Age"]), (200, "https://app.example.com", "30"))
    assert "PUT" in headers["Access-Control-Allow-Methods"]
    same(http("OPTIONS", f"{ENDPOINT}/{bucket}/k", headers={**ask, "Origin": "https://example.org"})[0], 403)
    same(http("OPTIONS", f"{ENDPOINT}/{bucket}/k", headers={**ask, "Access-Control-Request-Method": "DELETE"})[0], 403)
    same(http("OPTIONS", f"{ENDPOINT}/{bucket}/k", headers={**ask, "Access-Control-Request-Headers": "authorization"})[0], 403)
    s3.put_object(Bucket=bucket, Key="k", Body=b"1")
    url = s3.generate_presigned_url("get_object", {"Bucket": bucket, "Key": "k"})
    status, headers, _ = http("GET", url, headers={"Origin": "https://app.example.com"})
    same((headers["Access-Control-Allow-Origin"], headers["Access-Control-Expose-Headers"]), ("https://app.example.com", "ETag"))
    same(http("GET", url)[1]["Access-Control-Allow-Origin"], None)


@check
def objects_under_keys_of_the_clients_own():
    bucket = new_bucket(s3)
    key, content = os.urandom(32), os.urandom(100_000)
    with_key = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": key}
    put = s3.put_object(Bucket=bucket, Key="k", Body=content, **with_key)
    same(put["SSECustomerKeyMD5"], base64.b64encode(hashlib.md5(key).digest()).decode())
    assert s3.get_object(Bucket=bucket, Key="k", **with_key)["Body"].read() == content
    same(s3.get_object(Bucket=bucket, Key="k", Range="bytes=70000-70009", **with_key)["Body"].read(), content[70000:70010])
    with refused("InvalidRequest", 400):
        s3.get_object(Bucket=bucket, Key="k")
    with refused(("AccessDenied", "InvalidRequest")):
        s3.get_object(Bucket=bucket, Key="k", SSECustomerAlgorithm="AES256", SSECustomerKey=os.urandom(32))
    parts = [os.urandom(5 << 20), b"end"]
    identifier = s3.create_multipart_upload(Bucket=bucket, Key="m", **with_key)["UploadId"]
    done = []
    for number, part in enumerate(parts, 1):
        answer = s3.upload_part(Bucket=bucket, Key="m", UploadId=identifier, PartNumber=number, Body=part, **with_key)
        done.append({"PartNumber": number, "ETag": answer["ETag"]})
    s3.complete_multipart_upload(Bucket=bucket, Key="m", UploadId=identifier, MultipartUpload={"Parts": done}, **with_key)
    assert s3.get_object(Bucket=bucket, Key="m", **with_key)["Body"].read() == b"".join(parts)
    s3.copy_object(
        Bucket=bucket, Key="plain", CopySource={"Bucket": bucket, "Key": "k"}, CopySourceSSECustomerAlgorithm="AES256",
        CopySourceSSECustomerKey=key)
    assert s3.get_object(Bucket=bucket, Key="plain")["Body"].read() == content
    same(s3.put_object(Bucket=bucket, Key="s", Body=b"1", ServerSideEncryption="AES256")["ServerSideEncryption"], "AES256")


run()
