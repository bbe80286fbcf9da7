import os, urllib.error, urllib.request

from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import TestCase
from django.utils import timezone

from ads.models import Ad


class StorageTests(TestCase):
    def test_a_photo_that_is_uploaded_is_stored_and_linked(self):
        photo = os.urandom(3_000_000)
        answer = self.client.post("/ads/", {"title": "Vaca", "photo": SimpleUploadedFile("vaca ñ.jpg", photo, "image/jpeg")})
        self.assertEqual(answer.status_code, 201)
        # The link is presigned; without its signature nobody gets the photo.
        with urllib.request.urlopen(answer.json()["photo"]) as got:
            self.assertEqual(got.headers["Content-Type"], "image/jpeg")
            self.assertEqual(got.read(), photo)
        with self.assertRaises(urllib.error.HTTPError) as refusal:
            urllib.request.urlopen(answer.json()["photo"].split("?")[0])
        self.assertEqual(refusal.exception.code, 403)
        ad = Ad.objects.get(id=answer.json()["id"])
        self.assertEqual(ad.photo.size, 3_000_000)
        with ad.photo.open() as file:
            self.assertEqual(file.read(), photo)
        name = ad.photo.name
        ad.photo.delete()
        self.assertFalse(default_storage.exists(name))

    def test_the_storage_does_what_django_asks_of_it(self):
        name = default_storage.save("farm/note.txt", ContentFile(b"one"))
        other = default_storage.save("farm/note.txt", ContentFile(b"two"))
        self.assertNotEqual(name, other)
        self.assertEqual(default_storage.open(other).read(), b"two")
        self.assertLess(abs((timezone.now() - default_storage.get_modified_time(name)).total_seconds()), 600)
        folders, files = default_storage.listdir("farm")
        self.assertEqual((folders, sorted("farm/" + file for file in files)), ([], sorted([name, other])))
        self.assertEqual(default_storage.listdir("")[0].count("farm"), 1)
        with default_storage.open("farm/large.bin", "wb") as file:
            for _ in range(3):
                file.write(b"x" * 4_000_000)
        self.assertEqual(default_storage.size("farm/large.bin"), 12_000_000)
        for one in (name, other, "farm/large.bin"):
            default_storage.delete(one)
        self.assertFalse(default_storage.exists(name))

    def test_static_files_are_collected(self):
        call_command("collectstatic", interactive=False, verbosity=0)
        self.assertTrue(staticfiles_storage.exists("site.css"))
        with urllib.request.urlopen(staticfiles_storage.url("site.css")) as got:
            self.assertEqual(got.headers["Content-Type"], "text/css")
