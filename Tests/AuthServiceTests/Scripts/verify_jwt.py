"""Verifies a token by a JWK set, with PyJWT, and prints its claims."""
import json
import sys

import jwt

token, jwks, algorithm, issuer, audience = sys.argv[1:]
keys = {key["kid"]: jwt.PyJWK(key) for key in json.loads(jwks)["keys"]}
header = jwt.get_unverified_header(token)
assert header["typ"] == "at+jwt", header
assert header["alg"] == algorithm, header
# The test's clock is not the machine's.
claims = jwt.decode(
    token, keys[header["kid"]], algorithms=[algorithm], issuer=issuer, audience=audience,
    options={"verify_exp": False, "verify_iat": False, "require": ["exp", "iat", "iss", "aud", "sub", "sid", "jti"]})
print(json.dumps(claims))
