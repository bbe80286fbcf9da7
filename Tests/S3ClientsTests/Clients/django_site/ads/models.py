from django.db import models


class Ad(models.Model):
    title = models.CharField(max_length=100)
    photo = models.FileField(upload_to="photos/%Y/")
