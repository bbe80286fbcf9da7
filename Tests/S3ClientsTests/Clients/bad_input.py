"""What a client may do wrong, by accident or on purpose: each is refused with S3's own code, and nothing of it is stored."""
import base64, concurrent.futures, hashlib, hmac, http.client, json, os, random, socket, threading, uuid
import xml.etree.ElementTree as ElementTree
from urllib.parse import quote, unquote

from checks import check, run, same
from raw import ACCESS, HOST, SECRET, UNSIGNED, Chunked, Signed, escaped, now

BUCKET = "bad-" + uuid.uuid4().hex


def ask(method, path, *arguments, **named):
    return Signed(method, path, *arguments, **named).send()


same(ask("PUT", "/" + BUCKET)[0], 200)


def is_there(key):
    return ask("HEAD", f"/{BUCKET}/{key}")[0] == 200


def refusal(answer, status, *codes):
    assert answer[0] == status and answer[1] in codes, f"{answer[0]} {answer[1]} instead of {status} {codes}: {answer[3][:600]}"


@check
def signatures_that_are_not_right():
    path = f"/{BUCKET}/signature"
    one = Signed("PUT", path, content=b"x")
    same(one.send()[0], 200)
    flipped = Signed("PUT", path, content=b"y")
    flipped.headers["authorization"] = flipped.headers["authorization"][:-1] + ("0" if flipped.signature[-1] != "0" else "1")
    refusal(flipped.send(), 403, "SignatureDoesNotMatch")
    refusal(ask("PUT", path, content=b"y", secret=SECRET + "x"), 403, "SignatureDoesNotMatch")
    refusal(ask("PUT", path, content=b"y", access="nobody"), 403, "InvalidAccessKeyId")
    elsewhere = Signed("PUT", path, content=b"y")
    elsewhere.path += "2"
    refusal(elsewhere.send(), 403, "SignatureDoesNotMatch")
    other_method = Signed("PUT", path, content=b"y")
    other_method.method = "DELETE"
    refusal(other_method.send(), 403, "SignatureDoesNotMatch")
    other_query = Signed("GET", path)
    other_query.query = "acl="
    refusal(other_query.send(), 403, "SignatureDoesNotMatch")
    refusal(ask("PUT", path, content=b"y", unsigned={"x-amz-acl": "public-read"}), 403, "AccessDenied")
    for authorization in ("AWS4-HMAC-SHA256", "AWS4-HMAC-SHA256 Credential=a/b, SignedHeaders=host, Signature=x", "Basic YTpi",
                          "AWS4-HMAC-SHA256 " + "a=b," * 1000):
        broken = Signed("GET", path)
        broken.headers["authorization"] = authorization
        answer = broken.send()
        assert answer[0] in (400, 403), answer
    old = Signed("GET", path)
    old.headers["authorization"] = f"AWS {ACCESS}:{base64.b64encode(b'x' * 20).decode()}"
    answer = old.send()
    assert answer[0] in (400, 403), answer
    twice = Signed("GET", path)
    twice.query = "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=0"
    assert twice.send()[0] in (400, 403)
    same(ask("GET", path)[3], b"x")


@check
def clocks_that_are_wrong():
    path = f"/{BUCKET}/signature"
    same(ask("GET", path, time=now(-600))[0], 200)
    same(ask("GET", path, time=now(600))[0], 200)
    refusal(ask("GET", path, time=now(-1000)), 403, "RequestTimeTooSkewed")
    refusal(ask("GET", path, time=now(1000)), 403, "RequestTimeTooSkewed")
    undated = Signed("GET", path)
    del undated.headers["x-amz-date"]
    assert undated.send()[0] in (400, 403)


def presigned(method, path, expires, time=None, more=""):
    stamp = (time or now()).strftime("%Y%m%dT%H%M%SZ")
    scope = f"{stamp[:8]}/us-east-1/s3/aws4_request"
    query = "&".join(sorted([
        "X-Amz-Algorithm=AWS4-HMAC-SHA256", "X-Amz-Credential=" + quote(f"{ACCESS}/{scope}", safe=""), f"X-Amz-Date={stamp}",
        f"X-Amz-Expires={expires}", "X-Amz-SignedHeaders=host"]))
    canonical = f"{method}\n{path}\n{query}\nhost:{HOST}\n\nhost\n{UNSIGNED}"
    key = ("AWS4" + SECRET).encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    text = f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    connection = http.client.HTTPConnection(HOST, timeout=180)
    connection.request(method, f"{path}?{query}&X-Amz-Signature={hmac.digest(key, text.encode(), 'sha256').hex()}{more}")
    answer = connection.getresponse()
    content = answer.read()
    return answer.status, content.split(b"<Code>")[1].split(b"</Code>")[0].decode() if b"<Code>" in content else "", None, content


@check
def presigned_addresses_that_are_over():
    path = f"/{BUCKET}/signature"
    same(presigned("GET", path, 60)[0], 200)
    refusal(presigned("GET", path, 60, now(-61)), 403, "AccessDenied")
    for expires in ("0", "-5", "604801", "soon", ""):
        answer = presigned("GET", path, expires)
        assert answer[0] in (400, 403) and answer[1] == "AuthorizationQueryParametersError", answer
    refusal(presigned("GET", path, 60, now(1000)), 403, "AccessDenied", "RequestTimeTooSkewed")
    refusal(presigned("GET", path, 60, more="0"), 400, "AuthorizationQueryParametersError")
    refusal(presigned("GET", path, 60, more="&x-id=GetObject"), 403, "SignatureDoesNotMatch")


@check
def contents_that_were_changed():
    changed = Signed("PUT", f"/{BUCKET}/changed", content=b"pay 10")
    changed.content = b"pay 99"
    refusal(changed.send(), 400, "XAmzContentSHA256Mismatch")
    refusal(ask("PUT", f"/{BUCKET}/changed", content=b"x", headers={"content-md5": "1B2M2Y8AsgTpgAmY7PhCfg=="}), 400, "BadDigest")
    refusal(ask("PUT", f"/{BUCKET}/changed", content=b"x", headers={"content-md5": "short"}), 400, "InvalidDigest")
    refusal(ask("PUT", f"/{BUCKET}/changed", content=b"x", headers={"x-amz-checksum-crc32": "AAAAAA=="}), 400, "BadDigest")
    answer = ask("PUT", f"/{BUCKET}/changed", content=b"x", headers={"x-amz-checksum-crc32": "not base64"})
    refusal(answer, 400, "BadDigest", "InvalidRequest")
    answer = ask("PUT", f"/{BUCKET}/changed", content=b"x", payload="0" * 63)
    same(answer[0], 400)
    assert not is_there("changed")


@check
def chunks_that_were_changed_or_come_again():
    path = f"/{BUCKET}/chunks"
    parts = [os.urandom(65536), os.urandom(65536), b"end"]
    same(Chunked(path, parts).send()[:2], (200, ""))
    same(ask("GET", path)[3], b"".join(parts))
    answer = ask("HEAD", path)
    same(answer[2]["content-encoding"], None)

    path = f"/{BUCKET}/wrong"

    def altered(chunked):
        chunked.chunks[1] = chunked.chunks[1][:-3] + b"!\r\n"

    def replayed(chunked):
        chunked.chunks[1] = chunked.chunks[0]

    def swapped(chunked):
        chunked.chunks[:2] = chunked.chunks[1::-1]

    def left_out(chunked):
        del chunked.chunks[1]

    def doubled(chunked):
        chunked.chunks.insert(1, chunked.chunks[0])

    def unsigned(chunked):
        chunked.chunks[0] = b"10000\r\n" + parts[0] + b"\r\n"

    def endless(chunked):
        chunked.chunks[0] = b"f" * 5000 + chunked.chunks[0]

    def huge(chunked):
        chunked.chunks[0] = b"7fffffffffffffff" + chunked.chunks[0][5:]

    def garbled(chunked):
        chunked.chunks[0] = b"zz" + chunked.chunks[0]

    for change in (altered, replayed, swapped, left_out, doubled, unsigned, endless, huge, garbled):
        chunked = Chunked(path, parts)
        change(chunked)
        answer = chunked.send()
        assert answer[0] in (400, 403), (change.__name__, answer)
        assert not is_there("wrong"), change.__name__
    unended = Chunked(path, parts)
    unended.chunks.pop()
    unended.end = b""
    answer = unended.send()
    assert answer[0] in (400, 403), answer
    for length in (1, 10 ** 9):
        answer = Chunked(path, parts, length=length).send()
        assert answer[0] in (400, 403), (length, answer)
    assert not is_there("wrong")


@check
def trailers_that_do_not_fit():
    path = f"/{BUCKET}/trailer"
    parts = [b"a" * 70_000, b"b"]
    crc = base64.b64encode(hashlib.sha256(b"".join(parts)).digest()).decode()
    same(Chunked(path, parts, trailer=("x-amz-checksum-sha256", crc)).send()[:2], (200, ""))
    same(ask("HEAD", path, headers={"x-amz-checksum-mode": "ENABLED"})[2]["x-amz-checksum-sha256"], crc)
    path = f"/{BUCKET}/wrong trailer".replace(" ", "%20")
    wrong = base64.b64encode(hashlib.sha256(b"other").digest()).decode()
    refusal(Chunked(path, parts, trailer=("x-amz-checksum-sha256", wrong)).send(), 400, "BadDigest")
    forged = Chunked(path, parts, trailer=("x-amz-checksum-sha256", wrong))
    forged.end = forged.end.replace(wrong.encode(), crc.encode())
    refusal(forged.send(), 403, "SignatureDoesNotMatch")
    missing = Chunked(path, parts, trailer=("x-amz-checksum-sha256", crc))
    missing.end = b"\r\n"
    assert missing.send()[0] in (400, 403)
    assert not is_there("wrong%20trailer")


@check
def uploads_that_break_off():
    request = Signed("PUT", f"/{BUCKET}/broken", payload=UNSIGNED)
    host, port = HOST.split(":")
    with socket.create_connection((host, int(port))) as one:
        head = "".join(f"{name}: {value}\r\n" for name, value in request.headers.items())
        one.sendall(f"PUT {request.path} HTTP/1.1\r\n{head}Content-Length: 1000000\r\n\r\n".encode() + b"x" * 500_000)
    assert not is_there("broken")


@check
def headers_that_are_too_much():
    refusal(ask("PUT", f"/{BUCKET}/meta", headers={"x-amz-meta-a": "x" * 2100}), 400, "MetadataTooLarge")
    same(ask("PUT", f"/{BUCKET}/meta", headers={"x-amz-meta-a": "x" * 2000})[0], 200)
    answer = ask("GET", f"/{BUCKET}/meta", unsigned={"x-long": "y" * 200_000})
    assert answer[0] in (400, 431), answer
    answer = ask("GET", f"/{BUCKET}/meta", unsigned={f"x-{number}": "y" for number in range(5000)})
    assert answer[0] in (400, 431), answer
    answer = ask("GET", "/" + BUCKET + "/" + "k" * 100_000)
    assert 400 <= answer[0] < 500, answer
    same(ask("HEAD", f"/{BUCKET}/meta")[0], 200)


BOMB = b"""<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "aaaaaaaaaa">""" + b"".join(
    b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9)) + b"]><Delete><Object><Key>&j;</Key></Object></Delete>"
EXTERNAL = b"""<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a SYSTEM "file:///etc/passwd">]>
<Delete><Object><Key>&a;</Key></Object></Delete>"""
GARBAGE = [
    b"", b"<", b"<Delete>", b"plain", b"\x00\xff\xfe", BOMB, EXTERNAL, b"<a>" * 100_000, b"<a " + b"b='c' " * 50_000 + b"/>",
    b"<Delete>" + b"<Object><Key>k</Key></Object>" * 100_000 + b"</Delete>", b"<?xml version='1.0' encoding='EBCDIC'?><Delete/>",
    b"\xef\xbb\xbf<Unknown/>", b"<Delete><Object><Key>\x01</Key></Object></Delete>", b"{}",
    b"<Delete><Object><Key>\xff</Key></Object></Delete>",
]


@check
def documents_that_are_none():
    for query, method in [("delete=", "POST")] + [(name + "=", "PUT") for name in (
            "acl", "cors", "lifecycle", "versioning", "tagging", "policy", "encryption", "object-lock", "ownershipControls",
            "publicAccessBlock", "notification")]:
        for garbage in GARBAGE:
            md5 = base64.b64encode(hashlib.md5(garbage).digest()).decode()
            answer = ask(method, "/" + BUCKET, query, garbage, {"content-md5": md5})
            # An empty notification is a document: it takes all notifications away; an empty list of grants is one as well.
            assert 400 <= answer[0] < 500 or (answer[0] == 501), (query, garbage[:40], answer[:2])
            assert b"root:" not in answer[3]
    for query in ("tagging=", "retention=", "legal-hold=", "acl="):
        for garbage in GARBAGE:
            answer = ask("PUT", f"/{BUCKET}/signature", query, garbage)
            assert 400 <= answer[0] < 500, (query, garbage[:40], answer[:2])
    same(ask("GET", "/" + BUCKET)[0], 200)


@check
def lists_of_deletions_without_a_digest():
    same(ask("PUT", f"/{BUCKET}/kept", content=b"x")[0], 200)
    deletion = b"<Delete><Object><Key>kept</Key></Object></Delete>"
    for headers in ({}, {"x-amz-checksum-algorithm": "CRC32"}, {"x-amz-trailer": "x-amz-meta-a"}):
        answer = ask("POST", "/" + BUCKET, "delete=", deletion, headers)
        refusal(answer, 400, "InvalidRequest")
        assert b"Content-MD5 OR x-amz-checksum-*" in answer[3]
    assert is_there("kept")
    refusal(ask("POST", "/" + BUCKET, "delete=", deletion, {"content-md5": base64.b64encode(bytes(16)).decode()}), 400, "BadDigest")
    assert is_there("kept")
    sha256 = base64.b64encode(hashlib.sha256(deletion).digest()).decode()
    same(ask("POST", "/" + BUCKET, "delete=", deletion, {"x-amz-checksum-sha256": sha256})[0], 200)
    assert not is_there("kept")


@check
def queries_and_paths_without_sense():
    chooser = random.Random(7)
    names = ["acl", "uploads", "uploadId", "partNumber", "versionId", "max-keys", "list-type", "prefix", "delimiter", "marker", "versions",
             "continuation-token", "tagging", "attributes", "location", "policy", "x-id", "encoding-type", "max-parts", "restore", "select"]
    values = ["", "0", "-1", "99999999999999999999", "abc", "%00", "%FF", "%E0%80%80", "a" * 3000, "..", "%0D%0A", "null", "url", "1.5"]
    for _ in range(400):
        query = "&".join(sorted(f"{name}={chooser.choice(values)}" for name in chooser.sample(names, chooser.randrange(1, 4))))
        for path in ("/" + BUCKET, f"/{BUCKET}/signature", "/"):
            for method in ("GET", "HEAD", "PUT", "POST", "DELETE"):
                if (method, path) in (("DELETE", "/" + BUCKET), ("DELETE", f"/{BUCKET}/signature"), ("PUT", f"/{BUCKET}/signature")):
                    continue
                status = ask(method, path, query)[0]
                assert status < 500 or status == 501, (method, path, query, status)
    for path in ("//", "/%2e%2e/%2e%2e/etc/passwd", f"/{BUCKET}/%00", f"/{BUCKET}/%FF%FE", f"/{BUCKET}/%zz", "/" + "b" * 300, "/A_B/c",
                 "/%F0%9F%90%84"):
        for method in ("GET", "PUT", "DELETE"):
            status = ask(method, path)[0]
            assert status < 500, (method, path, status)
    same(ask("GET", f"/{BUCKET}/signature")[3], b"x")


@check
def keys_of_everything_that_unicode_has():
    """Every scalar value, 256 a key: each key is stored as it is, neither normalised nor taken for a path."""
    bucket = "/all-" + uuid.uuid4().hex
    same(ask("PUT", bucket)[0], 200)
    values = [value for value in range(1, 0x110000) if not 0xD800 <= value < 0xE000]
    keys = ["".join(map(chr, values[start:start + 256])) for start in range(0, len(values), 256)]
    keys += ["..", "../..", "a/../../b", "/", "//", "a//b", "./", ".", "a/", "\u0061\u0301", "\u00e1"]

    def put(share):
        connection = http.client.HTTPConnection(HOST, timeout=180)
        for key in share:
            answer = Signed("PUT", f"{bucket}/{escaped(key)}", content=key.encode()).send(connection)
            assert answer[0] == 200, (key, answer)

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        list(pool.map(put, [keys[start::8] for start in range(8)]))
    found, token = [], ""
    while True:
        answer = ask("GET", bucket, f"{token}encoding-type=url&list-type=2")
        same(answer[0], 200)
        page = ElementTree.fromstring(answer[3])
        space = page.tag.split("}")[0] + "}"
        found += [unquote(one.text.replace("+", "%20")) for one in page.iter(space + "Key")]
        if page.find(space + "IsTruncated").text != "true":
            break
        token = "continuation-token=" + quote(page.find(space + "NextContinuationToken").text, safe="") + "&"
    # In the order of UTF-8's bytes.
    assert found == sorted(keys, key=str.encode), [one for one in zip(found, sorted(keys, key=str.encode)) if one[0] != one[1]][:1]
    for key in random.Random(5).sample(keys, 100) + keys[-11:]:
        same(ask("GET", f"{bucket}/{escaped(key)}")[3], key.encode())


@check
def ten_thousand_parts():
    path = f"/{BUCKET}/parts"
    identifier = ask("POST", path, "uploads=")[3].split(b"<UploadId>")[1].split(b"</UploadId>")[0].decode()
    upload = "uploadId=" + quote(identifier, safe="")
    numbers = iter(range(1, 10_001))
    lock = threading.Lock()

    def send(_):
        connection = http.client.HTTPConnection(HOST, timeout=180)
        while True:
            with lock:
                number = next(numbers, None)
            if number is None:
                return
            answer = Signed("PUT", path, f"partNumber={number}&{upload}", b"%d" % number).send(connection)
            assert answer[0] == 200, answer

    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        list(pool.map(send, range(16)))
    for number in ("0", "10001", "-1", "x"):
        refusal(ask("PUT", path, f"partNumber={number}&{upload}", b"x"), 400, "InvalidArgument")
    found, marker = [], ""
    while True:
        answer = ask("GET", path, f"{marker}&{upload}" if marker else upload)
        page = ElementTree.fromstring(answer[3])
        space = page.tag.split("}")[0] + "}"
        found += [(int(one.find(space + "PartNumber").text), one.find(space + "ETag").text) for one in page.iter(space + "Part")]
        if page.find(space + "IsTruncated").text != "true":
            break
        marker = "part-number-marker=" + page.find(space + "NextPartNumberMarker").text
    same([number for number, _ in found], list(range(1, 10_001)))
    document = "<CompleteMultipartUpload>" + "".join(
        f"<Part><PartNumber>{number}</PartNumber><ETag>{etag}</ETag></Part>" for number, etag in found) + "{}</CompleteMultipartUpload>"
    refusal(ask("POST", path, upload, document.format("").encode()), 400, "EntityTooSmall")
    more = document.format("<Part><PartNumber>10001</PartNumber><ETag>x</ETag></Part>")
    refusal(ask("POST", path, upload, more.encode()), 400, "MalformedXML", "InvalidArgument", "InvalidPart")
    same(ask("DELETE", path, upload)[0], 204)
    refusal(ask("GET", path, upload), 404, "NoSuchUpload")
    assert not is_there("parts")


@check
def policies_that_contradict_or_shut_everyone_out():
    bucket = "/policy-" + uuid.uuid4().hex
    same(ask("PUT", bucket)[0], 200)
    everything = [f"arn:aws:s3:::{bucket[1:]}", f"arn:aws:s3:::{bucket[1:]}/*"]
    statements = [{"Effect": effect, "Principal": "*", "Action": "s3:*", "Resource": everything} for effect in ("Allow", "Deny")]
    ask("DELETE", bucket, "publicAccessBlock=")
    same(ask("PUT", bucket, "policy=", json.dumps({"Version": "2012-10-17", "Statement": statements}).encode())[0], 204)
    refusal(ask("PUT", bucket + "/k", content=b"x"), 403, "AccessDenied")
    refusal(ask("GET", bucket), 403, "AccessDenied")
    # The owner always gets out of it.
    same(ask("DELETE", bucket, "policy=")[0], 204)
    same(ask("PUT", bucket + "/k", content=b"x")[0], 200)
    for policy in (b"", b"{", b"[]", b'{"Version": "1999-01-01", "Statement": []}', b'{"Statement": [{"Effect": "Allow"}]}',
                   json.dumps({"Version": "2012-10-17", "Statement": [{
                       "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::other/*"}]}).encode(),
                   b'{"a":' * 20_000, b" " * 2_000_000):
        answer = ask("PUT", bucket, "policy=", policy)
        assert 400 <= answer[0] < 500, (policy[:60], answer[:2])


@check
def two_who_race_for_one_key():
    """By If-None-Match: * and by If-Match, exactly one of many wins, and what stands there is the winner's."""
    def race(path, headers, kind):
        barrier = threading.Barrier(12)

        def attempt(number):
            content = kind + b"%d" % number * 10_000
            request = Signed("PUT", path, content=content, headers=headers)
            barrier.wait()
            return number, request.send()

        with concurrent.futures.ThreadPoolExecutor(12) as pool:
            answers = list(pool.map(attempt, range(12)))
        winners = [number for number, answer in answers if answer[0] == 200]
        for _, answer in answers:
            assert answer[0] in (200, 409, 412), answer
        same(len(winners), 1)
        same(ask("GET", path)[3], kind + b"%d" % winners[0] * 10_000)

    for round_number in range(10):
        path = f"/{BUCKET}/race{round_number}"
        race(path, {"if-none-match": "*"}, b"first")
        race(path, {"if-match": ask("HEAD", path)[2]["etag"]}, b"second")


run()
