"""Prints hashes that the real Django makes: one a line, of the password in the first argument."""
import sys

import django
from django.conf import settings

settings.configure(
    PASSWORD_HASHERS=[
        "django.contrib.auth.hashers.PBKDF2PasswordHasher",
        "django.contrib.auth.hashers.Argon2PasswordHasher",
        "django.contrib.auth.hashers.BCryptSHA256PasswordHasher",
        "django.contrib.auth.hashers.BCryptPasswordHasher",
    ]
)
django.setup()
from django.contrib.auth.hashers import check_password, get_hasher, make_password

password = sys.argv[1]
if len(sys.argv) > 2:
    # The other way round: whether Django takes a hash of ours (it knows Argon2 by its own prefix).
    print(check_password(password, "argon2" + sys.argv[2]))
else:
    for name in ["pbkdf2_sha256", "argon2", "bcrypt_sha256", "bcrypt"]:
        print(make_password(password, hasher=name))
    print(get_hasher("pbkdf2_sha256").encode(password, "salt", 36000))
    print(make_password(None))
