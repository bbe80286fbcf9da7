"""Plays an application and a browser against a real server, with authlib and requests. Arguments: base URL, username, password,
then id and secret of a confidential client (code, refresh, client credentials), the id of a public client, id and secret of a service."""
import html
import json
import re
import sys
from urllib.parse import parse_qs, urlsplit

import jwt
import requests
from authlib.common.security import generate_token
from authlib.integrations.requests_client import OAuth2Session
from authlib.jose import JsonWebKey, JsonWebToken
from authlib.oidc.core import CodeIDToken

base, username, password, client_id, client_secret, public_id, service_id, service_secret = sys.argv[1:]
redirect = "https://app.example.org/back"


def get(path, **arguments):
    return requests.get(base + path, timeout=180, **arguments)


def post(path, data, **arguments):
    return requests.post(base + path, data=data, timeout=180, **arguments)


def hidden(page):
    found = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', page)
    return {html.unescape(name): html.unescape(value) for name, value in found}


def check_page(answer, status=200):
    assert answer.status_code == status, (answer.status_code, answer.text)
    assert "<script" not in answer.text
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy, policy
    assert answer.headers["X-Frame-Options"] == "DENY" and answer.headers["Cache-Control"] == "no-store"
    return answer.text


def browse(browser, url, decision="allow", language="en"):
    """Follows an authorization as a person would; answers the parameters of the address that the browser ends up at."""
    headers = {"Accept-Language": language}
    answer = browser.get(url, headers=headers, allow_redirects=False, timeout=180)
    hop = re.search(r'http-equiv="refresh" content="0;url=([^"]*)"', answer.text)
    if hop:
        answer = browser.get(base + html.unescape(hop.group(1)), headers=headers, allow_redirects=False, timeout=180)
    if answer.status_code == 200 and 'name="password"' in answer.text:
        form = hidden(check_page(answer))
        wrong = browser.post(base + "/oauth/authorize/", {**form, "username": username, "password": "wrong", "decision": "sign_in"}, timeout=180,
                             allow_redirects=False)
        form = hidden(check_page(wrong, 400))
        answer = browser.post(base + "/oauth/authorize/", {**form, "username": username, "password": password, "decision": "sign_in"}, timeout=180,
                              headers=headers, allow_redirects=False)
    if answer.status_code == 200:
        page = check_page(answer)
        assert ("¿Permitir" if language == "es" else "Allow") in page, page
        form = hidden(page)
        # What a page of another site could send: everything but the proof.
        forged = browser.post(base + "/oauth/authorize/", {**form, "form_proof": "0" * 64, "decision": "allow"}, timeout=180, allow_redirects=False)
        assert forged.status_code == 403, forged.text
        other = browser.post(base + "/oauth/authorize/", {**form, "scope": "openid", "decision": "allow"}, timeout=180, allow_redirects=False)
        assert other.status_code == 403 or form["scope"] == "openid", "the proof is for one request alone"
        answer = browser.post(base + "/oauth/authorize/", {**form, "decision": decision}, timeout=180, headers=headers, allow_redirects=False)
    assert answer.status_code == 303, (answer.status_code, answer.text)
    location = answer.headers["Location"]
    assert location.startswith(redirect + "?"), location
    return location, {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}


# Metadata: what is said is so.
server = get("/.well-known/openid-configuration").json()
assert server["issuer"] == base, server
assert get("/.well-known/oauth-authorization-server").json()["token_endpoint"] == server["token_endpoint"]
assert server["code_challenge_methods_supported"] == ["S256"]
keys = get("/.well-known/jwks.json").json()

# A confidential client: code with PKCE, by authlib.
browser = requests.Session()
verifier = generate_token(64)
session = OAuth2Session(client_id, client_secret, scope="openid profile email media:read", redirect_uri=redirect, code_challenge_method="S256")
url, state = session.create_authorization_url(server["authorization_endpoint"], code_verifier=verifier, nonce="the nonce")
location, answer = browse(browser, url, language="es")
assert answer["state"] == state and answer["iss"] == base, answer
tokens = session.fetch_token(server["token_endpoint"], authorization_response=location, code_verifier=verifier)
assert tokens["token_type"] == "Bearer" and tokens["expires_in"] == 900 and tokens["refresh_token"], tokens

# The ID token, by authlib and by PyJWT.
claims = JsonWebToken(["EdDSA", "ES256", "RS256"]).decode(
    tokens["id_token"], JsonWebKey.import_key_set(keys), claims_cls=CodeIDToken,
    claims_options={"iss": {"value": base}, "aud": {"value": client_id}}, claims_params={"nonce": "the nonce", "client_id": client_id})
claims.validate()
key = {key["kid"]: jwt.PyJWK(key) for key in keys["keys"]}[jwt.get_unverified_header(tokens["id_token"])["kid"]]
assert jwt.decode(tokens["id_token"], key, algorithms=["EdDSA", "ES256", "RS256"], audience=client_id, issuer=base)["nonce"] == "the nonce"
access = jwt.decode(tokens["access_token"], key, algorithms=["EdDSA", "ES256", "RS256"], audience="agrovet", issuer=base)
assert access["client_id"] == client_id and set(access["scope"].split()) == {"openid", "profile", "email", "media:read"}, access

# An ID token is no access token.
assert get("/oauth/userinfo/", headers={"Authorization": "Bearer " + tokens["id_token"]}).status_code == 401
info = session.get(server["userinfo_endpoint"]).json()
assert info["sub"] == claims["sub"] and info["preferred_username"] == username, info
# Scopes hold: media may be read, the account is not for an application.
assert session.get(base + "/api/auth/me/").status_code == 403

# The code again: what came of it ends.
code = answer["code"]
again = post("/oauth/token/", {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect, "code_verifier": verifier},
             auth=(client_id, client_secret))
assert again.status_code == 400 and again.json()["error"] == "invalid_grant", again.text
assert session.get(server["userinfo_endpoint"]).status_code == 401

# Signed in and allowed before: no page is shown.
def authorize(**more):
    url, _ = session.create_authorization_url(server["authorization_endpoint"], code_verifier=verifier, **more)
    return url


answer = browser.get(authorize(), allow_redirects=False, timeout=180)
assert answer.status_code == 303, answer.text
first = session.fetch_token(server["token_endpoint"], authorization_response=answer.headers["Location"], code_verifier=verifier)

# Wrong exchanges.
def exchange(changes, auth=(client_id, client_secret)):
    location = browser.get(authorize(), allow_redirects=False, timeout=180).headers["Location"]
    code = parse_qs(urlsplit(location).query)["code"][0]
    fields = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect, "code_verifier": verifier, **changes}
    return post("/oauth/token/", fields, auth=auth)


assert exchange({"code_verifier": generate_token(64)}).json()["error"] == "invalid_grant"
assert exchange({"redirect_uri": redirect + "/"}).json()["error"] == "invalid_grant"
assert exchange({"code": "made up"}).json()["error"] == "invalid_grant"
assert exchange({"grant_type": "password"}).json()["error"] == "unsupported_grant_type"
wrong = exchange({}, auth=(client_id, "wrong"))
assert wrong.status_code == 401 and wrong.json()["error"] == "invalid_client" and "Basic" in wrong.headers["WWW-Authenticate"], wrong.text
assert exchange({"client_id": public_id}, auth=None).json()["error"] == "invalid_grant", "a code is its client's alone"
assert exchange({}).status_code == 200
text = requests.post(base + "/oauth/token/", json={"grant_type": "client_credentials"}, timeout=180)
assert text.status_code == 400 and text.json()["error"] == "invalid_request", text.text

# Less may be asked for, for once; more is refused, and the token is still good.
def turn(token, **more):
    return post("/oauth/token/", {"grant_type": "refresh_token", "refresh_token": token, **more}, auth=(client_id, client_secret))


for scope in ("openid media:write", "openid nonsense"):
    greedy = turn(first["refresh_token"], scope=scope)
    assert greedy.status_code == 400 and greedy.json()["error"] == "invalid_scope", greedy.text
narrow = turn(first["refresh_token"], scope="media:read").json()
assert narrow["scope"] == "media:read" and "id_token" not in narrow, narrow
assert jwt.decode(narrow["access_token"], options={"verify_signature": False})["scope"] == "media:read"
assert get("/oauth/userinfo/", headers={"Authorization": "Bearer " + narrow["access_token"]}).status_code == 403
first = turn(narrow["refresh_token"]).json()
assert set(first["scope"].split()) == {"openid", "profile", "email", "media:read"} and first["id_token"], first

# Refresh turns; a token of before is known again, and ends all (the test's server has no overlap).
second = session.refresh_token(server["token_endpoint"], first["refresh_token"])
assert second["refresh_token"] != first["refresh_token"]
stolen = post("/oauth/token/", {"grant_type": "refresh_token", "refresh_token": first["refresh_token"]}, auth=(client_id, client_secret))
assert stolen.json()["error"] == "invalid_grant", stolen.text
dead = post("/oauth/token/", {"grant_type": "refresh_token", "refresh_token": second["refresh_token"]}, auth=(client_id, client_secret))
assert dead.json()["error"] == "invalid_grant", dead.text

# A public client, which has no secret.
public = OAuth2Session(public_id, scope="openid", redirect_uri=redirect, code_challenge_method="S256", token_endpoint_auth_method="none")
url, _ = public.create_authorization_url(server["authorization_endpoint"], code_verifier=verifier)
location, _ = browse(browser, url)
public_tokens = public.fetch_token(server["token_endpoint"], authorization_response=location, code_verifier=verifier)
secretive = post("/oauth/token/", {"grant_type": "refresh_token", "refresh_token": public_tokens["refresh_token"], "client_id": public_id,
                                   "client_secret": "x"})
assert secretive.status_code == 401, secretive.text

# The user refuses; what is asked silently is refused; what is not allowed is told; strangers are shown a page.
other = requests.Session()
url, _ = session.create_authorization_url(server["authorization_endpoint"], code_verifier=verifier, prompt="consent")
_, answer = browse(other, url, decision="deny")
assert answer["error"] == "access_denied" and "code" not in answer, answer
nobody = requests.Session()
url, _ = session.create_authorization_url(server["authorization_endpoint"], code_verifier=verifier, prompt="none")
_, answer = browse(nobody, url)
assert answer["error"] == "login_required", answer
for changes, status in [({"redirect_uri": "https://evil.example.org/"}, 400), ({"client_id": "made-up"}, 400)]:
    query = {"response_type": "code", "client_id": client_id, "redirect_uri": redirect, "scope": "openid", "code_challenge": "x" * 43,
             "code_challenge_method": "S256", **changes}
    shown = nobody.get(base + "/oauth/authorize/", params=query, timeout=180, allow_redirects=False)
    check_page(shown, status)
    assert "Location" not in shown.headers
injected = nobody.get(base + "/oauth/authorize/", params={"client_id": "<script>alert(1)</script>"}, timeout=180)
assert "<script>" not in injected.text

# Client credentials.
service = OAuth2Session(client_id, client_secret)
own = service.fetch_token(server["token_endpoint"], grant_type="client_credentials", scope="media:read")
assert "refresh_token" not in own and own["scope"] == "media:read", own
assert post("/oauth/token/", {"grant_type": "client_credentials", "scope": "admin"}, auth=(client_id, client_secret)).json()["error"] == "invalid_scope"
assert post("/oauth/token/", {"grant_type": "client_credentials", "client_id": public_id}).json()["error"] == "unauthorized_client"

# Introspection: a client of its own tokens, a service of all.
def introspect(token, auth, **more):
    answer = post("/oauth/introspect/", {"token": token, **more}, auth=auth)
    assert answer.status_code == 200, answer.text
    return answer.json()


mine, all_ = (client_id, client_secret), (service_id, service_secret)
assert introspect(own["access_token"], mine)["sub"] == client_id
assert introspect(public_tokens["access_token"], mine) == {"active": False}
seen = introspect(public_tokens["access_token"], all_)
assert seen["active"] and seen["username"] == username and seen["client_id"] == public_id and seen["iss"] == base, seen
assert introspect(public_tokens["refresh_token"], all_)["active"]
assert introspect("made up", all_) == {"active": False}
assert post("/oauth/introspect/", {"token": "x"}).status_code == 401
assert post("/oauth/introspect/", {"token": "x", "client_id": public_id}).status_code == 400

# Revocation: of one's own tokens alone, and whatever is given is answered alike.
assert post("/oauth/revoke/", {"token": public_tokens["refresh_token"]}, auth=mine).status_code == 200
assert introspect(public_tokens["access_token"], all_)["active"], "it is another client's"
assert post("/oauth/revoke/", {"token": "made up"}, auth=mine).status_code == 200
assert post("/oauth/revoke/", {"token": public_tokens["refresh_token"], "client_id": public_id}).status_code == 200
assert introspect(public_tokens["access_token"], all_) == {"active": False}
assert get("/oauth/userinfo/", headers={"Authorization": "Bearer " + public_tokens["access_token"]}).status_code == 401
print("all is well")
