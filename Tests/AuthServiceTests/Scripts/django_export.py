"""Makes users with the real Django, each with a hash of another kind, and writes what `manage.py dumpdata auth.user` writes."""
import sys

import django
from django.conf import settings

folder = sys.argv[1]
settings.configure(
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes"],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": folder + "/db.sqlite3"}},
    PASSWORD_HASHERS=[
        "django.contrib.auth.hashers.PBKDF2PasswordHasher",
        "django.contrib.auth.hashers.Argon2PasswordHasher",
        "django.contrib.auth.hashers.BCryptSHA256PasswordHasher",
    ],
    DEFAULT_AUTO_FIELD="django.db.models.AutoField", USE_TZ=True,
)
django.setup()
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import User
from django.core.management import call_command

call_command("migrate", verbosity=0)
User.objects.create_superuser("boss", "boss@example.org", "vaca boss 1")
for name, hasher in [("bcrypt", "bcrypt_sha256"), ("argon2", "argon2"), ("pbkdf2_sha256", "pbkdf2_sha256")]:
    User.objects.create(username=name, email=f"{name}@example.org", password=make_password(f"vaca {name} 1", hasher=hasher))
call_command("dumpdata", "auth.user", output=folder + "/users.json", verbosity=0)
