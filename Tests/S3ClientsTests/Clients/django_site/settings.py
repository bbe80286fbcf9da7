"""A site whose uploads and static files are in S3, by the lines of docs/S3.md."""
import os

with open(os.path.join(os.environ["DOCUMENTED"], "django-storages")) as file:
    exec(file.read())

SECRET_KEY = os.environ["AWS_SECRET_ACCESS_KEY"]
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "ads.urls"
INSTALLED_APPS = ["django.contrib.staticfiles", "ads"]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "site.sqlite"}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
STATIC_URL = "static/"
STATICFILES_DIRS = ["static"]
