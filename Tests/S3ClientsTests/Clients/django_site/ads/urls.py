from django.http import JsonResponse
from django.urls import path

from ads.models import Ad


def ads(request):
    ad = Ad.objects.create(title=request.POST["title"], photo=request.FILES["photo"])
    return JsonResponse({"id": ad.id, "photo": ad.photo.url}, status=201)


urlpatterns = [path("ads/", ads)]
